"""A deal's whole life under assumptions: the pool's collections run through the priority of payments.

An estimate of amounts nobody has paid, made by the very function that will pay: `distribute`. The
pool is in renminbi and the deal in coin, so each amount of a collection period is converted at one
assumed rate, rounded down once, and the fraction of a micro-unit is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from itertools import chain

from issuer.domain.errors import Complaint, InvalidInput, IssuanceBug
from issuer.domain.exact import Exact
from issuer.domain.money import floor_mul
from issuer.domain.pool.assumptions import Assumptions
from issuer.domain.pool.periods import Period as Days
from issuer.domain.pool.periods import split_by_months
from issuer.domain.pool.pool import Asset
from issuer.domain.pool.project import Contracts, PoolPeriod, gathered, joined, project_pool
from issuer.domain.pool.replenish import Replenishment, replenished
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.steps import Purchase, PutBack, walk
from issuer.domain.waterfall.structure import Structure

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

Bought = Callable[[int, int], Sequence[PoolPeriod]]
"""What a payment, by its place from 0, buys for an amount of coin: rows of the periods after it."""


class Pace(StrEnum):
    """What a step of the pool is, in which rates act once and which vectors and lags count."""

    MONTH = "month"
    """Each month of a collection period by itself, added up afterwards: loans pay by the month."""
    PERIOD = "period"
    """A whole collection period of the deal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Exact):
    """What one projection assumes.

    `fx` is coin per renminbi. `revenue` is the share that comes in of what assets without a balance
    would earn. `fixings` replace those that the deal assumes of its indices.
    `support_micro` is what each sponsor can stand in with at each payment; one not named, nothing.
    `call` is the share of the original pool from which on it is bought back; without it, it is not.
    `put` is the share of each tranche's units put back whenever they may be, rounded down; of one not
    named, none. `purchases` says what a revolving pool buys.
    `to_micro` is what the pool is reported in: an amount of a period is cut to a multiple of it.
    """

    pool: Assumptions = field(default_factory=Assumptions)
    fx: Fraction = Fraction(1)
    revenue: Fraction = Fraction(1)
    fixings: Mapping[str, Fraction] = field(default_factory=dict)
    support_micro: Mapping[str, int] = field(default_factory=dict)
    call: Fraction | None = None
    put: Mapping[str, Fraction] = field(default_factory=dict)
    purchases: Replenishment | None = None
    pace: Pace = Pace.MONTH
    to_micro: int = 1

    def steps(self, period: Period) -> tuple[Days, ...]:
        """The steps in which the pool goes through a collection period."""
        days = (period.collection_start, period.collection_end)
        return split_by_months(days) if self.pace is Pace.MONTH else (days,)


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
    assets: Sequence[Asset] | Contracts,
    case: Case,
    on_progress: Progress | None = None,
    opening: DealState | None = None,
) -> Projection:
    """Project the assets over the deal's collection periods, and pay what they yield.

    With `opening` the deal goes on from there: the periods are those still to be paid, and the assets
    are what the pool holds when the first of them begins.

    Raises `InvalidInput` for assets or assumptions that do not fit the periods or the deal.
    """
    require_fits(structure, case)
    steps = [case.steps(each) for each in periods]
    counts = list(map(len, steps))

    def bought(index: int, coin: int) -> Sequence[PoolPeriod]:
        later = tuple(chain.from_iterable(steps[index + 1 :]))
        if case.purchases is None or not later:
            return ()
        amount, first = floor_mul(coin, Fraction(1) / case.fx), sum(counts[: index + 1]) + 1
        found = replenished(case.purchases, amount, case.pool, later, first)
        return gathered(found, counts[index + 1 :])

    rows = project_pool(
        assets, case.pool, tuple(chain.from_iterable(steps)), on_progress=on_progress
    )
    return project_deal(
        structure,
        periods,
        gathered(rows, counts),
        fx=case.fx,
        revenue=case.revenue,
        fixings=case.fixings,
        support_micro=case.support_micro,
        call=case.call,
        put=case.put,
        opening=opening,
        buy=bought,
        to_micro=case.to_micro,
    )


