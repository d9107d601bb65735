"""Filings, their versions and materials, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from issuer.domain.bundle import Attestation, Material
from issuer.domain.errors import Finding, IssuanceBug, NotFound
from issuer.domain.filing import (
    Amendment,
    Approval,
    Filing,
    FilingEvent,
    Pause,
    ReviewClock,
    Supplement,
)
from issuer.domain.lifecycle import ENDED, FilingState
from issuer.domain.roles import Role
from issuer.store.tables import attestation, filing, filing_version, material


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of the materials as it lies in the database; what was submitted is never replaced."""

    filing_id: str
    version: int
    sections: Mapping[str, Any]
    bundle_hash: str
    materials: tuple[Material, ...]
    attestations: tuple[Attestation, ...]
    submitted_on: date | None
    prepared_at: str


def add(connection: Connection, new: Filing) -> None:
    """Store a new filing."""
    connection.execute(insert(filing).values(id=new.id, **as_row(new)))


def save(connection: Connection, changed: Filing) -> None:
    """Store a filing's new state."""
    connection.execute(update(filing).where(filing.c.id == changed.id).values(**as_row(changed)))


def get(connection: Connection, filing_id: str) -> Filing:
    """The filing, and which has superseded it; or `filing.not_found`."""
    row = connection.execute(select(filing).where(filing.c.id == filing_id)).mappings().first()
    if row is None:
        of_this_name = ", ".join(each.id for each in of_deal(connection, filing_id))
        hint = f"that is a deal, which has the filings {of_this_name}" if of_this_name else ""
        raise NotFound("filing", filing_id, hint)
    names_it = (filing.c.deal_id == row["deal_id"], filing.c.supersedes == filing_id)
    later = connection.execute(select(filing.c.id).where(*names_it)).scalars()
    return replace(from_row(row), superseded_by=max(later, key=_age, default=None))


def of_deal(connection: Connection, deal_id: str) -> tuple[Filing, ...]:
    """All filings of a deal, oldest first."""
    rows = connection.execute(select(filing).where(filing.c.deal_id == deal_id)).mappings()
    return tuple(sorted((from_row(row) for row in rows), key=lambda each: _age(each.id)))


def _age(filing_id: str) -> tuple[int, str]:
    """The ids end in a number; as text, f10 would stand before f2."""
    return len(filing_id), filing_id


def live_of_deal(connection: Connection, deal_id: str) -> Filing | None:
    """The one filing of the deal that has not ended."""
    live = [each for each in of_deal(connection, deal_id) if each.state not in ENDED]
    return live[-1] if live else None


def standing_of_deal(connection: Connection, deal_id: str) -> Filing | None:
    """The filing that the deal's tokens belong to, whatever its state; until there is one, the live one.

    A token serves one filing: another is nothing to the notes issued, and to their holders.
    """
    return published_of_deal(connection, deal_id) or live_of_deal(connection, deal_id)


def published_of_deal(connection: Connection, deal_id: str) -> Filing | None:
    """The filing that was approved and anchored, and so has the deal's tokens attached to it."""
    return next((each for each in of_deal(connection, deal_id) if each.published_on), None)


def others(connection: Connection, filing_id: str) -> tuple[Filing, ...]:
    """All filings other than this one, of whatever deal."""
    rows = connection.execute(select(filing).where(filing.c.id != filing_id)).mappings()
    return tuple(from_row(row) for row in rows)


def next_id(connection: Connection, deal_id: str) -> str:
    """`<deal>-f1`, `-f2`, …: readable, and sorted by age."""
    return f"{deal_id}-f{len(of_deal(connection, deal_id)) + 1}"


def put_version(
    connection: Connection,
    filing_id: str,
    version: int,
    sections: Mapping[str, Any],
    bundle_hash: str,
    materials: tuple[Material, ...],
    prepared_at: str,
) -> None:
    """Store a version that is being prepared, in place of an earlier draft of it."""
    if version != next_version(connection, filing_id):
        raise IssuanceBug(f"version {version} of {filing_id} is not the one being prepared")
    for table in (attestation, material, filing_version):
        connection.execute(
            delete(table).where(table.c.filing_id == filing_id, table.c.version == version)
        )
    connection.execute(
        insert(filing_version).values(
            filing_id=filing_id,
            version=version,
            sections=sections,
            bundle_hash=bundle_hash,
            prepared_at=prepared_at,
        )
    )
    for each in materials:
        connection.execute(
            insert(material).values(
                filing_id=filing_id,
                version=version,
                code=each.code,
                title=each.title,
                media_type=each.media_type,
                content=each.content,
                not_applicable=each.not_applicable,
                declared=dict(each.declared),
            )
        )


