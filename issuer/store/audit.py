"""The audit log: append-only, each row chained to the one before by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, insert, select

from issuer.domain.roles import Actor
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


def append(
    connection: Connection,
    at: str,
    actor: Actor,
    act: str,
    subject: str,
    facts: Mapping[str, Any],
) -> None:
    """Chain one more row to the log."""
    last = (
        connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).mappings().first()
    )
    row: dict[str, Any] = {
        "seq": last["seq"] + 1 if last else 1,
        "at": at,
        "role": actor.role.value,
        "actor": actor.name,
        "act": act,
        "subject": subject,
        "facts": dict(facts),
        "previous_hash": last["hash"] if last else GENESIS,
    }
    row["hash"] = row_hash(row)
    connection.execute(insert(audit).values(**row))


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical row, its predecessor's hash included."""
    return hashlib.sha256(rfc8785.dumps({k: v for k, v in row.items() if k != "hash"})).hexdigest()


def since(connection: Connection, seq: int, limit: int) -> tuple[AuditRow, ...]:
    """The rows after `seq`, oldest first."""
    rows = connection.execute(
        select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(limit)
    ).mappings()
    return tuple(AuditRow(**row) for row in rows)
