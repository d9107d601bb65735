"""Values that change: by number of the period (`Vector`), or from a date on (`Curve`)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from issuer.domain.exact import require_exact
from issuer.domain.pool.units import EXACT, are_exact, require


class After(StrEnum):
    """What a vector says of periods past its last value."""

    HOLD = "hold"
    """The last value goes on."""
    END = "end"
    """Nothing: zero."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A value for each period, the first for period 1."""

    values: tuple[Fraction, ...]
    after: After = After.HOLD

    def __post_init__(self) -> None:
        require(
            "vector",
            {
                "values": (
                    bool(self.values) and are_exact(*self.values),
                    f"is empty or inexact: give one value or more, {EXACT}",
                )
            },
        )

    def at(self, number: int) -> Fraction:
        """The value for the period with this number, from 1."""
        if number <= len(self.values):
            return self.values[number - 1]
        return self.values[-1] if self.after is After.HOLD else Fraction(0)

    def from_period(self, number: int) -> Vector:
        """What it says from the period with this number on, as if that were the first."""
        return Vector(self.values[number - 1 :] or (self.at(number),), self.after)


def constant(value: Fraction) -> Vector:
    """The same value for every period."""
    return Vector((value,))


ZERO = constant(Fraction(0))


@dataclass(frozen=True, slots=True)
class Curve:
    """Steps: each value holds from its date until the next; the last goes on."""

    points: tuple[tuple[date, Fraction], ...]

    def __post_init__(self) -> None:
        require_exact(self)
        rising = all(a[0] < b[0] for a, b in pairwise(self.points))
        require(
            "curve",
            {
                "points": (
                    bool(self.points) and rising and are_exact(*(each for _, each in self.points)),
                    f"give one point or more, by rising date, {EXACT}",
                )
            },
        )

    def at(self, day: date) -> Fraction:
        """The value in force on `day`; raises `InvalidInput` before the first point."""
        index = bisect_right(self.points, day, key=lambda point: point[0])
        first = self.points[0][0]
        require(
            "curve",
            {
                "points": (
                    index > 0,
                    f"say nothing of {day}: let the first point, {first}, be earlier",
                )
            },
        )
        return self.points[index - 1][1]

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates on which the value changes."""
        return tuple(day for day, _ in self.points)


Level = Fraction | Curve
"""A figure that stays, or one that changes on dates."""


def level_at(level: Level, day: date) -> Fraction:
    """The figure in force on `day`."""
    return level.at(day) if isinstance(level, Curve) else level


def steps_of(level: Level) -> tuple[date, ...]:
    """The dates on which the figure changes: none if it stays."""
    return level.dates if isinstance(level, Curve) else ()
