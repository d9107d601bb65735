"""Projections: what a deal would pay. Nothing is stored and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter

from api.answers.projections import ProjectionView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.problems import responses
from api.requests import ProjectionRequest
from issuer.documents.deal import DealDocument, parse_deal
from issuer.documents.pool import PoolDocument, read_pool
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.services.context import Context
from issuer.services.deployment import deal_document
from issuer.services.present_state import start_of
from issuer.services.projections import NOW, Start, project_once, require_bounded

router = APIRouter(prefix="/v1/projections", tags=["projections"])
_SOURCE = "request body"
_LISTED = ("lines", "rentals", "principal")
"""Fields of assets that list their payments."""


@router.post(
    "",
    summary="Project a deal",
    responses=responses(401, 404, 409, 422, 451),
    dependencies=[OVERSEAS_ONLY],
)
def project(context: InContext, actor: ByActor, body: ProjectionRequest) -> ProjectionView:
    """The pool's collections under its assumptions, run through the deal's priority of payments.

    The pool is a pool file without a tape. An estimate: it names no holder, and any key may ask. A deal
    that runs goes on from where it stands, unless `from` says otherwise; what would take too long is
    refused before it is begun.
    """
    deal = _deal(context, body.deal)
    start = _start(context, deal, body)
    require_bounded(_payments(body.pool, start), start)
    with _within("/pool"):
        pool = read_pool(body.pool, _SOURCE)
        return ProjectionView.of(project_once(deal, pool, body.overrides, start=start))


def _start(context: Context, deal: Deal, body: ProjectionRequest) -> Start:
    if isinstance(body.deal, str):
        return start_of(context, deal, body.start)
    if body.start == NOW:
        message = "a deal file has no present: give the id of a registered deal, or ask `plan`"
        raise InvalidInput(_SOURCE, [Complaint("/from", "projection.from", message)])
    return Start.by_plan(deal)


def _payments(pool: PoolDocument, start: Start) -> list[int]:
    """How many payments each asset has left; each payment of a deal that buys assets adds one."""
    held = [
        max([getattr(each, "remaining", 1), *(len(getattr(each, name, ())) for name in _LISTED)])
        for each in pool.assets or ()
    ]
    every = (pool.assumptions, *pool.scenarios.values())
    bought = max((each.purchases.months for each in every if each.purchases), default=0)
    return held + [bought] * (len(start.periods) if bought else 0)


def _deal(context: Context, asked: str | DealDocument) -> Deal:
    if isinstance(asked, str):
        return parse_deal(deal_document(context, asked), asked)
    with _within("/deal"):
        return parse_deal(asked.model_dump(mode="json"), _SOURCE)


@contextmanager
def _within(path: str) -> Iterator[None]:
    """Point into the body, of which a file is only a part."""
    try:
        yield
    except InvalidInput as error:
        placed = [Complaint(f"{path}{c.path}", c.rule, c.message) for c in error.complaints]
        raise InvalidInput(_SOURCE, placed) from error
