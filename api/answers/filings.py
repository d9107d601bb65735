"""Filings, their versions and their signatures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from api.problems import FindingModel, finding_json
from issuer.domain.bundle import Attestation
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import EFFECTS
from issuer.domain.roles import Role
from issuer.domain.rulebook.filing_rules import DISCLAIMER
from issuer.domain.waterfall.standing import Standing
from issuer.services.dossier import Clocks


class ReviewView(BaseModel):
    """The review clock, in PRC working days."""

    days_used: int
    running_since: date | None
    due_on: date | None = Field(description="The last day by FIL-08; none while the clock stands")


class PauseView(BaseModel):
    """A consultation, or a suspension of the review."""

    by: Role
    reason: str
    since: date


class AmendmentView(BaseModel):
    """What a filing being amended was, and goes back to if that is cancelled."""

    state: str
    version: int
    since: date


class SupplementView(BaseModel):
    """What was asked for, and until when it may be answered."""

    materials: list[str]
    note: str
    asked_on: date
    due_on: date


class ApprovalView(BaseModel):
    """What was approved."""

    version: int
    bundle_hash: str
    valid_until: date
    filed_total_micro: Micro
    caps: dict[str, int]
    decided_on: date


class EffectsView(BaseModel):
    """What the state lets through, after the table of `docs/lifecycle.md`."""

    mint: str
    transfers: str
    coupons: str
    redemption: str


class EventView(BaseModel):
    """A reportable event."""

    code: str
    noted_on: date
    due_on: date
    reported_on: date | None
    about: str | None = Field(description="What it happened to, such as a distribution")
    amend_by: date | None = Field(description="Until when the materials are amended (FIL-13)")
    amended_on: date | None
    cleared_on: date | None = Field(description="When the regulator cleared it; open until then")


class FilingView(BaseModel):
    """A filing as everybody may see it: its materials are for the filer and the authorities."""

    id: str
    deal: str
    state: str
    version: int
    supersedes: str | None
    submitted_on: date | None
    review: ReviewView
    supplement: SupplementView | None
    pause: PauseView | None
    amendment: AmendmentView | None
    approval: ApprovalView | None
    published_on: date | None
    events: list[EventView]
    findings: list[FindingModel] = Field(description="Why it was not accepted")
    late: list[FindingModel] = Field(description="What is late: the review, reports, amendments")
    ended_because: str | None = Field(description="Why it was terminated or revoked")
    effects: EffectsView
    notice: str = Field(
        default=f"{DISCLAIMER}.",
        description="FIL-10",
    )

    @classmethod
    def of(cls, filing: Filing, clocks: Clocks) -> FilingView:
        """The view of a filing."""
        supplement, approval = filing.supplement, filing.approval
        pause, amendment = filing.pause, filing.amendment
        return cls(
            id=filing.id,
            deal=filing.deal_id,
            state=filing.state,
            version=filing.version,
            supersedes=filing.supersedes,
            submitted_on=filing.submitted_on,
            review=ReviewView(
                days_used=filing.review.days_used,
                running_since=filing.review.running_since,
                due_on=clocks.review_due_on,
            ),
            supplement=supplement
            and SupplementView(
                materials=list(supplement.materials),
                note=supplement.note,
                asked_on=supplement.asked_on,
                due_on=supplement.due_on,
            ),
            pause=pause and PauseView(by=pause.by, reason=pause.reason, since=pause.since),
            amendment=amendment
            and AmendmentView(
                state=amendment.state, version=amendment.version, since=amendment.since
            ),
            approval=approval
            and ApprovalView(
                version=approval.version,
                bundle_hash=approval.bundle_hash,
                valid_until=approval.valid_until,
                filed_total_micro=approval.filed_total_micro,
                caps=dict(approval.caps),
                decided_on=approval.decided_on,
            ),
            published_on=filing.published_on,
            events=[
                EventView(
                    code=e.code,
                    noted_on=e.noted_on,
                    due_on=e.due_on,
                    reported_on=e.reported_on,
                    about=e.about,
                    amend_by=e.amend_by,
                    amended_on=e.amended_on,
                    cleared_on=e.cleared_on,
                )
                for e in filing.events
            ],
            findings=[FindingModel(**finding_json(finding)) for finding in filing.findings],
            late=[FindingModel(**finding_json(finding)) for finding in clocks.late],
            ended_because=filing.ended_because,
            effects=EffectsView(**asdict(EFFECTS[filing.state])),
        )

    def public(self) -> FilingView:
        """Findings quote materials, a supplement or a pause says what may be wrong: not for everybody."""
        hidden: dict[str, Any] = {"findings": [], "late": [], "supplement": None, "pause": None}
        return self.model_copy(update=hidden)


class PreparedView(BaseModel):
    """A version ready to be signed."""

    filing: FilingView
    version: int
    bundle_hash: str
    attesters: dict[str, str]
    to_sign: dict[str, dict[str, Any]] = Field(description="EIP-712 typed data for each role")


class AttestationView(BaseModel):
    """A signature that was accepted."""

    role: str
    signer: str
    bundle_hash: str
    signed_on: date | None

    @classmethod
    def of(cls, each: Attestation) -> AttestationView:
        """The view."""
        return cls(
            role=each.role,
            signer=each.signer,
            bundle_hash=each.bundle_hash,
            signed_on=each.signed_on,
        )


class MaterialView(BaseModel):
    """A document as it lies in the database; text is shown as text."""

    code: str
    title: str
    media_type: str
    size: int
    sha256: str = Field(description="Of the content, as it stands in what is hashed and signed")
    content: str
    not_applicable: str | None
    declared: dict[str, str]


class VersionView(BaseModel):
    """One version of the filing materials."""

    filing: str
    version: int
    bundle_hash: str
    submitted_on: date | None = Field(description="Once submitted it stays as it is, for ever")
    intact: bool = Field(description="The hash recomputed now is the one it was given")
    sections: dict[str, Any]
    materials: list[MaterialView]
    attestations: list[AttestationView]


class StandingView(BaseModel):
    """How a deal stands with its noteholders."""

    standing: Standing = Field(description="As their trustee has declared on chain")
