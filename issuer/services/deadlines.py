"""Time-outs: a deadline binds everybody alike, so anybody may point at one that has passed."""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import StateConflict
from issuer.domain.events import DEFAULT, EVENTS
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import MOVES, MoveName
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import (
    payments_are_made_within_grace,
    supplements_are_answered_in_time,
)
from issuer.domain.rulebook.rule import examine
from issuer.services import events, review, supervision
from issuer.services.context import Context, today, utc_day
from issuer.services.dossier import clock_case
from issuer.services.due import payments_due
from issuer.services.keeping import keep
from issuer.store import filings


def enforce_deadlines(context: Context, actor: Actor, filing_id: str) -> Filing:
    """Carry out the time-out that has passed, whoever points at it; refused if none has."""
    authorise(actor, Act.ENFORCE_DEADLINES)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        for carry_out in (_supplement, _expiry, _grace, _overdue):
            moved = carry_out(context, connection, actor, filing)
            if moved is not None:
                return moved
    raise StateConflict(
        f"no deadline of filing {filing_id} has passed", code="filing.no_deadline_passed"
    )


def _supplement(
    context: Context, connection: Connection, actor: Actor, filing: Filing
) -> Filing | None:
    """FIL-07: not answered in time."""
    case = clock_case(context, connection, filing)
    if not examine((supplements_are_answered_in_time,), case):
        return None
    reason = "the supplement was not answered in time"
    move = MoveName.TIME_OUT_SUPPLEMENT
    return review.end_review(context, connection, actor, filing, move, reason)


def _expiry(_: Context, connection: Connection, actor: Actor, filing: Filing) -> Filing | None:
    """FIL-14: not issued within the validity, which ends with the contracts' day."""
    expiring = filing.state in MOVES[MoveName.EXPIRE].origins
    if not (expiring and filing.approval and utc_day(connection) >= filing.approval.valid_until):
        return None
    expired = states.apply_move(filing, MoveName.EXPIRE, actor.role)
    keep(connection, actor, MoveName.EXPIRE.value, expired, {})
    return expired


def _grace(context: Context, connection: Connection, actor: Actor, filing: Filing) -> Filing | None:
    """SET-12: not paid when the days of grace have ended, each of which is an event to report."""
    known = {event.about for event in filing.events if event.code == DEFAULT}
    moved = None
    for case in payments_due(context, connection, filing):
        if case.distribution in known or not examine((payments_are_made_within_grace,), case):
            continue
        kind, about = EVENTS[DEFAULT], case.distribution
        moved = events.enter_event(context, connection, actor, moved or filing, kind, about)
    return moved


def _overdue(
    context: Context, connection: Connection, actor: Actor, filing: Filing
) -> Filing | None:
    """FIL-11, FIL-12, FIL-13: a report or an amendment is late."""
    day = today(connection)
    late = [event.code for event in filing.overdue_events(day)]
    to_amend = [event.code for event in filing.overdue_amendments(day)]
    if filing.state not in MOVES[MoveName.SUSPEND_OVERDUE].origins or not (late or to_amend):
        return None
    reason = "; ".join(
        f"overdue {what}: {', '.join(codes)}"
        for what, codes in (("report", late), ("amendment", to_amend))
        if codes
    )
    move = MoveName.SUSPEND_OVERDUE
    suspended, _ = supervision.move_both(context, connection, actor, filing, move, reason)
    return suspended
