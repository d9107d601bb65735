"""Day counts: what part of a year lies between two dates, exactly.

The sources are the 2006 ISDA Definitions, section 4.16, and rule 251 of ICMA. A day count is a
term of the deal and never a default, because on 31-day months and leap years they disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise


class DayCount(StrEnum):
    """How days become a part of a year, by the market's names."""

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    THIRTY_360 = "30/360"
    THIRTY_U_360 = "30U/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    ACT_ACT_ISDA = "ACT/ACT ISDA"


class Accrual(StrEnum):
    """Whether interest runs to the day that the terms name, or to the day that it is paid."""

    UNADJUSTED = "unadjusted"
    ADJUSTED = "adjusted"


def year_fraction(
    day_count: DayCount,
    start: date,
    end: date,
    *,
    reference: Sequence[date] = (),
    frequency: int | None = None,
    maturity: date | None = None,
) -> Fraction:
    """The part of a year from `start` up to, not including, `end`.

    Only ACT/ACT ICMA needs `reference`, consecutive regular payment dates that reach from `start`
    or before to `end` or after, and `frequency`, how many of their periods make a year. Only
    30E/360 ISDA asks for `maturity`, to leave it as it is where it ends a February.

    Splitting a stretch changes nothing in total, except under 30/360 and 30U/360, whose 31sts count
    or not by the other end: 15 January to 31 March has 76 days, but 75 if it is split on 30 March.

    Raises `ValueError` where `end` comes before `start`, or ICMA lacks what it needs.
    """
    if end < start:
        raise ValueError(f"interest cannot run from {start} back to {end}: swap the dates")
    if day_count is DayCount.ACT_ACT_ICMA:
        return _act_act_icma(start, end, reference, frequency)
    if day_count is DayCount.THIRTY_E_360_ISDA:
        return Fraction(_days_30e_360_isda(start, end, maturity), 360)
    return _PLAIN[day_count](start, end)


def days_30_360(start: date, end: date) -> int:
    """Bond basis, ISDA 4.16(f): months of 30 days, years of 360.

    A first day of 31 becomes 30; a last one does only after a first of 30 or 31. The end of
    February stays as it is, unlike in the variants 30U/360 and 30E/360 ISDA.
    """
    first = min(start.day, 30)
    last = 30 if first == 30 and end.day == 31 else end.day
    return _thirties(start, end, first, last)


def _days_30u_360(start: date, end: date) -> int:
    """The American variant: as the bond basis, but the end of February counts as a 30th.

    A last day does so only after a first one that ends a February too.
    """
    first = 30 if _ends_february(start) else min(start.day, 30)
    last = 30 if _ends_february(start) and _ends_february(end) else end.day
    return _thirties(start, end, first, 30 if first == 30 and last == 31 else last)


def _days_30e_360(start: date, end: date) -> int:
    """Eurobond basis, ISDA 4.16(g): each 31st is a 30th."""
    return _thirties(start, end, min(start.day, 30), min(end.day, 30))


def _days_30e_360_isda(start: date, end: date, maturity: date | None) -> int:
    """ISDA 4.16(h): the last day of each month is a 30th, but not a February's that is maturity."""
    first = 30 if _ends_february(start) else min(start.day, 30)
    last = 30 if _ends_february(end) and end != maturity else min(end.day, 30)
    return _thirties(start, end, first, last)


def _thirties(start: date, end: date, first: int, last: int) -> int:
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _ends_february(day: date) -> bool:
    return day.month == 2 and (day + timedelta(days=1)).month == 3


def _act_365_fixed(start: date, end: date) -> Fraction:
    """ISDA 4.16(d): also in leap years."""
    return Fraction((end - start).days, 365)


def _act_360(start: date, end: date) -> Fraction:
    """ISDA 4.16(e)."""
    return Fraction((end - start).days, 360)


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
    DayCount.THIRTY_360: lambda start, end: Fraction(days_30_360(start, end), 360),
    DayCount.THIRTY_U_360: lambda start, end: Fraction(_days_30u_360(start, end), 360),
    DayCount.THIRTY_E_360: lambda start, end: Fraction(_days_30e_360(start, end), 360),
    DayCount.ACT_ACT_ISDA: _act_act_isda,
}