def require_fits(structure: Structure, case: Case) -> None:
    """Raise `InvalidInput` where a case names sponsors, indices or puts that the deal does not have,
    says nothing of the assets that the deal buys, or assumes less than nothing.
    """
    sponsors = {sponsor.id for sponsor in structure.sponsors}
    every = [step for steps in structure.all_waterfalls.values() for step in walk(steps)]
    putable = {name for step in every if isinstance(step, PutBack) for name in step.tranches}
    known = (
        ("support", sponsors),
        ("fixings", set(structure.assumed_fixings)),
        ("put", putable),
    )
    given: dict[str, Mapping[str, object]] = {
        "support": case.support_micro,
        "fixings": case.fixings,
        "put": case.put,
    }
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
    shares = {
        "revenue": case.revenue,
        "call": case.call or 0,
        **{f"put/{name}": share for name, share in case.put.items()},
    }
    complaints += [
        Complaint(f"/{name}", "projection.negative", f"is {value}: assume zero or more")
        for name, value in shares.items()
        if value < 0
    ]
    if case.fx <= 0:
        message = f"is {case.fx}: coin is had for renminbi at a rate above zero"
        complaints.append(Complaint("/fx", "projection.fx", message))
    if case.to_micro < 1:
        message = f"is {case.to_micro}: report in one micro-unit or more"
        complaints.append(Complaint("/to_micro", "projection.to_micro", message))
    if case.purchases is None and any(isinstance(step, Purchase) for step in every):
        message = "the deal buys further assets: say which, by `rate` and `months`"
        complaints.append(Complaint("/purchases", "projection.purchases.missing", message))
    if complaints:
        raise InvalidInput("assumptions", complaints)


def collections_of(
    row: PoolPeriod, fx: Fraction, revenue: Fraction = Fraction(1), to_micro: int = 1
) -> Collections:
    """A row of the pool in coin, each amount cut to a multiple of `to_micro` renminbi before.

    A pool that only earns has no balance to report.
    """

    def coin(amount: int) -> int:
        return floor_mul(amount - amount % to_micro, fx)

    has_balance = row.opening > 0 or row.closing > 0
    return Collections(
        interest_micro=coin(row.interest),
        principal_micro=coin(row.principal),
        recoveries_micro=coin(row.recoveries),
        revenue_micro=coin(floor_mul(row.revenue, revenue)),
        defaulted_micro=coin(row.defaulted),
        losses_micro=coin(row.losses),
        pool_micro=coin(row.closing) if has_balance else None,
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
    put: Mapping[str, Fraction] | None = None,
    opening: DealState | None = None,
    buy: Bought | None = None,
    to_micro: int = 1,
    on_progress: Progress | None = None,
) -> Projection:
    """Pay every period from its row. Raises `InvalidInput` for rows of other periods, and
    `IssuanceBug` unless the whole life is conserved.

    With `call`, the pool is bought back at its balance as soon as that is no more than this share
    of the original one and the price redeems all notes; then the deal ends.
    """
    if [(p.collection_start, p.collection_end) for p in periods] != [
        (r.start, r.end) for r in rows
    ]:
        message = "are not the deal's collection periods: project, or gather, the pool over those"
        raise InvalidInput("projection", [Complaint("/rows", "projection.rows", message)])
    state = opening or opening_state(structure)
    original = opening.pool.original_micro if opening else 0
    bound = None if call is None else floor_mul(original or floor_mul(rows[0].opening, fx), call)
    rows = list(rows)
    paid: list[Distribution] = []
    called = None
    for index, period in enumerate(periods):
        row = rows[index]
        inputs = Inputs(
            collections_of(row, fx, revenue, to_micro),
            {**structure.assumed_fixings, **(fixings or {})},
            support_micro or {},
            {
                name: floor_mul(state.tranches[name].units, share)
                for name, share in (put or {}).items()
            },
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
        spent = distribution.total(Kind.PURCHASE)
        if spent and buy and called is None and (more := buy(index, spent)):
            rows[index + 1 :] = joined(rows[index + 1 :], more)
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
        each.units
        and (
            each.outstanding_per_unit_micro
            or each.interest_shortfall_per_unit
            or each.interest_on_shortfall_per_unit
        )
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
