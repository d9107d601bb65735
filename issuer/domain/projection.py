"""A deal's whole life under assumptions: the pool's collections run through the priority of payments.

An estimate of amounts nobody has paid, made by the very function that will pay: `distribute`. The
pool is in renminbi and the deal in coin, so each amount of a collection period is converted at one
assumed rate, rounded down once, and the fraction of a micro-unit is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from issuer.domain.errors import Complaint, InvalidInput, IssuanceBug
from issuer.domain.money import floor_mul
from issuer.domain.pool.assumptions import Assumptions
from issuer.domain.pool.pool import Asset
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.structure import Structure

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one projection assumes.

    `fx` is coin per renminbi. `revenue` is the share that comes in of what assets without a balance
    would earn. `fixings` replace those that the deal assumes of its indices.
    `support_micro` is what each sponsor can stand in with at each payment; one not named, nothing.
    `call` is the share of the original pool from which on it is bought back; without it, it is not.
    """

    pool: Assumptions = field(default_factory=Assumptions)
    fx: Fraction = Fraction(1)
    revenue: Fraction = Fraction(1)
    fixings: Mapping[str, Fraction] = field(default_factory=dict)
    support_micro: Mapping[str, int] = field(default_factory=dict)
    call: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """Every payment of the deal; fewer than scheduled if the pool was bought back."""

    structure: Structure
    periods: tuple[Period, ...]
    rows: tuple[PoolPeriod, ...]
    distributions: tuple[Distribution, ...]
    called: int | None
    """The number of the payment with which the pool was bought back."""

    @property
    def closing(self) -> DealState:
        """The deal after its last payment."""
        return self.distributions[-1].closing


def project(
    structure: Structure,
    periods: Sequence[Period],
    assets: Sequence[Asset],
    case: Case,
    on_progress: Progress | None = None,
) -> Projection:
    """Project the assets over the deal's collection periods, and pay what they yield.

    Raises `InvalidInput` for assets or assumptions that do not fit the periods or the deal.
    """
    require_fits(structure, case)
    collected = [(each.collection_start, each.collection_end) for each in periods]
    rows = project_pool(assets, case.pool, collected, on_progress=on_progress)
    return project_deal(
        structure,
        periods,
        rows,
        fx=case.fx,
        revenue=case.revenue,
        fixings=case.fixings,
        support_micro=case.support_micro,
        call=case.call,
    )


def require_fits(structure: Structure, case: Case) -> None:
    """Raise `InvalidInput` where a case names sponsors or indices that the deal does not have."""
    sponsors = {sponsor.id for sponsor in structure.sponsors}
    known = (("support", sponsors), ("fixings", set(structure.assumed_fixings)))
    given = {"support": case.support_micro, "fixings": case.fixings}
    complaints = [
        Complaint(
            f"/{name}/{each}",
            f"projection.{name}.unknown",
            f"the deal has no {each!r}: use one of ({', '.join(sorted(ids)) or 'none is defined'})",
        )
        for name, ids in known
        for each in given[name]
        if each not in ids
    ]
    if complaints:
        raise InvalidInput("assumptions", complaints)


def collections_of(row: PoolPeriod, fx: Fraction, revenue: Fraction = Fraction(1)) -> Collections:
    """A row of the pool in coin. A pool that only earns has no balance to report."""
    has_balance = row.opening > 0 or row.closing > 0
    return Collections(
        interest_micro=floor_mul(row.interest, fx),
        principal_micro=floor_mul(row.principal, fx),
        recoveries_micro=floor_mul(row.recoveries, fx),
        revenue_micro=floor_mul(row.revenue, fx * revenue),
        defaulted_micro=floor_mul(row.defaulted, fx),
        losses_micro=floor_mul(row.losses, fx),
        pool_micro=floor_mul(row.closing, fx) if has_balance else None,
    )


def project_deal(
    structure: Structure,
    periods: Sequence[Period],
    rows: Sequence[PoolPeriod],
    *,
    fx: Fraction = Fraction(1),
    revenue: Fraction = Fraction(1),
    fixings: Mapping[str, Fraction] | None = None,
    support_micro: Mapping[str, int] | None = None,
    call: Fraction | None = None,
    on_progress: Progress | None = None,
) -> Projection:
    """Pay every period from its row. Raises `IssuanceBug` unless the whole life is conserved.

    With `call`, the pool is bought back at its balance as soon as that is no more than this share
    of the original one and the price redeems all notes; then the deal ends.
    """
    if [(p.collection_start, p.collection_end) for p in periods] != [
        (r.start, r.end) for r in rows
    ]:
        raise IssuanceBug("the pool was not projected over the deal's collection periods")
    state = opening_state(structure)
    bound = None if call is None else floor_mul(floor_mul(rows[0].opening, fx), call)
    paid: list[Distribution] = []
    called = None
    for period, row in zip(periods, rows, strict=True):
        inputs = Inputs(
            collections_of(row, fx, revenue),
            {**structure.assumed_fixings, **(fixings or {})},
            support_micro or {},
        )
        distribution = None
        if bound is not None and 0 < (inputs.collections.pool_micro or 0) <= bound:
            bought = replace(inputs, collections=_bought_back(inputs.collections))
            distribution = distribute(structure, state, bought, period)
            called = period.number if _redeemed(structure, distribution.closing) else None
        if called is None or distribution is None:
            distribution = distribute(structure, state, inputs, period)
        paid.append(distribution)
        state = distribution.closing
        if on_progress:
            on_progress(len(paid), len(periods))
        if called is not None:
            break
    count = len(paid)
    projection = Projection(
        structure, tuple(periods[:count]), tuple(rows[:count]), tuple(paid), called
    )
    _require_conserved(projection)
    return projection


def _bought_back(collections: Collections) -> Collections:
    price = collections.pool_micro or 0
    return replace(collections, principal_micro=collections.principal_micro + price, pool_micro=0)


def _redeemed(structure: Structure, state: DealState) -> bool:
    """Whether nothing is owed to any note; a call that left some of them unpaid is none."""
    after = [state.tranches[note.id] for note in structure.notes]
    return not any(
        each.outstanding_per_unit_micro
        or each.interest_shortfall_per_unit
        or each.interest_on_shortfall_per_unit
        for each in after
    )


def _require_conserved(projection: Projection) -> None:
    """All cash of the deal's life, with the reserves it began with, is paid out or still kept."""
    first, last = projection.distributions[0].opening, projection.closing
    came_in = first.reserve_micro + first.carry_micro
    came_in += sum(each.collections_micro + each.support_micro for each in projection.distributions)
    paid = sum(each.paid_micro for each in projection.distributions)
    kept = last.reserve_micro + last.carry_micro
    if came_in != paid + kept:
        raise IssuanceBug(f"the projection took {came_in}, paid {paid} and keeps {kept}")
    for before, after in zip(projection.distributions, projection.distributions[1:], strict=False):
        if after.opening is not before.closing:
            raise IssuanceBug(f"payment {after.period} does not begin where the last one ended")
