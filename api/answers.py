"""Answers. Amounts of money are integers of coin micro-units, as text, in fields that end in `_micro`:
the same number stands in Solidity, Python and SQL. Units are whole numbers.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PlainSerializer

from api.problems import FindingModel, finding_json
from issuer.domain.filing import Filing
from issuer.domain.roles import Role
from issuer.services.audit_log import AuditVerdict
from issuer.services.reports import OperationReport

Micro = Annotated[
    int,
    PlainSerializer(str, return_type=str),
    Field(json_schema_extra={"examples": ["17156821840000"]}),
]


class CommandView(BaseModel):
    """One transaction of an operation."""

    description: str
    contract: str
    function: str | None
    signer: Role
    state: str
    transaction_hash: str | None
    block_number: int | None
    gas_used: int | None
    error: dict[str, Any] | None


class FlawView(BaseModel):
    """Something wrong with the audit log."""

    seq: int = Field(description="The row, or the number of rows that were anchored")
    code: str = Field(examples=["audit.row_edited"])
    what: str


class AuditVerdictView(BaseModel):
    """What an examination of the audit log has found."""

    intact: bool
    rows: int
    anchors: int = Field(description="How often its head was written down on chain")
    anchored_rows: int = Field(description="Rows the latest anchor stands for")
    flaws: list[FlawView]

    @classmethod
    def of(cls, verdict: AuditVerdict) -> AuditVerdictView:
        """The view of a verdict."""
        flaws = [FlawView(seq=f.seq, code=f.code, what=f.what) for f in verdict.flaws]
        return cls(
            intact=not flaws,
            rows=verdict.rows,
            anchors=verdict.anchors,
            anchored_rows=verdict.anchored_rows,
            flaws=flaws,
        )


class OperationView(BaseModel):
    """What was asked of the chain, and how far it is."""

    id: str
    kind: str
    deal: str
    subject: str
    state: Literal["pending", "confirmed", "refused", "failed"]
    created_at: str
    error: dict[str, Any] | None = Field(description="Why the chain refused, with the rule")
    commands: list[CommandView]

    @classmethod
    def of(cls, report: OperationReport) -> OperationView:
        """The view of an operation."""
        operation = report.operation
        return cls(
            id=operation.id,
            kind=operation.kind,
            deal=operation.deal_id,
            subject=operation.subject,
            state=operation.state.value,
            created_at=operation.created_at,
            error=dict(operation.error) if operation.error else None,
            commands=[
                CommandView(
                    description=each.command.description,
                    contract=each.command.contract,
                    function=each.command.function,
                    signer=each.command.signer,
                    state=each.state,
                    transaction_hash=each.transaction_hash,
                    block_number=each.block_number,
                    gas_used=each.gas_used,
                    error=dict(each.error) if each.error else None,
                )
                for each in report.commands
            ],
        )


class ReviewView(BaseModel):
    """The review clock, in PRC working days."""

    days_used: int
    running_since: date | None


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


class EventView(BaseModel):
    """A reportable event."""

    code: str
    noted_on: date
    due_on: date
    reported_on: date | None


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
    approval: ApprovalView | None
    published_on: date | None
    events: list[EventView]
    findings: list[FindingModel] = Field(description="Why it was not accepted")
    notice: str = Field(
        default="A completed filing is not an endorsement of the notes' value.",
        description="FIL-10",
    )

    @classmethod
    def of(cls, filing: Filing) -> FilingView:
        """The view of a filing."""
        supplement, approval = filing.supplement, filing.approval
        return cls(
            id=filing.id,
            deal=filing.deal_id,
            state=filing.state,
            version=filing.version,
            supersedes=filing.supersedes,
            submitted_on=filing.submitted_on,
            review=ReviewView(
                days_used=filing.review.days_used, running_since=filing.review.running_since
            ),
            supplement=supplement
            and SupplementView(
                materials=list(supplement.materials),
                note=supplement.note,
                asked_on=supplement.asked_on,
                due_on=supplement.due_on,
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
                    code=e.code, noted_on=e.noted_on, due_on=e.due_on, reported_on=e.reported_on
                )
                for e in filing.events
            ],
            findings=[FindingModel(**finding_json(finding)) for finding in filing.findings],
        )


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


class MaterialView(BaseModel):
    """A document as it lies in the database; text is shown as text."""

    code: str
    title: str
    media_type: str
    size: int
    content: str
    not_applicable: str | None
    declared: dict[str, str]


class VersionView(BaseModel):
    """One version of the filing materials."""

    filing: str
    version: int
    bundle_hash: str
    intact: bool = Field(description="The hash recomputed now is the one it was given")
    sections: dict[str, Any]
    materials: list[MaterialView]
    attestations: list[AttestationView]


class ContractView(BaseModel):
    """A line of the address book, in the form the plan (M-05) wants it."""

    name: str
    address: str
    code_hash: str
    artifact: str
    transaction_hash: str
    block_number: int
    shared: bool = Field(description="Shared by the deals of this chain: not part of the plan")


class DeploymentView(BaseModel):
    """The contracts of a deal."""

    chain_id: int
    contracts: list[ContractView]


class InvestorView(BaseModel):
    """An investor on the register."""

    id: str
    name: str
    residency: str
    investor_class: str
    wallet: str
    status: str
    eligible_until: date


class SubscriptionView(BaseModel):
    """A subscription."""

    id: str
    deal: str
    tranche: str
    investor: str
    units: int
    price_micro: Micro
    state: str
    pay_to: str | None = Field(description="Approve this contract for the price, in the coin")
    coin: str | None


class CheckView(BaseModel):
    """What stands against an act; nothing has been changed."""

    allowed: bool
    findings: list[FindingModel]


class TransferCheckView(CheckView):
    """The same, with the token's own answer."""

    chain_refusal: dict[str, Any] | None


