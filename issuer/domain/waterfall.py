"""The priority of payments: one period's cash, step by step, to the last micro-unit.

`distribute` takes the terms, the state after the last payment and the period's collections, and
says what each step owes, what it gets, and the state that follows. All amounts are integers in
coin micro-units. Three rules decide every figure:

- Tranches are paid an integer amount *per unit*, so that units x per unit is exact for any holder.
  Interest per unit is rounded down once; the fraction of a micro-unit is dropped, finally.
- A step that runs short pays what divides by the units. The rest, less than one micro-unit per
  unit, stays as that tranche's carry and joins the same step next period.
- What was due and not paid is a shortfall (tranches) or an arrear (fees), due again next period.
  Shortfalls bear no interest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from issuer.domain.deal import (
    Deal,
    FixedFee,
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    Step,
    TopUp,
    Tranche,
)
from issuer.domain.errors import IssuanceBug
from issuer.domain.money import floor_mul
from issuer.domain.schedule import Period


class Kind(StrEnum):
    """What a payment line pays."""

    FEE = "fee"
    INTEREST = "interest"
    TOP_UP = "top_up"
    PRINCIPAL = "principal"
    RESIDUAL = "residual"


@dataclass(frozen=True, slots=True)
class TrancheState:
    """A tranche between two payments. `units` are those issued, which may be fewer than planned."""

    units: int
    outstanding_per_unit_micro: int
    interest_shortfall_per_unit: int = 0
    principal_shortfall_per_unit: int = 0
    interest_carry_micro: int = 0
    principal_carry_micro: int = 0

    @property
    def carry_micro(self) -> int:
        """Cash kept for this tranche because it did not divide by the units."""
        return self.interest_carry_micro + self.principal_carry_micro


@dataclass(frozen=True, slots=True)
class DealState:
    """A deal between two payments: tranches by id, the reserve, unpaid fees by id."""

    tranches: Mapping[str, TrancheState]
    reserve_micro: int
    fee_arrears: Mapping[str, int]

    @property
    def carry_micro(self) -> int:
        """All cash kept as some tranche's carry."""
        return sum(state.carry_micro for state in self.tranches.values())


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One step carried out; `step` counts from 1.

    `subject` is the id of the fee, tranche or reserve. `payee` is who gets the money: a payee of
    the deal, the tranche itself where its token holders do, or the reserve.
    """

    step: int
    kind: Kind
    subject: str
    payee: str
    due_micro: int
    paid_micro: int
    shortfall_micro: int


@dataclass(frozen=True, slots=True)
class PerUnit:
    """What one unit of a tranche is owed and paid in a period; `due` includes old shortfalls."""

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

    @property
    def payable_micro(self) -> int:
        """Interest and principal paid on one unit."""
        return self.interest_paid_micro + self.principal_paid_micro

    @property
    def declared_micro(self) -> int:
        """What all units together are paid: exactly the sum of the holders' entitlements."""
        return self.payable_micro * self.units


