"""Supervision after the decision: events, determinations, suspension and revocation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import StateConflict
from issuer.domain.events import COMPLETION, EventKind, event_kind
from issuer.domain.filing import ADVERSE, Filing, FilingEvent
from issuer.domain.lifecycle import IN_FORCE, MOVES, FilingState, MoveName
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, today
from issuer.store import evidence, filings


def note_event(context: Context, actor: Actor, filing_id: str, code: str) -> Filing:
    """Somebody knows of a reportable event: the filer's days to report it begin.

    A prohibited circumstance suspends a filing in force in the same transaction (NEG-07).
    """
    authorise(actor, Act.NOTE_EVENT)
    kind = event_kind(code)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        _require_notable(filing, code)
        noted = add_event(context, connection, filing, kind, actor.role)
        filings.save(connection, noted)
        enter_event(connection, actor, filing_id, noted.events[-1])
        if kind.prohibited:
            noted = suspend_prohibited(context, connection, noted, code)
    return noted


def enter_event(connection: Connection, actor: Actor, filing_id: str, event: FilingEvent) -> None:
    """Enter in the log what is to be reported, and by when."""
    facts = {"event": event.code, "due_on": event.due_on.isoformat(), **_to_amend(event)}
    log(connection, actor, "note_event", filing_id, facts)


def _to_amend(event: FilingEvent) -> dict[str, str]:
    return {"amend_by": event.amend_by.isoformat()} if event.amend_by else {}


def _require_notable(filing: Filing, code: str) -> None:
    """Events happen to what is published; the completion falls due by closing the offering, only."""
    in_force = IN_FORCE | {FilingState.SUSPENDED}
    if filing.state not in in_force and filing.amendment is None:
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
        amend_by = days_from_today(context, connection, kind)
        reported = states.report_event(filing, code, report_hash, today(connection), amend_by)
        news = len(reported.events) > len(filing.events)
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
        elif (kind.prohibited and news) or _stops_transfers(context, filing):
            reported = suspend_prohibited(context, connection, reported, code)
        elif filing.state is FilingState.ACTIVE:
            reported = states.apply_move(reported, MoveName.REPORT_EVENT, actor.role)
        filings.save(connection, reported)
        event = next(e for e in reported.events if e.report_hash == report_hash and e.code == code)
        facts = {"event": code, "hash": report_hash, **_to_amend(event)}
        log(connection, actor, "report_event", filing_id, facts)
    return reported, operation


def _stops_transfers(context: Context, filing: Filing) -> bool:
    """Whether holders wait while an event is open: on chain only a suspension makes them."""
    return filing.state is FilingState.ACTIVE and not context.regime.transfers_while_event_open


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
        filings.save(connection, replace(due, events=events))


def clear_event(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The regulator has taken note of the reported event.

    A prohibited circumstance it clears wherever the filing stands: while it is being amended as well,
    where no state tells of it (NEG-07).
    """
    authorise(actor, Act.CLEAR_EVENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        if filing.state is FilingState.EVENT_REPORTED or not filing.prohibitions:
            filing = states.apply_move(filing, MoveName.CLEAR_EVENT, actor.role)
        cleared = _cleared(connection, actor, filing)
        filings.save(connection, cleared)
    return cleared


def _cleared(connection: Connection, actor: Actor, filing: Filing) -> Filing:
    """What prohibits it stands no more; entered in the log, which has to bear out the row."""
    day = today(connection)
    log(connection, actor, "clear_event", filing.id, {"day": day.isoformat()})
    return states.clear_prohibitions(filing, day)


def suspend_filing(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The regulator suspends: mint and transfers stop, in the service now and on chain at once."""
    authorise(actor, Act.SUSPEND_FILING)
    return _move(context, actor, filing_id, MoveName.SUSPEND, reason)


def lift_suspension(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The cause is removed, a prohibited circumstance too: the filing is again what it was."""
    authorise(actor, Act.LIFT_SUSPENSION)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        # What the log says counts as well: an erased row is no clearance.
        logged = logged_determination(connection, filing.deal_id)
        if ADVERSE in (filing.security_determination, logged):
            raise StateConflict(
                f"an adverse determination stands against filing {filing_id}; only the authority that"
                " made it can take it back (NEG-02)",
                code="filing.determination_adverse",
            )
        if filing.prohibitions:
            filing = _cleared(connection, actor, filing)
        lifted, operation = move_both(context, connection, actor, filing, MoveName.LIFT, reason)
    return lifted, operation


def revoke_filing(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """Final: nothing is ever minted under this filing again."""
    authorise(actor, Act.REVOKE_FILING)
    return _move(context, actor, filing_id, MoveName.REVOKE, reason)


_ON_CHAIN = {
    MoveName.SUSPEND: (OperationKind.SUSPEND_FILING, "suspend"),
    MoveName.SUSPEND_OVERDUE: (OperationKind.SUSPEND_FILING, "suspend"),
    MoveName.LIFT: (OperationKind.LIFT_SUSPENSION, "lift"),
    MoveName.REVOKE: (OperationKind.REVOKE_FILING, "revoke"),
}


def _move(
    context: Context, actor: Actor, filing_id: str, move: MoveName, reason: str
) -> tuple[Filing, Operation]:
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        moved, operation = move_both(context, connection, actor, filing, move, reason)
    return moved, operation


def move_both(
    context: Context,
    connection: Connection,
    actor: Actor,
    filing: Filing,
    move: MoveName,
    reason: str,
) -> tuple[Filing, Operation]:
    """Move a filing here now, and on chain when the worker gets there."""
    moved = states.apply_move(filing, move, actor.role)
    if move is MoveName.REVOKE:
        moved = replace(moved, ended_because=reason)
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

    It is the issuance that endangers it: the finding is on every filing of the deal, those to come as
    well. An adverse one suspends what is in force in the same transaction (NEG-07).
    """
    authorise(actor, Act.DETERMINE_SECURITY)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        log(connection, actor, "determine_security", filing_id, {"determination": determination})
        for each in filings.of_deal(connection, filing.deal_id):
            found = replace(each, security_determination=determination)
            filings.save(connection, found)
            if determination == ADVERSE:
                suspend_prohibited(context, connection, found, "NEG-02")
        return filings.get(connection, filing_id)


def logged_determination(connection: Connection, deal_id: str) -> str | None:
    """What the audit log says another authority last determined, on whichever filing of the deal."""
    of_deal = [each.id for each in filings.of_deal(connection, deal_id)]
    logged = evidence.last_act(connection, "determine_security", of_deal)
    return logged["determination"] if logged else None


def suspend_prohibited(
    context: Context, connection: Connection, filing: Filing, reason: str
) -> Filing:
    """A prohibited circumstance has arisen: what is in force is suspended in the same transaction.

    By the service in the regulator's stead, so that only the regulator can lift it (NEG-07).
    """
    if filing.state not in MOVES[MoveName.SUSPEND].origins:
        return filing
    regulator = Actor(Role.REGULATOR, "service")
    suspended, _ = move_both(context, connection, regulator, filing, MoveName.SUSPEND, reason)
    return suspended
