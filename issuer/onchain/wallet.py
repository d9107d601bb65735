"""A wallet of its own: a key that is no role's, such as an investor's, on the service's chain."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage

from chain.receipts import Receipt
from chain.signer import LocalSigner
from issuer.onchain.gateway import OnChain


class Wallet:
    """Signs with its own key. Contracts go by the name and address of the deal's address book."""

    def __init__(self, chain: OnChain, key: bytes) -> None:
        self._chain = chain
        self._signer = LocalSigner(key, chain.chain_id)
        self._account = Account.from_key(key)

    @property
    def address(self) -> str:
        """Checksummed address of the key."""
        return self._signer.address

    def send(self, name: str, contract: str, function: str, *arguments: Any) -> Receipt:
        """Carry out a function of the contract `name` at the address `contract`.

        Raises `ChainRefused` with the contract's error, decoded, and the rule behind it.
        """
        return self._chain.transact_with(self._signer, name, contract, function, *arguments)

    def sign_message(self, message: SignableMessage) -> str:
        """The signature of a message that goes into no transaction, such as an attestation."""
        return "0x" + bytes(self._account.sign_message(message).signature).hex()

    def __repr__(self) -> str:
        return f"Wallet({self.address})"  # never the key
