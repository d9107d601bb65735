"""Filings: drafted, signed, submitted, reviewed, approved; and supervised afterwards."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.checks import CheckView
from api.answers.filings import AttestationView, FilingView, MaterialView, PreparedView, VersionView
from api.answers.operations import OperationView
from api.auth import ByActor, ByVisitor, InContext
from api.present import Waiting
from api.problems import FindingModel, finding_json, responses
from api.requests import (
    ApproveRequest,
    AttestationRequest,
    DeterminationRequest,
    DraftRequest,
    EventCodeRequest,
    EventReportRequest,
    ReasonRequest,
    SupplementRequest,
    VersionRequest,
)
from issuer.domain.roles import Actor
from issuer.services import filing as filings
from issuer.services import supervision
from issuer.services.filing import Prepared

router = APIRouter(prefix="/v1", tags=["filings"])
_ERRORS = responses(401, 403, 404, 409, 422)


def _prepared(prepared: Prepared) -> PreparedView:
    return PreparedView(
        filing=FilingView.of(prepared.filing),
        version=prepared.version,
        bundle_hash=prepared.bundle_hash,
        attesters=dict(prepared.attesters),
        to_sign={role: dict(data) for role, data in prepared.to_sign.items()},
    )


@router.post("/deals/{deal}/filings", status_code=201, summary="Draft a filing", responses=_ERRORS)
def draft(context: InContext, actor: ByActor, deal: str, body: DraftRequest) -> PreparedView:
    """Answers the bundle hash and what each responsible role signs."""
    sections = body.model_dump(mode="json", exclude={"version", "materials", "supersedes"})
    materials = [material.to_domain() for material in body.materials]
    return _prepared(
        filings.draft_filing(context, actor, deal, sections, materials, body.supersedes)
    )


@router.get("/deals/{deal}/filings", summary="List a deal's filings", responses=responses(401, 404))
def list_filings(context: InContext, visitor: ByVisitor, deal: str) -> list[FilingView]:
    """Oldest first. Without a key: what is public of each."""
    return [_public(FilingView.of(f), visitor) for f in filings.filings_of(context, deal)]


@router.get("/filings/{filing}", summary="Show a filing", responses=responses(401, 404))
def show(context: InContext, visitor: ByVisitor, filing: str) -> FilingView:
    """Its state and its approval (FIL-09); with a key, also why it was not accepted."""
    return _public(FilingView.of(filings.show_filing(context, filing)), visitor)


@router.get(
    "/filings/{filing}/versions/{version}",
    summary="Read a version's sections and materials",
    responses=responses(401, 403, 404),
)
def read_version(context: InContext, actor: ByActor, filing: str, version: int) -> VersionView:
    """For the filer and the authorities; `intact` says whether it still has the hash it was given."""
    found = filings.read_version(context, actor, filing, version)
    stored = found.stored
    return VersionView(
        filing=filing,
        version=version,
        bundle_hash=stored.bundle_hash,
        intact=found.recomputed_hash == stored.bundle_hash,
        sections=dict(stored.sections),
        materials=[
            MaterialView(
                code=each.code,
                title=each.title,
                media_type=each.media_type,
                size=len(each.content),
                content=each.content.decode("utf-8", "replace"),
                not_applicable=each.not_applicable,
                declared=dict(each.declared),
            )
            for each in stored.materials
        ],
        attestations=[
            AttestationView(role=a.role, signer=a.signer, bundle_hash=a.bundle_hash)
            for a in stored.attestations
        ],
    )


def _public(view: FilingView, visitor: Actor | None) -> FilingView:
    """Findings quote materials, and a supplement says what is wrong with them: not for everybody."""
    if visitor is not None:
        return view
    return view.model_copy(update={"findings": [], "supplement": None})


@router.post(
    "/filings/{filing}/attestations",
    status_code=201,
    summary="Add a signature over the version being prepared",
    responses=_ERRORS,
)
def attest(
    context: InContext, actor: ByActor, filing: str, body: AttestationRequest
) -> AttestationView:
    """The key must be the one that the filing names for the role."""
    signed = filings.attest(context, actor, filing, body.role, body.signature)
    return AttestationView(role=signed.role, signer=signed.signer, bundle_hash=signed.bundle_hash)


@router.post("/filings/{filing}/submission", summary="Submit a filing", responses=_ERRORS)
def submit(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Needs the signatures."""
    return FilingView.of(filings.submit_filing(context, actor, filing))


