"""API keys, hashed, and the answers kept for idempotent requests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from issuer.domain.roles import Actor, Role
from issuer.store.seals import is_genuine, seal_of
from issuer.store.tables import api_key, idempotency


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What makes a request the same request: who asks, what, and under which key."""

    principal: str
    method: str
    path: str
    key: str


#: Status of an answer that nobody got: the act was done, and then the server ended.
LOST = 0


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer; or none yet if the first request is still under way, `status` None; or `LOST`.

    `act` on `subject` and the ids of its `operations` are what the request has done.
    """

    body_hash: str
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    act: str | None = None
    subject: str | None = None
    operations: tuple[str, ...] = ()


def hash_key(key: str) -> str:
    """Keys are random and long, so a plain hash keeps them."""
    return hashlib.sha256(key.encode()).hexdigest()


def add_key(connection: Connection, key: str, actor: Actor) -> None:
    """Let a key act as an actor."""
    connection.execute(delete(api_key).where(api_key.c.key_hash == hash_key(key)))
    row = {
        "key_hash": hash_key(key),
        "role": actor.role.value,
        "name": actor.name,
        "investor_id": actor.investor_id,
    }
    connection.execute(insert(api_key).values(**row, seal=seal_of(connection, "api_key", row)))


def actor_of(connection: Connection, key: str) -> Actor | None:
    """Whose key this is; nobody's if the service did not issue it."""
    row = (
        connection.execute(select(api_key).where(api_key.c.key_hash == hash_key(key)))
        .mappings()
        .first()
    )
    if row is None or not is_genuine(connection, "api_key", row):
        return None
    return Actor(Role(row["role"]), row["name"], row["investor_id"])


def begin_request(connection: Connection, request: RequestKey, body_hash: str) -> KeptAnswer | None:
    """Claim a key for a request; answers what was kept if it is taken."""
    row = connection.execute(select(idempotency).where(_is(request))).mappings().first()
    if row is not None:
        return KeptAnswer(
            row["body_hash"],
            row["status"],
            row["headers"] or {},
            row["body"] or b"",
            row["act"],
            row["subject"],
            tuple(row["operations"] or ()),
        )
    connection.execute(
        insert(idempotency).values(
            principal=request.principal,
            method=request.method,
            path=request.path,
            key=request.key,
            body_hash=body_hash,
        )
    )
    return None


def keep_answer(
    connection: Connection,
    request: RequestKey,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    """Keep the answer for as long as the ledger."""
    connection.execute(
        update(idempotency)
        .where(_is(request))
        .values(status=status, headers=dict(headers), body=body)
    )


def note_act(connection: Connection, request: RequestKey, act: str, subject: str) -> None:
    """What a request does, in the transaction that does it."""
    connection.execute(update(idempotency).where(_is(request)).values(act=act, subject=subject))


def note_operation(connection: Connection, request: RequestKey, operation_id: str) -> None:
    """An operation that a request puts into the outbox, in the same transaction."""
    before = connection.execute(select(idempotency.c.operations).where(_is(request))).scalar()
    connection.execute(
        update(idempotency).where(_is(request)).values(operations=[*(before or ()), operation_id])
    )


def forget_request(connection: Connection, request: RequestKey) -> None:
    """A request that changed nothing may be sent again under the same key, and no other."""
    _settle(connection, _is(request))


def settle_requests(connection: Connection) -> None:
    """No request is under way: what an earlier server left was done, or was not."""
    _settle(connection, idempotency.c.status.is_(None))


def _settle(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(delete(idempotency).where(which, idempotency.c.act.is_(None)))
    connection.execute(update(idempotency).where(which).values(status=LOST))


def _is(request: RequestKey) -> ColumnElement[bool]:
    return and_(
        idempotency.c.principal == request.principal,
        idempotency.c.method == request.method,
        idempotency.c.path == request.path,
        idempotency.c.key == request.key,
    )
