"""What the tokenised notes are due if all is paid in time: a deal's terms, payment by payment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from issuer.domain.deal import Deal
from issuer.domain.schedule import Period
from issuer.domain.waterfall.dues import annual_rate, interest_fraction
from issuer.domain.waterfall.steps import PayInterest, walk


def debt_service(
    deal: Deal, periods: Sequence[Period], forecast: Sequence[int] = ()
) -> tuple[int, ...]:
    """Interest and scheduled principal of all units for each period, in micro-units.

    What no schedule has made due falls due at the last payment; a floating rate is the one that
    the terms assume. Interest that no step pays in cash is added to the principal. A `forecast` of
    the payments may repay notes without a schedule earlier. Which of them it does not say, so the
    dearest are taken to go first: in any other order more is due.
    """
    rates = {
        tranche.id: annual_rate(tranche, deal.structure.assumed_fixings)
        for tranche in deal.tokenised
    }
    paid_in_cash = {
        each
        for step in walk(deal.structure.waterfall)
        if isinstance(step, PayInterest)
        for each in step.tranches
    }
    passed_through = sorted(
        (tranche for tranche in deal.tokenised if not tranche.principal_schedule),
        key=lambda tranche: -rates[tranche.id],
    )
    outstanding = {tranche.id: tranche.denomination_micro for tranche in deal.tokenised}
    due = []
    for number, (period, stated) in enumerate(zip_longest(periods, forecast[: len(periods)]), 1):
        service = 0
        for tranche in deal.tokenised:
            factor = rates[tranche.id] * interest_fraction(tranche, period)
            interest = tranche.rounding.apply(outstanding[tranche.id], factor)
            if tranche.id not in paid_in_cash:
                outstanding[tranche.id] += interest
                interest = 0
            principal = outstanding[tranche.id]
            if number < len(periods):
                principal = min(sum(tranche.principal_schedule[number - 1 : number]), principal)
            service += (interest + principal) * tranche.units
            outstanding[tranche.id] -= principal
        due.append(service)
        left = max((stated or 0) - service, 0)
        for tranche in passed_through:
            repaid = min(left // tranche.units, outstanding[tranche.id])
            outstanding[tranche.id] -= repaid
            left -= repaid * tranche.units
    return tuple(due)
