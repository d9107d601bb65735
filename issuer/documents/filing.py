"""The filing document: the sections the filer states, and the materials that go with them.

Sections are kept as they were received, because their canonical form is what is hashed and signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from issuer.documents.fields import Document, Text, once, parse_document
from issuer.documents.filing_assets import AssetDocument, UnderlyingAssetDocument
from issuer.documents.filing_parties import (
    ApprovalDocument,
    AttestersDocument,
    CertificateDocument,
    EntityDocument,
    IntermediaryDocument,
)
from issuer.documents.filing_plan import PlanDocument
from issuer.documents.text import read_file
from issuer.domain.bundle import ATTESTER_ROLES, Bundle, Material
from issuer.domain.materials import MATERIAL_TITLES

MaterialCode = Annotated[
    str, Field(pattern=r"^M-(0[1-9]|1[0-6])$", description="M-01 to M-16", examples=["M-10"])
]


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
    underlying_assets: list[UnderlyingAssetDocument] = Field(default_factory=list)
    intermediaries: list[IntermediaryDocument] | None = None
    certificates: list[CertificateDocument] = Field(default_factory=list)

    @field_validator("underlying_assets")
    @classmethod
    def _described_once(
        cls, assets: list[UnderlyingAssetDocument]
    ) -> list[UnderlyingAssetDocument]:
        once(asset.id for asset in assets)
        return assets

    @field_validator("certificates")
    @classmethod
    def _one_each(cls, certificates: list[CertificateDocument]) -> list[CertificateDocument]:
        once(certificate.role for certificate in certificates)
        return certificates


class FilingDocument(SectionsDocument):
    """A filing: sections and materials. The same model is the body of a draft."""

    version: Literal[1]
    materials: list[MaterialDocument]

    @field_validator("materials")
    @classmethod
    def _distinct(cls, materials: list[MaterialDocument]) -> list[MaterialDocument]:
        once(material.code for material in materials)
        return materials


def as_received(document: SectionsDocument, exclude: Set[str] = frozenset()) -> dict[str, Any]:
    """The sections without what the filer did not say: a default is no part of what is signed."""
    return document.model_dump(mode="json", exclude=set(exclude), exclude_unset=True)


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
        tuple(approval.to_domain() for approval in document.approvals),
        attesters,
        tuple(materials),
        sections,
        tuple(asset.to_domain() for asset in document.underlying_assets),
        (
            None
            if document.intermediaries is None
            else tuple(each.to_domain() for each in document.intermediaries)
        ),
        tuple(certificate.to_domain() for certificate in document.certificates),
    )


def load_filing(path: Path) -> Mapping[str, Any]:
    """Read and check the filing file at `path`; raises `InvalidInput`."""
    document = read_file(path)
    parse_document(FilingDocument, document, path.name)
    return document
