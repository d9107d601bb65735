"""Which structures the issuing service can carry out today; any valid one can be projected."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.steps import walk


def beyond_the_service(deal: Deal) -> list[Complaint]:
    """What the deal's structure needs and the service has not; empty if it can be issued here."""
    return list(_steps(deal))


def _steps(deal: Deal) -> Iterator[Complaint]:
    for steps in deal.structure.all_waterfalls.values():
        for step in walk(steps):
            if isinstance(step, do.PutBack):
                yield _complaint(
                    "/waterfall",
                    f"holders of {', '.join(step.tranches)} may put units back, and nothing here"
                    " redeems the units of some holders and not of others: leave `put_back` out",
                )


def _complaint(path: str, lack: str) -> Complaint:
    return Complaint(path, "deal.beyond_service", f"{lack}. `abs-sim project` projects it as it is")
