"""Pool reports, fixings and payments of sponsors as rows."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from issuer.domain.reported import Fixing, PoolReport, SupportPayment
from issuer.store.tables import fixing, pool_report, support_payment


def put_pool_report(connection: Connection, deal_id: str, new: PoolReport) -> RowMapping:
    """Store a report, in the place of an earlier one of its period; returns the row."""
    return _replace(
        connection,
        pool_report,
        {"deal_id": deal_id, "period": new.period},
        {
            "closing_balance_fen": new.closing_balance_fen,
            "defaulted_fen": new.defaulted_fen,
            "losses_fen": new.losses_fen,
            "fx_rate": str(new.fx_rate),
            "fx_rate_date": new.fx_rate_date.isoformat(),
        },
    )


def pool_reports(connection: Connection, deal_id: str) -> dict[int, PoolReport]:
    """Period -> its report."""
    return {row["period"]: _pool_report(row) for row in _of(connection, pool_report, deal_id)}


def put_fixing(connection: Connection, deal_id: str, new: Fixing) -> RowMapping:
    """Store a fixing, in the place of an earlier one of the same index and period; returns the row."""
    return _replace(
        connection,
        fixing,
        {"deal_id": deal_id, "period": new.period, "index": new.index},
        {"rate": str(new.rate), "fixed_on": new.fixed_on.isoformat(), "source": new.source},
    )


def fixings(connection: Connection, deal_id: str) -> tuple[Fixing, ...]:
    """All fixings of a deal, by period and index."""
    return tuple(map(_fixing, _of(connection, fixing, deal_id)))


def put_support(
    connection: Connection, deal_id: str, new: SupportPayment, state: str
) -> RowMapping:
    """Store a sponsor's payment, in the place of one that was held; returns the row."""
    return _replace(
        connection,
        support_payment,
        {"deal_id": deal_id, "reference": new.reference},
        {
            "sponsor": new.sponsor,
            "period": new.period,
            "amount_micro": new.amount_micro,
            "received_on": new.received_on.isoformat(),
            "state": state,
        },
    )


def set_support_state(connection: Connection, deal_id: str, reference: str, state: str) -> None:
    """Move a payment."""
    mine = (support_payment.c.deal_id == deal_id, support_payment.c.reference == reference)
    connection.execute(update(support_payment).where(*mine).values(state=state))


def support(connection: Connection, deal_id: str) -> tuple[tuple[SupportPayment, str], ...]:
    """(payment, state) of every payment of a deal's sponsors, by period and reference."""
    rows = sorted(
        _of(connection, support_payment, deal_id),
        key=lambda row: (row["period"], row["reference"]),
    )
    return tuple((_support(row), row["state"]) for row in rows)


def _replace(
    connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]
) -> RowMapping:
    mine = [table.c[name] == value for name, value in key.items()]
    connection.execute(delete(table).where(*mine))
    connection.execute(insert(table).values(**key, **values))
    return connection.execute(select(table).where(*mine)).mappings().one()


def _of(connection: Connection, table: Table, deal_id: str) -> list[RowMapping]:
    query = select(table).where(table.c.deal_id == deal_id).order_by(*table.primary_key.columns)
    return list(connection.execute(query).mappings())


def _pool_report(row: RowMapping) -> PoolReport:
    return PoolReport(
        row["period"],
        row["closing_balance_fen"],
        row["defaulted_fen"],
        row["losses_fen"],
        Fraction(row["fx_rate"]),
        date.fromisoformat(row["fx_rate_date"]),
    )


def _fixing(row: RowMapping) -> Fixing:
    return Fixing(
        row["period"],
        row["index"],
        Fraction(row["rate"]),
        date.fromisoformat(row["fixed_on"]),
        row["source"],
    )


def _support(row: RowMapping) -> SupportPayment:
    return SupportPayment(
        row["reference"],
        row["sponsor"],
        row["period"],
        row["amount_micro"],
        date.fromisoformat(row["received_on"]),
    )
