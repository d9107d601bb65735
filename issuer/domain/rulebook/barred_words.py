"""Words that give virtual-currency business away, in a name, a scope of business or a purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from issuer.domain.names import as_compared
from issuer.domain.regime import Regime


def barred_words(text: str, regime: Regime) -> Iterator[str]:
    """Those of the regime's words that occur; a Latin word as a whole, so that "forward" is no RWA."""
    read = as_compared(text)
    for word in regime.barred_words:
        if re.search(rf"(?<![a-z]){re.escape(as_compared(word))}s?(?![a-z])", read):
            yield word
