"""One period's payments, line by line and per unit, and the proof that no money appeared or vanished."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn

from issuer.domain.errors import IssuanceBug
from issuer.domain.waterfall.standing import Standing
from issuer.domain.waterfall.state import Collections, DealState


class Kind(StrEnum):
    """What a line does."""

    FEE = "fee"
    INTEREST = "interest"
    INTEREST_ON_INTEREST = "interest_on_interest"
    CAPITALISED = "capitalised"
    TOP_UP = "top_up"
    DRAW = "draw"
    RELEASE = "release"
    SUPPORT = "support"
    SUPPORT_REPAID = "support_repaid"
    PRINCIPAL = "principal"
    PURCHASE = "purchase"
    PUT_BACK = "put_back"
    WRITE_DOWN = "write_down"
    WRITE_UP = "write_up"
    TEST = "test"
    RESIDUAL = "residual"


PAID_OUT = frozenset(
    {
        Kind.FEE,
        Kind.INTEREST,
        Kind.INTEREST_ON_INTEREST,
        Kind.PRINCIPAL,
        Kind.PURCHASE,
        Kind.PUT_BACK,
        Kind.SUPPORT_REPAID,
        Kind.RESIDUAL,
    }
)
"""The kinds whose money leaves the deal. The others move it within, bring it in, or move none."""

TO_HOLDERS = frozenset({Kind.INTEREST, Kind.INTEREST_ON_INTEREST, Kind.PRINCIPAL})
"""The kinds that pay a tranche per unit."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One thing a step did; `step` is its place in the waterfall, counted from 1.

    `subject` is the id of the fee, tranche, reserve, sponsor or test. `payee` is who gets the money:
    a payee of the deal, the tranche itself where its token holders do, a reserve, or the period's
    own cash. `carry_micro` is by how much the subject's carry rose. For a line that moves no money
    `paid_micro` is the amount it took effect for.
    """

    step: int
    kind: Kind
    subject: str
    payee: str
    due_micro: int
    paid_micro: int
    shortfall_micro: int
    carry_micro: int = 0


@dataclass(frozen=True, slots=True)
class PerUnit:
    """What one unit of a tranche is owed and paid in a period; `due` includes old shortfalls.

    `written_down_micro` is negative for a write-up.
    """

    tranche: str
    units: int
    interest_due_micro: int
    interest_paid_micro: int
    interest_shortfall_micro: int
    principal_due_micro: int
    principal_paid_micro: int
    principal_shortfall_micro: int
    outstanding_before_micro: int
    outstanding_after_micro: int
    capitalised_micro: int = 0
    written_down_micro: int = 0

    @property
    def payable_micro(self) -> int:
        """Interest and principal paid on one unit."""
        return self.interest_paid_micro + self.principal_paid_micro

    @property
    def declared_micro(self) -> int:
        """What all units together are paid: exactly the sum of the holders' entitlements."""
        return self.payable_micro * self.units


@dataclass(frozen=True, slots=True)
class TestResult:
    """A test as it was made; without a denominator the numerator itself was compared."""

    __test__ = False  # not one of pytest's

    id: str
    numerator_micro: int
    denominator_micro: int | None
    threshold: Fraction
    passed: bool

    @property
    def ratio(self) -> Fraction | None:
        """What was compared; None where the denominator is zero and nothing is to be covered."""
        if self.denominator_micro is None:
            return Fraction(self.numerator_micro)
        if self.denominator_micro == 0:
            return None
        return Fraction(self.numerator_micro, self.denominator_micro)


@dataclass(frozen=True, slots=True)
class Distribution:
    """One period's payments, with the states before and after them, the waterfall they followed, and how
    the deal stood.
    """

    period: int
    collections: Collections
    opening: DealState
    closing: DealState
    lines: tuple[PaymentLine, ...]
    per_unit: tuple[PerUnit, ...]
    mode: str
    tests: tuple[TestResult, ...]
    standing: Standing = Standing.PERFORMING

    @property
    def collections_micro(self) -> int:
        """The cash of the collection period."""
        return self.collections.cash_micro

    def of(self, tranche_id: str) -> PerUnit:
        """The per-unit figures of one tranche; `KeyError` if no step pays it per unit."""
        for figures in self.per_unit:
            if figures.tranche == tranche_id:
                return figures
        raise KeyError(tranche_id)

    def total(self, kind: Kind, subject: str | None = None) -> int:
        """What all lines of a kind paid, or those of one subject."""
        return sum(
            line.paid_micro
            for line in self.lines
            if line.kind is kind and subject in (None, line.subject)
        )

    @property
    def support_micro(self) -> int:
        """What sponsors brought in."""
        return self.total(Kind.SUPPORT)

    @property
    def paid_micro(self) -> int:
        """All that left the deal."""
        return sum(line.paid_micro for line in self.lines if line.kind in PAID_OUT)


def require_conserved(distribution: Distribution) -> None:
    """Raise `IssuanceBug` unless every micro-unit that came in is paid or kept, none negative.

    collections + support + reserves before + carry before = paid + reserves after + carry after
    """
    before, after = distribution.opening, distribution.closing
    came_in = distribution.collections_micro + distribution.support_micro
    came_in += before.reserve_micro + before.carry_micro
    paid, kept = distribution.paid_micro, after.reserve_micro + after.carry_micro
    if came_in != paid + kept:
        _bug(distribution, f"{came_in} came in, {paid} paid + {kept} kept = {paid + kept}")
    moved = dict.fromkeys(after.tranches, 0)
    for line in distribution.lines:
        if line.carry_micro and line.kind in TO_HOLDERS:
            moved[line.subject] += line.carry_micro
        if not 0 <= line.paid_micro <= line.due_micro:
            _bug(distribution, f"step {line.step} pays {line.paid_micro} of {line.due_micro} due")
    if min(*distribution.collections.amounts(), *_amounts(before), *_amounts(after)) < 0:
        _bug(distribution, "an amount is negative")
    for tranche, state in after.tranches.items():
        if before.tranches[tranche].carry_micro + moved[tranche] != state.carry_micro:
            _bug(distribution, f"the carry of {tranche} is not what its steps made it")


def _amounts(state: DealState) -> list[int]:
    amounts = [
        *state.reserves.values(),
        *state.fee_arrears.values(),
        *state.support_owed.values(),
        state.pool.balance_micro,
        state.pool.cumulative_defaulted_micro,
        state.pool.cumulative_losses_micro,
    ]
    for tranche in state.tranches.values():
        amounts += (
            tranche.units,
            tranche.outstanding_per_unit_micro,
            tranche.interest_shortfall_per_unit,
            tranche.principal_shortfall_per_unit,
            tranche.interest_carry_micro,
            tranche.principal_carry_micro,
            tranche.interest_on_shortfall_per_unit,
            tranche.written_down_per_unit_micro,
        )
    return amounts


def _bug(distribution: Distribution, what: str) -> NoReturn:
    raise IssuanceBug(f"distribution of period {distribution.period}: {what}")
