"""Amounts that the terms of a deal define rather than state: "what brings A down to 90 % of the pool".

A limit, a reserve's target and both sides of a ratio are sums of measures, each times a factor.
More than sums and two bounds no priority of payments has needed so far, so there is no formula
language: a sum is data that a reader, a file and a database can all hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Measure(StrEnum):
    """What a term of a sum measures, in micro-units, at the moment when it is asked for.

    Those of tranches, fees and reserves take the ids they speak of, and mean all without.
    """

    COLLECTIONS = "collections"
    INTEREST_COLLECTIONS = "interest_collections"
    PRINCIPAL_COLLECTIONS = "principal_collections"
    RECOVERIES = "recoveries"
    DEFAULTED = "defaulted"
    LOSSES = "losses"
    AVAILABLE = "available"
    POOL = "pool"
    POOL_BEFORE = "pool_before"
    POOL_ORIGINAL = "pool_original"
    CUMULATIVE_DEFAULTED = "cumulative_defaulted"
    CUMULATIVE_LOSSES = "cumulative_losses"
    OUTSTANDING = "outstanding"
    OUTSTANDING_BEFORE = "outstanding_before"
    ORIGINAL = "original"
    WRITTEN_DOWN = "written_down"
    CAPITALISED = "capitalised"
    INTEREST_DUE = "interest_due"
    INTEREST_SHORTFALL = "interest_shortfall"
    PRINCIPAL_DUE = "principal_due"
    PRINCIPAL_SHORTFALL = "principal_shortfall"
    FEES_DUE = "fees_due"
    RESERVE = "reserve"


OF_TRANCHES = frozenset(
    {
        Measure.OUTSTANDING,
        Measure.OUTSTANDING_BEFORE,
        Measure.ORIGINAL,
        Measure.WRITTEN_DOWN,
        Measure.CAPITALISED,
        Measure.INTEREST_DUE,
        Measure.INTEREST_SHORTFALL,
        Measure.PRINCIPAL_DUE,
        Measure.PRINCIPAL_SHORTFALL,
    }
)
"""The measures whose `of` names tranches."""

Measured = Callable[[Measure, tuple[str, ...]], int]
"""Answers a measure of the ids given; of all without ids."""


@dataclass(frozen=True, slots=True)
class Term:
    """One measure times a factor, which may be negative."""

    measure: Measure
    of: tuple[str, ...] = ()
    times: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of terms and a constant, kept between two bounds."""

    terms: tuple[Term, ...] = ()
    plus_micro: int = 0
    at_least_micro: int = 0
    at_most_micro: int | None = None

    def value(self, measured: Measured) -> int:
        """Whole micro-units, rounded down once, after the sum."""
        numerator, denominator = self.plus_micro, 1
        for each in self.terms:  # by hand: fractions would reduce each sum, which costs the most
            factor = each.times
            amount = factor.numerator * measured(each.measure, each.of)
            numerator = numerator * factor.denominator + amount * denominator
            denominator *= factor.denominator
        bounded = max(numerator // denominator, self.at_least_micro)
        return bounded if self.at_most_micro is None else min(bounded, self.at_most_micro)


def of(measure: Measure, *ids: str, times: Fraction | int = 1) -> Amount:
    """The amount that is one measure."""
    return Amount((Term(measure, ids, Fraction(times)),))
