"""Every column of a filing, its versions, materials and attestations: whatever is changed is named.

Two filings of a deal: one that was not accepted, and one whose first version a second has superseded.
"""

# ruff: noqa: S608 - the statements are made of constants of this file

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuer.domain.roles import Actor, Role
from issuer.services import audit_log
from issuer.store.tables import attestation, filing, filing_version, material
from tests.integration.forger import Forger
from tests.support.stages import Rewinder
from tests.support.story import DEAL, Story

AUDITOR = Actor(Role.AUDITOR, "a test")
REFUSED, LIVE = f"{DEAL}-f1", f"{DEAL}-f2"
OF_REFUSED, OF_LIVE = f"WHERE id = '{REFUSED}'", f"WHERE id = '{LIVE}'"
OLD = f"WHERE filing_id = '{LIVE}' AND version = 1"
V1 = f"version 1 of filing {LIVE}"


def wrong(story: Story) -> list[str]:
    verdict = audit_log.examine(story.served.simulator.context, AUDITOR)
    assert {flaw.code for flaw in verdict.flaws} <= {"audit.contradicted"}
    return [flaw.what for flaw in verdict.flaws]


@pytest.fixture(scope="module")
def _two_filings(story_of_module: Callable[[str], Story]) -> Rewinder:
    story = story_of_module("deployed")
    body = story.filing_document()
    whole = body["materials"]
    story.draft({**body, "materials": [each for each in whole if each["code"] != "M-10"]})
    story.sign()
    story.submit()
    assert story.check_formality()["state"] == "NOT_ACCEPTED"
    story.draft({**body, "supersedes": story.filing})
    story.sign()
    story.submit()
    story.check_formality()
    story.request_supplement()
    (asked,) = (each for each in whole if each["code"] == "M-13")
    story.prepare([{**asked, "content": "Each field is hashed with a salt."}])
    story.sign()
    story.client.do("filer", f"/v1/filings/{LIVE}/supplement")
    story.approve()
    story.served.settle()
    return Rewinder(story)


@pytest.fixture
def story(_two_filings: Rewinder) -> Story:
    return _two_filings.rewind()


@pytest.fixture
def forger(story: Story) -> Forger:
    return Forger(story.served)


def test_examine_two_filings_that_nobody_touched_finds_nothing(story: Story) -> None:
    assert wrong(story) == []


