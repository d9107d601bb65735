"""The investor report of a deal, from what was determined and nothing else."""

from __future__ import annotations

from issuer.domain.errors import StateConflict
from issuer.domain.report.build import investor_report
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.reporting.paper import Heading, Paper
from issuer.services.collections import period_of, periods_of
from issuer.services.context import Context
from issuer.services.recomputation import all_as_determined
from issuer.store import deals, reported


def report_of(context: Context, actor: Actor, deal_id: str, number: int | None = None) -> Paper:
    """Report what is determined, or one period of it with those before it in the charts.

    It names no holder and says nothing of what came later, so a period's report stays as it is.
    """
    if actor.role is not Role.INVESTOR:
        authorise(actor, Act.READ_HOLDERS)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        if number is not None:
            period_of(deal, number)
        determined = [each.figures for each in all_as_determined(connection, deal)]
        fixings = reported.fixings(connection, deal_id)
    wanted = number or 1
    if len(determined) < wanted:
        raise StateConflict(
            f"period {wanted} of {deal_id} is not determined yet: a report is of what is determined",
            code="report.not_determined",
            period=wanted,
            determined=len(determined),
        )
    report = investor_report(deal.structure, determined[:number], periods_of(deal), fixings)
    return Paper(Heading.of(deal), report, number)
