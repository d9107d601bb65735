"""Dry runs over HTTP: every rule considered, the refusal to come, and nothing changed.

`standing_at` compares every table and the chain afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from issuer.domain.rulebook.catalogue import MINT_RULES, REVIEW_RULES
from issuer.domain.rulebook.issuance_rules import (
    GATE_RULES,
    RECIPIENT_RULES,
    SUBSCRIPTION_RULES,
)
from issuer.domain.rulebook.rule import Rule
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES
from tests.support.problems import refused, refused_by
from tests.support.story import DEAL, Story, investor_document

MINT = {"deal": DEAL, "tranche": "A", "units": 50_000}
Standing = Callable[[str], Story]


def ids(rules: Sequence[Rule[Any]]) -> list[str]:
    return [each.id for each in rules]


def test_check_mint_without_a_filing_says_what_the_mint_says(standing_at: Standing) -> None:
    story = standing_at("deployed")
    check = story.client.do("issuer", "/v1/checks/mint", MINT)
    assert check["allowed"] is False
    judged = [each for each in check["considered"] if each["judged"]]
    assert [each["rule"] for each in judged] == ids(GATE_RULES)
    assert [each["rule"] for each in judged if not each["passed"]] == ["FIL-01"]
    answer = story.client.post(
        "issuer", f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", 50_000)
    )
    problem = refused_by(answer, "FIL-01")
    assert check["findings"] == problem["findings"] == check["considered"][0]["findings"]
    assert check["refusal"]["code"] == problem["code"]


@pytest.mark.parametrize("stage", ["deployed", "admitted", "offering_open", "active"])
def test_check_mint_tells_of_the_same_rules_in_every_state(
    standing_at: Standing, stage: str
) -> None:
    story = standing_at(stage)
    check = story.client.do("issuer", "/v1/checks/mint", MINT)
    assert sorted(each["rule"] for each in check["considered"]) == sorted(ids(MINT_RULES))
    # What is not judged has not passed, and nothing stands against it either.
    unjudged = [each for each in check["considered"] if not each["judged"]]
    assert {*ids(RECIPIENT_RULES)} <= {each["rule"] for each in unjudged}
    assert not any(each["passed"] or each["findings"] for each in unjudged)


def test_check_mint_judges_an_investor_before_asking_for_its_subscription(
    standing_at: Standing,
) -> None:
    story = standing_at("offering_open")
    check = story.client.do("issuer", "/v1/checks/mint", {**MINT, "investor": "H1"})
    assert all(each["passed"] for each in check["considered"])
    refusal = check["refusal"]
    assert refusal["code"] == "subscription.missing"
    assert refusal["cure"].startswith("have H1 subscribe 50000 units")


@pytest.mark.rule("INV-10")
def test_issuing_less_than_the_minimum_is_refused_by_the_mint_itself(
    standing_at: Standing,
) -> None:
    story = standing_at("offering_open")
    few = {"deal": DEAL, "tranche": "A", "units": 1_069, "investor": "H1"}
    check = story.client.do("issuer", "/v1/checks/mint", few)
    issuances = f"/v1/deals/{DEAL}/issuances"
    answer = story.client.post("issuer", issuances, story.issuance_body("H1", 1_069))
    assert check["findings"] == refused_by(answer, "INV-10")["findings"]


@pytest.mark.rule("FIL-17")
def test_issuing_more_than_the_tranche_has_is_refused_by_the_rule_and_not_as_malformed(
    standing_at: Standing,
) -> None:
    story = standing_at("offering_open")
    check = story.client.do("issuer", "/v1/checks/mint", {**MINT, "units": 80_001})
    issuances = f"/v1/deals/{DEAL}/issuances"
    answer = story.client.post("issuer", issuances, story.issuance_body("H1", 80_001))
    assert check["findings"] == refused_by(answer, "FIL-17")["findings"]
    assert check["findings"][0]["facts"]["asked_units"] == 80_001


def test_check_mint_names_the_figures_that_a_finding_rests_on(story_at: Standing) -> None:
    story = story_at("offering_open")
    story.clock("2027-03-16T08:00")
    check = story.client.do("issuer", "/v1/checks/mint", MINT)
    found = {each["rule"]: each["figures"] for each in check["findings"]}
    assert found["FIL-14"]["validity_months"]["value"] == 12
    assert found["FIL-14"]["validity_months"]["basis"] == "analogy"


def test_check_mint_for_an_investor_follows_its_subscription_to_the_chain(
    story_at: Standing,
) -> None:
    story = story_at("offering_open")
    path, of_h1 = "/v1/checks/mint", {**MINT, "investor": "H1"}
    assert story.client.do("issuer", path, of_h1)["refusal"]["code"] == "subscription.missing"
    subscription = story.subscribe("H1", 50_000)
    unpaid = story.client.do("issuer", path, of_h1)
    assert unpaid["refusal"]["code"] == "coin.not_approved", unpaid["refusal"]
    assert [each["rule"] for each in unpaid["findings"]] == ["SET-08"]
    story.pay_in("H1", subscription)
    assert story.client.do("issuer", path, of_h1)["allowed"] is True
    story.client.do("enforcement", "/v1/investors/H1/freeze", {"reason": "listed"})
    frozen = story.client.do("issuer", path, of_h1)
    assert [each["rule"] for each in frozen["findings"]] == ["INV-12"]
    issuances = f"/v1/deals/{DEAL}/issuances"
    answer = story.client.post("issuer", issuances, story.issuance_body("H1", 50_000))
    assert refused_by(answer, "INV-12")["findings"] == frozen["findings"]


def test_check_mint_for_somebody_unknown_is_not_found(standing_at: Standing) -> None:
    story = standing_at("offering_open")
    answer = story.client.post("issuer", "/v1/checks/mint", {**MINT, "investor": "nobody"})
    refused(answer, 404, "investor.not_found")


def test_check_transfer_considers_every_rule_and_asks_the_token(standing_at: Standing) -> None:
    wallets = {each: investor_document(each)["wallet"] for each in ("H1", "H2")}
    body = {"deal": DEAL, "tranche": "A", "sender": wallets["H1"], "receiver": wallets["H2"]}
    story = standing_at("active")
    passes = story.client.do("H1", "/v1/checks/transfer", {**body, "units": 1})
    assert (passes["allowed"], passes["refusal"], passes["chain_refusal"]) == (True, None, None)
    assert [each["rule"] for each in passes["considered"]] == ids(TRANSFER_RULES)
    many = story.client.do("H1", "/v1/checks/transfer", {**body, "units": 50_001})
    assert many["allowed"] is False
    refusal = many["refusal"]
    assert (refusal["code"], refusal["rule"]) == ("transfer.insufficient_units", None)
    assert refusal["error"] == "ERC20InsufficientBalance"
    assert refusal["cure"] == "transfer no more units than the sender holds"
    assert many["findings"] == []


def test_check_transfer_tells_an_investor_of_another_what_the_chain_tells(
    story_at: Standing,
) -> None:
    story, path = story_at("active"), "/v1/checks/transfer"
    story.client.do("enforcement", "/v1/investors/H2/freeze", {"reason": "a matter"})
    wallets = {each: investor_document(each)["wallet"] for each in ("H1", "H2")}
    there = {"deal": DEAL, "tranche": "A", "units": 2_000}
    there |= {"sender": wallets["H1"], "receiver": wallets["H2"]}
    seen = {each: story.client.do(each, path, there) for each in ("H1", "registrar", "filer")}
    frozen = {"receiver": "H2", "status": "FROZEN"}
    assert [each["facts"] for each in seen["registrar"]["findings"]] == [frozen]
    for asker in ("H1", "filer"):
        assert [each["facts"] for each in seen[asker]["findings"]] == [{"receiver": wallets["H2"]}]
        assert not any(word in str(seen[asker]) for word in ("'H2'", "FROZEN"))
        assert seen[asker]["chain_refusal"] == seen["registrar"]["chain_refusal"]
        cures = [[each["cure"] for each in found["findings"]] for found in seen.values()]
        assert cures == [cures[0]] * 3
    # Of itself, an investor learns what its file says.
    back = {**there, "sender": wallets["H2"], "receiver": wallets["H1"]}
    (own,) = story.client.do("H2", path, back)["findings"]
    assert own["facts"] == {"sender": "H2", "status": "FROZEN"}
    refused(story.client.post("H1", path, back), 403, "transfer.not_own_wallet")


def test_check_subscription_says_what_subscribing_says(story_at: Standing) -> None:
    story = story_at("offering_open")
    body = {"tranche": "A", "units": 2_000}
    asked = {"deal": DEAL, **body}
    assert story.client.do("H1", "/v1/checks/subscription", asked)["allowed"] is True
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension", {"reason": "a matter"})
    check = story.client.do("H1", "/v1/checks/subscription", asked)
    answer = story.client.post("H1", f"/v1/deals/{DEAL}/subscriptions", body)
    assert check["findings"] == refused_by(answer, "FIL-01")["findings"]
    passed = {each["rule"]: each["passed"] for each in check["considered"]}
    assert list(passed) == ids((*SUBSCRIPTION_RULES, *RECIPIENT_RULES))
    assert [rule for rule in passed if not passed[rule]] == ["FIL-01"]


def test_check_filing_considers_every_rule_of_the_review(standing_at: Standing) -> None:
    story = standing_at("submitted")
    check = story.client.do("regulator", "/v1/checks/filing", {"filing": story.filing})
    assert (check["act"], check["allowed"], check["refusal"]) == ("check_formality", True, None)
    assert [each["rule"] for each in check["considered"]] == ids(REVIEW_RULES)
    assert story.client.do("regulator", f"/v1/filings/{story.filing}/checks") == check


def test_check_filing_under_review_judges_the_approval(story_at: Standing) -> None:
    story = story_at("under_review")
    path, asked = "/v1/checks/filing", {"filing": story.filing}
    good = story.client.do("filer", path, asked)
    assert (good["act"], good["allowed"], good["refusal"]) == ("approve_filing", True, None)
    assert [each["rule"] for each in good["considered"]] == ids(REVIEW_RULES)
    # While others are asked nothing is approved, and the rules say that nothing else is amiss.
    there = f"/v1/filings/{story.filing}"
    story.client.do("regulator", f"{there}/consultation", {"reason": "a suspicion"})
    waiting = story.client.do("filer", path, asked)
    assert (waiting["allowed"], waiting["findings"]) == (False, [])
    assert waiting["refusal"]["code"] == "filing.illegal_move"
    assert waiting["refusal"]["allowed_from"] == ["UNDER_REVIEW"]
    story.client.do("regulator", f"{there}/consultation/conclusion", {"reason": "unfounded"})
    story.client.do(
        "other_authority", f"{there}/security-determination", {"determination": "ADVERSE"}
    )
    bad = story.client.do("filer", path, asked)
    (version,) = [story.filing_now()["version"]]
    digest = story.client.read("regulator", f"{there}/versions/{version}")["bundle_hash"]
    answer = story.client.post(
        "regulator", f"{there}/approval", {"version": version, "bundle_hash": digest}
    )
    assert bad["findings"] == refused_by(answer, "NEG-02")["findings"]
    assert bad["allowed"] is False


def test_check_filing_that_is_filed_says_whether_it_may_be_issued_under(story_at: Standing) -> None:
    story = story_at("admitted")
    path, asked = "/v1/checks/filing", {"filing": story.filing}
    good = story.client.do("filer", path, asked)
    assert (good["act"], good["allowed"]) == ("issue_units", True)
    assert {*ids(GATE_RULES)} <= {each["rule"] for each in good["considered"]}
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension", {"reason": "a matter"})
    bad = story.client.do("filer", path, asked)
    answer = story.client.post(
        "issuer", f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", 1)
    )
    assert bad["findings"] == refused_by(answer, "FIL-01")["findings"]


def test_check_filing_whose_offering_is_closed_says_what_the_mint_says(
    standing_at: Standing,
) -> None:
    story = standing_at("active")
    check = story.client.do("filer", "/v1/checks/filing", {"filing": story.filing})
    answer = story.client.post(
        "issuer", f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", 1)
    )
    assert check["findings"] == refused_by(answer, "FIL-01", "FIL-17")["findings"]


def test_check_filing_that_is_a_draft_is_judged_as_submitted_and_one_withdrawn_says_what_helps(
    story_at: Standing,
) -> None:
    story = story_at("drafted")
    story.sign()
    check = {"filing": story.filing}
    draft = story.client.do("filer", "/v1/checks/filing", check)
    assert (draft["act"], draft["allowed"]) == ("check_formality", True)
    story.client.do("filer", f"/v1/filings/{story.filing}/withdrawal")
    (finding,) = story.client.do("filer", "/v1/checks/filing", check)["findings"]
    assert (finding["rule"], finding["facts"]["state"]) == ("FIL-01", "WITHDRAWN")
    assert finding["cure"] == "File anew, naming this filing as the one superseded."