ROWS = {
    "refused-revived": (
        f"UPDATE filing SET state = 'SUBMITTED', findings = '[]' {OF_REFUSED}",
        f"filing {REFUSED}: state was NOT_ACCEPTED when it was entered, and is SUBMITTED",
    ),
    "findings-erased": (
        f"UPDATE filing SET findings = '[]' {OF_REFUSED}",
        f"filing {REFUSED}: rules was FIL-03, M-10",
    ),
    "findings-reworded": (
        f"UPDATE filing SET findings = json_set(findings, '$[0].cure', 'None.') {OF_REFUSED}",
        f"filing {REFUSED}: findings was 0x",
    ),
    "of-another-deal": (
        f"UPDATE filing SET deal_id = 'another' {OF_REFUSED}",
        f"filing {REFUSED}: deal_id was {DEAL}",
    ),
    "published-earlier": (
        f"UPDATE filing SET published_on = '2026-01-01' {OF_LIVE}",
        f"filing {LIVE}: published_on was 2026-0",
    ),
    "never-published": (
        f"UPDATE filing SET published_on = NULL {OF_LIVE}",
        "when it was entered, and is nothing",
    ),
    "submitted-earlier": (
        f"UPDATE filing SET submitted_on = '2026-01-01' {OF_LIVE}",
        f"filing {LIVE}: submitted_on was 2026-0",
    ),
    "decided-earlier": (
        f"UPDATE filing SET approval = json_set(approval, '$.decided_on', '2026-01-01') {OF_LIVE}",
        f"filing {LIVE}: approval was 0x",
    ),
    "days-of-review": (
        f"UPDATE filing SET review_days_used = 7 {OF_LIVE}",
        f"filing {LIVE}: review_days_used was 0",
    ),
    "review-begun": (
        f"UPDATE filing SET review_running_since = '2026-01-01' {OF_LIVE}",
        f"filing {LIVE}: review_running_since was 2026-0",
    ),
    "state": (
        f"UPDATE filing SET state = 'ACTIVE' {OF_LIVE}",
        f"filing {LIVE}: state was FILED",
    ),
    "version": (f"UPDATE filing SET version = 1 {OF_LIVE}", f"filing {LIVE}: version was 2"),
    "supersedes": (
        f"UPDATE filing SET supersedes = NULL {OF_LIVE}",
        f"filing {LIVE}: supersedes was {REFUSED}",
    ),
    "supplement": (
        f"""UPDATE filing SET supplement = '{{"note": "x"}}' {OF_LIVE}""",
        f"filing {LIVE}: supplement was nothing",
    ),
    "pause": (
        f"""UPDATE filing SET pause = '{{"by": "filer"}}' {OF_LIVE}""",
        f"filing {LIVE}: pause was nothing",
    ),
    "amendment": (
        f"""UPDATE filing SET amendment = '{{"version": 1}}' {OF_LIVE}""",
        f"filing {LIVE}: amendment was nothing",
    ),
    "suspended-in": (
        f"UPDATE filing SET suspended_in = 'ACTIVE' {OF_LIVE}",
        f"filing {LIVE}: suspended_in was nothing",
    ),
    "determination": (
        f"UPDATE filing SET security_determination = 'NONE' {OF_LIVE}",
        f"filing {LIVE}: security_determination was nothing",
    ),
    "reason": (
        f"UPDATE filing SET ended_because = 'fraud' {OF_REFUSED}",
        f"filing {REFUSED}: ended_because was nothing",
    ),
    "events": (
        f"UPDATE filing SET events = '[1]' {OF_LIVE}",
        f"filing {LIVE}: events was nothing",
    ),
    "no-json": (
        f"UPDATE filing SET findings = 'no JSON' {OF_REFUSED}",
        "a row of filing cannot be read",
    ),
    "renamed": (
        f"UPDATE filing SET id = '{DEAL}-f9' {OF_REFUSED}",
        f"filing {DEAL}-f9 is in the database, and was never entered in the log",
    ),
    "removed": (
        f"DELETE FROM filing {OF_REFUSED}",
        f"filing {REFUSED} was entered in the log, and is not in the database",
    ),
}
VERSIONS = {
    "content": (f"UPDATE material SET content = 'x' {OLD} AND code = 'M-01'", "have the hash 0x"),
    "title": (f"UPDATE material SET title = 'x' {OLD} AND code = 'M-02'", "have the hash 0x"),
    "type": (f"UPDATE material SET media_type = 'x/y' {OLD}", "have the hash 0x"),
    "waived": (f"UPDATE material SET not_applicable = 'x' {OLD}", "have the hash 0x"),
    "declared": (f"""UPDATE material SET declared = '{{"a": 1}}' {OLD}""", "have the hash 0x"),
    "code": (f"UPDATE material SET code = 'M-99' {OLD} AND code = 'M-01'", "have the hash 0x"),
    "material-removed": (f"DELETE FROM material {OLD} AND code = 'M-13'", "have the hash 0x"),
    "sections": (
        f"UPDATE filing_version SET sections = json_set(sections, '$.x', 1) {OLD}",
        "have the hash 0x",
    ),
    "unreadable": (f"UPDATE filing_version SET sections = 'x' {OLD}", "cannot be read"),
    "hash": (f"UPDATE filing_version SET bundle_hash = '0x' {OLD}", "and were 0x"),
    "prepared-at": (
        f"UPDATE filing_version SET prepared_at = '2026-01-01T00:00:00+08:00' {OLD}",
        "prepared_at was 2026-0",
    ),
    "submitted-on": (
        f"UPDATE filing_version SET submitted_on = '2026-01-01' {OLD}",
        "submitted_on was 2026-0",
    ),
    "never-submitted": (f"UPDATE filing_version SET submitted_on = NULL {OLD}", "submitted_on was"),
    "signature": (f"UPDATE attestation SET signature = '0x00' {OLD}", "is not what lies there"),
    "signer": (f"UPDATE attestation SET signer = '0x' {OLD}", "is not what lies there"),
    "signed-on": (f"UPDATE attestation SET signed_on = '2026-01-01' {OLD}", "signed_on was 2026-0"),
    "signed-hash": (f"UPDATE attestation SET bundle_hash = '0x' {OLD}", "is not what lies there"),
    "signed-by-nobody": (
        f"UPDATE attestation SET role = 'somebody' {OLD} AND role = 'counsel'",
        "the attestation by somebody was never entered in the log",
    ),
    "attestation-removed": (
        f"DELETE FROM attestation {OLD} AND role = 'counsel'",
        "the attestation by counsel is missing",
    ),
}


@pytest.mark.parametrize(("statement", "told"), ROWS.values(), ids=ROWS)
def test_change_a_column_of_a_filing_is_named(
    story: Story, forger: Forger, statement: str, told: str
) -> None:
    with story.served.simulator.worker.paused():
        forger.write(statement)
        assert [each for each in wrong(story) if told in each] != []


@pytest.mark.parametrize(("statement", "told"), VERSIONS.values(), ids=VERSIONS)
def test_change_what_was_signed_and_superseded_is_named(
    story: Story, forger: Forger, statement: str, told: str
) -> None:
    forger.write(statement)
    assert [each for each in wrong(story) if each.startswith(V1) and told in each] != []


def test_no_column_is_without_a_forgery() -> None:
    """Whatever is added to these tables is to be compared as well."""
    compared = {
        filing: ROWS,
        filing_version: VERSIONS,
        material: VERSIONS,
        attestation: VERSIONS,
    }
    for table, cases in compared.items():
        forged = " ".join(each for each, _ in cases.values() if f"UPDATE {table.name} " in each)
        missing = {column.name for column in table.c if f" {column.name} = " not in forged}
        assert missing <= {"filing_id", "version"}, table.name


def test_version_that_was_submitted_and_removed_is_named(story: Story, forger: Forger) -> None:
    for table in ("attestation", "material", "filing_version"):
        forger.write(f"DELETE FROM {table} {OLD}")
    (told,) = wrong(story)
    assert told.startswith(f"version {LIVE}/1 was submitted on 2026-0")


def test_version_that_nobody_prepared_is_named(story: Story, forger: Forger) -> None:
    forger.write(
        "INSERT INTO filing_version SELECT filing_id, 3, sections, bundle_hash, prepared_at,"
        f" submitted_on FROM filing_version {OLD}"
    )
    assert f"version 3 of filing {LIVE} is in the database, and was never entered in the log" in (
        wrong(story)
    )
