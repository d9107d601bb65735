"""API keys and kept answers, for the door."""

from __future__ import annotations

from collections.abc import Mapping

from issuer.domain.roles import Actor
from issuer.services.context import Context
from issuer.store import access
from issuer.store.access import LOST as LOST
from issuer.store.access import KeptAnswer as KeptAnswer
from issuer.store.access import RequestKey as RequestKey


def actor_of_key(context: Context, key: str) -> Actor | None:
    """Whose key this is."""
    with context.database.reading() as connection:
        return access.actor_of(connection, key)


def begin_request(context: Context, request: RequestKey, body_hash: str) -> KeptAnswer | None:
    """Claim an idempotency key; answers what was kept if it is taken."""
    with context.database.writing() as connection:
        return access.begin_request(connection, request, body_hash)


def keep_answer(
    context: Context, request: RequestKey, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Keep an answer for replays."""
    with context.database.writing() as connection:
        access.keep_answer(connection, request, status, headers, body)


def forget_request(context: Context, request: RequestKey) -> None:
    """If nothing was changed the key may be used again; else the answer counts as lost."""
    with context.database.writing() as connection:
        access.forget_request(connection, request)
