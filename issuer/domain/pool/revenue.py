"""Assets without a balance: what is let, and what is sold by the unit - passages, kWh, MWh."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from issuer.domain.exact import require_exact
from issuer.domain.pool.curves import Curve, Level, level_at, steps_of
from issuer.domain.pool.flows import Flow
from issuer.domain.pool.periods import DAY, Grid
from issuer.domain.pool.units import in_parts, require
from issuer.domain.rounding import Rounding
from issuer.domain.schedule import add_months


class Per(StrEnum):
    """What an amount is stated for."""

    DAY = "day"
    MONTH = "month"
    """Of the rest of a month, its days over those of the month from the day it starts."""
    PERIOD = "period"
    """Once for each payment, however long; figures are those of its first day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityRevenue:
    """Capacity x utilisation x price, less operating costs: toll roads, charging points, PV plants.

    `price` is in micro-units per unit of capacity, `capacity` in units `per` day, month or payment.
    `seasonality` are twelve factors from January; `growth` a year, below zero for degradation, steps
    on each anniversary of `starts`. Paid at the end of each collection period, or, with `first_due`,
    every `interval` months for the days before the due date. The last day that earns is `ends`.
    """

    kind: ClassVar[str] = "capacity"
    id: str
    capacity: Level
    utilisation: Level
    price: Level
    starts: date
    ends: date
    per: Per = Per.DAY
    seasonality: tuple[Fraction, ...] = ()
    growth: Fraction = Fraction(0)
    operating_costs: Fraction = Fraction(0)
    first_due: date | None = None
    interval: int = 1

    def __post_init__(self) -> None:
        require_exact(self)
        season = self.seasonality
        figures = (*_values(self.capacity), *_values(self.price), *_values(self.utilisation))
        require(
            f"capacity {self.id}",
            {
                "capacity": (
                    min(figures) >= 0,
                    "must, like utilisation and price, not be negative",
                ),
                "seasonality": (
                    not season or (len(season) == 12 and min(season) >= 0),
                    "must be twelve factors from January, none negative, or none at all",
                ),
                "growth": (self.growth > -1, "must lie above -1"),
                "operating_costs": (0 <= self.operating_costs <= 1, "must be a share, 0 to 1"),
                "ends": (self.ends >= self.starts, "must not come before it starts"),
                "interval": (self.interval > 0, "must be one month or more"),
            },
        )

    def flows(self, grid: Grid) -> Iterator[Flow]:
        """What each payment brings."""
        cuts = [
            day
            for level in (self.capacity, self.utilisation, self.price)
            for day in steps_of(level)
        ]
        if self.seasonality:
            cuts += _month_starts(grid)
        yield from _earned(self, grid, cuts, self._rate)

    def _rate(self, day: date) -> Fraction:
        figure = level_at(self.capacity, day) * level_at(self.utilisation, day)
        figure *= level_at(self.price, day) * (1 - self.operating_costs)
        figure *= (1 + self.growth) ** _years(self.starts, day)
        return figure * self.seasonality[day.month - 1] if self.seasonality else figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """A tenancy from `starts` to `ends`, both let. `base` is the rent in micro-units per day or month.

    It steps to other rents by date where `base` is a curve, or grows by `increase` on each
    anniversary of `starts`, each time rounded by `rounding` where it is given. `vacancy` is the
    share not let. Paid in arrears as capacity is.
    """

    kind: ClassVar[str] = "rent"
    id: str
    base: Level
    starts: date
    ends: date
    per: Per = Per.MONTH
    increase: Fraction = Fraction(0)
    vacancy: Level = Fraction(0)
    first_due: date | None = None
    interval: int = 1
    rounding: Rounding | None = None

    def __post_init__(self) -> None:
        require_exact(self)
        require(
            f"rent {self.id}",
            {
                "base": (min(_values(self.base)) >= 0, "must be zero or more"),
                "increase": (
                    self.increase == 0 or (self.increase > -1 and not isinstance(self.base, Curve)),
                    "must lie above -1, and is for a rent without steps by date: leave one out",
                ),
                "vacancy": (
                    all(0 <= share <= 1 for share in _values(self.vacancy)),
                    "must be a share, 0 to 1",
                ),
                "ends": (self.ends >= self.starts, "must not come before it starts"),
                "interval": (self.interval > 0, "must be one month or more"),
                "rounding": (
                    self.rounding is None or self.rounding.to_micro > 0,
                    "must be to more than zero",
                ),
            },
        )

    def flows(self, grid: Grid) -> Iterator[Flow]:
        """What each payment brings."""
        cuts = (*steps_of(self.base), *steps_of(self.vacancy))
        yield from _earned(self, grid, cuts, self._rate)

    def _rate(self, day: date) -> Fraction:
        rent, years = level_at(self.base, day), _years(self.starts, day)
        if self.rounding is None:
            rent *= (1 + self.increase) ** years
        else:
            for _ in range(years):
                rent *= 1 + self.increase
                rent = Fraction(self.rounding.ratio(rent.numerator, rent.denominator))
        return rent * (1 - level_at(self.vacancy, day))


def _earned(
    asset: CapacityRevenue | Rent,
    grid: Grid,
    cuts: Iterable[date],
    rate: Callable[[date], Fraction],
) -> Iterator[Flow]:
    """Each payment's span, cut where the rate changes, in parts."""
    turns = sorted({*cuts, *_anniversaries(asset.starts, grid.end)})
    for paid, first, last in _spans(asset, grid):
        first, last = max(first, asset.starts), min(last, asset.ends)
        if first > last:
            continue
        if asset.per is Per.PERIOD:
            yield Flow(paid, revenue=in_parts(rate(first)))
            continue
        starts = [first, *(day for day in turns if first < day <= last), last + DAY]
        amount = sum(rate(a) * _quantity(asset.per, a, b) for a, b in pairwise(starts))
        yield Flow(paid, revenue=in_parts(Fraction(amount)))


def _spans(asset: CapacityRevenue | Rent, grid: Grid) -> Iterator[tuple[date, date, date]]:
    """Date of payment, first and last day paid for."""
    if asset.first_due is None:
        yield from ((end, start, end) for start, end in grid.periods)
        return
    since = add_months(asset.first_due, -asset.interval)
    for number in range(len(grid.slots(asset.first_due, asset.interval))):
        due = grid.due(asset.first_due, asset.interval, number)
        yield due, since, due - DAY
        since = due


def _quantity(per: Per, first: date, turn: date) -> Fraction:
    """Days, or months, from `first` to the day before `turn`."""
    if per is Per.DAY:
        return Fraction((turn - first).days)
    count = (turn.year - first.year) * 12 + turn.month - first.month
    while add_months(first, count) > turn:
        count -= 1
    since, until = add_months(first, count), add_months(first, count + 1)
    return count + Fraction((turn - since).days, (until - since).days)


def _years(start: date, day: date) -> int:
    """Anniversaries of `start` up to and including `day`."""
    years = day.year - start.year
    return years - (add_months(start, 12 * years) > day)


def _anniversaries(start: date, end: date) -> Iterator[date]:
    return (add_months(start, 12 * n) for n in range(1, max(end.year - start.year, 0) + 1))


def _month_starts(grid: Grid) -> Iterator[date]:
    day = grid.start.replace(day=1)
    while day <= grid.end:
        yield day
        day = add_months(day, 1)


def _values(level: Level) -> tuple[Fraction, ...]:
    return tuple(value for _, value in level.points) if isinstance(level, Curve) else (level,)
