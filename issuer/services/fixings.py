"""Fixings: the rate of each index for a period, as the paying agent has read it."""

from __future__ import annotations

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.reported import Fixing
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.waterfall.needs import indices_of
from issuer.services.collections import period_of, require_undetermined
from issuer.services.context import Context, log, today
from issuer.services.log_comparison import reported_content
from issuer.store import deals, reported


def enter_fixing(context: Context, actor: Actor, deal_id: str, new: Fixing) -> Fixing:
    """Store a fixing; until its period is determined it may be corrected by another."""
    authorise(actor, Act.ENTER_FIXING)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        period_of(deal, new.period)
        complaints = []
        known = indices_of(deal.structure)
        if new.index not in known:
            followed = ", ".join(known) or "no index at all"
            complaints.append(
                Complaint(
                    "/index",
                    "fixing.unknown",
                    f"no rate of {deal_id} follows {new.index!r}; its rates follow {followed}",
                )
            )
        day = today(connection)
        if new.fixed_on > day:
            complaints.append(
                Complaint("/fixed_on", "fixing.future", f"{new.fixed_on} is after today, {day}")
            )
        if complaints:
            raise InvalidInput("fixing", complaints)
        require_undetermined(connection, deal_id, new.period, "its fixings stand as they are")
        content = reported_content(reported.put_fixing(connection, deal_id, new))
        facts = {"rate": str(new.rate), "source": new.source, "content_hash": content}
        log(connection, actor, "enter_fixing", f"{deal_id}/{new.period}/{new.index}", facts)
    return new


def fixings_of(context: Context, deal_id: str) -> tuple[Fixing, ...]:
    """All fixings of a deal, by period and index."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return reported.fixings(connection, deal_id)
