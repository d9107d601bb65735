"""Time-outs: a deadline binds everybody alike, so anybody may point at one that has passed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import StateConflict
from issuer.domain.events import DEFAULT, EVENTS
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import MOVES, FilingState, MoveName
from issuer.domain.payment import DistributionState
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import (
    PaymentCase,
    payments_are_made_within_grace,
    supplements_are_answered_in_time,
)
from issuer.domain.rulebook.rule import examine
from issuer.services import events, review, supervision
from issuer.services.collections import periods_of
from issuer.services.context import Context, today, utc_day
from issuer.services.dossier import clock_case
from issuer.services.keeping import keep
from issuer.store import cash, deals, filings

#: Notes are out, and payments on them fall due.
_NOTES_OUT = frozenset(
    {
        FilingState.ISSUED_REPORT_DUE,
        FilingState.ACTIVE,
        FilingState.EVENT_REPORTED,
        FilingState.SUSPENDED,
    }
)


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
    """SET-12: not paid when the days of grace have ended, which is an event to report."""
    if filing.state not in _NOTES_OUT:
        return None
    known = {event.about for event in filing.events if event.code == DEFAULT}
    for case in _payments(context, connection, filing):
        if case.distribution in known or not examine((payments_are_made_within_grace,), case):
            continue
        kind = EVENTS[DEFAULT]
        return events.enter_event(context, connection, actor, filing, kind, case.distribution)
    return None


def _payments(context: Context, connection: Connection, filing: Filing) -> Iterator[PaymentCase]:
    """What has fallen due; nothing does any more when the notes are repaid."""
    deal, day = deals.get(connection, filing.deal_id), today(connection)
    done = [
        each
        for each in cash.distributions(connection, deal.id)
        if each.state is DistributionState.PAID
    ]
    if done and not any(each.outstanding_after_micro for each in done[-1].figures.per_unit):
        return
    paid = {each.period for each in done}
    for period in periods_of(deal):
        if period.payment <= day:
            yield PaymentCase(
                f"{deal.id}-d{period.number}",
                period.payment,
                period.number in paid,
                day,
                context.prc_calendar,
                context.regime,
            )


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
