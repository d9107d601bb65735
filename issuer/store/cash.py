"""Batches of collections, distributions and what each holder of record is owed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from issuer.domain.collections import Collected, CollectionBatch, Conversion, FxConversion
from issuer.domain.errors import NotFound
from issuer.domain.payment import (
    DeterminedDistribution,
    DistributionState,
    HolderPayment,
    Outcome,
)
from issuer.store.figures import figures_row, read_figures
from issuer.store.tables import collection_batch, distribution, entitlement

HELD, ARRIVING, AVAILABLE = "HELD", "ARRIVING", "AVAILABLE"


# ---- batches of collections


def add_batch(
    connection: Connection, deal_id: str, batch: CollectionBatch, conversion: Conversion | None
) -> None:
    """Store a batch: held without a conversion, arriving with one."""
    connection.execute(
        insert(collection_batch).values(
            deal_id=deal_id,
            id=batch.id,
            period=batch.period,
            cny_fen=batch.cny_fen,
            fx=_fx_row(batch.fx),
            received_on=batch.received_on.isoformat(),
            coin_micro=conversion.coin_micro if conversion else None,
            dropped=str(conversion.dropped) if conversion else None,
            state=ARRIVING if conversion else HELD,
            of=batch.of.value,
        )
    )


def complete_batch(
    connection: Connection, deal_id: str, batch: CollectionBatch, conversion: Conversion
) -> None:
    """Give a held batch the conversion it lacked."""
    connection.execute(
        update(collection_batch)
        .where(collection_batch.c.deal_id == deal_id, collection_batch.c.id == batch.id)
        .values(
            period=batch.period,
            received_on=batch.received_on.isoformat(),
            fx=_fx_row(batch.fx),
            of=batch.of.value,
            coin_micro=conversion.coin_micro,
            dropped=str(conversion.dropped),
            state=ARRIVING,
        )
    )


def set_batch_state(connection: Connection, deal_id: str, batch_id: str, state: str) -> None:
    """Move a batch."""
    connection.execute(
        update(collection_batch)
        .where(collection_batch.c.deal_id == deal_id, collection_batch.c.id == batch_id)
        .values(state=state)
    )


def batches(connection: Connection, deal_id: str) -> tuple[RowMapping, ...]:
    """All batches of a deal, as rows: `coin_micro`, `dropped` and `state` beside what was reported."""
    return tuple(
        connection.execute(
            select(collection_batch)
            .where(collection_batch.c.deal_id == deal_id)
            .order_by(collection_batch.c.period, collection_batch.c.id)
        ).mappings()
    )


def available_micro(connection: Connection, deal_id: str, period: int) -> dict[Collected, int]:
    """Coin of the period's batches that has arrived on the deal's account, by what it is of."""
    query = (
        select(collection_batch.c.of, func.sum(collection_batch.c.coin_micro))
        .where(
            collection_batch.c.deal_id == deal_id,
            collection_batch.c.period == period,
            collection_batch.c.state == AVAILABLE,
        )
        .group_by(collection_batch.c.of)
    )
    arrived = {Collected(kind): int(amount) for kind, amount in connection.execute(query)}
    return dict.fromkeys(Collected, 0) | arrived


def _fx_row(fx: FxConversion | None) -> dict[str, Any] | None:
    if fx is None:
        return None
    return {
        "rate": str(fx.rate),
        "reference": fx.reference,
        "rate_date": fx.rate_date.isoformat(),
        "outward_reference": fx.outward_reference,
    }


# ---- distributions


def add_distribution(connection: Connection, new: DeterminedDistribution) -> None:
    """Store a determination."""
    connection.execute(
        insert(distribution).values(
            id=new.id,
            deal_id=new.deal_id,
            period=new.period,
            state=new.state.value,
            determination=figures_row(new.figures),
            record_at=new.record_at,
            epochs=dict(new.epochs),
        )
    )


def remove_distribution(connection: Connection, distribution_id: str) -> None:
    """Take back a determination that the chain never heard of."""
    connection.execute(delete(distribution).where(distribution.c.id == distribution_id))


def set_distribution(
    connection: Connection,
    distribution_id: str,
    state: DistributionState,
) -> None:
    """Move a distribution."""
    connection.execute(
        update(distribution).where(distribution.c.id == distribution_id).values(state=state.value)
    )


def get_distribution(connection: Connection, distribution_id: str) -> DeterminedDistribution:
    """The distribution, or `distribution.not_found`."""
    query = select(distribution).where(distribution.c.id == distribution_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("distribution", distribution_id)
    return _distribution(row)


def distributions(connection: Connection, deal_id: str) -> tuple[DeterminedDistribution, ...]:
    """All distributions of a deal, by period."""
    rows = connection.execute(
        select(distribution)
        .where(distribution.c.deal_id == deal_id)
        .order_by(distribution.c.period)
    ).mappings()
    return tuple(_distribution(row) for row in rows)


def _distribution(row: RowMapping) -> DeterminedDistribution:
    return DeterminedDistribution(
        row["id"],
        row["deal_id"],
        row["period"],
        DistributionState(row["state"]),
        read_figures(row["determination"]),
        row["record_at"],
        row["epochs"],
    )


# ---- holders of record


def add_holder_payment(connection: Connection, new: HolderPayment) -> None:
    """Store an entitlement."""
    connection.execute(
        insert(entitlement).values(
            distribution_id=new.distribution_id,
            tranche_id=new.tranche_id,
            investor_id=new.investor_id,
            wallet=new.wallet,
            units=new.units,
            interest_micro=new.interest_micro,
            principal_micro=new.principal_micro,
            outcome=new.outcome.value,
        )
    )


def set_outcome(
    connection: Connection, payment: HolderPayment, outcome: Outcome, transaction_hash: str
) -> None:
    """Record what the chain says has become of an entitlement."""
    connection.execute(
        update(entitlement)
        .where(
            entitlement.c.distribution_id == payment.distribution_id,
            entitlement.c.tranche_id == payment.tranche_id,
            entitlement.c.investor_id == payment.investor_id,
        )
        .values(outcome=outcome.value, transaction_hash=transaction_hash)
    )


def move_entitlements(
    connection: Connection, deal_id: str, tranche_id: str, lost: str, fresh: str
) -> None:
    """What a lost wallet is still owed goes to a fresh one; what it was paid, it was paid."""
    of_deal = select(distribution.c.id).where(distribution.c.deal_id == deal_id)
    settled = (Outcome.PAID.value, Outcome.RELEASED.value)
    connection.execute(
        update(entitlement)
        .where(
            entitlement.c.distribution_id.in_(of_deal),
            entitlement.c.tranche_id == tranche_id,
            entitlement.c.wallet == lost,
            entitlement.c.outcome.not_in(settled),
        )
        .values(wallet=fresh)
    )


def holder_payments(connection: Connection, distribution_id: str) -> tuple[HolderPayment, ...]:
    """The entitlements of a distribution, by tranche and investor."""
    rows = connection.execute(
        select(entitlement)
        .where(entitlement.c.distribution_id == distribution_id)
        .order_by(entitlement.c.tranche_id, entitlement.c.investor_id)
    ).mappings()
    return tuple(_holder_payment(row) for row in rows)


def _holder_payment(row: RowMapping) -> HolderPayment:
    return HolderPayment(**{**row, "outcome": Outcome(row["outcome"])})
