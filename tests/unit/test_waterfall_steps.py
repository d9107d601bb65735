"""Each kind of step and each convention, with numbers small enough to follow by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.distribution import Distribution, Kind, PaymentLine
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Sharing, Source, Step
from issuer.domain.waterfall.structure import (
    NORMAL,
    BalanceFee,
    Comparison,
    Direction,
    FixedFee,
    Floating,
    InterestBase,
    Moment,
    PrincipalRule,
    Reserve,
    Sponsor,
    Structure,
    Test,
    Tranche,
)

TENTH = Fraction(1, 10)
RESIDUAL = do.PayResidual("S")
TURBO = PrincipalMode.AVAILABLE


def note(name: str, units: int = 1, face: int = 100, **terms: object) -> Tranche:
    """Notes at 10 % a period without a schedule."""
    defaults = {"rate": TENTH, "principal_schedule": ()}
    return Tranche(  # type: ignore[arg-type]
        name, name, False, None, name, units, face, **{**defaults, **terms}
    )


FIRST_LOSS = note("S", rate=None)


def terms(*steps: Step, notes: tuple[Tranche, ...] = (note("A"),), **more: object) -> Structure:
    fields = {"fees": (), "reserves": (), **more}
    return Structure(  # type: ignore[arg-type]
        tranches=(*notes, FIRST_LOSS), waterfall=(*steps, RESIDUAL), **fields
    )


def period(number: int = 1, fraction: Fraction = Fraction(1)) -> Period:
    day = date(2026, 7, 15)
    return Period(number, day, day, day, day, day, day, day, 365, fraction, False)


def pay(
    structure: Structure,
    cash: int | Collections,
    state: DealState | None = None,
    number: int = 1,
    **inputs: object,
) -> Distribution:
    collections = Collections(revenue_micro=cash) if isinstance(cash, int) else cash
    return distribute(
        structure,
        state or opening_state(structure),
        Inputs(collections, **inputs),  # type: ignore[arg-type]
        period(number),
    )


def line(result: Distribution, kind: Kind, subject: str) -> PaymentLine:
    (found,) = (each for each in result.lines if (each.kind, each.subject) == (kind, subject))
    return found


def paid(result: Distribution) -> dict[tuple[str, str], int]:
    return {(each.kind.value, each.subject): each.paid_micro for each in result.lines}


# ---- sharing


def test_pro_rata_interest_is_shared_by_what_is_due() -> None:
    notes = (note("A", face=300), note("B"))
    both = terms(do.PayInterest(("A", "B"), Sharing.PRO_RATA), notes=notes)
    assert paid(pay(both, 20)) == {
        ("interest", "A"): 15,
        ("interest", "B"): 5,
        ("residual", "S"): 0,
    }
    assert paid(pay(both, 50)) == {
        ("interest", "A"): 30,
        ("interest", "B"): 10,
        ("residual", "S"): 10,
    }


def test_sequential_interest_fills_the_first_before_the_second() -> None:
    notes = (note("A", face=300), note("B"))
    result = pay(terms(do.PayInterest(("A", "B")), notes=notes), 35)
    assert paid(result) == {("interest", "A"): 30, ("interest", "B"): 5, ("residual", "S"): 0}


def test_pro_rata_principal_is_shared_by_what_is_outstanding_and_rounded_once() -> None:
    notes = (note("A", face=200, rate=None), note("B", rate=None))
    both = terms(do.PayPrincipal(("A", "B"), TURBO, Sharing.PRO_RATA), notes=notes)
    assert paid(pay(both, 100)) == {
        ("principal", "A"): 67,
        ("principal", "B"): 33,
        ("residual", "S"): 0,
    }


def test_turbo_pays_one_class_off_and_goes_on_to_the_next() -> None:
    notes = (note("A", rate=None), note("B", rate=None))
    result = pay(terms(do.PayPrincipal(("A", "B"), TURBO), notes=notes), 130)
    assert paid(result) == {
        ("principal", "A"): 100,
        ("principal", "B"): 30,
        ("residual", "S"): 0,
    }
    assert [each.shortfall_micro for each in result.lines] == [0, 0, 0]
    assert result.closing.tranches["B"].outstanding_per_unit_micro == 70


def test_turbo_keeps_what_does_not_divide_as_carry() -> None:
    thirds = terms(do.PayPrincipal(("A",), TURBO), notes=(note("A", units=3, rate=None),))
    first = pay(thirds, 100)
    assert line(first, Kind.PRINCIPAL, "A").paid_micro == 99
    assert line(first, Kind.PRINCIPAL, "A").shortfall_micro == 0
    assert first.closing.carry_micro == 1
    second = pay(thirds, 2, first.closing, 2)
    assert line(second, Kind.PRINCIPAL, "A").paid_micro == 3
    assert second.closing.carry_micro == 0


def test_limit_bounds_what_a_step_pays_and_is_what_it_owes() -> None:
    limit = of(Measure.PRINCIPAL_COLLECTIONS)
    pass_through = terms(do.PayPrincipal(("A",), TURBO, limit=limit), notes=(note("A", rate=None),))
    plenty = pay(pass_through, Collections(principal_micro=30, interest_micro=20))
    assert paid(plenty) == {("principal", "A"): 30, ("residual", "S"): 20}
    own = do.PayPrincipal(("A",), TURBO, limit=limit, source=(Source.PRINCIPAL,))
    lean = pay(
        terms(
            do.PayFee(("f",)), own, notes=(note("A", rate=None),), fees=(FixedFee("f", "p", 10),)
        ),
        Collections(principal_micro=30),
    )
    assert line(lean, Kind.PRINCIPAL, "A").due_micro == 30
    assert line(lean, Kind.PRINCIPAL, "A").shortfall_micro == 10


def test_step_takes_only_the_cash_it_names() -> None:
    from_interest = terms(do.PayInterest(("A",), source=(Source.INTEREST,)))
    result = pay(from_interest, Collections(interest_micro=4, principal_micro=50))
    assert paid(result) == {("interest", "A"): 4, ("residual", "S"): 50}


# ---- what is due


def test_planned_balance_is_made_good_after_an_early_payment() -> None:
    planned = note(
        "A",
        rate=None,
        principal_schedule=(40, 40, 20),
        principal_rule=PrincipalRule.PLANNED_BALANCE,
    )
    turbo_first = terms(do.PayPrincipal(("A",)), notes=(planned,))
    short = pay(turbo_first, 10)
    assert short.of("A").principal_shortfall_micro == 30
    assert short.closing.tranches["A"].principal_shortfall_per_unit == 0
    second = pay(turbo_first, 1000, short.closing, 2)
    assert line(second, Kind.PRINCIPAL, "A").paid_micro == 70  # down to the planned 20
    early = opening_state(turbo_first)  # less is outstanding than planned: nothing more is due
    ahead = replace(
        early,
        tranches={
            **early.tranches,
            "A": replace(early.tranches["A"], outstanding_per_unit_micro=25),
        },
    )
    assert line(pay(turbo_first, 1000, ahead, 1), Kind.PRINCIPAL, "A").due_micro == 0


@pytest.mark.parametrize(
    ("mode", "to", "expected"),
    [
        (RoundingMode.DOWN, 1, 2),
        (RoundingMode.UP, 1, 3),
        (RoundingMode.HALF_UP, 1, 3),
        (RoundingMode.HALF_EVEN, 1, 2),
        (RoundingMode.HALF_UP, 10, 0),
        (RoundingMode.UP, 10, 10),
    ],
)
def test_interest_is_rounded_by_the_tranche_s_own_rounding(
    mode: RoundingMode, to: int, expected: int
) -> None:
    aggregate = note("A", face=25, rounding=Rounding(mode, to))  # 2.5 due
    assert (
        pay(terms(do.PayInterest(("A",)), notes=(aggregate,)), 100).of("A").interest_due_micro
        == expected
    )


def test_shortfall_bears_interest_only_where_the_terms_say_so() -> None:
    bearing = note("A", shortfall_spread=Fraction(0))
    both = terms(do.PayInterest(("A",)), do.PayInterestOnInterest(("A",)), notes=(bearing,))
    unpaid = pay(both, 0).closing
    assert unpaid.tranches["A"].interest_shortfall_per_unit == 10
    second = pay(both, 0, unpaid, 2).closing.tranches["A"]
    assert (second.interest_shortfall_per_unit, second.interest_on_shortfall_per_unit) == (20, 1)
    third = pay(both, 1000, pay(both, 0, unpaid, 2).closing, 3)
    assert line(third, Kind.INTEREST, "A").paid_micro == 30
    assert line(third, Kind.INTEREST_ON_INTEREST, "A").paid_micro == 3  # 1 + 10 % of 21, floored
    assert third.of("A").interest_paid_micro == 33
    plain = terms(do.PayInterest(("A",)))
    twice = pay(plain, 0, pay(plain, 0).closing, 2).closing.tranches["A"]
    assert twice.interest_on_shortfall_per_unit == 0


def test_accrual_tranche_adds_its_interest_to_what_is_outstanding() -> None:
    notes = (note("A"), note("Z"))
    to_a = Amount((Term(Measure.PRINCIPAL_COLLECTIONS), Term(Measure.CAPITALISED, ("Z",))))
    structure = terms(
        do.PayInterest(("A",)),
        do.Capitalise(("Z",)),
        do.PayPrincipal(("A", "Z"), TURBO, limit=to_a),
        notes=notes,
    )
    result = pay(structure, Collections(interest_micro=20, principal_micro=5))
    assert line(result, Kind.CAPITALISED, "Z").paid_micro == 10
    assert line(result, Kind.PRINCIPAL, "A").paid_micro == 15
    assert result.closing.tranches["Z"].outstanding_per_unit_micro == 110
    assert result.of("Z").capitalised_micro == 10
    assert line(result, Kind.RESIDUAL, "S").paid_micro == 0


FLOATING = note("A", rate=Floating("HIBOR-3M", TENTH, floor=Fraction(1, 20), cap=Fraction(3, 10)))


@pytest.mark.parametrize(
    ("fixing", "interest"),
    [
        (Fraction(5, 100), 15),
        (Fraction(-7, 100), 5),  # the floor
        (Fraction(-9, 10), 5),
        (Fraction(90, 100), 30),  # the cap
    ],
)
def test_floating_rate_stays_between_floor_and_cap(fixing: Fraction, interest: int) -> None:
    structure = terms(do.PayInterest(("A",)), notes=(FLOATING,))
    result = pay(structure, 100, fixings={"HIBOR-3M": fixing})
    assert result.of("A").interest_due_micro == interest


def test_floating_rate_without_a_fixing_is_refused_with_its_cure() -> None:
    with pytest.raises(InvalidInput, match="report the fixing") as refusal:
        pay(terms(do.PayInterest(("A",)), notes=(FLOATING,)), 100)
    assert refusal.value.complaints[0].path == "/fixings/HIBOR-3M"


# ---- fees


def test_fee_on_a_balance_is_a_yearly_share_of_it() -> None:
    fee = BalanceFee("servicer", "servicer", Fraction(1, 100), of(Measure.POOL_BEFORE))
    structure = terms(do.PayFee(("servicer",)), notes=(note("A", rate=None),), fees=(fee,))
    structure = replace(structure, pool_micro=1000, waterfall=(*structure.waterfall,))
    result = pay(structure, Collections(principal_micro=100, pool_micro=900))
    assert line(result, Kind.FEE, "servicer").paid_micro == 10
    second = pay(structure, Collections(pool_micro=800, principal_micro=100), result.closing, 2)
    assert line(second, Kind.FEE, "servicer").paid_micro == 9


def test_capped_fees_leave_the_rest_as_arrears_in_their_order() -> None:
    fees = (FixedFee("a", "p", 6), FixedFee("b", "p", 6))
    capped = terms(do.PayFee(("a", "b"), limit=Amount(plus_micro=10)), fees=fees)
    first = pay(capped, 100)
    assert (line(first, Kind.FEE, "a").paid_micro, line(first, Kind.FEE, "b").paid_micro) == (6, 4)
    assert first.closing.fee_arrears == {"a": 0, "b": 2}


# ---- reserves and sponsors

RESERVE = Reserve("r", Amount(plus_micro=20), 20)


def test_reserve_is_drawn_for_what_the_cash_lacks_and_filled_again() -> None:
    structure = terms(
        do.PayInterest(("A",), support=("r",)),
        do.TopUp("r"),
        do.Release("r"),
        reserves=(RESERVE,),
    )
    lean = pay(structure, 4)
    assert line(lean, Kind.DRAW, "r").paid_micro == 6
    assert line(lean, Kind.INTEREST, "A").paid_micro == 10
    assert lean.closing.reserves == {"r": 14}
    better = pay(structure, 13, lean.closing, 2)
    assert line(better, Kind.DRAW, "r").paid_micro == 0
    assert line(better, Kind.TOP_UP, "r").paid_micro == 3
    assert better.closing.reserves == {"r": 17}


def test_empty_reserve_gives_what_it_has() -> None:
    structure = terms(do.PayInterest(("A",), support=("r",)), do.Release("r"), reserves=(RESERVE,))
    drained = replace(opening_state(structure), reserves={"r": 3})
    result = pay(structure, 4, drained)
    assert (line(result, Kind.DRAW, "r").due_micro, line(result, Kind.DRAW, "r").paid_micro) == (
        6,
        3,
    )
    assert result.of("A").interest_shortfall_micro == 3


def test_reserve_is_released_above_a_target_that_follows_the_notes_and_wholly_at_the_end() -> None:
    falling = Reserve("r", of(Measure.OUTSTANDING, "A", times=Fraction(1, 5)), 20)
    structure = terms(
        do.PayPrincipal(("A",), TURBO),
        do.Release("r"),
        notes=(note("A", rate=None),),
        reserves=(falling,),
    )
    first = pay(structure, 50)
    assert line(first, Kind.RELEASE, "r").paid_micro == 10
    assert line(first, Kind.RESIDUAL, "S").paid_micro == 10
    last = pay(structure, 50, first.closing, 2)
    assert last.closing.reserves == {"r": 0}
    fixed = replace(structure, reserves=(RESERVE,))
    assert pay(fixed, 99).closing.reserves == {"r": 20}
    assert pay(fixed, 100).closing.reserves == {"r": 0}


PARENT = Sponsor("parent", "originator", limit_micro=8)


def test_sponsor_stands_in_up_to_its_limit_and_its_means_and_is_repaid() -> None:
    structure = terms(
        do.PayInterest(("A",), support=("r", "parent")),
        do.RepaySupport("parent"),
        do.Release("r"),
        reserves=(Reserve("r", Amount(plus_micro=20), 1),),
        sponsors=(PARENT,),
    )
    able = pay(structure, 0, support_micro={"parent": 100})
    assert line(able, Kind.DRAW, "r").paid_micro == 1
    assert line(able, Kind.SUPPORT, "parent").paid_micro == 8
    assert able.support_micro == 8
    assert able.of("A").interest_shortfall_micro == 1
    assert able.closing.support_owed == {"parent": 8}
    unable = pay(structure, 0)
    assert line(unable, Kind.SUPPORT, "parent").paid_micro == 0
    assert line(unable, Kind.SUPPORT, "parent").due_micro == 9
    later = pay(structure, 15, able.closing, 2)
    assert line(later, Kind.INTEREST, "A").paid_micro == 11
    repaid = line(later, Kind.SUPPORT_REPAID, "parent")
    assert (repaid.payee, repaid.due_micro, repaid.paid_micro) == ("originator", 8, 4)


def test_revolving_purchase_takes_principal_and_leaves_the_pool_to_the_report() -> None:
    buy = do.Purchase("originator", of(Measure.PRINCIPAL_COLLECTIONS), (Source.PRINCIPAL,))
    result = pay(
        terms(do.PayInterest(("A",)), buy), Collections(interest_micro=12, principal_micro=30)
    )
    assert paid(result) == {
        ("interest", "A"): 10,
        ("purchase", "originator"): 30,
        ("residual", "S"): 2,
    }


# ---- losses

LOSS = Amount((Term(Measure.CUMULATIVE_LOSSES), Term(Measure.WRITTEN_DOWN, (), Fraction(-1))))
RECOVERED = Amount((Term(Measure.WRITTEN_DOWN), Term(Measure.CUMULATIVE_LOSSES, (), Fraction(-1))))


def losing(direction: Direction = Direction.UP) -> Structure:
    notes = (
        note("A", units=3, rate=None, write_down_rounding=direction),
        note("B", units=2, face=20, rate=None, write_down_rounding=direction),
    )
    return terms(do.WriteDown(("B", "A"), LOSS), do.WriteUp(("A", "B"), RECOVERED), notes=notes)


def test_losses_are_written_down_from_the_most_junior_up() -> None:
    result = pay(losing(), Collections(losses_micro=46))
    assert line(result, Kind.WRITE_DOWN, "B").paid_micro == 40
    assert line(result, Kind.WRITE_DOWN, "A").paid_micro == 6
    assert result.closing.tranches["A"].outstanding_per_unit_micro == 98
    assert result.of("B").written_down_micro == 20


@pytest.mark.parametrize(
    ("direction", "per_unit"), [(Direction.UP, [2, 2]), (Direction.DOWN, [1, 2])]
)
def test_loss_that_does_not_divide_is_rounded_as_named_and_put_right_next_time(
    direction: Direction, per_unit: list[int]
) -> None:
    structure = losing(direction)
    first = pay(structure, Collections(losses_micro=3))
    second = pay(structure, Collections(losses_micro=1), first.closing, 2)
    found = [each.closing.tranches["B"].written_down_per_unit_micro for each in (first, second)]
    assert found == per_unit


def test_write_up_never_exceeds_what_was_written_down() -> None:
    structure = losing()
    down = pay(structure, Collections(losses_micro=46)).closing
    healed = replace(down, pool=replace(down.pool, cumulative_losses_micro=0))
    up = pay(structure, 0, healed, 2)
    assert line(up, Kind.WRITE_UP, "A").paid_micro == 6
    assert line(up, Kind.WRITE_UP, "B").paid_micro == 40
    assert up.closing.tranches["A"].outstanding_per_unit_micro == 100


@pytest.mark.parametrize(
    ("base", "interest"), [(InterestBase.OUTSTANDING, 6), (InterestBase.BEFORE_WRITE_DOWNS, 10)]
)
def test_interest_base_after_a_write_down_is_a_term(base: InterestBase, interest: int) -> None:
    structure = terms(
        do.PayInterest(("A",)), do.WriteDown(("A",), LOSS), notes=(note("A", interest_base=base),)
    )
    down = pay(structure, Collections(losses_micro=40)).closing
    assert pay(structure, 0, down, 2).of("A").interest_due_micro - 10 == interest


# ---- tests and waterfalls


def over_collateral(**terms_: object) -> Test:
    return Test(  # type: ignore[arg-type]
        "oc",
        of(Measure.POOL),
        of(Measure.OUTSTANDING, "A"),
        Comparison.AT_LEAST,
        Fraction(12, 10),
        **terms_,
    )


def switching(test: Test) -> Structure:
    structure = terms(
        do.PayInterest(("A",)),
        do.When("oc", then=(do.PayPrincipal(("A",), TURBO),), otherwise=(do.PayFee(("f",)),)),
        fees=(FixedFee("f", "p", 1),),
        tests=(test,),
    )
    return replace(structure, pool_micro=150)


def test_branch_follows_the_test_and_both_are_logged() -> None:
    good = pay(switching(over_collateral()), Collections(revenue_micro=30, pool_micro=120))
    assert good.tests[0].passed
    assert good.tests[0].ratio == Fraction(12, 10)
    assert [(each.step, each.kind.value) for each in good.lines] == [
        (1, "interest"),
        (2, "test"),
        (4, "fee"),
        (5, "residual"),
    ]
    bad = pay(switching(over_collateral()), Collections(revenue_micro=30, pool_micro=119))
    assert not bad.tests[0].passed
    assert [(each.step, each.kind.value) for each in bad.lines] == [
        (1, "interest"),
        (2, "test"),
        (3, "principal"),
        (5, "residual"),
    ]


@pytest.mark.parametrize(("curable", "failed"), [(True, ()), (False, ("oc",))])
def test_failed_test_is_cured_only_where_the_terms_let_it(
    curable: bool, failed: tuple[str, ...]
) -> None:
    structure = switching(over_collateral(curable=curable))
    bad = pay(structure, Collections(pool_micro=100))
    assert bad.closing.failed == failed
    cured = pay(structure, Collections(pool_micro=150), bad.closing, 2)
    assert cured.tests[0].passed is curable
    assert cured.closing.failed == failed


def test_switch_to_another_waterfall_and_back() -> None:
    structure = terms(
        do.PayInterest(("A",)),
        tests=(over_collateral(switches_to="fast"),),
        others={"fast": (do.PayPrincipal(("A",), TURBO), RESIDUAL)},
    )
    structure = replace(structure, pool_micro=150)
    normal = pay(structure, Collections(revenue_micro=30, pool_micro=150))
    assert (normal.mode, normal.of("A").interest_paid_micro) == (NORMAL, 10)
    fast = pay(structure, Collections(revenue_micro=30, pool_micro=100), normal.closing, 2)
    assert (fast.mode, fast.of("A").principal_paid_micro) == ("fast", 30)
    assert fast.closing.tranches["A"].interest_shortfall_per_unit == 10
    back = pay(structure, Collections(revenue_micro=30, pool_micro=100), fast.closing, 3)
    assert back.mode == NORMAL  # 100 against 70


def test_unpaid_senior_interest_accelerates_the_next_payment_for_good() -> None:
    default = Test(
        "default",
        of(Measure.INTEREST_DUE, "A"),
        None,
        Comparison.AT_MOST,
        Fraction(0),
        curable=False,
        switches_to="acceleration",
        moment=Moment.PAYMENT,
    )
    structure = terms(
        do.PayInterest(("A",)),
        tests=(default,),
        others={"acceleration": (do.PayInterest(("A",)), do.PayPrincipal(("A",), TURBO), RESIDUAL)},
    )
    first = pay(structure, 4)
    assert (first.mode, first.closing.failed) == (NORMAL, ("default",))
    second = pay(structure, 50, first.closing, 2)
    assert second.mode == "acceleration"
    assert second.of("A").principal_paid_micro == 50 - 16
    assert second.closing.failed == ("default",)
    met = pay(structure, 10)
    assert met.closing.failed == ()


def test_test_is_not_made_before_its_first_payment() -> None:
    structure = switching(over_collateral(from_payment=2))
    assert pay(structure, Collections(pool_micro=1)).tests == ()
    assert len(pay(structure, Collections(pool_micro=1), number=2).tests) == 1


def test_ratio_to_nothing_holds() -> None:
    structure = switching(over_collateral())
    gone = opening_state(structure, {"A": 0})
    assert pay(structure, Collections(pool_micro=0), gone).tests[0].passed
