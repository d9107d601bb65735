"""Signing as an investor's wallet does, for whoever changes an investor of the example file."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_typed_data

from issuer.services.wallet_control import control_data


def wallet_proof(investor_id: str, wallet: str, key: bytes) -> str:
    """The `wallet_proof` of an investor, by the wallet's key; by another key it proves nothing."""
    message = encode_typed_data(full_message=control_data(investor_id, wallet))
    return "0x" + bytes(Account.sign_message(message, key).signature).hex()
