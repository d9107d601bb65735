"""The terms that decide who is paid how much: tranches, fees, reserves, sponsors, tests, waterfalls.

A `Structure` knows nothing of filings, tokens or chains, so the issuing service, a projection and a
notebook run the same one. Money is in micro-units of the settlement coin; rates are fractions a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, TypeVar

from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.exact import Exact
from issuer.domain.rounding import DOWN_TO_MICRO, Rounding
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.steps import PayResidual, Step

NORMAL = "normal"
"""The waterfall that is carried out while no test has switched to another."""


class Direction(StrEnum):
    """What a write-down does that does not divide by the units."""

    UP = "up"
    DOWN = "down"


class PrincipalRule(StrEnum):
    """How a schedule makes principal due.

    INSTALMENTS: the instalment of the payment, and what earlier ones lacked. PLANNED_BALANCE: what
    brings the outstanding down to the planned one, so that an early payment is made good later
    (a PAC).
    """

    INSTALMENTS = "instalments"
    PLANNED_BALANCE = "planned_balance"


class InterestBase(StrEnum):
    """What interest accrues on after a write-down: what is outstanding, or that without write-downs."""

    OUTSTANDING = "outstanding"
    BEFORE_WRITE_DOWNS = "before_write_downs"


@dataclass(frozen=True, slots=True)
class Floating(Exact):
    """A rate that follows an index: its fixing plus the spread, between floor and cap."""

    index: str
    spread: Fraction
    floor: Fraction = Fraction(0)
    cap: Fraction | None = None

    def rate(self, fixing: Fraction) -> Fraction:
        """The rate of a period for the index's fixing; never below zero."""
        rate = max(fixing + self.spread, self.floor, Fraction(0))
        return rate if self.cap is None else min(rate, self.cap)


@dataclass(frozen=True, slots=True)
class Tranche(Exact):
    """One class of notes: `units` notes of one denomination.

    `principal_schedule` is the principal per unit due at each payment. Tokenised tranches are
    sold overseas; any other is a register entry of the payee `retained_by`. Interest shortfalls bear
    interest at `shortfall_rate`, or at the tranche's own and `shortfall_spread`; without either they
    bear none, and what they have borne bears more of it where `shortfall_compounds`.
    `day_count` and `accrual` are the tranche's own where they depart from the schedule's.
    `rounding` is that of interest per unit; a tokenised tranche rounds down to the micro-unit.
    `pari_passu_with` names a tokenised tranche before it whose rank it shares: after a default neither
    waits for the other.
    """

    id: str
    name: str
    tokenised: bool
    symbol: str | None
    retained_by: str | None
    units: int
    denomination_micro: int
    rate: Fraction | Floating | None
    principal_schedule: tuple[int, ...]
    isin: str | None = None
    principal_rule: PrincipalRule = PrincipalRule.INSTALMENTS
    day_count: DayCount | None = None
    rounding: Rounding = DOWN_TO_MICRO
    shortfall_spread: Fraction | None = None
    write_down_rounding: Direction = Direction.UP
    interest_base: InterestBase = InterestBase.OUTSTANDING
    accrual: Accrual | None = None
    shortfall_rate: Fraction | None = None
    shortfall_compounds: bool = True
    pari_passu_with: str | None = None

    @property
    def bears_on_shortfall(self) -> bool:
        """Whether unpaid interest bears interest."""
        return self.shortfall_rate is not None or self.shortfall_spread is not None

    @property
    def original_micro(self) -> int:
        """The original face of the whole tranche."""
        return self.units * self.denomination_micro

    def planned_micro(self, payment: int) -> int:
        """What the schedule leaves outstanding per unit after a payment, counted from 1."""
        return self.denomination_micro - sum(self.principal_schedule[:payment])


@dataclass(frozen=True, slots=True)
class FixedFee(Exact):
    """The same amount each period."""

    id: str
    payee: str
    amount_micro: int


@dataclass(frozen=True, slots=True)
class ScheduledFee(Exact):
    """An amount for each payment, none after the last: a fee once a year, or on closing alone."""

    id: str
    payee: str
    amounts_micro: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PercentFee(Exact):
    """A fraction of the period's collections."""

    id: str
    payee: str
    share: Fraction
    rounding: Rounding = DOWN_TO_MICRO


@dataclass(frozen=True, slots=True)
class BalanceFee(Exact):
    """A yearly fraction of an amount, such as the pool at the period's start, for the period.

    `day_count` is the fee's own where it departs from the schedule's.
    """

    id: str
    payee: str
    rate: Fraction
    base: Amount
    day_count: DayCount | None = None
    rounding: Rounding = DOWN_TO_MICRO


