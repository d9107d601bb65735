"""Signing, behind a protocol: a local key now, a key service later."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from eth_account import Account

from chain.errors import WrongChain


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Signed bytes and their hash: stored before sending, sent again after a crash."""

    raw: bytes
    hash: str


class Signer(Protocol):
    """Holder of one key."""

    @property
    def address(self) -> str:
        """Checksummed address of the key."""
        ...

    def sign(self, transaction: Mapping[str, Any]) -> SignedTransaction:
        """Sign a transaction in web3's field names. Raises `WrongChain` for another chain's."""
        ...

    def seal(self, content: bytes) -> str:
        """A code over some content that only this key's holder can make; hex."""
        ...


class LocalSigner:
    """A private key in memory, bound to one chain."""

    def __init__(self, key: bytes | str, chain_id: int) -> None:
        self._account = Account.from_key(key)
        self._chain_id = chain_id

    @property
    def address(self) -> str:
        """Checksummed address of the key."""
        return str(self._account.address)

    def sign(self, transaction: Mapping[str, Any]) -> SignedTransaction:
        """Sign for this signer's chain only: some nodes accept other chains' transactions."""
        chain_id = transaction.get("chainId")
        if chain_id != self._chain_id:
            raise WrongChain(self._chain_id, chain_id if isinstance(chain_id, int) else 0)
        signed = self._account.sign_transaction(dict(transaction))
        return SignedTransaction(bytes(signed.raw_transaction), "0x" + signed.hash.hex())

    def seal(self, content: bytes) -> str:
        """HMAC-SHA256 under a key derived from the private key, which it does not reveal."""
        key = hashlib.sha256(b"seal:" + bytes(self._account.key)).digest()
        return hmac.new(key, content, hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return f"LocalSigner({self.address})"  # never the key
