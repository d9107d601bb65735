"""Receipts: the only proof that a transaction happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from chain.backends import Backend


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction; `block_timestamp` is unix seconds, `logs` are JSON-RPC objects."""

    transaction_hash: str
    block_number: int
    block_hash: str
    block_timestamp: int
    succeeded: bool
    gas_used: int
    contract_address: str | None
    logs: tuple[Mapping[str, Any], ...]


def read_receipt(backend: Backend, transaction_hash: str) -> Receipt | None:
    """The receipt of a transaction, or None while it is in no block."""
    found = backend.request("eth_getTransactionReceipt", [transaction_hash])
    if found is None:
        return None
    created = found.get("contractAddress")
    return Receipt(
        transaction_hash=transaction_hash,
        block_number=int(found["blockNumber"], 16),
        block_hash=found["blockHash"],
        block_timestamp=_timestamp(backend, found),
        succeeded=int(found["status"], 16) == 1,
        gas_used=int(found["gasUsed"], 16),
        contract_address=to_checksum_address(created) if created else None,
        logs=tuple(found["logs"]),
    )


def _timestamp(backend: Backend, found: Mapping[str, Any]) -> int:
    stated = found.get("blockTimestamp")
    if stated is None:  # most nodes leave it out
        stated = backend.request("eth_getBlockByHash", [found["blockHash"], False])["timestamp"]
    return stated if isinstance(stated, int) else int(stated, 16)  # Anvil gives a number
