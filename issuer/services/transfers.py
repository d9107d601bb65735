"""Transfers: investors make them with keys of their own, on chain; here they can ask beforehand."""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain.errors import Finding
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES, Party, TransferCase
from issuer.onchain import commands
from issuer.services.context import Context, address_book, utc_day
from issuer.services.issuance import require_token
from issuer.store import deals, filings, investors


def check_transfer(
    context: Context, deal_id: str, tranche_id: str, sender: str, receiver: str
) -> tuple[Finding, ...]:
    """Which rules stand against a transfer between two wallets; nothing changes."""
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        require_token(deal, tranche_id)
        case = TransferCase(
            filings.standing_of_deal(connection, deal_id),
            _party(connection, deal_id, sender),
            _party(connection, deal_id, receiver),
            utc_day(connection),
        )
        return examine(TRANSFER_RULES, case)


def try_transfer_on_chain(
    context: Context, deal_id: str, tranche_id: str, sender: str, receiver: str, units: int
) -> None:
    """Ask the token itself; raises `ChainRefused`, moves nothing."""
    with context.database.reading() as connection:
        book = address_book(connection, deal_id)
    name = commands.token_name(tranche_id)
    if name in book:
        context.chain.try_transfer(book[name], sender, receiver, units)


def _party(connection: Connection, deal_id: str, wallet: str) -> Party:
    found = investors.by_wallet(connection, wallet)
    if found is None or not investors.is_admitted(connection, deal_id, found.investor.id):
        return Party(wallet, None, None, None)
    return Party(wallet, found.investor.id, found.status, found.eligible_until)
