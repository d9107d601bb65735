"""Factors: what is outstanding of each unit of original balance, exact, and as it is published."""

from __future__ import annotations

from fractions import Fraction

from issuer.domain.analytics.flows import refuse
from issuer.domain.rounding import Rounding, RoundingMode

GINNIE_MAE_PLACES = 8
"""Ginnie Mae truncates class factors to eight decimals."""

TRUSTEE_PLACES = 7
"""Trustees' reports of auto loan deals print seven (World Omni)."""


def factor(outstanding: int, original: int) -> Fraction:
    """Outstanding over original balance of a pool or tranche; above one where interest accreted."""
    if original <= 0:
        refuse(
            "factor", "/original", "amount.not_positive", "must be above zero: give the face issued"
        )
    if outstanding < 0:
        refuse("factor", "/outstanding", "amount.negative", "must be zero or more")
    return Fraction(outstanding, original)


def published_factor(
    value: Fraction, places: int = GINNIE_MAE_PLACES, mode: RoundingMode = RoundingMode.DOWN
) -> str:
    """A factor as text, truncated: it must not promise what is not there. `mode` is for comparing
    with reports that round.
    """
    if value < 0:
        refuse("factor", "/value", "amount.negative", "must be zero or more")
    if places < 1:
        refuse("factor", "/places", "places.none", "must be one or more decimals")
    scaled = Rounding(mode).ratio(value.numerator * 10**places, value.denominator)
    whole, decimals = divmod(scaled, 10**places)
    return f"{whole}.{decimals:0{places}d}"
