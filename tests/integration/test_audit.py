"""The audit log: whatever is done to its rows in the database file, an examination says so."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from issuer.domain.roles import Actor, Role
from issuer.services import audit_log
from issuer.store import audit
from tests.support.story import DEAL, Story, investor_document

StoryAt = Callable[[str], Story]
AUDITOR = Actor(Role.AUDITOR, "a test")
Forgery = Callable[[sqlite3.Connection], object]


def forge(story: Story, forgery: Forgery) -> None:
    """Whoever holds the file can write what he likes."""
    file = story.served.simulator.settings.sqlite_file()
    assert file is not None
    with closing(sqlite3.connect(file, timeout=30)) as database, database:
        forgery(database)


def flaws(story: Story) -> set[tuple[int, str]]:
    verdict = audit_log.examine(story.served.simulator.context, AUDITOR)
    return {(flaw.seq, flaw.code) for flaw in verdict.flaws}


def rows(story: Story) -> int:
    return audit_log.examine(story.served.simulator.context, AUDITOR).rows


def rehash(database: sqlite3.Connection, first: int) -> None:
    """Make the links right again from a row onwards, as a careful forger would."""
    database.row_factory = sqlite3.Row
    found = database.execute("SELECT * FROM audit ORDER BY seq").fetchall()
    previous = audit.GENESIS
    for each in found:
        row = {**dict(each), "facts": json.loads(each["facts"])}
        if row["seq"] >= first:
            row["previous_hash"] = previous
            new = audit.hash_of(audit.AuditRow(**row))
            database.execute(
                "UPDATE audit SET previous_hash = ?, hash = ? WHERE seq = ?",
                (previous, new, row["seq"]),
            )
            row["hash"] = new
        previous = row["hash"]


def test_examine_a_log_that_nobody_touched_finds_nothing(story_at: StoryAt) -> None:
    story = story_at("filed")
    verdict = audit_log.examine(story.served.simulator.context, AUDITOR)
    assert verdict.flaws == ()
    assert verdict.rows == verdict.anchored_rows > 10
    assert verdict.anchors >= 2


@pytest.mark.parametrize(
    "change",
    [
        "act = 'approve_filing'",
        "actor = 'somebody else'",
        "role = 'regulator'",
        "at = '2026-01-01T00:00:00+08:00'",
        "subject = 'another'",
        "facts = '{}'",
        "facts = 'no JSON'",
        "facts = '{\"n\": 1e999}'",
    ],
)
def test_edit_a_row_is_found(story_at: StoryAt, change: str) -> None:
    story = story_at("filed")
    forge(story, lambda db: db.execute(f"UPDATE audit SET {change} WHERE seq = 4"))  # noqa: S608
    assert flaws(story) == {(4, "audit.row_edited")}


def test_edit_a_row_and_its_hash_is_found_in_the_link(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 4")
        rehash(database, 4)
        # ... and only this row: the one after still names what it followed.
        old = database.execute("SELECT hash FROM audit WHERE seq = 4").fetchone()
        database.execute("UPDATE audit SET hash = ? WHERE seq = 5", (old[0],))

    forge(story, forgery)
    assert {code for _, code in flaws(story)} >= {"audit.link_broken"}


def test_delete_a_row_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")
    forge(story, lambda db: db.execute("DELETE FROM audit WHERE seq = 5"))
    assert (6, "audit.rows_missing") in flaws(story)


def test_delete_the_first_row_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")
    forge(story, lambda db: db.execute("DELETE FROM audit WHERE seq = 1"))
    assert (2, "audit.rows_missing") in flaws(story)


def test_delete_a_row_and_close_the_gap_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM audit WHERE seq = 5")
        last = database.execute("SELECT max(seq) FROM audit").fetchone()[0]
        for seq in range(6, last + 1):
            database.execute("UPDATE audit SET seq = ? WHERE seq = ?", (seq - 1, seq))
        rehash(database, 5)

    end = rows(story)
    forge(story, forgery)
    assert (end, "audit.cut_off") in flaws(story)


def test_swap_two_rows_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        for old, new in ((4, 1_000), (5, 4), (1_000, 5)):
            database.execute("UPDATE audit SET seq = ? WHERE seq = ?", (new, old))

    forge(story, forgery)
    codes = {code for _, code in flaws(story)}
    assert codes >= {"audit.link_broken", "audit.row_edited"}


def test_cut_the_end_off_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")
    end = rows(story)
    forge(story, lambda db: db.execute("DELETE FROM audit WHERE seq = ?", (end,)))
    found = flaws(story)
    # The act that was cut off has left its mark on the filing.
    assert (end, "audit.cut_off") in found
    assert {code for _, code in found} == {"audit.cut_off", "audit.contradicted"}


def test_cut_the_end_off_and_write_another_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")
    end = rows(story)

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = ?", (end,))
        rehash(database, end)

    forge(story, forgery)
    assert flaws(story) == {(end, "audit.rewritten"), (end, "audit.row_forged")}


def test_rewrite_the_whole_log_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 2")
        rehash(database, 1)

    forge(story, forgery)
    assert {code for _, code in flaws(story)} == {"audit.rewritten", "audit.row_forged"}


def test_empty_the_log_and_the_address_book_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM audit")
        database.execute("DELETE FROM contract")

    forge(story, forgery)
    # On a node others may have used the auditor's key too: there the deal's own rows tell.
    embedded = story.served.simulator.context.chain.is_embedded
    assert (0, "audit.anchor_missing" if embedded else "audit.contradicted") in flaws(story)


def test_append_a_row_that_follows_properly_is_found(story_at: StoryAt) -> None:
    """Hashes anybody can compute; the seal of a row takes the auditor's key."""
    story = story_at("filed")
    end = rows(story)

    def forgery(database: sqlite3.Connection) -> None:
        database.execute(
            "INSERT INTO audit SELECT seq + 1, at, role, actor, act, subject, facts, hash, 'x', seal"
            " FROM audit WHERE seq = ?",
            (end,),
        )
        rehash(database, end + 1)

    forge(story, forgery)
    assert flaws(story) == {(end + 1, "audit.row_forged")}
    anchored = audit_log.examine(story.served.simulator.context, AUDITOR).anchored_rows
    story.served.settle()  # nor is it ever anchored
    assert audit_log.examine(story.served.simulator.context, AUDITOR).anchored_rows == anchored


