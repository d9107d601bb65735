"""Purchases of further assets as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from issuer.documents.purchases import from_stored
from issuer.domain.purchases import AssetPurchase
from issuer.store.tables import asset_purchase


def add(
    connection: Connection, new: AssetPurchase, document: Mapping[str, Any], recorded_at: str
) -> None:
    """Store a purchase with what was offered."""
    connection.execute(
        insert(asset_purchase).values(
            deal_id=new.deal_id,
            id=new.id,
            bought_on=new.bought_on.isoformat(),
            document=dict(document),
            recorded_at=recorded_at,
        )
    )


def of_deal(connection: Connection, deal_id: str) -> tuple[AssetPurchase, ...]:
    """All purchases of a deal, oldest first."""
    rows = connection.execute(
        select(asset_purchase)
        .where(asset_purchase.c.deal_id == deal_id)
        .order_by(asset_purchase.c.recorded_at, asset_purchase.c.id)
    ).mappings()
    return tuple(from_stored(row["document"], row["deal_id"], row["bought_on"]) for row in rows)
