"""Supervision after the decision: suspension and its lift, revocation, determinations."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import StateConflict
from issuer.domain.filing import ADVERSE, Filing, FilingEvent
from issuer.domain.lifecycle import MOVES, TRANSFERABLE, FilingState, MoveName
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.clock_rules import ClockCase
from issuer.domain.rulebook.event_rules import EVENT_RULES
from issuer.domain.rulebook.rule import require
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, today
from issuer.services.keeping import keep
from issuer.store import evidence, filings


def suspend_filing(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The regulator suspends: mint and transfers stop, in the service now and on chain at once."""
    authorise(actor, Act.SUSPEND_FILING)
    return _move(context, actor, filing_id, MoveName.SUSPEND, reason)


def lift_suspension(
    context: Context, actor: Actor, filing_id: str, reason: str
) -> tuple[Filing, Operation]:
    """The cause is removed, a prohibited circumstance too: the filing is again what it was.

    Or what reports have made of it meanwhile: a late completion report goes on chain now, after the lift.
    """
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
            filing = clear(connection, actor, filing, filing.prohibitions)
        _require_cause_removed(context, connection, filing)
        lifted, operation = move_both(context, connection, actor, filing, MoveName.LIFT, reason)
        if filing.suspended_in in _REPORT_DUE and lifted.state in TRANSFERABLE:
            report_on_chain(context, connection, lifted)
    return lifted, operation


_REPORT_DUE = MOVES[MoveName.REPORT_COMPLETION].origins


def _require_cause_removed(context: Context, connection: Connection, filing: Filing) -> None:
    """A report that is late, or an event that holders wait for, would suspend it again at once."""
    if filing.state is not FilingState.SUSPENDED:
        return
    act = f"lifting the suspension of filing {filing.id}"
    case = ClockCase(filing, today(connection), context.prc_calendar, context.regime)
    require(act, EVENT_RULES, case)
    if holders_wait(context, states.apply_move(filing, MoveName.LIFT, Role.REGULATOR)):
        codes = sorted({each.code for each in filing.open_events})
        raise StateConflict(
            f"holders wait while an event is open (transfers_while_event_open), and {', '.join(codes)}"
            f" of filing {filing.id} is not cleared: clear it, and the suspension can be lifted",
            code="filing.event_open",
            events=codes,
        )


def holders_wait(context: Context, filing: Filing) -> bool:
    """Whether transfers are to stop for an open event: on chain only a suspension stops them.

    A completion report would open them, and so counts as if it had.
    """
    if context.regime.transfers_while_event_open or not filing.open_events:
        return False
    reported = filing.state in _REPORT_DUE and filing.is_completion_reported
    return reported or filing.state in TRANSFERABLE


def clear(
    connection: Connection, actor: Actor, filing: Filing, events: tuple[FilingEvent, ...]
) -> Filing:
    """Close these matters, and enter them in the log, which has to bear out the row."""
    day = today(connection)
    cleared = [f"{each.code} due {each.due_on.isoformat()}" for each in events]
    following = states.clear_events(filing, events, day)
    facts = {"day": day.isoformat(), "cleared": cleared}
    keep(connection, actor, "clear_event", following, facts)
    return following


def report_on_chain(context: Context, connection: Connection, filing: Filing) -> Operation:
    """The filer's key reports the completion on chain: transfers open there."""
    report = filing.completion.report_hash if filing.completion else None
    return enqueue(
        context,
        connection,
        OperationKind.REPORT_COMPLETION,
        filing.deal_id,
        filing.id,
        [commands.report_issuance(filing.id, report or "")],
    )


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
    kind, function = _ON_CHAIN[move]
    operation = enqueue(
        context,
        connection,
        kind,
        filing.deal_id,
        filing.id,
        [commands.move_filing(filing.id, function)],
    )
    facts = {"reason": reason, "operation": operation.id}
    keep(connection, actor, move.value, moved, facts)
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
        for each in filings.of_deal(connection, filing.deal_id):
            found = replace(each, security_determination=determination)
            facts = {"determination": determination}
            keep(connection, actor, "determine_security", found, facts)
            if determination == ADVERSE:
                suspend_at_once(context, connection, found, "NEG-02")
        return filings.get(connection, filing_id)


def logged_determination(connection: Connection, deal_id: str) -> str | None:
    """What the audit log says another authority last determined, on whichever filing of the deal."""
    of_deal = [each.id for each in filings.of_deal(connection, deal_id)]
    logged = evidence.last_act(connection, "determine_security", of_deal)
    return logged["determination"] if logged else None


def suspend_at_once(
    context: Context, connection: Connection, filing: Filing, reason: str
) -> Filing:
    """For a prohibited circumstance, or an event that holders wait for: in the same transaction.

    By the service in the regulator's stead, so that only the regulator can lift it (NEG-07).
    """
    if filing.state not in MOVES[MoveName.SUSPEND].origins:
        return filing
    regulator = Actor(Role.REGULATOR, "service")
    suspended, _ = move_both(context, connection, regulator, filing, MoveName.SUSPEND, reason)
    return suspended
