"""What somebody tries who pulls at the passage: rows forged into the outbox, cash in the wrong order."""

from __future__ import annotations

from collections.abc import Callable

from issuer.onchain.gateway import FilingStatus
from tests.integration.forger import Forger
from tests.support.problems import malformed, refused, refused_by
from tests.support.story import DEAL, Story, document, investor_document

COMMAND = (
    "INSERT INTO command (operation_id, deal_id, signer, contract, function, arguments, description,"
    " seal, state) SELECT 'forged', deal_id, ?, ?, ?, ?, 'forged', ?, 'pending' FROM command LIMIT 1"
)
OPERATION = (
    "INSERT INTO operation (id, kind, deal_id, subject, state, created_at, detail)"
    " VALUES ('forged', 'suspend_filing', ?, 'forged', 'pending', '2026', '{}')"
)


def test_command_forged_into_the_outbox_is_not_signed(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("filed")
    forger = Forger(story.served)
    (filing_on_chain,) = forger.read(
        "SELECT arguments, seal FROM command WHERE function = 'approve' LIMIT 1"
    )
    forger.write(OPERATION, DEAL)
    # With no seal, and with a seal that was made for another command of the same key.
    arguments = f"[{filing_on_chain[0].split(',')[0].strip('[')}]"
    forger.write(COMMAND, "regulator", "filing_registry", "suspend", arguments, filing_on_chain[1])
    story.served.settle()
    forged = story.client.read("auditor", "/v1/operations/forged")
    assert (forged["state"], forged["error"]["code"]) == ("failed", "outbox.altered")
    assert story.ledger.read("abs_token:A", "filingStatus") == FilingStatus.APPROVED
    # And nobody is held up by it.
    path = f"/v1/filings/{story.filing}/suspension"
    assert story.client.do("regulator", path, {"reason": "a real one"})["state"] == "confirmed"


def test_follow_up_that_fails_holds_nobody_up(story_at: Callable[[str], Story]) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    forger = Forger(story.served)
    # The books refuse the batch's entry a second time: what follows the confirmation raises.
    forger.write(
        "INSERT INTO posting (deal_id, entry_id, memo, account, amount_micro, posted_at)"
        " VALUES (?, ?, 'forged', 'collections', 0, '2026')",
        DEAL,
        f"collection:{document('ev-charging.collections.yaml')['batches'][0]['id']}",
    )
    body = document("ev-charging.collections.yaml")
    answer = story.client.post("oracle", f"/v1/deals/{DEAL}/collections", body)
    assert answer.json()["operation"]["state"] == "failed"
    path = f"/v1/filings/{story.filing}/suspension"
    assert story.client.do("regulator", path, {"reason": "meanwhile"})["state"] == "confirmed"
    assert story.ledger.read("abs_token:A", "filingStatus") == FilingStatus.SUSPENDED


def test_subscribing_before_the_offering_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    body = {"tranche": "A", "units": 2_000}
    refused_by(story.client.post("H1", f"/v1/deals/{DEAL}/subscriptions", body), "FIL-01")
    story.clock("04-13T10:00")
    story.open_offering()
    assert story.subscribe("H1", 2_000)["state"] == "OPEN"


def test_next_distribution_waits_for_the_payment_of_the_one_before(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("recorded")
    story.clock("10-08T10:00")
    path = f"/v1/deals/{DEAL}/distributions"
    answer = story.client.post("paying_agent", path, {"period": 2})
    refused(answer, 409, "distribution.earlier_unpaid")
    story.pay()
    assert story.determine(2)["state"] == "confirmed"


def test_batch_completed_for_a_later_period_belongs_to_it(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    body = document("ev-charging.collections.yaml")
    exchange = body["batches"][0].pop("fx")
    held = story.client.do("oracle", f"/v1/deals/{DEAL}/collections", body)
    assert held["batches"][0]["state"] == "HELD"
    body["batches"][0] |= {"fx": exchange, "period": 2}
    completed = story.client.do("oracle", f"/v1/deals/{DEAL}/collections", body)["batches"][0]
    assert (completed["state"], completed["period"]) == ("AVAILABLE", 2)


def test_batch_of_nothing_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    body = document("ev-charging.collections.yaml")
    body["batches"][0]["cny"] = "0"
    malformed(story.client.post("oracle", f"/v1/deals/{DEAL}/collections", body), "/cny")


def test_closing_with_proceeds_below_the_reserve_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.sell("H1", 1_100)
    refused_by(story.client.post("issuer", f"/v1/deals/{DEAL}/offering/close"), "SET-08")
    story.sell("H2", 1_100)
    assert story.close_offering()["state"] == "confirmed"


def test_investor_on_the_list_in_force_is_not_cleared(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    entries = {"reference": "a list", "entries": [investor_document("H3")["name"]]}
    story.client.do("enforcement", "/v1/sanctions", entries, method="PUT")
    clearance = "/v1/investors/H3/clearance"
    answer = story.client.post("enforcement", clearance, {"reason": "a favour"})
    refused(answer, 409, "investor.sanctioned")
    emptied = {"reference": "a newer list", "entries": []}
    story.client.do("enforcement", "/v1/sanctions", emptied, method="PUT")
    story.client.do("enforcement", clearance, {"reason": "off the list"})
    assert story.client.read("registrar", "/v1/investors/H3")["status"] == "ADMITTED"


def test_evidence_is_renewed_and_eligibility_with_it(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    renewed = investor_document("H2")
    renewed["evidence"]["dated"] = "2026-03-17"
    story.client.do("registrar", "/v1/investors/H2", renewed, method="PUT")
    assert story.client.read("registrar", "/v1/investors/H2")["eligible_until"] == "2027-03-17"
    stale = {**renewed, "evidence": {**renewed["evidence"], "dated": "2025-01-01"}}
    refused_by(story.client.put("registrar", "/v1/investors/H2", stale), "INV-13")
    other = {**renewed, "wallet": investor_document("H1")["wallet"]}
    answer = story.client.put("registrar", "/v1/investors/H2", other)
    refused(answer, 409, "investor.differs")


def test_completion_cannot_be_noted_as_an_event_nor_any_event_twice(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("filed")
    path = f"/v1/filings/{story.filing}/events"
    refused(story.client.post("oracle", path, {"code": "EV-01"}), 409, "filing.event_open")
    story.client.do("oracle", path, {"code": "EV-03"})
    refused(story.client.post("oracle", path, {"code": "EV-03"}), 409, "filing.event_open")


def test_materials_are_read_by_those_who_may_and_show_what_was_altered(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("filed")
    path = f"/v1/filings/{story.filing}/versions/1"
    refused(story.client.get("issuer", path), 403, "role.missing")
    found = story.client.read("regulator", path)
    assert (found["intact"], len(found["materials"])) == (True, 16)
    Forger(story.served).write("UPDATE material SET content = ? WHERE code = 'M-11'", b"altered")
    assert story.client.read("regulator", path)["intact"] is False
