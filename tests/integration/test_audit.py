"""The audit log: whatever is done to its rows in the database file, an examination says so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from issuer.domain.roles import Actor, Role
from issuer.services import audit_log
from issuer.store import audit
from tests.support.story import DEAL, Story

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
    assert flaws(story) == {(end, "audit.cut_off")}


def test_cut_the_end_off_and_write_another_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")
    end = rows(story)

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = ?", (end,))
        rehash(database, end)

    forge(story, forgery)
    assert flaws(story) == {(end, "audit.rewritten")}


def test_rewrite_the_whole_log_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 2")
        rehash(database, 1)

    forge(story, forgery)
    assert {code for _, code in flaws(story)} == {"audit.rewritten"}


def test_empty_the_log_and_the_address_book_is_found(story_at: StoryAt) -> None:
    story = story_at("filed")

    def forgery(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM audit")
        database.execute("DELETE FROM contract")

    forge(story, forgery)
    assert flaws(story) == {(0, "audit.anchor_missing")}


def test_invent_a_row_at_the_end_is_no_secret_once_the_log_grows(story_at: StoryAt) -> None:
    """A forged last row is anchored like any other: it says who, and cannot be taken back."""
    story = story_at("filed")
    end = rows(story)

    def forgery(database: sqlite3.Connection) -> None:
        database.execute(
            "INSERT INTO audit SELECT seq + 1, at, role, actor, act, subject, facts, hash, 'x'"
            " FROM audit WHERE seq = ?",
            (end,),
        )

    forge(story, forgery)
    assert (end + 1, "audit.row_edited") in flaws(story)


def test_grow_without_an_operation_is_anchored_when_all_is_quiet(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    before = audit_log.examine(story.served.simulator.context, AUDITOR)
    story.client.do("H1", f"/v1/deals/{DEAL}/subscriptions", {"tranche": "A", "units": 1_000})
    story.served.settle()
    after = audit_log.examine(story.served.simulator.context, AUDITOR)
    assert (after.rows, after.anchored_rows) == (before.rows + 1, before.rows + 1)
    assert after.anchors == before.anchors + 1
