"""Filings under review: the regulator's part."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.checks import CheckView
from api.answers.filings import FilingView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.present import Waiting
from api.problems import responses
from api.requests import ApproveRequest, SupplementRequest
from issuer.services import review

router = APIRouter(prefix="/v1/filings/{filing}", tags=["filings"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.post("/checks", summary="Dry run of the review", responses=_ERRORS)
def check(context: InContext, actor: ByActor, filing: str) -> CheckView:
    """What the formality check would find in the newest version; nothing changes."""
    return CheckView.of(review.dry_run_filing(context, actor, filing))


@router.post(
    "/formality-check",
    summary="Accept a submitted filing, or not",
    responses=_ERRORS,
)
def check_formality(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """UNDER_REVIEW, or NOT_ACCEPTED with every finding."""
    return FilingView.of(review.check_formality(context, actor, filing))


@router.post("/supplement-request", summary="Ask for a supplement", responses=_ERRORS)
def request_supplement(
    context: InContext, actor: ByActor, filing: str, body: SupplementRequest
) -> FilingView:
    """The review clock stops (FIL-07)."""
    return FilingView.of(
        review.request_supplement(context, actor, filing, body.materials, body.note)
    )


@router.post(
    "/approval",
    status_code=202,
    summary="Approve a filing",
    responses=_ERRORS,
)
def approve(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: ApproveRequest,
) -> OperationView:
    """APPROVED now; FILED when the anchor is confirmed on chain."""
    _, operation = review.approve_filing(context, actor, filing, body.version, body.bundle_hash)
    return waiting.view(operation, response)
