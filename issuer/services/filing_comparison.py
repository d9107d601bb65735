"""Filings against the audit log: the row, its versions, their materials and the signatures over them.

The log has every column that an act has changed since it says so, and before that what single acts are
evidence of; where it says nothing of a column, nothing is compared. A version's hash is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from issuer.domain.errors import IssuanceError
from issuer.domain.lifecycle import FilingState
from issuer.domain.schedule import HONG_KONG
from issuer.services.bundles import recompute, standing_attestations
from issuer.services.keeping import CHANGED, NOTHING, told
from issuer.store import deals, filings
from issuer.store.audit import AuditRow
from issuer.store.filings import StoredVersion
from issuer.store.tables import filing, filing_version

#: Subject and fact -> the row of the log that last said so, and what it said.
Entered = dict[tuple[str, str, str], tuple[int, Any]]
#: (kind, subject, fact, value)
Said = tuple[str, str, str, Any]

_ENDS = {
    "withdraw_filing": FilingState.WITHDRAWN.value,
    "terminate": FilingState.TERMINATED.value,
    "time_out_supplement": FilingState.TERMINATED.value,
}
#: What the rows themselves no longer tell apart from rows that somebody has broken.
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, IssuanceError)


def said_of_filings(row: AuditRow) -> Iterator[Said]:
    """What a row of the log says of filings, their versions and attestations."""
    yield from _said_of_versions(row)
    yield from _said_of_row(row)
    if isinstance(changed := row.facts.get(CHANGED), Mapping):
        of = str(row.facts.get("filing", row.subject))
        yield from (("row", of, name, said) for name, said in changed.items())


def _said_of_versions(row: AuditRow) -> Iterator[Said]:
    facts = row.facts
    version = f"{row.subject}/{facts.get('version', 1)}"
    match row.act:
        case "draft_filing" | "prepare_version":
            yield "version", version, "bundle_hash", facts.get("bundle_hash")
            yield "version", version, "prepared_at", row.at
        case "submit_filing" | "answer_supplement" | "amend_filing":
            yield "version", version, "submitted_on", _day(row)
        case "attest":
            of = f"{row.subject} over {facts.get('bundle_hash')} by {facts.get('role')}"
            yield "attestation", of, "made", True
            for name in ("signer", "signature", "signed_on"):
                if name in facts:
                    yield "attestation", of, name, facts[name]


def _said_of_row(row: AuditRow) -> Iterator[Said]:
    """What single acts are evidence of, also those entered before acts said what they changed."""
    facts, subject = row.facts, row.subject
    match row.act:
        case "draft_filing":
            yield "filing", subject, "drafted", True
        case "submit_filing":
            yield "row", subject, "submitted_on", _day(row)
        case "check_formality":
            yield "row", subject, "rules", ", ".join(facts.get("rules") or ()) or NOTHING
            if facts.get("state") == FilingState.NOT_ACCEPTED:
                yield "row", subject, "state", facts["state"]
        case "publish_filing":
            yield "row", subject, "published_on", facts.get("published_on")
        case act if act in _ENDS:
            yield "row", subject, "state", facts.get("state", _ENDS[act])


def _day(row: AuditRow) -> str:
    """The day of an act in Hong Kong."""
    return datetime.fromisoformat(row.at).astimezone(HONG_KONG).date().isoformat()


def compare_filings(
    connection: Connection, rows: Iterable[RowMapping | None], entered: Entered
) -> Iterator[tuple[int, str]]:
    """(row of the log, what contradicts it) for the filings, and for everything under them."""
    for row in rows:
        if row is None:
            yield 0, f"a row of {filing.name} cannot be read: it was altered"
            continue
        if ("filing", row["id"], "drafted") not in entered:
            yield 0, f"filing {row['id']} is in the database, and was never entered in the log"
        entered.pop(("filing", row["id"], "drafted"), None)
        yield from _compared(f"filing {row['id']}", "row", row["id"], _columns(row), entered)
    chain_id = deals.get_meta(connection, "chain_id")
    query = select(filing_version.c.filing_id, filing_version.c.version)
    for filing_id, version in connection.execute(query).all():
        try:
            yield from _version(connection, filing_id, version, int(chain_id or 0), entered)
        except _UNREADABLE:
            yield 0, f"version {version} of filing {filing_id} cannot be read: it was altered"
    for (kind, subject, name), (seq, said) in sorted(entered.items()):
        if (kind, name) == ("version", "submitted_on"):
            yield seq, f"version {subject} was submitted on {said}, and is not in the database"


def _columns(row: RowMapping) -> dict[str, Any]:
    """The row as the log says it, and the rules in its findings, which older entries have alone."""
    columns = told(row)
    try:
        rules = ", ".join(each["rule"] for each in row["findings"]) or NOTHING
    except (KeyError, TypeError):
        rules = "unreadable"
    return {**columns, "rules": rules}


def _compared(
    named: str, kind: str, subject: str, found: Mapping[str, Any], entered: Entered
) -> Iterator[tuple[int, str]]:
    """Each fact that the log has said something of; what was compared is taken out."""
    for name, value in found.items():
        seq, said = entered.pop((kind, subject, name), (0, value))
        if said != value:
            yield seq, f"{named}: {name} was {said} when it was entered, and is {value}"


def _version(
    connection: Connection, filing_id: str, version: int, chain_id: int, entered: Entered
) -> Iterator[tuple[int, str]]:
    stored = filings.get_version(connection, filing_id, version)
    named, subject = f"version {version} of filing {filing_id}", f"{filing_id}/{version}"
    digest = recompute(connection, stored)
    if ("version", subject, "bundle_hash") not in entered:
        yield 0, f"{named} is in the database, and was never entered in the log"
    if stored.bundle_hash != digest:
        yield 0, f"{named}: its materials have the hash {digest}, and were {stored.bundle_hash}"
    found = {
        "bundle_hash": digest,
        "prepared_at": stored.prepared_at,
        "submitted_on": stored.submitted_on.isoformat() if stored.submitted_on else NOTHING,
    }
    if stored.submitted_on and ("version", subject, "submitted_on") not in entered:
        yield 0, f"{named} counts as submitted, and by the log it never was"
    yield from _compared(named, "version", subject, found, entered)
    yield from _attestations(stored, named, digest, chain_id, entered)


def _attestations(
    stored: StoredVersion, named: str, digest: str, chain_id: int, entered: Entered
) -> Iterator[tuple[int, str]]:
    """Every signature is its signer's over what lies there now, and none of them is missing."""
    standing = {each.role for each in standing_attestations(stored, digest, chain_id)}
    for each in stored.attestations:
        if each.role not in standing or each.bundle_hash != digest:
            yield 0, f"{named}: what {each.role} signed is not what lies there"
        of = f"{stored.filing_id} over {each.bundle_hash} by {each.role}"
        if entered.pop(("attestation", of, "made"), None) is None:
            yield 0, f"{named}: the attestation by {each.role} was never entered in the log"
        facts = {
            "signer": each.signer,
            "signature": each.signature,
            "signed_on": each.signed_on.isoformat() if each.signed_on else NOTHING,
        }
        attested = f"{named}, signed by {each.role}"
        yield from _compared(attested, "attestation", of, facts, entered)
    over = f"{stored.filing_id} over {stored.bundle_hash} by "
    for kind, of, name in sorted(entered):
        if (kind, name) == ("attestation", "made") and of.startswith(over):
            seq, _ = entered[kind, of, name]
            yield seq, f"{named}: the attestation by {of.removeprefix(over)} is missing"
