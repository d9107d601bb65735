"""The audit log: append-only, each row chained to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, Text, insert, select, type_coerce

from issuer.domain.roles import Actor
from issuer.store.seals import seal_of
from issuer.store.tables import audit

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, when, with which facts."""

    seq: int
    at: str
    role: str
    actor: str
    act: str
    subject: str
    facts: Mapping[str, Any]
    previous_hash: str
    hash: str
    seal: str


def append(
    connection: Connection,
    at: str,
    actor: Actor,
    act: str,
    subject: str,
    facts: Mapping[str, Any],
) -> None:
    """Chain one more row to the log."""
    before = last(connection)
    row: dict[str, Any] = {
        "seq": before.seq + 1 if before else 1,
        "at": at,
        "role": actor.role.value,
        "actor": actor.name,
        "act": act,
        "subject": subject,
        "facts": dict(facts),
        "previous_hash": before.hash if before else GENESIS,
    }
    row["hash"] = _hash(row)
    row["seal"] = seal_of(connection, "audit", {"hash": row["hash"]})
    connection.execute(insert(audit).values(**row))


def hash_of(row: AuditRow) -> str | None:
    """The hash that belongs to a row's content, whatever the row says; None if nothing could."""
    try:
        content = asdict(row)
        return _hash({name: content[name] for name in content if name not in ("hash", "seal")})
    except ValueError:
        return None


def is_ours(connection: Connection, row: AuditRow) -> bool:
    """Did the service itself enter this row? Hashes anybody can compute; its seal takes a key."""
    return row.seal == seal_of(connection, "audit", {"hash": row.hash})


def last(connection: Connection) -> AuditRow | None:
    """The latest row: its hash stands for the whole log."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(1)
    found = connection.execute(query).mappings().first()
    return AuditRow(**found) if found else None


def last_of(connection: Connection, acts: Sequence[str]) -> AuditRow | None:
    """The latest row of one of these acts."""
    query = select(audit).where(audit.c.act.in_(acts)).order_by(audit.c.seq.desc()).limit(1)
    found = connection.execute(query).mappings().first()
    return AuditRow(**found) if found else None


def at(connection: Connection, seq: int) -> AuditRow | None:
    """One row."""
    found = connection.execute(select(audit).where(audit.c.seq == seq)).mappings().first()
    return AuditRow(**found) if found else None


def has_act(connection: Connection, act: str) -> bool:
    """Has this ever been entered?"""
    return (
        connection.execute(select(audit.c.seq).where(audit.c.act == act).limit(1)).first()
        is not None
    )


def has_subject(connection: Connection, acts: Sequence[str], subject: str) -> bool:
    """Has one of these acts been entered for a subject?"""
    query = select(audit.c.seq).where(audit.c.act.in_(acts), audit.c.subject == subject).limit(1)
    return connection.execute(query).first() is not None


def about(connection: Connection, *subjects: str) -> tuple[AuditRow, ...]:
    """The rows about these subjects, oldest first."""
    rows = connection.execute(
        select(audit).where(audit.c.subject.in_(subjects)).order_by(audit.c.seq)
    ).mappings()
    return tuple(AuditRow(**row) for row in rows)


def everything(connection: Connection) -> Iterator[AuditRow]:
    """Every row, oldest first; facts that somebody has made unreadable are given as their text."""
    facts = type_coerce(audit.c.facts, Text).label("facts")
    columns = [facts if column is audit.c.facts else column for column in audit.c]
    for row in connection.execute(select(*columns).order_by(audit.c.seq)).mappings():
        yield AuditRow(**{**row, "facts": _read_facts(row["facts"])})


def _read_facts(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def since(connection: Connection, seq: int, limit: int) -> tuple[AuditRow, ...]:
    """The rows after `seq`, oldest first."""
    rows = connection.execute(
        select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(limit)
    ).mappings()
    return tuple(AuditRow(**row) for row in rows)


def _hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical row, its predecessor's hash included."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()
