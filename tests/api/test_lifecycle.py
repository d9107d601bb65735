"""The review stands still, ends, or begins again for what was published; and what follows from events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import malformed, refused, refused_by
from tests.support.story import DEAL, Story

StoryAt = Callable[[str], Story]
REASON = {"reason": "a reason"}


def do(story: Story, who: str, step: str, body: Any = None) -> Any:
    return story.client.do(who, f"/v1/filings/{story.filing}/{step}", body)


def ask(story: Story, who: str, step: str, body: Any = None) -> Any:
    return story.client.post(who, f"/v1/filings/{story.filing}/{step}", body)


def seen(story: Story, who: str | None = "regulator") -> Any:
    return story.client.read(who, f"/v1/filings/{story.filing}")


def mint(story: Story) -> Any:
    return story.client.post(
        "issuer", f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", 2_000)
    )


def amended(story: Story) -> Any:
    """The filer prepares the next version, has it signed and submits it."""
    found = next(m for m in story.filing_document()["materials"] if m["code"] == "M-13")
    story.prepare([{**found, "content": found["content"] + "\nAs it is since the change."}])
    story.sign()
    return do(story, "filer", "amendment")


# ---- the review stands still


def test_consultation_and_pauses_stop_the_review_and_late_review_is_shown(
    story_at: StoryAt,
) -> None:
    story = story_at("under_review")
    assert seen(story)["review"]["due_on"] == "2026-03-18"
    story.clock("02-24T10:00")
    consulting = do(story, "other_authority", "consultation", REASON)
    assert (consulting["state"], consulting["review"]["days_used"]) == ("CONSULTING", 3)
    assert consulting["pause"] == {
        "by": "other_authority",
        "reason": "a reason",
        "since": "2026-02-24",
    }
    # What is suspected is for those who read the materials, whoever else has a key.
    for reader in ("filer", "other_authority", "auditor"):
        assert seen(story, reader)["pause"] == consulting["pause"]
    for reader in (None, "overseas_regulator", "oracle", "issuer"):
        assert seen(story, reader)["pause"] is None
    (listed,) = story.client.read("oracle", f"/v1/deals/{DEAL}/filings")
    assert listed["pause"] is None
    body = {"version": 1, "bundle_hash": story.prepared["bundle_hash"]}
    refused(ask(story, "regulator", "approval", body), 409, "filing.illegal_move")
    story.clock("03-10T10:00")
    again = do(story, "regulator", "consultation/conclusion", REASON)
    assert (again["state"], again["review"]["due_on"]) == ("UNDER_REVIEW", "2026-04-02")
    # At the regulator's word the filer does not resume; at its own it does.
    do(story, "regulator", "review-suspension", REASON)
    refused(ask(story, "filer", "review-suspension/lift", REASON), 403, "role.missing")
    do(story, "regulator", "review-suspension/lift", REASON)
    assert do(story, "filer", "review-suspension", REASON)["state"] == "REVIEW_SUSPENDED"
    assert do(story, "filer", "review-suspension/lift", REASON)["state"] == "UNDER_REVIEW"
    story.clock("04-03T10:00")
    assert [each["rule"] for each in seen(story)["late"]] == ["FIL-08"]
    story.approve()
    filed = seen(story)
    assert (filed["state"], filed["late"]) == ("FILED", [])


def test_termination_is_final_and_its_reason_is_public(story_at: StoryAt) -> None:
    story = story_at("under_review")
    ended = do(story, "regulator", "termination", {"reason": "the entity is dissolved"})
    assert (ended["state"], ended["ended_because"]) == ("TERMINATED", "the entity is dissolved")
    assert story.filing_now()["ended_because"] == "the entity is dissolved"
    for who, step in (("regulator", "termination"), ("regulator", "consultation")):
        refused(ask(story, who, step, REASON), 409, "filing.illegal_move")
    malformed(ask(story, "regulator", "termination", {"reason": ""}), "/reason")


# ---- amendment


def test_amendment_stops_minting_here_and_on_chain_until_it_is_approved(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    old = story.prepared["bundle_hash"]
    refused(ask(story, "filer", "amendment"), 409, "filing.version_missing")
    story.pay_in("H1", story.subscribe("H1", 2_000))
    do(story, "auditor", "events", {"code": "EV-12"})
    refused_by(mint(story), "FIL-13")
    assert amended(story)["state"] == "confirmed"
    under_review = seen(story)
    assert (under_review["state"], under_review["version"]) == ("UNDER_REVIEW", 2)
    assert under_review["amendment"]["state"] == "ISSUING"
    assert under_review["events"][-1]["amended_on"] == "2026-04-13"
    refused_by(mint(story), "FIL-01")
    args = (
        story.ledger.address("abs_token:A"),
        story.client.read("H1", "/v1/investors/H1")["wallet"],
        2_000,
        bytes.fromhex(old[2:]),
        1,
    )
    assert story.ledger.refusal(4, "dvp_settlement", "issue", *args) == "FilingBeingAmended"
    refused(ask(story, "filer", "withdrawal"), 409, "filing.illegal_move")
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]
    report = {"code": "EV-12", "report": "what was changed"}
    do(story, "filer", "reports", report)
    assert story.approve()["state"] == "confirmed"
    issuing = seen(story)
    assert (issuing["state"], issuing["amendment"]) == ("ISSUING", None)
    assert issuing["approval"]["version"] == 2
    assert issuing["approval"]["bundle_hash"] != old
    assert mint(story).json()["state"] == "confirmed"
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]


@pytest.mark.rule("NEG-07")
def test_prohibited_circumstance_during_an_amendment_bars_approval_until_it_is_cleared(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    story.pay_in("H1", story.subscribe("H1", 2_000))
    amended(story)
    clear = {"code": "EV-04"}
    refused(ask(story, "regulator", "event-clearance", clear), 409, "filing.event_not_open")
    do(story, "auditor", "events", {"code": "EV-04"})
    path = f"/v1/filings/{story.filing}/approval"
    body = story.approval_body()
    refused_by(story.client.post("regulator", path, body), "NEG-07")
    # Reporting does not cure it, and nobody else than the regulator clears it.
    do(story, "filer", "reports", {"code": "EV-04", "report": "an asset is on the list"})
    refused_by(story.client.post("regulator", path, body), "NEG-07")
    refused(ask(story, "filer", "amendment/cancellation"), 409, "filing.determination_adverse")
    refused(ask(story, "filer", "event-clearance", clear), 403, "role.missing")
    cleared = do(story, "regulator", "event-clearance", clear)
    assert (cleared["state"], cleared["events"][-1]["cleared_on"]) == ("UNDER_REVIEW", "2026-04-13")
    assert story.approve()["state"] == "confirmed"
    assert mint(story).json()["state"] == "confirmed"


def test_amendment_cancelled_is_as_if_it_had_not_been_and_the_duty_stands(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    do(story, "auditor", "events", {"code": "EV-02"})
    amended(story)
    assert do(story, "filer", "amendment/cancellation")["state"] == "confirmed"
    issuing = seen(story)
    assert (issuing["state"], issuing["version"], issuing["amendment"]) == ("ISSUING", 1, None)
    assert issuing["events"][-1]["amended_on"] is None
    refused(ask(story, "filer", "amendment/cancellation"), 409, "filing.illegal_move")
    # Nobody amends, so anybody may point at it when the days are over.
    do(story, "filer", "reports", {"code": "EV-02", "report": "who controls us now"})
    story.clock("04-16T10:00")
    refused(ask(story, "H1", "deadlines"), 409, "filing.no_deadline_passed")
    story.clock("04-17T10:00")
    assert [each["rule"] for each in seen(story)["late"]] == ["FIL-13"]
    assert do(story, "H1", "deadlines")["state"] == "SUSPENDED"


def test_amendment_terminated_is_revoked_here_and_on_chain(story_at: StoryAt) -> None:
    story = story_at("filed")
    amended(story)
    ended = do(story, "regulator", "termination", {"reason": "false material"})
    assert (ended["state"], ended["ended_because"]) == ("REVOKED", "false material")
    story.served.settle()
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["filing_status"] == "REVOKED"
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]


def test_amendment_of_an_expired_filing_opens_it_again(story_at: StoryAt) -> None:
    story = story_at("filed")
    story.clock("2027-03-02T08:00")
    assert do(story, "oracle", "deadlines")["state"] == "EXPIRED"
    assert amended(story)["state"] == "confirmed"
    assert do(story, "filer", "amendment/cancellation")["state"] == "confirmed"
    assert seen(story)["state"] == "EXPIRED"


# ---- events


def test_event_of_an_unknown_code_is_refused_by_name(standing_at: StoryAt) -> None:
    story = standing_at("active")
    for step, body in (
        ("events", {"code": "EV-13"}),
        ("reports", {"code": "EV-13", "report": "r"}),
        ("event-clearance", {"code": "EV-13"}),
    ):
        who = {"events": "auditor", "reports": "filer"}.get(step, "regulator")
        problem = malformed(ask(story, who, step, body), "/code")
        assert "EV-13" in problem["complaints"][0]["message"]


@pytest.mark.parametrize(
    ("who", "step", "body"),
    [
        ("auditor", "events", {"code": "EV-04"}),
        ("filer", "reports", {"code": "EV-04", "report": "an asset is on the list"}),
    ],
    ids=["noted", "reported"],
)
def test_prohibited_circumstance_suspends_at_once_and_the_regulator_alone_lifts(
    story_at: StoryAt, who: str, step: str, body: Any
) -> None:
    story = story_at("active")
    assert do(story, who, step, body)["state"] == "SUSPENDED"
    story.served.settle()
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["filing_status"] == "SUSPENDED"
    for other in ("filer", "issuer", "other_authority", "enforcement"):
        refused(ask(story, other, "suspension/lift", REASON), 403, "role.missing")
    do(story, "filer", "reports", {"code": "EV-04", "report": "the asset was replaced"})
    do(story, "regulator", "suspension/lift", REASON)
    assert seen(story)["state"] == "ACTIVE"


def test_payment_not_made_is_delayed_until_grace_ends_and_then_an_event(
    story_at: StoryAt,
) -> None:
    story = story_at("active")
    story.clock("07-29T23:59")
    refused(ask(story, "H1", "deadlines"), 409, "filing.no_deadline_passed")
    story.clock("07-30T00:00")
    noted = do(story, "H1", "deadlines")["events"][-1]
    assert (noted["code"], noted["about"]) == ("EV-06", f"{DEAL}-d1")
    assert noted["due_on"] == "2026-08-04"
    refused(ask(story, "H1", "deadlines"), 409, "filing.no_deadline_passed")
    story.clock("08-05T00:00")
    assert [each["rule"] for each in seen(story)["late"]] == ["EV-06"]
    assert do(story, "H1", "deadlines")["state"] == "SUSPENDED"


# ---- the end


def test_maturity_before_the_notes_are_repaid_is_refused(standing_at: StoryAt) -> None:
    story = standing_at("active")
    problem = refused(ask(story, "issuer", "maturity"), 409, "filing.notes_outstanding")
    assert problem["outstanding_per_unit_micro"] == {"A": "1000000000"}


def test_distribution_while_the_offering_is_open_is_refused(standing_at: StoryAt) -> None:
    story = standing_at("issued")
    path = f"/v1/deals/{DEAL}/distributions"
    problem = refused(
        story.client.post("paying_agent", path, {"period": 1}), 409, "distribution.filing_state"
    )
    assert problem["state"] == "ISSUING"
