"""Database and chain compared for a deal: on demand, and before every mint.

Both are looked at in one instant: nothing is mined and nothing confirmed between the first fact and the
last. What is still on its way to the chain is no difference, but only a command with the service's own
seal is on its way: a row that says so proves nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import ChainUnavailable, StateConflict
from issuer.domain.operations import OperationKind
from issuer.domain.reconciliation import Comparison, Reconciliation
from issuer.domain.roles import Act, Actor, authorise
from issuer.onchain.history import history_of
from issuer.services import cash_comparisons, comparisons, holder_comparisons
from issuer.services.comparisons import Sides
from issuer.services.context import Context
from issuer.services.register import follow, synchronise
from issuer.store import deals, evidence

#: A chain on which something is mined during so many attempts is busier than any of ours.
_ATTEMPTS = 25


def reconcile(context: Context, actor: Actor, deal_id: str) -> Reconciliation:
    """Everything that database and chain both know of a deal, side by side."""
    authorise(actor, Act.READ_HOLDERS)
    return look(context, deal_id)


def look(context: Context, deal_id: str) -> Reconciliation:
    """The same for the service itself."""
    for _ in range(_ATTEMPTS):
        last = synchronise(context)
        with context.database.reading() as connection:
            found = _compared(context, connection, deals.get(connection, deal_id), last)
        if found is not None:
            return found
    raise _too_busy()


def require_agreement(context: Context, connection: Connection, deal: Deal) -> None:
    """Refuse while database and chain differ, inside the transaction of the act itself."""
    for _ in range(_ATTEMPTS):
        found = _compared(context, connection, deal, follow(context, connection))
        if found is not None:
            if refusal := found.refusal():
                raise refusal
            return
    raise _too_busy()


def _too_busy() -> ChainUnavailable:
    return ChainUnavailable(
        "the chain never stood still long enough to be compared; try again", code="chain.busy"
    )


def _compared(
    context: Context, connection: Connection, deal: Deal, last: int
) -> Reconciliation | None:
    """The comparison at block `last`; None if that was not the last block throughout."""
    check = Comparison()
    under_way = comparisons.under_way(context, connection, deal.id)
    if (OperationKind.DEPLOY_DEAL, deal.id) in under_way or not deals.address_book(
        connection, deal.id
    ):
        raise StateConflict(
            f"the deal {deal.id!r} has no contracts yet: deploy it first", code="deal.not_deployed"
        )
    comparisons.contracts(context, connection, deal, check)
    # Whoever stands in for a contract could say anything: only the real ones are asked.
    if not check.differences:
        contracts = comparisons.contracts_of(connection, deal)
        history = history_of(context.chain, contracts, last)
        facts = {
            tranche: context.chain.token_facts(token) for tranche, token in contracts.tokens.items()
        }
        admitted = evidence.admitted(connection, deal.id)
        sides = Sides(
            context, connection, deal, contracts, history, facts, admitted, under_way, check
        )
        comparisons.compare(sides)
        holder_comparisons.compare(sides)
        cash_comparisons.compare(sides)
    return check.result(deal.id, last) if context.chain.head()[0] == last else None
