"""The figures of a period from what is stored; computed anew, they are those that were determined."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput, StateConflict
from issuer.domain.payment import DeterminedDistribution
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.standing import Standing
from issuer.domain.waterfall.state import DealState, Inputs, opening_state
from issuer.services.collections import period_of, periods_of
from issuer.services.inputs import inputs_of
from issuer.services.log_comparison import require_as_reported
from issuer.store import cash, deals, evidence, subscriptions


def figures_of(
    connection: Connection, deal: Deal, period: Period, standing: Standing
) -> tuple[Inputs, Distribution]:
    """What the period takes in, and what becomes of it."""
    found = cash.distributions(connection, deal.id)
    earlier = [each.figures for each in found if each.period < period.number]
    return _from(connection, deal, period, earlier, standing)


def require_as_determined(connection: Connection, found: DeterminedDistribution) -> None:
    """The stored figures are those that follow, now as then, from the terms and what was reported."""
    deal = deals.get(connection, found.deal_id)
    stored = cash.distributions(connection, deal.id)
    earlier = [each.figures for each in stored if each.period < found.period]
    _require_follows(connection, deal, found, period_of(deal, found.period), earlier)
    require_as_reported(connection, deal.id)


def all_as_determined(connection: Connection, deal: Deal) -> tuple[DeterminedDistribution, ...]:
    """Every distribution of the deal, each of which follows from the terms, what was reported and the
    ones before it.
    """
    found = cash.distributions(connection, deal.id)
    for number, (each, period) in enumerate(zip(found, periods_of(deal), strict=False)):
        if each.period != period.number:
            raise _altered(each)
        earlier = [before.figures for before in found[:number]]
        _require_follows(connection, deal, each, period, earlier)
    require_as_reported(connection, deal.id)
    return found


def standing_of(connection: Connection, deal: Deal) -> tuple[DealState, tuple[Period, ...]]:
    """Where the deal stands: after the last determination, or with the units issued; and what is left."""
    done = all_as_determined(connection, deal)
    state = done[-1].figures.closing if done else _state_at_closing(connection, deal)
    return state, periods_of(deal)[len(done) :]


# ---- helpers


def _from(
    connection: Connection,
    deal: Deal,
    period: Period,
    earlier: Sequence[Distribution],
    standing: Standing,
) -> tuple[Inputs, Distribution]:
    state = earlier[-1].closing if earlier else _state_at_closing(connection, deal)
    inputs = inputs_of(connection, deal, period.number, earlier, standing)
    return inputs, distribute(deal.structure, state, inputs, period)


def _state_at_closing(connection: Connection, deal: Deal) -> DealState:
    issued = {
        tranche.id: subscriptions.allotted_units(connection, deal.id, tranche.id)
        for tranche in deal.tokenised
    }
    if not all(issued.values()):
        raise StateConflict(
            "a tokenised tranche has no units: nothing can be distributed yet",
            code="distribution.no_units",
            issued_units=issued,
        )
    return opening_state(deal.structure, issued)


def _require_follows(
    connection: Connection,
    deal: Deal,
    found: DeterminedDistribution,
    period: Period,
    earlier: Sequence[Distribution],
) -> None:
    try:
        standing = _standing_then(connection, found)
        _, figures = _from(connection, deal, period, earlier, standing)
    except InvalidInput as missing:  # a fixing that was there when it was determined
        raise _altered(found) from missing
    if figures != found.figures:
        raise _altered(found)


def _standing_then(connection: Connection, found: DeterminedDistribution) -> Standing:
    """How the deal stood when it was determined, by the log: on chain it may stand otherwise by now."""
    logged = evidence.last_act(connection, "determine_distribution", (found.id,)) or {}
    return Standing(logged.get("standing", Standing.PERFORMING))


def _altered(found: DeterminedDistribution) -> StateConflict:
    return StateConflict(
        f"the figures of {found.id} do not follow from the deal's terms and what was reported: rows have"
        " been altered since it was determined. Cure: restore the database from a copy",
        code="distribution.altered",
        distribution=found.id,
    )
