"""What a notebook gets wrong is refused where it is written, with the field and the cure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

import issuer.cashflow as cf

DAY = date(2026, 1, 1)
PERIODS = cf.regular_periods(DAY, 4)
HALF = Fraction(1, 2)
INTEREST = cf.PayInterest(("A",))
PRINCIPAL = cf.PayPrincipal(("A",), cf.PrincipalMode.AVAILABLE)
LAST = cf.PayResidual("S")


def loan(**terms: object) -> cf.Loan:
    given = {"balance": cf.micro("1000"), "rate": cf.rate("12"), "remaining": 4, **terms}
    return cf.Loan(id="loan", **given)  # type: ignore[arg-type]


def structure(*steps: object, rate: Fraction | cf.Floating | None = HALF) -> cf.Structure:
    return cf.Structure(
        tranches=(cf.unit_class("A", 7, cf.micro("100"), rate), cf.whole_class("S", 300)),
        fees=(),
        reserves=(),
        waterfall=steps,  # type: ignore[arg-type]
    )


WRONG: dict[str, tuple[Callable[[], object], str, str]] = {
    "a float rate": (lambda: loan(rate=0.05), "/rate", "Fraction"),
    "a rate as text": (lambda: loan(rate="5"), "/rate", "Fraction"),
    "a decimal rate": (lambda: loan(rate=Decimal("0.05")), "/rate", "Fraction"),
    "a float balance": (lambda: loan(balance=1000.5), "/balance", "micro"),
    "a fraction of a micro-unit": (lambda: loan(balance=HALF), "/balance", "micro"),
    "a float count": (lambda: loan(interval=1.0), "/interval", "whole number"),
    "a float multiple": (lambda: cf.Psa(1.5), "/multiple", "Fraction"),  # type: ignore[arg-type]
    "a float share": (lambda: cf.Assumptions(severity=0.5), "/severity", "Fraction"),  # type: ignore[arg-type]
    "a bare rate": (lambda: cf.Assumptions(prepayment=HALF), "/prepayment", "Cpr"),  # type: ignore[arg-type]
    "a bare default": (lambda: cf.Assumptions(default=HALF), "/default", "Cdr"),  # type: ignore[arg-type]
    "an index that is no curve": (
        lambda: cf.Assumptions(indices={"LPR": HALF}),  # type: ignore[dict-item]
        "/indices",
        "Curve",
    ),
    "more than all prepays": (lambda: cf.Cpr(cf.constant(cf.rate("120"))), "/cpr", "0 to 1"),
    "more than all defaults": (lambda: cf.Cdr(cf.constant(cf.rate("120"))), "/cdr", "0 to 1"),
    "no vector": (lambda: cf.Cpr(HALF), "/cpr", "constant"),  # type: ignore[arg-type]
    "a float in a vector": (lambda: cf.Vector((HALF, 0.1)), "/values", "Fraction"),  # type: ignore[arg-type]
    "a float in a curve": (lambda: cf.Curve(((DAY, 0.1),)), "/points", "Fraction"),  # type: ignore[arg-type]
    "a text for a tuple": (lambda: cf.PayInterest("A"), "/tranches", '("A",)'),  # type: ignore[arg-type]
    "a float factor": (
        lambda: cf.of(cf.Measure.OUTSTANDING, times=1.5),  # type: ignore[arg-type]
        "/times",
        "Fraction",
    ),
    "a float face": (lambda: cf.whole_class("A", 1.5), "/denomination_micro", "micro"),  # type: ignore[arg-type]
    "a float of cash": (lambda: cf.Collections(interest_micro=1.5), "/interest_micro", "micro"),  # type: ignore[arg-type]
    "a float exchange rate": (lambda: cf.Case(fx=1.07), "/fx", "Fraction"),  # type: ignore[arg-type]
    "a float fixing": (lambda: cf.Case(fixings={"HIBOR": 0.05}), "/fixings", "Fraction"),  # type: ignore[dict-item]
    "a float as amount": (lambda: cf.micro(1.5), "", "quotes"),  # type: ignore[arg-type]
    "a number as percentage": (lambda: cf.rate(5), "", "quotes"),  # type: ignore[arg-type]
    "a negative percentage": (lambda: cf.rate("-1"), "", "zero or more"),
    "no way out for the cash": (
        lambda: cf.project(structure(INTEREST, PRINCIPAL), PERIODS, [loan()], cf.Case()),
        "/waterfall",
        "pay_residual",
    ),
    "a period of such a structure": (
        lambda: cf.distribute(
            (wrong := structure(INTEREST, PRINCIPAL)),
            cf.opening_state(wrong),
            cf.Inputs(cf.Collections(revenue_micro=cf.micro("5000"))),
            PERIODS[0],
        ),
        "/waterfall",
        "pay_residual",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_with_its_field_and_its_cure(name: str) -> None:
    make, path, cure = WRONG[name]
    with pytest.raises(cf.InvalidInput) as refused:
        make()
    complaint = refused.value.complaints[0]
    assert complaint.path == path
    assert cure in complaint.message


def test_what_is_sound_is_paid_and_an_outcome_is_of_a_class_there_is() -> None:
    sound = structure(INTEREST, PRINCIPAL, LAST)
    found = cf.project(sound, PERIODS, [loan()], cf.Case())
    again = cf.run_deal(
        sound, [cf.Inputs(each.collections) for each in found.distributions], PERIODS
    )
    assert again == found.distributions
    assert cf.distribute(sound, *_first(sound, again[0])) == again[0]
    assert cf.outcome(found, "A", DAY).loss_micro == 0
    with pytest.raises(cf.InvalidInput, match=r"no tranche 'Q': use one of \(A, S\)"):
        cf.outcome(found, "Q", DAY)


def _first(sound: cf.Structure, paid: cf.Distribution) -> tuple[cf.DealState, cf.Inputs, cf.Period]:
    return cf.opening_state(sound), cf.Inputs(paid.collections), PERIODS[0]


def test_what_a_study_leaves_out_is_no_refusal_but_a_complaint_of_the_check() -> None:
    without = structure(INTEREST, LAST)
    assert cf.project(without, PERIODS, [loan()], cf.Case()).closing.tranches["A"].units == 7
    assert cf.check_structure(without, 4, ())[0].rule == "deal.waterfall.never_paid"
