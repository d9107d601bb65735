"""Those of whom a filing speaks: who files, who serves the issuance, who decides, who vouches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from issuer.documents.fields import Address, Country, Document, IsoDate, Text, Uscc
from issuer.domain.bundle import (
    AuthorityApproval,
    Certificate,
    Conviction,
    Entity,
    Intermediary,
    Investigation,
)

Subject = Literal[
    "cross_border_investment",
    "foreign_exchange",
    "cyber_security",
    "data_export",
    "external_debt_ndrc",
    "external_debt_safe",
]
Offence = Literal[
    "CORRUPTION", "BRIBERY", "EMBEZZLEMENT", "MISAPPROPRIATION", "MARKET_ORDER", "OTHER"
]
AttesterRole = Literal[
    "legal_representative", "actual_controller", "directors", "arranger", "counsel"
]


class ConvictionDocument(Document):
    """A sentence served, or being served, by the filer or by anybody in a control chain."""

    party: Text
    offence: Text
    completed_on: IsoDate | None
    kind: Annotated[
        Offence | None, Field(description="OTHER bars nothing; what is not said bars (NEG-03)")
    ] = None


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
    business_scope: Annotated[str | None, Field(max_length=4000)] = None

    def to_domain(self) -> Entity:
        """The entity."""
        return Entity(
            self.name,
            self.uscc,
            self.jurisdiction,
            self.controlling_shareholder,
            self.actual_controller,
            self.barred_from_financing,
            tuple(Conviction(**each.model_dump()) for each in self.convictions),
            tuple(Investigation(**each.model_dump()) for each in self.investigations),
            self.business_scope,
        )


class IntermediaryDocument(Document):
    """Whoever serves the issuance overseas (FIL-18)."""

    name: Text
    role: Text
    jurisdiction: Country
    group_parent: Annotated[
        Country | None,
        Field(description="Country of the parent of its group, its own if it is in none"),
    ] = None
    compliance_attestation: Annotated[
        Text | None,
        Field(description="The group's attestation that its compliance system covers the service"),
    ] = None

    def to_domain(self) -> Intermediary:
        """The intermediary."""
        return Intermediary(**self.model_dump())


class ApprovalDocument(Document):
    """What another authority decided on a subject (FIL-15; external debt: SET-11)."""

    authority: Text
    subject: Subject
    status: Literal["GRANTED", "NOT_APPLICABLE", "PENDING", "REFUSED"]
    dated: IsoDate | None
    reference: Text

    def to_domain(self) -> AuthorityApproval:
        """The approval."""
        return AuthorityApproval(**self.model_dump())


class AttestersDocument(Document):
    """The signing address of each responsible role."""

    legal_representative: Address
    actual_controller: Address
    directors: Address
    arranger: Address
    counsel: Address


class CertificateDocument(Document):
    """The certificate of an attester's key, valid on both days and between (AC-10)."""

    role: AttesterRole
    valid_from: IsoDate
    valid_until: IsoDate

    def to_domain(self) -> Certificate:
        """The certificate."""
        return Certificate(**self.model_dump())
