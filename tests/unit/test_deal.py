"""Deal files: the shipped one is accepted, and every way to spoil it is refused with a cure."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.collections import (
    CollectionsDocument,
    load_collections,
    parse_collections,
)
from issuer.documents.deal import DealDocument, load_deal, parse_deal
from issuer.documents.text import MAX_BYTES, read_document, read_file
from issuer.domain.calendar import Convention
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.deal_checks import validate_deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.waterfall.steps import (
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    Release,
    TopUp,
)

FOLDER = Path(__file__).parents[2] / "scripts/deals"
DEAL_FILE = FOLDER / "ev-charging.yaml"
COLLECTIONS_FILE = FOLDER / "ev-charging.collections.yaml"
DOCUMENT = read_file(DEAL_FILE)
DROP = object()


def complaints_about(action: Callable[[], object]) -> list[Complaint]:
    with pytest.raises(InvalidInput) as refusal:
        action()
    assert refusal.value.source == "test"
    assert all(complaint.message for complaint in refusal.value.complaints)
    return list(refusal.value.complaints)


def spoilt(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The document with the values at these JSON pointers replaced, added or dropped."""
    copy = deepcopy(document)
    for pointer, value in changes.items():
        *way, last = pointer.strip("/").split("/")
        here: Any = copy
        for part in way:
            here = here[int(part)] if isinstance(here, list) else here[part]
        key: Any = int(last) if isinstance(here, list) else last
        if value is DROP:
            del here[key]
        elif isinstance(here, list) and key == len(here):
            here.append(value)
        else:
            here[key] = value
    return copy


def rules(changes: dict[str, Any]) -> list[tuple[str, str]]:
    found = complaints_about(lambda: parse_deal(spoilt(DOCUMENT, changes), "test"))
    return [(complaint.path, complaint.rule) for complaint in found]


def test_shipped_deal_is_the_worked_example() -> None:
    deal = load_deal(DEAL_FILE)
    assert validate_deal(deal) == []
    assert deal.synthetic
    assert [t.id for t in deal.tokenised] == ["A"]
    senior, first_loss = deal.tranche("A"), deal.tranche("S")
    assert (senior.units, senior.original_micro) == (80_000, 80_000_000_000_000)
    assert senior.rate == Fraction(58, 1000)
    assert senior.principal_schedule == (200_000_000,) * 5
    assert (first_loss.retained_by, first_loss.original_micro) == ("originator", 20_000_000_000_000)
    assert deal.waterfall == (
        PayFee(("trustee",)),
        PayFee(("servicer",)),
        PayInterest(("A",)),
        TopUp("reserve"),
        PayPrincipal(("A",)),
        Release("reserve"),
        PayResidual("S"),
    )
    assert (deal.schedule.closing, deal.schedule.record_time) == (date(2026, 4, 15), time(18, 0))
    assert deal.offering.min_subscription_micro == 1_070_000_000_000
    assert deal.issuer.other_debt_micro == 0


def test_lookup_by_id() -> None:
    deal = load_deal(DEAL_FILE)
    assert deal.fee("servicer").payee == deal.payee("servicer").id == "servicer"
    with pytest.raises(KeyError):
        deal.tranche("Z")


