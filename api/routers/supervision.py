"""Filings in force: events, suspension, revocation and time-outs."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.filings import FilingView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.present import Waiting, filing_view
from api.problems import responses
from api.requests import (
    ClearanceRequest,
    DeterminationRequest,
    EventCodeRequest,
    EventReportRequest,
    ReasonRequest,
)
from issuer.services import deadlines, events, maturity, supervision, winding_up

router = APIRouter(prefix="/v1/filings/{filing}", tags=["filings"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.post("/events", summary="Note a reportable event", responses=_ERRORS)
def note_event(
    context: InContext, actor: ByActor, filing: str, body: EventCodeRequest
) -> FilingView:
    """The filer's days to report it begin (FIL-12)."""
    return filing_view(context, actor, events.note_event(context, actor, filing, body.code))


@router.post(
    "/reports",
    summary="Report an event; EV-01 completes the issuance",
    responses=_ERRORS,
)
def report_event(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    filing: str,
    body: EventReportRequest,
) -> FilingView:
    """With `Prefer: wait=N`, EV-01 is answered when transfers are open on chain.

    While the filing is suspended the report is kept: transfers open after the regulator's lift.
    """
    reported, operation = events.report_event(context, actor, filing, body.code, body.report)
    if operation is not None:
        waiting.view(operation)
    return filing_view(context, actor, reported)


@router.post("/event-clearance", summary="Take note of a report", responses=_ERRORS)
def clear_event(
    context: InContext, actor: ByActor, filing: str, body: ClearanceRequest
) -> FilingView:
    """In any state; the deal is ACTIVE again when no reported event is open (for EV-04 see NEG-07)."""
    return filing_view(context, actor, events.clear_event(context, actor, filing, body.code))


@router.post(
    "/suspension",
    status_code=202,
    summary="Suspend a filing",
    responses=_ERRORS,
)
def suspend(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: ReasonRequest,
) -> OperationView:
    """Mint and transfers stop; declared payments go on."""
    _, operation = supervision.suspend_filing(context, actor, filing, body.reason)
    return waiting.view(operation, response)


@router.post(
    "/suspension/lift",
    status_code=202,
    summary="Lift a suspension",
    responses=_ERRORS,
)
def lift(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: ReasonRequest,
) -> OperationView:
    """What it was before, or where reports have led since; refused while one is late (EV-01 to EV-12)."""
    _, operation = supervision.lift_suspension(context, actor, filing, body.reason)
    return waiting.view(operation, response)


@router.post(
    "/revocation",
    status_code=202,
    summary="Revoke a filing",
    responses=_ERRORS,
)
def revoke(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    filing: str,
    body: ReasonRequest,
) -> OperationView:
    """Final."""
    _, operation = supervision.revoke_filing(context, actor, filing, body.reason)
    return waiting.view(operation, response)


@router.post(
    "/security-determination",
    summary="Determine whether national security is endangered",
    responses=_ERRORS,
)
def determine_security(
    context: InContext, actor: ByActor, filing: str, body: DeterminationRequest
) -> FilingView:
    """Another authority's part (NEG-02)."""
    return filing_view(
        context, actor, supervision.determine_security(context, actor, filing, body.determination)
    )


@router.post(
    "/deadlines",
    summary="Carry out a time-out that has passed",
    responses=_ERRORS,
)
def enforce_deadlines(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Anybody may point at it: a supplement, an expiry, a report, an amendment, a payment (SET-12)."""
    return filing_view(context, actor, deadlines.enforce_deadlines(context, actor, filing))


@router.post(
    "/maturity",
    status_code=202,
    summary="Say that every tranche is paid",
    responses=_ERRORS,
)
def mature(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, filing: str
) -> OperationView:
    """MATURED; the chain closes the filing, and nothing is minted or transferred any more."""
    _, operation = maturity.mature_filing(context, actor, filing)
    return waiting.view(operation, response)


@router.post(
    "/final-payment",
    status_code=202,
    summary="Pay out what the repaid notes no longer need",
    responses=_ERRORS,
)
def pay_final(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, filing: str
) -> OperationView:
    """Reserve, carry and a residual that was held go to their payees; holders' money waits for them."""
    return waiting.view(winding_up.pay_final(context, actor, filing), response)


@router.post("/closure", summary="Close a matured filing", responses=_ERRORS)
def close(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Final; refused, naming the amounts, while money of the deal is left."""
    return filing_view(context, actor, maturity.close_filing(context, actor, filing))
