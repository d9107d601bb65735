"""One tranche on its way through a period's steps; lives only inside `distribute`."""

from __future__ import annotations

from copy import copy

from issuer.domain.waterfall.distribution import Kind, PerUnit
from issuer.domain.waterfall.dues import Dues
from issuer.domain.waterfall.state import TrancheState
from issuer.domain.waterfall.structure import Direction, PrincipalRule, Tranche


class TrancheRun:
    """What the tranche is still due, per unit, and what the steps have done to it so far."""

    def __init__(self, tranche: Tranche, state: TrancheState, dues: Dues) -> None:
        self.tranche, self.opening, self.dues = tranche, state, dues
        self.units = state.units
        self.outstanding = state.outstanding_per_unit_micro
        self.written_down = state.written_down_per_unit_micro
        self.carry = {
            Kind.INTEREST: state.interest_carry_micro,
            Kind.PRINCIPAL: state.principal_carry_micro,
        }
        self.paid = {Kind.INTEREST: 0, Kind.INTEREST_ON_INTEREST: 0, Kind.PRINCIPAL: 0}
        self.capitalised = 0

    def copy(self) -> TrancheRun:
        """The same, to try out a step on."""
        twin = copy(self)
        twin.carry, twin.paid = dict(self.carry), dict(self.paid)
        return twin

    def unpaid(self, kind: Kind) -> int:
        """Per unit: what is due of this kind and not yet paid."""
        paid = self.paid[kind]
        if kind is Kind.INTEREST:
            return self.dues.interest - paid - self.capitalised
        if kind is Kind.INTEREST_ON_INTEREST:
            return self.dues.interest_on_interest - paid
        return min(max(self.dues.principal - paid, 0), self.outstanding)

    def pay(self, kind: Kind, due: int, funds_micro: int) -> tuple[int, int, int]:
        """Pay up to `due` per unit out of `funds_micro` and the carry.

        Answers (paid per unit, cash taken, rise of the carry). What does not divide by the units
        stays as carry; a carry that is more than what is due goes back, so the cash taken may be
        negative.
        """
        pot = Kind.PRINCIPAL if kind is Kind.PRINCIPAL else Kind.INTEREST
        before = self.carry[pot]
        funds = funds_micro + before
        if self.units == 0 or funds >= due * self.units:
            paid, after = due if self.units else 0, 0
            taken = paid * self.units - before
        else:
            paid = funds // self.units
            after = funds - paid * self.units
            taken = funds_micro
        self.carry[pot] = after
        self.paid[kind] += paid
        if kind is Kind.PRINCIPAL:
            self.outstanding -= paid
        return paid, taken, after - before

    def capitalise(self) -> int:
        """Add the interest due to what is outstanding; answers how much per unit."""
        added = self.unpaid(Kind.INTEREST)
        self.capitalised += added
        self.outstanding += added
        return added

    def put_back(self, units: int, funds_micro: int) -> int:
        """Redeem as many of the units as the funds reach; answers their price."""
        price = self.outstanding
        if self.unpaid(Kind.INTEREST) or self.unpaid(Kind.INTEREST_ON_INTEREST) or not price:
            return 0
        redeemed = min(units, self.units, funds_micro // price)
        self.units -= redeemed
        return redeemed * price

    def write_down(self, amount_micro: int) -> int:
        """Write down by the amount, rounded per unit as the terms say; answers how much in all."""
        if not self.units:
            return 0
        per_unit, rest = divmod(amount_micro, self.units)
        if rest and self.tranche.write_down_rounding is Direction.UP:
            per_unit += 1
        per_unit = min(per_unit, self.outstanding)
        self.outstanding -= per_unit
        self.written_down += per_unit
        return per_unit * self.units

    def write_up(self, amount_micro: int) -> int:
        """Reverse write-downs, never by more than the amount; answers how much in all."""
        if not self.units:
            return 0
        per_unit = min(amount_micro // self.units, self.written_down)
        self.outstanding += per_unit
        self.written_down -= per_unit
        return per_unit * self.units

    def state(self) -> TrancheState:
        """What the tranche carries to the next payment."""
        planned = self.tranche.principal_rule is PrincipalRule.PLANNED_BALANCE
        return TrancheState(
            units=self.units,
            outstanding_per_unit_micro=self.outstanding,
            interest_shortfall_per_unit=self.unpaid(Kind.INTEREST),
            interest_on_shortfall_per_unit=self.unpaid(Kind.INTEREST_ON_INTEREST),
            # A planned balance remembers by itself what was not paid.
            principal_shortfall_per_unit=0 if planned else self.unpaid(Kind.PRINCIPAL),
            interest_carry_micro=self.carry[Kind.INTEREST],
            principal_carry_micro=self.carry[Kind.PRINCIPAL],
            written_down_per_unit_micro=self.written_down,
        )

    def figures(self) -> PerUnit:
        """The period in figures per unit; interest includes interest on interest."""
        interest_paid = self.paid[Kind.INTEREST] + self.paid[Kind.INTEREST_ON_INTEREST]
        unpaid = self.unpaid(Kind.INTEREST) + self.unpaid(Kind.INTEREST_ON_INTEREST)
        principal_paid, principal_unpaid = self.paid[Kind.PRINCIPAL], self.unpaid(Kind.PRINCIPAL)
        return PerUnit(
            tranche=self.tranche.id,
            units=self.opening.units,  # those that were paid: units are put back after that
            interest_due_micro=interest_paid + unpaid,
            interest_paid_micro=interest_paid,
            interest_shortfall_micro=unpaid,
            principal_due_micro=principal_paid + principal_unpaid,
            principal_paid_micro=principal_paid,
            principal_shortfall_micro=principal_unpaid,
            outstanding_before_micro=self.opening.outstanding_per_unit_micro,
            outstanding_after_micro=self.outstanding,
            capitalised_micro=self.capitalised,
            written_down_micro=self.written_down - self.opening.written_down_per_unit_micro,
        )
