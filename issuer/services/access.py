"""API keys, kept answers, and who is turned away, for the door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from issuer.domain.errors import AccessBlocked, Finding, RuleViolated
from issuer.domain.roles import Actor, Role
from issuer.domain.rulebook.access_rules import (
    ACCESS_RULES,
    AccessCase,
    request_comes_from_overseas,
)
from issuer.domain.rulebook.rule import examine
from issuer.services.context import Context, stamp
from issuer.store import access, audit
from issuer.store.access import LOST as LOST
from issuer.store.access import KeptAnswer as KeptAnswer
from issuer.store.access import RequestKey as RequestKey


def actor_of_key(context: Context, key: str) -> Actor | None:
    """Whose key this is."""
    with context.database.reading() as connection:
        return access.actor_of(connection, key)


def require_overseas(
    context: Context,
    key: str | None,
    countries: tuple[str, ...],
    network: str | None,
    asked: Mapping[str, str],
) -> None:
    """Turn away whoever asks from the mainland (INV-02), and enter it in the log.

    `asked` says what for: the `route`, and the `subject` it is about.
    """
    actor = actor_of_key(context, key) if key else None
    role = actor.role if actor else None
    findings = examine(ACCESS_RULES, AccessCase(role, countries, network))
    if not findings:
        return
    # Whoever asks here without a key asks as an investor would.
    who = actor or Actor(Role.INVESTOR, "unidentified")
    _enter_blocked(context, who, asked["subject"], findings[0], {"route": asked["route"]})
    raise AccessBlocked(asked["route"], findings)


@contextmanager
def mainland_logged(context: Context, actor: Actor, subject: str) -> Iterator[None]:
    """Block what the block is refused for if it is a sign of the mainland (INV-02), and log it."""
    try:
        yield
    except RuleViolated as refusal:
        signs = [each for each in refusal.findings if each.rule == request_comes_from_overseas.id]
        if not signs:
            raise
        for sign in signs:
            _enter_blocked(context, actor, subject, sign, {})
        raise AccessBlocked(refusal.act, refusal.findings) from refusal


def _enter_blocked(
    context: Context, actor: Actor, subject: str, finding: Finding, facts: Mapping[str, str]
) -> None:
    # Not by `log`: the request has done nothing, and may be made again.
    said = {**finding.facts, "rule": finding.rule, **facts}
    with context.database.writing() as connection:
        audit.append(connection, stamp(connection), actor, "access_blocked", subject, said)


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
