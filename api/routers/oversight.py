"""What supervisors look at, at home and abroad."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from api.answers.oversight import OversightView
from api.answers.sharing import ExportView
from api.auth import ByActor, InContext
from api.problems import responses
from issuer.services import oversight, sharing

router = APIRouter(prefix="/v1/deals/{deal}", tags=["supervision"])
_CSV = "text/csv"


@router.get(
    "/supervision",
    summary="Show a deal to its supervisor",
    responses=responses(401, 403, 404, 503),
)
def supervise(context: InContext, actor: ByActor, deal: str) -> OversightView:
    """What calls for attention first; then the filing with its clocks, materials and decisions, events,
    holders, mints, payments, sanctions, and whether all of it can be believed.
    """
    return OversightView.of(oversight.oversee(context, actor, deal))


@router.get(
    "/export",
    summary="Export a deal for overseas regulators",
    response_model=ExportView,
    responses={200: {"content": {_CSV: {}}}, **responses(401, 403, 404, 409)},
)
def export(
    context: InContext,
    actor: ByActor,
    deal: str,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
    accept: Annotated[str, Header()] = "",
) -> ExportView | Response:
    """Filing, holders, events, mints, payments (FIL-19); CSV with `Accept: text/csv` or
    `?format=csv`. The log says that it was given.
    """
    wanted = form or ("csv" if _CSV in accept else "json")
    found = ExportView.of(sharing.export_deal(context, actor, deal, wanted))
    if wanted == "json":
        return found
    name = f'attachment; filename="{deal}.csv"'
    return Response(found.as_csv(), media_type=_CSV, headers={"content-disposition": name})
