"""The proceeds of an issue, sent onshore to the uses that were filed."""

from __future__ import annotations

from fastapi import APIRouter

from api.answers.proceeds import ProceedsTransferView, ProceedsUseView, ProceedsView
from api.auth import ByActor, InContext
from api.problems import responses
from api.requests import ProceedsRequest
from issuer.domain.money import parse_coin
from issuer.services import proceeds

router = APIRouter(prefix="/v1/deals", tags=["offering"])


@router.post(
    "/{deal}/proceeds",
    status_code=201,
    summary="Record a transfer of proceeds",
    responses=responses(401, 403, 404, 409, 422),
)
def record_transfer(
    context: InContext, actor: ByActor, deal: str, body: ProceedsRequest
) -> ProceedsTransferView:
    """Refused beyond what was filed for the use, the net proceeds or the cash received (SET-10)."""
    amount = parse_coin(body.amount)
    found = proceeds.record_transfer(context, actor, deal, body.use, amount, body.inbound_reference)
    return ProceedsTransferView.of(found)


@router.get(
    "/{deal}/proceeds",
    summary="Show what the proceeds were used for",
    responses=responses(401, 403, 404),
)
def show_proceeds(context: InContext, actor: ByActor, deal: str) -> ProceedsView:
    """Each filed use beside what has gone to it, and what is left of the cash."""
    found = proceeds.report(context, actor, deal)
    return ProceedsView(
        net_micro=found.net_micro,
        uses=[
            ProceedsUseView(use=use, filed_micro=filed, used_micro=found.used_micro(use))
            for use, filed in found.filed_micro.items()
        ],
        transfers=list(map(ProceedsTransferView.of, found.transfers)),
        balance_micro=found.balance_micro,
    )
