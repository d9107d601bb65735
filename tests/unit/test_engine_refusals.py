"""What somebody gives the engine that cannot be is refused by name, and is never called a bug."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import issuer.cashflow as cf
from issuer.domain.waterfall import door

DAY = date(2026, 1, 1)
PERIODS = cf.regular_periods(DAY, 3)
TURBO = cf.PrincipalMode.AVAILABLE
EXAMPLE = Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml"


def deal(*steps: Any, notes: tuple[cf.Tranche, ...] | None = None, **more: Any) -> cf.Structure:
    own = (cf.unit_class("A", 3, 10_000_000, cf.rate("12")),) if notes is None else notes
    if not any(isinstance(step, cf.PayInterest) for step in steps):
        steps = (cf.PayInterest(("A",)), *steps)
    return cf.Structure(
        tranches=(*own, cf.whole_class("R", 1)),
        fees=more.pop("fees", ()),
        reserves=more.pop("reserves", ()),
        waterfall=(*steps, cf.PayPrincipal(("A",), TURBO), cf.PayResidual("R")),
        **more,
    )


def pay(structure: cf.Structure, cash: int = 5_000_000, **inputs: Any) -> None:
    cf.run_deal(structure, [cf.Inputs(cf.Collections(cash), **inputs)] * 3, PERIODS)


def negative(**bound: int) -> cf.Amount:
    return cf.Amount(plus_micro=5, **bound)


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (cf.PayInterest(("X",)), "/waterfall/0/pay_interest"),
        (cf.When("X", ()), "/waterfall/1/when/failed"),
        (
            cf.PayPrincipal(("A",), TURBO, limit=negative(at_most_micro=-10)),
            "/waterfall/1/pay_principal/limit/at_most",
        ),
        (cf.Purchase("o", negative(at_most_micro=-1)), "/waterfall/1/purchase/limit/at_most"),
        (
            cf.PayPrincipal(("A",), TURBO, source=(cf.Source.INTEREST,) * 2),
            "/waterfall/1/pay_principal/source/1",
        ),
    ],
)
def test_a_payment_that_unsound_terms_break_off_names_them(step: Any, path: str) -> None:
    with pytest.raises(cf.InvalidInput) as refused:
        pay(deal(step))
    assert path in {each.path for each in refused.value.complaints}
    pay(deal())


def test_a_step_names_nothing_twice_and_some_cash() -> None:
    two = (cf.unit_class("A", 3, 10_000_000), cf.unit_class("B", 3, 10_000_000))

    def found(*names: str, **more: Any) -> list[str]:
        step = cf.PayPrincipal(names, TURBO, cf.Sharing.PRO_RATA, **more)
        terms = cf.Structure((*two, cf.whole_class("R", 1)), (), (), (step, cf.PayResidual("R")))
        return [each.rule for each in cf.check_structure(terms, 3, ())]

    assert found("A", "B") == []
    assert found("A", "A", "B") == ["deal.waterfall.named_twice"]
    assert found("A", "B", source=(cf.Source.INTEREST,) * 2) == ["deal.waterfall.named_twice"]
    assert found("A", "B", source=()) == ["deal.waterfall.source"]


def test_only_what_tests_compare_may_fall_below_zero() -> None:
    below = negative(at_least_micro=-5)

    def found(**terms: Any) -> list[str]:
        structure = deal(**terms)
        return [each.path for each in cf.check_structure(structure, 3, ("f",))]

    compared = cf.Test("t", below, below, cf.Comparison.AT_LEAST, Fraction(1))
    assert found(tests=(compared,)) == []
    fee = cf.BalanceFee("f", "f", Fraction(1, 100), cf.Amount(at_most=below))
    structure = deal(cf.PayFee(("f",)), fees=(fee,))
    assert [each.path for each in cf.check_structure(structure, 3, ("f",))] == [
        "/fees/0/percent_a_year/base/at_most/at_least"
    ]


def test_a_payment_begins_with_nothing_below_zero_and_a_state_of_its_own() -> None:
    sound = deal()
    other = cf.opening_state(
        cf.Structure((cf.whole_class("R", 1),), (), (), (cf.PayResidual("R"),))
    )
    owed = cf.DealState({"A": cf.TrancheState(3, -5), "R": cf.TrancheState(1, 1)}, {"r": -1}, {})
    for give, paths in (
        (lambda: pay(sound, -1), {"/collections/interest_micro"}),
        (lambda: pay(sound, support_micro={"s": -1}), {"/support/s"}),
        (lambda: pay(sound, put_units={"A": -1}), {"/put/A"}),
        (lambda: cf.run_deal(sound, [cf.Inputs(cf.Collections())], PERIODS, other), {"/state/tranches/A"}),
        (
            lambda: cf.run_deal(sound, [cf.Inputs(cf.Collections())], PERIODS, owed),
            {"/state/tranches/A/outstanding_per_unit_micro", "/state/reserves/r"},
        ),
        (lambda: cf.run_deal(sound, [cf.Inputs(cf.Collections())] * 4, PERIODS), {"/inputs"}),
    ):  # fmt: skip
        with pytest.raises(cf.InvalidInput) as refused:
            give()
        assert {each.path for each in refused.value.complaints} == paths
    pay(sound, 0, support_micro={}, put_units={})


def test_a_bug_under_sound_terms_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise cf.IssuanceBug("money vanished")

    monkeypatch.setattr("issuer.domain.waterfall.run.require_conserved", broken)
    with pytest.raises(cf.IssuanceBug, match="money vanished"):
        pay(deal())
    with pytest.raises(cf.InvalidInput, match="no tranche 'X'"):
        door.blame(deal(cf.PayInterest(("X",))), cf.IssuanceBug("money vanished"))


def loan(**terms: Any) -> cf.Loan:
    return cf.Loan(**{"id": "l", "balance": 10**9, "rate": cf.rate("6"), "remaining": 12, **terms})


@pytest.mark.parametrize(
    ("give", "path"),
    [
        (lambda: loan(balance=1e9), "/balance"),
        (lambda: loan(rate=0.06), "/rate"),
        (lambda: loan(payment=100.5), "/payment"),
        (lambda: cf.constant(0.05), "/values"),  # type: ignore[arg-type]
        (lambda: cf.Curve(((DAY, 0.5),)), "/points"),  # type: ignore[arg-type]
        (lambda: cf.Assumptions(severity=0.4), "/severity"),  # type: ignore[arg-type]
        (lambda: cf.Assumptions(recovery_timing=(0.5, 0.5)), "/recovery_timing"),  # type: ignore[arg-type]
        (lambda: cf.Assumptions(prepayment=cf.Cpr(Fraction(1, 20))), "/cpr"),  # type: ignore[arg-type]
        (lambda: cf.single_monthly_mortality(Fraction(2)), "/cpr"),
        (lambda: cf.months(0), "/count"),
        (lambda: cf.months(5, every=0), "/every"),
        (lambda: cf.regular_periods(DAY, 0), "/payments"),
        (lambda: cf.regular_periods(DAY, 3, 0), "/months"),
        (lambda: cf.regular_periods(DAY, 3, 5, cf.DayCount.ACT_ACT_ICMA), "/frequency"),
        (lambda: cf.regular_periods(date(9990, 1, 1), 300), "/months"),
        (lambda: cf.gathered(cf.project_pool([], cf.Assumptions(), cf.months(3)), [2]), "/counts"),
        (lambda: cf.gathered(cf.project_pool([], cf.Assumptions(), cf.months(3)), [4, -1]), "/counts"),
        (lambda: cf.micro("1,000"), ""),
        (lambda: cf.rate("x"), ""),
        (lambda: cf.project(deal(), PERIODS, [loan()], cf.Case(fx=Fraction(0))), "/fx"),
        (lambda: cf.project(deal(), PERIODS, [loan()], cf.Case(to_micro=0)), "/to_micro"),
        (lambda: cf.project(deal(), PERIODS, [loan()], cf.Case(revenue=Fraction(-1))), "/revenue"),
        (lambda: cf.project(deal(), PERIODS, [loan()], cf.Case(call=Fraction(-1))), "/call"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_refused_by_name(give: Callable[[], object], path: str) -> None:
    with pytest.raises(cf.InvalidInput) as refused:
        give()
    assert path in {each.path for each in refused.value.complaints}


def test_figures_that_can_be_are_taken() -> None:
    assert loan(payment=100).payment == 100
    assert cf.Assumptions(severity=Fraction(1, 2), prepayment=cf.Cpr(cf.constant(Fraction(1, 20))))
    assert len(cf.months(1, every=1)) == len(cf.regular_periods(DAY, 1, 1)) == 1
    assert cf.regular_periods(DAY, 2, 6, cf.DayCount.ACT_ACT_ICMA)[0].year_fraction == Fraction(
        1, 2
    )
    assert cf.single_monthly_mortality(Fraction(1)) == 1
    assert (cf.micro("1000"), cf.rate("7.5")) == (10**9, Fraction(3, 40))
    assert len(cf.gathered(cf.project_pool([], cf.Assumptions(), cf.months(3)), [2, 1])) == 2
    assert cf.project(deal(), PERIODS, [loan()], cf.Case(to_micro=10)).called is None


def test_a_file_is_loaded_by_its_path_as_text_too() -> None:
    assert cf.load_deal(str(EXAMPLE)) == cf.load_deal(EXAMPLE)


def test_a_rate_in_binary_is_refused_and_the_exact_one_is_not() -> None:
    def named(rate: Any) -> cf.Structure:
        return deal(notes=(cf.whole_class("A", 10**7, rate),))

    with pytest.raises(cf.InvalidInput, match=r"/rate: 0.05 must be exact"):
        pay(named(0.05))
    pay(named(Fraction(5, 100)))
