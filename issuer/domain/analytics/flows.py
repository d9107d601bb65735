"""What the figures are computed from: plain amounts, dated or numbered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NoReturn

from issuer.domain.day_count import DayCount, year_fraction
from issuer.domain.errors import Complaint, InvalidInput

DatedFlow = tuple[date, int]
"""A day and an amount in micro-units: positive if received, negative if paid out."""

NumberedFlow = tuple[int, int]
"""A period's number and its amount; period 0 is the day of valuation, as `enumerate` counts."""


def refuse(source: str, path: str, rule: str, message: str) -> NoReturn:
    """Refuse what a figure was asked of, with the place, the rule and the cure."""
    raise InvalidInput(source, (Complaint(path, f"analytics.{rule}", message),))


def require_no_negative(source: str, path: str, amounts: Sequence[int]) -> None:
    """Refuse the first amount below zero."""
    for index, amount in enumerate(amounts):
        if amount < 0:
            place = f"{path}/{index}"
            refuse(source, place, "amount.negative", f"is {amount}: give an amount of zero or more")


def years_to(source: str, count: DayCount, on: date, day: date) -> Fraction:
    """Years from the day that flows are seen from to a later one."""
    if count is DayCount.ACT_ACT_ICMA:
        # It counts by the regular periods of a schedule, and plain flows have none.
        refuse(source, "/count", "count.no_periods", f"is {count}: take {DayCount.ACT_ACT_ISDA}")
    return year_fraction(count, on, day)
