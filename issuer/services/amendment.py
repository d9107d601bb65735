"""Amending what was published: under review again, and nothing minted meanwhile (FIL-13, FIL-14)."""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import AMENDABLE
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import supplements_are_answered_in_time
from issuer.domain.rulebook.rule import require
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, today
from issuer.services.dossier import clock_case, require_prepared
from issuer.services.keeping import SERVICE, keep
from issuer.store import filings


def amend_filing(context: Context, actor: Actor, filing_id: str) -> tuple[Filing, Operation]:
    """The filer submits the version it has prepared of what was published: nothing is minted, here or
    on chain, until the regulator has decided (FIL-13).
    """
    authorise(actor, Act.AMEND_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        version = filings.next_version(connection, filing_id)
        amended = states.amend(filing, version, today(connection))
        require_prepared(context, connection, amended, version, f"amending filing {filing_id}")
        filings.mark_submitted(connection, filing_id, version, today(connection))
        operation = enqueue(
            context,
            connection,
            OperationKind.BEGIN_AMENDMENT,
            filing.deal_id,
            filing_id,
            [commands.begin_amendment(filing_id)],
        )
        day = today(connection).isoformat()
        facts = {"version": version, "day": day, "operation": operation.id}
        keep(connection, actor, "amend_filing", amended, facts)
    return amended, operation


def cancel_amendment(context: Context, actor: Actor, filing_id: str) -> tuple[Filing, Operation]:
    """The filer takes its amendment back: the filing is again what it was.

    Not once a supplement is overdue: that would be a way round what follows from it (FIL-07).
    """
    authorise(actor, Act.AMEND_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        cancelled = states.cancel_amendment(filing)
        in_time = clock_case(context, connection, filing)
        act = f"cancelling the amendment of filing {filing_id}"
        require(act, (supplements_are_answered_in_time,), in_time)
        operation = enqueue(
            context,
            connection,
            OperationKind.CANCEL_AMENDMENT,
            filing.deal_id,
            filing_id,
            [commands.cancel_amendment(filing_id)],
            {"before": filings.as_row(filing)},
        )
        facts = {"version": cancelled.version, "operation": operation.id}
        keep(connection, actor, "cancel_amendment", cancelled, facts)
    return cancelled, operation


# ---- what follows from the chain's answer


def amendment_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not begin the amendment: the filing is what it was."""
    filing = filings.get(connection, operation.subject)
    facts = {"operation": operation.id}
    keep(connection, SERVICE, "undo_amendment", states.undo_amendment(filing), facts)


def cancellation_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not go back to what was approved: the filing is still being amended."""
    filing = filings.get(connection, operation.subject)
    if filing.state in AMENDABLE:
        before = filings.from_row({"id": filing.id, **operation.detail["before"]})
        facts = {"operation": operation.id}
        undone = states.undo_cancellation(filing, before)
        keep(connection, SERVICE, "undo_cancellation", undone, facts)
