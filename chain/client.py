"""From a call to its receipt: simulate, sign, send, confirm. The same for every backend.

The order matters after a crash. `sign` changes nothing anywhere; store its bytes and hash, then
`send`, as often as needed: the same bytes can enter the chain once. `confirm` asks for the receipt
of that hash. No step ever takes a new nonce for an old call.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from chain.abi import Abi, decode_arguments, encode_arguments, find_function, selector
from chain.backends import Backend
from chain.errors import (
    ContractReverted,
    ErrorDecoder,
    NoContract,
    RpcError,
    TransactionUnconfirmed,
)
from chain.identity import verify_chain_id
from chain.receipts import Receipt, read_receipt
from chain.reverts import revert_bytes
from chain.signer import SignedTransaction, Signer

GAS_HEADROOM_PERCENT = 120
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.002, 0.25
"""A development node mines within a millisecond or two, a network within seconds."""


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction to be: sender, contract (`to` None creates one), data, and what it is for."""

    sender: str
    to: str | None
    data: bytes
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """The transaction object of eth_call and eth_estimateGas."""
        message = {"from": self.sender, "data": "0x" + self.data.hex()}
        return message if self.to is None else {**message, "to": self.to}


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei per gas that a transaction offers: enough for any local chain, and more than it pays."""

    max_fee_per_gas: int = 10 * 10**9
    max_priority_fee_per_gas: int = 10**9


def encode_call(abi: Abi, function: str, args: Sequence[Any] = ()) -> bytes:
    """Call data. `function` is a name, or a full signature where the name is overloaded."""
    entry = find_function(abi, function, len(args))
    return selector(entry) + encode_arguments(entry["inputs"], args)


class ChainClient:
    """Calls and transactions on one chain. Raises `WrongChain` when the node is on another."""

    def __init__(
        self,
        backend: Backend,
        expected_chain_id: int,
        decoder: ErrorDecoder,
        fees: Fees | None = None,
    ) -> None:
        verify_chain_id(backend, expected_chain_id)
        self.backend = backend
        self.chain_id = expected_chain_id
        self._decoder = decoder
        self._fees = fees or Fees()

    def call(
        self,
        address: str,
        abi: Abi,
        function: str,
        args: Sequence[Any] = (),
        sender: str | None = None,
        block: int | str = "latest",
    ) -> Any:
        """Value of a view function: one value as itself, several as a tuple.

        Raises `ContractReverted`; and `NoContract` for an address without code, not an empty value.
        """
        entry = find_function(abi, function, len(args))
        message = {"to": address, "data": "0x" + encode_call(abi, function, args).hex()}
        if sender is not None:
            message["from"] = sender
        output = self._execute(message, block)
        if not output and entry["outputs"]:
            raise NoContract(address, function)
        values = decode_arguments(entry["outputs"], output)
        return values[0] if len(values) == 1 else values

    def simulate(self, call: Call) -> bytes:
        """Execute without sending and give the output. Raises `ContractReverted`, decoded.

        In the block to be mined next, as far as the node has an idea of it: a deadline must not be
        judged by the time of the latest block when the transaction will see another.
        """
        try:
            return self._execute(call.to_json(), "pending")
        except RpcError:  # not every node keeps a pending block; one that does says the same again
            return self._execute(call.to_json(), "latest")

    def estimate_gas(self, call: Call) -> int:
        """Gas limit with 20 % headroom. Raises `ContractReverted`."""
        gas = self._decoded(lambda: self.backend.request("eth_estimateGas", [call.to_json()]))
        return int(gas, 16) * GAS_HEADROOM_PERCENT // 100

    def next_nonce(self, address: str) -> int:
        """Nonce of this account's next transaction, as the chain sees it."""
        return int(self.backend.request("eth_getTransactionCount", [address, "latest"]), 16)

    def prepare(self, call: Call, nonce: int, gas: int | None = None) -> dict[str, Any]:
        """The unsigned type-2 transaction; without `gas` the limit is estimated."""
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": nonce,
            "gas": self.estimate_gas(call) if gas is None else gas,
            "maxFeePerGas": self._fees.max_fee_per_gas,
            "maxPriorityFeePerGas": self._fees.max_priority_fee_per_gas,
            "value": 0,
            "data": call.data,
        }
        return transaction if call.to is None else {**transaction, "to": call.to}

    def sign(
        self, call: Call, signer: Signer, nonce: int, gas: int | None = None
    ) -> SignedTransaction:
        """Sign, and send nothing. Raises `ValueError` when the signer is not the call's sender."""
        if to_checksum_address(call.sender) != signer.address:
            raise ValueError(f"{signer.address} cannot sign for {call.sender}")
        return signer.sign(self.prepare(call, nonce, gas))

    def send(self, raw: bytes) -> str:
        """Broadcast signed bytes and give their hash; sending them again is harmless.

        Raises `RpcError` only when the node refuses and does not know this very transaction:
        nodes word "already there" differently, so the hash is looked up, no message is read.
        """
        transaction_hash = "0x" + keccak(raw).hex()
        try:
            self.backend.request("eth_sendRawTransaction", ["0x" + raw.hex()])
        except RpcError:
            if self.backend.request("eth_getTransactionByHash", [transaction_hash]) is None:
                raise
        return transaction_hash

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt, or None while the transaction is in no block."""
        return read_receipt(self.backend, transaction_hash)

    def confirm(self, transaction_hash: str, wait_seconds: float = 0.0) -> Receipt:
        """The receipt of a transaction that succeeded.

        Raises `ContractReverted` with the reason when it was mined and failed, and
        `TransactionUnconfirmed` when it is in no block after `wait_seconds`. Only the embedded chain
        has mined a transaction when `send` returns: for any other node, wait.
        """
        deadline = time.monotonic() + wait_seconds
        pause = FIRST_POLL_SECONDS
        while (receipt := self.receipt(transaction_hash)) is None:
            if time.monotonic() >= deadline:
                raise TransactionUnconfirmed(transaction_hash)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_SECONDS)
        if not receipt.succeeded:
            raise self._why_it_failed(receipt)
        return receipt

    def _execute(self, message: dict[str, Any], block: int | str) -> bytes:
        selector_ = hex(block) if isinstance(block, int) else block
        output = self._decoded(lambda: self.backend.request("eth_call", [message, selector_]))
        return bytes.fromhex(output[2:])

    def _decoded(self, request: Any) -> Any:
        try:
            return request()
        except RpcError as error:
            revert_data = revert_bytes(error)
            if revert_data is None:
                raise
            raise self._decoder.reverted(revert_data) from error

    def _why_it_failed(self, receipt: Receipt) -> ContractReverted:
        # A receipt says that a transaction failed, never why: replay it on the state before it.
        sent = self.backend.request("eth_getTransactionByHash", [receipt.transaction_hash])
        message = {key: sent[key] for key in ("from", "to", "gas", "value") if sent.get(key)}
        message["data"] = sent["input"]
        try:
            self._execute(message, receipt.block_number - 1)
        except ContractReverted as why:
            return ContractReverted(
                why.error_name, why.operands, why.data, receipt.transaction_hash
            )
        except RpcError as why:
            operands = {"message": why.message}
            return ContractReverted("ExecutionFailed", operands, b"", receipt.transaction_hash)
        # It depended on what its own block held: its time, or transactions before it.
        return ContractReverted("NotReproduced", {}, b"", receipt.transaction_hash)
