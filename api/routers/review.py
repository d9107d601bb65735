"""Filings under review: the regulator's part."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.checks import FilingCheckView
from api.answers.filings import FilingView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.present import Waiting, filing_view
from api.problems import responses
from api.requests import ApproveRequest, ReasonRequest, SupplementRequest
from issuer.services import review

router = APIRouter(prefix="/v1/filings/{filing}", tags=["filings"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.post("/checks", summary="Dry run of the review", responses=_ERRORS)
def check(context: InContext, actor: ByActor, filing: str) -> FilingCheckView:
    """What the next decision on it would find; nothing changes."""
    return FilingCheckView.of(review.dry_run_filing(context, actor, filing))


@router.post(
    "/formality-check",
    summary="Accept a submitted filing, or not",
    responses=_ERRORS,
)
def check_formality(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """UNDER_REVIEW, or NOT_ACCEPTED with every finding."""
    return filing_view(context, actor, review.check_formality(context, actor, filing))


@router.post("/supplement-request", summary="Ask for a supplement", responses=_ERRORS)
def request_supplement(
    context: InContext, actor: ByActor, filing: str, body: SupplementRequest
) -> FilingView:
    """The review clock stops (FIL-07)."""
    return filing_view(
        context, actor, review.request_supplement(context, actor, filing, body.materials, body.note)
    )


@router.post("/consultation", summary="Consult other departments", responses=_ERRORS)
def consult(context: InContext, actor: ByActor, filing: str, body: ReasonRequest) -> FilingView:
    """A prohibited circumstance is suspected; the review clock stops (FIL-08)."""
    return filing_view(context, actor, review.consult(context, actor, filing, body.reason))


@router.post("/consultation/conclusion", summary="Conclude the consultation", responses=_ERRORS)
def conclude(context: InContext, actor: ByActor, filing: str, body: ReasonRequest) -> FilingView:
    """The clock runs on."""
    return filing_view(
        context, actor, review.conclude_consultation(context, actor, filing, body.reason)
    )


@router.post("/review-suspension", summary="Suspend the review", responses=_ERRORS)
def suspend_review(
    context: InContext, actor: ByActor, filing: str, body: ReasonRequest
) -> FilingView:
    """By the regulator, or at the filer's justified request; the clock stops."""
    return filing_view(context, actor, review.suspend_review(context, actor, filing, body.reason))


@router.post("/review-suspension/lift", summary="Resume the review", responses=_ERRORS)
def resume_review(
    context: InContext, actor: ByActor, filing: str, body: ReasonRequest
) -> FilingView:
    """The filer only where it had itself asked for the suspension."""
    return filing_view(context, actor, review.resume_review(context, actor, filing, body.reason))


@router.post("/termination", summary="Terminate a filing", responses=_ERRORS)
def terminate(context: InContext, actor: ByActor, filing: str, body: ReasonRequest) -> FilingView:
    """Before it is published; the reason is public. A filing being amended is revoked."""
    return filing_view(context, actor, review.terminate_filing(context, actor, filing, body.reason))


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