# --- The terms among themselves ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"/waterfall/0": {"pay_fee": "x"}}, "/waterfall/0/pay_fee", "deal.unknown.fee"),
        (
            {"/waterfall/2": {"pay_interest": "X"}},
            "/waterfall/2/pay_interest",
            "deal.unknown.tranche",
        ),
        ({"/waterfall/3": {"top_up": "x"}}, "/waterfall/3/top_up", "deal.unknown.reserve"),
        (
            {"/waterfall/4": {"pay_principal": "X"}},
            "/waterfall/4/pay_principal",
            "deal.unknown.tranche",
        ),
        (
            {"/waterfall/6": {"pay_residual": "X"}},
            "/waterfall/6/pay_residual",
            "deal.unknown.tranche",
        ),
        ({"/fees/0/payee": "nobody"}, "/fees/0/payee", "deal.unknown.payee"),
        ({"/tranches/1/retained_by": "nobody"}, "/tranches/1/retained_by", "deal.unknown.payee"),
        ({"/tranches/1/retained_by": DROP}, "/tranches/1/retained_by", "deal.unknown.payee"),
        ({"/tranches/0/retained_by": "trustee"}, "/tranches/0/retained_by", "deal.tranches.holder"),
        ({"/tranches/0/symbol": DROP}, "/tranches/0/symbol", "deal.tranches.symbol"),
        ({"/tranches/1/symbol": "EVC-S"}, "/tranches/1/symbol", "deal.tranches.symbol"),
        ({"/waterfall/2": DROP}, "/tranches/0", "deal.waterfall.never_paid"),
        ({"/waterfall/4": DROP}, "/tranches/0", "deal.waterfall.never_paid"),
        ({"/waterfall/0": DROP}, "/fees/0", "deal.waterfall.never_paid"),
        ({"/waterfall/5": DROP}, "/reserves/0", "deal.reserve.no_way_out"),
        ({"/reserves": []}, "/waterfall/3/top_up", "deal.unknown.reserve"),
        ({"/waterfall/6": DROP}, "/waterfall", "deal.waterfall.residual"),
        ({"/waterfall": []}, "/waterfall", "deal.waterfall.residual"),
        ({"/waterfall/7": {"pay_fee": "trustee"}}, "/waterfall", "deal.waterfall.residual"),
        ({"/waterfall/7": {"pay_residual": "S"}}, "/waterfall", "deal.waterfall.residual"),
        ({"/waterfall/1": {"pay_fee": "trustee"}}, "/waterfall/1", "deal.waterfall.repeated"),
        ({"/waterfall/5": {"top_up": "reserve"}}, "/waterfall/5", "deal.waterfall.repeated"),
        ({"/tranches/0/rate": DROP}, "/tranches/0", "deal.waterfall.nothing_due"),
        ({"/tranches/0/principal_schedule": []}, "/tranches/0", "deal.waterfall.nothing_due"),
        (
            {"/waterfall/5": {"pay_residual": "A"}},
            "/waterfall/5/pay_residual",
            "deal.residual.tokenised",
        ),
        (
            {"/tranches/0/principal_schedule": ["200"] * 4},
            "/tranches/0/principal_schedule",
            "deal.principal.sum",
        ),
        (
            {"/tranches/0/principal_schedule/4": "200.000001"},
            "/tranches/0/principal_schedule",
            "deal.principal.sum",
        ),
        ({"/schedule/payments": 4}, "/tranches/0/principal_schedule", "deal.principal.length"),
        ({"/tranches/0/units": 0}, "/tranches/0/units", "deal.units.range"),
        ({"/tranches/0/units": 2**63}, "/tranches/0/units", "deal.units.range"),
        ({"/tranches/0/units": 2**62}, "/tranches", "deal.amount.range"),
        ({"/tranches/0/denomination": "0"}, "/tranches/0/denomination", "deal.denomination.range"),
        ({"/tranches/0/rate": "0"}, "/tranches/0/rate", "deal.rate.range"),
        ({"/tranches/0/rate": "100.01"}, "/tranches/0/rate", "deal.rate.range"),
        ({"/fees/0/amount": "0"}, "/fees/0/amount", "deal.fees.range"),
        (
            {"/fees/1/percent_of_collections": "100.5"},
            "/fees/1/percent_of_collections",
            "deal.fees.range",
        ),
        ({"/reserves/0/target": "0"}, "/reserves/0/target", "deal.reserve.range"),
        ({"/reserves/0/opening": "2000000.01"}, "/reserves/0/opening", "deal.reserve.range"),
        ({"/offering/min_subscription": "0"}, "/offering/min_subscription", "deal.offering.range"),
        ({"/offering/holder_cap": 2**63}, "/offering/holder_cap", "deal.offering.range"),
        ({"/offering/holder_cap": 0}, "/offering/holder_cap", "deal.offering.range"),
        ({"/offering/min_holding": "1070000.01"}, "/offering/min_holding", "deal.offering.range"),
        ({"/offering/lock_up_days": 3_651}, "/offering/lock_up_days", "deal.offering.range"),
        ({"/settlement/currency": "USD"}, "/settlement/currency", "deal.currency.mismatch"),
        ({"/tranches/1/id": "A"}, "/tranches/1/id", "deal.tranches.duplicate"),
        ({"/payees/1/id": "trustee"}, "/payees/1/id", "deal.payees.duplicate"),
        ({"/fees/1/id": "trustee"}, "/fees/1/id", "deal.fees.duplicate"),
        ({"/accounts/1/id": "onshore-collections"}, "/accounts/1/id", "deal.accounts.duplicate"),
        ({"/offering/opens": "2026-04-16"}, "/offering/opens", "deal.dates.order"),
        ({"/schedule/closing": "2026-04-16"}, "/schedule/closing", "deal.dates.order"),
        ({"/schedule/accrual_start": "2026-07-15"}, "/schedule/accrual_start", "deal.dates.order"),
        (
            {"/schedule/first_collection/start": "2026-07-01"},
            "/schedule/first_collection/start",
            "deal.dates.order",
        ),
        (
            {"/schedule/first_collection/end": "2026-07-15"},
            "/schedule/first_collection/end",
            "deal.dates.order",
        ),
        (
            {"/schedule/first_collection/end": "2026-07-09"},
            "/schedule/first_collection/end",
            "deal.dates.order",
        ),
        ({"/schedule/payments": 0}, "/schedule/payments", "deal.schedule.range"),
        ({"/schedule/payments": 401}, "/schedule/payments", "deal.schedule.range"),
        ({"/schedule/months": 0}, "/schedule/months", "deal.schedule.range"),
        ({"/schedule/record_lag": 0}, "/schedule/determination_lag", "deal.schedule.lags"),
        ({"/schedule/determination_lag": 2}, "/schedule/determination_lag", "deal.schedule.lags"),
        ({"/schedule/calendars": []}, "/schedule/calendars", "deal.schedule.calendars"),
        (
            {"/schedule/first_payment": "2101-07-15"},
            "/schedule/first_payment",
            "deal.schedule.range",
        ),
        ({"/schedule/allow_projected": False}, "/schedule/allow_projected", "calendar.horizon"),
        (
            {"/schedule/day_count": "ACT/ACT ICMA", "/schedule/months": 5},
            "/schedule/day_count",
            "deal.schedule.day_count",
        ),
        (
            {"/tranches/0/day_count": "ACT/ACT ICMA", "/schedule/months": 5},
            "/tranches/0/day_count",
            "deal.schedule.day_count",
        ),
        (
            {"/schedule/end_of_month": True},
            "/schedule/end_of_month",
            "deal.schedule.end_of_month",
        ),
        ({"/tranches": []}, "/tranches", "deal.tranches.no_token"),
    ],
)
def test_contradictory_terms_refused(changes: dict[str, Any], path: str, rule: str) -> None:
    assert (path, rule) in rules(changes)


