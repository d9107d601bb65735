"""Where a projection of a registered deal starts: at closing by the plan, or where the deal stands now."""

from __future__ import annotations

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.services.context import Context
from issuer.services.projections import PLAN, Start
from issuer.services.recomputation import standing_of
from issuer.store import subscriptions


def start_of(context: Context, deal: Deal, asked: str | None) -> Start:
    """`plan`, `now`, or without a word: now, once units have been issued.

    Raises `StateConflict` for the present of a deal that has issued nothing, or has no payment left.
    """
    if asked == PLAN:
        return Start.by_plan(deal)
    with context.database.reading() as connection:
        if asked is None and not any(
            subscriptions.allotted_units(connection, deal.id, each.id) for each in deal.tokenised
        ):
            return Start.by_plan(deal)
        state, left = standing_of(connection, deal)
    if not left:
        raise StateConflict(
            f"every payment of {deal.id} is determined: nothing is left to project. Ask `from: plan` for"
            " what was planned",
            code="projection.nothing_left",
        )
    return Start(left, left[0].accrual_start, state)
