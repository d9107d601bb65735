"""What flows are worth today at a rational rate: exact where they fall on compounding dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from fractions import Fraction

from issuer.domain.analytics.flows import DatedFlow, NumberedFlow, refuse, years_to
from issuer.domain.day_count import DayCount


class Compounding(IntEnum):
    """How many times a year a quoted yield compounds.

    A bond-equivalent yield is twice the half-yearly rate, whatever the payments' own frequency; a
    periodic yield compounds at that frequency.
    """

    ANNUAL_EFFECTIVE = 1
    BOND_EQUIVALENT = 2
    QUARTERLY = 4
    MONTHLY = 12


@dataclass(frozen=True, slots=True)
class TimedFlow:
    """An amount in micro-units, so many years after the day of valuation."""

    years: Fraction
    amount: int


def timed_by_date(
    flows: Sequence[DatedFlow], on: date, count: DayCount = DayCount.ACT_365F
) -> tuple[TimedFlow, ...]:
    """Dated flows as seen from the day of valuation; those before it are refused."""
    for index, (day, _) in enumerate(flows):
        if day < on:
            refuse(
                "flows",
                f"/{index}",
                "flow.before_valuation",
                f"is of {day}: value it then or before",
            )
    return tuple(TimedFlow(years_to("flows", count, on, day), amount) for day, amount in flows)


def timed_by_number(flows: Sequence[NumberedFlow], per_year: int) -> tuple[TimedFlow, ...]:
    """Numbered flows, so many periods to the year."""
    if per_year < 1:
        refuse("flows", "/per_year", "periods.none", "must be one or more periods a year")
    for index, (number, _) in enumerate(flows):
        if number < 0:
            refuse("flows", f"/{index}", "flow.before_valuation", "has a number below zero")
    return tuple(TimedFlow(Fraction(number, per_year), amount) for number, amount in flows)


def present_value(flows: Sequence[TimedFlow], rate: Fraction, compounding: Compounding) -> Fraction:
    """The exact worth of flows that fall on compounding dates, in micro-units."""
    if rate <= -compounding:
        refuse(
            "present value", "/rate", "rate.range", f"must be above -{compounding:d}: all is lost"
        )
    growth, worth = 1 + Fraction(rate, compounding), Fraction(0)
    for index, flow in enumerate(flows):
        periods = flow.years * compounding
        if periods.denominator != 1:
            refuse(
                "present value",
                f"/flows/{index}",
                "flow.between_dates",
                f"falls between two dates of {compounding.name} compounding, where its worth is "
                "irrational: use price_from_yield",
            )
        worth += Fraction(flow.amount, growth**periods.numerator)
    return worth
