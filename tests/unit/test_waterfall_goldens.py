"""Published structures, tranche by tranche: the figures of their sources restated."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache

import pytest

from issuer.domain.analytics.average_life import average_life_by_months
from issuer.domain.pool.assumptions import Assumptions, Psa
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode
from issuer.domain.waterfall.structure import (
    Comparison,
    PrincipalRule,
    Structure,
    Test,
    Tranche,
)

DOLLAR = 1_000_000
CENT = DOLLAR // 100
COUPON = Fraction(75, 1000)
TURBO = PrincipalMode.AVAILABLE


def period(number: int) -> Period:
    """A month of 30 days in a year of 360."""
    day = date(2026, 1, 1)
    return Period(number, day, day, day, day, day, day, day, 30, Fraction(1, 12), False)


@cache
def collateral(psa: int) -> tuple[PoolPeriod, ...]:
    """Fabozzi and Jones, chapter 30: $400m, WAC 8.125 %, 357 months left, 3 months seasoned."""
    loan = Loan(
        id="pool",
        balance=400_000_000 * DOLLAR,
        rate=Fraction(8125, 100_000),
        remaining=357,
        age=3,
    )
    speed = Assumptions(prepayment=Psa(Fraction(psa, 100)))
    return project_pool([loan], speed, months(357))


def bond(name: str, par: int, **terms: object) -> Tranche:
    """One bond of a whole class: rounding on the aggregate."""
    return Tranche(  # type: ignore[arg-type]
        name, name, False, None, name, 1, par * DOLLAR, COUPON, (), **terms
    )


RESIDUAL = Tranche("R", "R", False, None, "R", 1, DOLLAR, None, ())


def run(structure: Structure, psa: int) -> list[Distribution]:
    """The collateral passes 7.5 % through; what it earns above that is the servicer's."""
    state, results = opening_state(structure), []
    for number, row in enumerate(collateral(psa), start=1):
        interest = row.opening * 75 // 12_000
        collections = Collections(
            interest_micro=interest, principal_micro=row.principal, pool_micro=row.closing
        )
        results.append(distribute(structure, state, Inputs(collections), period(number)))
        state = results[-1].closing
    return results


def principal(results: list[Distribution], name: str) -> list[int]:
    return [result.total(Kind.PRINCIPAL, name) for result in results]


def last_payment(results: list[Distribution], name: str) -> int:
    return max(n for n, amount in enumerate(principal(results, name), start=1) if amount)


# ---- CMO-1, tables 30.3 and 30.4: four classes one after the other, 165 PSA

PARS = {"A": 194_500_000, "B": 36_000_000, "C": 96_500_000, "D": 73_000_000}


@cache
def sequential() -> list[Distribution]:
    structure = Structure(
        tranches=(*(bond(name, par) for name, par in PARS.items()), RESIDUAL),
        fees=(),
        reserves=(),
        waterfall=(
            do.PayInterest(tuple(PARS), do.Sharing.PRO_RATA),
            do.PayPrincipal(tuple(PARS), TURBO, limit=of(Measure.PRINCIPAL_COLLECTIONS)),
            do.PayResidual("R"),
        ),
        pool_micro=400_000_000 * DOLLAR,
    )
    return run(structure, 165)


def test_sequential_classes_pay_the_first_month_as_published() -> None:
    first = sequential()[0]
    assert first.collections.principal_micro // DOLLAR == 709_923
    assert first.collections.interest_micro == 2_500_000 * DOLLAR
    assert first.total(Kind.INTEREST, "A") == 1_215_625 * DOLLAR
    assert first.total(Kind.PRINCIPAL, "A") // DOLLAR == 709_923
    assert first.total(Kind.INTEREST, "D") == 456_250 * DOLLAR
    assert first.of("A").outstanding_after_micro // DOLLAR == 193_790_076


def test_sequential_classes_change_hands_in_month_81_as_published() -> None:
    months_80_and_81 = sequential()[79:81]
    assert round(months_80_and_81[0].of("A").outstanding_after_micro / DOLLAR) == 311_926
    after = months_80_and_81[1]
    assert round(after.total(Kind.PRINCIPAL, "A") / DOLLAR) == 311_926
    assert abs(after.total(Kind.PRINCIPAL, "B") - 1_720_271 * DOLLAR) < DOLLAR
    assert abs(after.collections_micro - 3_318_521 * DOLLAR) < DOLLAR
    assert abs(after.collections.interest_micro - 1_286_325 * DOLLAR) < DOLLAR


