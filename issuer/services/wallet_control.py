"""Does an investor control the wallet it gives? Its key has signed for the investor (EIP-712), or not."""

from __future__ import annotations

from typing import Any

from issuer.domain.errors import InvalidInput
from issuer.domain.investor import Investor, WalletProof
from issuer.services.bundles import recover_signer


def control_data(investor_id: str, wallet: str) -> dict[str, Any]:
    """What a wallet's key signs: it is this investor's. No chain is named, as in the file."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
            ],
            "WalletControl": [
                {"name": "investor", "type": "string"},
                {"name": "wallet", "type": "address"},
            ],
        },
        "primaryType": "WalletControl",
        "domain": {"name": "ABS wallet control", "version": "1"},
        "message": {"investor": investor_id, "wallet": wallet},
    }


def proof_of(investor: Investor) -> WalletProof:
    """What the investor's signature shows; 65 bytes that are no signature are by no key of the wallet's."""
    if investor.wallet_proof is None:
        return WalletProof.NOT_GIVEN
    try:
        signer = recover_signer(control_data(investor.id, investor.wallet), investor.wallet_proof)
    except InvalidInput:
        return WalletProof.BY_ANOTHER_KEY
    return WalletProof.GIVEN if signer == investor.wallet else WalletProof.BY_ANOTHER_KEY
