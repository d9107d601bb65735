"""The filing document: the sections the filer states, and the materials that go with them.

Sections are kept as they were received, because their canonical form is what is hashed and signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from issuer.documents.fields import (
    Address,
    Code,
    CoinAmount,
    Country,
    Document,
    Hash32,
    Id,
    IsoDate,
    Text,
    Uscc,
    parse_document,
)
from issuer.documents.text import read_file
from issuer.domain.bundle import (
    ATTESTER_ROLES,
    MATERIAL_TITLES,
    Asset,
    AuthorityApproval,
    Bundle,
    Conviction,
    Entity,
    Investigation,
    Material,
    Plan,
    PlannedContract,
    PlannedTranche,
    Proceeds,
)
from issuer.domain.money import parse_coin

MaterialCode = Annotated[
    str, Field(pattern=r"^M-(0[1-9]|1[0-6])$", description="M-01 to M-16", examples=["M-10"])
]
Subject = Literal["cross_border_investment", "foreign_exchange", "cyber_security", "data_export"]


class ConvictionDocument(Document):
    """A sentence served, or being served, by the filer or by those who control it."""

    party: Text
    offence: Text
    completed_on: IsoDate | None


class InvestigationDocument(Document):
    """A formal investigation."""

    authority: Text
    subject: Text
    concluded: StrictBool


class EntityDocument(Document):
    """The domestic filing entity (M-03)."""

    name: Text
    uscc: Uscc
    jurisdiction: Country
    controlling_shareholder: Text
    actual_controller: Text
    barred_from_financing: StrictBool
    convictions: list[ConvictionDocument]
    investigations: list[InvestigationDocument]

    def to_domain(self) -> Entity:
        """The entity."""
        return Entity(
            self.name,
            self.uscc,
            self.jurisdiction,
            self.controlling_shareholder,
            self.actual_controller,
            self.barred_from_financing,
            tuple(Conviction(c.party, c.offence, c.completed_on) for c in self.convictions),
            tuple(Investigation(i.authority, i.subject, i.concluded) for i in self.investigations),
        )


class AssetDocument(Document):
    """One asset of the register (M-04)."""

    id: Id
    asset_type: Code
    controller_uscc: Uscc
    balance: CoinAmount
    right_ends_on: IsoDate
    sector_barred: StrictBool
    in_dispute: StrictBool
    transferable: StrictBool
    liens: list[Text]
    liens_released_at_closing: list[Text]
    on_negative_list: StrictBool

    def to_domain(self) -> Asset:
        """The asset."""
        return Asset(
            self.id,
            self.asset_type,
            self.controller_uscc,
            parse_coin(self.balance),
            self.right_ends_on,
            self.sector_barred,
            self.in_dispute,
            self.transferable,
            tuple(self.liens),
            tuple(self.liens_released_at_closing),
            self.on_negative_list,
        )


class PlannedContractDocument(Document):
    """A contract of the plan: where it is, and the keccak hash of its code."""

    name: Annotated[str, Field(pattern=r"^[a-z_]+(:[A-Za-z0-9_-]+)?$", examples=["abs_token:A"])]
    address: Address
    code_hash: Hash32


class PlannedTrancheDocument(Document):
    """A tranche of the plan."""

    id: Id
    principal: CoinAmount
    tokenised: StrictBool


class ProceedsDocument(Document):
    """One use of the proceeds."""

    purpose: Text
    amount: CoinAmount
    virtual_currency: StrictBool


class PlanDocument(Document):
    """The token issuance plan (M-05)."""

    form: Code
    chain_id: Annotated[StrictInt, Field(gt=0)]
    contracts: list[PlannedContractDocument]
    tranches: list[PlannedTrancheDocument]
    total: CoinAmount
    cap: CoinAmount
    pool_balance: CoinAmount
    overcollateral: CoinAmount
    legal_final_maturity: IsoDate
    net_proceeds: CoinAmount
    uses: list[ProceedsDocument]

    def to_domain(self) -> Plan:
        """The plan, amounts in micro-units."""
        return Plan(
            self.form,
            self.chain_id,
            tuple(PlannedContract(c.name, c.address, c.code_hash) for c in self.contracts),
            tuple(
                PlannedTranche(t.id, parse_coin(t.principal), t.tokenised) for t in self.tranches
            ),
            parse_coin(self.total),
            parse_coin(self.cap),
            parse_coin(self.pool_balance),
            parse_coin(self.overcollateral),
            self.legal_final_maturity,
            parse_coin(self.net_proceeds),
            tuple(Proceeds(u.purpose, parse_coin(u.amount), u.virtual_currency) for u in self.uses),
        )


class ApprovalDocument(Document):
    """What another authority decided on one of the four subjects (FIL-15)."""

    authority: Text
    subject: Subject
    status: Literal["GRANTED", "NOT_APPLICABLE", "PENDING", "REFUSED"]
    dated: IsoDate | None
    reference: Text


class AttestersDocument(Document):
    """The signing address of each responsible role."""

    legal_representative: Address
    actual_controller: Address
    directors: Address
    arranger: Address
    counsel: Address


class MaterialDocument(Document):
    """A document, or a statement that it does not apply."""

    code: MaterialCode
    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")] = "text/plain"
    content: Annotated[str, Field(max_length=1_000_000)] | None = None
    not_applicable: Text | None = None
    declared: dict[str, str] = Field(
        default_factory=dict, description="Fields that other documents state too (AC-2)"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> MaterialDocument:
        if (self.content is None) == (self.not_applicable is None):
            raise ValueError("give either `content`, or `not_applicable` with the statement")
        return self

    def to_domain(self) -> Material:
        """The material, its content as bytes."""
        return Material(
            self.code,
            MATERIAL_TITLES[self.code],
            self.media_type,
            (self.content or "").encode(),
            self.not_applicable,
            dict(self.declared),
        )


class SectionsDocument(Document):
    """What the filer states in structured form."""

    entity: EntityDocument
    assets: list[AssetDocument]
    plan: PlanDocument
    approvals: list[ApprovalDocument]
    attesters: AttestersDocument


class FilingDocument(SectionsDocument):
    """A filing: sections and materials. The same model is the body of a draft."""

    version: Literal[1]
    materials: list[MaterialDocument]

    @field_validator("materials")
    @classmethod
    def _distinct(cls, materials: list[MaterialDocument]) -> list[MaterialDocument]:
        codes = [material.code for material in materials]
        if repeated := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"{', '.join(sorted(repeated))} is given twice: give each once")
        return materials


def parse_sections(document: Mapping[str, Any], source: str) -> SectionsDocument:
    """Check the sections; raises `InvalidInput` with every complaint."""
    return parse_document(SectionsDocument, document, source)


def build_bundle(
    filing_id: str,
    version: int,
    sections: Mapping[str, Any],
    materials: Sequence[Material],
) -> Bundle:
    """The bundle of stored sections and materials."""
    document = parse_sections(sections, filing_id)
    attesters = {role: getattr(document.attesters, role) for role in ATTESTER_ROLES}
    return Bundle(
        filing_id,
        version,
        document.entity.to_domain(),
        tuple(asset.to_domain() for asset in document.assets),
        document.plan.to_domain(),
        tuple(
            AuthorityApproval(a.authority, a.subject, a.status, a.dated, a.reference)
            for a in document.approvals
        ),
        attesters,
        tuple(materials),
        sections,
    )


def load_filing(path: Path) -> Mapping[str, Any]:
    """Read and check the filing file at `path`; raises `InvalidInput`."""
    document = read_file(path)
    parse_document(FilingDocument, document, path.name)
    return document