def test_two_tokens_with_one_symbol_refused() -> None:
    twin = {**DOCUMENT["tranches"][0], "id": "B"}
    assert ("/tranches/2/symbol", "deal.tranches.symbol") in rules({"/tranches/2": twin})


def test_tranche_paid_by_no_step_refused() -> None:
    idle = {**DOCUMENT["tranches"][1], "id": "T"}
    assert rules({"/tranches/2": idle}) == [("/tranches/2", "deal.waterfall.never_paid")]


def test_all_complaints_are_reported_at_once() -> None:
    changes = {"/settlement/currency": "USD", "/tranches/0/units": 0, "/fees/0/payee": "nobody"}
    assert {rule for _, rule in rules(changes)} == {
        "deal.currency.mismatch",
        "deal.units.range",
        "deal.unknown.payee",
    }


def test_terms_that_pydantic_cannot_see_are_checked_in_the_domain() -> None:
    deal = load_deal(DEAL_FILE)
    negative = replace(deal.tranches[0], principal_schedule=(-1, 1_000_000_001))
    spoilt_deal = replace(
        deal,
        structure=replace(deal.structure, tranches=(negative, deal.tranches[1])),
        issuer=replace(deal.issuer, other_debt_micro=-1),
    )
    found = {(c.path, c.rule) for c in validate_deal(spoilt_deal)}
    assert ("/tranches/0/principal_schedule", "deal.principal.range") in found
    assert ("/issuer/other_debt", "deal.amount.range") in found


