"""Every error as `application/problem+json` (RFC 9457). The only place that knows HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from issuer.documents.fields import cure_of, pointer
from issuer.domain import errors
from issuer.domain.calendar import CalendarHorizonError
from issuer.store import database

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[errors.IssuanceError], int] = {
    errors.Unauthenticated: 401,
    errors.InvalidInput: 422,
    CalendarHorizonError: 422,
    errors.NotFound: 404,
    errors.NotPermitted: 403,
    errors.StateConflict: 409,
    errors.RuleViolated: 409,
    errors.AccessBlocked: 451,
    errors.ChainRefused: 409,
    errors.ChainUnavailable: 503,
    errors.StoreUnavailable: 503,
}

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "An API key is needed",
    403: "This role may not do that",
    404: "There is no such thing",
    405: "This resource does not know that method",
    409: "Refused in the present state, or by a rule",
    413: "The request is too large",
    415: "Send JSON or YAML",
    422: "The input is malformed or out of range",
    451: "Not available in mainland China",
    500: "A defect of the simulator",
    503: "The chain or the database does not answer",
}


class FigureModel(BaseModel):
    """An open point of the regime: no published text fixes it, so it says where it comes from."""

    value: Any
    basis: str
    source: str


class FindingModel(BaseModel):
    """A violated rule."""

    rule: str = Field(examples=["FIL-01"])
    statement: str
    facts: dict[str, Any]
    basis: str = Field(description="text, source, analogy, unverified or design")
    source: str
    cure: str
    figures: dict[str, FigureModel] = Field(description="The open points that the rule rests on")


class ComplaintModel(BaseModel):
    """One thing wrong with the input."""

    path: str = Field(description="JSON pointer into the input", examples=["/tranches/0/units"])
    rule: str
    message: str


class Problem(BaseModel):
    """RFC 9457, with what a program or a person needs to do something about it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/rulebook.violated"])
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable; the same whether service or contract refused")
    findings: list[FindingModel] | None = None
    complaints: list[ComplaintModel] | None = None


_SCHEMA = Problem.model_json_schema()  # once: it is declared on every operation


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare problems for an operation's OpenAPI entry."""
    return {
        status: {
            "description": TITLES[status],
            "content": {MEDIA_TYPE: {"schema": _SCHEMA}},
        }
        for status in statuses
    }


def problem(
    path: str,
    status: int,
    code: str,
    detail: str,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem document."""
    body = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "instance": path,
        "code": code,
        **{key: value for key, value in (members or {}).items() if key not in _RESERVED},
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "code"})


def of_error(path: str, error: errors.IssuanceError) -> JSONResponse:
    """A refusal of the service."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 409)
    return problem(path, status, error.error_code, error.message, members_of(error))


def members_of(error: errors.IssuanceError) -> dict[str, Any]:
    """The typed facts of an error as extension members."""
    members = dict(error.facts)
    # What the facts call `state` or `error` keeps its name; nothing here hides a standard member.
    if isinstance(error, errors.RuleViolated):
        members["findings"] = [finding_json(finding) for finding in error.findings]
    if isinstance(error, errors.InvalidInput):
        members["complaints"] = [
            {"path": c.path, "rule": c.rule, "message": c.message} for c in error.complaints
        ]
    return members


def refusal_json(error: errors.IssuanceError) -> dict[str, Any]:
    """A refusal as it stands in the answer to a dry run."""
    return {"code": error.error_code, "detail": error.message, **members_of(error)}


def finding_json(finding: errors.Finding) -> dict[str, Any]:
    """A finding as it stands in answers."""
    return {
        "rule": finding.rule,
        "statement": finding.statement,
        "facts": dict(finding.facts),
        "basis": finding.basis,
        "source": finding.source,
        "cure": finding.cure,
        "figures": {name: dict(figure) for name, figure in finding.figures.items()},
    }


def install(app: FastAPI) -> None:
    """Send every error of the application through this module."""

    @app.exception_handler(errors.IssuanceError)
    def refused(request: Request, error: errors.IssuanceError) -> JSONResponse:
        return of_error(request.url.path, error)

    def starved(request: Request, error: Exception) -> JSONResponse:
        structlog.get_logger("api").warning("database_unavailable", reason=str(error))
        return of_error(request.url.path, database.unavailable(error))

    for kind in database.UNAVAILABLE:
        app.add_exception_handler(kind, starved)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        sent_as = request.headers.get("content-type", "")
        complaints = [
            {
                "path": _pointer(item, error.body),
                "rule": f"schema.{item['type']}",
                "message": _message(item, sent_as),
            }
            for item in error.errors()
        ]
        listed = "; ".join(f"{c['path'] or '/'}: {c['message']}" for c in complaints)
        return problem(
            request.url.path,
            422,
            "input.invalid",
            f"the request is malformed: {listed}",
            {"complaints": complaints},
        )

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> JSONResponse:
        return _of_route(request, error)

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> JSONResponse:
        structlog.get_logger("api").exception("request_failed", path=request.url.path)
        return problem(
            request.url.path, 500, "simulator.defect", "a defect of the simulator; see its log"
        )


def _of_route(request: Request, error: HTTPException) -> JSONResponse:
    """What the router refuses: there is no such path, or it has no such method."""
    path, headers = request.url.path, error.headers
    code, detail = "request.refused", str(error.detail)
    if error.status_code == 404:
        code, detail = "route.not_found", f"nothing is at {path}: {_SEE}"
    elif error.status_code == 405:
        known = ", ".join(_known_methods(request))
        code = "route.method_not_allowed"
        detail = f"{path} does not know {request.method}: send {known}; {_SEE}"
        headers = {**(headers or {}), "Allow": known}
    return problem(path, error.status_code, code, detail, headers=headers)


_SEE = "see /docs for what there is"


def _known_methods(request: Request) -> list[str]:
    """Of all routes at this path: the router names those of one."""
    routes: Sequence[BaseRoute] = request.app.router.routes
    return [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


def _message(item: Mapping[str, Any], sent_as: str) -> str:
    """In the words of a document's complaint; of the body as a whole, what to send instead."""
    if tuple(item["loc"]) == ("body",):
        if item["type"] == "missing":
            return "a body is required: send it as application/json or application/yaml"
        if "json" not in sent_as.lower():
            return "send Content-Type application/json or application/yaml"
    return cure_of(item["type"], item["msg"], item.get("input"))


def _pointer(item: Mapping[str, Any], body: Any) -> str:
    """RFC 6901, into the body as it was sent: the names of unions are left out."""
    part, *location = item["loc"]
    # Of a path or a query there is nothing but the name to follow.
    followed = body if part == "body" else dict.fromkeys(location)
    return pointer(location, followed, absent=item["type"] == "missing")
