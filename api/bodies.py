"""Request bodies before they are parsed: YAML becomes JSON, JSON is read as strictly, and a repeated
request is given its first answer.

Idempotency: the same key with the same body is answered as before, with `Idempotent-Replayed: true`;
with another body it is refused (422); while the first is under way, 409. Only answers that changed
something are kept: a refusal changed nothing, so the same request may be tried again.

What a request does it notes under its key in one transaction. So after a server has ended before it
answered, the next one knows: what was not done is done now, and what was is answered by its operation
as it stands, or by 409 where the answer was something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import MutableMapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers.operations import OperationView
from api.problems import of_error, problem
from issuer.documents.text import MAX_BYTES, read_document, require_plain_json
from issuer.domain.errors import InvalidInput, IssuanceError
from issuer.domain.operations import OperationKind
from issuer.services import access
from issuer.services.access import KeptAnswer, RequestKey
from issuer.services.context import Context, request_under_way
from issuer.services.reports import operation_report
from issuer.store import database

MAX_BODY_BYTES = 4 * MAX_BYTES
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Answered by more than their operation, or by a list of them.
_ANSWERED_OTHERWISE = frozenset(
    {
        OperationKind.REPORT_COLLECTIONS,
        OperationKind.RECEIVE_SUPPORT,
        OperationKind.RENEW_INVESTOR,
        OperationKind.FREEZE_INVESTOR,
        OperationKind.CLEAR_INVESTOR,
        OperationKind.RECOVER_WALLET,
    }
)
_SOURCE = "request body"
_JSON = ("/json", "+json")
_YAML = ("application/yaml", "application/x-yaml", "text/yaml")


class Bodies:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] not in _CHANGING:
            await self.app(scope, receive, send)
            return
        try:
            body = await _read(receive)
        except ClientDisconnect:
            return
        path = scope["path"]
        if body is None:
            detail = f"at most {MAX_BODY_BYTES} bytes"
            await problem(path, 413, "request.too_large", detail)(scope, receive, send)
            return
        headers = Headers(scope=scope)
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if content_type in _YAML:
                body = _json_of_yaml(body)
                scope["headers"] = _as_json(scope["headers"])
            elif body and content_type.endswith(_JSON):
                require_plain_json(body, _SOURCE)
        except InvalidInput as error:
            await of_error(path, error)(scope, receive, send)
            return
        key = headers.get("idempotency-key")
        principal = headers.get("x-api-key")
        if not key or not principal:
            await self.app(scope, _replay(body), send)
            return
        hashed = hashlib.sha256(principal.encode()).hexdigest()
        request = RequestKey(hashed, scope["method"], path, key)
        await self._answered(request, body, scope, send)

    async def _answered(self, request: RequestKey, body: bytes, scope: Scope, send: Send) -> None:
        """What is asked here, outside the application, is refused as it would be inside."""
        try:
            await self._once(request, body, scope, send)
        except IssuanceError as error:
            await of_error(request.path, error)(scope, _replay(body), send)
        except database.UNAVAILABLE as error:
            refusal = database.unavailable(error)
            await of_error(request.path, refusal)(scope, _replay(body), send)

    async def _once(self, request: RequestKey, body: bytes, scope: Scope, send: Send) -> None:
        context: Context = scope["app"].state.simulator.context
        receive = _replay(body)
        body_hash = hashlib.sha256(body).hexdigest()
        kept = await run_in_threadpool(access.begin_request, context, request, body_hash)
        if kept is None:
            await self._first(context, request, scope, receive, send)
        elif kept.body_hash != body_hash:
            detail = "this Idempotency-Key was used with another body; take a new key"
            await problem(request.path, 422, "idempotency.key_reused", detail)(scope, receive, send)
        elif kept.status is None:
            detail = "the first request with this Idempotency-Key is still under way"
            await problem(request.path, 409, "idempotency.in_flight", detail)(scope, receive, send)
        elif kept.status == access.LOST:
            answer = await run_in_threadpool(_instead_of_lost, context, request, kept)
            await answer(scope, receive, send)
        else:
            replayed = {**kept.headers, "idempotent-replayed": "true"}
            raw = [(name.encode(), value.encode()) for name, value in replayed.items()]
            await send({"type": "http.response.start", "status": kept.status, "headers": raw})
            await send({"type": "http.response.body", "body": kept.body})

    async def _first(
        self, context: Context, request: RequestKey, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = _Answer()
        noting = request_under_way.set(request)
        try:
            await self.app(scope, receive, answer)
        finally:
            request_under_way.reset(noting)
            # Before the client hears of it: its next request may be the same one again.
            if 200 <= answer.status < 300:
                await run_in_threadpool(
                    access.keep_answer,
                    context,
                    request,
                    answer.status,
                    answer.headers,
                    bytes(answer.body),
                )
            else:
                await run_in_threadpool(access.forget_request, context, request)
            for message in answer.messages:
                await send(message)


def _instead_of_lost(context: Context, request: RequestKey, kept: KeptAnswer) -> Response:
    """What can still be said of a request whose answer was lost."""
    reports = [operation_report(context, each) for each in kept.operations]
    kinds = {each.operation.kind for each in reports}
    if len(reports) == 1 and not kinds & _ANSWERED_OTHERWISE:
        view = OperationView.of(reports[0])
        headers = {"location": f"/v1/operations/{view.id}", "idempotent-replayed": "true"}
        return JSONResponse(view.model_dump(mode="json"), 202, headers)
    detail = (
        f"this request was carried out ({kept.act} {kept.subject}), and its answer was lost; nothing is"
        " done twice. Cure: read what it has made, or ask anew under another key"
    )
    facts = {"act": kept.act, "subject": kept.subject, "operations": list(kept.operations)}
    return problem(request.path, 409, "idempotency.answer_lost", detail, facts)


class _Answer:
    """Holds an answer until it may be sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            kept = ("content-type", "location")
            decoded = {name.decode(): value.decode() for name, value in message["headers"]}
            self.headers = {name: decoded[name] for name in kept if name in decoded}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
        self.messages.append(message)


async def _read(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            # Half a body is no body, however well half of it reads.
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _json_of_yaml(body: bytes) -> bytes:
    return json.dumps(read_document(body.decode("utf-8", "surrogateescape"), _SOURCE)).encode()


def _as_json(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [(n, v) for n, v in headers if n not in (b"content-type", b"content-length")]
    return [*kept, (b"content-type", b"application/json")]
