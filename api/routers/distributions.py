"""Collections in, coupons out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from api.answers.distributions import BatchView, CollectionsView, DistributionView, DryRunView
from api.answers.operations import OperationView
from api.answers.reported import PoolReportView
from api.auth import ByActor, InContext
from api.present import Waiting, figures_view, holder_views
from api.problems import responses
from api.requests import (
    PeriodRequest,
    ReleaseRequest,
)
from issuer.documents.collections import CollectionsDocument
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import format_percent
from issuer.domain.schedule import HONG_KONG
from issuer.reporting.page import as_html
from issuer.reporting.plain import as_plain
from issuer.reporting.tables import Table, as_csv
from issuer.services import collections, distribution, investor_reports, payments, reports

router = APIRouter(prefix="/v1", tags=["distributions"])
_ERRORS = responses(401, 403, 404, 409, 422)
_CSV, _HTML = "text/csv", "text/html"


def _collections(
    found: collections.Reported, operation: OperationView | None = None
) -> CollectionsView:
    return CollectionsView(
        batches=_batches(found.batches),
        pool_reports=list(map(PoolReportView.of, found.pool_reports)),
        operation=operation,
    )


def _batches(rows: Iterable[Any]) -> list[BatchView]:
    return [
        BatchView(
            id=row["id"],
            period=row["period"],
            of=row["of"],
            cny_fen=str(row["cny_fen"]),
            received_on=row["received_on"],
            state=row["state"],
            coin_micro=row["coin_micro"],
            dropped_micro=row["dropped"] and f"{float(Fraction(row['dropped'])):.6f}",
            fx_reference=row["fx"] and row["fx"]["reference"],
        )
        for row in rows
    ]


@router.post(
    "/deals/{deal}/collections",
    status_code=202,
    summary="Report collections",
    responses=_ERRORS,
)
def report(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    document: CollectionsDocument,
) -> CollectionsView:
    """The body is a collections file. A batch without an exchange reference is held (SET-09); a pool
    report takes the place of an earlier one until its period is determined.
    """
    if document.deal != deal:
        complaint = Complaint("/deal", "collections.deal", f"the file is for {document.deal!r}")
        raise InvalidInput("request body", [complaint])
    found, operation = collections.report_collections(context, actor, deal, document.to_domain())
    view = waiting.view(operation, response) if operation else None
    if view is not None:
        found = collections.collections_of(context, deal)
    return _collections(found, view)


@router.get("/deals/{deal}/collections", summary="List collections", responses=responses(404))
def list_collections(context: InContext, deal: str) -> CollectionsView:
    """Every batch with its conversion, or held; and the pool of each period, as last reported."""
    return _collections(collections.collections_of(context, deal))


@router.post(
    "/deals/{deal}/distributions/dry-run",
    summary="Dry run of a distribution",
    responses=_ERRORS,
)
def dry_run(context: InContext, actor: ByActor, deal: str, body: PeriodRequest) -> DryRunView:
    """The priority of payments and each holder's part, as things stand; nothing changes."""
    found = distribution.dry_run(context, actor, deal, body.period)
    return DryRunView(
        **figures_view(found.figures).model_dump(),
        determination_on=found.period.determination,
        record_at=found.record_closing,
        payment_on=found.period.payment,
        projected=found.period.projected,
        fixings={index: format_percent(rate) for index, rate in found.inputs.fixings.items()},
        support_micro=dict(found.inputs.support_micro),
        holders=holder_views(found.holders),
    )


@router.post(
    "/deals/{deal}/distributions",
    status_code=202,
    summary="Determine a distribution",
    responses=_ERRORS,
)
def determine(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    deal: str,
    body: PeriodRequest,
) -> OperationView:
    """Fixes the amounts and announces the record date on chain. The operation's subject is its id."""
    _, operation = distribution.determine(context, actor, deal, body.period)
    return waiting.view(operation, response)


