"""What reconciliation looks up beside the readers of the rows: cheap, and for whole deals at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from issuer.domain.operations import OperationKind, OperationState
from issuer.store.tables import admission, audit, investor, operation


@dataclass(frozen=True, slots=True)
class Admitted:
    """An admitted investor's row as it lies there: the document is not read, only hashed."""

    id: str
    wallet: str
    document: Mapping[str, Any]
    status: str
    eligible_until: str


def admitted(connection: Connection, deal_id: str) -> tuple[Admitted, ...]:
    """Everybody admitted to a deal, in the order of ids."""
    columns = (
        investor.c.id,
        investor.c.wallet,
        investor.c.document,
        investor.c.status,
        investor.c.eligible_until,
    )
    rows = connection.execute(
        select(*columns)
        .join(admission, admission.c.investor_id == investor.c.id)
        .where(admission.c.deal_id == deal_id)
        .order_by(investor.c.id)
    ).mappings()
    return tuple(Admitted(**row) for row in rows)


def pending(connection: Connection, deal_id: str) -> tuple[tuple[str, OperationKind, str], ...]:
    """(id, kind, subject) of the deal's operations that say they are under way."""
    rows = connection.execute(
        select(operation.c.id, operation.c.kind, operation.c.subject).where(
            operation.c.deal_id == deal_id,
            operation.c.state == OperationState.PENDING.value,
        )
    )
    return tuple((row[0], OperationKind(row[1]), row[2]) for row in rows)


def last_act(
    connection: Connection, act: str, subjects: Collection[str]
) -> Mapping[str, Any] | None:
    """The facts with which an act on any of these was last entered in the audit log, if it ever was."""
    query = (
        select(audit.c.facts)
        .where(audit.c.act == act, audit.c.subject.in_(subjects))
        .order_by(audit.c.seq.desc())
        .limit(1)
    )
    facts: Mapping[str, Any] | None = connection.execute(query).scalar()
    return facts
