"""Supervision after the decision: events, suspension, revocation and time-outs."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sqlalchemy import Connection

from issuer.domain import filing as states
from issuer.domain.errors import StateConflict
from issuer.domain.filing import MOVES, Filing, FilingEvent, FilingState, MoveName
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, today, utc_day
from issuer.store import evidence, filings

COMPLETION = "EV-01"


def note_event(context: Context, actor: Actor, filing_id: str, code: str) -> Filing:
    """Somebody knows of a reportable event: the filer's days to report it begin."""
    authorise(actor, Act.NOTE_EVENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        _require_notable(filing, code)
        noted = add_event(
            context, connection, filing, code, actor.role, context.regime.event_report_days
        )
        filings.save(connection, noted)
        enter_event(connection, actor, filing_id, noted.events[-1])
    return noted


def enter_event(connection: Connection, actor: Actor, filing_id: str, event: FilingEvent) -> None:
    """Enter in the log what is to be reported, and by when."""
    facts = {"event": event.code, "due_on": event.due_on.isoformat()}
    log(connection, actor, "note_event", filing_id, facts)


def _require_notable(filing: Filing, code: str) -> None:
    """Events happen to filings in force; the completion falls due by closing the offering, only."""
    in_force = MOVES[MoveName.SUSPEND].origins | {FilingState.SUSPENDED}
    if filing.state not in in_force:
        raise StateConflict(
            f"filing {filing.id} is {filing.state}; events are noted while it is in force",
            code="filing.illegal_move",
            move="note_event",
            state=filing.state.value,
            allowed_from=sorted(in_force),
        )
    if code == COMPLETION or any(e.code == code and e.reported_on is None for e in filing.events):
        raise StateConflict(
            f"{code} is open already, or falls due by itself",
            code="filing.event_open",
            event=code,
        )


def add_event(
    context: Context, connection: Connection, filing: Filing, code: str, role: Role, days: int
) -> Filing:
    """Put an event on the filing, due in so many PRC working days."""
    day = today(connection)
    due = context.prc_calendar.add_business_days(day, days, allow_projected=True)
    return states.note_event(filing, code, role, day, due.date)


def report_event(
    context: Context, actor: Actor, filing_id: str, code: str, report: str
) -> tuple[Filing, Operation | None]:
    """The filer reports. The completion report (EV-01) makes the deal active, here and on chain."""
    authorise(actor, Act.REPORT_EVENT)
    report_hash = "0x" + hashlib.sha256(report.encode()).hexdigest()
    operation = None
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        reported = states.report_event(filing, code, report_hash, today(connection))
        if code == COMPLETION:
            reported = states.apply_move(reported, MoveName.REPORT_COMPLETION, actor.role)
            operation = enqueue(
                context,
                connection,
                OperationKind.REPORT_COMPLETION,
                filing.deal_id,
                filing_id,
                [commands.report_issuance(filing_id, report_hash)],
            )
        elif filing.state is FilingState.ACTIVE:
            reported = states.apply_move(reported, MoveName.REPORT_EVENT, actor.role)
        filings.save(connection, reported)
        log(connection, actor, "report_event", filing_id, {"event": code, "hash": report_hash})
    return reported, operation


def completion_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the report: it is still due."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.ACTIVE:
        events = tuple(
            replace(e, reported_on=None, report_hash=None) if e.code == COMPLETION else e
            for e in filing.events
        )
        due = replace(filing, state=FilingState.ISSUED_REPORT_DUE, events=events)
        filings.save(connection, due)


def clear_event(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The regulator has taken note of the reported event."""
    authorise(actor, Act.CLEAR_EVENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        cleared = states.apply_move(filing, MoveName.CLEAR_EVENT, actor.role)
        filings.save(connection, cleared)
        log(connection, actor, "clear_event", filing_id, {})
    return cleared


def suspend_filing(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The regulator suspends: mint and transfers stop, in the service now and on chain at once."""
    authorise(actor, Act.SUSPEND_FILING)
    return _move_both(context, actor, filing_id, MoveName.SUSPEND, reason)


def lift_suspension(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The cause is removed: the filing is again what it was."""
    authorise(actor, Act.LIFT_SUSPENSION)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        # What the log says counts as well: an erased row is no clearance.
        logged = logged_determination(connection, filing_id)
        if "ADVERSE" in (filing.security_determination, logged):
            raise StateConflict(
                f"an adverse determination stands against filing {filing_id}; only the authority that"
                " made it can take it back (NEG-02)",
                code="filing.determination_adverse",
            )
        lifted, operation = _move(context, connection, actor, filing, MoveName.LIFT, reason)
    return lifted, operation


def revoke_filing(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """Final: nothing is ever minted under this filing again."""
    authorise(actor, Act.REVOKE_FILING)
    return _move_both(context, actor, filing_id, MoveName.REVOKE, reason)


_ON_CHAIN = {
    MoveName.SUSPEND: (OperationKind.SUSPEND_FILING, "suspend"),
    MoveName.SUSPEND_OVERDUE: (OperationKind.SUSPEND_FILING, "suspend"),
    MoveName.LIFT: (OperationKind.LIFT_SUSPENSION, "lift"),
    MoveName.REVOKE: (OperationKind.REVOKE_FILING, "revoke"),
}


def _move_both(
    context: Context, actor: Actor, filing_id: str, move: MoveName, reason: str
) -> tuple[Filing, Operation]:
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        moved, operation = _move(context, connection, actor, filing, move, reason)
    return moved, operation


def _move(
    context: Context,
    connection: Connection,
    actor: Actor,
    filing: Filing,
    move: MoveName,
    reason: str,
) -> tuple[Filing, Operation]:
    moved = states.apply_move(filing, move, actor.role)
    filings.save(connection, moved)
    kind, function = _ON_CHAIN[move]
    operation = enqueue(
        context,
        connection,
        kind,
        filing.deal_id,
        filing.id,
        [commands.move_filing(filing.id, function)],
    )
    log(connection, actor, move.value, filing.id, {"reason": reason, "operation": operation.id})
    return moved, operation


def determine_security(
    context: Context, actor: Actor, filing_id: str, determination: str
) -> Filing:
    """Another authority determines whether national security is endangered (NEG-02).

    An adverse finding on a filing in force suspends it in the same transaction (NEG-07).
    """
    authorise(actor, Act.DETERMINE_SECURITY)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        found = replace(filing, security_determination=determination)
        filings.save(connection, found)
        log(connection, actor, "determine_security", filing_id, {"determination": determination})
        suspendable = MOVES[MoveName.SUSPEND].origins
        if determination == "ADVERSE" and filing.state in suspendable:
            found = suspend_adverse(context, connection, found)
    return found


def logged_determination(connection: Connection, filing_id: str) -> str | None:
    """What the audit log says another authority last determined."""
    logged = evidence.last_act(connection, "determine_security", filing_id)
    return logged["determination"] if logged else None


def suspend_adverse(context: Context, connection: Connection, filing: Filing) -> Filing:
    """A prohibited circumstance has arisen: the filing is suspended in the same transaction."""
    regulator = Actor(Role.REGULATOR, "service")
    suspended, _ = _move(context, connection, regulator, filing, MoveName.SUSPEND, "NEG-02")
    return suspended


def enforce_deadlines(context: Context, actor: Actor, filing_id: str) -> Filing:
    """Carry out the time-out that has passed, whoever points at it; refused if none has."""
    authorise(actor, Act.ENFORCE_DEADLINES)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        move = _passed_deadline(connection, filing)
        if move is None:
            raise StateConflict(
                f"no deadline of filing {filing_id} has passed", code="filing.no_deadline_passed"
            )
        if move is MoveName.SUSPEND_OVERDUE:
            moved, _ = _move(context, connection, actor, filing, move, "overdue report")
        else:
            moved = states.apply_move(filing, move, actor.role)
            filings.save(connection, moved)
            log(connection, actor, move.value, filing_id, {})
    return moved


def _passed_deadline(connection: Connection, filing: Filing) -> MoveName | None:
    day = today(connection)
    if filing.supplement is not None and day > filing.supplement.due_on:
        return MoveName.TIME_OUT_SUPPLEMENT
    expiring = filing.state in MOVES[MoveName.EXPIRE].origins
    if expiring and filing.approval and utc_day(connection) >= filing.approval.valid_until:
        return MoveName.EXPIRE
    suspendable = filing.state in MOVES[MoveName.SUSPEND_OVERDUE].origins
    if suspendable and filing.overdue_events(day):
        return MoveName.SUSPEND_OVERDUE
    return None