@pytest.mark.parametrize(
    "changes",
    [
        {"/settlement/peg": "CNY"},
        {"/settlement/licence": None},
        {"/token/form": "EQUITY"},
        {"/token/claim_type": "MEMBERSHIP"},
        {"/asset_class": "MINERAL_RIGHT"},
        {"/issuer/jurisdiction": "CN"},
        {"/issuer/other_debt": "1"},
        {"/filer/jurisdiction": "HK"},
    ],
)
def test_what_the_rulebook_forbids_can_be_read(changes: dict[str, Any]) -> None:
    """The door judges form only: a forbidden deal must get as far as the rule that forbids it."""
    assert parse_deal(spoilt(DOCUMENT, changes), "test").id == "ev-charging"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        *(("day_count", each) for each in DayCount),
        *(("accrual", each) for each in Accrual),
        *(("convention", each) for each in Convention),
    ],
)
def test_every_convention_of_the_schedule_is_accepted(term: str, value: str) -> None:
    deal = parse_deal(spoilt(DOCUMENT, {f"/schedule/{term}": str(value)}), "test")
    assert getattr(deal.schedule, term) is value


def test_month_ends_from_a_month_end_are_accepted() -> None:
    changes = {"/schedule/end_of_month": True, "/schedule/first_payment": "2026-07-31"}
    assert parse_deal(spoilt(DOCUMENT, changes), "test").schedule.end_of_month


def test_uneven_months_are_accepted_under_other_day_counts_than_icma() -> None:
    changes = {"/schedule/months": 5, "/schedule/day_count": "ACT/360"}
    assert parse_deal(spoilt(DOCUMENT, changes), "test").schedule.frequency is None


