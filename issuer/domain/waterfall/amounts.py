"""Amounts that the terms of a deal define rather than state: "what brings A down to 90 % of the pool".

A limit, a reserve's target and both sides of a ratio are sums of measures, each times a factor,
between bounds that may be such sums themselves ("4.5 % of the pool, but no less than 1 % of the
original one"). More no priority of payments has needed so far, so there is no formula language: a
sum is data that a reader, a file and a database can all hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from issuer.domain.exact import Exact
from issuer.domain.rounding import DOWN_TO_MICRO, Rounding


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
    INTEREST_ON_OUTSTANDING = "interest_on_outstanding"
    """What a period like this one bears on what is outstanding now: principal paid lowers it."""
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
        Measure.INTEREST_ON_OUTSTANDING,
        Measure.PRINCIPAL_DUE,
        Measure.PRINCIPAL_SHORTFALL,
    }
)
"""The measures whose `of` names tranches."""

Measured = Callable[[Measure, tuple[str, ...]], int]
"""Answers a measure of the ids given; of all without ids."""


@dataclass(frozen=True, slots=True)
class Term(Exact):
    """One measure times a factor, which may be negative."""

    measure: Measure
    of: tuple[str, ...] = ()
    times: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Amount(Exact):
    """A sum of terms and a constant, rounded, then kept between bounds; the upper ones win."""

    terms: tuple[Term, ...] = ()
    plus_micro: int = 0
    at_least_micro: int = 0
    at_most_micro: int | None = None
    at_least: Amount | None = None
    at_most: Amount | None = None
    rounding: Rounding = DOWN_TO_MICRO

    def value(self, measured: Measured) -> int:
        """Micro-units, rounded once, after the sum."""
        numerator, denominator = self.plus_micro, 1
        for each in self.terms:  # by hand: fractions would reduce each sum, which costs the most
            factor = each.times
            amount = factor.numerator * measured(each.measure, each.of)
            numerator = numerator * factor.denominator + amount * denominator
            denominator *= factor.denominator
        negative = numerator < 0  # a bound below zero may let it stand
        found = (
            numerator // denominator if negative else self.rounding.ratio(numerator, denominator)
        )
        found = max(found, self.at_least_micro)
        if self.at_least is not None:
            found = max(found, self.at_least.value(measured))
        if self.at_most_micro is not None:
            found = min(found, self.at_most_micro)
        return found if self.at_most is None else min(found, self.at_most.value(measured))

    def all_terms(self) -> Iterator[Term]:
        """Its terms and those of its bounds."""
        yield from self.terms
        for bound in (self.at_least, self.at_most):
            if bound is not None:
                yield from bound.all_terms()


def of(measure: Measure, *ids: str, times: Fraction | int = 1) -> Amount:
    """The amount that is one measure."""
    factor = Fraction(times) if isinstance(times, int) else times  # a float is refused as it is
    return Amount((Term(measure, ids, factor),))
