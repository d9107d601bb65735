"""Pool files: every word is read as what it means, and every slip is refused where it stands."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.pool import PoolDocument, PoolFile, load_pool, parse_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.day_count import DayCount
from issuer.domain.errors import InvalidInput
from issuer.domain.pool.assumptions import (
    Assumptions,
    Cdr,
    Cpr,
    DefaultAmounts,
    Delinquency,
    FlowOrder,
    LossTiming,
    Psa,
    RateRule,
)
from issuer.domain.pool.claims import Lease, Receivable, SuppliedCurve, SuppliedFlow
from issuer.domain.pool.curves import After, Curve, Vector, constant
from issuer.domain.pool.loan import Amortisation, FloatingRate, HolidayInterest, InterestOn, Loan
from issuer.domain.pool.rep_lines import RepLine
from issuer.domain.pool.revenue import CapacityRevenue, Per, Rent
from issuer.domain.rounding import Rounding, RoundingMode

MILLION = 10**6
LOAN = {"kind": "loan", "id": "l1", "balance": "1000.50", "rate": "6", "remaining": 12}


def pool(*assets: Any, **changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "deal": "d",
        "synthetic": True,
        "fx_rate": "1.07",
        "assets": list(assets) or [LOAN],
        "assumptions": {},
        **changes,
    }


def read(document: dict[str, Any]) -> PoolFile:
    return parse_pool(document, "test")


def refusal(act: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        act()
    assert refused.value.source == "test"
    assert all(each.message for each in refused.value.complaints)
    return [(each.path, each.rule) for each in refused.value.complaints]


ASSETS: list[tuple[dict[str, Any], object]] = [
    (LOAN, Loan(id="l1", balance=1000_500_000, rate=Fraction(6, 100), remaining=12)),
    (
        {
            "kind": "loan",
            "id": "l2",
            "balance": "1000",
            "floating": {
                "index": "lpr",
                "spread": "-0.25",
                "current": "4",
                "fixed_payments": 2,
                "reset_every": 4,
                "cap": "9",
                "floor": None,
            },
            "remaining": 8,
            "original_balance": "2000",
            "age": 5,
            "amortisation": "balloon",
            "interval": 3,
            "next_due": "2026-08-31",
            "accrued_from": "2026-05-31",
            "maturity": "2028-06-15",
            "month_end": True,
            "holiday": 1,
            "holiday_interest": "waived",
            "interest_only": 2,
            "payment": "100",
            "balloon_term": 20,
        },
        Loan(
            id="l2",
            balance=1000 * MILLION,
            rate=FloatingRate(
                index="lpr",
                spread=Fraction(-25, 10_000),
                current=Fraction(4, 100),
                fixed_payments=2,
                reset_every=4,
                cap=Fraction(9, 100),
                floor=None,
            ),
            remaining=8,
            original_balance=2000 * MILLION,
            age=5,
            amortisation=Amortisation.BALLOON,
            interval=3,
            next_due=date(2026, 8, 31),
            accrued_from=date(2026, 5, 31),
            maturity=date(2028, 6, 15),
            month_end=True,
            holiday=1,
            holiday_interest=HolidayInterest.WAIVED,
            interest_only=2,
            payment=100 * MILLION,
            balloon_term=20,
        ),
    ),
    (
        {**LOAN, "balance": "3", "remaining": 2, "amortisation": "custom", "principal": ["1", "2"]},
        Loan(
            id="l1",
            balance=3 * MILLION,
            rate=Fraction(6, 100),
            remaining=2,
            amortisation=Amortisation.CUSTOM,
            principal=(MILLION, 2 * MILLION),
        ),
    ),
    (
        {**LOAN, "amortisation": "equal_principal", "principal_every": 3},
        Loan(
            id="l1",
            balance=1000_500_000,
            rate=Fraction(6, 100),
            remaining=12,
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            principal_every=3,
        ),
    ),
    (
        {
            "kind": "lease",
            "id": "e1",
            "rentals": ["10", "20"],
            "interval": 6,
            "next_due": "2026-09-01",
            "rate": "5",
            "deposit": "4",
            "residual": "7",
            "age": 3,
        },
        Lease(
            id="e1",
            rentals=(10 * MILLION, 20 * MILLION),
            interval=6,
            next_due=date(2026, 9, 1),
            rate=Fraction(5, 100),
            deposit=4 * MILLION,
            residual=7 * MILLION,
            age=3,
        ),
    ),
    (
        {
            "kind": "receivable",
            "id": "r1",
            "face": "100",
            "due": "2026-09-01",
            "fee": "3",
            "dilution": "2",
        },
        Receivable(
            id="r1",
            face=100 * MILLION,
            due=date(2026, 9, 1),
            fee=3 * MILLION,
            dilution=Fraction(2, 100),
        ),
    ),
    (
        {
            "kind": "capacity",
            "id": "c1",
            "capacity": {"2027-01-01": "8000", "2026-04-01": "9000"},
            "utilisation": "12.5",
            "price": {"2026-04-01": "1.0000005"},
            "per": "month",
            "starts": "2026-04-01",
            "ends": "2027-03-31",
            "seasonality": ["100"] * 12,
            "growth": "-0.5",
            "operating_costs": "10",
            "first_due": "2026-05-15",
            "interval": 2,
        },
        CapacityRevenue(
            id="c1",
            capacity=Curve(
                ((date(2026, 4, 1), Fraction(9000)), (date(2027, 1, 1), Fraction(8000)))
            ),
            utilisation=Fraction(1, 8),
            price=Curve(((date(2026, 4, 1), Fraction(20000010, 20)),)),
            per=Per.MONTH,
            starts=date(2026, 4, 1),
            ends=date(2027, 3, 31),
            seasonality=(Fraction(1),) * 12,
            growth=Fraction(-5, 1000),
            operating_costs=Fraction(1, 10),
            first_due=date(2026, 5, 15),
            interval=2,
        ),
    ),
    (
        {
            "kind": "rent",
            "id": "t1",
            "base": "5000",
            "per": "day",
            "starts": "2026-04-01",
            "ends": "2027-03-31",
            "increase": "3",
            "vacancy": {"2026-04-01": "0", "2026-10-01": "5"},
            "first_due": "2026-05-01",
            "interval": 1,
        },
        Rent(
            id="t1",
            base=Fraction(5000 * MILLION),
            per=Per.DAY,
            starts=date(2026, 4, 1),
            ends=date(2027, 3, 31),
            increase=Fraction(3, 100),
            vacancy=Curve(((date(2026, 4, 1), Fraction(0)), (date(2026, 10, 1), Fraction(5, 100)))),
            first_due=date(2026, 5, 1),
        ),
    ),
    (
        {
            "kind": "supplied",
            "id": "s1",
            "lines": [
                {"date": "2026-06-30", "interest": "1", "principal": "2"},
                {"date": "2026-09-30", "revenue": "3"},
            ],
            "contractual": False,
            "age": 4,
        },
        SuppliedCurve(
            id="s1",
            lines=(
                SuppliedFlow(date(2026, 6, 30), MILLION, 2 * MILLION),
                SuppliedFlow(date(2026, 9, 30), revenue=3 * MILLION),
            ),
            contractual=False,
            age=4,
        ),
    ),
]


@pytest.mark.parametrize(("written", "meant"), ASSETS)
def test_each_kind_of_asset_is_read_word_for_word(written: dict[str, Any], meant: object) -> None:
    assert read(pool(written)).assets == (meant,)


CENTS = {"mode": "half_up", "to": "0.01"}
TO_CENTS = Rounding(RoundingMode.HALF_UP, 10_000)


def test_the_conventions_of_a_lender_are_read_word_for_word() -> None:
    flat = {
        "amortisation": "equal_principal",
        "remaining": 2,
        "interest_every": 2,
        "interest_on": "original",
        "accrued_from": "2026-04-01",
        "dates": ["2026-05-04", "2026-06-01"],
        "accrued_to": ["2026-05-01", "2026-06-01"],
        "rounding": CENTS,
    }
    (loan,) = read(pool({**LOAN, **flat})).assets
    assert isinstance(loan, Loan)
    assert (loan.interest_every, loan.interest_on) == (2, InterestOn.ORIGINAL)
    assert loan.dates == (date(2026, 5, 4), date(2026, 6, 1))
    assert loan.accrued_to == (date(2026, 5, 1), date(2026, 6, 1))
    assert loan.rounding == TO_CENTS


def test_the_conventions_of_an_engine_are_read_word_for_word() -> None:
    stated = {"cpr": "6", "cpr_rule": "by_days", "cdr": "1", "cdr_rule": "per_period"}
    found = read(pool(assumptions={**stated, "rounding": CENTS})).case().pool
    assert found.prepayment == Cpr(constant(Fraction(6, 100)), RateRule.BY_DAYS)
    assert found.default == Cdr(constant(Fraction(1, 100)), RateRule.PER_PERIOD)
    assert found.rounding == TO_CENTS


@pytest.mark.parametrize("count", list(DayCount))
def test_the_day_count_of_a_loan_is_the_one_it_names(count: DayCount) -> None:
    (loan,) = read(pool({**LOAN, "day_count": count.value})).assets
    assert isinstance(loan, Loan)
    assert loan.day_count is count


def test_the_assumptions_are_read_word_for_word() -> None:
    found = read(
        pool(
            assumptions={
                "cpr": {"values": ["6", "8"], "after": "end"},
                "default_amounts": ["10", "20"],
                "severity": "40",
                "recovery_lag": 2,
                "recovery_timing": ["75", "25"],
                "delinquency": {"missed": "3", "roll": ["50", "60", "70"], "cure": "90"},
                "indices": {"lpr": "3.5", "shibor": {"2026-04-01": "2"}},
                "rate_rule": "by_days",
                "order": "prepaid_then_scheduled",
                "interest_on_defaulted": True,
                "interest_on_prepaid": False,
                "loss_timing": "at_last_recovery",
                "revenue": "90",
                "fixings": {"hibor": "4"},
                "support": {"bank": "500"},
                "clean_up_call": "10",
            }
        )
    ).case()
    assert found.pool == Assumptions(
        prepayment=Cpr(Vector((Fraction(6, 100), Fraction(8, 100)), After.END)),
        default=DefaultAmounts((10 * MILLION, 20 * MILLION)),
        severity=Fraction(4, 10),
        recovery_lag=2,
        recovery_timing=(Fraction(3, 4), Fraction(1, 4)),
        delinquency=Delinquency(
            missed=Fraction(3, 100),
            roll=(Fraction(5, 10), Fraction(6, 10), Fraction(7, 10)),
            cure=Fraction(9, 10),
        ),
        indices={
            "lpr": Curve(((date(1900, 1, 1), Fraction(35, 1000)),)),
            "shibor": Curve(((date(2026, 4, 1), Fraction(2, 100)),)),
        },
        rate_rule=RateRule.BY_DAYS,
        order=FlowOrder.PREPAID_THEN_SCHEDULED,
        interest_on_defaulted=True,
        interest_on_prepaid=False,
        loss_timing=LossTiming.AT_LAST_RECOVERY,
    )
    assert (found.fx, found.revenue, found.call) == (
        Fraction(107, 100),
        Fraction(9, 10),
        Fraction(1, 10),
    )
    assert found.fixings == {"hibor": Fraction(4, 100)}
    assert found.support_micro == {"bank": 500 * MILLION}


@pytest.mark.parametrize(
    ("asset", "place", "rule"),
    [
        ({**LOAN, "balance": 1000}, "/assets/0/balance", "schema.value_error"),
        ({**LOAN, "balance": "1e6"}, "/assets/0/balance", "schema.value_error"),
        ({**LOAN, "colour": "red"}, "/assets/0/colour", "schema.extra_forbidden"),
        ({**LOAN, "kind": "bond"}, "/assets/0", "schema.asset_kind"),
        ({**LOAN, "kind": ["loan"]}, "/assets/0", "schema.asset_kind"),
        ({**LOAN, "floating": {"index": "i", "spread": "1"}}, "/assets/0", "schema.value_error"),
        ({**LOAN, "interval": 101}, "/assets/0", "schema.value_error"),
        ({**LOAN, "remaining": 1201}, "/assets/0/remaining", "schema.less_than_equal"),
        (
            {**LOAN, "next_due": "2026-05-01", "accrued_from": "2026-05-01"},
            "/assets/0",
            "schema.value_error",
        ),
        ({**LOAN, "holiday": 13}, "/assets/0/holiday", "pool.holiday"),
        ({**LOAN, "rate": "101"}, "/assets/0/rate", "pool.rate"),
        (
            {"kind": "lease", "id": "e", "rentals": ["1"] * 11, "interval": 120},
            "/assets/0",
            "schema.value_error",
        ),
        (
            {"kind": "lease", "id": "e", "rentals": ["1"], "deposit": "2"},
            "/assets/0/deposit",
            "pool.deposit",
        ),
        (
            {"kind": "receivable", "id": "r", "face": "1", "due": "30 June"},
            "/assets/0/due",
            "schema.value_error",
        ),
        (
            {**ASSETS[6][0], "price": {"2026-04-01": "-1"}},
            "/assets/0/price/2026-04-01",
            "schema.value_error",
        ),
        ({**ASSETS[6][0], "capacity": {}}, "/assets/0/capacity", "schema.too_short"),
        ({**ASSETS[6][0], "seasonality": ["100"]}, "/assets/0/seasonality", "pool.seasonality"),
        ({**ASSETS[7][0], "vacancy": "101"}, "/assets/0/vacancy", "pool.vacancy"),
    ],
)
def test_a_wrong_asset_is_refused_where_it_stands(asset: Any, place: str, rule: str) -> None:
    assert refusal(lambda: read(pool(asset))) == [(place, rule)]


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"fx_rate": "0"}, "/fx_rate", "schema.value_error"),
        ({"fx_rate": None}, "/fx_rate", "schema.value_error"),
        ({"tape": "loans.csv"}, "", "schema.value_error"),
        ({"assets": []}, "", "schema.value_error"),
        ({"assets": [LOAN, LOAN]}, "/assets/1/id", "pool.assets.id"),
        ({"grouping": []}, "", "schema.value_error"),
        ({"assets": None, "tape": "loans.csv"}, "/tape", "pool.tape.request"),
        ({"assumptions": {"cpr": "6", "psa": "1"}}, "/assumptions", "schema.value_error"),
        ({"assumptions": {"cpr": []}}, "/assumptions/cpr", "schema.too_short"),
        ({"assumptions": {"cdr": "101"}}, "/assumptions/cdr", "schema.value_error"),
        ({"assumptions": {"recovery_timing": ["90"]}}, "/assumptions/recovery_timing", None),
        ({"assumptions": {"rate_rule": "weekly"}}, "/assumptions/rate_rule", "schema.enum"),
        (
            {"assumptions": {"delinquency": {"missed": "1", "roll": ["1"]}}},
            "/assumptions/delinquency",
            "schema.value_error",
        ),
        (
            {"scenarios": {"bad": {"severity": "101"}}},
            "/scenarios/bad/severity",
            "schema.value_error",
        ),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(
    changes: dict[str, Any], place: str, rule: str | None
) -> None:
    document = {**pool(), **changes}
    ((found_place, found_rule),) = refusal(lambda: read(document))
    assert found_place == place
    assert rule in (None, found_rule)


def test_a_scenario_changes_only_what_it_names() -> None:
    found = read(
        pool(
            assumptions={"cpr": "6", "cdr": "1", "severity": "40"},
            scenarios={"fast": {"psa": "300"}, "losses": {"cdr": ["5", "2"]}},
        )
    )
    base = found.case().pool
    assert (base.prepayment, base.default) == (
        Cpr(constant(Fraction(6, 100))),
        Cdr(constant(Fraction(1, 100))),
    )
    fast = found.case(OverridesDocument(scenario="fast")).pool
    assert (fast.prepayment, fast.default, fast.severity) == (
        Psa(Fraction(3)),
        base.default,
        base.severity,
    )
    losses = found.case(OverridesDocument(scenario="losses")).pool
    assert losses.default == Cdr(Vector((Fraction(5, 100), Fraction(2, 100))))
    assert losses.prepayment == base.prepayment


def test_a_question_has_the_last_word() -> None:
    found = read(pool(assumptions={"cdr": "1"}, scenarios={"fast": {"psa": "300", "cdr": "2"}}))
    asked = OverridesDocument.model_validate({"scenario": "fast", "cpr": "9", "severity": "10"})
    case = found.case(asked).pool
    assert case.prepayment == Cpr(constant(Fraction(9, 100)))
    assert case.default == Cdr(constant(Fraction(2, 100)))
    assert case.severity == Fraction(1, 10)


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    found = read(pool(scenarios={"fast": {"psa": "300"}}))
    with pytest.raises(InvalidInput, match=r"use one of \(fast\)"):
        found.case(OverridesDocument(scenario="slow"))


def test_a_tape_is_read_beside_the_file_and_grouped_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text(
        "id,balance,rate,remaining\na,100,5.1,24\nb,300,5.2,24\nc,50,7,24\n", "utf-8"
    )
    document = pool(tape="loans.csv")
    del document["assets"]
    by_loan = parse_pool(document, "test", tmp_path)
    assert [each.id for each in by_loan.assets] == ["a", "b", "c"]
    keys = [{"field": "rate", "width": "1"}, {"field": "remaining"}, {"field": "age"}]
    grouped = parse_pool({**document, "grouping": keys}, "test", tmp_path)
    lines = [each for each in grouped.assets if isinstance(each, RepLine)]
    assert [(line.id, line.balance, line.count) for line in lines] == [
        ("a", 400 * MILLION, 2),
        ("c", 50 * MILLION, 1),
    ]
    wrong = {**document, "grouping": [{"field": "rate", "width": "0"}]}
    assert refusal(lambda: parse_pool(wrong, "test", tmp_path)) == [
        ("/grouping/width", "pool.width")
    ]


def test_a_tape_of_loans_paid_for_longer_than_dates_reach_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text(
        "id,balance,rate,remaining,interval\na,100,0,9999,9999\n", "utf-8"
    )
    document = pool(tape="loans.csv")
    del document["assets"]
    assert refusal(lambda: parse_pool(document, "test", tmp_path)) == [
        ("/tape", "pool.tape.months")
    ]


def test_a_tape_that_is_not_there_is_named(tmp_path: Path) -> None:
    document = pool(tape="missing.csv")
    del document["assets"]
    with pytest.raises(InvalidInput, match=r"missing\.csv"):
        parse_pool(document, "test", tmp_path)


def test_a_pool_of_another_deal_is_refused() -> None:
    found = read(pool())
    found.require_of("d")
    assert refusal(lambda: found.require_of("e")) == [("/deal", "pool.deal")]


def test_every_word_of_the_file_is_explained() -> None:
    schema = PoolDocument.model_json_schema()
    models = {"pool": schema, **schema["$defs"]}
    unexplained = [
        f"{name}.{word}"
        for name, model in models.items()
        for word, told in model.get("properties", {}).items()
        if not told.get("description") and "$ref" not in told
    ]
    assert not unexplained


def test_reading_a_file_leaves_the_document_as_it_was(tmp_path: Path) -> None:
    document = pool()
    before = deepcopy(document)
    read(document)
    assert document == before
    (tmp_path / "d.pool.yaml").write_text("version: 2\n", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        load_pool(tmp_path / "d.pool.yaml")
    assert refused.value.source == "d.pool.yaml"
