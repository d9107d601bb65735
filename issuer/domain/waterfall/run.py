"""The priority of payments: one period's cash, step by step, to the last micro-unit.

`distribute` takes the terms, the state after the last payment and the period's inputs, and says what
each step owes, what it gets, and the state that follows. All amounts are integers in coin
micro-units. Three rules decide every figure:

- Tranches are paid an integer amount *per unit*, so that units x per unit is exact for any holder.
  Interest per unit is rounded once, by the tranche's rounding; what rounding drops is dropped, finally.
- A step that runs short pays what divides by the units. The rest, less than one micro-unit per
  unit, stays as that tranche's carry and joins the same step next period.
- What was due and not paid is a shortfall (tranches) or an arrear (fees), due again next period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial

from issuer.domain.errors import Complaint, InvalidInput, IssuanceBug
from issuer.domain.pro_rata import split
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure
from issuer.domain.waterfall.distribution import (
    Distribution,
    Kind,
    PaymentLine,
    TestResult,
    require_conserved,
)
from issuer.domain.waterfall.door import blame, require_payable
from issuer.domain.waterfall.dues import charge, dues
from issuer.domain.waterfall.measuring import Pots, measure
from issuer.domain.waterfall.state import DealState, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Sharing, Source, Step
from issuer.domain.waterfall.structure import Moment, Structure, Tranche
from issuer.domain.waterfall.switches import conclude, make_test, make_tests, mode_of
from issuer.domain.waterfall.tranche_run import TrancheRun

CASH = "cash"
"""The payee of what flows back into the period's own cash."""


def distribute(
    structure: Structure, state: DealState, inputs: Inputs, period: Period
) -> Distribution:
    """Pay one period. `structure` passes `check_structure` and `state` is its own.

    Raises `InvalidInput` for amounts below zero, where the fixing of a floating rate is missing, and
    where terms that no check has passed cannot be carried out; and `IssuanceBug` if money would
    appear or vanish, or an amount turn negative.
    """
    require_payable(structure, state, inputs, period.number)
    try:
        return _distribute(structure, state, inputs, period)
    except (IssuanceBug, ArithmeticError, LookupError, TypeError) as error:
        blame(structure, error)
        raise


def _distribute(
    structure: Structure, state: DealState, inputs: Inputs, period: Period
) -> Distribution:
    run = _Run(structure, state, inputs, period)
    run.tests += make_tests(structure, state, period.number, run.measured)
    failed = {each.id for each in run.tests if not each.passed} | set(state.failed)
    mode = mode_of(structure, failed, inputs.standing)
    run.carry_out_all(structure.steps(mode), failed, first=1)
    if any(run.pots.cash.values()):
        raise IssuanceBug(f"period {period.number}: {run.pots.cash} is left without a destination")
    closing_tests, still_failed = conclude(
        structure, tuple(run.tests), failed, period.number, run.measured
    )
    distribution = Distribution(
        period=period.number,
        collections=inputs.collections,
        opening=state,
        closing=run.closing(still_failed),
        lines=tuple(run.lines),
        per_unit=tuple(
            run.pots.tranches[t.id].figures()
            for t in structure.tranches
            if t.id in run.touched or t.tokenised
        ),
        mode=mode,
        tests=closing_tests,
        standing=inputs.standing,
    )
    require_conserved(distribution)
    return distribution


def run_deal(
    structure: Structure,
    inputs: Sequence[Inputs],
    periods: Sequence[Period],
    state: DealState | None = None,
) -> tuple[Distribution, ...]:
    """Pay period after period, each from where the last one ended; the first from `state`, or from
    closing. Raises `InvalidInput` for more inputs than periods, and as `distribute` does.
    """
    if len(inputs) > len(periods):
        message = f"are {len(inputs)} for {len(periods)} periods: give no more than one for each"
        raise InvalidInput("deal", [Complaint("/inputs", "waterfall.inputs.count", message)])
    paid: list[Distribution] = []
    for each, period in zip(inputs, periods, strict=False):
        state = paid[-1].closing if paid else state or opening_state(structure)
        paid.append(distribute(structure, state, each, period))
    return tuple(paid)