@router.post("/filings/{filing}/checks", summary="Dry run of the review", responses=_ERRORS)
def check(context: InContext, actor: ByActor, filing: str) -> CheckView:
    """What the formality check would find in the newest version; nothing changes."""
    found = filings.dry_run_filing(context, actor, filing)
    return CheckView(
        allowed=not found, findings=[FindingModel(**finding_json(each)) for each in found]
    )


@router.post(
    "/filings/{filing}/formality-check",
    summary="Accept a submitted filing, or not",
    responses=_ERRORS,
)
def check_formality(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """UNDER_REVIEW, or NOT_ACCEPTED with every finding."""
    return FilingView.of(filings.check_formality(context, actor, filing))


@router.post(
    "/filings/{filing}/supplement-request", summary="Ask for a supplement", responses=_ERRORS
)
def request_supplement(
    context: InContext, actor: ByActor, filing: str, body: SupplementRequest
) -> FilingView:
    """The review clock stops (FIL-07)."""
    return FilingView.of(
        filings.request_supplement(context, actor, filing, body.materials, body.note)
    )


@router.post(
    "/filings/{filing}/versions",
    status_code=201,
    summary="Prepare the next version of the materials",
    responses=_ERRORS,
)
def prepare(context: InContext, actor: ByActor, filing: str, body: VersionRequest) -> PreparedView:
    """Answers its hash and what is to be signed."""
    sections = body.sections.model_dump(mode="json") if body.sections else None
    materials = [material.to_domain() for material in body.materials]
    return _prepared(filings.prepare_supplement(context, actor, filing, sections, materials))


@router.post(
    "/filings/{filing}/supplement", summary="Answer a supplement request", responses=_ERRORS
)
def answer_supplement(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """With the version prepared and signed; the clock runs on."""
    return FilingView.of(filings.answer_supplement(context, actor, filing))


@router.post("/filings/{filing}/withdrawal", summary="Withdraw a filing", responses=_ERRORS)
def withdraw(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Before it is published."""
    return FilingView.of(filings.withdraw_filing(context, actor, filing))


@router.post(
    "/filings/{filing}/approval",
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
    _, operation = filings.approve_filing(context, actor, filing, body.version, body.bundle_hash)
    return waiting.view(operation, response)


# ---- supervision


@router.post("/filings/{filing}/events", summary="Note a reportable event", responses=_ERRORS)
def note_event(
    context: InContext, actor: ByActor, filing: str, body: EventCodeRequest
) -> FilingView:
    """The filer's days to report it begin (FIL-12)."""
    return FilingView.of(supervision.note_event(context, actor, filing, body.code))


@router.post(
    "/filings/{filing}/reports",
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
    """With `Prefer: wait=N`, EV-01 is answered when transfers are open on chain."""
    reported, operation = supervision.report_event(context, actor, filing, body.code, body.report)
    if operation is not None:
        waiting.view(operation)
    return FilingView.of(reported)


@router.post(
    "/filings/{filing}/event-clearance", summary="Take note of a report", responses=_ERRORS
)
def clear_event(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """The deal is ACTIVE again."""
    return FilingView.of(supervision.clear_event(context, actor, filing))


@router.post(
    "/filings/{filing}/suspension",
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
    "/filings/{filing}/suspension/lift",
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
    """The filing is again what it was before."""
    _, operation = supervision.lift_suspension(context, actor, filing, body.reason)
    return waiting.view(operation, response)


@router.post(
    "/filings/{filing}/revocation",
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
    "/filings/{filing}/security-determination",
    summary="Determine whether national security is endangered",
    responses=_ERRORS,
)
def determine_security(
    context: InContext, actor: ByActor, filing: str, body: DeterminationRequest
) -> FilingView:
    """Another authority's part (NEG-02)."""
    return FilingView.of(supervision.determine_security(context, actor, filing, body.determination))


@router.post(
    "/filings/{filing}/deadlines",
    summary="Carry out a time-out that has passed",
    responses=_ERRORS,
)
def enforce_deadlines(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Anybody may point at it."""
    return FilingView.of(supervision.enforce_deadlines(context, actor, filing))
