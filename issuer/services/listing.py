"""Where the notes may be traded. Trades are transfers all the same: the token knows no venue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.errors import StateConflict
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.access_rules import LISTING_RULES, ListingCase
from issuer.domain.rulebook.rule import require
from issuer.services.context import Context, log, stamp
from issuer.store import audit, deals

_ACT = "list_notes"


@dataclass(frozen=True, slots=True)
class Listing:
    """A venue for professional investors at which the notes are traded, and since when."""

    venue: str
    listed_at: str


def list_notes(context: Context, actor: Actor, deal_id: str, venue: str, retail: bool) -> Listing:
    """Have the notes traded at a venue; a retail venue is refused (INV-09)."""
    authorise(actor, Act.LIST_NOTES)
    with context.database.writing() as connection:
        deals.get(connection, deal_id)
        require(
            f"listing {deal_id} at {venue}", LISTING_RULES, ListingCase(venue=venue, retail=retail)
        )
        if any(each.venue == venue for each in listings(connection, deal_id)):
            raise StateConflict(f"{deal_id} is listed at {venue} already", code="deal.listed")
        log(connection, actor, _ACT, deal_id, {"venue": venue})
        return Listing(venue, stamp(connection))


def listings(connection: Connection, deal_id: str) -> tuple[Listing, ...]:
    """Where a deal's notes are listed: the log itself is the record."""
    rows = audit.about(connection, deal_id)
    return tuple(Listing(row.facts["venue"], row.at) for row in rows if row.act == _ACT)