def test_grow_without_an_operation_is_anchored_when_all_is_quiet(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    before = audit_log.examine(story.served.simulator.context, AUDITOR)
    story.client.do("H1", f"/v1/deals/{DEAL}/subscriptions", {"tranche": "A", "units": 1_100})
    story.served.settle()
    after = audit_log.examine(story.served.simulator.context, AUDITOR)
    assert (after.rows, after.anchored_rows) == (before.rows + 1, before.rows + 1)
    assert after.anchors == before.anchors + 1


# ---- what the acts have stored


def test_examine_a_deal_that_was_paid_finds_nothing(story_at: StoryAt) -> None:
    assert flaws(story_at("paid")) == set()


def test_examine_after_new_evidence_finds_nothing(story_at: StoryAt) -> None:
    story = story_at("active")
    renewed = investor_document("H1")
    renewed["evidence"]["dated"] = "2026-04-01"
    story.client.do("registrar", "/v1/investors/H1", renewed, method="PUT")
    assert flaws(story) == set()


@pytest.mark.parametrize(
    ("forgery", "told"),
    [
        (
            "UPDATE deal SET document = replace(document, '5.80', '8.50')",
            "deal ev-charging: document was 0x",
        ),
        (
            "UPDATE investor SET document = replace(document, 'SG', 'HK') WHERE id = 'H2'",
            "investor H2: document was 0x",
        ),
        (
            "UPDATE investor SET eligible_until = '2030-01-01' WHERE id = 'H1'",
            "investor H1: eligibility was 20",
        ),
        ("UPDATE subscription SET units = 50001 WHERE investor_id = 'H1'", "units was 50000"),
        ("UPDATE subscription SET investor_id = 'H2' WHERE investor_id = 'H1'", "and is H2"),
        (
            "DELETE FROM subscription WHERE investor_id = 'H3'",
            "was entered in the log, and is not in the database",
        ),
        (
            (
                "INSERT INTO subscription SELECT 'forged', deal_id, tranche_id, investor_id, units,"
                " price_micro, state, subscribed_at, 99 FROM subscription WHERE investor_id = 'H1'"
            ),
            "subscription forged is in the database, and was never entered in the log",
        ),
        (
            (
                "UPDATE distribution SET determination = replace(determination, '20918723607199',"
                " '20918723607198')"
            ),
            "distribution ev-charging-d1: figures was 0x",
        ),
        ("UPDATE collection_batch SET cny_fen = cny_fen + 1", "content was 0x"),
        ("UPDATE collection_batch SET fx = NULL", "content was 0x"),
        ("UPDATE deal SET document = 'no JSON'", "a row of deal cannot be read"),
    ],
)
def test_change_what_an_act_has_stored_is_found(story_at: StoryAt, forgery: str, told: str) -> None:
    story = story_at("paid")
    forge(story, lambda db: [db.execute("PRAGMA foreign_keys=OFF"), db.execute(forgery)])
    verdict = audit_log.examine(story.served.simulator.context, AUDITOR)
    assert {flaw.code for flaw in verdict.flaws} == {"audit.contradicted"}
    assert [flaw.what for flaw in verdict.flaws if told in flaw.what] != []


# ---- and nothing is minted


#: Where rows differ from the chain too, that is what is said.
REFUSED = ("audit.unsound", "reconciliation.mismatch", "database.altered")


def subscribed(story: Story) -> Story:
    """H1 wants units; what its coin is worth is the chain's business."""
    path = f"/v1/deals/{DEAL}/subscriptions"
    story.client.do("H1", path, {"tranche": "A", "units": 1_100})
    story.served.settle()
    return story


def mint(story: Story) -> tuple[int, str | None]:
    """Status of an attempt, and the code of a refusal."""
    body = {"tranche": "A", "investor": "H1", "units": 1_100}
    answer = story.client.post("issuer", f"/v1/deals/{DEAL}/issuances", body, wait=0)
    return answer.status_code, answer.json().get("code")


def test_issue_with_a_sound_log_is_accepted(story_at: StoryAt) -> None:
    assert mint(subscribed(story_at("offering_open"))) == (202, None)


def test_issue_of_a_withdrawn_subscription_opened_again_by_hand_is_refused(
    story_at: StoryAt,
) -> None:
    story = subscribed(story_at("offering_open"))
    (found,) = story.client.read("H1", f"/v1/deals/{DEAL}/subscriptions")
    story.client.do("H1", f"/v1/deals/{DEAL}/subscriptions/{found['id']}/withdrawal")
    story.served.settle()
    forge(story, lambda db: db.execute("UPDATE subscription SET state = 'OPEN'"))
    status, code = mint(story)
    assert (status, code) == (409, "audit.unsound")


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit SET actor = 'somebody else' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE meta SET value = '2026-04-13T08:00:00+08:00' WHERE key = 'now'",
        "INSERT INTO sanction VALUES ('somebody', 'a list of mine')",
        (
            "UPDATE contract SET address = '0x00000000000000000000000000000000000000AA'"
            " WHERE name = 'audit_anchor'"
        ),
        "DELETE FROM contract WHERE name = 'audit_anchor'",
        "INSERT INTO permitted_account VALUES ('0x00000000000000000000000000000000000000AA', 'me', '')",
        "UPDATE api_key SET role = 'regulator' WHERE role = 'auditor'",
    ],
)
def test_issue_while_the_log_is_contradicted_is_refused(story_at: StoryAt, forgery: str) -> None:
    story = subscribed(story_at("offering_open"))
    # The worker writes at moments of its own, if only how far it has read the chain.
    with story.served.simulator.worker.paused():
        forge(story, lambda db: db.execute(forgery))
        before = story.served.fingerprint()
        status, code = mint(story)
        assert (status, code in REFUSED) == (409, True), code
        assert story.served.fingerprint() == before


