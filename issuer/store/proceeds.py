"""Transfers of proceeds as rows."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from issuer.domain.proceeds import ProceedsTransfer
from issuer.store.tables import proceeds_transfer


def add(connection: Connection, new: ProceedsTransfer) -> None:
    """Store a transfer."""
    connection.execute(insert(proceeds_transfer).values(asdict(new)))


def of_deal(connection: Connection, deal_id: str) -> tuple[ProceedsTransfer, ...]:
    """All transfers of a deal, oldest first."""
    rows = connection.execute(
        select(proceeds_transfer)
        .where(proceeds_transfer.c.deal_id == deal_id)
        .order_by(proceeds_transfer.c.recorded_at, proceeds_transfer.c.inbound_reference)
    ).mappings()
    return tuple(ProceedsTransfer(**row) for row in rows)