# --- Fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"/name": DROP}, "/name", "schema.missing"),
        (
            {"/schedule/first_collection/end": DROP},
            "/schedule/first_collection/end",
            "schema.missing",
        ),
        ({"/colour": "red"}, "/colour", "schema.extra_forbidden"),
        ({"/tranches/0/a~b": 1}, "/tranches/0/a~0b", "schema.extra_forbidden"),
        ({"/version": 2}, "/version", "schema.literal_error"),
        ({"/name": 5}, "/name", "schema.string_type"),
        ({"/synthetic": "true"}, "/synthetic", "schema.bool_type"),
        ({"/synthetic": 1}, "/synthetic", "schema.bool_type"),
        ({"/tranches/0/units": "80000"}, "/tranches/0/units", "schema.int_type"),
        ({"/tranches/0/units": 80000.0}, "/tranches/0/units", "schema.int_type"),
        ({"/tranches/0/units": True}, "/tranches/0/units", "schema.int_type"),
        ({"/tranches/0/units": -1}, "/tranches/0/units", "schema.greater_than_equal"),
        ({"/tranches/0/rate": 5.8}, "/tranches/0/rate", "schema.value_error"),
        ({"/tranches/0/rate": "5.8%"}, "/tranches/0/rate", "schema.value_error"),
        ({"/tranches/0/denomination": 1000}, "/tranches/0/denomination", "schema.value_error"),
        ({"/tranches/0/denomination": "1e3"}, "/tranches/0/denomination", "schema.value_error"),
        ({"/fees/0/amount": "-1"}, "/fees/0/amount", "schema.value_error"),
        ({"/fees/0/amount": "1.0000001"}, "/fees/0/amount", "schema.value_error"),
        ({"/fees/0/percent_of_collections": "1"}, "/fees/0", "schema.value_error"),
        ({"/fees/0/amount": DROP}, "/fees/0", "schema.value_error"),
        ({"/tranches/0/id": "A:1"}, "/tranches/0/id", "schema.string_pattern_mismatch"),
        ({"/currency": "hkd"}, "/currency", "schema.string_pattern_mismatch"),
        ({"/filer/uscc": "91310000MADEM00018"}, "/filer/uscc", "schema.value_error"),
        ({"/filer/uscc": "x"}, "/filer/uscc", "schema.value_error"),
        ({"/schedule/closing": "2026-02-30"}, "/schedule/closing", "schema.value_error"),
        ({"/schedule/closing": "20260415"}, "/schedule/closing", "schema.value_error"),
        ({"/schedule/closing": 20260415}, "/schedule/closing", "schema.date_type"),
        ({"/schedule/record_time": "18"}, "/schedule/record_time", "schema.value_error"),
        ({"/schedule/calendars/0": "us"}, "/schedule/calendars/0", "schema.value_error"),
        ({"/schedule/calendars/0": 1}, "/schedule/calendars/0", "schema.string_type"),
        ({"/schedule/day_count": "ACT/366"}, "/schedule/day_count", "schema.enum"),
        ({"/tranches/0/day_count": "ACT/366"}, "/tranches/0/day_count", "schema.enum"),
        ({"/schedule/accrual": "rolled"}, "/schedule/accrual", "schema.enum"),
        ({"/schedule/convention": "nearest"}, "/schedule/convention", "schema.enum"),
        ({"/schedule/end_of_month": "no"}, "/schedule/end_of_month", "schema.bool_type"),
        ({"/waterfall/0": {"pay": "trustee"}}, "/waterfall/0", "schema.waterfall_step"),
        ({"/waterfall/0": "pay_fee"}, "/waterfall/0", "schema.waterfall_step"),
        ({"/waterfall/0": {}}, "/waterfall/0", "schema.waterfall_step"),
        ({"/waterfall/0": {"pay_fee": 1}}, "/waterfall/0/pay_fee", "schema.model_type"),
        (
            {"/waterfall/0": {"pay_fee": "trustee", "cap": "1"}},
            "/waterfall/0/cap",
            "schema.extra_forbidden",
        ),
        ({"/tranches": {}}, "/tranches", "schema.list_type"),
        ({"/filer": "me"}, "/filer", "schema.model_type"),
    ],
)
def test_malformed_field_refused(changes: dict[str, Any], path: str, rule: str) -> None:
    assert rules(changes) == [(path, rule)]


def test_messages_name_the_cure() -> None:
    changes = {"/fees/0/amount": 50000, "/name": DROP, "/filer/uscc": "x"}
    changes |= {"/tranches/0/units": -1}
    found = complaints_about(lambda: parse_deal(spoilt(DOCUMENT, changes), "test"))
    messages = {complaint.path: complaint.message for complaint in found}
    assert "in quotes" in messages["/fees/0/amount"]
    assert "add it" in messages["/name"]
    assert "check digit" in messages["/filer/uscc"]
    assert messages["/tranches/0/units"] == "must be at least 0: correct it"


def test_document_survives_json() -> None:
    document = DealDocument.model_validate(DOCUMENT)
    stored = json.loads(document.model_dump_json())
    assert stored["schedule"]["record_time"] == "18:00"
    assert DealDocument.model_validate(stored) == document
    assert parse_deal(stored, "test") == load_deal(DEAL_FILE)


def test_models_describe_themselves_to_api_clients() -> None:
    schema = DealDocument.model_json_schema()
    tranche = schema["$defs"]["TrancheDocument"]["properties"]
    assert tranche["denomination"]["type"] == "string"
    assert tranche["denomination"]["examples"] == ["50000.00"]
    assert CollectionsDocument.model_json_schema()["additionalProperties"] is False


# --- Text -------------------------------------------------------------------------------------


def test_text_is_read_without_guessing() -> None:
    text = (
        "rate: 5.80\nday: 2026-07-15\nat: 18:00\nno: off\nyes: no\nnorway: NO\noctal: 010\n"
        "big: 99999999999999999999\nunits: 80000\nloss: -5\nyep: true\nnope: false\nnone: null\n"
        "empty:\nexp: 1e6\nhex: 0x10\nmany: 1_000\nlist: [1, 2.50]\n'quoted': '7'\n"
    )
    assert read_document(text, "test") == {
        "rate": "5.80",
        "day": "2026-07-15",
        "at": "18:00",
        "no": "off",
        "yes": "no",
        "norway": "NO",
        "octal": "010",
        "big": "99999999999999999999",
        "units": 80000,
        "loss": -5,
        "yep": True,
        "nope": False,
        "none": None,
        "empty": None,
        "exp": "1e6",
        "hex": "0x10",
        "many": "1_000",
        "list": [1, "2.50"],
        "quoted": "7",
    }


