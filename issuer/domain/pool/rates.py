"""Rates of one period from rates a year.

Powers with fractional exponents are irrational. Each is computed once, by `decimal` with 50
digits, and rounded half even to 18 decimals; whatever follows is integer arithmetic.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from issuer.domain.pool.assumptions import Psa, RateRule
from issuer.domain.pool.periods import Period, counted_months, days
from issuer.domain.pool.units import PARTS, require

_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_YEAR_MONTHS, _YEAR_DAYS = 12, 365


@lru_cache(maxsize=4096)
def compounded(annual: Fraction, years: Fraction) -> int:
    """1 - (1 - annual)^years, over `PARTS`."""
    if annual in (0, 1):
        return int(annual * PARTS)
    staying = _CONTEXT.power(_decimal(1 - annual), _decimal(years))
    leaving = _CONTEXT.multiply(_CONTEXT.subtract(Decimal(1), staying), Decimal(PARTS))
    return int(_CONTEXT.to_integral_value(leaving))


def single_monthly_mortality(cpr: Fraction) -> Fraction:
    """SMM: the rate of a month that, twelve times, leaves what the annual rate leaves."""
    require("mortality", {"cpr": (0 <= cpr <= 1, "must be a share, 0 to 1")})
    return Fraction(compounded(cpr, Fraction(1, _YEAR_MONTHS)), PARTS)


def period_rate(annual: Fraction, rule: RateRule, period: Period) -> int:
    """The rate of the period by the rule, over `PARTS`; at most 1.

    Raises `InvalidInput` for a rule that counts months and a period that is no number of them.
    """
    if rule is RateRule.PER_PERIOD:
        return _parts(annual)
    by_days = rule in (RateRule.BY_DAYS, RateRule.SIMPLE_DAYS)
    years = Fraction(days(period), _YEAR_DAYS)
    if not by_days:
        years = Fraction(counted_months(period), _YEAR_MONTHS)
    if rule in (RateRule.SIMPLE_DAYS, RateRule.SIMPLE_MONTHS):
        return _parts(min(annual * years, Fraction(1)))
    return compounded(annual, years)


def psa_rate(psa: Psa, age: int, months: int) -> int:
    """The rate of a period of so many months that starts at this age, over `PARTS`."""
    staying = PARTS
    for month in range(1, months + 1):
        smm = compounded(psa.annual(age + month), Fraction(1, _YEAR_MONTHS))
        staying = staying * (PARTS - smm) // PARTS
    return PARTS - staying


def _parts(rate: Fraction) -> int:
    return rate.numerator * PARTS // rate.denominator


def _decimal(value: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
