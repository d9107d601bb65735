"""Who is admitted and who is not, over HTTP: each sign of the mainland, each wallet, each route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from issuer.testing.wallet_proofs import wallet_proof
from tests.support.problems import refused, refused_by
from tests.support.simulator import address_of, private_key, serve
from tests.support.story import DEAL, STRANGER, Story, document, investor_document

INVESTORS = f"/v1/deals/{DEAL}/investors"
MAINLAND = {"name": "Zhao Example", "residency": "CN", "controls": False}
OVERSEAS = {"name": "Chan Example", "residency": "HK", "controls": True, "kind": "PERSON"}
A_CORPORATION = {
    "investor_class": "HK_PI_CORPORATION",
    "evidence": {
        "kind": "statement",
        "reference": "SIM-CUSTODY-HK-0400",
        "dated": "2026-03-04",
        "figures": {"portfolio_hkd": "8000000"},
    },
}


def newcomer(**changes: Any) -> dict[str, Any]:
    """H1 under another id and wallet, with one thing changed."""
    named = {"id": "newcomer", "wallet": address_of(STRANGER)}
    return investor_document("H1", **{**named, **changes})


def signed_by(number: int) -> str:
    """What proves that account's control of the newcomer's wallet, if it has any."""
    return wallet_proof("newcomer", address_of(STRANGER), private_key(number))


def owned(share: str, rest: str, **mainland: Any) -> list[dict[str, Any]]:
    return [{**MAINLAND, "share": share, **mainland}, {**OVERSEAS, "share": rest}]


def check(story: Story, body: Mapping[str, Any]) -> Any:
    return story.client.do("registrar", f"{INVESTORS}/checks", body)


QDII = {
    "approval_reference": "SIM-QDII-0001",
    "quota_holder": "Example Asset Management (Hong Kong) Limited",
    "dated": "2025-06-01",
    "expires": "2026-09-01",
}

#: Admitted -> refused by these rules, one change apart.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ({"phone": "+852 5550 0100"}, {"phone": "+86 138 0000 0000"}, ("INV-02",)),
    ({"identity_document_country": "HK"}, {"identity_document_country": "CN"}, ("INV-02",)),
    ({"bank_account_country": "SG"}, {"bank_account_country": "CN"}, ("INV-02",)),
    ({"marketing_channel": "HK"}, {"marketing_channel": "CN"}, ("INV-03",)),
    (
        {"beneficial_owners": owned("24.9999999999", "75.0000000001")},
        {"beneficial_owners": owned("25", "75")},
        ("INV-04",),
    ),
    (
        {"beneficial_owners": owned("1", "99")},
        {"beneficial_owners": owned("1", "99", controls=True)},
        ("INV-04",),
    ),
    (
        {**A_CORPORATION, "beneficial_owners": [{**OVERSEAS, "share": "100"}]},
        {**A_CORPORATION, "beneficial_owners": []},
        ("INV-04",),
    ),
    (
        {**A_CORPORATION, "beneficial_owners": [{**OVERSEAS, "share": "100"}]},
        {**A_CORPORATION, "beneficial_owners": [{**OVERSEAS, "share": "100", "kind": "COMPANY"}]},
        ("INV-04",),
    ),
    (A_CORPORATION, {**A_CORPORATION, "investor_class": "REG_S"}, ("INV-05",)),
    ({"route": None}, {"route": "QDII", "route_evidence": QDII}, ("INV-04",)),
    ({"us_person": False}, {"us_person": True}, ("INV-07",)),
    ({"vehicle_investors": 197}, {"vehicle_investors": 198}, ("INV-10",)),
    ({"wallet_kind": "CUSTODY"}, {"wallet_kind": "VAULT"}, ("INV-01",)),
    ({}, {"wallet_proof": None}, ("INV-01",)),
    ({}, {"wallet_proof": investor_document("H1")["wallet_proof"]}, ("INV-01",)),
    ({"id": "another"}, {"id": "another", "wallet_proof": signed_by(STRANGER)}, ("INV-01",)),
    ({}, {"wallet_proof": signed_by(STRANGER + 1)}, ("INV-01",)),
    ({"wallet_kind": "OWN"}, {"wallet_kind": "POOL"}, ("INV-01", "TOK-07")),
    ({"wallet_kind": "OWN"}, {"wallet_kind": "LENDING"}, ("INV-01", "TOK-07")),
    ({"wallet_kind": "OWN"}, {"wallet_kind": "BRIDGE"}, ("INV-01", "INF-03")),
]


@pytest.fixture(scope="module")
def admitted(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("admitted")


@pytest.mark.parametrize(("allowed", "forbidden", "rules"), PAIRS)
def test_investor_is_admitted_or_refused_by_one_change(
    admitted: Story,
    allowed: dict[str, Any],
    forbidden: dict[str, Any],
    rules: tuple[str, ...],
) -> None:
    assert check(admitted, newcomer(**allowed))["allowed"]
    assert not check(admitted, newcomer(**forbidden))["allowed"]
    refused_by(admitted.client.post("registrar", INVESTORS, newcomer(**forbidden)), *rules)


def test_sign_of_the_mainland_among_other_faults_is_blocked_with_all_findings(
    admitted: Story,
) -> None:
    body = newcomer(phone="+86 138 0000 0000", investor_class="RETAIL")
    answer = admitted.client.post("registrar", INVESTORS, body)
    problem = refused(answer, 451, "access.blocked")
    assert {each["rule"] for each in problem["findings"]} == {"INV-02", "INV-03"}
    answer = admitted.client.post("registrar", INVESTORS, newcomer(investor_class="RETAIL"))
    refused(answer, 409, "rulebook.violated")


def test_sign_of_the_mainland_is_entered_in_the_log_and_no_other_refusal(admitted: Story) -> None:
    log = "/v1/audit?limit=1000"
    before = admitted.client.read("auditor", log)
    retail = newcomer(investor_class="RETAIL")
    refused_by(admitted.client.post("registrar", INVESTORS, retail), "INV-03")
    assert admitted.client.read("auditor", log) == before
    body = newcomer(phone="+86 138 0000 0000")
    refused_by(admitted.client.post("registrar", INVESTORS, body), "INV-02")
    (row,) = admitted.client.read("auditor", log)[len(before) :]
    assert (row["act"], row["role"], row["subject"]) == ("access_blocked", "registrar", DEAL)
    # The sign, not the number.
    assert row["facts"] == {"investor": "newcomer", "phone": "+86", "rule": "INV-02"}


@pytest.mark.rule("INV-01")
def test_address_of_a_contract_is_refused_whoever_signs_for_it(admitted: Story) -> None:
    token = admitted.ledger.address("abs_token:A")
    for proof in (None, wallet_proof("newcomer", token, private_key(STRANGER))):
        body = newcomer(wallet=token, wallet_proof=proof)
        problem = refused_by(admitted.client.post("registrar", INVESTORS, body), "INV-01")
        facts = {"investor": "newcomer", "wallet": token, "wallet_is": "a contract"}
        assert [each["facts"] for each in problem["findings"]] == [facts]


def test_refusal_without_a_proof_says_what_is_to_be_signed(admitted: Story) -> None:
    body = newcomer(wallet_proof=None)
    (finding,) = check(admitted, body)["findings"]
    named = "WalletControl(string investor,address wallet)"
    assert named in finding["cure"]
    assert "ABS wallet control" in finding["cure"]
    assert finding["facts"]["wallet_proof"] == "not given"
    assert finding["figures"]["wallet_proof"]["value"] == "required"


@pytest.mark.rule("INV-01")
def test_investor_renewed_without_a_proof_is_refused(admitted: Story) -> None:
    path = "/v1/investors/H1"
    body = investor_document("H1", wallet_proof=None)
    refused_by(admitted.client.put("registrar", path, body), "INV-01")
    admitted.client.do("registrar", path, investor_document("H1"), method="PUT")


@pytest.mark.parametrize("proof", ["", "0x", "signed", "0x" + "ab" * 64, "ab" * 65, 65])
def test_proof_that_is_no_65_bytes_of_hex_is_one_complaint(admitted: Story, proof: object) -> None:
    body = newcomer(wallet_proof=proof)
    problem = refused(admitted.client.post("registrar", INVESTORS, body), 422, "input.invalid")
    assert [each["path"] for each in problem["complaints"]] == ["/wallet_proof"]


BELIEVING = """
wallet_proof:
  value: declared
  basis: design
  source: a test
