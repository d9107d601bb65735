"""Reportable events: noted by whoever knows of them, reported by the filer, cleared by the regulator.

An event is open from the day somebody notes it until the regulator clears it. The state tells of those
that are reported; where the regime lets holders wait for open events, both kinds suspend.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import StateConflict
from issuer.domain.events import COMPLETION, EventKind, event_kind
from issuer.domain.filing import Filing, FilingEvent
from issuer.domain.lifecycle import IN_FORCE, MOVES, FilingState, MoveName
from issuer.domain.operations import Operation
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.ways import way_to
from issuer.services import supervision
from issuer.services.context import Context, log, today
from issuer.services.keeping import SERVICE, keep
from issuer.store import filings

_HAPPEN_IN = IN_FORCE | {FilingState.SUSPENDED}


def note_event(context: Context, actor: Actor, filing_id: str, code: str) -> Filing:
    """Somebody knows of a reportable event: the filer's days to report it begin.

    A prohibited circumstance suspends a filing in force in the same transaction (NEG-07).
    """
    authorise(actor, Act.NOTE_EVENT)
    kind = event_kind(code)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        _require_notable(filing, code)
        return enter_event(context, connection, actor, filing, kind)


def enter_event(
    context: Context,
    connection: Connection,
    actor: Actor,
    filing: Filing,
    kind: EventKind,
    about: str | None = None,
) -> Filing:
    """Put an event on the filing and in the log, with what follows from it at once."""
    noted = add_event(context, connection, filing, kind, actor.role, about)
    keep(connection, actor, "note_event", noted, _noted(noted.events[-1]))
    if kind.prohibited or supervision.holders_wait(context, noted):
        noted = supervision.suspend_at_once(context, connection, noted, kind.code)
    return noted


def log_event(connection: Connection, actor: Actor, filing_id: str, event: FilingEvent) -> None:
    """Enter in the log what is to be reported, and by when."""
    log(connection, actor, "note_event", filing_id, _noted(event))


def _noted(event: FilingEvent) -> dict[str, str]:
    return {"event": event.code, "due_on": event.due_on.isoformat(), **_to_amend(event)}


def _to_amend(event: FilingEvent) -> dict[str, str]:
    return {"amend_by": event.amend_by.isoformat()} if event.amend_by else {}


def _is_unreported(filing: Filing, code: str) -> bool:
    return any(each.code == code and each.reported_on is None for each in filing.events)


def _require_notable(filing: Filing, code: str) -> None:
    """The completion falls due by closing the offering, only."""
    _require_published(filing, "note_event", "noted")
    if code == COMPLETION or _is_unreported(filing, code):
        raise StateConflict(
            f"{code} is open already, or falls due by itself",
            code="filing.event_open",
            event=code,
        )


def _require_published(filing: Filing, move: str, done: str) -> None:
    """Events happen to what is published and not over; being amended, it still is."""
    if filing.state not in _HAPPEN_IN and filing.amendment is None:
        origins = sorted(_HAPPEN_IN)
        raise StateConflict(
            f"filing {filing.id} is {filing.state}; events are {done} while it is"
            f" {', '.join(origins)}, or amended. {way_to(filing, origins)}",
            code="filing.illegal_move",
            move=move,
            state=filing.state.value,
            allowed_from=origins,
        )


def days_from_today(context: Context, connection: Connection, kind: EventKind) -> date:
    """Until when such an event, known today, is reported."""
    days = getattr(context.regime, kind.days)
    day = today(connection)
    return context.prc_calendar.add_business_days(day, days, allow_projected=True).date


def add_event(
    context: Context,
    connection: Connection,
    filing: Filing,
    kind: EventKind,
    role: Role,
    about: str | None = None,
) -> Filing:
    """Put an event on the filing, due in the working days of its kind."""
    due_on = days_from_today(context, connection, kind)
    return states.note_event(filing, kind.code, role, today(connection), due_on, about)


# ---- reports


def report_event(
    context: Context, actor: Actor, filing_id: str, code: str, report: str
) -> tuple[Filing, Operation | None]:
    """The filer reports. The completion report (EV-01) makes the deal active, here and on chain."""
    authorise(actor, Act.REPORT_EVENT)
    kind = event_kind(code)
    report_hash = "0x" + hashlib.sha256(report.encode()).hexdigest()
    operation = None
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        _require_reportable(filing, code)
        amend_by = days_from_today(context, connection, kind)
        reported = states.report_event(filing, code, report_hash, today(connection), amend_by)
        news = len(reported.events) > len(filing.events)
        event = next(e for e in reported.events if e.report_hash == report_hash and e.code == code)
        facts = {"event": code, "hash": report_hash, **_to_amend(event)}
        if (kind.prohibited and news) or supervision.holders_wait(context, reported):
            keep(connection, actor, "report_event", reported, facts)
            return supervision.suspend_at_once(context, connection, reported, code), None
        if code == COMPLETION and reported.state is not FilingState.SUSPENDED:
            reported = states.apply_move(reported, MoveName.REPORT_COMPLETION, actor.role)
            operation = supervision.report_on_chain(context, connection, reported)
        reported = states.follow_events(reported)
        keep(connection, actor, "report_event", reported, facts)
    return reported, operation


def _require_reportable(filing: Filing, code: str) -> None:
    """What was noted is owed until it is reported, wherever the filing has come to since."""
    if code == COMPLETION:
        _require_completion_due(filing)
    elif not _is_unreported(filing, code):
        _require_published(filing, "report_event", "reported")


def _require_completion_due(filing: Filing) -> None:
    """Late is accepted too: also while the filing is suspended for being late (FIL-11)."""
    move, origins = MoveName.REPORT_COMPLETION, MOVES[MoveName.REPORT_COMPLETION].origins
    if (filing.suspended_in or filing.state) not in origins:
        raise StateConflict(
            f"filing {filing.id} is {filing.state}; {move} is allowed from"
            f" {', '.join(sorted(origins))}, and while it is suspended there. {way_to(filing, origins)}",
            code="filing.illegal_move",
            move=move.value,
            state=filing.state.value,
            allowed_from=sorted(origins),
        )
    if filing.is_completion_reported:
        raise StateConflict(
            f"the completion of {filing.id} is reported; the deal is active once the suspension is"
            " lifted",
            code="filing.event_reported",
            event=COMPLETION,
        )


#: What only a reported issuance leads to.
_AFTER_REPORT = frozenset({FilingState.ACTIVE, FilingState.EVENT_REPORTED})


def completion_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the report: it is still due."""
    filing = filings.get(connection, operation.subject)
    due = states.take_back(filing, _AFTER_REPORT, FilingState.ISSUED_REPORT_DUE)
    if due != filing:
        events = tuple(
            replace(e, reported_on=None, report_hash=None) if e.code == COMPLETION else e
            for e in filing.events
        )
        undone = replace(due, events=events)
        keep(connection, SERVICE, "undo_completion", undone, {"operation": operation.id})