class MintCheckView(CheckView):
    """The same; where no rule stands against it, what differs between database and chain."""

    mismatch: dict[str, Any] | None = Field(description="As the refusal of the mint would say it")


class DifferenceView(BaseModel):
    """One fact on which database and chain disagree."""

    subject: str = Field(description="What it is a fact about, such as `subscription ev-s1`")
    what: str
    in_database: str | None
    on_chain: str | None


class ReconciliationView(BaseModel):
    """Database and chain compared, fact by fact."""

    deal: str
    block_number: int = Field(description="The chain as it was after this block")
    agrees: bool = Field(description="Nothing differs; otherwise nothing is minted")
    compared: dict[str, int] = Field(description="How many facts of each kind were compared")
    differences: list[DifferenceView]


class HolderView(BaseModel):
    """A wallet's units in the register and on chain."""

    wallet: str
    investor: str | None
    status: str | None
    units_in_register: int
    units_on_chain: int


class TrancheView(BaseModel):
    """A tokenised tranche: the token's facts, and the register beside them."""

    token: str
    supply: int
    cap: int
    mint_until: datetime
    outstanding_per_unit_micro: Micro
    ex_payment_per_unit_micro: Micro = Field(
        description="Outstanding once the payment to holders of an earlier record date is made"
    )
    factor: str
    epoch: int
    suspended: bool
    revoked: bool
    transfers_open: bool
    holders: list[HolderView]
    agrees: bool = Field(description="Register and chain hold the same")


class BatchView(BaseModel):
    """A revenue batch and its conversion; a held one has none."""

    id: str
    period: int
    cny_fen: str
    received_on: date
    state: Literal["HELD", "ARRIVING", "AVAILABLE"]
    coin_micro: Micro | None
    dropped_micro: str | None = Field(description="The fraction of a micro-unit dropped")
    fx_reference: str | None


class CollectionsView(BaseModel):
    """All batches of a deal; `operation` brings in the coin of those just reported."""

    batches: list[BatchView]
    operation: OperationView | None


class LineView(BaseModel):
    """One step of the priority of payments."""

    step: int
    kind: str
    subject: str
    payee: str
    due_micro: Micro
    paid_micro: Micro
    shortfall_micro: Micro


class PerUnitView(BaseModel):
    """What one unit is due and paid."""

    tranche: str
    units: int
    interest_due_micro: Micro
    interest_paid_micro: Micro
    principal_due_micro: Micro
    principal_paid_micro: Micro
    payable_micro: Micro
    declared_micro: Micro
    outstanding_before_micro: Micro
    outstanding_after_micro: Micro


class HolderPaymentView(BaseModel):
    """One holder of record."""

    tranche: str
    investor: str
    wallet: str
    units: int
    interest_micro: Micro
    principal_micro: Micro
    total_micro: Micro
    outcome: str
    transaction_hash: str | None


class IdentityView(BaseModel):
    """collections + reserve before + carry before = paid + reserve after + carry after."""

    collections_micro: Micro
    reserve_before_micro: Micro
    carry_before_micro: Micro
    paid_micro: Micro
    reserve_after_micro: Micro
    carry_after_micro: Micro
    holds: bool


class FiguresView(BaseModel):
    """A period's priority of payments."""

    period: int
    lines: list[LineView]
    per_unit: list[PerUnitView]
    identity: IdentityView


class DryRunView(FiguresView):
    """What would be paid if the period were determined now."""

    determination_on: date
    record_at: datetime
    payment_on: date
    projected: bool
    holders: list[HolderPaymentView]


class DistributionView(FiguresView):
    """A determined distribution and what has become of each holder's part."""

    id: str
    deal: str
    state: str
    record_at: datetime
    holders: list[HolderPaymentView]