class _Run:
    """The cash of one period on its way down the steps; lives only inside `distribute`."""

    def __init__(
        self, structure: Structure, state: DealState, inputs: Inputs, period: Period
    ) -> None:
        self.structure, self.inputs, self.payment = structure, inputs, period.number
        self.tests: list[TestResult] = []
        self.lines: list[PaymentLine] = []
        self.touched: set[str] = set()
        self.pots = Pots(
            cash={
                Source.INTEREST: inputs.collections.interest_micro
                + inputs.collections.revenue_micro,
                Source.PRINCIPAL: inputs.collections.principal_micro
                + inputs.collections.recoveries_micro,
            },
            reserves=dict(state.reserves),
            fees_due={},
            support_left=dict(inputs.support_micro),
            support_owed=dict(state.support_owed),
            tranches={
                tranche.id: TrancheRun(
                    tranche,
                    state.tranches[tranche.id],
                    dues(tranche, state.tranches[tranche.id], period, inputs.fixings),
                )
                for tranche in structure.tranches
            },
            pool_before=state.pool,
            pool=state.pool.after(inputs.collections),
            collections=inputs.collections,
        )
        self.notes = [note.id for note in structure.notes]
        for fee in structure.fees:
            charged = charge(fee, inputs.collections.cash_micro, period, self.measured)
            self.pots.fees_due[fee.id] = charged + state.fee_arrears.get(fee.id, 0)

    def measured(self, what: Measure, ids: tuple[str, ...]) -> int:
        return measure(self.pots, what, ids)

    def closing(self, failed: tuple[str, ...]) -> DealState:
        return DealState(
            {name: run.state() for name, run in self.pots.tranches.items()},
            self.pots.reserves,
            self.pots.fees_due,
            self.pots.support_owed,
            self.pots.pool,
            failed,
        )

    def carry_out_all(self, steps: Sequence[Step], failed: set[str], first: int) -> None:
        number = first
        for step in steps:
            if isinstance(step, do.When):
                self._branch(number, step, failed)
                number += do.count([step])
            else:
                self._carry_out(number, step)
                number += 1

    def _branch(self, number: int, step: do.When, failed: set[str]) -> None:
        self._make_on_the_way(step.failed, failed)
        way = "then" if step.failed in failed else "otherwise"
        self._line(number, Kind.TEST, step.failed, way, 0, 0)
        if step.failed in failed:
            self.carry_out_all(step.then, failed, number + 1)
        else:
            self.carry_out_all(step.otherwise, failed, number + 1 + do.count(step.then))

    def _make_on_the_way(self, test_id: str, failed: set[str]) -> None:
        test = self.structure.test(test_id)
        if test.moment is not Moment.STEP or self.payment < test.from_payment:
            return
        made = make_test(test, self.measured, test_id in failed and not test.curable)
        self.tests.append(made)
        (failed.discard if made.passed else failed.add)(test_id)

    def _carry_out(self, number: int, step: Step) -> None:  # noqa: C901  one case per kind of step
        match step:
            case do.PayFee():
                self._fees(number, step)
            case do.PayInterest():
                self._interest(number, step, Kind.INTEREST)
            case do.PayInterestOnInterest():
                self._interest(number, step, Kind.INTEREST_ON_INTEREST)
            case do.Capitalise(ids):
                for tranche_id in ids:
                    run = self._tranche(tranche_id)
                    added = run.capitalise() * run.units
                    self._line(number, Kind.CAPITALISED, tranche_id, tranche_id, added, added)
            case do.PayPrincipal():
                self._principal(number, step)
            case do.TopUp():
                self._top_up(number, step)
            case do.Release(reserve):
                self._release(number, reserve)
            case do.RepaySupport():
                owed = self.pots.support_owed[step.sponsor]
                paid = self._spend(min(owed, self._cash(step.source)), step.source)
                self.pots.support_owed[step.sponsor] -= paid
                payee = self.structure.sponsor(step.sponsor).payee
                self._line(number, Kind.SUPPORT_REPAID, step.sponsor, payee, owed, paid)
            case do.Purchase():
                over = step.until_payment is not None and self.payment > step.until_payment
                due = 0 if over else step.limit.value(self.measured)
                paid = self._spend(min(due, self._cash(step.source)), step.source)
                self._line(number, Kind.PURCHASE, step.payee, step.payee, due, paid)
            case do.PutBack():
                if self.payment in step.payments:
                    self._put_back(number, step)
            case do.WriteDown(ids, amount):
                self._write(number, ids, amount, Kind.WRITE_DOWN)
            case do.WriteUp(ids, amount):
                self._write(number, ids, amount, Kind.WRITE_UP)
            case do.PayResidual(tranche_id):
                paid = self._spend(self._cash(do.ALL_CASH), do.ALL_CASH)
                payee = _payee(self.structure.tranche(tranche_id))
                self._line(number, Kind.RESIDUAL, tranche_id, payee, paid, paid)
            case do.When():
                raise IssuanceBug("a branch is carried out by its own function")

    # ---- what pays

    def _fees(self, number: int, step: do.PayFee) -> None:
        wanted = sum(self.pots.fees_due[fee] for fee in step.fees)
        limit = wanted if step.limit is None else min(wanted, step.limit.value(self.measured))
        self._stand_in(number, limit, step.source, step.support)
        for fee_id in step.fees:
            due = self.pots.fees_due[fee_id]
            paid = self._spend(min(due, limit, self._cash(step.source)), step.source)
            limit -= paid
            self.pots.fees_due[fee_id] = due - paid
            payee = self.structure.fee(fee_id).payee
            self._line(number, Kind.FEE, fee_id, payee, due, paid)

    def _interest(
        self, number: int, step: do.PayInterest | do.PayInterestOnInterest, kind: Kind
    ) -> None:
        runs = [self._tranche(each) for each in step.tranches]
        needs = [_need(run, kind, run.unpaid(kind)) for run in runs]
        self._stand_in(number, sum(needs), step.source, step.support)
        for run, budget in self._budgets(runs, needs, step.sharing, step.source, None):
            due = run.unpaid(kind)
            self._pay(number, run, kind, due, budget(), step.source, due * run.units)

    def _principal(self, number: int, step: do.PayPrincipal) -> None:
        runs = [self._tranche(each) for each in step.tranches]
        turbo = step.mode is PrincipalMode.AVAILABLE
        per_unit = [run.outstanding if turbo else run.unpaid(Kind.PRINCIPAL) for run in runs]
        needs = [_need(run, Kind.PRINCIPAL, due) for run, due in zip(runs, per_unit, strict=True)]
        limit = None if step.limit is None else step.limit.value(self.measured)
        if step.until is not None:
            reach = self._cash(step.source) + sum(map(self._left_of, step.support))
            most = min([sum(needs), reach, *([] if limit is None else [limit])])
            limit = self._least_that_cures(number, step, most)
        wanted = sum(needs) if limit is None else min(sum(needs), limit)
        self._stand_in(number, wanted, step.source, step.support)
        left = limit
        budgets = self._budgets(runs, needs, step.sharing, step.source, limit)
        for (run, budget), due, need in zip(budgets, per_unit, needs, strict=True):
            funds = budget() if left is None else min(budget(), left)
            owed = due * run.units
            if turbo:  # what is there, or the limit, is all that this step promises anybody
                owed = min(need, funds if left is None else left) + run.carry[Kind.PRINCIPAL]
            taken = self._pay(number, run, Kind.PRINCIPAL, due, funds, step.source, owed)
            if left is not None:
                left = max(left - taken, 0)

    def _least_that_cures(self, number: int, step: do.PayPrincipal, most: int) -> int:
        """The least that lets the test of `until` pass, or `most`: halved, as paying more only helps."""
        test = self.structure.test(step.until or "")

        def passes(paid: int) -> bool:
            trial = copy(self)
            trial.pots, trial.lines, trial.touched = self.pots.copy(), [], set()
            _Run._principal(trial, number, replace(step, until=None, limit=Amount(plus_micro=paid)))
            return make_test(test, trial.measured).passed

        if passes(0):
            return 0
        fails, enough = 0, most
        while enough - fails > 1:
            middle = (fails + enough) // 2
            if passes(middle):
                enough = middle
            else:
                fails = middle
        return enough

    def _pay(
        self,
        number: int,
        run: TrancheRun,
        kind: Kind,
        due: int,
        funds_micro: int,
        source: tuple[Source, ...],
        owed_micro: int,
    ) -> int:
        """Pay one tranche up to `due` per unit; answers the cash it took."""
        paid, taken, carry = run.pay(kind, due, funds_micro)
        self._spend(taken, source)
        amount = paid * run.units
        if owed_micro != due * run.units:
            owed_micro -= run.carry[Kind.PRINCIPAL]  # kept for these very holders, not withheld
        self._line(number, kind, run.tranche.id, _payee(run.tranche), owed_micro, amount, carry)
        return taken

    def _budgets(
        self,
        runs: list[TrancheRun],
        needs: list[int],
        sharing: Sharing,
        source: tuple[Source, ...],
        limit: int | None,
    ) -> list[tuple[TrancheRun, Callable[[], int]]]:
        """Each tranche with the cash it may take: all that is left, or its share by need."""
        if sharing is Sharing.SEQUENTIAL:
            return [(run, lambda: self._cash(source)) for run in runs]
        together = min(self._cash(source), sum(needs))
        if limit is not None:
            together = min(together, limit)
        shares = split(together, needs)
        return [(run, partial(int, share)) for run, share in zip(runs, shares, strict=True)]

    def _put_back(self, number: int, step: do.PutBack) -> None:
        """Only what redeems whole units is brought in: support for parts of one would pay others."""
        runs = [self._tranche(each) for each in step.tranches]
        reach = self._cash(step.source) + sum(map(self._left_of, step.support))
        redeemed: list[tuple[TrancheRun, int, int]] = []
        for run in runs:
            asked = min(self.inputs.put_units.get(run.tranche.id, 0), run.units)
            paid = run.put_back(asked, reach)
            reach -= paid
            redeemed.append((run, asked * run.outstanding, paid))
        self._stand_in(number, sum(paid for _, _, paid in redeemed), step.source, step.support)
        for run, price, paid in redeemed:
            self._spend(paid, step.source)
            self._line(number, Kind.PUT_BACK, run.tranche.id, _payee(run.tranche), price, paid)

    # ---- reserves, sponsors, write-downs

    def _top_up(self, number: int, step: do.TopUp) -> None:
        due = max(self._target(step.reserve) - self.pots.reserves[step.reserve], 0)
        paid = self._spend(min(due, self._cash(step.source)), step.source)
        self.pots.reserves[step.reserve] += paid
        self._line(number, Kind.TOP_UP, step.reserve, step.reserve, due, paid)

    def _release(self, number: int, reserve: str) -> None:
        excess = max(self.pots.reserves[reserve] - self._target(reserve), 0)
        self._move_in(number, Kind.RELEASE, reserve, excess, excess)
        self.pots.reserves[reserve] -= excess

    def _target(self, reserve_id: str) -> int:
        reserve = self.structure.reserve(reserve_id)
        notes = [self.pots.tranches[each] for each in self.notes]
        if not any(run.outstanding and run.units for run in notes):
            return 0
        if reserve.final_payment is not None and self.payment >= reserve.final_payment:
            return 0
        return reserve.target.value(self.measured)

    def _stand_in(
        self, number: int, needed: int, source: tuple[Source, ...], support: tuple[str, ...]
    ) -> None:
        """Bring in what the cash lacks from those who stand in, in their order."""
        for name in support:
            lacking = max(needed - self._cash(source), 0)
            if name in self.pots.reserves:
                drawn = min(lacking, self.pots.reserves[name])
                self.pots.reserves[name] -= drawn
                self._move_in(number, Kind.DRAW, name, lacking, drawn, source[0])
                continue
            given = min(lacking, self._means(name))
            self.pots.support_left[name] = self.pots.support_left.get(name, 0) - given
            self.pots.support_owed[name] += given
            self._move_in(number, Kind.SUPPORT, name, lacking, given, source[0])

    def _left_of(self, name: str) -> int:
        """What a reserve or a sponsor can stand in with."""
        held = self.pots.reserves.get(name)
        return self._means(name) if held is None else held

    def _means(self, sponsor_id: str) -> int:
        sponsor = self.structure.sponsor(sponsor_id)
        means = self.pots.support_left.get(sponsor_id, 0)
        if sponsor.limit_micro is None:
            return means
        return max(min(means, sponsor.limit_micro - self.pots.support_owed[sponsor_id]), 0)

    def _write(self, number: int, ids: tuple[str, ...], amount: Amount, kind: Kind) -> None:
        left = amount.value(self.measured)
        for tranche_id in ids:
            run, due = self._tranche(tranche_id), left
            done = run.write_down(left) if kind is Kind.WRITE_DOWN else run.write_up(left)
            left = max(left - done, 0)
            self._line(number, kind, tranche_id, tranche_id, max(due, done), done)

    # ---- cash and lines

    def _tranche(self, tranche_id: str) -> TrancheRun:
        self.touched.add(tranche_id)
        return self.pots.tranches[tranche_id]

    def _cash(self, source: tuple[Source, ...]) -> int:
        cash, found = self.pots.cash, 0
        for each in source:
            found += cash[each]
        return found

    def _spend(self, amount: int, source: tuple[Source, ...]) -> int:
        """Take the amount from the sources in their order; a negative amount goes back."""
        left = amount
        for each in source:
            taken = min(left, self.pots.cash[each])
            self.pots.cash[each] -= taken
            left -= taken
        if left:
            raise IssuanceBug(f"{left} of {amount} could not be taken from {source}")
        return amount

    def _move_in(
        self,
        number: int,
        kind: Kind,
        subject: str,
        due: int,
        amount: int,
        source: Source = Source.INTEREST,
    ) -> None:
        self.pots.cash[source] += amount
        self._line(number, kind, subject, CASH, due, amount)

    def _line(
        self,
        number: int,
        kind: Kind,
        subject: str,
        payee: str,
        due: int,
        paid: int,
        carry: int = 0,
    ) -> None:
        self.lines.append(PaymentLine(number, kind, subject, payee, due, paid, due - paid, carry))


def _need(run: TrancheRun, kind: Kind, due: int) -> int:
    """The cash it takes to pay `due` per unit, beside the carry."""
    pot = Kind.PRINCIPAL if kind is Kind.PRINCIPAL else Kind.INTEREST
    return max(due * run.units - run.carry[pot], 0)


def _payee(tranche: Tranche) -> str:
    return tranche.retained_by or tranche.id
