"""A deal as its supervisor is shown it: what calls for attention first, then everything in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from pydantic import BaseModel, Field

from api.answers.audit import FlawView
from api.answers.deals import DifferenceView
from api.answers.dossier import ClockView, DecisionView, DossierView, OversightEventView
from api.answers.fields import AsFound, Micro
from api.answers.filings import FilingView
from api.answers.sharing import HoldingView, MintView
from api.problems import FindingModel, finding_json
from issuer.domain.waterfall.standing import Standing
from issuer.services.attention import points
from issuer.services.circulation import grouped
from issuer.services.oversight import Oversight
from issuer.services.particulars import Holding


class PointView(AsFound):
    """Something that calls for attention."""

    matter: str = Field(examples=["event_overdue"])
    says: str


class TrancheStandingView(AsFound):
    """What the token says of itself."""

    tranche: str
    token: str
    status: str = Field(description="Of the filing, as the chain has it")
    transfers_open: bool
    paused: bool
    supply: int
    cap: int
    outstanding_per_unit_micro: Micro


class GroupView(AsFound):
    """Holders that have something in common."""

    name: str
    holders: int
    units: int
    share_percent: str


class HolderLineView(HoldingView):
    """A line of the register, with the holder's name."""

    investor: str | None
    name: str | None

    @classmethod
    def of(cls, holding: Holding) -> HolderLineView:
        """The view of a line."""
        known = holding.registered.investor if holding.registered else None
        shared = HoldingView.of(holding).model_dump()
        return cls(**shared, investor=known and known.id, name=known and known.name)


class HoldersView(BaseModel):
    """Who holds, counted several ways."""

    heads_admitted: int = Field(description="Admitted, each vehicle as those behind it (INV-10)")
    holder_cap: int
    by_jurisdiction: list[GroupView]
    by_class: list[GroupView]
    lines: list[HolderLineView]


class PeriodPaidView(AsFound):
    """A distribution in sums."""

    distribution: str
    period: int
    state: str
    due_micro: Micro
    paid_micro: Micro
    set_aside_micro: Micro
    outcomes: dict[str, int]


class StandingFindingView(BaseModel):
    """A rule that would not pass today."""

    subject: str
    finding: FindingModel


class SanctionsHitView(AsFound):
    """An admitted investor whom the list names."""

    investor: str
    listed: list[str]
    status: str


class SanctionsView(AsFound):
    """The list in force."""

    reference: str | None
    entries: int
    hits: list[SanctionsHitView]


class ListingView(AsFound):
    """A venue at which the notes are traded."""

    venue: str
    listed_at: str


class LockUpView(BaseModel):
    """For how long nothing is transferred after the closing."""

    days: int
    ends_on: date | None
    over: bool


class EvidenceView(BaseModel):
    """Whether what is shown can be believed."""

    audit_rows: int
    audit_log_intact: bool
    audit_flaws: list[FlawView]
    database_agrees_with_chain: bool | None = Field(description="null before there are contracts")
    differences: list[DifferenceView]


class OversightView(BaseModel):
    """A deal under supervision."""

    deal: str
    name: str
    as_of: datetime
    block_number: int
    attention: list[PointView] = Field(description="Empty where nothing is amiss")
    filing: FilingView | None = Field(description="The one that governs the notes")
    earlier_filings: dict[str, str] = Field(description="Id -> state")
    clocks: list[ClockView]
    events: list[OversightEventView]
    dossier: DossierView | None
    decisions: list[DecisionView] = Field(description="What has been done to the filings, in order")
    findings: list[StandingFindingView]
    standing: Standing = Field(description="With the noteholders, by their trustee")
    tranches: list[TrancheStandingView]
    lock_up: LockUpView
    holders: HoldersView
    sanctions: SanctionsView
    mints: list[MintView]
    payments: list[PeriodPaidView]
    listings: list[ListingView]
    blocked_requests: int = Field(description="Asked for from the mainland, and turned away")
    evidence: EvidenceView

    @classmethod
    def of(cls, seen: Oversight) -> OversightView:
        """The view of a deal."""
        offering = seen.deal.offering
        filing = None
        if seen.filing is not None and seen.filing_clocks is not None:
            filing = FilingView.of(seen.filing, seen.filing_clocks)
        ends = seen.deal.lock_up_ends
        return cls(
            deal=seen.deal.id,
            name=seen.deal.name,
            as_of=seen.as_of,
            block_number=seen.block_number,
            attention=[PointView.model_validate(each) for each in points(seen)],
            filing=filing,
            earlier_filings={each.id: each.state for each in seen.filings if each != seen.filing},
            clocks=[ClockView.model_validate(each) for each in seen.clocks],
            events=[
                OversightEventView.of(each, seen.today)
                for each in (seen.filing.events if seen.filing else ())
            ],
            dossier=DossierView.of(seen.dossier) if seen.dossier else None,
            decisions=[DecisionView.model_validate(each) for each in seen.decisions],
            findings=[
                StandingFindingView(
                    subject=each.subject, finding=FindingModel(**finding_json(each.finding))
                )
                for each in seen.findings
            ],
            standing=seen.standing,
            tranches=[TrancheStandingView.model_validate(each) for each in seen.tranches],
            lock_up=LockUpView(
                days=offering.lock_up_days,
                ends_on=ends,
                over=ends is None or seen.today >= ends,
            ),
            holders=HoldersView(
                heads_admitted=seen.heads,
                holder_cap=offering.holder_cap,
                by_jurisdiction=_groups(seen, lambda each: each.country),
                by_class=_groups(seen, lambda each: each.investor_class),
                lines=[HolderLineView.of(each) for each in seen.holdings],
            ),
            sanctions=SanctionsView.model_validate(seen.sanctions),
            mints=[MintView.of(each) for each in seen.mints],
            payments=[PeriodPaidView.model_validate(each) for each in seen.periods],
            listings=[ListingView.model_validate(each) for each in seen.listings],
            blocked_requests=seen.blocked_requests,
            evidence=_evidence(seen),
        )


def _groups(seen: Oversight, of: Callable[[Holding], str | None]) -> list[GroupView]:
    return [GroupView.model_validate(each) for each in grouped(seen.holdings, of)]


def _evidence(seen: Oversight) -> EvidenceView:
    comparison = seen.comparison
    return EvidenceView(
        audit_rows=seen.log.rows,
        audit_log_intact=not seen.log.flaws,
        audit_flaws=[FlawView(seq=f.seq, code=f.code, what=f.what) for f in seen.log.flaws],
        database_agrees_with_chain=comparison and comparison.agrees,
        differences=[
            DifferenceView(
                subject=each.subject,
                what=each.what,
                in_database=each.in_database,
                on_chain=each.on_chain,
            )
            for each in (comparison.differences if comparison else ())
        ],
    )
