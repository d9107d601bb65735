"""Dry runs: what an act would meet, told without carrying it out."""

from __future__ import annotations

from fastapi import APIRouter

from api.answers.checks import CheckView, FilingCheckView, MintCheckView, TransferCheckView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.problems import responses
from api.requests import (
    FilingCheckRequest,
    MintCheckRequest,
    SubscriptionCheckRequest,
    TransferCheckRequest,
)
from issuer.services import issuance, offering, review, transfers

router = APIRouter(prefix="/v1/checks", tags=["checks"])
_ERRORS = responses(401, 403, 404, 422)


@router.post("/mint", summary="Would this mint pass?", responses=_ERRORS)
def check_mint(context: InContext, actor: ByActor, body: MintCheckRequest) -> MintCheckView:
    """The filing, database against chain, the audit log; with an investor, its subscription too."""
    mint = issuance.Mint(body.deal, body.tranche, body.units, body.investor)
    return MintCheckView.of(issuance.check_mint(context, actor, mint))


@router.post(
    "/transfer",
    summary="Would this transfer pass?",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def check_transfer(
    context: InContext, actor: ByActor, body: TransferCheckRequest
) -> TransferCheckView:
    """The rules, and what the token itself would say. An investor asks for its own wallet only, and
    learns of another's no more than the chain tells.
    """
    transfer = transfers.Transfer(body.deal, body.tranche, body.sender, body.receiver, body.units)
    return TransferCheckView.of(transfers.check_transfer(context, actor, transfer))


@router.post(
    "/subscription",
    summary="Would this subscription pass?",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def check_subscription(
    context: InContext, actor: ByActor, body: SubscriptionCheckRequest
) -> CheckView:
    """In the name of the investor who asks."""
    return CheckView.of(
        offering.check_subscription(context, actor, body.deal, body.tranche, body.units)
    )


@router.post("/filing", summary="Would this filing pass the next decision?", responses=_ERRORS)
def check_filing(context: InContext, actor: ByActor, body: FilingCheckRequest) -> FilingCheckView:
    """Until it is submitted and accepted the formality check, then the approval, of the newest version;
    once it is filed, whether units may be issued under it, the offering being open.
    """
    return FilingCheckView.of(review.dry_run_filing(context, actor, body.filing))
