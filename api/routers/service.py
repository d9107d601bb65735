"""The service itself: operations, the audit log, and the simulated world around it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.answers.audit import AuditVerdictView
from api.answers.operations import OperationView
from api.auth import ByActor, InContext, InSimulator
from api.present import InWaitingRoom, Waiting
from api.problems import responses
from api.requests import (
    AccountRequest,
    ApiKeyRequest,
    ClockRequest,
    CoinRequest,
)
from issuer.domain.money import parse_coin
from issuer.services import audit_log, reports, simulation

router = APIRouter()

CLOCK_WAIT_SECONDS = 10.0


@router.get("/healthz", tags=["service"], summary="Is the service up?")
async def health() -> dict[str, str]:
    """No key needed, and no thread: it answers also while all of them are busy."""
    return {"status": "up"}


@router.get("/v1/chain", tags=["service"], summary="Where the chain is, and how far")
def show_chain(found: InSimulator) -> dict[str, Any]:
    """Any web3 client can attach to `rpc_url`."""
    number, timestamp = found.context.chain.head()
    return {
        "chain_id": found.context.chain.chain_id,
        "rpc_url": found.rpc_url,
        "block_number": number,
        "block_timestamp": timestamp,
    }


@router.get(
    "/v1/operations/{operation}",
    tags=["service"],
    summary="Show an operation",
    responses=responses(401, 404),
)
def show_operation(context: InContext, _: ByActor, operation: str) -> OperationView:
    """Poll this until `state` is confirmed or refused."""
    return OperationView.of(reports.operation_report(context, operation))


@router.get(
    "/v1/audit", tags=["supervision"], summary="Read the audit log", responses=responses(401, 403)
)
def read_audit(
    context: InContext,
    actor: ByActor,
    since: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[dict[str, Any]]:
    """Rows after `since`; each carries the hash of the one before."""
    return [
        {name: getattr(row, name) for name in row.__dataclass_fields__}
        for row in audit_log.read(context, actor, since, limit)
    ]


@router.get(
    "/v1/audit/verification",
    tags=["supervision"],
    summary="Examine the audit log",
    responses=responses(401, 403),
)
def verify_audit(context: InContext, actor: ByActor) -> AuditVerdictView:
    """Every row, every link, and every head of the log that is anchored on chain."""
    return AuditVerdictView.of(audit_log.examine(context, actor))


@router.get("/v1/simulation/clock", tags=["simulation"], summary="What time is it?")
def show_clock(context: InContext) -> dict[str, datetime]:
    """The simulated instant."""
    return {"now": simulation.read_clock(context)}


@router.post(
    "/v1/simulation/clock",
    tags=["simulation"],
    summary="Move the clock forward",
    responses=responses(401, 403, 409, 422),
)
def move_clock(
    found: InSimulator,
    room: InWaitingRoom,
    context: InContext,
    actor: ByActor,
    body: ClockRequest,
) -> dict[str, datetime]:
    """The chain's time moves with it, once what is on its way there has arrived."""
    with room.place() as taken:
        if taken:
            found.worker.wait_until_idle(CLOCK_WAIT_SECONDS)
    return {"now": simulation.move_clock(context, actor, body.now)}


@router.post(
    "/v1/simulation/coin",
    status_code=202,
    tags=["simulation"],
    summary="Supply coin to a wallet",
    responses=responses(401, 403, 404, 409, 422),
)
def supply_coin(
    context: InContext, actor: ByActor, waiting: Waiting, response: Response, body: CoinRequest
) -> OperationView:
    """What the coin's issuer does against a bank deposit."""
    operation = simulation.supply_coin(
        context, actor, body.deal, body.wallet, parse_coin(body.amount), body.reference
    )
    return waiting.view(operation, response)


@router.post(
    "/v1/simulation/accounts",
    status_code=201,
    tags=["simulation"],
    summary="Permit an account to send transactions",
    responses=responses(401, 403, 422),
)
def permit_account(context: InContext, actor: ByActor, body: AccountRequest) -> dict[str, str]:
    """This is a permissioned chain; gas is free."""
    simulation.permit_account(context, actor, body.address, body.label)
    return {"address": body.address, "label": body.label}


@router.post(
    "/v1/simulation/api-keys",
    status_code=201,
    tags=["simulation"],
    summary="Issue an API key",
    responses=responses(401, 403, 404, 422),
)
def issue_api_key(context: InContext, actor: ByActor, body: ApiKeyRequest) -> dict[str, str]:
    """Shown once; only its hash is kept."""
    key = simulation.issue_api_key(context, actor, body.role, body.name, body.investor)
    return {"role": body.role, "name": body.name, "key": key}