"""


@pytest.mark.rule("INV-01", passes=True)
def test_regime_that_believes_declarations_admits_without_a_proof(tmp_path: Path) -> None:
    regime = tmp_path / "regime.yaml"
    regime.write_text(BELIEVING, encoding="utf-8")
    with serve(tmp_path, regime=regime) as served:
        story = Story(served)
        story.reach("deployed").clock("03-18T10:00")
        # What it does not believe is that a contract of the service is an investor's wallet.
        token = newcomer(wallet=story.ledger.address("abs_token:A"), wallet_proof=None)
        answer = story.client.post("registrar", INVESTORS, token)
        refused(answer, 409, "investor.wallet_not_registrable")
        story.client.do("registrar", INVESTORS, newcomer(wallet_proof=None))
        assert story.client.read("registrar", "/v1/investors/newcomer")["status"] == "ADMITTED"
        story.close()


@pytest.mark.rule("INV-10")
def test_vehicle_counts_as_those_behind_it_for_whoever_comes_next(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("admitted")
    story.client.do("registrar", INVESTORS, newcomer(vehicle_investors=196))
    last = newcomer(id="last", wallet=address_of(STRANGER + 1))
    assert check(story, last)["allowed"]
    problem = refused_by(
        story.client.post("registrar", INVESTORS, {**last, "vehicle_investors": 2}), "INV-10"
    )
    assert problem["findings"][0]["facts"] == {"admitted": 199, "behind_this_one": 2, "cap": 200}
    # Renewed, the vehicle is counted once; with more behind it, it is too large.
    renew = "/v1/investors/newcomer"
    story.client.do("registrar", renew, newcomer(vehicle_investors=197), method="PUT")
    larger = newcomer(vehicle_investors=198)
    refused_by(story.client.put("registrar", renew, larger), "INV-10")


OPEN_ROUTE = """
mainland_routes:
  value: [QDII]
  basis: design
  source: a test
