"""The filing: drafted, signed, submitted, reviewed, approved; and what ends or stops it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.problems import malformed, refused, refused_by
from tests.support.story import ATTESTERS, DEAL, STRANGER, Story

FILINGS = f"/v1/deals/{DEAL}/filings"
REASON = {"reason": "a reason"}


def at(story: Story, step: str = "") -> str:
    return f"/v1/filings/{story.filing}{step}"


@pytest.mark.parametrize("version", ["9" * 30, str(2**63), "0", "-1"])
def test_reading_a_version_of_a_number_that_none_can_have_is_refused(
    standing_at: Callable[[str], Story], version: str
) -> None:
    story = standing_at("drafted")
    answer = story.client.get("filer", at(story, f"/versions/{version}"))
    refused(answer, 422, "input.invalid")
    unknown = story.client.get("filer", at(story, f"/versions/{2**31 - 1}"))
    refused(unknown, 404, "filing_version.not_found")


# ---- drafting and signing


def test_drafting_a_filing_answers_the_hash_and_what_each_role_signs(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    prepared = story.prepared
    assert prepared["version"] == 1
    assert prepared["filing"]["state"] == "DRAFT"
    assert set(prepared["to_sign"]) == set(ATTESTERS)
    for role, data in prepared["to_sign"].items():
        assert data["message"] == {
            "filing": story.filing,
            "version": 1,
            "role": role,
            "bundleHash": prepared["bundle_hash"],
        }
        assert data["domain"]["chainId"] == story.deployment["chain_id"]


def test_drafting_the_same_content_in_another_order_of_keys_has_the_same_hash(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("drafted")
    first = story.prepared["bundle_hash"]
    story.client.do("filer", at(story, "/withdrawal"))
    body = story.filing_document()
    other = story.draft({**dict(reversed(body.items())), "materials": body["materials"][::-1]})
    # Its id is part of what is hashed, so a second filing of the same content has another hash.
    assert other["bundle_hash"] != first
    assert other["filing"]["id"] == f"{DEAL}-f2"


def test_drafting_a_second_filing_while_one_is_live_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    answer = story.client.post("filer", FILINGS, story.filing_document())
    problem = refused(answer, 409, "filing.live_exists")
    assert problem["filing"] == story.filing
    assert "Cure: go on with it, or withdraw it and draft a filing anew" in problem["detail"]


def test_replacing_the_version_of_a_draft_is_refused_naming_what_is_done_instead(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    answer = story.client.post("filer", at(story, "/versions"), {"materials": []})
    detail = refused(answer, 409, "filing.illegal_move")["detail"]
    assert "submit by the filer, then accept by the regulator, then request_supplement" in detail
    assert detail.endswith(
        "or withdraw it and draft a filing anew, naming it as the one superseded"
    )


def test_formality_check_of_a_draft_is_refused_as_what_was_asked_for(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    answer = story.client.post("regulator", at(story, "/formality-check"))
    detail = refused(answer, 409, "filing.illegal_move")["detail"]
    assert (
        "the formality check is allowed from SUBMITTED. Cure: what leads there is submit" in detail
    )


def test_drafting_a_filing_that_supersedes_an_unknown_one_is_not_found(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("deployed")
    body = {**story.filing_document(), "supersedes": "ev-charging-f9"}
    refused(story.client.post("filer", FILINGS, body), 404, "filing.not_found")


def test_deal_taken_for_a_filing_is_told_its_filings(
    standing_at: Callable[[str], Story],
) -> None:
    path = f"/v1/filings/{DEAL}"
    problem = refused(standing_at("drafted").client.get("filer", path), 404, "filing.not_found")
    assert problem["detail"].endswith(f": that is a deal, which has the filings {DEAL}-f1")
    problem = refused(standing_at("deployed").client.get("filer", path), 404, "filing.not_found")
    assert problem["detail"] == f"there is no filing {DEAL!r}"


@pytest.mark.parametrize("number", [STRANGER, ATTESTERS["counsel"]])
def test_signing_with_the_key_of_somebody_else_is_refused(
    standing_at: Callable[[str], Story], number: int
) -> None:
    story = standing_at("drafted")
    body = {"role": "directors", "signature": story.signature("directors", number)}
    problem = malformed(story.client.post("filer", at(story, "/attestations"), body), "/signature")
    assert problem["complaints"][0]["rule"] == "attestation.signer"


def test_signing_for_another_role_than_the_signature_says_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    body = {"role": "directors", "signature": story.signature("counsel")}
    malformed(story.client.post("filer", at(story, "/attestations"), body), "/signature")


@pytest.mark.parametrize("signature", ["0x" + "00" * 65, "0x" + "ff" * 65, "0x1234", "nothing", ""])
def test_signing_with_what_is_no_signature_is_refused(
    standing_at: Callable[[str], Story], signature: str
) -> None:
    story = standing_at("drafted")
    body = {"role": "directors", "signature": signature}
    malformed(story.client.post("filer", at(story, "/attestations"), body), "/signature")


@pytest.mark.rule("FIL-05")
def test_submitting_without_any_signature_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("drafted")
    problem = refused_by(story.client.post("filer", at(story, "/submission")), "FIL-05")
    assert set(ATTESTERS) == {each["facts"]["attester"] for each in problem["findings"]}


def test_submitting_without_one_signature_names_the_role_that_is_missing(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("drafted")
    story.sign(set(ATTESTERS) - {"counsel"})
    problem = refused_by(story.client.post("filer", at(story, "/submission")), "FIL-05")
    assert [each["facts"]["attester"] for each in problem["findings"]] == ["counsel"]
    assert story.filing_now()["state"] == "DRAFT"
    story.sign(["counsel"])
    assert story.submit()["state"] == "SUBMITTED"


# ---- review


@pytest.mark.rule("FIL-03")
def test_checking_a_filing_without_a_material_does_not_accept_it_and_names_the_cure(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("deployed")
    body = story.filing_document()
    body["materials"] = [each for each in body["materials"] if each["code"] != "M-10"]
    story.draft(body)
    story.sign()
    dry = story.client.do("filer", at(story, "/checks"))
    assert dry["allowed"] is False
    assert [each["rule"] for each in dry["findings"]] == ["FIL-03", "M-10"]
    story.submit()
    checked = story.check_formality()
    assert checked["state"] == "NOT_ACCEPTED"
    assert checked["findings"] == dry["findings"]
    assert story.client.read("filer", f"/v1/filings/{story.filing}")["findings"] == dry["findings"]
    for reader in (None, "issuer", "oracle", "overseas_regulator"):
        assert story.client.read(reader, f"/v1/filings/{story.filing}")["findings"] == []
    assert checked["findings"][0]["facts"]["material"] == "M-10"
    assert checked["findings"][0]["cure"]
    # Final: trying again is a new filing, which names the one it supersedes.
    refused(story.client.post("filer", at(story, "/withdrawal")), 409, "filing.illegal_move")
    old = story.filing
    story.draft({**story.filing_document(), "supersedes": old})
    story.sign()
    story.submit()
    assert story.check_formality()["state"] == "UNDER_REVIEW"
    assert story.filing_now()["supersedes"] == old
    notice = {"notice_hash": "0x" + "0b" * 32}
    for who, step, body in (("filer", "withdrawal", {}), ("trustee", "default", notice)):
        answer = story.client.post(who, f"/v1/filings/{old}/{step}", body)
        detail = str(answer.json()["detail"])
        assert detail.endswith(f"Cure: go on with {story.filing}, which supersedes this filing")


@pytest.mark.rule("FIL-06")
def test_filing_anew_without_naming_the_refused_one_is_not_accepted(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("deployed")
    body = story.filing_document()
    story.draft({**body, "materials": body["materials"][:-1]})
    story.sign()
    story.submit()
    assert story.check_formality()["state"] == "NOT_ACCEPTED"
    story.draft()
    story.sign()
    story.submit()
    checked = story.check_formality()
    assert checked["state"] == "NOT_ACCEPTED"
    assert [each["rule"] for each in checked["findings"]] == ["FIL-06"]


@pytest.mark.parametrize(
    ("version", "changed"), [(1, True), (2, False), (2, True)], ids=["hash", "version", "both"]
)
def test_approving_another_version_or_hash_than_the_one_under_review_is_refused(
    standing_at: Callable[[str], Story], version: int, changed: bool
) -> None:
    story = standing_at("under_review")
    right = story.prepared["bundle_hash"]
    body = {"version": version, "bundle_hash": "0x" + "00" * 32 if changed else right}
    problem = refused(
        story.client.post("regulator", at(story, "/approval"), body), 409, "filing.version_stale"
    )
    assert (problem["version"], problem["bundle_hash"]) == (1, right)


@pytest.mark.rule("FIL-09", passes=True)
def test_approving_anchors_the_hash_and_the_cap_on_chain_and_publishes(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("under_review")
    story.clock("03-16T11:00")
    story.approve()
    filed = story.filing_now()
    assert (filed["state"], filed["published_on"]) == ("FILED", "2026-03-16")
    assert filed["approval"]["valid_until"] == "2027-03-16"
    assert story.ledger.read("abs_token:A", "cap") == 80_000
    assert (
        "0x" + story.ledger.read("abs_token:A", "bundleHash").hex()
        == (story.prepared["bundle_hash"])
    )
    refused(
        story.client.post("regulator", at(story, "/approval"), story.approval_body()),
        409,
        "filing.illegal_move",
    )


# ---- supplements


@pytest.fixture
def asked(story_at: Callable[[str], Story]) -> Story:
    """13 February: the regulator asks for a supplement to M-13."""
    story = story_at("under_review")
    story.clock("02-13T15:00")
    story.request_supplement()
    return story


def changed_material(story: Story, code: str = "M-13") -> dict[str, object]:
    found = next(m for m in story.filing_document()["materials"] if m["code"] == code)
    return {**found, "content": found["content"] + "\nEvery field: hashed pile ids."}


def test_answering_a_supplement_makes_the_next_version_and_the_old_hash_stale(
    asked: Story,
) -> None:
    now = asked.filing_now()
    assert now["review"] == {"days_used": 1, "running_since": None, "due_on": None}
    old = asked.approval_body()
    asked.clock("02-24T10:00")
    asked.prepare([changed_material(asked)])
    assert asked.prepared["version"] == 2
    assert asked.prepared["bundle_hash"] != old["bundle_hash"]
    path = at(asked, "/supplement")
    refused_by(asked.client.post("filer", path), "FIL-05")
    asked.sign()
    answered = asked.client.do("filer", path)
    assert (answered["state"], answered["version"]) == ("UNDER_REVIEW", 2)
    stale = asked.client.post("regulator", at(asked, "/approval"), old)
    refused(stale, 409, "filing.version_stale")
    asked.approve()
    assert asked.filing_now()["approval"]["version"] == 2


def test_answering_a_supplement_without_a_prepared_version_is_refused(asked: Story) -> None:
    answer = asked.client.post("filer", at(asked, "/supplement"))
    problem = refused(answer, 409, "filing.version_missing")
    assert problem["version"] == 2
    assert "Cure: have the filer prepare it, and everybody responsible sign it" in problem["detail"]
    assert asked.filing_now()["state"] == "SUPPLEMENT_REQUESTED"


def test_asking_for_a_supplement_after_the_regulators_days_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("under_review")
    story.clock("03-10T10:00")
    body = {"materials": ["M-13"], "note": "late"}
    refused_by(story.client.post("regulator", at(story, "/supplement-request"), body), "FIL-07")
    assert story.filing_now()["state"] == "UNDER_REVIEW"


@pytest.mark.rule("FIL-07")
def test_supplement_after_its_due_date_is_refused_and_anybody_may_terminate(asked: Story) -> None:
    due = asked.client.read("filer", at(asked, ""))["supplement"]["due_on"]
    assert asked.client.read("issuer", at(asked, ""))["supplement"] is None
    asked.prepare([changed_material(asked)])
    asked.sign()
    asked.clock(f"{due}T23:59")
    no_deadline = asked.client.post("auditor", at(asked, "/deadlines"))
    refused(no_deadline, 409, "filing.no_deadline_passed")
    asked.clock(f"{due[:8]}{int(due[8:]) + 1:02d}T00:00")
    refused_by(asked.client.post("filer", at(asked, "/supplement")), "FIL-07")
    assert asked.filing_now()["state"] == "SUPPLEMENT_REQUESTED"
    assert asked.client.do("auditor", at(asked, "/deadlines"))["state"] == "TERMINATED"
    refused(asked.client.post("filer", at(asked, "/supplement")), 409, "filing.illegal_move")


# ---- what ends or stops it


def test_withdrawing_a_filing_ends_it_and_frees_the_deal(story_at: Callable[[str], Story]) -> None:
    story = story_at("submitted")
    assert story.client.do("filer", at(story, "/withdrawal"))["state"] == "WITHDRAWN"
    body = {**story.filing_document(), "supersedes": story.filing}
    assert story.draft(body)["filing"]["state"] == "DRAFT"


@pytest.mark.rule("FIL-14")
def test_filing_not_issued_within_its_validity_expires_at_anybodys_word(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("filed")
    # Validity ends with the contracts' day, in UTC: at eight in the morning in Hong Kong.
    story.clock("2027-03-02T07:59:59")
    still_valid = story.client.post("oracle", at(story, "/deadlines"))
    refused(still_valid, 409, "filing.no_deadline_passed")
    story.clock("2027-03-02T08:00")
    assert story.client.do("oracle", at(story, "/deadlines"))["state"] == "EXPIRED"
    answer = story.client.post("issuer", f"/v1/deals/{DEAL}/offering/open")
    refused(answer, 409, "filing.illegal_move")


@pytest.mark.rule("FIL-11")
def test_completion_report_that_is_overdue_suspends_at_anybodys_word(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("issued")
    story.clock("04-15T18:00")
    story.close_offering()
    due = story.filing_now()["events"][0]["due_on"]
    story.clock(f"{due}T23:59")
    in_time = story.client.post("H1", at(story, "/deadlines"))
    refused(in_time, 409, "filing.no_deadline_passed")
    story.clock("05-31T10:00")
    assert story.client.do("H1", at(story, "/deadlines"))["state"] == "SUSPENDED"
    story.served.settle()
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["filing_status"] == "SUSPENDED"
    # Late, it is reported all the same: before that the regulator does not lift, and only it does.
    lift = at(story, "/suspension/lift")
    refused_by(story.client.post("regulator", lift, REASON), "EV-01")
    body = {"code": "EV-01", "report": "late"}
    assert story.client.do("filer", at(story, "/reports"), body)["state"] == "SUSPENDED"
    again = story.client.post("filer", at(story, "/reports"), body)
    refused(again, 409, "filing.event_reported")
    refused(story.client.post("filer", lift, REASON), 403, "role.missing")
    story.client.do("regulator", lift, REASON)
    story.served.settle()
    assert story.filing_now()["state"] == "ACTIVE"
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert (position["filing_status"], position["transfers_open"]) == ("APPROVED", True)
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]


@pytest.mark.rule("NEG-07")
def test_adverse_security_determination_suspends_and_stops_issuing(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.pay_in("H1", story.subscribe("H1", 50_000))
    path = at(story, "/security-determination")
    determined = story.client.do("other_authority", path, {"determination": "ADVERSE"})
    assert determined["state"] == "SUSPENDED"
    story.served.settle()
    assert story.ledger.read("abs_token:A", "totalSupply") == 0
    body = story.issuance_body("H1", 50_000)
    answer = story.client.post("issuer", f"/v1/deals/{DEAL}/issuances", body)
    refused_by(answer, "FIL-01", "NEG-07")
    # And the chain on its own, asked with the issuer's key.
    args = (
        story.ledger.address("abs_token:A"),
        story.client.read("H1", "/v1/investors/H1")["wallet"],
        50_000,
        bytes.fromhex(story.prepared["bundle_hash"][2:]),
        1,
    )
    assert story.ledger.refusal(4, "dvp_settlement", "issue", *args) == "FilingSuspended"


def test_suspending_and_lifting_returns_to_the_state_before(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.client.do("regulator", at(story, "/suspension"), REASON)
    assert story.filing_now()["state"] == "SUSPENDED"
    again = story.client.post("regulator", at(story, "/suspension"), REASON)
    refused(again, 409, "filing.illegal_move")
    story.client.do("regulator", at(story, "/suspension/lift"), REASON)
    assert story.filing_now()["state"] == "ISSUING"
    assert story.sell("H1", 50_000)["state"] == "confirmed"


def test_revoking_is_final_here_and_on_chain(story_at: Callable[[str], Story]) -> None:
    story = story_at("filed")
    story.client.do("regulator", at(story, "/revocation"), REASON)
    assert story.filing_now()["state"] == "REVOKED"
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["filing_status"] == "REVOKED"
    for step in ("/revocation", "/suspension", "/suspension/lift"):
        answer = story.client.post("regulator", at(story, step), REASON)
        refused(answer, 409, "filing.illegal_move")


def test_reporting_an_event_and_clearing_it_returns_to_active(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    noted = story.client.do("oracle", at(story, "/events"), {"code": "EV-03"})
    assert noted["events"][-1]["reported_on"] is None
    assert noted["state"] == "ACTIVE"
    body = {"code": "EV-03", "report": "what happened"}
    reported = story.client.do("filer", at(story, "/reports"), body)
    assert reported["state"] == "EVENT_REPORTED"
    assert reported["events"][-1]["reported_on"] == "2026-04-20"
    clear = at(story, "/event-clearance")
    assert story.client.do("regulator", clear, {"code": "EV-03"})["state"] == "ACTIVE"


@pytest.mark.parametrize("state", ["DRAFT", "WITHDRAWN", "EXPIRED"])
def test_report_of_an_event_where_none_can_happen_is_refused_and_what_was_noted_is_owed(
    story_at: Callable[[str], Story], state: str
) -> None:
    story = story_at("filed" if state == "EXPIRED" else "drafted")
    if state == "WITHDRAWN":
        story.client.do("filer", at(story, "/withdrawal"))
    if state == "EXPIRED":
        for code in ("EV-03", "EV-07"):
            story.client.do("oracle", at(story, "/events"), {"code": code})
        noted = {"code": "EV-03", "report": "while it is in force"}
        assert story.client.do("filer", at(story, "/reports"), noted)["state"] == "FILED"
        story.clock("2027-03-02T08:00")
        story.client.do("oracle", at(story, "/deadlines"))
        owed = {"code": "EV-07", "report": "late"}
        last = story.client.do("filer", at(story, "/reports"), owed)["events"][-1]
        assert (last["code"], last["reported_on"]) == ("EV-07", "2027-03-02")
    body = {"code": "EV-03", "report": "what happened"}
    answer = story.client.post("filer", at(story, "/reports"), body)
    problem = refused(answer, 409, "filing.illegal_move")
    assert (problem["move"], problem["state"]) == ("report_event", state)
    in_force = ["ACTIVE", "EVENT_REPORTED", "FILED", "ISSUED_REPORT_DUE", "ISSUING", "SUSPENDED"]
    assert problem["allowed_from"] == in_force


def test_clearing_one_of_several_events_leaves_the_others_open(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    clear = at(story, "/event-clearance")
    for code in ("EV-03", "EV-07", "EV-09"):
        story.client.do("filer", at(story, "/reports"), {"code": code, "report": code})
    story.client.do("oracle", at(story, "/events"), {"code": "EV-05"})
    first = story.client.do("regulator", clear, {"code": "EV-07"})
    assert first["state"] == "EVENT_REPORTED"
    cleared = {each["code"]: each["cleared_on"] for each in first["events"][1:]}
    assert cleared == {"EV-03": None, "EV-07": "2026-04-20", "EV-09": None, "EV-05": None}
    gone = story.client.post("regulator", clear, {"code": "EV-07"})
    assert refused(gone, 409, "filing.event_not_open")["open"] == ["EV-03", "EV-05", "EV-09"]
    refused(
        story.client.post("regulator", clear, {"code": "EV-05"}), 409, "filing.event_unreported"
    )
    # All that are reported; who owes the report of EV-05 owes it still.
    assert story.client.do("regulator", clear, {"all": True})["state"] == "ACTIVE"
    refused(story.client.post("regulator", clear, {"all": True}), 409, "filing.event_unreported")
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]


@pytest.mark.parametrize(
    "body", [{}, {"code": "EV-03", "all": True}, {"all": False}], ids=["none", "both", "no"]
)
def test_clearance_that_names_no_event_or_one_and_all_is_refused(
    standing_at: Callable[[str], Story], body: dict[str, object]
) -> None:
    story = standing_at("active")
    answer = story.client.post("regulator", at(story, "/event-clearance"), body)
    assert "name the event by `code`" in malformed(answer, "")["complaints"][0]["message"]


@pytest.mark.rule("NEG-02")
def test_adverse_determination_is_not_shed_by_withdrawing_and_filing_anew(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("under_review")
    old = at(story, "/security-determination")
    story.client.do("other_authority", old, {"determination": "ADVERSE"})
    assert story.client.do("filer", at(story, "/withdrawal"))["state"] == "WITHDRAWN"
    for number, determined in ((2, "ADVERSE"), (3, "NONE")):
        story.draft({**story.filing_document(), "supersedes": story.filing})
        assert story.filing == f"{DEAL}-f{number}"
        story.sign()
        story.submit()
        # The authority may take it back under the name of whichever filing it knows.
        story.client.do("other_authority", old, {"determination": determined})
        checked = story.client.do("regulator", at(story, "/formality-check"))
        found = [each["rule"] for each in checked["findings"]]
        state = "NOT_ACCEPTED" if determined == "ADVERSE" else "UNDER_REVIEW"
        assert (checked["state"], found) == (state, ["NEG-02"] * (determined == "ADVERSE"))


@pytest.mark.rule("NEG-02")
def test_adverse_determination_erased_from_the_new_filing_is_still_in_the_log(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("under_review")
    found = {"determination": "ADVERSE"}
    story.client.do("other_authority", at(story, "/security-determination"), found)
    story.client.do("filer", at(story, "/withdrawal"))
    story.draft({**story.filing_document(), "supersedes": story.filing})
    story.sign()
    story.submit()
    with story.served.simulator.context.database.writing() as connection:
        connection.exec_driver_sql("UPDATE filing SET security_determination = NULL")
    checked = story.client.do("regulator", at(story, "/formality-check"))
    assert [each["rule"] for each in checked["findings"]] == ["NEG-02"]
