"""Investors: admitted, refused, frozen, cleared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import refused, refused_by, refused_on_chain
from tests.support.simulator import address_of
from tests.support.story import DEAL, STRANGER, Story, investor_document

INVESTORS = f"/v1/deals/{DEAL}/investors"
REASON = {"reason": "a reason"}


def admit(story: Story, document: Any) -> Any:
    return story.client.post("registrar", INVESTORS, document)


def test_admitting_an_investor_writes_its_eligibility_on_chain(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("admitted")
    found = {each["id"]: each for each in story.client.read("registrar", INVESTORS)}
    assert set(found) == {"H1", "H2", "H3"}
    assert found["H1"]["eligible_until"] == "2027-01-20"
    for investor in found.values():
        assert investor["status"] == "ADMITTED"


@pytest.mark.parametrize(
    ("investor", "rule"),
    [("mainland-resident", "INV-01"), ("hk-shell", "INV-04"), ("stale-evidence", "INV-13")],
)
def test_admitting_an_investor_against_a_rule_is_refused_as_its_dry_run_said(
    standing_at: Callable[[str], Story], investor: str, rule: str
) -> None:
    story = standing_at("admitted")
    body = investor_document(investor)
    problem = refused_by(admit(story, body), rule)
    dry = story.client.do("registrar", f"{INVESTORS}/checks", body)
    assert (dry["allowed"], dry["findings"]) == (False, problem["findings"])


def test_admitting_an_investor_twice_is_refused(standing_at: Callable[[str], Story]) -> None:
    refused(admit(standing_at("admitted"), investor_document("H1")), 409, "investor.admitted")


def test_admitting_another_investor_with_a_wallet_that_is_taken_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    body = investor_document("H2", id="H9")
    problem = refused(admit(standing_at("admitted"), body), 409, "investor.wallet_taken")
    assert problem["wallet"] == body["wallet"]


@pytest.mark.parametrize(
    ("field", "value"), [("name", "Somebody Else"), ("wallet", address_of(STRANGER))]
)
def test_admitting_a_known_id_with_other_particulars_is_refused(
    standing_at: Callable[[str], Story], field: str, value: str
) -> None:
    body = investor_document("H1", **{field: value})
    problem = refused(admit(standing_at("admitted"), body), 409, "investor.differs")
    assert problem["investor"] == "H1"


def test_admitting_an_investor_before_the_deal_is_deployed_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("registered")
    refused(admit(story, investor_document("H1")), 409, "deal.not_deployed")


@pytest.mark.rule("INV-12")
def test_admitting_a_name_on_the_sanctions_list_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("deployed")
    body = {"reference": "a list", "entries": ["example family TRUST"]}
    story.client.do("enforcement", "/v1/sanctions", body, method="PUT")
    # It is not the investor that is named but one behind it, in another spelling.
    refused_by(admit(story, investor_document("H1")), "INV-12")


def test_updating_the_sanctions_list_freezes_whom_it_names_and_nobody_else(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("admitted")
    wallet = investor_document("H2")["wallet"]
    body = {"reference": "a list", "entries": [wallet, "Nobody"]}
    operations = story.client.do("enforcement", "/v1/sanctions", body, method="PUT")
    assert [each["subject"] for each in operations] == ["H2"]
    found = {each["id"]: each["status"] for each in story.client.read("registrar", INVESTORS)}
    assert found == {"H1": "ADMITTED", "H2": "FROZEN", "H3": "ADMITTED"}


def test_freezing_twice_and_clearing_twice_are_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    freeze, clear = "/v1/investors/H1/freeze", "/v1/investors/H1/clearance"
    refused(story.client.post("enforcement", clear, REASON), 409, "investor.admitted")
    story.client.do("enforcement", freeze, REASON)
    refused(story.client.post("enforcement", freeze, REASON), 409, "investor.frozen")
    story.client.do("enforcement", clear, REASON)
    assert story.client.read("H1", "/v1/investors/H1")["status"] == "ADMITTED"


@pytest.mark.rule("INV-12")
def test_issuing_to_an_investor_frozen_meanwhile_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.pay_in("H1", story.subscribe("H1", 50_000))
    story.client.do("enforcement", "/v1/investors/H1/freeze", REASON)
    body = story.issuance_body("H1", 50_000)
    issue = f"/v1/deals/{DEAL}/issuances"
    refused_by(story.client.post("issuer", issue, body), "INV-12")
    story.client.do("enforcement", "/v1/investors/H1/clearance", REASON)
    assert story.issue("H1", 50_000)["state"] == "confirmed"


@pytest.mark.rule("INV-13")
def test_issuing_to_an_investor_whose_eligibility_has_expired_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.subscribe("H1", 50_000)
    story.clock("2027-01-20T07:59")
    # Until the last minute it is only the coin that is missing.
    body = story.issuance_body("H1", 50_000)
    issue = f"/v1/deals/{DEAL}/issuances"
    answer = story.client.post("issuer", issue, body)
    refused_on_chain(answer, "coin.not_approved", "ERC20InsufficientAllowance")
    story.clock("2027-01-20T08:00")
    refused_by(story.client.post("issuer", issue, body), "INV-13")


def test_issuing_to_an_unknown_investor_is_not_found(standing_at: Callable[[str], Story]) -> None:
    story = standing_at("offering_open")
    body = story.issuance_body("nobody", 50_000)
    answer = story.client.post("issuer", f"/v1/deals/{DEAL}/issuances", body)
    refused(answer, 404, "investor.not_found")


def test_investor_sees_itself_and_nobody_else(standing_at: Callable[[str], Story]) -> None:
    client = standing_at("admitted").client
    assert client.read("H1", "/v1/investors/H1")["id"] == "H1"
    refused(client.get("H1", "/v1/investors/H2"), 404, "investor.not_found")
