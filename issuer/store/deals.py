"""Deals, the contracts deployed for them, and the facts about this installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from issuer.documents.deal import parse_deal
from issuer.domain.deal import Deal
from issuer.domain.errors import NotFound
from issuer.store.seals import is_genuine, seal_of
from issuer.store.tables import contract, deal, meta, permitted_account

#: Whose the contracts are that belong to the chain rather than to one deal.
SHARED = ""


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """A row of the address book. `name` is e.g. `coupon_distributor` or `abs_token:A`.

    `genuine` is false for a row that is not as the service wrote it.
    """

    deal_id: str
    name: str
    artifact: str
    address: str
    code_hash: str
    transaction_hash: str
    block_number: int
    genuine: bool = True


def add(connection: Connection, new: Deal, document: Mapping[str, Any], at: str) -> None:
    """Store a deal with the document it was read from."""
    connection.execute(insert(deal).values(id=new.id, document=dict(document), registered_at=at))


def get(connection: Connection, deal_id: str) -> Deal:
    """The deal, or `deal.not_found`."""
    return parse_deal(get_document(connection, deal_id), deal_id)


def get_document(connection: Connection, deal_id: str) -> Mapping[str, Any]:
    """The deal as it was received."""
    row = connection.execute(select(deal.c.document).where(deal.c.id == deal_id)).first()
    if row is None:
        raise NotFound("deal", deal_id)
    document: Mapping[str, Any] = row[0]
    return document


def exists(connection: Connection, deal_id: str) -> bool:
    """Is there such a deal?"""
    return connection.execute(select(deal.c.id).where(deal.c.id == deal_id)).first() is not None


def all_ids(connection: Connection) -> tuple[str, ...]:
    """Every deal, in the order of registration."""
    rows = connection.execute(select(deal.c.id).order_by(deal.c.registered_at, deal.c.id))
    return tuple(row[0] for row in rows)


def add_contract(connection: Connection, new: DeployedContract) -> None:
    """Enter a contract in the address book."""
    row = {name: value for name, value in asdict(new).items() if name != "genuine"}
    connection.execute(insert(contract).values(**row, seal=seal_of(connection, "contract", row)))


def forget_contracts(connection: Connection, deal_id: str) -> None:
    """Take a deal's contracts out of the address book."""
    connection.execute(delete(contract).where(contract.c.deal_id == deal_id))


def address_book(connection: Connection, deal_id: str) -> dict[str, DeployedContract]:
    """The contracts of a deal, by name: block after block, and those of one block by name."""
    rows = connection.execute(
        select(contract)
        .where(contract.c.deal_id == deal_id)
        .order_by(contract.c.block_number, contract.c.name)
    ).mappings()
    return {row["name"]: _contract(connection, row) for row in rows}


def contract_at(connection: Connection) -> dict[str, DeployedContract]:
    """Every known contract by its address."""
    rows = connection.execute(select(contract)).mappings()
    return {row["address"]: _contract(connection, row) for row in rows}


def _contract(connection: Connection, row: RowMapping) -> DeployedContract:
    values = {name: row[name] for name in row if name != "seal"}
    return DeployedContract(**values, genuine=is_genuine(connection, "contract", row))


# ---- facts about the installation


def get_meta(connection: Connection, key: str) -> str | None:
    """A fact about this installation, e.g. the chain it belongs to."""
    row = connection.execute(select(meta.c.value).where(meta.c.key == key)).first()
    return row[0] if row else None


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Set a fact about this installation."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))


def permitted_accounts(connection: Connection) -> tuple[str, ...]:
    """The accounts that the service has let onto this chain after its first block."""
    rows = connection.execute(select(permitted_account)).mappings()
    return tuple(row["address"] for row in rows if is_genuine(connection, "permitted_account", row))


def permit_account(connection: Connection, address: str, label: str) -> None:
    """Remember an account that may send transactions to this chain."""
    connection.execute(delete(permitted_account).where(permitted_account.c.address == address))
    row = {"address": address, "label": label}
    seal = seal_of(connection, "permitted_account", row)
    connection.execute(insert(permitted_account).values(**row, seal=seal))


def deployed_on(connection: Connection) -> int:
    """The chain that the database was tied to when it met its first: contracts were created on no other."""
    return int(get_meta(connection, "chain_id") or 0)
