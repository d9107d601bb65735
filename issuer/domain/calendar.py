"""Business days: which days banks work, and how a date moves when they do not.

A calendar knows its holidays up to a horizon. Beyond it nobody has published them (China's State
Council announces each year's in the autumn before), so a question past the horizon is refused
unless the caller accepts a projection: weekends only, and the answer says that it is projected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce

from issuer.domain.errors import IssuanceError

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarHorizonError(IssuanceError):
    """The date lies outside the years for which the calendar has published holidays."""

    code = "calendar.horizon"


class Convention(StrEnum):
    """What happens to a date that is not a business day.

    The modified ones turn round rather than leave the month.
    """

    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"
    MODIFIED_PRECEDING = "modified_preceding"
    UNADJUSTED = "unadjusted"


_STEPS = {
    Convention.FOLLOWING: _DAY,
    Convention.MODIFIED_FOLLOWING: _DAY,
    Convention.PRECEDING: -_DAY,
    Convention.MODIFIED_PRECEDING: -_DAY,
}
_MODIFIED = {Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING}


@dataclass(frozen=True, slots=True)
class RolledDate:
    """A date found by a calendar; `projected` if a day past the horizon had to be guessed."""

    date: date
    projected: bool


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """A number of business days; `projected` if a day past the horizon had to be guessed."""

    days: int
    projected: bool


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The working days of one place, or of several together (`joint`).

    `holidays` are weekdays off; `working_weekends` are Saturdays and Sundays worked to make up
    for them (mainland China has them, Hong Kong has not). Data run from `start` to `horizon`.
    """

    name: str
    holidays: frozenset[date]
    working_weekends: frozenset[date]
    horizon: date
    start: date = date.min

    def is_business_day(self, day: date, *, allow_projected: bool = False) -> bool:
        """Whether the place works on `day`; raises `CalendarHorizonError` outside the data."""
        self._guesses(day, day, allow_projected=allow_projected)
        return self._works(day)

    def covers(self, day: date) -> bool:
        """Whether the published data say something about `day`."""
        return self.start <= day <= self.horizon

    def roll(
        self, day: date, convention: Convention, *, allow_projected: bool = False
    ) -> RolledDate:
        """Move `day` to a business day as `convention` says; a business day stays.

        An unadjusted date needs no calendar: it is never refused and never projected.
        """
        if convention is Convention.UNADJUSTED:
            return RolledDate(day, projected=False)
        step = _STEPS[convention]
        rolled = self._seek(day, step, allow_projected=allow_projected)
        if convention in _MODIFIED and rolled.date.month != day.month:
            return self._seek(day, -step, allow_projected=allow_projected)
        return rolled

    def add_business_days(
        self, day: date, count: int, *, allow_projected: bool = False
    ) -> RolledDate:
        """The `count`-th business day after `day` (before it, if negative); 0 gives `day` itself.

        `day` is not counted, whether it is a business day or not: five working days from a Monday
        end on the next Monday, as the regulator's clocks count.
        """
        if count == 0:
            return RolledDate(day, projected=False)
        step = _DAY if count > 0 else -_DAY
        last = day
        for _ in range(abs(count)):
            last += step
            while not self._works(last):
                last += step
        guessed = self._guesses(day + step, last, allow_projected=allow_projected)
        return RolledDate(last, guessed)

    def business_days_between(
        self, start: date, end: date, *, allow_projected: bool = False
    ) -> BusinessDays:
        """Business days after `start` up to and including `end`; negative if `end` is earlier.

        The inverse of `add_business_days`, also backwards.
        """
        if start == end:
            return BusinessDays(0, projected=False)
        step = _DAY if end > start else -_DAY
        guessed = self._guesses(start + step, end, allow_projected=allow_projected)
        day, days = start, 0
        while day != end:
            day += step
            days += self._works(day)
        return BusinessDays(days if end > start else -days, guessed)

    def _seek(self, day: date, step: timedelta, *, allow_projected: bool) -> RolledDate:
        found = day
        while not self._works(found):
            found += step
        return RolledDate(found, self._guesses(day, found, allow_projected=allow_projected))

    def _works(self, day: date) -> bool:
        """What the data and the weekends say, past the horizon too: ask `_guesses` as well."""
        if day in self.holidays:
            return False
        return day.weekday() < _SATURDAY or day in self.working_weekends

    def _guesses(self, first: date, last: date, *, allow_projected: bool) -> bool:
        """Whether a day from `first` to `last` lies outside the data; raises unless that may be.

        The data have no gaps, so the ends answer for all days between them.
        """
        if self.covers(first) and self.covers(last):
            return False
        if not allow_projected:
            outside = last if self.covers(first) else first
            raise CalendarHorizonError(
                f"calendar {self.name} has holidays from {self.start} to {self.horizon} only, and "
                f"{outside} lies outside: add the official data, or allow projected dates",
                calendar=self.name,
                date=outside.isoformat(),
                horizon=self.horizon.isoformat(),
            )
        return True


def joint(*calendars: HolidayCalendar) -> HolidayCalendar:
    """A day of business in all of `calendars`; its data reach as far as the shortest of them.

    Raises `ValueError` if none is given.
    """
    if not calendars:
        raise ValueError("a joint calendar needs at least one calendar: name one")
    return reduce(_join, calendars)


def _join(left: HolidayCalendar, right: HolidayCalendar) -> HolidayCalendar:
    return HolidayCalendar(
        name=f"{left.name}+{right.name}",
        holidays=left.holidays | right.holidays,
        # A weekend is worked jointly only where it is worked in both places.
        working_weekends=left.working_weekends & right.working_weekends,
        horizon=min(left.horizon, right.horizon),
        start=max(left.start, right.start),
    )
