"""What the terms ask for besides cash, and whom they name: indices, the pool, sellers, who bears losses."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.waterfall.amounts import Amount, Measure
from issuer.domain.waterfall.steps import Purchase, WriteUp, walk
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


def sellers_of(structure: Structure) -> tuple[str, ...]:
    """The payees of whom any of the waterfalls may buy, in order."""
    steps = (step for each in structure.all_waterfalls.values() for step in walk(each))
    return tuple(sorted({step.payee for step in steps if isinstance(step, Purchase)}))


def written_up_in(structure: Structure) -> frozenset[str]:
    """The tranches whose losses any of the waterfalls may reverse."""
    steps = (step for each in structure.all_waterfalls.values() for step in walk(each))
    return frozenset(
        tranche for step in steps if isinstance(step, WriteUp) for tranche in step.tranches
    )


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
