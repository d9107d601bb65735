"""The filing materials: what the filer says of itself, its assets and its plan, and the documents.

A bundle is one numbered version. Its canonical form (RFC 8785) is hashed with SHA-256; that hash is
what the attesters sign, what the regulator approves, and what every mint must present.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from issuer.domain.assets import Asset, UnderlyingAsset
from issuer.domain.plan import Plan

#: Who must sign over the bundle hash before it can be submitted (FIL-05).
ATTESTER_ROLES = ("legal_representative", "actual_controller", "directors", "arranger", "counsel")


@dataclass(frozen=True, slots=True)
class Conviction:
    """A sentence of somebody in the control chain; `completed_on` None means not yet served.

    `kind` says whether the offence is one that bars financing; where it is not said, it does.
    """

    party: str
    offence: str
    completed_on: date | None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Investigation:
    """A formal investigation of the filer."""

    authority: str
    subject: str
    concluded: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """The domestic filing entity and those behind it. `uscc` is the unified social credit code."""

    name: str
    uscc: str
    jurisdiction: str
    controlling_shareholder: str
    actual_controller: str
    barred_from_financing: bool
    convictions: tuple[Conviction, ...]
    investigations: tuple[Investigation, ...]
    business_scope: str | None = None


@dataclass(frozen=True, slots=True)
class Intermediary:
    """Whoever serves the issuance overseas. `group_parent` is the country of its group's parent, its own
    if it is in no group, and None if nobody stated it.
    """

    name: str
    role: str
    jurisdiction: str
    group_parent: str | None = None
    compliance_attestation: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of an attester's key, valid on both days and between."""

    role: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class AuthorityApproval:
    """What another authority has decided: granted, or stated not to be needed."""

    authority: str
    subject: str
    status: str
    dated: date | None
    reference: str


@dataclass(frozen=True, slots=True)
class Material:
    """One document, or a signed statement that it does not apply.

    `declared` are the fields the document states which other documents state too (AC-2).
    """

    code: str
    title: str
    media_type: str
    content: bytes
    not_applicable: str | None
    declared: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """One version of the filing materials. `sections` is the filer's own JSON, kept as received."""

    filing_id: str
    version: int
    entity: Entity
    assets: tuple[Asset, ...]
    plan: Plan
    approvals: tuple[AuthorityApproval, ...]
    attesters: Mapping[str, str]
    materials: tuple[Material, ...]
    sections: Mapping[str, Any]
    underlying_assets: tuple[UnderlyingAsset, ...] = ()
    intermediaries: tuple[Intermediary, ...] | None = None
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Attestation:
    """A signature over one bundle hash by the key that the bundle names for that role.

    `signed_on` is the day by the service's clock; of signatures of the first days it is not known.
    """

    role: str
    signer: str
    bundle_hash: str
    signature: str
    signed_on: date | None