@pytest.mark.parametrize(("name", "month"), [("A", 81), ("B", 100), ("C", 178), ("D", 357)])
def test_sequential_classes_end_in_the_published_months(name: str, month: int) -> None:
    assert last_payment(sequential(), name) == month
    assert sequential()[month - 1].of(name).outstanding_after_micro == 0


@pytest.mark.parametrize(("name", "years"), [("A", 3.48), ("B", 7.49), ("C", 11.19)])
def test_sequential_classes_have_the_published_average_lives(name: str, years: float) -> None:
    """The source settles five days into the first month."""
    flows = list(enumerate(principal(sequential(), name), start=1))
    assert round(float(average_life_by_months(flows, settlement_days=5).years), 2) == years


def test_nothing_is_left_of_a_collateral_that_its_classes_share() -> None:
    for result in sequential():
        rest = result.total(Kind.RESIDUAL, "R")
        assert 0 <= rest <= 4  # what rounding each class's interest down leaves
        owed = sum(state.outstanding_per_unit_micro for state in result.closing.tranches.values())
        assert owed - DOLLAR == result.closing.pool.balance_micro  # the residual piece has a face


# ---- CMO-2 of the same chapter: the last class accrues, and its interest pays the others' principal


@cache
def with_accrual_class() -> list[Distribution]:
    classes = tuple(PARS)
    limit = Amount((Term(Measure.PRINCIPAL_COLLECTIONS), Term(Measure.CAPITALISED, ("D",))))
    accruing = do.When(
        "others_are_repaid",
        then=(do.Capitalise(("D",)),),
        otherwise=(do.PayInterest(("D",)),),
    )
    others = Test(
        "others_are_repaid",
        of(Measure.OUTSTANDING, "A", "B", "C"),
        None,
        Comparison.AT_MOST,
        Fraction(0),
    )
    structure = Structure(
        tranches=(*(bond(name, par) for name, par in PARS.items()), RESIDUAL),
        fees=(),
        reserves=(),
        tests=(others,),
        waterfall=(
            do.PayInterest(("A", "B", "C"), do.Sharing.PRO_RATA),
            accruing,
            do.PayPrincipal(classes, TURBO, limit=limit),
            do.PayResidual("R"),
        ),
        pool_micro=400_000_000 * DOLLAR,
    )
    return run(structure, 165)


def test_accrual_class_hastens_the_first_by_exactly_its_own_interest() -> None:
    first, plain = with_accrual_class()[0], sequential()[0]
    accrued = first.of("D").capitalised_micro
    assert accrued == 456_250 * DOLLAR  # 73,000,000 at 7.5 % for a month
    assert first.total(Kind.PRINCIPAL, "A") == plain.total(Kind.PRINCIPAL, "A") + accrued
    assert first.total(Kind.PRINCIPAL, "A") // DOLLAR == 1_166_173  # 709,923 + 456,250
    assert first.of("D").outstanding_after_micro == 73_000_000 * DOLLAR + accrued


def test_accrual_class_gets_its_first_cash_when_the_others_are_repaid() -> None:
    """The source counts to month 112; its own figures lead to the month after."""
    paid = [each.total(Kind.PRINCIPAL, "D") + each.total(Kind.INTEREST, "D")
            for each in with_accrual_class()]  # fmt: skip
    first = next(month for month, amount in enumerate(paid, start=1) if amount)
    assert first in (112, 113)
    assert last_payment(with_accrual_class(), "C") == first
    assert all(paid[first - 1 :])
    # In its first month it still accrues: what pays it is principal left over by C.
    assert with_accrual_class()[first - 1].total(Kind.INTEREST, "D") == 0


def test_accrual_class_shortens_the_others_and_is_repaid_with_what_it_accrued() -> None:
    for name in "ABC":
        assert last_payment(with_accrual_class(), name) < last_payment(sequential(), name)
    grown = sum(result.of("D").capitalised_micro for result in with_accrual_class())
    assert sum(principal(with_accrual_class(), "D")) == 73_000_000 * DOLLAR + grown
    assert with_accrual_class()[-1].of("D").outstanding_after_micro == 0


