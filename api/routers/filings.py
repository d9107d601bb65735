"""Filings: drafted, signed, submitted, supplemented, withdrawn, and read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.answers.filings import AttestationView, FilingView, MaterialView, PreparedView, VersionView
from api.answers.operations import OperationView
from api.auth import ByActor, ByVisitor, InContext
from api.present import Waiting, filing_view
from api.problems import responses
from api.requests import AttestationRequest, DraftRequest, VersionRequest
from issuer.documents.filing import as_received
from issuer.domain.roles import Actor
from issuer.services import amendment, dossier
from issuer.services import filing as filings
from issuer.services.bundles import material_hash
from issuer.services.context import Context
from issuer.services.filing import Prepared

router = APIRouter(prefix="/v1", tags=["filings"])
_ERRORS = responses(401, 403, 404, 409, 422)


def _prepared(context: Context, actor: Actor, prepared: Prepared) -> PreparedView:
    return PreparedView(
        filing=filing_view(context, actor, prepared.filing),
        version=prepared.version,
        bundle_hash=prepared.bundle_hash,
        attesters=dict(prepared.attesters),
        to_sign={role: dict(data) for role, data in prepared.to_sign.items()},
    )


@router.post("/deals/{deal}/filings", status_code=201, summary="Draft a filing", responses=_ERRORS)
def draft(context: InContext, actor: ByActor, deal: str, body: DraftRequest) -> PreparedView:
    """Answers the bundle hash and what each responsible role signs."""
    sections = as_received(body, exclude={"version", "materials", "supersedes"})
    materials = [material.to_domain() for material in body.materials]
    return _prepared(
        context,
        actor,
        filings.draft_filing(context, actor, deal, sections, materials, body.supersedes),
    )


@router.get("/deals/{deal}/filings", summary="List a deal's filings", responses=responses(401, 404))
def list_filings(context: InContext, visitor: ByVisitor, deal: str) -> list[FilingView]:
    """Oldest first; of each what is public, to the filer and the authorities all."""
    return [filing_view(context, visitor, f) for f in dossier.filings_of(context, deal)]


@router.get("/filings/{filing}", summary="Show a filing", responses=responses(401, 404))
def show(context: InContext, visitor: ByVisitor, filing: str) -> FilingView:
    """Its state and its approval (FIL-09); to the filer and authorities also why it was not accepted."""
    return filing_view(context, visitor, dossier.show_filing(context, filing))


@router.get(
    "/filings/{filing}/versions/{version}",
    summary="Read a version's sections and materials",
    responses=responses(401, 403, 404, 422),
)
def read_version(
    context: InContext,
    actor: ByActor,
    filing: str,
    version: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> VersionView:
    """For the filer and the authorities; `intact` says whether it still has the hash it was given."""
    found = dossier.read_version(context, actor, filing, version)
    stored = found.stored
    return VersionView(
        filing=filing,
        version=version,
        bundle_hash=stored.bundle_hash,
        submitted_on=stored.submitted_on,
        intact=found.recomputed_hash == stored.bundle_hash,
        sections=dict(stored.sections),
        materials=[
            MaterialView(
                code=each.code,
                title=each.title,
                media_type=each.media_type,
                size=len(each.content),
                sha256=material_hash(each),
                content=each.content.decode("utf-8", "replace"),
                not_applicable=each.not_applicable,
                declared=dict(each.declared),
            )
            for each in stored.materials
        ],
        attestations=[AttestationView.of(each) for each in stored.attestations],
    )


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
    return AttestationView.of(filings.attest(context, actor, filing, body.role, body.signature))


@router.post("/filings/{filing}/submission", summary="Submit a filing", responses=_ERRORS)
def submit(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Needs the signatures."""
    return filing_view(context, actor, filings.submit_filing(context, actor, filing))


@router.post(
    "/filings/{filing}/versions",
    status_code=201,
    summary="Prepare the next version of the materials",
    responses=_ERRORS,
)
def prepare(context: InContext, actor: ByActor, filing: str, body: VersionRequest) -> PreparedView:
    """Answers its hash and what is to be signed."""
    sections = as_received(body.sections) if body.sections else None
    materials = [material.to_domain() for material in body.materials]
    return _prepared(
        context, actor, filings.prepare_version(context, actor, filing, sections, materials)
    )


@router.post(
    "/filings/{filing}/supplement", summary="Answer a supplement request", responses=_ERRORS
)
def answer_supplement(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """With the version prepared and signed; the clock runs on."""
    return filing_view(context, actor, filings.answer_supplement(context, actor, filing))


@router.post(
    "/filings/{filing}/amendment",
    status_code=202,
    summary="Amend what was published",
    responses=_ERRORS,
)
def amend(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, filing: str
) -> OperationView:
    """With the version prepared and signed: UNDER_REVIEW, and no minting until it is approved."""
    _, operation = amendment.amend_filing(context, actor, filing)
    return waiting.view(operation, response)


@router.post(
    "/filings/{filing}/amendment/cancellation",
    status_code=202,
    summary="Cancel an amendment",
    responses=_ERRORS,
)
def cancel_amendment(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, filing: str
) -> OperationView:
    """The filing is again what it was."""
    _, operation = amendment.cancel_amendment(context, actor, filing)
    return waiting.view(operation, response)


@router.post("/filings/{filing}/withdrawal", summary="Withdraw a filing", responses=_ERRORS)
def withdraw(context: InContext, actor: ByActor, filing: str) -> FilingView:
    """Before it is published."""
    return filing_view(context, actor, filings.withdraw_filing(context, actor, filing))
