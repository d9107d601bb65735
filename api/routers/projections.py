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
from issuer.documents.pool import read_pool
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.services.context import Context
from issuer.services.deployment import deal_document
from issuer.services.projections import project_once

router = APIRouter(prefix="/v1/projections", tags=["projections"])
_SOURCE = "request body"


@router.post(
    "",
    summary="Project a deal",
    responses=responses(401, 404, 422, 451),
    dependencies=[OVERSEAS_ONLY],
)
def project(context: InContext, actor: ByActor, body: ProjectionRequest) -> ProjectionView:
    """The pool's collections under its assumptions, run through the deal's priority of payments.

    The pool is a pool file without a tape. An estimate: it names no holder, and any key may ask.
    """
    deal = _deal(context, body.deal)
    with _within("/pool"):
        return ProjectionView.of(project_once(deal, read_pool(body.pool, _SOURCE), body.overrides))


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
