"""What every use case has at hand, and the three things most of them do: tell the time, keep the log,
and put commands into the outbox.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.errors import StateConflict
from issuer.domain.operations import Command, Operation, OperationKind, OperationState
from issuer.domain.regime import Regime
from issuer.domain.roles import Actor
from issuer.domain.schedule import HONG_KONG
from issuer.onchain.gateway import OnChain
from issuer.store import access, audit, deals, outbox
from issuer.store.access import RequestKey
from issuer.store.database import Database

_NAMESPACE = uuid.UUID("5f2ce0b4-6a3c-5d0e-9f3a-2f1d4c7b8e90")

#: The request for which a use case is carried out, if it has an idempotency key.
request_under_way: ContextVar[RequestKey | None] = ContextVar("request_under_way", default=None)


@dataclass(frozen=True, slots=True)
class Context:
    """Built once by `bootstrap`. The database tells the worker whenever something was stored."""

    database: Database
    chain: OnChain
    regime: Regime
    prc_calendar: HolidayCalendar


def now(connection: Connection) -> datetime:
    """The simulated instant. It stands still until the operator moves it."""
    stored = deals.get_meta(connection, "now")
    if stored is None:
        raise StateConflict(
            "the database does not say what time it is: its clock was removed. Cure: put the database"
            " back from a copy",
            code="database.altered",
        )
    return datetime.fromisoformat(stored)


def today(connection: Connection) -> date:
    """The date in Hong Kong: deals, deadlines and business days go by it."""
    return now(connection).astimezone(HONG_KONG).date()


def utc_day(connection: Connection) -> date:
    """The contracts' day: eligibility and validity begin and end with it."""
    return now(connection).astimezone(UTC).date()


def stamp(connection: Connection) -> str:
    """The instant as rows carry it."""
    return now(connection).isoformat()


def log(
    connection: Connection, actor: Actor, act: str, subject: str, facts: Mapping[str, Any]
) -> None:
    """Enter an act in the audit log, in the transaction that carries it out."""
    audit.append(connection, stamp(connection), actor, act, subject, facts)
    if (request := request_under_way.get()) is not None:
        access.note_act(connection, request, act, subject)


def enqueue(
    context: Context,
    connection: Connection,
    kind: OperationKind,
    deal_id: str,
    subject: str,
    commands: Sequence[Command],
    detail: Mapping[str, Any] | None = None,
) -> Operation:
    """Write an operation and its commands. Its id follows from what it is, and the how-manieth."""
    attempt = outbox.count(connection, kind, subject) + 1
    operation = Operation(
        id=str(uuid.uuid5(_NAMESPACE, f"{kind}/{deal_id}/{subject}/{attempt}")),
        kind=kind,
        deal_id=deal_id,
        subject=subject,
        state=OperationState.PENDING,
        created_at=stamp(connection),
        detail=dict(detail or {}),
    )
    seals = [context.chain.seal(operation.id, deal_id, command) or "" for command in commands]
    outbox.add(connection, operation, commands, seals)
    if (request := request_under_way.get()) is not None:
        access.note_operation(connection, request, operation.id)
    return operation


def address_book(connection: Connection, deal_id: str) -> dict[str, str]:
    """Contract name -> address: the deal's own and the shared ones."""
    shared = deals.address_book(connection, deals.SHARED)
    own = deals.address_book(connection, deal_id)
    book = {**shared, **own}
    altered = [name for name, each in book.items() if not each.genuine]
    if altered:
        raise StateConflict(
            f"the address book is not as the service wrote it: {', '.join(altered)}. Cure: put the"
            " database back from a copy; `abs-sim verify` says what else differs",
            code="database.altered",
            contracts=altered,
        )
    return {name: each.address for name, each in book.items()}


def not_deployed(deal_id: str) -> StateConflict:
    """The refusal of what needs the deal's contracts."""
    return StateConflict(
        "the deal has no contracts yet. Cure: deploy the deal first, as the operator"
        f" (POST /v1/deals/{deal_id}/deployment)",
        code="deal.not_deployed",
    )
