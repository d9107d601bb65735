"""How names are compared: what is only spelt otherwise is the same, and what is another name is not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.names import as_compared, squeezed

WALLET = "0x2546BcD3c84621e976D8185a91A922aE77ECEc30"

SAME = {
    "capitals": ("Example Trading Ltd", "EXAMPLE trading LTD"),
    "full-width-letters": ("Example Trading", "\uff25\uff58\uff41\uff4d\uff50\uff4c\uff45 Trading"),
    "spaces-of-every-kind": ("Example Trading", "  Example \u3000\t Trading\n"),
    "punctuation-around-and-within": ('"Example" Co., Ltd.', "Example Co Ltd"),
    "capitals-that-fold-to-two-letters": ("Stra\u00dfe AG", "STRASSE AG"),
    "wallet-with-and-without-checksum": (WALLET, WALLET.lower()),
    "wallet-in-capitals-throughout": (WALLET, WALLET.upper()),
    "invisible-characters": ("Example", "Ex\u200bam\u00adple\ufeff"),
    "compatibility-ideograph": ("\u91d1\u4f8b", "\uf90a\u4f8b"),
    "radical-instead-of-the-character": ("\u4e00\u4eba", "\u2f00\u2f08"),
    "glyph-variant": ("\u845b\u4f8b", "\u845b\U000e0100\u4f8b"),
    "space-between-han": ("\u8d75\u4f8b", "\u8d75\u3000\u4f8b"),
    "dot-of-a-transcribed-name": (
        "\u4e70\u4e70\u63d0\u00b7\u827e\u529b",
        "\u4e70\u4e70\u63d0\u30fb\u827e\u529b",
    ),
    "circled-and-joined-forms": ("No 1 \ufb01eld", "no \u2460 field"),
}
OTHER = {
    "another-letter": ("Example Trading", "Example Tradings"),
    "joined-latin-words": ("Example Trading", "ExampleTrading"),
    "accent": ("Jose", "Jos\u00e9"),
    "another-character": ("\u8d75\u4f8b", "\u8d99\u4f8b"),
    "one-punctuation-and-another": ("-", "+"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_name_spelt_otherwise_is_the_same(one: str, other: str) -> None:
    assert as_compared(one) == as_compared(other)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_other_name_is_another(one: str, other: str) -> None:
    assert as_compared(one) != as_compared(other)


def test_squeezed_keeps_capitals_and_punctuation() -> None:
    assert squeezed(" Example\u3000 Co.,  \uff2cTD ") == "Example Co., LTD"


@given(st.text())
def test_comparing_what_was_compared_changes_nothing(text: str) -> None:
    once = as_compared(text)
    assert as_compared(once) == once


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1))
def test_normal_forms_of_one_name_are_the_same(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert len({as_compared(form) for form in forms}) == 1
