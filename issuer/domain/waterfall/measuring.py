"""What each measure is at a moment of the run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from issuer.domain.errors import IssuanceBug
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

    def copy(self) -> Pots:
        """The same, to try out a step on."""
        return replace(
            self,
            cash=dict(self.cash),
            reserves=dict(self.reserves),
            fees_due=dict(self.fees_due),
            support_left=dict(self.support_left),
            support_owed=dict(self.support_owed),
            tranches={name: run.copy() for name, run in self.tranches.items()},
        )


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


def _of_tranche(what: Measure, run: TrancheRun) -> int:  # noqa: C901  one case per measure
    match what:
        case Measure.OUTSTANDING:
            return run.outstanding
        case Measure.OUTSTANDING_BEFORE:
            return run.opening.outstanding_per_unit_micro
        case Measure.ORIGINAL:
            return run.tranche.denomination_micro
        case Measure.WRITTEN_DOWN:
            return run.written_down
        case Measure.CAPITALISED:
            return run.capitalised
        case Measure.INTEREST_DUE:
            return run.unpaid(Kind.INTEREST)
        case Measure.INTEREST_SHORTFALL:
            return run.opening.interest_shortfall_per_unit
        case Measure.INTEREST_ON_OUTSTANDING:
            return run.tranche.rounding.apply(run.outstanding, run.dues.factor)
        case Measure.PRINCIPAL_DUE:
            return run.unpaid(Kind.PRINCIPAL)
        case Measure.PRINCIPAL_SHORTFALL:
            return run.opening.principal_shortfall_per_unit
        case _:
            raise IssuanceBug(f"{what} is not measured of a tranche")


def _of_pool(pots: Pots, what: Measure) -> int:  # noqa: C901  one case per measure
    collections, pool = pots.collections, pots.pool
    match what:
        case Measure.COLLECTIONS:
            return collections.cash_micro
        case Measure.INTEREST_COLLECTIONS:
            return collections.interest_micro + collections.revenue_micro
        case Measure.PRINCIPAL_COLLECTIONS:
            return collections.principal_micro
        case Measure.RECOVERIES:
            return collections.recoveries_micro
        case Measure.DEFAULTED:
            return collections.defaulted_micro
        case Measure.LOSSES:
            return collections.losses_micro
        case Measure.POOL:
            return pool.balance_micro
        case Measure.POOL_BEFORE:
            return pots.pool_before.balance_micro
        case Measure.POOL_ORIGINAL:
            return pool.original_micro
        case Measure.CUMULATIVE_DEFAULTED:
            return pool.cumulative_defaulted_micro
        case Measure.CUMULATIVE_LOSSES:
            return pool.cumulative_losses_micro
        case _:
            raise IssuanceBug(f"{what} is not measured of the deal")
