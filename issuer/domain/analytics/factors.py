"""Factors: what is outstanding of each unit of original balance, exact, and as it is published."""

from __future__ import annotations

from fractions import Fraction

from issuer.domain.analytics.flows import refuse

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


def published_factor(value: Fraction, places: int = GINNIE_MAE_PLACES) -> str:
    """A factor as text, truncated and never rounded up: it must not promise what is not there."""
    if value < 0:
        refuse("factor", "/value", "amount.negative", "must be zero or more")
    if places < 1:
        refuse("factor", "/places", "places.none", "must be one or more decimals")
    whole, decimals = divmod(value.numerator * 10**places // value.denominator, 10**places)
    return f"{whole}.{decimals:0{places}d}"