Fee = FixedFee | ScheduledFee | PercentFee | BalanceFee


@dataclass(frozen=True, slots=True)
class Reserve(Exact):
    """Cash kept for lean periods: funded with `opening_micro`, filled to its target.

    The target may follow the notes or the pool. When all notes but the residual piece are paid
    off it is zero: there is nothing left to keep the cash for. So it is from payment `final_payment`
    on, such as that of final maturity, whatever is owed.
    """

    id: str
    target: Amount
    opening_micro: int
    final_payment: int | None = None


@dataclass(frozen=True, slots=True)
class Sponsor(Exact):
    """A party that stands in for shortfalls; it is never owed more than `limit_micro`."""

    id: str
    payee: str
    limit_micro: int | None = None


class Comparison(StrEnum):
    """How a ratio must stand to its threshold for the test to pass."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Moment(StrEnum):
    """When a test is made: before the first step, after the last for the next period, or each time
    that a `When` asks for it, with what the steps above have paid.
    """

    DETERMINATION = "determination"
    PAYMENT = "payment"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Test(Exact):
    """A ratio against its threshold: over-collateral, coverage, cumulative default, unpaid interest.

    A test without a denominator compares the numerator itself. One that fails switches to the
    waterfall `switches_to`; if it is not curable it counts as failed ever after. A ratio to zero
    passes: nothing is there to be covered.
    """

    __test__ = False  # not one of pytest's

    id: str
    numerator: Amount
    denominator: Amount | None
    comparison: Comparison
    threshold: Fraction
    curable: bool = True
    switches_to: str | None = None
    moment: Moment = Moment.DETERMINATION
    from_payment: int = 1


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_Named = TypeVar("_Named", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Structure(Exact):
    """Who is paid what. `waterfall` is the priority of payments, first step first; `others` are the
    waterfalls that tests switch to, by name. `assumed_fixings` is what the filing and a projection
    assume of each index; a payment uses what is reported.
    """

    tranches: tuple[Tranche, ...]
    fees: tuple[Fee, ...]
    reserves: tuple[Reserve, ...]
    waterfall: tuple[Step, ...]
    others: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    tests: tuple[Test, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    pool_micro: int = 0
    assumed_fixings: Mapping[str, Fraction] = field(default_factory=dict)

    def steps(self, mode: str) -> tuple[Step, ...]:
        """The waterfall called so; `KeyError` if there is none."""
        return self.waterfall if mode == NORMAL else self.others[mode]

    @property
    def all_waterfalls(self) -> Mapping[str, tuple[Step, ...]]:
        """Every waterfall by name, the normal one first."""
        return {NORMAL: self.waterfall, **self.others}

    def tranche(self, tranche_id: str) -> Tranche:
        """The tranche called so; `KeyError` if there is none."""
        return by_id(self.tranches, tranche_id)

    def fee(self, fee_id: str) -> Fee:
        """The fee called so; `KeyError` if there is none."""
        return by_id(self.fees, fee_id)

    def reserve(self, reserve_id: str) -> Reserve:
        """The reserve called so; `KeyError` if there is none."""
        return by_id(self.reserves, reserve_id)

    def test(self, test_id: str) -> Test:
        """The test called so; `KeyError` if there is none."""
        return by_id(self.tests, test_id)

    def sponsor(self, sponsor_id: str) -> Sponsor:
        """The sponsor called so; `KeyError` if there is none."""
        return by_id(self.sponsors, sponsor_id)

    @property
    def ranks(self) -> Mapping[str, int]:
        """The rank of each tokenised tranche, 1 the most senior: its place, or another's that it shares."""
        ranks: dict[str, int] = {}
        for tranche in self.tranches:
            if not tranche.tokenised:
                continue
            shared = tranche.pari_passu_with
            below = max(ranks.values(), default=0) + 1
            ranks[tranche.id] = below if shared is None else ranks.get(shared, below)
        return ranks

    @property
    def notes(self) -> tuple[Tranche, ...]:
        """The tranches that are owed something: all but the one that takes the residual."""
        residual = {step.tranche for step in self.waterfall if isinstance(step, PayResidual)}
        return tuple(tranche for tranche in self.tranches if tranche.id not in residual)

    @property
    def opening_reserves_micro(self) -> int:
        """What all reserves together are funded with at closing."""
        return sum(reserve.opening_micro for reserve in self.reserves)


def by_id(items: Iterable[_Named], wanted: str) -> _Named:
    """The item with that id; `KeyError` if there is none."""
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)
