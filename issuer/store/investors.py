"""Investors, their admissions to deals, and the sanctions list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from issuer.documents.investors import parse_investor
from issuer.domain.errors import NotFound
from issuer.domain.investor import Investor, InvestorStatus
from issuer.domain.names import as_compared
from issuer.store.tables import admission, api_key, investor, sanction


@dataclass(frozen=True, slots=True)
class Registered:
    """An investor on the register, with what has become of it."""

    investor: Investor
    status: InvestorStatus
    eligible_until: date


def add(
    connection: Connection,
    new: Investor,
    document: Mapping[str, Any],
    eligible_until: date,
    at: str,
) -> None:
    """Store an admitted investor with the document it was read from."""
    connection.execute(
        insert(investor).values(
            id=new.id,
            wallet=new.wallet,
            document=dict(document),
            status=InvestorStatus.ADMITTED.value,
            eligible_until=eligible_until.isoformat(),
            admitted_at=at,
        )
    )


def renew(
    connection: Connection, changed: Investor, document: Mapping[str, Any], eligible_until: date
) -> None:
    """Replace an investor's document by a newer one."""
    connection.execute(
        update(investor)
        .where(investor.c.id == changed.id)
        .values(document=dict(document), eligible_until=eligible_until.isoformat())
    )


def admit(connection: Connection, deal_id: str, investor_id: str) -> None:
    """Admit a registered investor to a deal."""
    connection.execute(insert(admission).values(deal_id=deal_id, investor_id=investor_id))


def dismiss(connection: Connection, deal_id: str, investor_id: str) -> None:
    """Take back an admission; an investor admitted nowhere and known to nobody leaves the register."""
    connection.execute(
        delete(admission).where(
            admission.c.deal_id == deal_id, admission.c.investor_id == investor_id
        )
    )
    if not deals_of(connection, investor_id):
        connection.execute(delete(api_key).where(api_key.c.investor_id == investor_id))
        connection.execute(delete(investor).where(investor.c.id == investor_id))


def move(connection: Connection, lost: str, fresh: str, proof: str | None) -> None:
    """The investor behind a lost wallet is behind a fresh one now, unless somebody else is.

    Its document keeps the wallet it was admitted with, and that wallet's signature, until its evidence is
    renewed. `proof` is the fresh wallet's, None where nobody has given one.
    """
    if by_wallet(connection, fresh) is None:
        moved = update(investor).where(investor.c.wallet == lost)
        connection.execute(moved.values(wallet=fresh, wallet_proof=proof))


def set_status(connection: Connection, investor_id: str, status: InvestorStatus) -> None:
    """Freeze or clear."""
    connection.execute(
        update(investor).where(investor.c.id == investor_id).values(status=status.value)
    )


def find(connection: Connection, investor_id: str) -> Registered | None:
    """The investor, if it is on the register."""
    return _first(connection, investor.c.id == investor_id)


def get(connection: Connection, investor_id: str) -> Registered:
    """The investor, or `investor.not_found`."""
    found = find(connection, investor_id)
    if found is None:
        raise NotFound("investor", investor_id)
    return found


def get_document(connection: Connection, investor_id: str) -> Mapping[str, Any]:
    """The document of an investor on the register, as it was received."""
    query = select(investor.c.document).where(investor.c.id == investor_id)
    document: Mapping[str, Any] = connection.execute(query).scalar_one()
    return document


def by_wallet(connection: Connection, wallet: str) -> Registered | None:
    """The investor behind a wallet, if any."""
    return _first(connection, investor.c.wallet == wallet)


def is_admitted(connection: Connection, deal_id: str, investor_id: str) -> bool:
    """Is the investor admitted to the deal?"""
    query = select(admission.c.investor_id).where(
        admission.c.deal_id == deal_id, admission.c.investor_id == investor_id
    )
    return connection.execute(query).first() is not None


def admitted_to(connection: Connection, deal_id: str) -> tuple[Registered, ...]:
    """The investors admitted to a deal, in the order of their ids."""
    rows = connection.execute(
        select(investor)
        .join(admission, admission.c.investor_id == investor.c.id)
        .where(admission.c.deal_id == deal_id)
        .order_by(investor.c.id)
    ).mappings()
    return tuple(_registered(row) for row in rows)


def deals_of(connection: Connection, investor_id: str) -> tuple[str, ...]:
    """The deals an investor is admitted to."""
    rows = connection.execute(
        select(admission.c.deal_id).where(admission.c.investor_id == investor_id)
    )
    return tuple(row[0] for row in rows)


def count_heads(connection: Connection, deal_id: str) -> int:
    """An upper bound on the deal's holders, a vehicle counted as those who stand behind it."""
    behind = investor.c.document["vehicle_investors"].as_integer()
    query = (
        select(func.coalesce(func.sum(func.coalesce(behind, 1)), 0))
        .join(admission, admission.c.investor_id == investor.c.id)
        .where(admission.c.deal_id == deal_id)
    )
    return int(connection.execute(query).scalar_one())


def everyone(connection: Connection) -> tuple[Registered, ...]:
    """The whole register, in the order of ids."""
    rows = connection.execute(select(investor).order_by(investor.c.id)).mappings()
    return tuple(_registered(row) for row in rows)


def replace_sanctions(connection: Connection, reference: str, entries: frozenset[str]) -> None:
    """Put a new list in place of the old one."""
    connection.execute(delete(sanction))
    for entry in sorted(entries):
        connection.execute(insert(sanction).values(entry=entry, reference=reference))


def sanctions(connection: Connection) -> frozenset[str]:
    """Names, ids and wallets on the list, as compared; a list may have been stored as written."""
    return frozenset(as_compared(row[0]) for row in connection.execute(select(sanction.c.entry)))


def sanctions_reference(connection: Connection) -> str | None:
    """What the list in force is called; None where none was ever put in force, or an empty one."""
    return connection.execute(select(sanction.c.reference).limit(1)).scalar()


def _first(connection: Connection, condition: Any) -> Registered | None:
    row = connection.execute(select(investor).where(condition)).mappings().first()
    return _registered(row) if row else None


def _registered(row: RowMapping) -> Registered:
    found = parse_investor(row["document"], row["id"])
    if row["wallet"] != found.wallet:
        # The document's signature is the lost wallet's.
        found = replace(found, wallet=row["wallet"], wallet_proof=row["wallet_proof"])
    return Registered(
        found,
        InvestorStatus(row["status"]),
        date.fromisoformat(row["eligible_until"]),
    )
