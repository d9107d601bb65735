"""Answers that several routers give: operations, filings, and the figures of a distribution."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.answers.distributions import (
    CollectedView,
    FiguresView,
    HolderPaymentView,
    IdentityView,
    LineView,
    PerUnitView,
    TestView,
)
from api.answers.filings import FilingView
from api.answers.operations import OperationView
from api.auth import InSimulator
from issuer.bootstrap import Simulator
from issuer.domain.filing import Filing
from issuer.domain.operations import Operation
from issuer.domain.payment import HolderPayment
from issuer.domain.roles import Act, Actor, may
from issuer.domain.waterfall.distribution import Distribution
from issuer.services import dossier
from issuer.services.context import Context
from issuer.services.reports import operation_report

MAX_WAIT_SECONDS = 30.0


class WaitingRoom:
    """Places for clients that wait. Each holds one of the server's forty threads meanwhile.

    Waiting is a preference: whoever finds the room full is answered as things stand, and the threads
    that are left serve everybody else.
    """

    def __init__(self, places: int = 24) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Take a place for the length of the block, if there is one."""
        taken = self._places.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._places.release()


def waiting_room(request: Request) -> WaitingRoom:
    """The application's waiting room."""
    found: WaitingRoom = request.app.state.waiting_room
    return found


InWaitingRoom = Annotated[WaitingRoom, Depends(waiting_room)]


class Waiter:
    """Gives back an operation: at once, or with `Prefer: wait=N` when it is done."""

    def __init__(self, simulator: Simulator, room: WaitingRoom, seconds: float) -> None:
        self._simulator = simulator
        self._room = room
        self._seconds = seconds

    def view(self, operation: Operation, response: Response | None = None) -> OperationView:
        """The operation as the client shall see it; the answer says where to poll."""
        if self._seconds:
            with self._room.place() as taken:
                if taken:
                    self._simulator.worker.wait_for(operation.id, self._seconds)
        if response is not None:
            response.headers["location"] = f"/v1/operations/{operation.id}"
        return OperationView.of(operation_report(self._simulator.context, operation.id))


def waiter(
    simulator: InSimulator,
    room: InWaitingRoom,
    prefer: Annotated[
        str | None,
        Header(description="`wait=10`: answer when the chain has confirmed, after 10 s at most"),
    ] = None,
) -> Waiter:
    """How long this client wants to wait."""
    found = re.search(r"\bwait=(\d{1,3})\b", prefer or "")
    return Waiter(simulator, room, min(float(found[1]), MAX_WAIT_SECONDS) if found else 0.0)


Waiting = Annotated[Waiter, Depends(waiter)]


def figures_view(figures: Distribution) -> FiguresView:
    """The steps, the amounts per unit, and the identity they satisfy."""
    before, after = figures.opening, figures.closing
    paid = figures.paid_micro
    came_in = figures.collections_micro + figures.support_micro
    came_in += before.reserve_micro + before.carry_micro
    return FiguresView(
        period=figures.period,
        collections=CollectedView(**asdict(figures.collections)),
        standing=figures.standing,
        waterfall=figures.mode,
        tests=[
            TestView(
                id=each.id,
                numerator_micro=each.numerator_micro,
                denominator_micro=each.denominator_micro,
                threshold=str(each.threshold),
                passed=each.passed,
            )
            for each in figures.tests
        ],
        lines=[
            LineView(
                step=line.step,
                kind=line.kind,
                subject=line.subject,
                payee=line.payee,
                due_micro=line.due_micro,
                paid_micro=line.paid_micro,
                shortfall_micro=line.shortfall_micro,
            )
            for line in figures.lines
        ],
        per_unit=[
            PerUnitView(
                tranche=each.tranche,
                units=each.units,
                interest_due_micro=each.interest_due_micro,
                interest_paid_micro=each.interest_paid_micro,
                principal_due_micro=each.principal_due_micro,
                principal_paid_micro=each.principal_paid_micro,
                payable_micro=each.payable_micro,
                declared_micro=each.declared_micro,
                outstanding_before_micro=each.outstanding_before_micro,
                outstanding_after_micro=each.outstanding_after_micro,
                capitalised_micro=each.capitalised_micro,
                written_down_micro=each.written_down_micro,
            )
            for each in figures.per_unit
        ],
        identity=IdentityView(
            collections_micro=figures.collections_micro,
            support_micro=figures.support_micro,
            reserve_before_micro=before.reserve_micro,
            carry_before_micro=before.carry_micro,
            paid_micro=paid,
            reserve_after_micro=after.reserve_micro,
            carry_after_micro=after.carry_micro,
            holds=came_in == paid + after.reserve_micro + after.carry_micro,
        ),
    )


def holder_views(payments: Iterable[HolderPayment]) -> list[HolderPaymentView]:
    """Each holder of record with its outcome."""
    return [
        HolderPaymentView(
            tranche=each.tranche_id,
            investor=each.investor_id,
            wallet=each.wallet,
            units=each.units,
            interest_micro=each.interest_micro,
            principal_micro=each.principal_micro,
            total_micro=each.total_micro,
            outcome=each.outcome,
            transaction_hash=each.transaction_hash,
        )
        for each in payments
    ]


def filing_view(context: Context, reader: Actor | None, filing: Filing) -> FilingView:
    """A filing with its clocks as they stand today: what is public of it, but to readers of materials."""
    view = FilingView.of(filing, dossier.read_clocks(context, filing))
    return view if may(reader, Act.READ_MATERIALS) else view.public()