@router.get("/deals/{deal}/distributions", summary="List distributions", responses=responses(404))
def list_distributions(context: InContext, deal: str) -> list[dict[str, Any]]:
    """Id, period and state."""
    return [
        {"id": found, "period": period, "state": state}
        for found, period, state in reports.distribution_ids(context, deal)
    ]


@router.get(
    "/deals/{deal}/investor-report",
    summary="Show the investor report",
    response_model=None,
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}},
                _CSV: {"schema": {"type": "string"}},
                _HTML: {"schema": {"type": "string"}},
            }
        },
        **responses(401, 403, 404, 409, 422),
    },
)
def investor_report(
    context: InContext,
    actor: ByActor,
    deal: str,
    period: Annotated[int | None, Query(description="One period; without it, all")] = None,
    form: Annotated[Literal["json", "csv", "html"] | None, Query(alias="format")] = None,
    table: Annotated[Table, Query(description="Which table of CSV")] = Table.LINES,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """What each determined period brought, paid and left, with the sums that prove it: JSON, one table
    as CSV, or a page to print, by `?format=` or `Accept`. It names no holder; money that has a holder's
    name on it is in the distribution.
    """
    paper = investor_reports.report_of(context, actor, deal, period)
    match form or _wanted(accept):
        case "csv":
            name = f'attachment; filename="{deal}-{table}.csv"'
            return Response(
                as_csv(paper, table), media_type=_CSV, headers={"content-disposition": name}
            )
        case "html":
            # The page needs nothing from anywhere, and says so to the browser.
            headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
            return Response(as_html(paper), media_type=_HTML, headers=headers)
        case _:
            return JSONResponse(as_plain(paper))


def _wanted(accept: str) -> str:
    """The form that `Accept` names first; JSON where it names none of them."""
    known = {"application/json": "json", _CSV: "csv", _HTML: "html"}
    named = (each.partition(";")[0].strip().lower() for each in accept.split(","))
    return next((known[each] for each in named if each in known), "json")


@router.get(
    "/distributions/{distribution_id}",
    summary="Show a distribution and each holder's outcome",
    responses=responses(401, 403, 404),
)
def show(context: InContext, actor: ByActor, distribution_id: str) -> DistributionView:
    """An investor sees its own line only."""
    found = reports.distribution_report(context, actor, distribution_id)
    each = found.distribution
    return DistributionView(
        **figures_view(each.figures).model_dump(),
        id=each.id,
        deal=each.deal_id,
        state=each.state,
        record_at=datetime.fromtimestamp(each.record_at, HONG_KONG),
        holders=holder_views(found.holders),
    )


@router.post(
    "/distributions/{distribution_id}/record",
    status_code=202,
    summary="Close the record date",
    responses=_ERRORS,
)
def record(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    distribution_id: str,
) -> OperationView:
    """Whoever holds at the announced instant is paid, also after selling."""
    _, operation = distribution.record_holders(context, actor, distribution_id)
    return waiting.view(operation, response)


@router.post(
    "/distributions/{distribution_id}/payment",
    status_code=202,
    summary="Declare and pay",
    responses=_ERRORS,
)
def pay(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    distribution_id: str,
) -> OperationView:
    """Holders of record first, then fees and the residual; a frozen holder's money is set aside."""
    _, operation = payments.pay(context, actor, distribution_id)
    return waiting.view(operation, response)


@router.post(
    "/distributions/{distribution_id}/releases",
    status_code=202,
    summary="Release money that was set aside",
    responses=_ERRORS,
)
def release(
    context: InContext,
    actor: ByActor,
    waiting: Waiting,
    response: Response,
    distribution_id: str,
    body: ReleaseRequest,
) -> OperationView:
    """To the investor's own wallet, once it is cleared."""
    operation = payments.release_payment(context, actor, distribution_id, body.investor)
    return waiting.view(operation, response)
