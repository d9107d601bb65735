"""Projections: what a deal would pay, also as two forms of it. Nothing is stored and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter

from api.answers.form_comparisons import FormComparisonView
from api.answers.projections import ProjectionView
from api.auth import ByActor, InContext
from api.fence import OVERSEAS_ONLY
from api.problems import responses
from api.requests import ComparisonRequest, ProjectionRequest
from issuer.documents.comparison import load_assumptions, read_assumptions
from issuer.documents.deal import DealDocument, parse_deal
from issuer.documents.pool import PoolDocument, read_pool
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import parse_percent
from issuer.services.context import Context
from issuer.services.deployment import deal_document
from issuer.services.measures import Provenance, measure, provenance
from issuer.services.present_state import start_of
from issuer.services.projections import (
    NOW,
    Projected,
    Start,
    project_once,
    require_applies,
    require_bounded,
)
from issuer.services.two_forms import compare_forms

router = APIRouter(prefix="/v1", tags=["projections"])
_SOURCE = "request body"
_LISTED = ("lines", "rentals", "principal")
"""Fields of assets that list their payments."""


@router.post(
    "/projections",
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
    found, made_of = _run(context, body)
    measured = measure(found, parse_percent(body.discount_rate))
    return ProjectionView.of(found, measured, made_of)


@router.post(
    "/comparisons",
    summary="Compare a deal's two forms",
    responses=responses(401, 404, 422, 451),
    dependencies=[OVERSEAS_ONLY],
)
def compare(context: InContext, actor: ByActor, body: ComparisonRequest) -> FormComparisonView:
    """One projected run as a traditional securitisation and as tokens: costs, waiting, holders.

    Every figure follows from assumptions, which are answered with what each rests on.
    """
    with _within("/assumptions"):
        assumed = (
            load_assumptions()
            if body.assumptions is None
            else read_assumptions(body.assumptions, _SOURCE)
        )
    found, made_of = _run(context, body)
    with _within("/assumptions"):
        compared = compare_forms(found, assumed)
    return FormComparisonView.of(found, compared, made_of)


def _run(
    context: Context, body: ProjectionRequest | ComparisonRequest
) -> tuple[Projected, Provenance]:
    deal, document = _deal(context, body.deal)
    start = Start.by_plan(deal)
    if isinstance(body, ProjectionRequest):
        start = _start(context, deal, body)
    require_bounded(_payments(body.pool, start), start)
    with _within("/pool"):
        pool = read_pool(body.pool, _SOURCE)
    require_applies(pool, body.overrides.figures(), _SOURCE, "/overrides/{}")
    with _within("/overrides"):
        pool.require_scenario(body.overrides.scenario, _SOURCE, "/scenario")
    with _within("/pool"):
        return project_once(deal, pool, body.overrides, start=start), provenance(document, pool)


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


def _deal(context: Context, asked: str | DealDocument) -> tuple[Deal, Mapping[str, Any]]:
    if isinstance(asked, str):
        document = deal_document(context, asked)
        return parse_deal(document, asked), document
    document = asked.model_dump(mode="json")
    with _within("/deal"):
        return parse_deal(document, _SOURCE), document


@contextmanager
def _within(path: str) -> Iterator[None]:
    """Point into the body, of which a file is only a part."""
    try:
        yield
    except InvalidInput as error:
        placed = [Complaint(f"{path}{c.path}", c.rule, c.message) for c in error.complaints]
        raise InvalidInput(_SOURCE, placed) from error
