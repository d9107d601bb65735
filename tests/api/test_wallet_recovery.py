"""A lost wallet is recovered through the API: three hands, and what is its investor's follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from issuer.testing.wallet_proofs import wallet_proof
from tests.integration.books import accounts, coin_at, require_books_follow_chain
from tests.integration.test_register import outcomes, register
from tests.support.problems import malformed, refused, refused_by, refused_on_chain
from tests.support.simulator import address_of, key_of
from tests.support.story import ALLOTMENT, DEAL, WALLETS, Story, document, investor_document

StoryAt = Callable[[str], Story]

ORDER = "0x" + "0d" * 32
FRESH = 27
RECOVERY = "/v1/investors/H3/recovery"
LOST = address_of(WALLETS["H3"])
DUE = ALLOTMENT["H3"] * (14_460_273 + 200_000_000)


def freeze(story: Story, investor: str = "H3") -> None:
    body = {"reason": "key reported stolen"}
    story.client.do("enforcement", f"/v1/investors/{investor}/freeze", body)


def clear(story: Story) -> None:
    body = {"reason": "identity proven"}
    story.client.do("enforcement", "/v1/investors/H3/clearance", body)


def body_of(fresh: int = FRESH, **changes: Any) -> dict[str, Any]:
    wallet = address_of(fresh)
    proof = wallet_proof("H3", wallet, key_of(wallet))
    return {"wallet": wallet, "order_hash": ORDER, "wallet_proof": proof} | changes


def recover(story: Story, fresh: int = FRESH) -> Any:
    (operation,) = story.client.do("registrar", RECOVERY, body_of(fresh))
    assert (operation["kind"], operation["subject"]) == ("recover_wallet", "H3")
    return operation


def wallet_of_h3(story: Story) -> str:
    return str(story.client.read("registrar", "/v1/investors/H3")["wallet"])


def require_agreement(story: Story) -> None:
    story.served.settle()
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert (found["agrees"], found["differences"]) == (True, [])
    require_books_follow_chain(story)


def test_recovery_after_the_record_date_pays_the_fresh_wallet(story_at: StoryAt) -> None:
    story = story_at("recorded")
    freeze(story)
    operation = recover(story)
    assert operation["state"] == "confirmed"
    assert [each["signer"] for each in operation["commands"]] == ["registrar"]
    assert wallet_of_h3(story) == address_of(FRESH)
    assert register(story) == ALLOTMENT
    require_agreement(story)
    clear(story)
    story.reach("paid")
    assert outcomes(story)["H3"] == (10_000, "PAID")
    assert coin_at(story, address_of(FRESH)) == DUE
    assert coin_at(story, LOST) == 0
    require_agreement(story)


def test_recovery_brings_along_what_was_set_aside(story_at: StoryAt) -> None:
    story = story_at("recorded")
    freeze(story)
    story.reach("paid")
    assert outcomes(story)["H3"] == (10_000, "SET_ASIDE")
    recover(story)
    release, body = f"/v1/distributions/{story.distribution}/releases", {"investor": "H3"}
    # The fresh wallet is frozen as the lost one was: who found the key cannot collect either.
    early = story.client.post("paying_agent", release, body)
    refused_on_chain(early, "distribution.holder_not_cleared", "HolderNotCleared")
    clear(story)
    story.client.do("paying_agent", release, body)
    assert outcomes(story)["H3"] == (10_000, "RELEASED")
    assert coin_at(story, address_of(FRESH)) == DUE
    assert accounts(story)["set_aside:A:H3"] == 0
    require_agreement(story)


def test_recovery_from_wallet_to_wallet_follows_the_chain_of_them(story_at: StoryAt) -> None:
    story = story_at("recorded")
    freeze(story)
    recover(story)
    recover(story, FRESH + 1)
    assert wallet_of_h3(story) == address_of(FRESH + 1)
    require_agreement(story)
    # Neither of those given up can come back.
    for given_up in (WALLETS["H3"], FRESH):
        answer = story.client.post("registrar", RECOVERY, body_of(given_up))
        assert refused(answer, 409, "investor.wallet_barred")["rule"] == "INV-01"
    clear(story)
    story.reach("paid")
    assert coin_at(story, address_of(FRESH + 1)) == DUE
    require_agreement(story)


def test_recovery_moves_an_investor_in_every_deal_that_has_admitted_it(story_at: StoryAt) -> None:
    story = story_at("active")
    story.client.do("operator", "/v1/deals", document("ev-charging.yaml") | {"id": "another"})
    story.client.do("operator", "/v1/deals/another/deployment")
    story.client.do("registrar", "/v1/deals/another/investors", investor_document("H3"))
    freeze(story)
    operations = story.client.do("registrar", RECOVERY, body_of())
    assert {each["deal"] for each in operations} == {DEAL, "another"}
    require_agreement(story)
    found = story.client.read("auditor", "/v1/deals/another/reconciliation")
    assert (found["agrees"], found["differences"]) == (True, [])
    (listed,) = story.client.read("registrar", "/v1/deals/another/investors")
    assert listed["wallet"] == address_of(FRESH)


def test_recovery_of_a_wallet_that_is_not_frozen_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    problem = refused(
        story.client.post("registrar", RECOVERY, body_of()), 409, "investor.wallet_not_frozen"
    )
    assert "have enforcement freeze the investor first" in problem["detail"]
    freeze(story)
    recover(story)


def test_recovery_by_a_wallet_with_its_own_key_is_needed(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    other = wallet_proof("H3", address_of(FRESH), key_of(address_of(FRESH + 1)))
    for proof in (None, other):
        answer = story.client.post("registrar", RECOVERY, body_of(wallet_proof=proof))
        assert refused_by(answer, "INV-01")["findings"][0]["facts"]["wallet"] == address_of(FRESH)
    recover(story)


@pytest.mark.rule("INV-12")
def test_recovery_of_whom_the_sanctions_list_names_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    listed = {"reference": "a list", "entries": ["H3"]}
    story.client.do("enforcement", "/v1/sanctions", listed, method="PUT")
    refused_by(story.client.post("registrar", RECOVERY, body_of()), "INV-12")
    nobody = {"reference": "another list", "entries": ["Nobody"]}
    story.client.do("enforcement", "/v1/sanctions", nobody, method="PUT")
    recover(story)


@pytest.mark.parametrize("other", ["H1", "contract"])
def test_recovery_to_what_is_somebody_elses_is_refused(story_at: StoryAt, other: str) -> None:
    story = story_at("active")
    freeze(story)
    contract = story.ledger.address("coupon_distributor")
    wallet = contract if other == "contract" else investor_document(other)["wallet"]
    code = "investor.wallet_not_registrable" if other == "contract" else "investor.wallet_taken"
    answer = story.client.post("registrar", RECOVERY, body_of(wallet=wallet))
    assert refused(answer, 409, code)["wallet"] == wallet
    recover(story)


@pytest.mark.parametrize("order", ["0x" + "00" * 32, "0x0d"])
def test_recovery_without_an_order_is_refused_at_the_door(story_at: StoryAt, order: str) -> None:
    story = story_at("active")
    freeze(story)
    answer = story.client.post("registrar", RECOVERY, body_of(order_hash=order))
    malformed(answer, "/order_hash")
    recover(story)


def test_recovery_while_another_is_on_its_way_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    story.served.simulator.worker.stop()
    story.client.post("registrar", RECOVERY, body_of(), wait=0)
    answer = story.client.post("registrar", RECOVERY, body_of(FRESH + 1), wait=0)
    refused(answer, 409, "investor.recovering")
    story.served.settle()
    assert wallet_of_h3(story) == address_of(FRESH)


def test_admitting_after_a_recovery_asks_for_evidence_of_the_fresh_wallet(
    story_at: StoryAt,
) -> None:
    """In another deal its register would go by the lost wallet, of which that deal never heard."""
    story = story_at("active")
    freeze(story)
    recover(story)
    clear(story)
    admit, fresh = f"/v1/deals/{DEAL}/investors", investor_document("H3", wallet=address_of(FRESH))
    problem = refused(story.client.post("registrar", admit, fresh), 409, "investor.to_renew")
    assert "PUT /v1/investors/H3" in problem["detail"]
    story.client.do("registrar", "/v1/investors/H3", fresh, method="PUT")
    refused(story.client.post("registrar", admit, fresh), 409, "investor.admitted")


def test_recovery_asked_twice_under_one_key_happens_once(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    once = {"idempotency_key": "recovery-of-H3"}
    asked = [story.client.post("registrar", RECOVERY, body_of(), **once) for _ in "ab"]
    assert [each.status_code for each in asked] == [202, 202]
    assert asked[0].json() == asked[1].json()
    assert asked[1].headers["idempotent-replayed"] == "true"


def test_recovery_is_in_the_log_with_its_order(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    recover(story)
    rows = story.client.read("auditor", "/v1/audit?limit=1000")
    (row,) = (each for each in rows if each["act"] == "recover_wallet")
    proof = body_of()["wallet_proof"]
    assert row["facts"] == {
        "lost": LOST,
        "fresh": address_of(FRESH),
        "order_hash": ORDER,
        "wallet_proof": proof,
    }


def amiss(story: Story) -> list[tuple[str, str, dict[str, Any]]]:
    """(rule, subject, facts) of every rule that somebody of the deal would not pass today."""
    story.served.settle()
    found = story.client.read("regulator", f"/v1/deals/{DEAL}/supervision")["findings"]
    return [(each["finding"]["rule"], each["subject"], each["finding"]["facts"]) for each in found]


@pytest.mark.rule("INV-01")
def test_recovered_wallet_is_registered_with_its_own_proof(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    for fresh in (FRESH, FRESH + 1):
        recover(story, fresh)
        assert amiss(story) == []
    renewed = investor_document("H3", wallet=address_of(FRESH + 1))
    story.client.do("registrar", "/v1/investors/H3", renewed, method="PUT")
    assert amiss(story) == []


@pytest.mark.rule("INV-01")
def test_wallet_recovered_past_the_service_is_shown_without_a_proof(story_at: StoryAt) -> None:
    """Nobody has given one: neither is the lost wallet's shown as one by another key."""
    story = story_at("active")
    freeze(story)
    moved = (LOST, address_of(FRESH), bytes.fromhex(ORDER[2:]))
    assert story.ledger.send(3, "investor_registry", "recover", *moved)
    ((rule, subject, facts),) = amiss(story)
    assert (rule, subject, facts["wallet_proof"]) == ("INV-01", "investor H3", "not given")
