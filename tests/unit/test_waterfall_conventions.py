"""Conventions that sources disagree on, each a named term: small numbers, or a plain loop beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.errors import IssuanceBug
from issuer.domain.report.build import investor_report
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Source, Step
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Fee,
    Moment,
    PercentFee,
    Reserve,
    ScheduledFee,
    Structure,
    Test,
    Tranche,
)

DOLLAR, CENT = 1_000_000, 10_000
TENTH = Fraction(1, 10)
TURBO = PrincipalMode.AVAILABLE
TO_CENTS = Rounding(RoundingMode.HALF_UP, CENT)


def note(name: str, face: int = 100, **terms: object) -> Tranche:
    """One unit at 10 % a period without a schedule."""
    own: dict[str, object] = {"rate": TENTH, "principal_schedule": (), **terms}
    return Tranche(name, name, False, None, name, 1, face, **own)  # type: ignore[arg-type]


def terms(*steps: Step, notes: tuple[Tranche, ...] = (note("A"),), **more: object) -> Structure:
    own: dict[str, object] = {"fees": (), "reserves": (), **more}
    tranches, waterfall = (*notes, note("S", rate=None)), (*steps, do.PayResidual("S"))
    return Structure(tranches=tranches, waterfall=waterfall, **own)  # type: ignore[arg-type]


def period(number: int = 1, fraction: Fraction = Fraction(1), **more: object) -> Period:
    day = date(2026, 7, 15)
    days = (day,) * 7
    return Period(number, *days, 365, fraction, False, **more)  # type: ignore[arg-type]


def pay(
    structure: Structure, cash: int | Collections, state: DealState | None = None, number: int = 1
) -> Distribution:
    collections = Collections(revenue_micro=cash) if isinstance(cash, int) else cash
    state = state or opening_state(structure)
    result = distribute(structure, state, Inputs(collections), period(number))
    if state == opening_state(structure):
        investor_report(structure, [result], [period(number)])  # its sums hold, or it raises
    return result


# ---- interest on unpaid interest


@pytest.mark.parametrize("own", [None, Fraction(6, 100)])
@pytest.mark.parametrize("compounds", [False, True])
def test_unpaid_interest_bears_its_rate_simply_or_compounded(
    own: Fraction | None, compounds: bool
) -> None:
    """Nothing is paid for five periods: a plain loop says what is owed."""
    face = 10**9
    spread = None if own is not None else Fraction(2, 100)
    rate = TENTH + Fraction(2, 100) if own is None else own
    bearing = note(
        "A", face, shortfall_rate=own, shortfall_spread=spread, shortfall_compounds=compounds
    )
    structure = terms(do.PayInterest(("A",)), do.PayInterestOnInterest(("A",)), notes=(bearing,))
    state, owed, borne = opening_state(structure), 0, 0
    for number in range(1, 6):
        state = pay(structure, 0, state, number).closing
        borne += int((owed + (borne if compounds else 0)) * rate)
        owed += face // 10
    last = state.tranches["A"]
    assert last.interest_shortfall_per_unit == owed
    assert last.interest_on_shortfall_per_unit == borne
    cured = pay(structure, owed + borne + face // 10 * 5, state, 6)
    assert cured.closing.tranches["A"].interest_shortfall_per_unit == 0
    assert cured.closing.tranches["A"].interest_on_shortfall_per_unit == 0


# ---- a class that accrues otherwise than the deal


def test_a_class_accrues_to_the_day_paid_beside_one_that_accrues_to_the_date_named() -> None:
    """A month of 30 days in a year of 360 beside 31 actual days, as trustees print both."""
    notes = (
        note("A1", 360_000, day_count=DayCount.ACT_360, accrual=Accrual.ADJUSTED),
        note("A2", 360_000, day_count=DayCount.THIRTY_360, accrual=Accrual.UNADJUSTED),
    )
    structure = terms(do.PayInterest(("A1", "A2")), notes=notes)
    named = date(2018, 3, 15), date(2018, 4, 15)
    paid = date(2018, 3, 15), date(2018, 4, 16)
    month = period(fraction=Fraction(1, 12), unadjusted=named, adjusted=paid)
    inputs = Inputs(Collections(revenue_micro=10_000))
    result = distribute(structure, opening_state(structure), inputs, month)
    assert result.total(Kind.INTEREST, "A1") == 360_000 * 32 // 3600
    assert result.total(Kind.INTEREST, "A2") == 360_000 * 30 // 3600


# ---- fees


def charged(fee: Fee, numbers: tuple[int, ...] = (1,)) -> list[int]:
    structure = terms(do.PayFee((fee.id,)), fees=(fee,))
    state, found = opening_state(structure), []
    for number in numbers:
        result = pay(structure, 10**12, state, number)
        found.append(result.total(Kind.FEE))
        state = result.closing
    return found


def test_percentages_are_rounded_as_their_terms_say() -> None:
    base = Amount(plus_micro=1_234_567_891_000)
    assert charged(BalanceFee("f", "S", Fraction(1, 1200), base)) == [1_028_806_575]
    assert charged(BalanceFee("f", "S", Fraction(1, 1200), base, rounding=TO_CENTS)) == [
        1_028_810_000
    ]
    third = Fraction(1, 3)
    assert charged(PercentFee("f", "S", third)) == [333_333_333_333]
    assert charged(PercentFee("f", "S", third, TO_CENTS)) == [333_333_330_000]


def test_a_fee_has_its_own_day_count_or_the_schedules() -> None:
    dates = date(2026, 1, 15), date(2026, 2, 15)
    month = replace(
        period(fraction=Fraction(31, 365)), accrual_start=dates[0], accrual_end=dates[1]
    )
    for count, due in ((None, 31 * 10_000 // 365), (DayCount.THIRTY_360, 10_000 // 12)):
        fee = BalanceFee("f", "S", Fraction(1), Amount(plus_micro=10_000), count)
        structure = terms(do.PayFee(("f",)), fees=(fee,))
        inputs = Inputs(Collections(revenue_micro=10_000))
        result = distribute(structure, opening_state(structure), inputs, month)
        assert result.total(Kind.FEE) == due


def test_a_fee_by_payment_ends_with_its_last_amount() -> None:
    assert charged(ScheduledFee("f", "S", (70, 0, 30)), (1, 2, 3, 4)) == [70, 0, 30, 0]


def test_an_unpaid_fee_is_due_again_with_the_next_amount() -> None:
    structure = terms(do.PayFee(("f",)), fees=(ScheduledFee("f", "S", (70, 0, 30)),))
    first = pay(structure, 50)
    second = pay(structure, 5, first.closing, 2)
    third = pay(structure, 100, second.closing, 3)
    assert [each.total(Kind.FEE) for each in (first, second, third)] == [50, 5, 45]


# ---- amounts between amounts


@pytest.mark.parametrize(("pool", "kept"), [(1000, 45), (200, 10), (8, 8)])
def test_a_target_of_a_share_has_a_floor_and_what_is_there_as_its_ceiling(
    pool: int, kept: int
) -> None:
    """4.5 % of the pool, no less than 1 % of the original one, no more than the pool."""
    target = Amount(
        (Term(Measure.POOL, (), Fraction(45, 1000)),),
        at_least=of(Measure.POOL_ORIGINAL, times=Fraction(1, 100)),
        at_most=of(Measure.POOL),
    )
    structure = terms(
        do.TopUp("r"), do.Release("r"), reserves=(Reserve("r", target, 0),), pool_micro=1000
    )
    result = pay(structure, Collections(revenue_micro=100, pool_micro=pool))
    assert result.closing.reserves["r"] == kept


def test_an_amount_is_rounded_before_it_is_bounded() -> None:
    def value(**bounds: object) -> int:
        amount = Amount((Term(Measure.POOL, (), Fraction(1, 3)),), rounding=TO_CENTS, **bounds)  # type: ignore[arg-type]
        return amount.value(lambda what, ids: 100_000)

    assert value() == 30_000
    assert value(at_least_micro=31_234) == 31_234
    assert value(at_most=Amount(plus_micro=12_345)) == 12_345
    assert value(at_least=Amount(plus_micro=40_000), at_most_micro=35_000) == 35_000


def test_an_amount_may_be_negative_where_its_bound_is() -> None:
    spread = Amount((Term(Measure.POOL, (), Fraction(-1, 3)),), at_least_micro=-50)
    assert spread.value(lambda what, ids: 100) == -34
    assert spread.value(lambda what, ids: 1000) == -50


# ---- tests made on the way, and cured by as much as it takes


def coverage(**more: object) -> Test:
    """Interest collected over what the classes bear on what is outstanding now."""
    return Test(
        "ic",
        of(Measure.INTEREST_COLLECTIONS),
        of(Measure.INTEREST_ON_OUTSTANDING, "A", "B"),
        Comparison.AT_LEAST,
        Fraction(11, 10),
        **more,  # type: ignore[arg-type]
    )


CLASSES = (note("A", 1000 * DOLLAR), note("B", 500 * DOLLAR))
DIVERTED = do.PayPrincipal(("A", "B"), TURBO, source=(Source.INTEREST,), until="ic")


def diverting(**more: object) -> Structure:
    return terms(
        do.PayInterest(("A",)),
        do.When("ic", then=(DIVERTED,)),
        do.PayInterest(("B",)),
        notes=CLASSES,
        tests=(coverage(**more),),
    )


def test_failed_coverage_diverts_as_much_interest_as_cures_it() -> None:
    """160 cover 145.45 at 110 %, the interest on 1,454.55: so 45.45 of 1,500 are repaid."""
    structure = diverting()
    result = pay(structure, Collections(interest_micro=160 * DOLLAR))
    assert not result.tests[0].passed
    diverted = result.total(Kind.PRINCIPAL, "A")
    assert abs(diverted - Fraction(500, 11) * DOLLAR) < 10  # interest is cut to the micro-unit
    assert result.total(Kind.INTEREST, "A") == 100 * DOLLAR
    assert result.total(Kind.INTEREST, "B") == 60 * DOLLAR - diverted
    assert result.total(Kind.RESIDUAL) == 0
    after = replace(structure, waterfall=(do.PayResidual("S"),))
    assert pay(after, Collections(interest_micro=160 * DOLLAR), result.closing, 2).tests[0].passed


def test_covered_interest_is_not_diverted_and_hopeless_cover_takes_all_there_is() -> None:
    passed = pay(diverting(), Collections(interest_micro=165 * DOLLAR))
    assert passed.tests[0].passed
    assert passed.total(Kind.PRINCIPAL) == 0
    assert passed.total(Kind.RESIDUAL) == 15 * DOLLAR
    hopeless = pay(diverting(), Collections(interest_micro=110 * DOLLAR))
    assert hopeless.total(Kind.PRINCIPAL, "A") == 10 * DOLLAR
    assert hopeless.total(Kind.INTEREST, "B") == 0
    assert hopeless.closing.tranches["B"].interest_shortfall_per_unit == 50 * DOLLAR


def test_a_limit_binds_a_cure_and_one_already_there_costs_nothing() -> None:
    limited = replace(DIVERTED, limit=Amount(plus_micro=7 * DOLLAR))
    structure = replace(diverting(), waterfall=(limited, do.PayResidual("S")))
    cash = Collections(interest_micro=160 * DOLLAR)
    assert pay(structure, cash).total(Kind.PRINCIPAL) == 7 * DOLLAR
    ample = Collections(interest_micro=165 * DOLLAR)
    assert pay(structure, ample).total(Kind.PRINCIPAL) == 0


def test_a_cure_may_draw_on_a_reserve() -> None:
    structure = terms(
        replace(DIVERTED, support=("r",)),
        do.Release("r"),
        notes=CLASSES,
        tests=(coverage(),),
        reserves=(Reserve("r", Amount(plus_micro=50 * DOLLAR), 50 * DOLLAR),),
    )
    result = pay(structure, Collections(interest_micro=30 * DOLLAR))
    assert result.total(Kind.DRAW) == 50 * DOLLAR
    assert result.total(Kind.PRINCIPAL, "A") == 80 * DOLLAR


@pytest.mark.parametrize(("moment", "passed"), [(Moment.DETERMINATION, False), (Moment.STEP, True)])
def test_a_test_sees_the_steps_above_it_only_on_the_way(moment: Moment, passed: bool) -> None:
    covered = Test(
        "oc", of(Measure.POOL), of(Measure.OUTSTANDING, "A"), Comparison.AT_LEAST, Fraction(1),
        moment=moment,
    )  # fmt: skip
    structure = terms(
        do.PayPrincipal(("A",), TURBO, limit=of(Measure.PRINCIPAL_COLLECTIONS)),
        do.When("oc", then=(do.PayPrincipal(("A",), TURBO),)),
        tests=(covered,),
        pool_micro=100,
    )
    cash = Collections(interest_micro=9, principal_micro=20, pool_micro=80)
    result = pay(structure, cash)
    assert result.tests[0].passed is passed
    assert result.total(Kind.RESIDUAL) == (9 if passed else 0)


@pytest.mark.parametrize(("curable", "diverted"), [(True, [10, 0]), (False, [10, 20])])
def test_a_test_on_the_way_is_cured_only_where_it_may_be(
    curable: bool, diverted: list[int]
) -> None:
    enough = Test(
        "enough", of(Measure.AVAILABLE), Amount(plus_micro=15), Comparison.AT_LEAST, Fraction(1),
        curable=curable, moment=Moment.STEP,
    )  # fmt: skip
    structure = terms(
        do.When("enough", then=(do.PayPrincipal(("A",), TURBO),)),
        tests=(enough,),
        notes=(note("A"),),
    )
    first = pay(structure, 10)
    second = pay(structure, 20, first.closing, 2)
    assert [each.total(Kind.PRINCIPAL) for each in (first, second)] == diverted
    investor_report(structure, [first, second], [period(1), period(2)])


def test_a_test_on_the_way_is_made_each_time_and_not_before_its_first_payment() -> None:
    repaid = Test(
        "repaid", of(Measure.OUTSTANDING, "A"), None, Comparison.AT_MOST, Fraction(50),
        moment=Moment.STEP, from_payment=2,
    )  # fmt: skip
    pay_ten = do.When("repaid", then=(do.PayPrincipal(("A",), TURBO, limit=Amount(plus_micro=60)),))
    again = do.When("repaid", then=(do.PayPrincipal(("A",), TURBO, limit=Amount(plus_micro=30)),))
    structure = terms(pay_ten, again, tests=(repaid,))
    first = pay(structure, 10)
    second = pay(structure, 100, first.closing, 2)
    assert (first.tests, first.total(Kind.PRINCIPAL)) == ((), 0)
    assert [each.passed for each in second.tests] == [False, True]
    assert second.total(Kind.PRINCIPAL) == 60


def test_a_report_finds_a_test_on_the_way_that_came_out_otherwise() -> None:
    structure = diverting(moment=Moment.STEP)
    result = pay(structure, Collections(interest_micro=160 * DOLLAR))
    forged = replace(result, tests=(replace(result.tests[0], passed=True),))
    with pytest.raises(IssuanceBug, match="is not what"):
        investor_report(structure, [forged], [period()])


# ---- a reserve at final maturity


@pytest.mark.parametrize(("final", "released", "kept"), [(None, 0, 40), (2, 40, 0)])
def test_a_reserve_is_handed_out_at_final_maturity_if_the_terms_say_so(
    final: int | None, released: int, kept: int
) -> None:
    structure = terms(
        do.Release("r"),
        do.PayPrincipal(("A",), TURBO),
        reserves=(Reserve("r", Amount(plus_micro=40), 40, final),),
    )
    first = pay(structure, 5)
    assert first.total(Kind.RELEASE) == 0
    second = pay(structure, 5, first.closing, 2)
    assert second.total(Kind.RELEASE) == released
    assert second.total(Kind.PRINCIPAL, "A") == 5 + released
    assert second.closing.reserve_micro == kept