# ---- clearance


def clear_event(context: Context, actor: Actor, filing_id: str, code: str | None) -> Filing:
    """The regulator closes a matter: the oldest open one of this code, or with None all it may.

    It takes note of what is reported; a prohibited circumstance it clears before as well (NEG-07).
    Wherever the filing stands: a state tells of events only when the deal is active.
    """
    authorise(actor, Act.CLEAR_EVENT)
    if code is not None:
        event_kind(code)  # an unknown code is refused by name
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        to_clear = _to_clear(filing, code)
        return supervision.clear(connection, actor, filing, to_clear)


def _to_clear(filing: Filing, code: str | None) -> tuple[FilingEvent, ...]:
    named = [each for each in filing.open_events if code in (None, each.code)]
    ready = tuple(e for e in named if e.reported_on or event_kind(e.code).prohibited)
    if not named:
        still = sorted({each.code for each in filing.open_events})
        raise StateConflict(
            f"filing {filing.id} has no open event {code or ''}".rstrip()
            + (f"; open are {', '.join(still)}" if still else ""),
            code="filing.event_not_open",
            event=code,
            open=still,
        )
    if not ready:
        codes = sorted({each.code for each in named})
        raise StateConflict(
            f"{', '.join(codes)} is not reported yet: the filer reports it, then it is cleared",
            code="filing.event_unreported",
            events=codes,
        )
    return ready if code is None else ready[:1]