def test_issue_after_an_overdue_event_was_erased_is_refused(story_at: StoryAt) -> None:
    story = subscribed(story_at("offering_open"))
    filing = story.client.read("filer", f"/v1/deals/{DEAL}/filings")[-1]["id"]
    story.client.do("oracle", f"/v1/filings/{filing}/events", {"code": "EV-03"})
    forge(story, lambda db: db.execute("UPDATE filing SET events = '[]' WHERE id = ?", (filing,)))
    assert mint(story) == (409, "audit.unsound")


@pytest.mark.parametrize("reported", [False, True], ids=["noted", "reported"])
@pytest.mark.parametrize(
    "forgery", ["'$[0].amend_by', NULL", "'$[0].amended_on', '2026-04-13'"], ids=["erased", "done"]
)
def test_issue_after_the_duty_to_amend_was_forged_away_is_refused(
    story_at: StoryAt, forgery: str, reported: bool
) -> None:
    story = subscribed(story_at("offering_open"))
    filing = story.client.read("filer", f"/v1/deals/{DEAL}/filings")[-1]["id"]
    story.client.do("oracle", f"/v1/filings/{filing}/events", {"code": "EV-08"})
    if reported:
        body = {"code": "EV-08", "report": "another transfer agent"}
        story.client.do("filer", f"/v1/filings/{filing}/reports", body)
    assert mint(story) == (409, "rulebook.violated")
    forge(story, lambda db: db.execute(f"UPDATE filing SET events = json_set(events, {forgery})"))  # noqa: S608
    assert mint(story) == (409, "audit.unsound")


def test_ask_with_a_key_that_somebody_entered_is_refused(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    key = "abs_issuer_of_my_own"
    forge(
        story,
        lambda db: db.execute(
            "INSERT INTO api_key VALUES (?, 'issuer', 'me', NULL, 'no seal')",
            (hashlib.sha256(key.encode()).hexdigest(),),
        ),
    )
    story.client.keys["forger"] = key
    answer = story.client.get("forger", f"/v1/deals/{DEAL}/subscriptions")
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key.unknown")
