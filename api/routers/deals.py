"""Deals: registered, deployed, looked at."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from api.answers.deals import (
    ContractView,
    DeploymentView,
    DifferenceView,
    HolderView,
    ReconciliationView,
    TrancheView,
)
from api.answers.operations import OperationView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.present import Waiting
from api.problems import responses
from api.requests import DeploymentRequest
from issuer.documents.deal import DealDocument, parse_deal
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.settlement_rules import flags
from issuer.services import deployment, reconciliation, reports
from issuer.services.deployment import deal_document, deal_ids

router = APIRouter(prefix="/v1/deals", tags=["deals"])


@router.post(
    "",
    status_code=201,
    summary="Register a deal",
    responses=responses(401, 403, 409, 422),
)
def register_deal(context: InContext, actor: ByActor, document: DealDocument) -> dict[str, Any]:
    """The body is a deal file, as JSON or (`Content-Type: application/yaml`) as it is.

    `flags` is what the regime in force allows and wants to be seen, such as an unlicensed coin.
    """
    stored = document.model_dump(mode="json")
    deal = parse_deal(stored, "request body")
    deployment.register_deal(context, actor, deal, stored)
    flagged = flags(DealCase(deal, context.regime))
    return {"id": deal.id, "name": deal.name, "flags": list(flagged)}


@router.get("", summary="List the deals", responses=responses(451), dependencies=[OVERSEAS_ONLY])
def list_deals(context: InContext) -> list[str]:
    """Ids in the order of registration."""
    return list(deal_ids(context))


@router.get(
    "/{deal}",
    summary="Show a deal's terms",
    responses=responses(404, 451),
    dependencies=[OVERSEAS_ONLY],
)
def show_deal(context: InContext, deal: str) -> dict[str, Any]:
    """The deal file as it was registered."""
    return dict(deal_document(context, deal))


@router.post(
    "/{deal}/deployment",
    status_code=202,
    summary="Deploy a deal's contracts",
    responses=responses(401, 403, 404, 409, 422),
)
def deploy_deal(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    request: DeploymentRequest | None = None,
) -> OperationView:
    """Supply 0 and cap 0: the filing's plan will carry the addresses and code hashes."""
    salt = None if request is None else request.salt
    return waiting.view(deployment.deploy_deal(context, actor, deal, salt), response)


@router.get("/{deal}/deployment", summary="Show a deal's contracts", responses=responses(404))
def show_deployment(context: InContext, deal: str) -> DeploymentView:
    """The address book: empty until the deal is deployed."""
    return DeploymentView(
        chain_id=context.chain.chain_id,
        contracts=[
            ContractView(
                name=each.name,
                address=each.address,
                code_hash=each.code_hash,
                artifact=each.artifact,
                transaction_hash=each.transaction_hash,
                block_number=each.block_number,
                shared=each.deal_id != deal,
            )
            for each in deployment.deployment_of(context, deal)
        ],
    )


@router.get(
    "/{deal}/tranches/{tranche}",
    summary="Show a tranche on chain and in the register",
    responses=responses(401, 403, 404, 409),
)
def show_tranche(context: InContext, actor: ByActor, deal: str, tranche: str) -> TrancheView:
    """Every holder twice: by the service's register and by the token itself."""
    found = reports.position(context, actor, deal, tranche)
    return TrancheView(
        token=found.token,
        supply=found.facts.supply,
        cap=found.facts.cap,
        mint_until=datetime.fromtimestamp(found.facts.mint_until, UTC),
        outstanding_per_unit_micro=found.facts.outstanding_per_unit_micro,
        written_down_per_unit_micro=found.facts.written_down_per_unit_micro,
        capitalised_per_unit_micro=found.facts.capitalised_per_unit_micro,
        ex_payment_per_unit_micro=found.ex_payment_per_unit_micro,
        factor=found.factor,
        epoch=found.facts.epoch,
        filing_status=found.facts.filing_status.name,
        transfers_open=found.facts.transfers_open,
        paused=found.facts.paused,
        holders=[
            HolderView(
                wallet=line.wallet,
                investor=line.investor_id,
                status=line.status,
                units_in_register=line.units_in_register,
                units_on_chain=line.units_on_chain,
            )
            for line in found.holders
        ],
        agrees=found.agrees,
    )


@router.get(
    "/{deal}/reconciliation",
    summary="Compare database and chain",
    responses=responses(401, 403, 404, 409, 503),
)
def reconcile(context: InContext, actor: ByActor, deal: str) -> ReconciliationView:
    """Every fact that both know; the service mints only while none differs."""
    found = reconciliation.reconcile(context, actor, deal)
    return ReconciliationView(
        deal=found.deal_id,
        block_number=found.block_number,
        agrees=found.agrees,
        compared=dict(found.compared),
        differences=[DifferenceView(**asdict(each)) for each in found.differences],
    )


@router.get(
    "/{deal}/ledger",
    summary="Show the balances of a deal's accounts",
    responses=responses(401, 403, 404),
)
def show_ledger(context: InContext, actor: ByActor, deal: str) -> dict[str, str]:
    """Account -> micro-units; together they add up to zero."""
    return {name: str(total) for name, total in reports.ledger(context, actor, deal).items()}


@router.get(
    "/{deal}/ledger/postings",
    summary="List a deal's postings",
    responses=responses(401, 403, 404),
)
def list_postings(context: InContext, actor: ByActor, deal: str) -> list[dict[str, Any]]:
    """Every posting in order."""
    return [
        {**row, "amount_micro": str(row["amount_micro"])}
        for row in reports.postings(context, actor, deal)
    ]
