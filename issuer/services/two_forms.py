"""A projected deal as a traditional securitisation and as tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from issuer.calendars import load_joint_calendar
from issuer.documents.comparison import Assumptions
from issuer.domain.analytics.comparison import Comparison, Notes, compare
from issuer.domain.analytics.flows import DatedFlow
from issuer.domain.analytics.outcome import received
from issuer.domain.deal import Deal
from issuer.domain.projection import Projection
from issuer.services.projections import Projected


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with the notes that it is of."""

    notes: Notes
    comparison: Comparison


def compare_forms(found: Projected, assumed: Assumptions) -> Compared:
    """Compare the forms on one run; raises `InvalidInput` for assumptions in another currency."""
    deal = found.deal
    terms = assumed.for_deal(deal)
    market = terms.market
    notes = Notes(
        sum(each.original_micro for each in deal.tokenised),
        _payments(deal, found.projection),
        _trades(deal, found.projection, market.trades_per_payment.value, market.trade_micro.value),
    )
    calendar = load_joint_calendar(deal.schedule.calendars)

    def is_business_day(day: date) -> bool:
        return calendar.is_business_day(day, allow_projected=deal.schedule.allow_projected)

    return Compared(notes, compare(notes, terms.traditional, terms.tokens, market, is_business_day))


def _payments(deal: Deal, projection: Projection) -> tuple[DatedFlow, ...]:
    """What the notes sold are paid; a payment that brings them nothing is none."""
    flows = [received(projection, each.id) for each in deal.tokenised]
    totals = [(paid[0][0], sum(amount for _, amount in paid)) for paid in zip(*flows, strict=True)]
    return tuple((day, amount) for day, amount in totals if amount)


def _trades(
    deal: Deal, projection: Projection, number: int, size_micro: int
) -> tuple[DatedFlow, ...]:
    """So many in each interest period, at equal distances, while anything is outstanding."""
    trades = []
    for period, distribution in zip(projection.periods, projection.distributions, strict=True):
        states = [distribution.opening.tranches[each.id] for each in deal.tokenised]
        outstanding = sum(each.outstanding_per_unit_micro * each.units for each in states)
        days = (period.accrual_end - period.accrual_start).days
        for n in range(1, number + 1):
            day = period.accrual_start + timedelta(days=n * days // (number + 1))
            trades.append((day, min(size_micro, outstanding)))
    return tuple((day, amount) for day, amount in trades if amount)
