"""Enforcement: the halt of a deal's transfers, and transfers by order."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.present import Waiting
from api.problems import responses
from api.requests import ForcedTransferRequest, ReasonRequest
from issuer.services import enforcement
from issuer.services.enforcement import OrderedTransfer

router = APIRouter(prefix="/v1/deals/{deal}", tags=["enforcement"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.post("/pause", status_code=202, summary="Halt a deal's transfers", responses=_ERRORS)
def pause(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: ReasonRequest,
) -> OperationView:
    """Nothing is transferred or minted in any tranche; payments go on."""
    return waiting.view(enforcement.pause_transfers(context, actor, deal, body.reason), response)


@router.post("/pause/lift", status_code=202, summary="End a halt", responses=_ERRORS)
def unpause(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: ReasonRequest,
) -> OperationView:
    """Enforcement's own halt only: a regulator's suspension stays."""
    return waiting.view(enforcement.unpause_transfers(context, actor, deal, body.reason), response)


@router.post(
    "/forced-transfers", status_code=202, summary="Transfer units by order", responses=_ERRORS
)
def force_transfer(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: ForcedTransferRequest,
) -> OperationView:
    """Without their holder, frozen or not, and to an eligible investor only; the order stays off chain."""
    ordered = OrderedTransfer(
        deal, body.tranche, body.sender, body.receiver, body.units, body.order_hash
    )
    return waiting.view(enforcement.force_transfer(context, actor, ordered), response)
