"""A deal as its supervisor sees it: the filing and its clocks, materials, decisions, events, holders,
money, and first of all what calls for attention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.filing import Approval, Filing
from issuer.domain.lifecycle import ENDED
from issuer.domain.reconciliation import Reconciliation
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import PaymentCase
from issuer.domain.waterfall.standing import Standing
from issuer.services import audit_log, bundles, circulation, reconciliation, standing, trustee
from issuer.services.audit_log import AuditVerdict
from issuer.services.circulation import PeriodPaid, TrancheOnChain
from issuer.services.context import Context, now, today
from issuer.services.dossier import Clocks, clocks_of
from issuer.services.due import payments_due
from issuer.services.listing import Listing, listings
from issuer.services.particulars import Holding, Mint, holdings, mints
from issuer.services.register import last_read
from issuer.services.standing import Sanctions, StandingFinding
from issuer.store import audit, deals, filings, investors
from issuer.store.audit import AuditRow
from issuer.store.filings import StoredVersion

#: What only prepares a decision.
_PREPARATIONS = frozenset({"draft_filing", "prepare_version", "attest"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit. `used` and `allowed` are working days, where it is counted in them."""

    name: str
    running: bool
    due_on: date | None
    passed: bool
    used: int | None = None
    allowed: int | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """The version that counts, hashed anew: `intact` if it still is what was submitted or approved."""

    stored: StoredVersion
    recomputed_hash: str
    intact: bool
    signed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oversight:
    """Everything, as of one instant and one block. Without contracts there is nothing to reconcile."""

    deal: Deal
    as_of: datetime
    today: date
    block_number: int
    filings: tuple[Filing, ...]
    filing: Filing | None
    filing_clocks: Clocks | None
    clocks: tuple[Clock, ...]
    dossier: Dossier | None
    decisions: tuple[AuditRow, ...]
    standing: Standing
    tranches: tuple[TrancheOnChain, ...]
    holdings: tuple[Holding, ...]
    heads: int
    mints: tuple[Mint, ...]
    periods: tuple[PeriodPaid, ...]
    late: tuple[PaymentCase, ...]
    findings: tuple[StandingFinding, ...]
    sanctions: Sanctions
    listings: tuple[Listing, ...]
    blocked_requests: int
    log: AuditVerdict
    comparison: Reconciliation | None


def oversee(context: Context, actor: Actor, deal_id: str) -> Oversight:
    """What a supervisor wants to know of a deal; nothing changes."""
    authorise(actor, Act.READ_SUPERVISION)
    verdict = audit_log.examine(context, actor)
    comparison = _compared(context, deal_id)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        block = last_read(connection)
        filing = filings.standing_of_deal(connection, deal_id)
        all_filings = filings.of_deal(connection, deal_id)
        about_deal = audit.about(connection, deal_id)
        return Oversight(
            deal=deal,
            as_of=now(connection),
            today=today(connection),
            block_number=block,
            filings=all_filings,
            filing=filing,
            filing_clocks=clocks_of(context, connection, filing) if filing else None,
            clocks=tuple(_clocks(context, connection, filing)) if filing else (),
            dossier=_dossier(context, connection, filing) if filing else None,
            decisions=_decisions(connection, all_filings),
            standing=trustee.standing_of(context, connection, deal),
            tranches=circulation.tranches(context, connection, deal, block),
            holdings=holdings(connection, deal),
            heads=investors.count_heads(connection, deal_id),
            mints=mints(connection, deal_id),
            periods=circulation.periods(connection, deal_id),
            late=_late(context, connection, filing) if filing else (),
            findings=tuple(standing.findings(context, connection, deal, filing)),
            sanctions=standing.sanctions(connection, deal),
            listings=listings(connection, deal_id),
            blocked_requests=sum(row.act == "access_blocked" for row in about_deal),
            log=verdict,
            comparison=comparison,
        )


def _late(context: Context, connection: Connection, filing: Filing) -> tuple[PaymentCase, ...]:
    return tuple(each for each in payments_due(context, connection, filing) if each.is_late)


def _compared(context: Context, deal_id: str) -> Reconciliation | None:
    try:
        return reconciliation.look(context, deal_id)
    except StateConflict as refusal:
        if refusal.error_code != "deal.not_deployed":
            raise
        return None


def _clocks(context: Context, connection: Connection, filing: Filing) -> Iterator[Clock]:
    day, regime = today(connection), context.regime
    if filing.submitted_on is not None:
        yield _review(context, filing, day)
    if filing.supplement is not None:
        due = filing.supplement.due_on
        yield Clock("supplement", True, due, day > due, allowed=regime.supplement_answer_days)
    if filing.approval is not None:
        last = filing.approval.valid_until
        running = filing.is_before_issuance
        yield Clock("validity", running, last, running and day >= last)


def _review(context: Context, filing: Filing, day: date) -> Clock:
    """Until the decision; after it, how long it took."""
    limit, calendar = context.regime.review_days, context.prc_calendar
    decided = _in_force(filing)
    used = filing.review.used_on(decided.decided_on if decided else day, calendar)
    due = None
    if decided is None and filing.state not in ENDED:
        due = filing.review.due_on(limit, calendar)
    return Clock("review", due is not None, due, used > limit, used, limit)


def _in_force(filing: Filing) -> Approval | None:
    """The approval, unless an amendment is under review in its place."""
    return None if filing.amendment else filing.approval


def _dossier(context: Context, connection: Connection, filing: Filing) -> Dossier:
    approval = _in_force(filing)
    version = approval.version if approval else filing.version
    stored = filings.get_version(connection, filing.id, version)
    found = bundles.recompute(connection, stored)
    signed = bundles.standing_attestations(stored, found, context.chain.chain_id)
    wanted = approval.bundle_hash if approval else stored.bundle_hash
    return Dossier(stored, found, found == wanted, tuple(each.role for each in signed))


def _decisions(connection: Connection, of: Sequence[Filing]) -> tuple[AuditRow, ...]:
    rows = audit.about(connection, *(each.id for each in of))
    return tuple(row for row in rows if row.act not in _PREPARATIONS)
