"""How texts are compared that people write: one way for names, words and lists, on both sides alike."""

from __future__ import annotations

import re
import unicodedata

#: What nobody sees, and what only chooses between glyphs of one character.
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def squeezed(text: str) -> str:
    """A text as it is read: any run of spaces is one, full-width and compatibility forms are their own
    plain (NFKC), and what is invisible is not there.
    """
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return " ".join(_VARIATIONS.sub("", unicodedata.normalize("NFKC", seen)).split())


def as_compared(text: str) -> str:
    """A name as it is compared with others: squeezed, without capitals, and without punctuation and
    symbols, which separate words and say nothing else. Between Han characters a space says nothing
    either. A wallet is the same in capitals of a checksum and without.

    Whoever spells a name differently is still not found: this is no search for likenesses.
    """
    folded = squeezed(squeezed(text).casefold())
    words = "".join(" " if unicodedata.category(each)[0] in "PS" else each for each in folded)
    return _BETWEEN_HAN.sub("", " ".join(words.split())) or folded