@dataclass(frozen=True, slots=True)
class Distribution:
    """One period's payments, with the states before and after them."""

    period: int
    collections_micro: int
    opening: DealState
    closing: DealState
    lines: tuple[PaymentLine, ...]
    per_unit: tuple[PerUnit, ...]

    def of(self, tranche_id: str) -> PerUnit:
        """The per-unit figures of one tranche; `KeyError` if no step pays it per unit."""
        for figures in self.per_unit:
            if figures.tranche == tranche_id:
                return figures
        raise KeyError(tranche_id)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one investor is owed for the units held at the record date."""

    investor: str
    units: int
    interest_micro: int
    principal_micro: int

    @property
    def total_micro(self) -> int:
        """Interest and principal together."""
        return self.interest_micro + self.principal_micro


def opening_state(deal: Deal, issued: Mapping[str, int] | None = None) -> DealState:
    """The state at closing: nothing paid, nothing owed, the reserve as funded.

    `issued` gives the units sold of each tranche where they are fewer than the terms allow.
    """
    sold = issued or {}
    return DealState(
        tranches={
            tranche.id: TrancheState(
                sold.get(tranche.id, tranche.units), tranche.denomination_micro
            )
            for tranche in deal.tranches
        },
        reserve_micro=deal.reserve.opening_micro if deal.reserve else 0,
        fee_arrears={fee.id: 0 for fee in deal.fees},
    )


def distribute(
    deal: Deal, state: DealState, collections_micro: int, period: Period
) -> Distribution:
    """Pay one period. `deal` is valid and `state` its own; `collections_micro` is zero or more.

    Raises `IssuanceBug` if money would appear or vanish, or an amount turn negative.
    """
    if collections_micro < 0:
        raise IssuanceBug(f"collections of period {period.number} are {collections_micro}")
    run = _Run(deal, state, collections_micro, period)
    for number, step in enumerate(deal.waterfall, start=1):
        run.carry_out(number, step)
    distribution = Distribution(
        period=period.number,
        collections_micro=collections_micro,
        opening=state,
        closing=DealState(run.tranches, run.reserve_micro, run.arrears),
        lines=tuple(run.lines),
        per_unit=tuple(run.figures(t) for t in deal.tranches if t.id in run.per_unit),
    )
    require_conserved(distribution)
    return distribution


def require_conserved(distribution: Distribution) -> None:
    """Raise `IssuanceBug` unless every micro-unit that came in is paid or kept, none negative.

    collections + reserve before + carry before = paid + reserve after + carry after
    """
    before, after = distribution.opening, distribution.closing
    came_in = distribution.collections_micro + before.reserve_micro + before.carry_micro
    paid = sum(line.paid_micro for line in distribution.lines if line.kind is not Kind.TOP_UP)
    kept = after.reserve_micro + after.carry_micro
    if came_in != paid + kept:
        _bug(distribution, f"{came_in} came in, {paid} paid + {kept} kept = {paid + kept}")
    for line in distribution.lines:
        if not 0 <= line.paid_micro <= line.due_micro:
            _bug(distribution, f"step {line.step} pays {line.paid_micro} of {line.due_micro} due")
    if min(distribution.collections_micro, *_amounts(before), *_amounts(after)) < 0:
        _bug(distribution, "an amount is negative")


def entitlement(per_unit: PerUnit, investor: str, units: int) -> Entitlement:
    """What `investor` is owed for `units`: exact, because nothing is divided."""
    if not 0 <= units <= per_unit.units:
        raise IssuanceBug(f"{investor} holds {units} of {per_unit.units} {per_unit.tranche} units")
    return Entitlement(
        investor,
        units,
        units * per_unit.interest_paid_micro,
        units * per_unit.principal_paid_micro,
    )


def entitlements(per_unit: PerUnit, holdings: Mapping[str, int]) -> tuple[Entitlement, ...]:
    """Split a tranche's payment among the holders of record, in the order of `holdings`.

    Raises `IssuanceBug` unless the holdings add up to the units paid: a snapshot that does not is
    of another date, or wrong.
    """
    held = sum(holdings.values())
    if held != per_unit.units:
        raise IssuanceBug(
            f"holders of {per_unit.tranche} have {held} units, {per_unit.units} are paid"
        )
    return tuple(entitlement(per_unit, investor, units) for investor, units in holdings.items())


class _Run:
    """The cash of one period on its way down the steps; lives only inside `distribute`."""

    def __init__(
        self, deal: Deal, state: DealState, collections_micro: int, period: Period
    ) -> None:
        self.deal, self.opening, self.period = deal, state, period
        self.collections_micro = collections_micro
        self.cash = collections_micro
        self.tranches = dict(state.tranches)
        self.reserve_micro = state.reserve_micro
        self.arrears = dict(state.fee_arrears)
        self.lines: list[PaymentLine] = []
        self.per_unit: dict[str, dict[Kind, tuple[int, int]]] = {}

    def carry_out(self, number: int, step: Step) -> None:
        match step:
            case PayFee(fee):
                self._fee(number, fee)
            case PayInterest(tranche):
                self._interest(number, self.deal.tranche(tranche))
            case TopUp(reserve):
                self._top_up(number, reserve)
            case PayPrincipal(tranche):
                self._principal(number, self.deal.tranche(tranche))
            case PayResidual(tranche):
                payee = _payee(self.deal.tranche(tranche))
                self._line(number, Kind.RESIDUAL, tranche, payee, self.cash, self.cash)
                self.cash = 0

    def figures(self, tranche: Tranche) -> PerUnit:
        steps = self.per_unit[tranche.id]
        interest_due, interest_paid = steps.get(Kind.INTEREST, (0, 0))
        principal_due, principal_paid = steps.get(Kind.PRINCIPAL, (0, 0))
        return PerUnit(
            tranche=tranche.id,
            units=self.tranches[tranche.id].units,
            interest_due_micro=interest_due,
            interest_paid_micro=interest_paid,
            interest_shortfall_micro=interest_due - interest_paid,
            principal_due_micro=principal_due,
            principal_paid_micro=principal_paid,
            principal_shortfall_micro=principal_due - principal_paid,
            outstanding_before_micro=self.opening.tranches[tranche.id].outstanding_per_unit_micro,
            outstanding_after_micro=self.tranches[tranche.id].outstanding_per_unit_micro,
        )

    def _fee(self, number: int, fee_id: str) -> None:
        fee = self.deal.fee(fee_id)
        if isinstance(fee, FixedFee):
            charged = fee.amount_micro
        else:
            charged = floor_mul(self.collections_micro, fee.share)
        due = charged + self.arrears.get(fee_id, 0)
        paid = min(due, self.cash)
        self.cash -= paid
        self.arrears[fee_id] = due - paid
        self._line(number, Kind.FEE, fee_id, fee.payee, due, paid)

    def _top_up(self, number: int, reserve_id: str) -> None:
        target = self.deal.reserve.target_micro if self.deal.reserve else 0
        due = max(target - self.reserve_micro, 0)
        paid = min(due, self.cash)
        self.cash -= paid
        self.reserve_micro += paid
        self._line(number, Kind.TOP_UP, reserve_id, reserve_id, due, paid)

    def _interest(self, number: int, tranche: Tranche) -> None:
        state = self.tranches[tranche.id]
        # Interest accrues on what was outstanding through the period, whatever the order of steps.
        outstanding = self.opening.tranches[tranche.id].outstanding_per_unit_micro
        accrued = floor_mul(outstanding, (tranche.rate or 0) * self.period.year_fraction)
        due = accrued + state.interest_shortfall_per_unit
        paid, carry = self._per_unit(state.units, due, state.interest_carry_micro)
        self.tranches[tranche.id] = replace(
            state, interest_shortfall_per_unit=due - paid, interest_carry_micro=carry
        )
        self._tranche_line(number, Kind.INTEREST, tranche, due, paid)

    def _principal(self, number: int, tranche: Tranche) -> None:
        state = self.tranches[tranche.id]
        due = min(
            _scheduled(tranche, self.period.number) + state.principal_shortfall_per_unit,
            state.outstanding_per_unit_micro,
        )
        paid, carry = self._per_unit(state.units, due, state.principal_carry_micro)
        self.tranches[tranche.id] = replace(
            state,
            outstanding_per_unit_micro=state.outstanding_per_unit_micro - paid,
            principal_shortfall_per_unit=due - paid,
            principal_carry_micro=carry,
        )
        self._tranche_line(number, Kind.PRINCIPAL, tranche, due, paid)

    def _per_unit(self, units: int, due: int, carry: int) -> tuple[int, int]:
        """Pay `due` per unit as far as carry and cash reach; answers (paid per unit, new carry)."""
        funds = self.cash + carry
        if funds >= due * units:
            self.cash = funds - due * units
            return due, 0
        paid = funds // units
        self.cash = 0
        return paid, funds - paid * units

    def _tranche_line(self, number: int, kind: Kind, tranche: Tranche, due: int, paid: int) -> None:
        units = self.tranches[tranche.id].units
        self.per_unit.setdefault(tranche.id, {})[kind] = (due, paid)
        self._line(number, kind, tranche.id, _payee(tranche), due * units, paid * units)

    def _line(self, number: int, kind: Kind, subject: str, payee: str, due: int, paid: int) -> None:
        self.lines.append(PaymentLine(number, kind, subject, payee, due, paid, due - paid))


def _scheduled(tranche: Tranche, period: int) -> int:
    schedule = tranche.principal_schedule
    return schedule[period - 1] if 1 <= period <= len(schedule) else 0


def _payee(tranche: Tranche) -> str:
    return tranche.retained_by or tranche.id


def _amounts(state: DealState) -> list[int]:
    amounts = [state.reserve_micro, *state.fee_arrears.values()]
    for tranche in state.tranches.values():
        amounts += (
            tranche.units,
            tranche.outstanding_per_unit_micro,
            tranche.interest_shortfall_per_unit,
            tranche.principal_shortfall_per_unit,
            tranche.interest_carry_micro,
            tranche.principal_carry_micro,
        )
    return amounts


def _bug(distribution: Distribution, what: str) -> NoReturn:
    raise IssuanceBug(f"distribution of period {distribution.period}: {what}")
