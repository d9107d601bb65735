"""What has fallen due on the notes, and whether it was paid."""

from __future__ import annotations

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import FilingState
from issuer.domain.payment import DistributionState
from issuer.domain.rulebook.clock_rules import PaymentCase
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.needs import written_up_in
from issuer.services.collections import periods_of
from issuer.services.context import Context, today
from issuer.store import cash, deals

#: Notes are out, and payments on them fall due; while the filing is suspended there as well.
_NOTES_OUT = frozenset(
    {FilingState.ISSUED_REPORT_DUE, FilingState.ACTIVE, FilingState.EVENT_REPORTED}
)


def payments_due(
    context: Context, connection: Connection, filing: Filing
) -> tuple[PaymentCase, ...]:
    """Every payment date that has come, in order; none any more when the notes are repaid."""
    if (filing.suspended_in or filing.state) not in _NOTES_OUT:
        return ()
    deal, day = deals.get(connection, filing.deal_id), today(connection)
    done = [
        each
        for each in cash.distributions(connection, deal.id)
        if each.state is DistributionState.PAID
    ]
    if done and not _owed_after(deal, done[-1].figures):
        return ()
    paid = {each.period for each in done}
    return tuple(
        PaymentCase(
            f"{deal.id}-d{period.number}",
            period.number,
            period.payment,
            period.number in paid,
            day,
            context.prc_calendar,
            context.regime,
        )
        for period in periods_of(deal)
        if period.payment <= day
    )


def _owed_after(deal: Deal, figures: Distribution) -> bool:
    """Something is outstanding, or what was lost of it may be written up again."""
    again, after = written_up_in(deal.structure), figures.closing.tranches
    return any(
        each.outstanding_after_micro
        or (each.tranche in again and after[each.tranche].written_down_per_unit_micro)
        for each in figures.per_unit
    )
