"""What a projected tranche is worth at a stated rate, and how far it answers to its yield.

One convention for all of them: years from closing by ACT/365F, a yield that compounds once a year.
The durations are those at the yield at par, at which the tranche is worth its face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from issuer.domain.analytics.coverage import DebtServiceCoverage, debt_service_coverage
from issuer.domain.analytics.outcome import Outcome, received
from issuer.domain.analytics.present_value import Compounding, timed_by_date
from issuer.domain.analytics.yields import price_from_yield, sensitivity
from issuer.domain.projection import Projection
from issuer.domain.waterfall.distribution import Kind

_COMPOUNDING = Compounding.ANNUAL_EFFECTIVE
_ALL_LOST = -0.9999
"""From this yield on next to nothing came back: a modified duration would be thousands of years."""


@dataclass(frozen=True, slots=True)
class Valuation:
    """Estimates, in binary fractions: durations in years, the present value in per cent of what
    is outstanding at the start: of face, by the plan.

    A tranche without a yield, or with that of a total loss, has no durations.
    """

    tranche: str
    present_value_percent: float | None
    macaulay: float | None
    modified: float | None


def valuation(projection: Projection, found: Outcome, start: date, rate: Fraction) -> Valuation:
    """Value a tranche, whose outcome is `found`, at a rate a year."""
    flows = timed_by_date(received(projection, found.tranche), start)
    worth = price_from_yield(flows, float(rate), _COMPOUNDING)
    first = projection.distributions[0].opening.tranches[found.tranche]
    owed = first.units * first.outstanding_per_unit_micro
    percent = 100 * worth / owed if owed else None
    if found.yield_at_par is None or found.yield_at_par < _ALL_LOST:
        return Valuation(found.tranche, percent, None, None)
    felt = sensitivity(flows, found.yield_at_par, _COMPOUNDING)
    return Valuation(found.tranche, percent, felt.macaulay, felt.modified)


def coverage(projection: Projection, service: Sequence[int]) -> DebtServiceCoverage:
    """DSCR: collections less the fees paid, over what the terms make due at each payment.

    Reserves and sponsors are left out: they stand in where this falls below one.
    """
    cash = [each.collections_micro - each.total(Kind.FEE) for each in projection.distributions]
    return debt_service_coverage(cash, service[: len(cash)])
