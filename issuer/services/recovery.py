"""A lost wallet: its investor keeps what is its own in a fresh one.

Three hands are needed: enforcement freezes the lost wallet, the registrar moves the investor, and
enforcement clears it. So neither office alone can carry anybody's units away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from issuer.domain.errors import StateConflict
from issuer.domain.investor import InvestorStatus
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.investor_rules import WALLET_RULES
from issuer.domain.rulebook.rule import require
from issuer.onchain import commands
from issuer.services.context import Context, address_book, enqueue, log
from issuer.services.onboarding import case_of_admitted, require_free_wallet
from issuer.services.register import follow
from issuer.store import deals, investors, outbox
from issuer.store.investors import Registered


def recover_wallet(
    context: Context,
    actor: Actor,
    investor_id: str,
    fresh: str,
    order_hash: str,
    wallet_proof: str | None,
) -> tuple[Registered, Sequence[Operation]]:
    """Move an investor to a fresh wallet, in every deal that has admitted it.

    The chain is asked first, of every deal: it knows which wallets were given up, and nothing is moved
    in one deal that another would refuse.
    """
    authorise(actor, Act.RECOVER_WALLET)
    with context.database.writing() as connection:
        follow(context, connection)
        known = investors.get(connection, investor_id)
        _require_frozen(known)
        _require_not_under_way(connection, investor_id)
        moved = replace(known.investor, wallet=fresh, wallet_proof=wallet_proof)
        require_free_wallet(connection, moved)
        command = commands.recover(known.investor, fresh, order_hash)
        of_deals = investors.deals_of(connection, investor_id)
        for deal_id in of_deals:
            deal = deals.get(connection, deal_id)
            case = case_of_admitted(context, connection, deal, known.investor, moved)
            require(f"recovering the wallet of {investor_id}", WALLET_RULES, case)
            context.chain.try_command(command, address_book(connection, deal_id))
        kind = OperationKind.RECOVER_WALLET
        operations = [
            enqueue(context, connection, kind, deal_id, investor_id, [command])
            for deal_id in of_deals
        ]
        facts = {
            "lost": known.investor.wallet,
            "fresh": fresh,
            "order_hash": order_hash,
            # The register takes it from here when the chain says that the wallet has moved.
            "wallet_proof": wallet_proof,
        }
        log(connection, actor, kind.value, investor_id, facts)
    return known, operations


def wallet_recovered(context: Context, connection: Connection, _: Operation) -> None:
    """The register of investors learns of it as of a recovery by anybody else: from the event."""
    follow(context, connection)


# ---- helpers


def _require_frozen(known: Registered) -> None:
    if known.status is not InvestorStatus.FROZEN:
        raise StateConflict(
            f"{known.investor.id} is {known.status}: whoever has found its wallet could empty it"
            " meanwhile. Cure: have enforcement freeze the investor first"
            f" (POST /v1/investors/{known.investor.id}/freeze)",
            code="investor.wallet_not_frozen",
            investor=known.investor.id,
        )


def _require_not_under_way(connection: Connection, investor_id: str) -> None:
    if outbox.any_pending(connection, OperationKind.RECOVER_WALLET, subject=investor_id):
        raise StateConflict(
            f"a recovery of {investor_id} is under way: wait until the chain has answered",
            code="investor.recovering",
            investor=investor_id,
        )
