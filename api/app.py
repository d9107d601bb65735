"""The HTTP application."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import problems
from api.bodies import Bodies
from api.present import WaitingRoom
from api.routers import (
    checks,
    deals,
    distributions,
    enforcement,
    filings,
    investors,
    offering,
    oversight,
    proceeds,
    projections,
    purchases,
    reported,
    review,
    rules,
    service,
    supervision,
    trustee,
)
from issuer.bootstrap import Simulator

DESCRIPTION = """
A simulator of the one route by which mainland-China assets may back security tokens sold overseas:
file with the CSRC, issue when the stored filing is approved, pay coupons from the assets' cash flows.

Amounts of money in answers are whole micro-units of the deal's coin, as text, in fields that end in
`_micro` (numbers within the facts of a refusal); in requests they are coin, as text such as "50000.00".
Send `X-API-Key`. Send `Idempotency-Key` with anything that must not happen twice, and
`Prefer: wait=10` to be answered when the chain has confirmed. Bodies may be JSON or YAML.
"""


def create_app(simulator: Simulator) -> FastAPI:
    """The application over a running simulator."""
    # The documentation page brings its own scripts: the simulator runs without a network.
    app: FastAPI = FastAPIOffline(
        title="ABS token issuance simulator", version="1", description=DESCRIPTION, redoc_url=None
    )
    app.state.simulator = simulator
    app.state.waiting_room = WaitingRoom()
    problems.install(app)
    app.add_middleware(Bodies)
    for module in (
        deals,
        filings,
        review,
        supervision,
        trustee,
        oversight,
        investors,
        enforcement,
        offering,
        checks,
        proceeds,
        projections,
        purchases,
        distributions,
        reported,
        rules,
        service,
    ):
        app.include_router(module.router)
    return app
