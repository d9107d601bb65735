"""Time between two dates as an exact number of years, by a named count."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from fractions import Fraction

_MONTH_DAYS = 30


class YearCount(StrEnum):
    """How days become years."""

    ACT_365F = "ACT/365F"
    THIRTY_360 = "30/360"


def years_between(count: YearCount, start: date, end: date) -> Fraction:
    """Years from `start` to `end`; negative if `end` is earlier."""
    match count:
        case YearCount.ACT_365F:
            return Fraction((end - start).days, 365)
        case YearCount.THIRTY_360:
            return Fraction(thirty_360_days(start, end), 360)


def thirty_360_days(start: date, end: date) -> int:
    """Days by 30/360 bond basis: a 31st counts as the 30th, at the end only after a 30th or 31st."""
    first = min(start.day, _MONTH_DAYS)
    last = min(end.day, _MONTH_DAYS) if first == _MONTH_DAYS else end.day
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * _MONTH_DAYS + last - first
