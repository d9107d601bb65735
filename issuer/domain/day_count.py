"""Day counts: what part of a year lies between two dates, exactly.

The sources are the 2006 ISDA Definitions, section 4.16, and rule 251 of ICMA. A day count is a
term of the deal and never a default, because on 31-day months and leap years they disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise


class DayCount(StrEnum):
    """How days become a part of a year, by the market's names."""

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    THIRTY_360 = "30/360"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    ACT_ACT_ISDA = "ACT/ACT ISDA"


def year_fraction(
    day_count: DayCount,
    start: date,
    end: date,
    *,
    reference: Sequence[date] = (),
    frequency: int | None = None,
) -> Fraction:
    """The part of a year from `start` up to, not including, `end`.

    Only ACT/ACT ICMA needs `reference`, consecutive regular payment dates that reach from `start`
    or before to `end` or after, and `frequency`, how many of their periods make a year.

    Splitting a stretch changes nothing in total, except under 30/360, whose 31sts count or not
    by the other end: 15 January to 31 March has 76 days, but 75 if it is split on 30 March.

    Raises `ValueError` where `end` comes before `start`, or ICMA lacks what it needs.
    """
    if end < start:
        raise ValueError(f"interest cannot run from {start} back to {end}: swap the dates")
    if day_count is DayCount.ACT_ACT_ICMA:
        return _act_act_icma(start, end, reference, frequency)
    return _PLAIN[day_count](start, end)


def days_30_360(start: date, end: date) -> int:
    """Bond basis, ISDA 4.16(f): months of 30 days, years of 360.

    A first day of 31 becomes 30; a last one does only after a first of 30 or 31. The end of
    February stays as it is, unlike in the variants 30U/360 and 30E/360 ISDA.
    """
    first = min(start.day, 30)
    last = 30 if first == 30 and end.day == 31 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _act_365_fixed(start: date, end: date) -> Fraction:
    """ISDA 4.16(d): also in leap years."""
    return Fraction((end - start).days, 365)


def _act_360(start: date, end: date) -> Fraction:
    """ISDA 4.16(e)."""
    return Fraction((end - start).days, 360)


def _thirty_360(start: date, end: date) -> Fraction:
    return Fraction(days_30_360(start, end), 360)


def _act_act_isda(start: date, end: date) -> Fraction:
    """ISDA 4.16(b): days of leap years over 366, the others over 365."""
    total = Fraction(0)
    while start < end:
        new_year = date(start.year + 1, 1, 1)
        until = min(end, new_year)
        total += Fraction((until - start).days, (new_year - date(start.year, 1, 1)).days)
        start = until
    return total


def _act_act_icma(
    start: date, end: date, reference: Sequence[date], frequency: int | None
) -> Fraction:
    """ICMA rule 251: days over the days of the regular period they lie in, times its frequency."""
    if frequency is None or frequency < 1:
        raise ValueError("ACT/ACT ICMA divides by periods a year: say how many, such as 4")
    if len(reference) < 2 or not reference[0] <= start <= end <= reference[-1]:
        raise ValueError(
            f"ACT/ACT ICMA needs the regular payment dates around {start} and {end}: give all "
            "from the last one before to the first one after"
        )
    total = Fraction(0)
    for before, after in pairwise(reference):
        days = (min(end, after) - max(start, before)).days
        if days > 0:
            total += Fraction(days, frequency * (after - before).days)
    return total


_PLAIN: dict[DayCount, Callable[[date, date], Fraction]] = {
    DayCount.ACT_365F: _act_365_fixed,
    DayCount.ACT_360: _act_360,
    DayCount.THIRTY_360: _thirty_360,
    DayCount.ACT_ACT_ISDA: _act_act_isda,
}
