"""The offering: subscriptions, and units against coin."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.answers.investors import SubscriptionView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.present import Waiting
from api.problems import responses
from api.requests import (
    IssuanceRequest,
    ListingRequest,
    SubscriptionRequest,
)
from issuer.domain.subscription import Subscription
from issuer.services import deployment, issuance, listing, offering
from issuer.services.context import Context

router = APIRouter(prefix="/v1", tags=["offering"])
_ERRORS = responses(401, 403, 404, 409, 422)


def _view(context: Context, each: Subscription) -> SubscriptionView:
    book = {c.name: c.address for c in deployment.deployment_of(context, each.deal_id)}
    coin = next((a for name, a in book.items() if name.startswith("settlement_coin")), None)
    return SubscriptionView(
        id=each.id,
        deal=each.deal_id,
        tranche=each.tranche_id,
        investor=each.investor_id,
        units=each.units,
        price_micro=each.price_micro,
        state=each.state,
        pay_to=book.get("dvp_settlement"),
        coin=coin,
    )


@router.post(
    "/deals/{deal}/offering/open",
    status_code=202,
    summary="Open the offering",
    responses=_ERRORS,
)
def open_offering(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, deal: str
) -> OperationView:
    """FILED becomes ISSUING: units may be minted up to the filed cap."""
    _, operation = offering.open_offering(context, actor, deal)
    return waiting.view(operation, response)


@router.post(
    "/deals/{deal}/subscriptions",
    status_code=201,
    summary="Subscribe for units",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def subscribe(
    context: InContext, actor: ByActor, deal: str, body: SubscriptionRequest
) -> SubscriptionView:
    """The answer says how much coin to approve, and for which contract."""
    return _view(context, offering.subscribe(context, actor, deal, body.tranche, body.units))


@router.post(
    "/deals/{deal}/subscriptions/{subscription}/withdrawal",
    summary="Withdraw an open subscription",
    responses=_ERRORS,
)
def withdraw(context: InContext, actor: ByActor, deal: str, subscription: str) -> SubscriptionView:
    """By its investor, or by the issuer. Coin that was approved is the wallet's own to revoke."""
    return _view(context, offering.withdraw_subscription(context, actor, deal, subscription))


@router.get(
    "/deals/{deal}/subscriptions",
    summary="List subscriptions",
    responses=responses(401, 403, 404, 451),
    dependencies=[OVERSEAS_ONLY],
)
def list_subscriptions(context: InContext, actor: ByActor, deal: str) -> list[SubscriptionView]:
    """All of them for the issuer and the supervisors; an investor sees its own."""
    return [_view(context, each) for each in offering.subscriptions_of(context, actor, deal)]


@router.post(
    "/deals/{deal}/issuances",
    status_code=202,
    summary="Issue subscribed units against coin",
    responses=_ERRORS,
)
def issue(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: IssuanceRequest,
) -> OperationView:
    """Both gates: the stored filing here, the anchored one on chain; coin and units, or neither."""
    _, operation = issuance.issue_units(
        context, actor, deal, body.tranche, body.investor, body.units
    )
    return waiting.view(operation, response)


@router.post(
    "/deals/{deal}/listings",
    status_code=201,
    summary="List the notes at a venue",
    responses=_ERRORS,
)
def list_notes(
    context: InContext, actor: ByActor, deal: str, body: ListingRequest
) -> dict[str, Any]:
    """For professional investors only: a retail venue is refused (INV-09)."""
    found = listing.list_notes(context, actor, deal, body.venue, body.retail)
    return {"deal": deal, "venue": found.venue, "listed_at": found.listed_at}


@router.post(
    "/deals/{deal}/offering/close",
    status_code=202,
    summary="Close the offering",
    responses=_ERRORS,
)
def close_offering(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, deal: str
) -> OperationView:
    """Funds the reserve from the proceeds; the completion report (EV-01) falls due."""
    _, operation = offering.close_offering(context, actor, deal)
    return waiting.view(operation, response)
