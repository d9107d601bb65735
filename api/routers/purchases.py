"""Purchases of a revolving period: assets for what a payment has set aside."""

from __future__ import annotations

from fastapi import APIRouter

from api.answers.purchases import PurchaseView
from api.auth import ByActor, InContext
from api.problems import responses
from issuer.documents.purchases import AssetPurchaseDocument
from issuer.services import purchases

router = APIRouter(prefix="/v1/deals", tags=["distributions"])


@router.post(
    "/{deal}/purchases",
    status_code=201,
    summary="Buy further assets for the pool",
    responses=responses(401, 403, 404, 409, 422),
)
def buy(context: InContext, actor: ByActor, deal: str, body: AssetPurchaseDocument) -> PurchaseView:
    """Every asset is checked against the filed criteria (AC-4) and the negative list, the price against
    what the period's payment has set aside (TOK-06). If one is refused, nothing is stored.
    """
    return PurchaseView.of(purchases.buy(context, actor, deal, body))


@router.get(
    "/{deal}/purchases",
    summary="List the assets bought",
    responses=responses(401, 403, 404),
)
def list_purchases(context: InContext, actor: ByActor, deal: str) -> list[PurchaseView]:
    """Oldest first."""
    return [PurchaseView.of(each) for each in purchases.purchases_of(context, actor, deal)]