def get_version(connection: Connection, filing_id: str, version: int) -> StoredVersion:
    """A version with its materials and attestations, or `filing_version.not_found`."""
    key = (filing_version.c.filing_id == filing_id, filing_version.c.version == version)
    row = connection.execute(select(filing_version).where(*key)).mappings().first()
    if row is None:
        raise NotFound("filing_version", f"{filing_id} version {version}")
    return StoredVersion(
        filing_id,
        version,
        row["sections"],
        row["bundle_hash"],
        _materials(connection, filing_id, version),
        _attestations(connection, filing_id, version),
        _date(row["submitted_on"]),
        row["prepared_at"],
    )


def next_version(connection: Connection, filing_id: str) -> int:
    """The number after the highest ever submitted, taken back since or not: numbers are not used twice."""
    query = select(func.max(filing_version.c.version)).where(
        filing_version.c.filing_id == filing_id, filing_version.c.submitted_on.is_not(None)
    )
    return (connection.execute(query).scalar() or 0) + 1


def mark_submitted(connection: Connection, filing_id: str, version: int, day: date) -> None:
    """From now on this version stays as it is, with its signatures."""
    connection.execute(
        update(filing_version)
        .where(filing_version.c.filing_id == filing_id, filing_version.c.version == version)
        .values(submitted_on=day.isoformat())
    )


def has_version(connection: Connection, filing_id: str, version: int) -> bool:
    """Has this version been prepared?"""
    query = select(filing_version.c.version).where(
        filing_version.c.filing_id == filing_id, filing_version.c.version == version
    )
    return connection.execute(query).first() is not None


def put_attestation(
    connection: Connection, filing_id: str, version: int, signed: Attestation
) -> None:
    """Store a signature, in place of an earlier one by the same role."""
    connection.execute(
        delete(attestation).where(
            attestation.c.filing_id == filing_id,
            attestation.c.version == version,
            attestation.c.role == signed.role,
        )
    )
    connection.execute(
        insert(attestation).values(
            filing_id=filing_id,
            version=version,
            role=signed.role,
            signer=signed.signer,
            bundle_hash=signed.bundle_hash,
            signature=signed.signature,
            signed_on=_text(signed.signed_on),
        )
    )


def _materials(connection: Connection, filing_id: str, version: int) -> tuple[Material, ...]:
    rows = connection.execute(
        select(material)
        .where(material.c.filing_id == filing_id, material.c.version == version)
        .order_by(material.c.code)
    ).mappings()
    return tuple(
        Material(
            row["code"],
            row["title"],
            row["media_type"],
            _bytes(row["content"]),
            row["not_applicable"],
            row["declared"],
        )
        for row in rows
    )


def _bytes(content: bytes | str) -> bytes:
    """SQLite keeps whatever type somebody wrote; the hash shall say that it is another document."""
    return content.encode() if isinstance(content, str) else content


def _attestations(connection: Connection, filing_id: str, version: int) -> tuple[Attestation, ...]:
    rows = connection.execute(
        select(attestation)
        .where(attestation.c.filing_id == filing_id, attestation.c.version == version)
        .order_by(attestation.c.role)
    ).mappings()
    return tuple(
        Attestation(
            row["role"],
            row["signer"],
            row["bundle_hash"],
            row["signature"],
            _date(row["signed_on"]),
        )
        for row in rows
    )


# ---- rows and domain objects


def as_row(each: Filing) -> dict[str, Any]:
    """A filing as its row has it, but for the id."""
    return {
        "deal_id": each.deal_id,
        "state": each.state.value,
        "version": each.version,
        "supersedes": each.supersedes,
        "submitted_on": _text(each.submitted_on),
        "review_days_used": each.review.days_used,
        "review_running_since": _text(each.review.running_since),
        "supplement": _supplement_row(each.supplement),
        "pause": _pause_row(each.pause),
        "amendment": _amendment_row(each.amendment),
        "approval": _approval_row(each.approval),
        "published_on": _text(each.published_on),
        "suspended_in": each.suspended_in.value if each.suspended_in else None,
        "security_determination": each.security_determination,
        "events": [_event_row(event) for event in each.events],
        "findings": [asdict(finding) for finding in each.findings],
        "ended_because": each.ended_because,
    }


