"""What is reported for a period besides collections: fixings, and what sponsors have sent."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.answers.operations import OperationView
from api.answers.reported import FixingView, SupportPaymentView, SupportView
from api.auth import ByActor, InContext
from api.present import Waiting
from api.problems import responses
from api.requests import FixingRequest, SupportRequest
from issuer.domain.money import parse_coin, parse_signed_percent
from issuer.domain.reported import Fixing, SupportPayment
from issuer.services import fixings, support

router = APIRouter(prefix="/v1/deals", tags=["distributions"])
_ERRORS = responses(401, 403, 404, 409, 422)


@router.post("/{deal}/fixings", status_code=201, summary="Enter a fixing", responses=_ERRORS)
def enter_fixing(context: InContext, actor: ByActor, deal: str, body: FixingRequest) -> FixingView:
    """The rate that an index has for the interest of a period. Until the period is determined, another
    takes its place.
    """
    rate = parse_signed_percent(body.rate)
    new = Fixing(body.period, body.index, rate, body.fixed_on, body.source)
    return FixingView.of(fixings.enter_fixing(context, actor, deal, new))


@router.get("/{deal}/fixings", summary="List fixings", responses=responses(404))
def list_fixings(context: InContext, deal: str) -> list[FixingView]:
    """By period and index."""
    return list(map(FixingView.of, fixings.fixings_of(context, deal)))


@router.post(
    "/{deal}/support",
    status_code=202,
    summary="Enter a sponsor's payment",
    responses=_ERRORS,
)
def receive_support(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: SupportRequest,
) -> SupportView:
    """Its coin arrives on the deal's account, and waits there until a step needs it; what none has
    needed goes back with the final payment.
    """
    amount = parse_coin(body.amount)
    new = SupportPayment(body.reference, body.sponsor, body.period, amount, body.received_on)
    operation = support.receive_support(context, actor, deal, new)
    view = waiting.view(operation, response)
    return _view(support.support_of(context, deal), view)


@router.get("/{deal}/support", summary="List sponsors' payments", responses=responses(404))
def list_support(context: InContext, deal: str) -> SupportView:
    """By period and reference."""
    return _view(support.support_of(context, deal))


def _view(found: support.Received, operation: OperationView | None = None) -> SupportView:
    payments = [SupportPaymentView.of(each, state) for each, state in found]
    return SupportView(payments=payments, operation=operation)
