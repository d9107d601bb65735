"""Filing and investors files: the shipped ones are accepted, every way to spoil one is refused."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.fields import parse_document
from issuer.documents.filing import (
    FilingDocument,
    MaterialDocument,
    SectionsDocument,
    as_received,
    build_bundle,
    load_filing,
    parse_sections,
)
from issuer.documents.investors import InvestorsDocument, load_investors, parse_investor
from issuer.documents.text import read_file
from issuer.domain.bundle import ATTESTER_ROLES
from issuer.domain.errors import InvalidInput
from issuer.domain.investor import InvestorClass
from issuer.domain.materials import MATERIAL_TITLES
from tests.unit.rulebook_cases import BUNDLE, DEAL, FOLDER
from tests.unit.test_deal import DROP, spoilt

FILING = read_file(FOLDER / "ev-charging.filing.yaml")
INVESTORS = read_file(FOLDER / "ev-charging.investors.yaml")
COIN = 1_000_000
HASH = "0x" + "5a" * 32
COUNSEL = "0xcd3B766CCDd6AE721141F452C550Ca635964ce71"
H1_WALLET = INVESTORS["investors"][0]["wallet"]

MISSING, EXTRA = "schema.missing", "schema.extra_forbidden"
VALUE, PATTERN = "schema.value_error", "schema.string_pattern_mismatch"
CHOICE, BOOL, INT = "schema.literal_error", "schema.bool_type", "schema.int_type"
TEXT, SHORT = "schema.string_type", "schema.string_too_short"


def refusal(model: Any, document: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        parse_document(model, document, "my.yaml")
    assert refused.value.source == "my.yaml"
    assert str(refused.value).startswith("my.yaml: ")
    assert all(complaint.message for complaint in refused.value.complaints)
    return refused.value


def complaints(model: Any, document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.path, each.rule) for each in refusal(model, document).complaints]


# --- the shipped files


def test_filing_of_the_example_adds_up_to_the_deal() -> None:
    plan = BUNDLE.plan
    assert sum(each.balance_micro for each in BUNDLE.assets) == 112_000_000 * COIN
    assert plan.pool_balance_micro - plan.overcollateral_micro == plan.total_micro
    assert plan.total_micro == plan.cap_micro == 100_000_000 * COIN
    assert plan.total_micro == sum(each.original_micro for each in DEAL.tranches)
    sold = sum(each.original_micro for each in DEAL.tokenised)
    costs = 2_800_000 * COIN
    assert plan.net_proceeds_micro == sold - DEAL.structure.opening_reserves_micro - costs
    assert [each.code for each in BUNDLE.materials] == list(MATERIAL_TITLES)
    assert sum(bool(each.declared) for each in BUNDLE.materials) == 4
    assert all(bool(each.content) is (each.not_applicable is None) for each in BUNDLE.materials)
    assert all(each.dated and each.dated < date(2026, 2, 11) for each in BUNDLE.approvals)
    assert list(BUNDLE.attesters) == list(ATTESTER_ROLES)
    assert len(set(BUNDLE.attesters.values())) == len(ATTESTER_ROLES)


def test_filing_sections_are_kept_as_received() -> None:
    document = load_filing(FOLDER / "ev-charging.filing.yaml")
    sections = {name: document[name] for name in SectionsDocument.model_fields}
    bundle = build_bundle("ev-charging-1", 1, sections, ())
    assert bundle.sections is sections
    assert bundle.sections["plan"]["total"] == "100000000"
    assert bundle.plan.contracts == ()


def test_what_the_filer_did_not_say_is_no_part_of_the_sections() -> None:
    said = spoilt(FILING, {f"/{name}": DROP for name in LATER_SECTIONS} | {"/plan/forecast": DROP})
    document = FilingDocument.model_validate(said)
    sections = as_received(document, exclude={"version", "materials"})
    assert sections.keys() == {"entity", "assets", "plan", "approvals", "attesters"}
    assert sections["plan"].keys() == said["plan"].keys()
    bundle = build_bundle("ev-charging-1", 1, sections, ())
    assert (bundle.certificates, bundle.plan.forecast) == ((), ())


def test_material_content_becomes_bytes_and_its_title_is_ours() -> None:
    material = MaterialDocument(code="M-13", content="脱敏字段").to_domain()
    assert material.content == "脱敏字段".encode()
    assert (material.title, material.media_type) == ("Data-export record", "text/plain")
    assert (material.not_applicable, material.declared) == (None, {})


def test_material_not_applicable_has_no_content() -> None:
    material = MaterialDocument(code="M-09", not_applicable="No sector approval.").to_domain()
    assert (material.content, material.not_applicable) == (b"", "No sector approval.")


def test_investors_of_the_example_are_read_exactly() -> None:
    investors = load_investors(FOLDER / "ev-charging.investors.yaml")
    assert [each.id for each in investors] == [
        "H1",
        "H2",
        "H3",
        "mainland-resident",
        "hk-shell",
        "stale-evidence",
    ]
    first, second = investors[:2]
    assert (first.investor_class, first.country) == (InvestorClass.HK_PI_INSTITUTION, 344)
    assert (second.country, second.opted_in) == (702, True)
    assert second.evidence.figures == {"net_assets_sgd": Fraction(24_500_000)}
    assert first.owners[0].owners[1].share == Fraction(1, 5)


def test_investor_parsed_alone_is_the_one_of_the_file() -> None:
    (first, *_) = load_investors(FOLDER / "ev-charging.investors.yaml")
    assert parse_investor(INVESTORS["investors"][0], "request") == first


def test_investor_with_every_particular_is_read_and_its_phone_without_blanks() -> None:
    given = {
        "phone": "+852 (0) 5550-0100",
        "identity_document_country": "HK",
        "bank_account_country": "SG",
        "route": "ODI",
        "vehicle_investors": 40,
        "wallet_kind": "CUSTODY",
    }
    found = parse_investor({**INVESTORS["investors"][0], **given}, "request")
    assert (found.phone, found.bank_account_country) == ("+852055500100", "SG")
    assert (found.route, found.heads, found.wallet_kind) == ("ODI", 40, "CUSTODY")
    assert parse_investor(INVESTORS["investors"][0], "request").heads == 1


def test_investor_without_owners_is_read() -> None:
    alone = spoilt(INVESTORS, {"/investors/0/beneficial_owners": []})
    assert parse_investor(alone["investors"][0], "request").owners == ()


# --- malformed filings


#: A filing of the first days has none of these, and reads as if they were empty.
LATER_SECTIONS = ("underlying_assets", "intermediaries", "certificates")


@pytest.mark.parametrize(
    "name", [each for each in FilingDocument.model_fields if each not in LATER_SECTIONS]
)
def test_filing_without_a_section_is_refused(name: str) -> None:
    document = spoilt(FILING, {f"/{name}": DROP})
    assert complaints(FilingDocument, document) == [(f"/{name}", MISSING)]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("/version", 2, CHOICE),
        ("/remark", "see letter", EXTRA),
        ("/entity/name", "", SHORT),
        ("/entity/name", " \u3000", "schema.string_pattern_mismatch"),
        ("/entity/uscc", "91310000MADEM00018", VALUE),
        ("/entity/uscc", "91310000MADEM0001", VALUE),
        ("/entity/uscc", 913100001234567890, TEXT),
        ("/entity/jurisdiction", "XX", VALUE),
        ("/entity/jurisdiction", "cn", PATTERN),
        ("/entity/barred_from_financing", "no", BOOL),
        ("/entity/barred_from_financing", 0, BOOL),
        ("/assets/0/id", "with space", PATTERN),
        ("/assets/0/asset_type", "ev charging", PATTERN),
        ("/assets/0/controller_uscc", "91310000MADEM00018", VALUE),
        ("/assets/0/balance", 32500000.0, VALUE),
        ("/assets/0/balance", 32500000, VALUE),
        ("/assets/0/balance", "-32500000", VALUE),
        ("/assets/0/balance", "3.25e7", VALUE),
        ("/assets/0/balance", "32,500,000", VALUE),
        ("/assets/0/balance", "0.0000001", VALUE),
        ("/assets/0/right_ends_on", "2031-02-30", VALUE),
        ("/assets/0/right_ends_on", "31.12.2031", VALUE),
        ("/plan/chain_id", 0, "schema.greater_than"),
        ("/plan/chain_id", "31337", INT),
        ("/plan/chain_id", 31337.0, INT),
        ("/plan/net_proceeds", "-76000000", VALUE),
        ("/plan/uses/0/amount", 44000000.5, VALUE),
        ("/approvals/0/subject", "taxation", CHOICE),
        ("/approvals/0/status", "MAYBE", CHOICE),
        ("/approvals/0/dated", DROP, MISSING),
        ("/attesters/counsel", DROP, MISSING),
        ("/attesters/counsel", COUNSEL.lower(), VALUE),
        ("/attesters/counsel", COUNSEL[:-1], VALUE),
        ("/attesters/counsel", "0x" + "0" * 40, VALUE),
        ("/attesters/auditor", COUNSEL, EXTRA),
        ("/materials/0/code", "M-17", PATTERN),
        ("/materials/0/media_type", "PDF", PATTERN),
        ("/materials/8/not_applicable", "", SHORT),
        ("/materials/0/declared/issue_total_micro", 100_000_000, TEXT),
    ],
)
def test_filing_with_a_malformed_field_is_refused_at_that_field(
    path: str, value: Any, rule: str
) -> None:
    assert complaints(FilingDocument, spoilt(FILING, {path: value})) == [(path, rule)]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [("address", COUNSEL.lower(), VALUE), ("code_hash", "0x5a", PATTERN), ("name", "A b", PATTERN)],
)
def test_filing_with_a_malformed_contract_is_refused(field: str, value: str, rule: str) -> None:
    contract = {"name": "abs_token:A", "address": COUNSEL, "code_hash": HASH} | {field: value}
    document = spoilt(FILING, {"/plan/contracts/0": contract})
    assert complaints(FilingDocument, document) == [(f"/plan/contracts/0/{field}", rule)]


@pytest.mark.parametrize(
    "change",
    [{"/materials/0/not_applicable": "It does not apply."}, {"/materials/0/content": DROP}],
    ids=["both", "neither"],
)
def test_material_with_both_or_neither_of_content_and_statement_is_refused(
    change: dict[str, Any],
) -> None:
    document = spoilt(FILING, change)
    assert complaints(FilingDocument, document) == [("/materials/0", VALUE)]


def test_material_longer_than_a_million_characters_is_refused() -> None:
    document = spoilt(FILING, {"/materials/0/content": "x" * 1_000_001})
    assert complaints(FilingDocument, document) == [
        ("/materials/0/content", "schema.string_too_long")
    ]


def test_filing_with_a_material_twice_is_refused() -> None:
    refused = refusal(FilingDocument, spoilt(FILING, {"/materials/1/code": "M-01"}))
    assert [(each.path, each.rule) for each in refused.complaints] == [("/materials", VALUE)]
    assert "M-01 is given twice" in str(refused)


def test_filing_with_several_faults_is_refused_once_with_all_of_them() -> None:
    changes = {
        "/entity/uscc": "91310000MADEM00018",
        "/assets/2/balance": 21500000.5,
        "/approvals/3/status": "MAYBE",
    }
    found = complaints(FilingDocument, spoilt(FILING, changes))
    assert found == [
        ("/entity/uscc", VALUE),
        ("/assets/2/balance", VALUE),
        ("/approvals/3/status", CHOICE),
    ]


def test_sections_take_no_materials() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_sections(FILING, "request")
    assert {each.path for each in refused.value.complaints} == {"/version", "/materials"}


def test_load_filing_names_the_file_the_path_and_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "mine.filing.yaml"
    path.write_text(
        json.dumps(spoilt(FILING, {"/entity/uscc": "91310000MADEM00018"})), encoding="utf-8"
    )
    with pytest.raises(InvalidInput) as refused:
        load_filing(path)
    message = str(refused.value)
    assert message.startswith("mine.filing.yaml: /entity/uscc: '91310000MADEM00018' is not a")
    assert message.endswith("[schema.value_error]")


def test_load_filing_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"absent\.yaml: /: cannot be read"):
        load_filing(tmp_path / "absent.yaml")


# --- malformed investors


@pytest.mark.parametrize("name", ["version", "investors"])
def test_investors_without_a_section_are_refused(name: str) -> None:
    document = spoilt(INVESTORS, {f"/{name}": DROP})
    assert complaints(InvestorsDocument, document) == [(f"/{name}", MISSING)]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("/id", "H 1", PATTERN),
        ("/residency", "XX", VALUE),
        ("/residency", "hk", PATTERN),
        ("/investor_class", "WHALE", "schema.enum"),
        ("/investor_class", 4, "schema.enum"),
        ("/wallet", H1_WALLET.lower(), VALUE),
        ("/wallet", H1_WALLET[:-1], VALUE),
        ("/wallet", "0x" + "0" * 40, VALUE),
        ("/wallet", 5, TEXT),
        ("/us_person", "no", BOOL),
        ("/marketing_channel", "ZZ", VALUE),
        ("/evidence", DROP, MISSING),
        ("/evidence/kind", "rumour", CHOICE),
        ("/evidence/reference", "", SHORT),
        ("/evidence/dated", "2026-1-20", VALUE),
        ("/evidence/dated", 20260120, "schema.date_type"),
        ("/evidence/figures", {"net_worth": "1"}, CHOICE),
        ("/evidence/figures", {"portfolio_hkd": 8000000.0}, VALUE),
        ("/evidence/figures", {"portfolio_hkd": "-8000000"}, VALUE),
        ("/beneficial_owners", DROP, MISSING),
        ("/beneficial_owners/0/share", 100.0, VALUE),
        ("/beneficial_owners/0/share", "-100", VALUE),
        ("/beneficial_owners/0/controls", "yes", BOOL),
        ("/beneficial_owners/0/owners/1/residency", "ZZ", VALUE),
        ("/beneficial_owners/0/owners/1/passport", "E1", EXTRA),
        ("/phone", "0085255500100", PATTERN),
        ("/phone", "8613800000000", PATTERN),
        ("/identity_document_country", "China", VALUE),
        ("/bank_account_country", "ZZ", VALUE),
        ("/route", "SMUGGLED", "schema.enum"),
        ("/vehicle_investors", 0, "schema.greater_than_equal"),
        ("/vehicle_investors", "12", "schema.int_type"),
        ("/wallet_kind", "HOT", "schema.enum"),
    ],
)
def test_investor_with_a_malformed_field_is_refused_at_that_field(
    path: str, value: Any, rule: str
) -> None:
    document = spoilt(INVESTORS, {f"/investors/0{path}": value})
    ((found, named),) = complaints(InvestorsDocument, document)
    assert found.startswith(f"/investors/0{path}")
    assert named == rule


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"/share": "100.01"}, ""),
        ({"/owners/1/share": "20.0000000001"}, "/0/owners"),
    ],
)
def test_investor_whose_owners_hold_over_a_hundred_percent_is_refused(
    changes: dict[str, str], path: str
) -> None:
    owners = "/investors/0/beneficial_owners"
    document = spoilt(INVESTORS, {f"{owners}/0{key}": value for key, value in changes.items()})
    refused = refusal(InvestorsDocument, document)
    (complaint,) = refused.complaints
    assert (complaint.path, complaint.rule) == (f"{owners}{path}", VALUE)
    level = document["investors"][0]["beneficial_owners"]
    level = level[0]["owners"] if path else level
    named = ", ".join(each["name"] for each in level)
    assert f"the shares of {named} add up to over 100 percent" in complaint.message


def test_investor_with_more_than_fifty_owners_is_refused() -> None:
    owner = {"name": "O", "residency": "HK", "share": "1", "controls": False}
    document = spoilt(INVESTORS, {"/investors/0/beneficial_owners": [owner] * 51})
    assert complaints(InvestorsDocument, document) == [
        ("/investors/0/beneficial_owners", "schema.too_long")
    ]


@pytest.mark.parametrize(("field", "value"), [("id", "H1"), ("wallet", H1_WALLET)])
def test_investors_sharing_an_id_or_a_wallet_are_refused(field: str, value: str) -> None:
    refused = refusal(InvestorsDocument, spoilt(INVESTORS, {f"/investors/1/{field}": value}))
    assert [(each.path, each.rule) for each in refused.complaints] == [("/investors", VALUE)]
    assert f"the {field} {value} is given twice" in str(refused)


def test_parse_investor_names_its_source() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_investor({"id": "H1"}, "request body")
    assert refused.value.source == "request body"
    assert {each.rule for each in refused.value.complaints} == {MISSING}


def test_load_investors_with_a_comma_in_a_flow_name_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "ev-charging.investors.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.investors.yaml"
    path.write_text(text.replace("{name: Tan Example,", "{name: Tan, Ltd.,"), encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        load_investors(path)
    (complaint,) = refused.value.complaints
    assert (refused.value.source, complaint.rule) == ("mine.investors.yaml", EXTRA)
    assert complaint.path == "/investors/1/beneficial_owners/0/Ltd."
