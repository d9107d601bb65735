"""What the tokenised notes are due if all is paid in time: a deal's terms, payment by payment."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from issuer.domain.deal import Deal
from issuer.domain.schedule import Period
from issuer.domain.waterfall.dues import annual_rate, interest_fraction
from issuer.domain.waterfall.steps import PayInterest, walk
from issuer.domain.waterfall.structure import Tranche


def debt_service(deal: Deal, periods: Sequence[Period]) -> tuple[int, ...]:
    """Interest and scheduled principal of all units for each period, in micro-units.

    What no schedule has made due falls due at the last payment; a floating rate is the one that
    the terms assume. Interest that no step pays in cash is added to the principal.
    """
    fixings = deal.structure.assumed_fixings
    paid = {
        each
        for step in walk(deal.structure.waterfall)
        if isinstance(step, PayInterest)
        for each in step.tranches
    }
    due = (
        _per_unit(
            tranche,
            annual_rate(tranche, fixings),
            [interest_fraction(tranche, period) for period in periods],
            accrues=tranche.id not in paid,
        )
        for tranche in deal.tokenised
    )
    return tuple(sum(amounts) for amounts in zip(*due, strict=True))


def _per_unit(
    tranche: Tranche, rate: Fraction, fractions: list[Fraction], *, accrues: bool
) -> list[int]:
    outstanding = tranche.denomination_micro
    amounts = []
    for number, fraction in enumerate(fractions, start=1):
        interest = tranche.rounding.apply(outstanding, rate * fraction)
        if accrues:
            outstanding, interest = outstanding + interest, 0
        principal = outstanding
        if number < len(fractions):
            principal = min(sum(tranche.principal_schedule[number - 1 : number]), outstanding)
        amounts.append((interest + principal) * tranche.units)
        outstanding -= principal
    return amounts