def test_json_is_read_too() -> None:
    assert read_document('{"a": [1, "2", 3.10, null, true]}', "test") == {
        "a": [1, "2", "3.10", None, True]
    }


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        ("a: [1\nb: 2\n", "yaml.syntax", "line 2"),
        ("a: 1\n\tb: 2\n", "yaml.syntax", "line 2"),
        ("a: b: c", "yaml.syntax", "line 1"),
        ("a: 1\n---\nb: 2\n", "yaml.syntax", "line 2"),
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate_key", "line 3"),
        ("x: {y: 1, y: 2}", "yaml.duplicate_key", "line 1"),
        ("a: &x 1\nb: *x\n", "yaml.anchor", "line 1"),
        ("a: *x\n", "yaml.anchor", "line 1"),
        ("a: !!python/object/apply:os.system [ls]", "yaml.tag", "line 1"),
        ("a: !!float 1.5", "yaml.tag", "line 1"),
        ("a: !custom 1", "yaml.tag", "line 1"),
        ("1: a", "yaml.key", "line 1"),
        ("true: a", "yaml.key", "line 1"),
        ("? [a, b]\n: 1", "yaml.key", "line 1"),
        ("[" * 5000 + "]" * 5000, "yaml.depth", "line 1"),
        ("{a: " * 5000 + "}" * 5000, "yaml.depth", "line 1"),
        ("a: \x00", "yaml.characters", "special characters"),
        ("a: \ud800", "yaml.characters", "special characters"),
        ("", "file.not_a_mapping", "mapping"),
        ("- a\n- b\n", "file.not_a_mapping", "mapping"),
        ("just text", "file.not_a_mapping", "mapping"),
        ("a: " + "x" * MAX_BYTES, "file.size", "bytes"),
        ("a: " + "元" * (MAX_BYTES // 2), "file.size", "bytes"),
    ],
)
def test_unreadable_text_refused(text: str, rule: str, says: str) -> None:
    (complaint,) = complaints_about(lambda: read_document(text, "test"))
    assert (complaint.path, complaint.rule) == ("", rule)
    assert says in complaint.message


def test_merge_keys_mean_nothing() -> None:
    assert read_document("<<: {a: 1}", "test") == {"<<": {"a": 1}}


def test_billion_laughs_refused_at_the_first_anchor() -> None:
    lines = ["a0: &a0 [lol]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)
    ]
    (complaint,) = complaints_about(lambda: read_document("\n".join(lines), "test"))
    assert complaint.rule == "yaml.anchor"


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"a: \xff\xfe", "file.encoding"), (b"a: 1\n" * MAX_BYTES, "file.size")],
)
def test_unreadable_file_refused(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "test"
    path.write_bytes(content)
    assert [c.rule for c in complaints_about(lambda: load_deal(path))] == [rule]


def test_missing_file_refused(tmp_path: Path) -> None:
    (complaint,) = complaints_about(lambda: load_deal(tmp_path / "test"))
    assert complaint.rule == "file.unreadable"


# --- Collections ------------------------------------------------------------------------------


def test_shipped_collections_are_the_worked_example() -> None:
    (batch,) = load_collections(COLLECTIONS_FILE).batches
    assert (batch.period, batch.cny_fen) == (1, 1_948_625_037)
    assert batch.received_on == date(2026, 7, 6)
    assert batch.fx is not None
    assert batch.fx.rate == Fraction(1_073_512, 1_000_000)


@pytest.mark.parametrize("fx", [DROP, None])
def test_batch_without_exchange_can_be_read_because_it_is_held(fx: object) -> None:
    document = spoilt(read_file(COLLECTIONS_FILE), {"/batches/0/fx": fx})
    assert parse_collections(document, "test").batches[0].fx is None


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"/batches/0/cny": "1.001"}, "/batches/0/cny", "schema.value_error"),
        ({"/batches/0/cny": 19486250.37}, "/batches/0/cny", "schema.value_error"),
        ({"/batches/0/fx/rate": "0"}, "/batches/0/fx/rate", "schema.value_error"),
        ({"/batches/0/period": 0}, "/batches/0/period", "schema.greater_than_equal"),
        ({"/batches/0/received_on": "6 July"}, "/batches/0/received_on", "schema.value_error"),
        ({"/deal": DROP}, "/deal", "schema.missing"),
    ],
)
def test_malformed_collections_refused(changes: dict[str, Any], path: str, rule: str) -> None:
    document = spoilt(read_file(COLLECTIONS_FILE), changes)
    found = complaints_about(lambda: parse_collections(document, "test"))
    assert [(complaint.path, complaint.rule) for complaint in found] == [(path, rule)]


