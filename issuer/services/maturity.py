"""The end of a deal: every note is repaid, the filing is closed on chain and then here."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import FilingState, MoveName
from issuer.domain.money import format_micro
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.payment import DistributionState
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.waterfall.needs import written_up_in
from issuer.domain.winding_up import left_over
from issuer.onchain import commands
from issuer.services.context import Context, address_book, enqueue
from issuer.services.keeping import SERVICE, keep
from issuer.services.winding_up import require_nothing_under_way
from issuer.store import books, cash, deals, filings


def mature_filing(context: Context, actor: Actor, filing_id: str) -> tuple[Filing, Operation]:
    """Every tranche is paid: nothing is minted or transferred any more, for good."""
    authorise(actor, Act.MATURE_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        matured = states.apply_move(filing, MoveName.MATURE, actor.role)
        _require_repaid(context, connection, deals.get(connection, filing.deal_id))
        operation = enqueue(
            context,
            connection,
            OperationKind.CLOSE_FILING,
            filing.deal_id,
            filing_id,
            [commands.close_filing(filing_id)],
            {"state": filing.state.value},
        )
        keep(connection, actor, "mature_filing", matured, {"operation": operation.id})
    return matured, operation


def _require_repaid(context: Context, connection: Connection, deal: Deal) -> None:
    """By the tokens themselves, and no payment is on its way.

    What was written down is not repaid where the terms write it up again, until the last payment.
    """
    book = address_book(connection, deal.id)
    tokens = {
        tranche.id: context.chain.token_facts(book[commands.token_name(tranche.id)])
        for tranche in deal.tokenised
    }
    done = cash.distributions(connection, deal.id)
    outstanding = {
        name: facts.outstanding_per_unit_micro
        for name, facts in tokens.items()
        if facts.outstanding_per_unit_micro
    }
    over = len(done) == deal.schedule.payments
    written_up = frozenset() if over else written_up_in(deal.structure)
    written_down = {
        name: facts.written_down_per_unit_micro
        for name, facts in tokens.items()
        if name in written_up and facts.written_down_per_unit_micro
    }
    unpaid = [each.id for each in done if each.state is not DistributionState.PAID]
    if outstanding or written_down or unpaid:
        raise StateConflict(
            f"the notes of {deal.id} are not repaid: a filing matures when every tranche is, and what was"
            " written down of one may be written up until the last payment",
            code="filing.notes_outstanding",
            outstanding_per_unit_micro={name: str(each) for name, each in outstanding.items()},
            written_down_per_unit_micro={name: str(each) for name, each in written_down.items()},
            unpaid_distributions=unpaid,
        )


def close_filing(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The filing is over, once the chain has said so too and nobody's money is left."""
    authorise(actor, Act.CLOSE_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        closed = states.apply_move(filing, MoveName.CLOSE, actor.role)
        require_nothing_under_way(connection, filing.deal_id, filing_id)
        _require_empty(connection, filing)
        keep(connection, actor, "close_filing", closed, {})
    return closed


def _require_empty(connection: Connection, filing: Filing) -> None:
    left = left_over(books.balances(connection, filing.deal_id))
    if left:
        told = ", ".join(f"{account} {format_micro(amount)}" for account, amount in left.items())
        raise StateConflict(
            f"money of {filing.deal_id} is left: {told}. Cure: the paying agent makes the final payment,"
            " and releases what is set aside once its investor is cleared",
            code="filing.money_left",
            left_micro={account: str(amount) for account, amount in left.items()},
        )


def closing_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not close the filing: it is what it was."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.MATURED:
        before = FilingState(operation.detail["state"])
        undone = replace(filing, state=before)
        keep(connection, SERVICE, "undo_maturity", undone, {"operation": operation.id})
