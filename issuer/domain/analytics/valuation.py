"""What a projected tranche yields, is worth at a stated rate, and how far it answers to its yield.

One convention for all of them: years from closing by ACT/365F, a yield that compounds once a year.
The durations are those at the yield at par, at which the tranche is worth its face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from issuer.domain.analytics.coverage import DebtServiceCoverage, debt_service_coverage
from issuer.domain.analytics.outcome import Outcome, received
from issuer.domain.analytics.present_value import Compounding, timed_by_date
from issuer.domain.analytics.yields import price_from_yield, sensitivity, xirr_or_none
from issuer.domain.projection import Projection
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.dues import dues
from issuer.domain.waterfall.steps import PayInterest, walk
from issuer.domain.waterfall.structure import Tranche

_COMPOUNDING = Compounding.ANNUAL_EFFECTIVE

LEAST_YIELD, MOST_YIELD = -0.99, 10.0
"""Beyond, what a tranche yields says nothing of it: nearly all is lost, or its face is no price of it,
as of a residual piece that is kept for a token sum."""


@dataclass(frozen=True, slots=True)
class Valuation:
    """Estimates, in binary fractions: durations in years, the present value in per cent of what
    is outstanding at the start: of face, by the plan.

    `yield_at_par` is for the whole tranche bought at what is outstanding when the projection starts.
    None where nothing is paid or outstanding, and outside `LEAST_YIELD` to `MOST_YIELD`; a residual
    piece worth more than that many times its face has no present value either. A tranche without a
    yield has no durations, one of a negative yield no modified one: it answers to no price.
    """

    tranche: str
    yield_at_par: float | None
    present_value_percent: float | None
    macaulay: float | None
    modified: float | None


def valuation(projection: Projection, found: Outcome, start: date, rate: Fraction) -> Valuation:
    """Value a tranche, whose outcome is `found`, at a rate a year."""
    flows = timed_by_date(received(projection, found.tranche), start)
    worth = price_from_yield(flows, float(rate), _COMPOUNDING)
    first = projection.distributions[0].opening.tranches[found.tranche]
    owed = first.units * first.outstanding_per_unit_micro
    is_note = found.loss_micro is not None
    percent = 100 * worth / owed if owed and (is_note or worth <= MOST_YIELD * owed) else None
    earned = _yield(projection, found.tranche, start, owed)
    if earned is None:
        return Valuation(found.tranche, None, percent, None, None)
    felt = sensitivity(flows, earned, _COMPOUNDING)
    modified = felt.modified if earned >= 0 else None
    return Valuation(found.tranche, earned, percent, felt.macaulay, modified)


def _yield(projection: Projection, tranche: str, start: date, owed: int) -> float | None:
    paid = received(projection, tranche)
    if not owed or not any(amount for _, amount in paid):
        return None
    found = xirr_or_none([(start, -owed), *paid])
    return found if found is not None and LEAST_YIELD <= found <= MOST_YIELD else None


def coverage(
    projection: Projection,
    notes: Sequence[Tranche],
    fixings: Mapping[str, Fraction],
    payments: int,
) -> DebtServiceCoverage:
    """DSCR: collections less the fees paid, over what falls due on these notes at each payment.

    Due is interest on what is then outstanding, and principal by the schedule, all of it at the last
    of the `payments`. What earlier payments are behind with is not due again. Reserves and sponsors
    are left out: they stand in where this falls below one.
    """
    in_cash = {
        each
        for step in walk(projection.structure.waterfall)
        if isinstance(step, PayInterest)
        for each in step.tranches
    }
    cash, service = [], []
    for period, paid in zip(projection.periods, projection.distributions, strict=True):
        due = 0
        for note in notes:
            opening = paid.opening.tranches[note.id]
            owed = replace(
                opening,
                interest_shortfall_per_unit=0,
                interest_on_shortfall_per_unit=0,
                principal_shortfall_per_unit=0,
            )
            found = dues(note, owed, period, fixings)
            principal = found.principal
            if period.number == payments:
                principal = owed.outstanding_per_unit_micro - opening.principal_shortfall_per_unit
            due += (found.interest * (note.id in in_cash) + principal) * owed.units
        cash.append(paid.collections_micro - paid.total(Kind.FEE))
        service.append(due)
    return debt_service_coverage(cash, service)
