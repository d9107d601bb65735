"""Weighted average life: how long, on average, a unit of principal stays out.

Figures published for the same flows differ by where counting begins and how it counts: an average
life is comparable with another only if both say so. Here the origin and the count go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn

from issuer.domain.analytics.flows import DatedFlow, NumberedFlow, refuse, years_to
from issuer.domain.day_count import DayCount

MONTHS = "months/12"
_SOURCE = "average life"


class OriginConvention(StrEnum):
    """From which day the years are counted."""

    CLOSING = "closing"
    SETTLEMENT = "settlement"
    FIRST_ACCRUAL = "first_accrual"


@dataclass(frozen=True, slots=True)
class Origin:
    """The day that a convention names in one deal."""

    convention: OriginConvention
    on: date


@dataclass(frozen=True, slots=True)
class AverageLife:
    """An average life with what it was counted from and by: a `DayCount`, or `MONTHS`."""

    years: Fraction
    origin: OriginConvention
    count: str


def average_life(
    principal: Sequence[DatedFlow], origin: Origin, count: DayCount = DayCount.ACT_365F
) -> AverageLife:
    """The average life of dated payments of principal."""
    for index, (day, _) in enumerate(principal):
        if day < origin.on:
            _refuse_before(index)
    timed = ((years_to(_SOURCE, count, origin.on, day), amount) for day, amount in principal)
    return AverageLife(_weighted(timed), origin.convention, count.value)


def average_life_by_months(
    principal: Sequence[NumberedFlow], settlement_days: int = 0
) -> AverageLife:
    """The average life of principal paid at the end of numbered months after the first accrual.

    A buyer who settles some days into the first month waits so much less: months of 30 days.
    """
    if not 0 <= settlement_days <= 30:
        refuse(_SOURCE, "/settlement_days", "settlement.days", "must be 0 to 30: days into month 1")
    timed = ((Fraction(month * 30 - settlement_days, 360), amount) for month, amount in principal)
    origin = OriginConvention.SETTLEMENT if settlement_days else OriginConvention.FIRST_ACCRUAL
    return AverageLife(_weighted(timed), origin, MONTHS)


def _weighted(timed: Iterable[tuple[Fraction, int]]) -> Fraction:
    total, weighted = 0, Fraction(0)
    for index, (years, amount) in enumerate(timed):
        if amount < 0:
            refuse(
                _SOURCE,
                f"/principal/{index}",
                "amount.negative",
                f"is {amount}: give what is paid; principal that accretes is no payment",
            )
        if years < 0:
            _refuse_before(index)
        total += amount
        weighted += years * amount
    if not total:
        refuse(_SOURCE, "/principal", "principal.none", "has no principal: its life is not defined")
    return Fraction(weighted, total)


def _refuse_before(index: int) -> NoReturn:
    refuse(
        _SOURCE,
        f"/principal/{index}",
        "flow.before_origin",
        "is paid before the origin: leave out what the buyer never receives",
    )
