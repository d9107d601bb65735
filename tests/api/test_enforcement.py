"""Enforcement's halt of transfers, which is no suspension, and transfers by order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.test_register import move, register
from tests.support.problems import malformed, refused
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, WALLETS, Story

StoryAt = Callable[[str], Story]

PAUSE, LIFT = f"/v1/deals/{DEAL}/pause", f"/v1/deals/{DEAL}/pause/lift"
FORCED = f"/v1/deals/{DEAL}/forced-transfers"
ORDER = "0x" + "0c" * 32
REASON = {"reason": "a key is in strange hands"}
TOKEN = "abs_token:A"
ENFORCEMENT = 6


def ordered(**changes: Any) -> dict[str, Any]:
    body = {"tranche": "A", "sender": "H1", "receiver": "H2", "units": 1_000, "order_hash": ORDER}
    return body | changes


def transfer_refusal(story: Story) -> str | None:
    to = address_of(WALLETS["H2"])
    return story.ledger.refusal(WALLETS["H1"], TOKEN, "transfer", to, 2_000)


def require_agreement(story: Story) -> None:
    story.served.settle()
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert (found["agrees"], found["differences"]) == (True, [])


# ---- the halt


def test_pausing_stops_transfers_until_it_is_lifted(story_at: StoryAt) -> None:
    story = story_at("active")
    paused = story.client.do("enforcement", PAUSE, REASON)
    assert (paused["kind"], paused["subject"]) == ("pause_transfers", DEAL)
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")["paused"] is True
    assert transfer_refusal(story) == "TransfersPaused"
    asked = {
        "deal": DEAL,
        "tranche": "A",
        "sender": address_of(WALLETS["H1"]),
        "receiver": address_of(WALLETS["H2"]),
        "units": 2_000,
    }
    dry = story.client.do("H1", "/v1/checks/transfer", asked)
    assert (dry["allowed"], dry["chain_refusal"]["error"]) == (False, "TransfersPaused")
    require_agreement(story)
    lifted = story.client.do("enforcement", LIFT, REASON)
    assert [each["function"] for each in lifted["commands"]] == ["unpause"]
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")["paused"] is False
    assert move(story, "H1", "H2", 2_000)
    require_agreement(story)


def test_pausing_twice_and_lifting_without_a_halt_are_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    refused(story.client.post("enforcement", LIFT, REASON), 409, "transfer.not_paused")
    story.client.do("enforcement", PAUSE, REASON)
    refused(story.client.post("enforcement", PAUSE, REASON), 409, "transfer.paused")
    story.client.do("enforcement", LIFT, REASON)
    refused(story.client.post("enforcement", LIFT, REASON), 409, "transfer.not_paused")


def test_pausing_while_a_halt_is_on_its_way_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    story.served.simulator.worker.stop()
    story.client.post("enforcement", PAUSE, REASON, wait=0)
    for path in (PAUSE, LIFT):
        answer = story.client.post("enforcement", path, REASON, wait=0)
        refused(answer, 409, "transfer.pause_under_way")
    story.served.settle()
    assert story.client.post("enforcement", LIFT, REASON, wait=0).status_code == 202
    story.served.settle()
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")["paused"] is False


def test_pausing_before_the_deal_is_deployed_is_refused(story_at: StoryAt) -> None:
    story = story_at("registered")
    refused(story.client.post("enforcement", PAUSE, REASON), 409, "deal.not_deployed")


@pytest.mark.rule("INV-12")
def test_lifting_a_halt_leaves_the_regulators_suspension(story_at: StoryAt) -> None:
    story = story_at("active")
    story.client.do("enforcement", PAUSE, REASON)
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension", REASON)
    story.client.do("enforcement", LIFT, REASON)
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert (found["paused"], found["filing_status"]) == (False, "SUSPENDED")
    assert transfer_refusal(story) == "FilingSuspended"
    # And the other way round: the regulator's lift ends no halt.
    story.client.do("enforcement", PAUSE, REASON)
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension/lift", REASON)
    assert transfer_refusal(story) == "TransfersPaused"
    story.client.do("enforcement", LIFT, REASON)
    assert transfer_refusal(story) is None
    require_agreement(story)


def test_issuing_while_halted_is_refused(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    story.pay_in("H1", story.subscribe("H1", 50_000))
    story.client.do("enforcement", PAUSE, REASON)
    issue, body = f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", 50_000)
    problem = refused(story.client.post("issuer", issue, body), 409, "transfer.paused")
    assert f"POST {LIFT}" in problem["detail"]
    dry = story.client.do("issuer", "/v1/checks/mint", {"deal": DEAL, "tranche": "A", "units": 1})
    assert dry["allowed"] is False
    story.client.do("enforcement", LIFT, REASON)
    story.client.do("issuer", issue, body)


def test_payments_go_on_while_transfers_are_halted(story_at: StoryAt) -> None:
    story = story_at("recorded")
    story.client.do("enforcement", PAUSE, REASON)
    story.reach("paid")
    holders = story.client.read("auditor", f"/v1/distributions/{story.distribution}")["holders"]
    assert {each["outcome"] for each in holders} == {"PAID"}


def test_supervisor_is_told_of_a_halt(story_at: StoryAt) -> None:
    story = story_at("active")
    path = f"/v1/deals/{DEAL}/supervision"
    before = {each["matter"] for each in story.client.read("auditor", path)["attention"]}
    story.client.do("enforcement", PAUSE, REASON)
    after = {each["matter"] for each in story.client.read("auditor", path)["attention"]}
    assert after - before == {"paused"}


# ---- transfers by order


@pytest.mark.parametrize("frozen", [False, True])
def test_forced_transfer_moves_units_whether_their_holder_is_frozen_or_not(
    story_at: StoryAt, frozen: bool
) -> None:
    story = story_at("active")
    if frozen:
        story.client.do("enforcement", "/v1/investors/H1/freeze", REASON)
    operation = story.client.do("enforcement", FORCED, ordered())
    assert (operation["kind"], operation["subject"]) == ("force_transfer", f"{DEAL}/A")
    assert [each["function"] for each in operation["commands"]] == ["forcedTransferByOrder"]
    assert register(story) == ALLOTMENT | {"H1": 49_000, "H2": 21_000}
    rows = story.client.read("auditor", "/v1/audit?limit=1000")
    (row,) = (each for each in rows if each["act"] == "force_transfer")
    assert (row["facts"]["order_hash"], row["facts"]["units"]) == (ORDER, 1_000)
    require_agreement(story)


@pytest.mark.rule("INV-12")
def test_forced_transfer_to_whom_may_not_receive_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    story.client.do("enforcement", "/v1/investors/H2/freeze", REASON)
    answer = story.client.post("enforcement", FORCED, ordered())
    problem = refused(answer, 409, "transfer.receiver_not_eligible")
    assert (problem["rule"], problem["error"]) == ("INV-01", "ERC7943CannotReceive")
    assert register(story) == ALLOTMENT
    story.client.do("enforcement", "/v1/investors/H2/clearance", REASON)
    story.client.do("enforcement", FORCED, ordered())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"units": 50_001}, "transfer.insufficient_units"),
        ({"receiver": "H1"}, "transfer.forced_to_self"),
        ({"receiver": "H9"}, "investor.not_found"),
        ({"sender": "H9"}, "investor.not_found"),
        ({"tranche": "Z"}, "tranche.not_found"),
        ({"tranche": "S"}, "tranche.not_found"),
    ],
)
def test_forced_transfer_of_what_is_not_there_is_refused_and_stores_nothing(
    standing_at: StoryAt, changes: dict[str, Any], code: str
) -> None:
    answer = standing_at("active").client.post("enforcement", FORCED, ordered(**changes))
    refused(answer, 404 if code.endswith("not_found") else 409, code)


@pytest.mark.parametrize("order", ["0x" + "00" * 32, "an order"])
def test_forced_transfer_without_an_order_is_refused_at_the_door(
    standing_at: StoryAt, order: str
) -> None:
    story = standing_at("active")
    malformed(story.client.post("enforcement", FORCED, ordered(order_hash=order)), "/order_hash")


@pytest.mark.parametrize("order", ["0x12", "0x" + "0D" * 32, "0d" * 32, ""])
def test_hash_that_is_none_is_told_what_one_is(standing_at: StoryAt, order: str) -> None:
    answer = standing_at("active").client.post("enforcement", FORCED, ordered(order_hash=order))
    (complaint,) = malformed(answer, "/order_hash")["complaints"]
    assert complaint["message"] == "must be 0x and 64 hex digits, in small letters"


def test_signature_that_is_none_is_told_what_one_is(standing_at: StoryAt) -> None:
    body = {"wallet": address_of(27), "order_hash": ORDER, "wallet_proof": "0x12"}
    answer = standing_at("active").client.post("registrar", "/v1/investors/H1/recovery", body)
    (complaint,) = malformed(answer, "/wallet_proof")["complaints"]
    assert complaint["message"] == "must be 0x and 130 hex digits"


def test_forced_transfer_asked_twice_under_one_key_happens_once(story_at: StoryAt) -> None:
    story = story_at("active")
    once = {"idempotency_key": "order-1"}
    asked = [story.client.post("enforcement", FORCED, ordered(), **once) for _ in "ab"]
    assert asked[0].json()["id"] == asked[1].json()["id"]
    assert register(story) == ALLOTMENT | {"H1": 49_000, "H2": 21_000}


def test_forced_transfer_by_an_order_that_was_executed_is_refused(story_at: StoryAt) -> None:
    story = story_at("active")
    story.served.simulator.worker.stop()
    queued = story.client.post("enforcement", FORCED, ordered(), wait=0)
    problem = refused(
        story.client.post("enforcement", FORCED, ordered(), wait=0), 409, "transfer.order_executed"
    )
    assert "is moving 1000 units" in problem["detail"]
    story.served.settle()
    for units in (1_000, 2_000):
        answer = story.client.post("enforcement", FORCED, ordered(units=units), wait=0)
        problem = refused(answer, 409, "transfer.order_executed")
        assert "has moved 1000 units" in problem["detail"]
        assert "Cure: give the hash of the order" in problem["detail"]
        assert problem["operation"] == queued.json()["id"]
    assert register(story) == ALLOTMENT | {"H1": 49_000, "H2": 21_000}


@pytest.mark.parametrize(
    "changes",
    [{"order_hash": "0x" + "0e" * 32}, {"receiver": "H3"}, {"sender": "H3"}],
    ids=["another order", "another receiver", "another sender"],
)
def test_forced_transfer_that_is_another_is_made(
    story_at: StoryAt, changes: dict[str, Any]
) -> None:
    """One order may say to move what several hold, and to several."""
    story = story_at("active")
    story.client.do("enforcement", FORCED, ordered())
    again = ordered(**changes)
    story.client.do("enforcement", FORCED, again)
    expected = dict(ALLOTMENT)
    for each in (ordered(), again):
        expected[each["sender"]] -= 1_000
        expected[each["receiver"]] += 1_000
    assert register(story) == expected


def test_forced_transfer_that_the_chain_refused_may_be_tried_again(story_at: StoryAt) -> None:
    story = story_at("active")
    receiver = address_of(WALLETS["H2"])
    story.served.simulator.worker.stop()
    queued = story.client.post("enforcement", FORCED, ordered(), wait=0).json()
    # Past the service, between the question and the answer.
    assert story.ledger.send(ENFORCEMENT, TOKEN, "setAddressFrozen", receiver, True)
    story.served.settle()
    state = story.client.read("auditor", f"/v1/operations/{queued['id']}")["state"]
    assert state == "refused"
    assert register(story) == ALLOTMENT
    assert story.ledger.send(ENFORCEMENT, TOKEN, "setAddressFrozen", receiver, False)
    assert story.client.post("enforcement", FORCED, ordered(), wait=0).status_code == 202
    story.served.settle()
    assert register(story) == ALLOTMENT | {"H1": 49_000, "H2": 21_000}
