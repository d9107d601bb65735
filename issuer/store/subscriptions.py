"""Subscriptions as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from issuer.domain.errors import NotFound
from issuer.domain.subscription import ALLOTTED, Subscription, SubscriptionState
from issuer.store.tables import subscription

_ALLOTTED = tuple(sorted(each.value for each in ALLOTTED))


def add(connection: Connection, new: Subscription) -> None:
    """Store a subscription."""
    connection.execute(
        insert(subscription).values(
            id=new.id,
            deal_id=new.deal_id,
            tranche_id=new.tranche_id,
            investor_id=new.investor_id,
            units=new.units,
            price_micro=new.price_micro,
            state=new.state.value,
            subscribed_at=new.subscribed_at,
        )
    )


def get(connection: Connection, subscription_id: str) -> Subscription:
    """The subscription, or `subscription.not_found`."""
    query = select(subscription).where(subscription.c.id == subscription_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("subscription", subscription_id)
    return _subscription(row)


def of_deal(connection: Connection, deal_id: str) -> tuple[Subscription, ...]:
    """All subscriptions of a deal, oldest first."""
    rows = connection.execute(
        select(subscription)
        .where(subscription.c.deal_id == deal_id)
        .order_by(subscription.c.subscribed_at, subscription.c.id)
    ).mappings()
    return tuple(_subscription(row) for row in rows)


def set_state(
    connection: Connection,
    subscription_id: str,
    state: SubscriptionState,
    operation_number: int | None,
) -> None:
    """Move a subscription."""
    connection.execute(
        update(subscription)
        .where(subscription.c.id == subscription_id)
        .values(state=state.value, operation_number=operation_number)
    )


def allotted_units(connection: Connection, deal_id: str, tranche_id: str) -> int:
    """Units issued or on their way to be."""
    return int(_scalar(connection, func.sum(subscription.c.units), deal_id, tranche_id) or 0)


def next_operation_number(connection: Connection, deal_id: str, tranche_id: str) -> int:
    """The number of the tranche's next mint, from this database's own memory."""
    highest = _scalar(connection, func.max(subscription.c.operation_number), deal_id, tranche_id)
    return int(highest or 0) + 1


def _scalar(connection: Connection, column: Any, deal_id: str, tranche_id: str) -> Any:
    query = select(column).where(
        subscription.c.deal_id == deal_id,
        subscription.c.tranche_id == tranche_id,
        subscription.c.state.in_(_ALLOTTED),
    )
    return connection.execute(query).scalar()


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        row["id"],
        row["deal_id"],
        row["tranche_id"],
        row["investor_id"],
        row["units"],
        row["price_micro"],
        SubscriptionState(row["state"]),
        row["subscribed_at"],
        row["operation_number"],
    )
