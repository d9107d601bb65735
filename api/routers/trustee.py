"""The trustee's notices, and how a deal stands by them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.filings import StandingView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.present import Waiting
from api.problems import responses
from api.requests import NoticeRequest
from issuer.domain.operations import OperationKind
from issuer.services import trustee

router = APIRouter(prefix="/v1/filings/{filing}", tags=["trustee"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.get("/standing", summary="Show how a deal stands", responses=responses(404, 409))
def show(context: InContext, filing: str) -> StandingView:
    """By the chain, which alone holds it."""
    return StandingView(standing=trustee.standing(context, filing))


@router.post("/default", status_code=202, summary="Declare a default", responses=_ERRORS)
def declare_default(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: NoticeRequest,
) -> OperationView:
    """From now on no principal goes to a tranche while one above it is outstanding."""
    kind = OperationKind.DECLARE_DEFAULT
    given = trustee.give_notice(context, actor, filing, kind, body.notice_hash)
    return waiting.view(given, response)


@router.post("/default/waiver", status_code=202, summary="Waive a default", responses=_ERRORS)
def waive_default(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: NoticeRequest,
) -> OperationView:
    """The deal performs again."""
    kind = OperationKind.WAIVE_DEFAULT
    given = trustee.give_notice(context, actor, filing, kind, body.notice_hash)
    return waiting.view(given, response)


@router.post(
    "/acceleration", status_code=202, summary="Accelerate a deal in default", responses=_ERRORS
)
def accelerate(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: NoticeRequest,
) -> OperationView:
    """From now on no coin at all goes to a tranche while one above it is outstanding."""
    given = trustee.give_notice(context, actor, filing, OperationKind.ACCELERATE, body.notice_hash)
    return waiting.view(given, response)


@router.post(
    "/acceleration/rescission",
    status_code=202,
    summary="Rescind an acceleration",
    responses=_ERRORS,
)
def rescind_acceleration(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: NoticeRequest,
) -> OperationView:
    """The deal is in default as before."""
    kind = OperationKind.RESCIND_ACCELERATION
    given = trustee.give_notice(context, actor, filing, kind, body.notice_hash)
    return waiting.view(given, response)
