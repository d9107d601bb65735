"""The books: double-entry postings, and the register of holders kept from the chain's events."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from issuer.domain.ledger import Entry
from issuer.store.tables import holding, posting


def post(connection: Connection, deal_id: str, entries: Iterable[Entry], at: str) -> None:
    """Enter balanced entries; the same entry id twice is an error of the database."""
    for entry in entries:
        for each in entry.postings:
            connection.execute(
                insert(posting).values(
                    deal_id=deal_id,
                    entry_id=entry.id,
                    memo=entry.memo,
                    account=each.account,
                    amount_micro=each.amount_micro,
                    posted_at=at,
                )
            )


def balances(connection: Connection, deal_id: str) -> dict[str, int]:
    """What each account of the deal holds, in coin micro-units."""
    rows = connection.execute(
        select(posting.c.account, func.sum(posting.c.amount_micro))
        .where(posting.c.deal_id == deal_id)
        .group_by(posting.c.account)
        .order_by(posting.c.account)
    )
    return {account: int(total) for account, total in rows}


def entries(connection: Connection, deal_id: str) -> tuple[dict[str, object], ...]:
    """Every posting of a deal, in order."""
    rows = connection.execute(
        select(posting).where(posting.c.deal_id == deal_id).order_by(posting.c.id)
    ).mappings()
    return tuple(dict(row) for row in rows)


def units_of(connection: Connection, deal_id: str, tranche_id: str, wallet: str) -> int:
    """Units a wallet holds, by the register."""
    query = select(holding.c.units).where(
        holding.c.deal_id == deal_id,
        holding.c.tranche_id == tranche_id,
        holding.c.wallet == wallet,
    )
    return int(connection.execute(query).scalar() or 0)


def set_units(
    connection: Connection, deal_id: str, tranche_id: str, wallet: str, units: int
) -> None:
    """Write a wallet's line in the register."""
    connection.execute(
        delete(holding).where(
            holding.c.deal_id == deal_id,
            holding.c.tranche_id == tranche_id,
            holding.c.wallet == wallet,
        )
    )
    if units:
        connection.execute(
            insert(holding).values(
                deal_id=deal_id, tranche_id=tranche_id, wallet=wallet, units=units
            )
        )


def register(connection: Connection, deal_id: str, tranche_id: str) -> dict[str, int]:
    """Every wallet with units, by the register."""
    rows = connection.execute(
        select(holding.c.wallet, holding.c.units)
        .where(holding.c.deal_id == deal_id, holding.c.tranche_id == tranche_id)
        .order_by(holding.c.units.desc(), holding.c.wallet)
    )
    return {wallet: int(units) for wallet, units in rows}
