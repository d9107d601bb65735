"""What a tranche's holders get from a projected deal: average life, interest, principal, loss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from issuer.domain.analytics.average_life import Origin, OriginConvention, average_life
from issuer.domain.analytics.flows import DatedFlow
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.projection import Projection
from issuer.domain.waterfall.distribution import Kind

_INTEREST = frozenset({Kind.INTEREST, Kind.INTEREST_ON_INTEREST})
_PRINCIPAL = frozenset({Kind.PRINCIPAL, Kind.PUT_BACK})


class Measure(StrEnum):
    """One figure of an outcome, to be compared between cases."""

    WAL = "wal"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One tranche over what is projected, in micro-units; years count from its start, ACT/365F.

    What is unpaid is owed after the last payment. `loss_micro` is the principal that never came;
    the residual piece is owed none, so it has no loss.
    """

    tranche: str
    original_micro: int
    interest_micro: int
    principal_micro: int
    residual_micro: int
    interest_unpaid_micro: int
    written_down_micro: int
    loss_micro: int | None
    average_life: Fraction | None
    repaid_on: date | None


def outcomes(projection: Projection, start: date) -> tuple[Outcome, ...]:
    """Every tranche, in the order of the deal."""
    return tuple(
        outcome(projection, tranche.id, start) for tranche in projection.structure.tranches
    )


def outcome(projection: Projection, tranche_id: str, start: date) -> Outcome:
    """One tranche from closing, or from where a running deal goes on.

    Raises `InvalidInput` if there is none of that name.
    """
    structure = projection.structure
    if tranche_id not in (choice := [each.id for each in structure.tranches]):
        message = f"there is no tranche {tranche_id!r}: use one of ({', '.join(choice)})"
        raise InvalidInput("outcome", [Complaint("/tranche", "deal.unknown.tranche", message)])
    tranche, last = structure.tranche(tranche_id), projection.closing.tranches[tranche_id]
    days = [period.payment for period in projection.periods]
    interest = [_paid(projection, n, tranche_id, _INTEREST) for n in range(len(days))]
    principal = [_paid(projection, n, tranche_id, _PRINCIPAL) for n in range(len(days))]
    residual = [_paid(projection, n, tranche_id, {Kind.RESIDUAL}) for n in range(len(days))]
    repaid = list(zip(days, principal, strict=True))
    unpaid = last.interest_shortfall_per_unit + last.interest_on_shortfall_per_unit
    lost = last.outstanding_per_unit_micro + last.written_down_per_unit_micro
    is_note = tranche in structure.notes
    origin = Origin(OriginConvention.CLOSING, start)
    first = projection.distributions[0].opening.tranches[tranche_id]
    return Outcome(
        tranche=tranche_id,
        original_micro=first.units * tranche.denomination_micro,
        interest_micro=sum(interest),
        principal_micro=sum(principal),
        residual_micro=sum(residual),
        interest_unpaid_micro=unpaid * last.units,
        written_down_micro=last.written_down_per_unit_micro * last.units,
        loss_micro=lost * last.units if is_note else None,
        average_life=average_life(repaid, origin).years if any(principal) else None,
        repaid_on=_repaid_on(projection, tranche_id) if is_note else None,
    )


def paid_in_full(projection: Projection, tranche_id: str) -> bool:
    """Whether a note is owed nothing after the last payment, and none of it was written down."""
    last = projection.closing.tranches[tranche_id]
    lost = last.outstanding_per_unit_micro + last.written_down_per_unit_micro
    unpaid = last.interest_shortfall_per_unit + last.interest_on_shortfall_per_unit
    return not last.units or not lost + unpaid


def received(projection: Projection, tranche_id: str) -> tuple[DatedFlow, ...]:
    """All that a tranche is paid, payment by payment."""
    kinds = _INTEREST | _PRINCIPAL | {Kind.RESIDUAL}
    return tuple(
        (period.payment, _paid(projection, n, tranche_id, kinds))
        for n, period in enumerate(projection.periods)
    )


def _paid(
    projection: Projection, index: int, tranche_id: str, kinds: set[Kind] | frozenset[Kind]
) -> int:
    distribution = projection.distributions[index]
    return sum(distribution.total(kind, tranche_id) for kind in kinds)


def _repaid_on(projection: Projection, tranche_id: str) -> date | None:
    """The payment after which nothing is outstanding, all of it paid."""
    for period, distribution in zip(projection.periods, projection.distributions, strict=True):
        after = distribution.closing.tranches[tranche_id]
        if not after.outstanding_per_unit_micro * after.units:
            return None if after.written_down_per_unit_micro else period.payment
    return None
