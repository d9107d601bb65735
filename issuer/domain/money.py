"""Exact money: decimal text in, integers and fractions inside, decimal text out.

Coin amounts are `int` micro-units (6 decimals, names end in `_micro`), renminbi is `int` fen,
rates are `Fraction`. A float never holds money here: 0.1 has no exact binary form, and a cent
lost in a conversion is a cent that no later check can find.
"""

from __future__ import annotations

import re
from fractions import Fraction

MICRO_PER_COIN = 1_000_000
FEN_PER_YUAN = 100
MICRO_PER_FEN = MICRO_PER_COIN // FEN_PER_YUAN
MAX_MICRO = 2**63 - 1
"""The largest amount an SQL BIGINT holds; about 9.2 trillion coins."""

FACTOR_PLACES = 8
"""Factors are shown truncated to eight decimals, as the agencies publish theirs."""

_PLAIN = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_LONGEST = 40


def parse_decimal(text: str, *, places: int, signed: bool = False) -> Fraction:
    """Read a plain decimal such as `"19486250.37"` exactly.

    Raises `ValueError`, whose message names the cure, for anything but a string of plain digits
    with at most `places` decimals; a minus sign passes only where `signed`.
    """
    if not isinstance(text, str):
        raise ValueError(  # not TypeError: the door turns a ValueError into a located complaint
            f"{type(text).__name__} is not accepted for an exact amount: "
            'write it as a string in quotes, such as "1234.56"'
        )
    match = _PLAIN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(_cure(text))
    sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
    if sign and not signed:
        raise ValueError(f"{text!r} is negative: write an amount of zero or more")
    if len(decimals) > places:
        raise ValueError(f"{text!r} has {len(decimals)} decimals: write at most {places}")
    return Fraction(int(sign + whole + decimals), 10 ** len(decimals))


def parse_coin(text: str) -> int:
    """Read a coin amount such as `"2000000.50"` as micro-units, 0 to `MAX_MICRO`."""
    return _within(parse_decimal(text, places=6) * MICRO_PER_COIN, text)


def parse_fen(text: str) -> int:
    """Read a renminbi amount such as `"19486250.37"` as fen, 0 to `MAX_MICRO`."""
    return _within(parse_decimal(text, places=2) * FEN_PER_YUAN, text)


def parse_rate(text: str) -> Fraction:
    """Read a positive ratio such as the exchange rate `"1.073512"`; at most 12 decimals."""
    rate = parse_decimal(text, places=12)
    if rate == 0:
        raise ValueError(f"{text!r} is zero: write a rate above zero")
    return rate


def parse_percent(text: str) -> Fraction:
    """Read a percentage: `"5.80"` is 58/1000; at most 10 decimals, not negative."""
    return parse_decimal(text, places=10) / 100


def parse_signed_percent(text: str) -> Fraction:
    """Read a percentage that may be negative, such as `"-95.5"`; at most 10 decimals."""
    return parse_decimal(text, places=10, signed=True) / 100


def floor_mul(amount: int, factor: Fraction) -> int:
    """Multiply and round down once; both must be zero or more, so down means towards zero."""
    if amount < 0 or factor < 0:
        raise ValueError(f"floor_mul takes no negative operand: {amount} x {factor}")
    return amount * factor.numerator // factor.denominator


def format_micro(amount_micro: int) -> str:
    """Show micro-units to people: 17156821840000 becomes `"17,156,821.840000"`."""
    whole, decimals = divmod(abs(amount_micro), MICRO_PER_COIN)
    return f"{'-' if amount_micro < 0 else ''}{whole:,}.{decimals:06d}"


def format_fen(amount_fen: int) -> str:
    """Show fen to people: 1948625037 becomes `"19,486,250.37"`."""
    whole, decimals = divmod(abs(amount_fen), FEN_PER_YUAN)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{decimals:02d}"


def format_factor(outstanding_micro: int, denomination_micro: int) -> str:
    """Show outstanding per unit over denomination, truncated: `"0.80000000"`. Display only."""
    scaled = outstanding_micro * 10**FACTOR_PLACES // denomination_micro
    whole, decimals = divmod(scaled, 10**FACTOR_PLACES)
    return f"{whole}.{decimals:0{FACTOR_PLACES}d}"


def format_decimal(value: Fraction) -> str:
    """Show any number of zero or more as a plain decimal, truncated to six places: `"24.999999"`."""
    whole, millionths = divmod(floor_mul(10**6, value), 10**6)
    return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")


def format_percent(rate: Fraction) -> str:
    """Show a rate of a plain decimal percentage as that, exactly: -1/2000 becomes `"-0.05"`."""
    scaled = abs(rate) * 100 * 10**10
    if scaled.denominator != 1:
        raise ValueError(f"{rate} is no percentage of at most 10 decimals")
    whole, decimals = divmod(scaled.numerator, 10**10)
    shown = f"{whole}.{decimals:010d}".rstrip("0").rstrip(".")
    return f"-{shown}" if rate < 0 else shown


def _within(amount: Fraction, text: str) -> int:
    if amount > MAX_MICRO:
        raise ValueError(f"{text!r} is too large: the books hold at most {MAX_MICRO} minor units")
    return int(amount)  # exact: the number of decimals was checked against the minor unit


def _cure(text: str) -> str:
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return (
        f"{shown!r} is not a plain decimal: write digits with an optional decimal point, without "
        'exponent, separators, spaces, leading zeros or a plus sign, such as "1234.56"'
    )
