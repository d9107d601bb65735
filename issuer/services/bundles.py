"""The filing materials as stored: their canonical hash, and the signatures over it.

The hash is always recomputed from what lies in the database, never read back: the database cannot
vouch for itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from eth_account import Account
from eth_account.messages import encode_typed_data
from sqlalchemy import Connection

from issuer.documents.hashes import document_hash
from issuer.domain.bundle import Attestation, Material
from issuer.domain.errors import Complaint, InvalidInput
from issuer.store import deals, filings
from issuer.store.filings import StoredVersion


def canonical_form(
    filing_id: str,
    version: int,
    deal: Mapping[str, Any],
    sections: Any,
    materials: tuple[Material, ...],
) -> bytes:
    """RFC 8785: the same content gives the same bytes, whatever the order of keys.

    The deal's own terms are part of it: whoever signs or approves the materials does so for them.
    """
    form: bytes = rfc8785.dumps(
        {
            "filing": filing_id,
            "version": version,
            "deal": document_hash(deal),
            "sections": sections,
            "materials": [
                {
                    "code": material.code,
                    "title": material.title,
                    "media_type": material.media_type,
                    "size": len(material.content),
                    "sha256": material_hash(material),
                    "not_applicable": material.not_applicable,
                    "declared": dict(material.declared),
                }
                for material in sorted(materials, key=lambda each: each.code)
            ],
        }
    )
    return form


def material_hash(material: Material) -> str:
    """SHA-256 of a document's bytes, in hex."""
    return hashlib.sha256(material.content).hexdigest()


def content_hash(content: Any) -> str:
    """SHA-256 of anything that rows are made of; its numbers may be larger than RFC 8785 allows."""
    form = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return "0x" + hashlib.sha256(form.encode()).hexdigest()


def bundle_hash(
    filing_id: str,
    version: int,
    deal: Mapping[str, Any],
    sections: Any,
    materials: tuple[Material, ...],
) -> str:
    """SHA-256 of the canonical form, as the contracts' bytes32."""
    form = canonical_form(filing_id, version, deal, sections, materials)
    return "0x" + hashlib.sha256(form).hexdigest()


def recompute(connection: Connection, stored: StoredVersion) -> str:
    """The hash of a stored version, and of its deal, as they lie there now."""
    deal = deals.get_document(connection, filings.get(connection, stored.filing_id).deal_id)
    return bundle_hash(stored.filing_id, stored.version, deal, stored.sections, stored.materials)


def recompute_approved(connection: Connection, filing_id: str, version: int) -> str:
    """The hash of the approved version as it lies there now; what a mint must present."""
    return recompute(connection, filings.get_version(connection, filing_id, version))


def standing_attestations(
    stored: StoredVersion, digest: str, chain_id: int
) -> tuple[Attestation, ...]:
    """The attestations whose signature is, even now, that of the signer they name over this hash."""
    return tuple(each for each in stored.attestations if _stands(stored, each, digest, chain_id))


def _stands(stored: StoredVersion, each: Attestation, digest: str, chain_id: int) -> bool:
    data = typed_data(stored.filing_id, stored.version, each.role, digest, chain_id)
    try:
        return recover_signer(data, each.signature) == each.signer
    except InvalidInput:
        return False


def typed_data(
    filing_id: str, version: int, role: str, digest: str, chain_id: int
) -> dict[str, Any]:
    """What an attester signs (EIP-712): this role vouches for this version of this filing."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "Attestation": [
                {"name": "filing", "type": "string"},
                {"name": "version", "type": "uint256"},
                {"name": "role", "type": "string"},
                {"name": "bundleHash", "type": "bytes32"},
            ],
        },
        "primaryType": "Attestation",
        "domain": {"name": "ABS filing attestation", "version": "1", "chainId": chain_id},
        "message": {"filing": filing_id, "version": version, "role": role, "bundleHash": digest},
    }


def recover_signer(data: dict[str, Any], signature: str) -> str:
    """The address that signed; raises `InvalidInput` for what is no signature."""
    try:
        message = encode_typed_data(full_message=data)
        return str(Account.recover_message(message, signature=signature))
    except Exception as error:  # eth-account raises a different type for every way of being wrong
        raise InvalidInput(
            "attestation",
            [
                Complaint(
                    "/signature",
                    "attestation.signature",
                    "not a signature of the typed data: sign what the filing's answer shows",
                )
            ],
        ) from error
