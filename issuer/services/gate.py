"""The service's gate: the filing and the holder as they lie in store now, put before the rules."""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.filing import Filing
from issuer.domain.rulebook.catalogue import STANDING_RULES
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.issuance_rules import GATE_RULES, GateCase, RecipientCase
from issuer.domain.subscription import ALLOTTED
from issuer.services import bundles, supervision
from issuer.services.context import Context, today, utc_day
from issuer.services.dossier import case_of
from issuer.services.verdicts import Inquiry
from issuer.store import investors, subscriptions


def examine_filing(
    context: Context,
    connection: Connection,
    inquiry: Inquiry,
    deal: Deal,
    filing: Filing | None,
    tranche_id: str,
    units: int,
) -> None:
    """Whether these units may be minted under the filing, whoever asks for them."""
    inquiry.require(GATE_RULES, gate_case(context, connection, deal, filing, tranche_id, units))
    if filing is not None and filing.approval is not None:
        standing = case_of(context, connection, filing, filing.approval.version)
        inquiry.require(STANDING_RULES, standing)
    # Another regime may be in force than on the day of the registration.
    inquiry.require(DEAL_RULES, DealCase(deal, context.regime))


def gate_case(
    context: Context,
    connection: Connection,
    deal: Deal,
    filing: Filing | None,
    tranche_id: str,
    units: int,
) -> GateCase:
    """The filing, its materials and what was minted under it."""
    approval = filing.approval if filing else None
    digest = (
        bundles.recompute_approved(connection, filing.id, approval.version)
        if filing and approval
        else None
    )
    return GateCase(
        deal.id,
        filing,
        digest,
        tranche_id,
        units,
        subscriptions.allotted_units(connection, deal.id, tranche_id),
        today(connection),
        utc_day(connection),
        context.regime,
        supervision.logged_determination(connection, deal.id),
    )


def recipient_case(
    connection: Connection, deal: Deal, investor_id: str, price_micro: int
) -> RecipientCase:
    """An investor about to pay this price, with what it pays already: open subscriptions may never be."""
    registered = investors.find(connection, investor_id)
    admitted = investors.is_admitted(connection, deal.id, investor_id)
    issued = sum(
        each.price_micro
        for each in subscriptions.of_deal(connection, deal.id)
        if each.investor_id == investor_id and each.state in ALLOTTED
    )
    return RecipientCase(
        investor_id,
        registered.status if registered and admitted else None,
        registered.eligible_until if registered else None,
        issued + price_micro,
        deal.offering.min_subscription_micro,
        utc_day(connection),
    )
