"""Transfers: investors make them with keys of their own, on chain; here they can ask beforehand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import ChainRefused, NotPermitted
from issuer.domain.roles import Act, Actor, Role, may
from issuer.domain.rulebook.transfer_rules import (
    TRANSFER_RULES,
    HoldingTerms,
    Party,
    TransferCase,
)
from issuer.onchain import commands
from issuer.services.context import Context, address_book, utc_day
from issuer.services.offering import require_token
from issuer.services.verdicts import Inquiry, Verdict, dry_run
from issuer.store import deals, filings, investors


@dataclass(frozen=True, slots=True)
class Transfer:
    """Units that a wallet wants to send to another."""

    deal_id: str
    tranche_id: str
    sender: str
    receiver: str
    units: int


def check_transfer(context: Context, actor: Actor, transfer: Transfer) -> Verdict:
    """What a transfer would meet: the rules first, then the token itself; nothing moves.

    An investor asks for its own wallet only, as it could send from no other. Whoever may not read the
    register learns of other holders what the chain would tell, not what their files say.
    """
    with context.database.reading() as connection:
        own = _own_wallet(connection, actor)
        if actor.role is Role.INVESTOR and transfer.sender != own:
            raise NotPermitted(
                f"{transfer.sender} is not the wallet of {actor.investor_id}: ask about a transfer from"
                " your own wallet",
                code="transfer.not_own_wallet",
                sender=transfer.sender,
            )
        deal = deals.get(connection, transfer.deal_id)
        require_token(deal, transfer.tranche_id)
        token = address_book(connection, deal.id).get(commands.token_name(transfer.tranche_id))
        case = TransferCase(
            filings.standing_of_deal(connection, deal.id),
            _told(actor, own, _party(context, connection, deal.id, token, transfer.sender)),
            _told(actor, own, _party(context, connection, deal.id, token, transfer.receiver)),
            transfer.units,
            _terms(deal, transfer.tranche_id),
            context.chain.ask("abs_token", token, "holderCount") if token else 0,
            utc_day(connection),
        )
    inquiry = Inquiry(f"transferring {transfer.units} units of {deal.id}/{transfer.tranche_id}")
    refusal = _said_by_the_token(context, token, transfer) if token else None

    def examine(inquiry: Inquiry) -> None:
        inquiry.require(TRANSFER_RULES, case)
        if refusal is not None:
            raise refusal

    return replace(dry_run(inquiry, examine), chain_refusal=refusal)


def _own_wallet(connection: Connection, actor: Actor) -> str | None:
    found = investors.find(connection, actor.investor_id) if actor.investor_id else None
    return found.investor.wallet if found else None


def _told(actor: Actor, own: str | None, party: Party) -> Party:
    reads = may(actor, Act.READ_INVESTORS) or may(actor, Act.READ_HOLDERS)
    return replace(party, disclosed=reads or party.wallet == own)


def _said_by_the_token(context: Context, token: str, transfer: Transfer) -> ChainRefused | None:
    try:
        context.chain.try_transfer(token, transfer.sender, transfer.receiver, transfer.units)
    except ChainRefused as refusal:
        return refusal
    return None


def _terms(deal: Deal, tranche_id: str) -> HoldingTerms:
    minimum = deal.min_holding(deal.tranche(tranche_id))
    return HoldingTerms(minimum, deal.offering.holder_cap, deal.lock_up_ends)


def _party(
    context: Context, connection: Connection, deal_id: str, token: str | None, wallet: str
) -> Party:
    """Who it is by the register of investors, and what it holds by the token itself."""
    units = context.chain.ask("abs_token", token, "balanceOf", wallet) if token else 0
    found = investors.by_wallet(connection, wallet)
    if found is None or not investors.is_admitted(connection, deal_id, found.investor.id):
        return Party(wallet, None, None, None, units)
    return Party(wallet, found.investor.id, found.status, found.eligible_until, units)
