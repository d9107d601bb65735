"""What the tokenised notes are due if all is paid in time: a deal's terms, payment by payment."""

from __future__ import annotations

from fractions import Fraction

from issuer.domain.deal import Deal, Tranche
from issuer.domain.money import floor_mul
from issuer.domain.schedule import accrual_period, year_fraction


def debt_service(deal: Deal) -> tuple[int, ...]:
    """Interest and scheduled principal of all units for each payment, in micro-units."""
    fractions = [
        year_fraction(*accrual_period(deal.schedule, number))
        for number in range(1, deal.schedule.payments + 1)
    ]
    due = (_per_unit(tranche, fractions) for tranche in deal.tokenised)
    return tuple(sum(amounts) for amounts in zip(*due, strict=True))


def _per_unit(tranche: Tranche, fractions: list[Fraction]) -> list[int]:
    outstanding = tranche.denomination_micro
    amounts = []
    for number, fraction in enumerate(fractions):
        scheduled = tranche.principal_schedule[number : number + 1]
        principal = min(sum(scheduled), outstanding)
        interest = floor_mul(outstanding, (tranche.rate or 0) * fraction)
        amounts.append((interest + principal) * tranche.units)
        outstanding -= principal
    return amounts
