"""Conventions of a deal file: each word is read as it is meant, and refused where it means nothing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.deal import parse_deal
from issuer.documents.text import read_file
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.errors import InvalidInput
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.needs import measures_pool
from issuer.domain.waterfall.steps import PrincipalMode
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Moment,
    PercentFee,
    ScheduledFee,
    Structure,
)

DOCUMENT = dict(read_file(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml"))
CENTS = {"mode": "half_up", "to": "0.01"}
TO_CENTS = Rounding(RoundingMode.HALF_UP, 10_000)

#: A class with conventions of its own, fees of every kind, and a test made on the way.
OWN: dict[str, Any] = {
    "pool": "112000000",
    "tranches": [
        DOCUMENT["tranches"][0],
        {
            "id": "B",
            "name": "Class B notes",
            "tokenised": False,
            "retained_by": "originator",
            "units": 1,
            "denomination": "10000000",
            "rate": "6",
            "day_count": "30E/360",
            "accrual": "adjusted",
            "rounding": CENTS,
            "shortfall_rate": "9",
            "shortfall_compounds": False,
        },
        DOCUMENT["tranches"][1],
    ],
    "fees": [
        {"id": "trustee", "payee": "trustee", "amounts": ["90000", "0", "90000"]},
        {
            "id": "servicer",
            "payee": "servicer",
            "percent_a_year": {
                "rate": "1",
                "base": [{"measure": "pool_before"}],
                "day_count": "30/360",
            },
            "rounding": CENTS,
        },
        {"id": "cut", "payee": "servicer", "percent_of_collections": "1", "rounding": CENTS},
    ],
    "reserves": [
        {
            "id": "reserve",
            "opening": "1200000",
            "final_payment": 5,
            "target": {
                "sum": [{"measure": "pool", "percent": "4.5"}],
                "at_least": [{"measure": "pool_original", "percent": "1"}],
                "at_most": {"sum": [{"measure": "outstanding"}], "rounding": CENTS},
                "rounding": CENTS,
            },
        }
    ],
    "tests": [
        {
            "id": "ic",
            "numerator": [{"measure": "collections"}],
            "denominator": [{"measure": "interest_on_outstanding", "of": ["A", "B"]}],
            "at_least": "110",
            "moment": "step",
        }
    ],
    "waterfall": [
        {"pay_fee": ["trustee", "servicer", "cut"]},
        {"pay_interest": {"tranches": ["A"], "support": ["reserve"]}},
        {"pay_principal": {"tranches": ["A"], "support": ["reserve"]}},
        {
            "when": {
                "failed": "ic",
                "then": [
                    {"pay_principal": {"tranches": ["A"], "mode": "available", "until": "ic"}}
                ],
            }
        },
        {"top_up": "reserve"},
        {"pay_interest": "B"},
        {"pay_interest_on_interest": "B"},
        {"pay_principal": {"tranches": ["B"], "mode": "available", "limit": "1000000"}},
        {"release": "reserve"},
        {"pay_residual": "S"},
    ],
}


def changed(path: str, value: Any = ...) -> dict[str, Any]:
    document = deepcopy({**DOCUMENT, **OWN})
    *parents, last = (int(part) if part.isdigit() else part for part in path[1:].split("/"))
    here: Any = document
    for part in parents:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return document


@pytest.fixture(scope="module")
def own() -> Structure:
    return parse_deal({**DOCUMENT, **OWN}, "test").structure


def test_conventions_of_a_class_are_read_as_written(own: Structure) -> None:
    b = own.tranche("B")
    assert (b.day_count, b.accrual) == (DayCount.THIRTY_E_360, Accrual.ADJUSTED)
    assert (b.shortfall_rate, b.shortfall_compounds) == (Fraction(9, 100), False)
    a = own.tranche("A")
    assert (a.accrual, a.shortfall_rate, a.shortfall_compounds) == (None, None, True)


def test_fees_of_every_kind_are_read_as_written(own: Structure) -> None:
    base = of(Measure.POOL_BEFORE)
    assert own.fees == (
        ScheduledFee("trustee", "trustee", (90_000 * 10**6, 0, 90_000 * 10**6)),
        BalanceFee("servicer", "servicer", Fraction(1, 100), base, DayCount.THIRTY_360, TO_CENTS),
        PercentFee("cut", "servicer", Fraction(1, 100), TO_CENTS),
    )


def test_bounds_may_be_amounts_and_are_read_as_written(own: Structure) -> None:
    (reserve,) = own.reserves
    assert reserve.final_payment == 5
    assert reserve.target == Amount(
        (Term(Measure.POOL, (), Fraction(45, 1000)),),
        at_least=of(Measure.POOL_ORIGINAL, times=Fraction(1, 100)),
        at_most=Amount((Term(Measure.OUTSTANDING),), rounding=TO_CENTS),
        rounding=TO_CENTS,
    )


def test_tests_on_the_way_and_cures_are_read_as_written(own: Structure) -> None:
    assert own.test("ic").moment is Moment.STEP
    assert own.waterfall[3] == do.When(
        "ic", then=(do.PayPrincipal(("A",), PrincipalMode.AVAILABLE, until="ic"),)
    )


def test_what_only_a_bound_measures_is_asked_for_as_well(own: Structure) -> None:
    bound = Amount(at_most=of(Measure.POOL))
    (reserve,) = own.reserves
    plain = replace(own, fees=(), pool_micro=0, reserves=(replace(reserve, target=Amount()),))
    assert not measures_pool(plain)
    assert measures_pool(replace(plain, reserves=(replace(reserve, target=bound),)))


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        pytest.param(
            "/tranches/1/day_count",
            ...,
            ("/tranches/1/accrual", "deal.accrual.day_count"),
            id="accrual-without-a-day-count",
        ),
        pytest.param(
            "/tranches/1/shortfall_spread",
            "1",
            ("/tranches/1/shortfall_rate", "deal.rate.shortfall"),
            id="two-rates-for-unpaid-interest",
        ),
        pytest.param(
            "/tranches/1/shortfall_rate",
            "101",
            ("/tranches/1/shortfall_rate", "deal.rate.range"),
            id="more-than-all-on-unpaid-interest",
        ),
        pytest.param(
            "/tranches/1/shortfall_rate",
            ...,
            ("/tranches/1", "deal.waterfall.nothing_due"),
            id="unpaid-interest-that-bears-nothing",
        ),
        pytest.param(
            "/waterfall/6",
            {"top_up": {"reserve": "reserve", "source": ["interest"]}},
            ("/tranches/1", "deal.waterfall.never_paid"),
            id="interest-on-interest-never-paid",
        ),
        pytest.param(
            "/fees/0/amounts",
            ["1", "1", "1", "1", "1", "1"],
            ("/fees/0/amounts", "deal.fees.length"),
            id="more-amounts-than-payments",
        ),
        pytest.param(
            "/fees/0/amounts",
            ["0", "0"],
            ("/fees/0/amounts", "deal.fees.range"),
            id="fee-of-nothing",
        ),
        pytest.param(
            "/fees/2/rounding/to",
            "0",
            ("/fees/2/rounding/to", "deal.rounding.range"),
            id="fee-rounded-to-nothing",
        ),
        pytest.param(
            "/reserves/0/target/rounding/to",
            "0",
            ("/reserves/0/target/rounding/to", "deal.rounding.range"),
            id="target-rounded-to-nothing",
        ),
        pytest.param(
            "/reserves/0/target/at_least/0/of",
            ["A"],
            ("/reserves/0/target/at_least/sum/0/of", "deal.amount.of"),
            id="bound-of-a-class-that-is-the-deals",
        ),
        pytest.param(
            "/reserves/0/target/at_most/sum/0/of",
            ["X"],
            ("/reserves/0/target/at_most/sum/0/of", "deal.unknown.tranche"),
            id="bound-of-no-class",
        ),
        pytest.param(
            "/reserves/0/final_payment",
            0,
            ("/reserves/0/final_payment", "deal.reserve.final_payment"),
            id="maturity-before-the-first-payment",
        ),
        pytest.param(
            "/waterfall/3/when/then/0/pay_principal/until",
            "oc",
            ("/waterfall/3/when/then/0/pay_principal/until", "deal.unknown.test"),
            id="cure-of-no-test",
        ),
        pytest.param(
            "/tests/0/switches_to",
            "normal",
            ("/tests/0/switches_to", "deal.tests.moment"),
            id="waterfall-chosen-on-the-way",
        ),
        pytest.param(
            "/waterfall/3",
            {"pay_principal": {"tranches": ["A"], "mode": "available"}},
            ("/tests/0/moment", "deal.tests.never_made"),
            id="test-on-the-way-that-no-step-asks-for",
        ),
        pytest.param("/fees/0/amount", "5", ("/fees/0", "schema.value_error"), id="two-kinds"),
        pytest.param(
            "/fees/0/rounding", CENTS, ("/fees/0", "schema.value_error"), id="amounts-rounded"
        ),
    ],
)
def test_conventions_that_mean_nothing_are_refused_with_their_place(
    path: str, value: Any, complaint: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_deal(changed(path, value), "test")
    assert complaint in [(each.path, each.rule) for each in refusal.value.complaints]
