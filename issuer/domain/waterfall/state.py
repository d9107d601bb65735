"""What a deal carries from one payment to the next, and what comes in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from issuer.domain.exact import require_exact
from issuer.domain.waterfall.standing import Standing
from issuer.domain.waterfall.structure import Structure


@dataclass(frozen=True, slots=True)
class Collections:
    """A collection period: its cash by kind, and what became of the pool, all in micro-units.

    `revenue_micro` is cash of pools without a balance (tolls, charging). `defaulted_micro`,
    `losses_micro` and the pool's closing balance are facts, not cash; a pool whose balance nobody
    reports keeps the one it had.
    """

    interest_micro: int = 0
    principal_micro: int = 0
    recoveries_micro: int = 0
    revenue_micro: int = 0
    defaulted_micro: int = 0
    losses_micro: int = 0
    pool_micro: int | None = None

    def __post_init__(self) -> None:
        if type(sum(self.amounts())) is not int:  # one sum: a projection makes one a period
            require_exact(self)

    @property
    def cash_micro(self) -> int:
        """All that came in."""
        return (
            self.interest_micro + self.principal_micro + self.recoveries_micro + self.revenue_micro
        )

    def amounts(self) -> tuple[int, ...]:
        """Every amount, to check that none is negative."""
        return (
            self.interest_micro,
            self.principal_micro,
            self.recoveries_micro,
            self.revenue_micro,
            self.defaulted_micro,
            self.losses_micro,
            self.pool_micro or 0,
        )


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a payment needs besides the terms and the state: cash, fixings, sponsors' means.

    `fixings` gives each index's rate a year for the interest period. `support_micro` is what each
    sponsor can stand in with now; one that is not named gives nothing. `put_units` are the units that
    holders of each tranche put back, where a step lets them. `standing` is the trustee's word.
    """

    collections: Collections
    fixings: Mapping[str, Fraction] = field(default_factory=dict)
    support_micro: Mapping[str, int] = field(default_factory=dict)
    put_units: Mapping[str, int] = field(default_factory=dict)
    standing: Standing = Standing.PERFORMING


@dataclass(frozen=True, slots=True)
class TrancheState:
    """A tranche between two payments. `units` are those issued, which may be fewer than planned."""

    units: int
    outstanding_per_unit_micro: int
    interest_shortfall_per_unit: int = 0
    principal_shortfall_per_unit: int = 0
    interest_carry_micro: int = 0
    principal_carry_micro: int = 0
    interest_on_shortfall_per_unit: int = 0
    written_down_per_unit_micro: int = 0

    @property
    def carry_micro(self) -> int:
        """Cash kept for this tranche because it did not divide by the units."""
        return self.interest_carry_micro + self.principal_carry_micro


@dataclass(frozen=True, slots=True)
class PoolState:
    """The pool between two payments; all zero where it has no balance."""

    original_micro: int = 0
    balance_micro: int = 0
    cumulative_defaulted_micro: int = 0
    cumulative_losses_micro: int = 0

    def after(self, collections: Collections) -> PoolState:
        """The pool at the end of the collection period."""
        balance = collections.pool_micro
        return PoolState(
            self.original_micro,
            self.balance_micro if balance is None else balance,
            self.cumulative_defaulted_micro + collections.defaulted_micro,
            self.cumulative_losses_micro + collections.losses_micro,
        )


@dataclass(frozen=True, slots=True)
class DealState:
    """A deal between two payments. Reserves, unpaid fees and support owed are by id.

    `failed` names the tests that count as failed until they are made again: those that cannot be
    cured, and those made after the last payment.
    """

    tranches: Mapping[str, TrancheState]
    reserves: Mapping[str, int]
    fee_arrears: Mapping[str, int]
    support_owed: Mapping[str, int] = field(default_factory=dict)
    pool: PoolState = PoolState()
    failed: tuple[str, ...] = ()

    @property
    def carry_micro(self) -> int:
        """All cash kept as some tranche's carry."""
        return sum(state.carry_micro for state in self.tranches.values())

    @property
    def reserve_micro(self) -> int:
        """All reserves together."""
        return sum(self.reserves.values())


def opening_state(structure: Structure, issued: Mapping[str, int] | None = None) -> DealState:
    """The state at closing: nothing paid, nothing owed, the reserves as funded.

    `issued` gives the units sold of each tranche where they are fewer than the terms allow.
    """
    sold = issued or {}
    return DealState(
        tranches={
            tranche.id: TrancheState(
                sold.get(tranche.id, tranche.units), tranche.denomination_micro
            )
            for tranche in structure.tranches
        },
        reserves={reserve.id: reserve.opening_micro for reserve in structure.reserves},
        fee_arrears={fee.id: 0 for fee in structure.fees},
        support_owed={sponsor.id: 0 for sponsor in structure.sponsors},
        pool=PoolState(structure.pool_micro, structure.pool_micro),
    )
