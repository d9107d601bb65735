"""Investors: admitted, frozen, cleared."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.checks import CheckView
from api.answers.investors import InvestorView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.present import Waiting
from api.problems import responses
from api.requests import (
    ReasonRequest,
    RecoveryRequest,
    SanctionsRequest,
)
from issuer.documents.investors import InvestorDocument
from issuer.domain.errors import Complaint, InvalidInput
from issuer.services import onboarding, recovery, reports
from issuer.store.investors import Registered

router = APIRouter(prefix="/v1", tags=["investors"])
_ERRORS = responses(401, 403, 404, 409, 422)


def _view(found: Registered) -> InvestorView:
    return InvestorView(
        id=found.investor.id,
        name=found.investor.name,
        residency=found.investor.residency,
        investor_class=found.investor.investor_class,
        wallet=found.investor.wallet,
        status=found.status,
        eligible_until=found.eligible_until,
    )


@router.post(
    "/deals/{deal}/investors",
    status_code=202,
    summary="Admit an investor to a deal",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def admit(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    document: InvestorDocument,
) -> OperationView:
    """Checked by the INV rules; eligibility is then written to every tranche."""
    _, operation = onboarding.admit_investor(
        context, actor, deal, document.to_domain(), document.model_dump(mode="json")
    )
    return waiting.view(operation, response)


@router.post(
    "/deals/{deal}/investors/checks",
    summary="Dry run of an admission",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def check(context: InContext, actor: ByActor, deal: str, document: InvestorDocument) -> CheckView:
    """What would stand against it; nothing changes."""
    return CheckView.of(onboarding.check_investor(context, actor, deal, document.to_domain()))


@router.get(
    "/deals/{deal}/investors",
    summary="List the investors admitted to a deal",
    responses=responses(401, 403, 404),
)
def list_investors(context: InContext, actor: ByActor, deal: str) -> list[InvestorView]:
    """In the order of ids."""
    return [_view(each) for each in reports.investors_of(context, actor, deal)]


@router.get("/investors/{investor}", summary="Show an investor", responses=responses(401, 403, 404))
def show(context: InContext, actor: ByActor, investor: str) -> InvestorView:
    """An investor's own key shows itself."""
    return _view(reports.investor(context, actor, investor))


@router.put(
    "/investors/{investor}",
    status_code=202,
    summary="Renew an investor's evidence",
    responses=_ERRORS | responses(451),
    dependencies=[OVERSEAS_ONLY],
)
def renew(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    investor: str,
    document: InvestorDocument,
) -> list[OperationView]:
    """Eligibility is extended in every deal that has admitted it. The wallet stays."""
    if document.id != investor:
        complaint = Complaint("/id", "investor.id", f"the document is of {document.id!r}")
        raise InvalidInput("request body", [complaint])
    _, operations = onboarding.renew_investor(
        context, actor, document.to_domain(), document.model_dump(mode="json")
    )
    return [waiting.view(each) for each in operations]


@router.post(
    "/investors/{investor}/freeze",
    status_code=202,
    summary="Freeze an investor",
    responses=_ERRORS,
)
def freeze(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    investor: str,
    body: ReasonRequest,
) -> list[OperationView]:
    """It neither sends nor receives; its payments are set aside. One operation per deal."""
    _, operations = onboarding.freeze_investor(context, actor, investor, body.reason)
    return [waiting.view(each) for each in operations]


@router.post(
    "/investors/{investor}/clearance",
    status_code=202,
    summary="Clear a frozen investor",
    responses=_ERRORS,
)
def clear(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    investor: str,
    body: ReasonRequest,
) -> list[OperationView]:
    """What was set aside may now be released to it."""
    _, operations = onboarding.clear_investor(context, actor, investor, body.reason)
    return [waiting.view(each) for each in operations]


@router.post(
    "/investors/{investor}/recovery",
    status_code=202,
    summary="Recover an investor's lost wallet",
    responses=_ERRORS,
)
def recover(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    investor: str,
    body: RecoveryRequest,
) -> list[OperationView]:
    """Units, unpaid entitlements and money held follow to the fresh wallet, which stays frozen until
    enforcement clears the investor. The lost one must be frozen. One operation per deal.
    """
    _, operations = recovery.recover_wallet(
        context, actor, investor, body.wallet, body.order_hash, body.wallet_proof
    )
    return [waiting.view(each) for each in operations]


@router.put(
    "/sanctions",
    status_code=202,
    summary="Put a new sanctions list in force",
    responses=responses(401, 403, 422),
)
def update_sanctions(
    context: InContext, actor: ByActor, waiting: Waiting, body: SanctionsRequest
) -> list[OperationView]:
    """Every investor it names, or whose owners it names, is frozen (INV-12)."""
    operations = onboarding.update_sanctions(context, actor, body.reference, body.entries)
    return [waiting.view(each) for each in operations]
