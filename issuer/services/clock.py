"""The simulation's clock: the operator moves it forward, and the chain's time with it."""

from __future__ import annotations

from datetime import datetime

from issuer.domain.errors import Complaint, InvalidInput, StateConflict
from issuer.domain.roles import Act, Actor, authorise
from issuer.services.context import Context, log, now
from issuer.store import deals


def read_clock(context: Context) -> datetime:
    """The simulated instant."""
    with context.database.reading() as connection:
        return now(connection)


def move_clock(context: Context, actor: Actor, to: datetime) -> datetime:
    """Move the clock forward. The chain follows, so both expire and record at the same instant."""
    authorise(actor, Act.MOVE_CLOCK)
    if to.tzinfo is None:
        raise InvalidInput(
            "clock",
            [Complaint("/now", "clock.offset", "give the offset: 2026-07-10T18:00:00+08:00")],
        )
    with context.database.writing() as connection:
        before = now(connection)
        if to < before:
            raise StateConflict(
                f"the clock is at {before.isoformat()} and never runs back; {to.isoformat()} has passed",
                code="clock.backwards",
                now=before.isoformat(),
            )
        deals.set_meta(connection, "now", to.isoformat())
        log(connection, actor, "move_clock", "clock", {"to": to.isoformat()})
    context.chain.set_time(int(to.timestamp()))
    return to
