"""What a payment needs to know besides cash: the fixings of these indices, the state of the pool."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.waterfall.amounts import Amount, Measure
from issuer.domain.waterfall.steps import walk
from issuer.domain.waterfall.structure import BalanceFee, Floating, Structure

_OF_THE_POOL = frozenset(
    {
        Measure.DEFAULTED,
        Measure.LOSSES,
        Measure.POOL,
        Measure.POOL_BEFORE,
        Measure.POOL_ORIGINAL,
        Measure.CUMULATIVE_DEFAULTED,
        Measure.CUMULATIVE_LOSSES,
    }
)


def indices_of(structure: Structure) -> tuple[str, ...]:
    """The indices that rates of tranches follow, in order."""
    rates = (tranche.rate for tranche in structure.tranches)
    return tuple(sorted({rate.index for rate in rates if isinstance(rate, Floating)}))


def measures_pool(structure: Structure) -> bool:
    """Has the pool a balance, or does any amount of the terms follow from its state?"""
    measured = {term.measure for amount in _amounts(structure) for term in amount.all_terms()}
    return bool(structure.pool_micro or measured & _OF_THE_POOL)


def _amounts(structure: Structure) -> Iterator[Amount]:
    yield from (fee.base for fee in structure.fees if isinstance(fee, BalanceFee))
    yield from (reserve.target for reserve in structure.reserves)
    for test in structure.tests:
        yield test.numerator
        if test.denominator is not None:
            yield test.denominator
    for steps in structure.all_waterfalls.values():
        for step in walk(steps):
            amount = getattr(step, "limit", getattr(step, "amount", None))
            if amount is not None:
                yield amount
