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

from issuer.domain.day_count import DayCount
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.steps import PayResidual, Step

NORMAL = "normal"
"""The waterfall that is carried out while no test has switched to another."""


class RoundingMode(StrEnum):
    """Where an amount goes that falls between two multiples."""

    DOWN = "down"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How interest per unit becomes money: a multiple of `to_micro`.

    A tokenised tranche rounds down to the micro-unit. Where the paper rounds on the aggregate, as a
    global note does, the tranche is one unit of its whole face, and this is its aggregate rounding.
    """

    mode: RoundingMode = RoundingMode.DOWN
    to_micro: int = 1

    def apply(self, amount: int, factor: Fraction) -> int:
        """Round the product; both are zero or more."""
        divisor = factor.denominator * self.to_micro
        whole, rest = divmod(amount * factor.numerator, divisor)
        match self.mode:
            case RoundingMode.DOWN:
                up = False
            case RoundingMode.UP:
                up = rest > 0
            case RoundingMode.HALF_UP:
                up = 2 * rest >= divisor
            case RoundingMode.HALF_EVEN:
                up = 2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1)
        return (whole + up) * self.to_micro


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
class Floating:
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
class Tranche:
    """One class of notes: `units` notes of one denomination.

    `principal_schedule` is the principal per unit due at each payment. Tokenised tranches are
    sold overseas; any other is a register entry of the payee `retained_by`. `shortfall_spread` is
    added to the rate for interest on interest shortfalls; without it they bear none.
    `day_count` is the tranche's own where it departs from the schedule's.
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
    rounding: Rounding = Rounding()
    shortfall_spread: Fraction | None = None
    write_down_rounding: Direction = Direction.UP
    interest_base: InterestBase = InterestBase.OUTSTANDING

    @property
    def original_micro(self) -> int:
        """The original face of the whole tranche."""
        return self.units * self.denomination_micro

    def planned_micro(self, payment: int) -> int:
        """What the schedule leaves outstanding per unit after a payment, counted from 1."""
        return self.denomination_micro - sum(self.principal_schedule[:payment])


@dataclass(frozen=True, slots=True)
class FixedFee:
    """The same amount each period."""

    id: str
    payee: str
    amount_micro: int


@dataclass(frozen=True, slots=True)
class PercentFee:
    """A fraction of the period's collections, rounded down."""

    id: str
    payee: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class BalanceFee:
    """A yearly fraction of an amount, such as the pool at the period's start, for the period."""

    id: str
    payee: str
    rate: Fraction
    base: Amount


Fee = FixedFee | PercentFee | BalanceFee


@dataclass(frozen=True, slots=True)
class Reserve:
    """Cash kept for lean periods: funded with `opening_micro`, filled to its target.

    The target may follow the notes or the pool. When all notes but the residual piece are paid
    off it is zero: there is nothing left to keep the cash for.
    """

    id: str
    target: Amount
    opening_micro: int


@dataclass(frozen=True, slots=True)
class Sponsor:
    """A party that stands in for shortfalls; it is never owed more than `limit_micro`."""

    id: str
    payee: str
    limit_micro: int | None = None


class Comparison(StrEnum):
    """How a ratio must stand to its threshold for the test to pass."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Moment(StrEnum):
    """When a test is made: before the first step, or after the last for the next period."""

    DETERMINATION = "determination"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Test:
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
class Structure:
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

    def sponsor(self, sponsor_id: str) -> Sponsor:
        """The sponsor called so; `KeyError` if there is none."""
        return by_id(self.sponsors, sponsor_id)

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
