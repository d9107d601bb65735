"""What each measure is at a moment of the run."""

from __future__ import annotations

from dataclasses import dataclass

from issuer.domain.waterfall.amounts import OF_TRANCHES, Measure
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.state import Collections, PoolState
from issuer.domain.waterfall.steps import Source
from issuer.domain.waterfall.tranche_run import TrancheRun


@dataclass(slots=True)
class Pots:
    """Everything that the steps of one period move, by id."""

    cash: dict[Source, int]
    reserves: dict[str, int]
    fees_due: dict[str, int]
    support_left: dict[str, int]
    support_owed: dict[str, int]
    tranches: dict[str, TrancheRun]
    pool_before: PoolState
    pool: PoolState
    collections: Collections


def measure(pots: Pots, what: Measure, ids: tuple[str, ...]) -> int:
    """The measure of those ids now, of all without ids, in micro-units."""
    if what in OF_TRANCHES:
        runs = [pots.tranches[each] for each in ids] or list(pots.tranches.values())
        return sum(_of_tranche(what, run) * run.units for run in runs)
    match what:
        case Measure.FEES_DUE:
            return sum(pots.fees_due[each] for each in ids or pots.fees_due)
        case Measure.RESERVE:
            return sum(pots.reserves[each] for each in ids or pots.reserves)
        case Measure.AVAILABLE:
            return sum(pots.cash.values())
        case _:
            return _of_pool(pots, what)


def _of_tranche(what: Measure, run: TrancheRun) -> int:
    opening = run.opening
    per_unit = {
        Measure.OUTSTANDING: run.outstanding,
        Measure.OUTSTANDING_BEFORE: opening.outstanding_per_unit_micro,
        Measure.ORIGINAL: run.tranche.denomination_micro,
        Measure.WRITTEN_DOWN: run.written_down,
        Measure.CAPITALISED: run.capitalised,
        Measure.INTEREST_DUE: run.unpaid(Kind.INTEREST),
        Measure.INTEREST_SHORTFALL: opening.interest_shortfall_per_unit,
        Measure.PRINCIPAL_DUE: run.unpaid(Kind.PRINCIPAL),
        Measure.PRINCIPAL_SHORTFALL: opening.principal_shortfall_per_unit,
    }
    return per_unit[what]


def _of_pool(pots: Pots, what: Measure) -> int:
    collections, pool = pots.collections, pots.pool
    amounts = {
        Measure.COLLECTIONS: collections.cash_micro,
        Measure.INTEREST_COLLECTIONS: collections.interest_micro + collections.revenue_micro,
        Measure.PRINCIPAL_COLLECTIONS: collections.principal_micro,
        Measure.RECOVERIES: collections.recoveries_micro,
        Measure.DEFAULTED: collections.defaulted_micro,
        Measure.LOSSES: collections.losses_micro,
        Measure.POOL: pool.balance_micro,
        Measure.POOL_BEFORE: pots.pool_before.balance_micro,
        Measure.POOL_ORIGINAL: pool.original_micro,
        Measure.CUMULATIVE_DEFAULTED: pool.cumulative_defaulted_micro,
        Measure.CUMULATIVE_LOSSES: pool.cumulative_losses_micro,
    }
    return amounts[what]
