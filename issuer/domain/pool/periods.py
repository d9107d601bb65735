"""Collection periods: first and last day of each, both included, one after the other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.pool.units import require
from issuer.domain.schedule import add_months

Period = tuple[date, date]
DAY = timedelta(days=1)
NOTIONAL_START = date(2001, 1, 1)


def months(count: int, start: date = NOTIONAL_START, *, every: int = 1) -> tuple[Period, ...]:
    """`count` periods of `every` months from `start`.

    Published examples often have months without dates; for those the start is left as it is.
    """
    require(
        "months",
        {
            "count": (count > 0, "must be one period or more"),
            "every": (every > 0, "must be one month or more"),
        },
    )
    turns = [add_months(start, every * n) for n in range(count + 1)]
    return tuple((first, turn - DAY) for first, turn in pairwise(turns))


def month_end(day: date) -> date:
    """The last day of the month."""
    return add_months(day.replace(day=1), 1) - DAY


def whole_months(period: Period) -> int | None:
    """How many months the period lasts, if it is a whole number of them."""
    start, turn = period[0], period[1] + DAY
    count = (turn.year - start.year) * 12 + turn.month - start.month
    return count if count > 0 and add_months(start, count) == turn else None


def split_by_months(period: Period) -> tuple[Period, ...]:
    """The period month by month from its first day; the last is shorter if they are not whole."""
    start, end = period
    parts: list[Period] = []
    while (first := add_months(start, len(parts))) <= end:
        parts.append((first, min(add_months(start, len(parts) + 1) - DAY, end)))
    return tuple(parts)


def days(period: Period) -> int:
    """How many days the period lasts."""
    return (period[1] - period[0]).days + 1


def counted_months(period: Period) -> int:
    """The months of the period; raises `InvalidInput` if it is no whole number of them."""
    count = whole_months(period)
    if count is None:
        message = (
            f"{period[0]} to {period[1]} is no whole number of months: "
            "choose a rate rule that counts days, or other periods"
        )
        raise InvalidInput("periods", [Complaint("/periods", "pool.periods.months", message)])
    return count


class Grid:
    """The collection periods of one projection, which finds the period of a date.

    Raises `InvalidInput` for periods that overlap, leave a gap, or are none.
    """

    def __init__(self, periods: Sequence[Period]) -> None:
        require("periods", {"periods": (len(periods) > 0, "are none: give one or more")})
        require(
            "periods",
            [
                Complaint(
                    f"/{index}",
                    "pool.periods.order",
                    f"{start} to {end} must start on {wanted}, the day after the period before, "
                    "and end no earlier than it starts",
                )
                for index, (start, end) in enumerate(periods)
                if (wanted := periods[index - 1][1] + DAY if index else start) != start
                or end < start
            ],
        )
        self.periods = tuple(periods)
        self.start, self.end = periods[0][0], periods[-1][1]
        self._ends = [end for _, end in periods]
        self._due: dict[tuple[date | None, int], list[date]] = {}
        self._slots: dict[tuple[date | None, int], tuple[int, ...]] = {}
        self._same: dict[tuple[int, ...], tuple[int, ...]] = {}

    def slot(self, day: date) -> int:
        """The index of the period `day` lies in; `len(periods)` if it comes after all of them."""
        self._require_ahead(day)
        return bisect_left(self._ends, day)

    def due(self, first: date | None, interval: int, number: int) -> date:
        """The due date of payment `number`, from 0: at the end of each interval if none is given."""
        self._require_ahead(first or self.start)
        known = self._due.setdefault((first, interval), [])
        while len(known) <= number:
            count = interval * len(known)  # from the first: stepping drifts at month ends
            known.append(
                add_months(first, count)
                if first
                else add_months(self.start, count + interval) - DAY
            )
        return known[number]

    def slots(self, first: date | None, interval: int) -> tuple[int, ...]:
        """The period of each payment until the last period; equal ones are the same object."""
        key = (first, interval)
        if key not in self._slots:
            found: list[int] = []
            while (slot := self.slot(self.due(first, interval, len(found)))) < len(self.periods):
                found.append(slot)
            self._slots[key] = self._same.setdefault(tuple(found), tuple(found))
        return self._slots[key]

    def _require_ahead(self, day: date) -> None:
        if day < self.start:
            message = (
                f"{day} lies before the first collection period, {self.start}: what is due then "
                "is no longer the pool's; give the next date, or start earlier"
            )
            raise InvalidInput("pool", [Complaint("/next_due", "pool.date.past", message)])
