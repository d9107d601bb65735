"""What stands against a deal today: the rules asked once more, and the sanctions list.

A rule that was kept when somebody was admitted, or a filing approved, may be broken since: evidence
expires, materials change, lists grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import Finding
from issuer.domain.filing import Filing
from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import ENDED
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.clock_rules import (
    review_finishes_in_time,
    supplements_are_answered_in_time,
)
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES
from issuer.domain.rulebook.issuance_rules import (
    GATE_RULES,
    filing_comes_first,
    filing_has_not_expired,
    within_the_filed_total,
)
from issuer.domain.rulebook.rule import examine
from issuer.services.context import Context
from issuer.services.dossier import case_of, clock_case
from issuer.services.gate import gate_case
from issuer.services.onboarding import case_of_admitted
from issuer.store import investors

#: Of what a mint is asked, what holds also after the last one.
WATCHED = tuple(
    each
    for each in GATE_RULES
    if each not in (filing_comes_first, filing_has_not_expired, within_the_filed_total)
)
_REVIEW_CLOCKS = (supplements_are_answered_in_time, review_finishes_in_time)


@dataclass(frozen=True, slots=True)
class StandingFinding:
    """A rule that is broken now, and by what: the deal, a filing, an investor."""

    subject: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class SanctionsHit:
    """An admitted investor whom the list names, or somebody behind it."""

    investor: str
    listed: tuple[str, ...]
    status: InvestorStatus


@dataclass(frozen=True, slots=True)
class Sanctions:
    """The list in force, and whom it hits among the admitted."""

    reference: str | None
    entries: int
    hits: tuple[SanctionsHit, ...]


def findings(
    context: Context, connection: Connection, deal: Deal, filing: Filing | None
) -> Iterator[StandingFinding]:
    """Every rule that the deal, its filing or one of its investors would not pass today."""
    for found in examine(DEAL_RULES, DealCase(deal, context.regime)):
        yield StandingFinding(f"deal {deal.id}", found)
    if filing is not None and filing.state not in ENDED:
        for found in _of_filing(context, connection, deal, filing):
            yield StandingFinding(f"filing {filing.id}", found)
    for each in investors.admitted_to(connection, deal.id):
        holder = case_of_admitted(context, connection, deal, each.investor, each.investor)
        for found in examine(INVESTOR_RULES, holder):
            yield StandingFinding(f"investor {each.investor.id}", found)


def _of_filing(
    context: Context, connection: Connection, deal: Deal, filing: Filing
) -> tuple[Finding, ...]:
    """What its review, its clocks and the gate to minting would say."""
    case = case_of(context, connection, filing, filing.version)
    gate = gate_case(context, connection, deal, filing, "", 0)
    watched = (*WATCHED, filing_has_not_expired) if filing.is_before_issuance else WATCHED
    return (
        *examine(REVIEW_RULES, case),
        *examine(_REVIEW_CLOCKS, clock_case(context, connection, filing)),
        *examine(watched, gate),
    )


def sanctions(connection: Connection, deal: Deal) -> Sanctions:
    """The list against everybody admitted to the deal."""
    listed = investors.sanctions(connection)
    hits = tuple(
        SanctionsHit(each.investor.id, tuple(sorted(named)), each.status)
        for each in investors.admitted_to(connection, deal.id)
        if (named := each.investor.names() & listed)
    )
    return Sanctions(investors.sanctions_reference(connection), len(listed), hits)
