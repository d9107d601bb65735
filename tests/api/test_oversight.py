"""What a supervisor is shown of a deal: nothing amiss where nothing is, and everything that is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.story import ALLOTMENT, DEAL, Story, investor_document

SUPERVISION = f"/v1/deals/{DEAL}/supervision"


def look(story: Story) -> Any:
    return story.client.read("regulator", SUPERVISION)


def matters(seen: Any) -> list[str]:
    return [each["matter"] for each in seen["attention"]]


def test_deal_in_order_calls_for_no_attention(standing_at: Callable[[str], Story]) -> None:
    story = standing_at("paid")
    seen = look(story)
    assert (seen["attention"], seen["findings"]) == ([], [])
    assert seen["evidence"]["audit_log_intact"]
    assert seen["evidence"]["database_agrees_with_chain"]
    assert (seen["filing"]["id"], seen["filing"]["state"]) == (story.filing, "ACTIVE")
    assert seen == story.client.read("auditor", SUPERVISION)


def test_deal_shows_its_filing_with_clocks_materials_and_decisions(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("paid")
    seen = look(story)
    clocks = {each["name"]: each for each in seen["clocks"]}
    # Submitted on 12 February and decided on 2 March: the Spring Festival does not count.
    assert (clocks["review"]["used"], clocks["review"]["running"]) == (8, False)
    assert (clocks["validity"]["due_on"], clocks["validity"]["passed"]) == ("2027-03-02", False)
    version = story.client.read("regulator", f"/v1/filings/{story.filing}/versions/1")
    contents = {each["code"]: each["content"].encode() for each in version["materials"]}
    assert seen["dossier"]["intact"]
    assert len(seen["dossier"]["signed_by"]) == 5
    for each in seen["dossier"]["materials"]:
        assert each["sha256"] == hashlib.sha256(contents[each["code"]]).hexdigest()
        assert each["size"] == len(contents[each["code"]])
    acts = [each["act"] for each in seen["decisions"]]
    assert acts[:4] == ["submit_filing", "check_formality", "approve_filing", "publish_filing"]
    assert [(each["code"], each["standing"]) for each in seen["events"]] == [("EV-01", "reported")]


def test_deal_shows_its_holders_mints_and_payments(standing_at: Callable[[str], Story]) -> None:
    seen = look(standing_at("paid"))
    holders = seen["holders"]
    assert [(each["name"], each["units"]) for each in holders["by_jurisdiction"]] == [
        ("HK", 50_000),
        ("SG", 20_000),
        ("LU", 10_000),
    ]
    assert [each["share_percent"] for each in holders["by_class"]] == ["62.5", "25", "12.5"]
    assert {each["investor"]: each["units"] for each in holders["lines"]} == dict(ALLOTMENT)
    assert (holders["heads_admitted"], holders["holder_cap"]) == (3, 200)
    assert [each["units"] for each in seen["mints"]] == list(ALLOTMENT.values())
    (tranche,) = seen["tranches"]
    assert (tranche["status"], tranche["supply"], tranche["cap"]) == ("APPROVED", 80_000, 80_000)
    (payment,) = seen["payments"]
    assert (payment["due_micro"], payment["set_aside_micro"]) == (payment["paid_micro"], "0")
    assert payment["outcomes"] == {"PAID": 3}


def test_review_under_way_shows_when_it_is_due(story_at: Callable[[str], Story]) -> None:
    story = story_at("under_review")
    (review,) = look(story)["clocks"]
    # Twenty working days from 12 February: the festival is none, two Saturdays beside it are.
    assert (review["running"], review["used"], review["due_on"]) == (True, 0, "2026-03-18")
    story.clock("03-18T10:00")
    assert matters(look(story)) == []
    story.clock("03-19T10:00")
    seen = look(story)
    assert matters(seen) == ["rule"]
    assert seen["attention"][0]["says"].startswith("FIL-08 would not pass today")
    assert seen["clocks"][0]["passed"]


def test_supplement_that_is_awaited_has_a_clock(story_at: Callable[[str], Story]) -> None:
    story = story_at("under_review")
    due = story.request_supplement()["supplement"]["due_on"]
    clocks = {each["name"]: each for each in look(story)["clocks"]}
    assert clocks["supplement"]["due_on"] == due
    assert not clocks["review"]["running"]


def test_deal_without_filing_and_contracts_is_shown_as_it_is(
    standing_at: Callable[[str], Story],
) -> None:
    seen = look(standing_at("registered"))
    assert (seen["filing"], seen["dossier"], seen["tranches"]) == (None, None, [])
    assert seen["evidence"]["database_agrees_with_chain"] is None
    assert seen["attention"] == []


def test_deal_with_trouble_names_all_of_it(story_at: Callable[[str], Story]) -> None:
    story = story_at("recorded")
    body = {"reference": "list of 10 July", "entries": ["example pension scheme"]}
    story.client.do("enforcement", "/v1/sanctions", body, method="PUT")
    story.client.do("regulator", f"/v1/filings/{story.filing}/events", {"code": "EV-03"})
    story.clock("07-14T10:00")
    assert "event_due" in matters(look(story))
    story.clock("07-16T10:00")
    story.pay()
    story.client.http.get(f"/v1/deals/{DEAL}", headers={"X-Client-Country": "CN"})
    seen = look(story)
    found = {each["matter"]: each["says"] for each in seen["attention"]}
    assert "EV-03" in found["event_overdue"]
    assert found["sanctions"].endswith("investor H3 is FROZEN")
    assert found["frozen"] == "frozen with units: H3"
    assert found["set_aside"].endswith("HKD is set aside for holders")
    assert found["blocked_requests"].startswith("1 requests")
    assert {(each["subject"], each["finding"]["rule"]) for each in seen["findings"]} == {
        (f"filing {story.filing}", "FIL-12"),
        ("investor H3", "INV-12"),
    }
    assert seen["sanctions"] == {
        "reference": "list of 10 July",
        "entries": 1,
        "hits": [{"investor": "H3", "listed": ["example pension scheme"], "status": "FROZEN"}],
    }
    (payment,) = seen["payments"]
    assert payment["outcomes"] == {"PAID": 2, "SET_ASIDE": 1}
    assert int(payment["set_aside_micro"]) + int(payment["paid_micro"]) == int(payment["due_micro"])
    # Reported, the matter is the regulator's; cleared, it is nobody's.
    report = {"code": "EV-03", "report": "what is being looked into"}
    story.client.do("filer", f"/v1/filings/{story.filing}/reports", report)
    assert "event_open" in matters(look(story))
    clear = {"code": "EV-03"}
    story.client.do("regulator", f"/v1/filings/{story.filing}/event-clearance", clear)
    assert {"event_open", "event_overdue"}.isdisjoint(matters(look(story)))


def payments_named(story: Story) -> list[tuple[str, str]]:
    named = [(each["matter"], each["says"]) for each in look(story)["attention"]]
    return [each for each in named if each[0].startswith("payment_")]


@pytest.mark.rule("SET-12")
def test_payments_missed_are_named_before_anybody_has_noted_them(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    story.clock("07-15T23:59")
    assert payments_named(story) == []
    story.clock("07-16T00:00")
    first = "period 1 was to be paid on 2026-07-15 and is"
    delayed = ("payment_delayed", f"{first} 1 day late: within grace until 2026-07-29")
    assert payments_named(story) == [delayed]
    story.clock("2027-01-21T10:00")
    default = ("payment_default", f"{first} 190 days late: grace ended on 2026-07-29")
    named = payments_named(story)
    assert [matter for matter, _ in named] == [
        "payment_default",
        "payment_default",
        "payment_delayed",
    ]
    assert named[0] == default
    assert [says.partition(" and ")[0] for _, says in named[1:]] == [
        "period 2 was to be paid on 2026-10-15",
        "period 3 was to be paid on 2027-01-15",
    ]
    # Noted by the time-out, both that are out of grace at once, they are late all the same.
    noted = story.client.do("H1", f"/v1/filings/{story.filing}/deadlines")["events"]
    assert [each["about"] for each in noted if each["code"] == "EV-06"] == [
        f"{DEAL}-d1",
        f"{DEAL}-d2",
    ]
    seen = look(story)
    assert seen["evidence"]["audit_log_intact"]
    assert payments_named(story) == named
    assert matters(seen).count("event_due") == 2


def test_evidence_that_expires_is_a_standing_finding(story_at: Callable[[str], Story]) -> None:
    story = story_at("active")
    story.clock("2027-01-20T10:00")
    seen = look(story)
    found = [each for each in seen["findings"] if each["finding"]["rule"] == "INV-13"]
    assert [each["subject"] for each in found] == ["investor H1"]


def test_altered_material_is_seen(story_at: Callable[[str], Story]) -> None:
    story = story_at("filed")
    with story.served.simulator.context.database.writing() as connection:
        connection.exec_driver_sql("UPDATE material SET content = x'00' WHERE code = 'M-11'")
    seen = look(story)
    assert "materials" in matters(seen)
    assert not seen["dossier"]["intact"]
    # Whoever signed did not sign this.
    assert seen["dossier"]["signed_by"] == []


def test_altered_register_is_seen(story_at: Callable[[str], Story]) -> None:
    story = story_at("issued")
    wallet = investor_document("H2")["wallet"]
    with story.served.simulator.context.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM holding WHERE wallet = ?", (wallet,))
    seen = look(story)
    assert "reconciliation" in matters(seen)
    assert not seen["evidence"]["database_agrees_with_chain"]


def test_listings_are_shown(story_at: Callable[[str], Story]) -> None:
    story = story_at("registered")
    body = {"venue": "Example Professional Exchange", "retail": False}
    story.client.do("issuer", f"/v1/deals/{DEAL}/listings", body)
    assert [each["venue"] for each in look(story)["listings"]] == [body["venue"]]