def test_two_batches_with_one_id_refused() -> None:
    document = read_file(COLLECTIONS_FILE)
    document = spoilt(document, {"/batches/1": document["batches"][0]})
    (complaint,) = complaints_about(lambda: parse_collections(document, "test"))
    assert (complaint.path, complaint.rule) == ("", "schema.value_error")


# --- Identifiers, and fields that older files lack ---------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/issuer/lei", "DEMO00EVCHARGING0157"),
        ("/issuer/lei", "demo00evcharging0156"),
        ("/issuer/lei", "DEMO00 EVCHARGING0156"),
        ("/tranches/0/isin", "HKDEMOEVC018"),
        ("/tranches/0/isin", "hkdemoevc019"),
        ("/currency", "HKX"),
        ("/settlement/currency", "CNH"),
        ("/settlement/leg", "BOTH"),
        ("/settlement/redemption_days", -1),
        ("/settlement/reserve_percent", 100),
        ("/jurisdictions/0", "CN"),
        ("/token/bearer", "false"),
    ],
)
def test_identifier_or_choice_that_does_not_exist_is_refused(pointer: str, value: Any) -> None:
    assert pointer in {path for path, _ in rules({pointer: value})}


@pytest.mark.parametrize(
    ("pointer", "number", "last"),
    [
        ("/issuer/lei", "DEMO00EVCHARGING0157", "the last two are check digits"),
        ("/tranches/0/isin", "HKDEMOEVC018", "the last is a check digit"),
    ],
)
def test_number_that_is_mistyped_is_refused_with_what_checks_it(
    pointer: str, number: str, last: str
) -> None:
    with pytest.raises(InvalidInput, match=last):
        parse_deal(spoilt(DOCUMENT, {pointer: number}), "test")


def test_peg_to_the_offshore_renminbi_can_be_stated() -> None:
    assert parse_deal(spoilt(DOCUMENT, {"/settlement/peg": "CNH"}), "test").settlement.peg == "CNH"


def test_older_file_without_the_later_fields_is_the_same_deal() -> None:
    later = ("leg", "bank", "reserve_percent", "redemption_days", "interest_rate")
    older = {
        **dict.fromkeys((f"/settlement/{name}" for name in later), DROP),
        **dict.fromkeys(("/token/bearer", "/token/linked_to", "/token/leveraged"), DROP),
    }
    deal = load_deal(DEAL_FILE)
    assert parse_deal(spoilt(DOCUMENT, older), "test") == deal
    unstated = {
        "/jurisdictions": DROP,
        "/issuer/lei": DROP,
        "/tranches/0/isin": DROP,
        "/settlement/issuer_jurisdiction": DROP,
    }
    bare = parse_deal(spoilt(DOCUMENT, unstated), "test")
    assert (bare.jurisdictions, bare.issuer.lei, bare.tranche("A").isin) == ((), None, None)
    assert bare.settlement.issuer_jurisdiction is None


def test_a_reserve_may_be_released_before_principal_and_after_it() -> None:
    twice = spoilt(DOCUMENT, {"/waterfall/3": {"release": "reserve"}})
    assert validate_deal(parse_deal(twice, "test")) == []
