"""Which structures the issuing service can carry out today; any valid one can be projected.

The service pays from what servicers report, and they report cash alone: no balance of the pool, no
fixing, no sponsor's means. The token lowers what is outstanding by the principal paid, and by
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure
from issuer.domain.waterfall.steps import walk
from issuer.domain.waterfall.structure import BalanceFee, Floating, Structure

REPORTED = frozenset(Measure) - {
    Measure.INTEREST_COLLECTIONS,
    Measure.PRINCIPAL_COLLECTIONS,
    Measure.RECOVERIES,
    Measure.DEFAULTED,
    Measure.LOSSES,
    Measure.POOL,
    Measure.POOL_BEFORE,
    Measure.POOL_ORIGINAL,
    Measure.CUMULATIVE_DEFAULTED,
    Measure.CUMULATIVE_LOSSES,
}
"""What can be measured where cash is all that is reported."""


def beyond_the_service(deal: Deal) -> list[Complaint]:
    """What the deal's structure needs and the service has not; empty if it can be issued here."""
    return [*_rates(deal), *_amounts(deal.structure), *_sponsors(deal.structure), *_steps(deal)]


def _rates(deal: Deal) -> Iterator[Complaint]:
    for index, tranche in enumerate(deal.tranches):
        if isinstance(tranche.rate, Floating):
            yield _complaint(
                f"/tranches/{index}/floating",
                f"the rate of {tranche.id} follows an index, and no fixings are reported here:"
                " give it a fixed `rate`",
            )


def _amounts(structure: Structure) -> Iterator[Complaint]:
    for path, amount in _all_amounts(structure):
        wanted = sorted(term.measure for term in amount.terms if term.measure not in REPORTED)
        for measure in wanted:
            yield _complaint(
                path,
                f"`{measure}` is not reported here, only cash is: measure the notes, the dues or the"
                " collections instead",
            )


def _all_amounts(structure: Structure) -> Iterable[tuple[str, Amount]]:
    for index, fee in enumerate(structure.fees):
        if isinstance(fee, BalanceFee):
            yield f"/fees/{index}/percent_a_year/base", fee.base
    for index, reserve in enumerate(structure.reserves):
        yield f"/reserves/{index}/target", reserve.target
    for index, test in enumerate(structure.tests):
        yield f"/tests/{index}/numerator", test.numerator
        if test.denominator is not None:
            yield f"/tests/{index}/denominator", test.denominator
    bounds = (
        getattr(step, "limit", getattr(step, "amount", None)) for step in _every_step(structure)
    )
    yield from (("/waterfall", amount) for amount in bounds if amount is not None)


def _sponsors(structure: Structure) -> Iterator[Complaint]:
    for index, sponsor in enumerate(structure.sponsors):
        yield _complaint(
            f"/sponsors/{index}",
            f"what {sponsor.id} can stand in with is not reported here: keep a reserve instead",
        )


def _steps(deal: Deal) -> Iterator[Complaint]:
    tokenised = {tranche.id for tranche in deal.tokenised}
    for step in _every_step(deal.structure):
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
