"""Who is asking: an API key in the header `X-API-Key` names a role and a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from issuer.bootstrap import Simulator
from issuer.domain.errors import Unauthenticated
from issuer.domain.roles import Actor
from issuer.services.access import actor_of_key
from issuer.services.context import Context

_HEADER = APIKeyHeader(
    name="X-API-Key",
    auto_error=False,
    description="`abs-sim serve` prints one key for each role",
)


def simulator(request: Request) -> Simulator:
    """The running simulator behind the application."""
    found: Simulator = request.app.state.simulator
    return found


def context(request: Request) -> Context:
    """What the use cases have at hand."""
    return simulator(request).context


def actor(
    found: Annotated[Context, Depends(context)],
    key: Annotated[str | None, Security(_HEADER)],
) -> Actor:
    """The actor behind the key; refused without one."""
    if key is None:
        raise Unauthenticated("send an API key in the header X-API-Key")
    known = actor_of_key(found, key)
    if known is None:
        raise Unauthenticated("this API key is unknown here", code="api_key.unknown")
    return known


def visitor(
    found: Annotated[Context, Depends(context)],
    key: Annotated[str | None, Security(_HEADER)],
) -> Actor | None:
    """The actor behind the key, or nobody: for what is partly public."""
    return None if key is None else actor(found, key)


InContext = Annotated[Context, Depends(context)]
ByActor = Annotated[Actor, Depends(actor)]
ByVisitor = Annotated[Actor | None, Depends(visitor)]
InSimulator = Annotated[Simulator, Depends(simulator)]
