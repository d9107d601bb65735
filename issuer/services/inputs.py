"""What the waterfall of a period takes in, from what is stored: cash, the pool, fixings, support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from issuer.domain.collections import Collected
from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.needs import indices_of, measures_pool
from issuer.domain.waterfall.standing import Standing
from issuer.domain.waterfall.state import Collections, Inputs
from issuer.store import cash, reported


def inputs_of(
    connection: Connection,
    deal: Deal,
    number: int,
    earlier: Iterable[Distribution],
    standing: Standing,
) -> Inputs:
    """The inputs of a period; `earlier` are the distributions before it."""
    fixings = reported.fixings(connection, deal.id)
    return Inputs(
        _collections(connection, deal, number),
        {each.index: each.rate for each in fixings if each.period == number},
        _support(connection, deal, number, earlier),
        standing=standing,
    )


def require_reported(connection: Connection, deal: Deal, number: int) -> None:
    """Refuse to determine a period of which something is not known yet, each thing with its cure."""
    fixed = {each.index for each in reported.fixings(connection, deal.id) if each.period == number}
    if missing := [index for index in indices_of(deal.structure) if index not in fixed]:
        raise StateConflict(
            f"{', '.join(missing)} has no fixing for period {number}. Cure: the paying agent enters the"
            " rate of the index for the period, with its source",
            code="fixing.missing",
            period=number,
            indices=missing,
        )
    if measures_pool(deal.structure) and number not in reported.pool_reports(connection, deal.id):
        raise StateConflict(
            f"the pool has no report for period {number}, and the payment depends on it. Cure: the"
            " servicer reports its closing balance, defaults and losses with the collections",
            code="pool_report.missing",
            period=number,
        )


def _collections(connection: Connection, deal: Deal, number: int) -> Collections:
    arrived = cash.available_micro(connection, deal.id, number)
    pool = reported.pool_reports(connection, deal.id).get(number)
    return Collections(
        interest_micro=arrived[Collected.INTEREST],
        principal_micro=arrived[Collected.PRINCIPAL],
        recoveries_micro=arrived[Collected.RECOVERIES],
        revenue_micro=arrived[Collected.REVENUE],
        defaulted_micro=pool.defaulted_micro if pool else 0,
        losses_micro=pool.losses_micro if pool else 0,
        pool_micro=pool.pool_micro if pool else None,
    )


def _support(
    connection: Connection, deal: Deal, number: int, earlier: Iterable[Distribution]
) -> Mapping[str, int]:
    """What each sponsor has sent for this period or an earlier one, less what was used of it."""
    used = list(earlier)
    arrived = [
        payment
        for payment, state in reported.support(connection, deal.id)
        if state == cash.AVAILABLE and payment.period <= number
    ]
    return {
        sponsor.id: sum(each.amount_micro for each in arrived if each.sponsor == sponsor.id)
        - sum(each.total(Kind.SUPPORT, sponsor.id) for each in used)
        for sponsor in deal.structure.sponsors
    }