jurisdictions:
  value: [HK]
  basis: design
  source: a test
"""


@pytest.mark.rule("INV-04", passes=True)
@pytest.mark.rule("INV-06")
@pytest.mark.rule("INV-07")
def test_regime_opens_a_route_and_closes_a_jurisdiction(tmp_path: Path) -> None:
    regime = tmp_path / "regime.yaml"
    regime.write_text(OPEN_ROUTE, encoding="utf-8")
    with serve(tmp_path, regime=regime) as served:
        story = Story(served)
        # The example deal is offered in Singapore too.
        deal = {**document("ev-charging.yaml"), "jurisdictions": ["HK"]}
        story.client.do("operator", "/v1/deals", deal)
        story.deploy()
        story.clock("03-18T10:00")
        behind = owned("60", "40", controls=True)
        leave = {**QDII, "quota_holder": MAINLAND["name"]}
        route = {"route_evidence": leave, "beneficial_owners": behind}
        by_route = newcomer(route="QDII", **route)
        for missing in (None, {**leave, "expires": "2026-03-18"}, {**leave, "quota_holder": "X"}):
            body = {**by_route, "route_evidence": missing}
            refused_by(story.client.post("registrar", INVESTORS, body), "INV-04")
        story.client.do("registrar", INVESTORS, by_route)
        # It is eligible no longer than its route is.
        shown = story.client.read("registrar", "/v1/investors/newcomer")
        assert shown["eligible_until"] == "2026-09-01"
        rows = story.client.read("auditor", "/v1/audit?limit=1000")
        (admitted,) = [each for each in rows if each["act"] == "admit_investor"]
        assert admitted["facts"]["excepted_by_route"] == "QDII"
        other = newcomer(id="other", wallet=address_of(STRANGER + 1), route="ODI", **route)
        refused_by(story.client.post("registrar", INVESTORS, other), "INV-04")
        for investor, rule in (("H2", "INV-06"), ("H3", "INV-07")):
            body = investor_document(investor)
            refused_by(story.client.post("registrar", INVESTORS, body), rule)
        story.close()