def from_row(row: RowMapping | Mapping[str, Any]) -> Filing:
    """The filing that a row is of."""
    return Filing(
        id=row["id"],
        deal_id=row["deal_id"],
        state=FilingState(row["state"]),
        version=row["version"],
        supersedes=row["supersedes"],
        submitted_on=_date(row["submitted_on"]),
        review=ReviewClock(row["review_days_used"], _date(row["review_running_since"])),
        supplement=_supplement(row["supplement"]),
        pause=_pause(row["pause"]),
        amendment=_amendment(row["amendment"]),
        approval=_approval(row["approval"]),
        published_on=_date(row["published_on"]),
        suspended_in=FilingState(row["suspended_in"]) if row["suspended_in"] else None,
        events=tuple(_event(event) for event in row["events"]),
        security_determination=row["security_determination"],
        findings=tuple(Finding(**finding) for finding in row["findings"]),
        ended_because=row["ended_because"],
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _supplement_row(each: Supplement | None) -> dict[str, Any] | None:
    if each is None:
        return None
    return {
        "materials": list(each.materials),
        "note": each.note,
        "asked_on": each.asked_on.isoformat(),
        "due_on": each.due_on.isoformat(),
    }


def _supplement(row: Mapping[str, Any] | None) -> Supplement | None:
    if row is None:
        return None
    return Supplement(
        tuple(row["materials"]),
        row["note"],
        date.fromisoformat(row["asked_on"]),
        date.fromisoformat(row["due_on"]),
    )


def _pause_row(each: Pause | None) -> dict[str, Any] | None:
    if each is None:
        return None
    return {"by": each.by.value, "reason": each.reason, "since": each.since.isoformat()}


def _pause(row: Mapping[str, Any] | None) -> Pause | None:
    if row is None:
        return None
    return Pause(Role(row["by"]), row["reason"], date.fromisoformat(row["since"]))


def _amendment_row(each: Amendment | None) -> dict[str, Any] | None:
    if each is None:
        return None
    return {
        "state": each.state.value,
        "version": each.version,
        "approval": _approval_row(each.approval),
        "resumes": each.resumes.value,
        "since": each.since.isoformat(),
    }


def _amendment(row: Mapping[str, Any] | None) -> Amendment | None:
    approval = _approval(row["approval"]) if row else None
    if row is None or approval is None:
        return None
    return Amendment(
        FilingState(row["state"]),
        row["version"],
        approval,
        FilingState(row["resumes"]),
        date.fromisoformat(row["since"]),
    )


def _approval_row(each: Approval | None) -> dict[str, Any] | None:
    if each is None:
        return None
    return {
        "version": each.version,
        "bundle_hash": each.bundle_hash,
        "valid_until": each.valid_until.isoformat(),
        "filed_total_micro": each.filed_total_micro,
        "caps": [list(cap) for cap in each.caps],
        "decided_on": each.decided_on.isoformat(),
    }


def _approval(row: Mapping[str, Any] | None) -> Approval | None:
    if row is None:
        return None
    return Approval(
        row["version"],
        row["bundle_hash"],
        date.fromisoformat(row["valid_until"]),
        row["filed_total_micro"],
        tuple((tranche, units) for tranche, units in row["caps"]),
        date.fromisoformat(row["decided_on"]),
    )


def _event_row(each: FilingEvent) -> dict[str, Any]:
    return {
        "code": each.code,
        "noted_on": each.noted_on.isoformat(),
        "noted_by": each.noted_by.value,
        "due_on": each.due_on.isoformat(),
        "reported_on": _text(each.reported_on),
        "report_hash": each.report_hash,
        "about": each.about,
        "amend_by": _text(each.amend_by),
        "amended_on": _text(each.amended_on),
        "cleared_on": _text(each.cleared_on),
    }


def _event(row: Mapping[str, Any]) -> FilingEvent:
    return FilingEvent(
        row["code"],
        date.fromisoformat(row["noted_on"]),
        Role(row["noted_by"]),
        date.fromisoformat(row["due_on"]),
        _date(row["reported_on"]),
        row["report_hash"],
        # Rows written before there were these have none.
        row.get("about"),
        _date(row.get("amend_by")),
        _date(row.get("amended_on")),
        _date(row.get("cleared_on")),
    )
