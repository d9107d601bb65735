"""Exact decimals: what is read, what is refused with a cure, how amounts are shown."""

from fractions import Fraction
from typing import Any

import pytest

from issuer.domain.money import (
    MAX_MICRO,
    floor_mul,
    format_factor,
    format_fen,
    format_micro,
    parse_coin,
    parse_decimal,
    parse_fen,
    parse_percent,
    parse_rate,
)


def test_parse_reads_exactly() -> None:
    assert parse_fen("19486250.37") == 1_948_625_037
    assert parse_rate("1.073512") == Fraction(1_073_512, 1_000_000)
    assert parse_percent("5.80") == Fraction(58, 1000)
    assert parse_coin("1000000.50") == 1_000_000_500_000
    assert parse_coin("0") == 0


@pytest.mark.parametrize(
    "text",
    ["1e6", "NaN", "Infinity", "1,000", "1 000", "+1", "01", ".5", "5.", "", "0x10", "１", "1\n"],
)
def test_parse_malformed_text_refused_with_cure(text: str) -> None:
    with pytest.raises(ValueError, match="write digits"):
        parse_coin(text)


@pytest.mark.parametrize("value", [5.8, 5, True, None, Fraction(1, 2)])
def test_parse_anything_but_text_refused_with_cure(value: Any) -> None:
    with pytest.raises(ValueError, match="in quotes"):
        parse_percent(value)


def test_parse_negative_only_where_allowed() -> None:
    with pytest.raises(ValueError, match="negative"):
        parse_coin("-1")
    assert parse_decimal("-1.5", places=1, signed=True) == Fraction(-3, 2)
    assert parse_decimal("-0.05", places=2, signed=True) == Fraction(-1, 20)


def test_parse_too_many_decimals_refused() -> None:
    with pytest.raises(ValueError, match="at most 2"):
        parse_fen("1.001")
    with pytest.raises(ValueError, match="at most 6"):
        parse_coin("1.0000000")


def test_parse_too_large_refused_at_the_last_micro_unit() -> None:
    assert parse_coin("9223372036854.775807") == MAX_MICRO
    with pytest.raises(ValueError, match="too large"):
        parse_coin("9223372036854.775808")
    with pytest.raises(ValueError, match=r"\.\.\."):
        parse_coin("9" * 10_000)


def test_parse_rate_of_zero_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        parse_rate("0.0")


def test_floor_mul_rounds_down_and_refuses_negatives() -> None:
    assert floor_mul(1_000_000_000, Fraction(58, 1000) * Fraction(91, 365)) == 14_460_273
    assert floor_mul(3, Fraction(1, 3)) == 1
    assert floor_mul(2, Fraction(1, 3)) == 0
    for amount, factor in ((-1, Fraction(1)), (1, Fraction(-1))):
        with pytest.raises(ValueError, match="negative"):
            floor_mul(amount, factor)


def test_format_is_for_people() -> None:
    assert format_micro(17_156_821_840_000) == "17,156,821.840000"
    assert format_micro(-440_000) == "-0.440000"
    assert format_fen(1_948_625_037) == "19,486,250.37"
    assert format_fen(-5) == "-0.05"
    assert format_factor(800_000_000, 1_000_000_000) == "0.80000000"
    assert format_factor(999_999_999, 1_000_000_000_000) == "0.00099999"
