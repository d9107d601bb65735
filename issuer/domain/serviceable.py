"""Which structures the issuing service can carry out today; any valid one can be projected.

The token lowers what is outstanding by the principal paid, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.steps import walk
from issuer.domain.waterfall.structure import Structure


def beyond_the_service(deal: Deal) -> list[Complaint]:
    """What the deal's structure needs and the service has not; empty if it can be issued here."""
    return list(_steps(deal))


def _steps(deal: Deal) -> Iterator[Complaint]:
    tokenised = {tranche.id for tranche in deal.tokenised}
    for step in _every_step(deal.structure):
        if isinstance(step, do.PutBack):
            yield _complaint(
                "/waterfall",
                f"holders of {', '.join(step.tranches)} may put units back, and nothing here redeems the"
                " units of some holders and not of others: leave `put_back` out",
            )
        if isinstance(step, do.WriteDown | do.WriteUp | do.Capitalise):
            for tranche in sorted(tokenised.intersection(step.tranches)):
                yield _complaint(
                    "/waterfall",
                    f"the token of {tranche} knows no write-down and no capitalised interest: leave"
                    " the step out, or let the tranche have no token",
                )


def _every_step(structure: Structure) -> Iterator[do.Step]:
    for steps in structure.all_waterfalls.values():
        yield from walk(steps)


def _complaint(path: str, lack: str) -> Complaint:
    return Complaint(path, "deal.beyond_service", f"{lack}. `abs-sim project` projects it as it is")