# ---- table 30.7: what a class planned for 90 to 300 PSA is paid, whatever the speed between


def planned() -> tuple[int, ...]:
    slow, fast = collateral(90), collateral(300)
    return tuple(min(a.principal, b.principal) for a, b in zip(slow, fast, strict=True))


@pytest.mark.parametrize(
    ("month", "cents"), [(1, 50_816_952), (18, 151_827_436), (104, 143_353_923), (346, 1_326_917)]
)
def test_plan_is_the_lesser_of_two_speeds_as_published(month: int, cents: int) -> None:
    assert abs(planned()[month - 1] - cents * CENT) <= CENT


@pytest.mark.parametrize("psa", [90, 165, 300])
def test_planned_class_is_paid_its_plan_at_every_speed_between(psa: int) -> None:
    plan = planned()
    pac = Tranche(
        "PAC", "PAC", False, None, "PAC", 1, sum(plan), COUPON, plan,
        principal_rule=PrincipalRule.PLANNED_BALANCE,
    )  # fmt: skip
    support = Tranche(
        "SUP", "SUP", False, None, "SUP", 1, 400_000_000 * DOLLAR - sum(plan), COUPON, ()
    )
    limit = of(Measure.PRINCIPAL_COLLECTIONS)
    structure = Structure(
        tranches=(pac, support, RESIDUAL),
        fees=(),
        reserves=(),
        waterfall=(
            do.PayInterest(("PAC", "SUP"), do.Sharing.PRO_RATA),
            do.PayPrincipal(("PAC",), limit=limit),
            do.PayPrincipal(("SUP",), TURBO),
            do.PayResidual("R"),
        ),
        pool_micro=400_000_000 * DOLLAR,
    )
    results = run(structure, psa)
    assert principal(results, "PAC") == list(plan)


# ---- losses from the most junior up: drjackthetutor.com, question 2783405, USD million

CLASSES = {"senior": 50, "sub_high": 100, "sub_mid": 150, "sub_low": 200}


@pytest.mark.parametrize(
    ("loss", "borne"), [(100, (0, 0, 0, 100)), (250, (0, 0, 50, 200)), (400, (0, 50, 150, 200))]
)
def test_losses_fall_on_the_classes_as_published(loss: int, borne: tuple[int, ...]) -> None:
    tranches = tuple(
        Tranche(name, name, False, None, name, 1, amount, None, ())
        for name, amount in CLASSES.items()
    )
    structure = Structure(
        tranches=(*tranches, RESIDUAL),
        fees=(),
        reserves=(),
        waterfall=(
            do.WriteDown(tuple(reversed(CLASSES)), of(Measure.LOSSES)),
            do.PayResidual("R"),
        ),
    )
    collections = Collections(losses_micro=loss)
    result = distribute(structure, opening_state(structure), Inputs(collections), period(1))
    assert tuple(result.total(Kind.WRITE_DOWN, name) for name in CLASSES) == borne


# ---- a global note: one rounding on the aggregate, half up to the cent


@pytest.mark.parametrize(
    ("mode", "cents"), [(RoundingMode.HALF_UP, 107_640), (RoundingMode.DOWN, 107_639)]
)
def test_aggregate_rounding_is_a_term_of_the_note(mode: RoundingMode, cents: int) -> None:
    """HKD 206,667 at 7.5 % for 25 days of 360: 1,076.390 6 25 (own arithmetic)."""
    note = Tranche(
        "G", "G", False, None, "G", 1, 206_668 * DOLLAR, COUPON, (), rounding=Rounding(mode, CENT)
    )
    assert 206_668 * 75 * 25 * 100 // (1000 * 360) == 107_639  # cents, the rest dropped
    note_period = Period(
        1,
        *(date(2026, 1, 1),) * 7,
        25,
        Fraction(25, 360),
        projected=False,  # type: ignore[arg-type]
    )
    structure = Structure((note, RESIDUAL), (), (), (do.PayInterest(("G",)), do.PayResidual("R")))
    inputs = Inputs(Collections(revenue_micro=2_000 * DOLLAR))
    found = distribute(structure, opening_state(structure), inputs, note_period)
    assert found.total(Kind.INTEREST) == cents * CENT
