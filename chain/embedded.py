"""The default backend: an EVM in this process, answering JSON-RPC.

Time comes from the caller. The next block is one second after the latest, or at the instant given
to `evm_setNextBlockTimestamp`. A call or estimate on `latest` executes in the block to be mined
next (as on Anvil): it sees that block's number and timestamp, so a simulation sees exactly what the
next transaction will. After `evm_setNextBlockTimestamp(T)` and `evm_mine`, that is T + 1. A call on
a block named by number or hash executes in that block itself and sees its timestamp.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.exceptions import ValidationError

from chain.admission import REFUSED, admit
from chain.chain_file import ChainFile
from chain.errors import REVERT_CODE, ErrorDecoder, RpcError
from chain.evm import Genesis, LocalEvm
from chain.execution import Execution
from chain.logs import find_logs
from chain.permissions import AccountPermissions
from chain.rpc_json import block_json, hex_data, receipt_json, transaction_json
from chain.rpc_params import (
    LATEST,
    BlockSelector,
    address,
    block,
    call_message,
    data,
    invalid,
    log_filter,
    quantity,
    take,
)

METHOD_NOT_FOUND = -32601
SUGGESTED_PRIORITY_FEE = 10**9
CLIENT_VERSION = "embedded/1 py-evm"

_Params = Sequence[Any]


class EmbeddedBackend:
    """An in-process chain. Every request, reads too, holds one lock: py-evm is not thread-safe."""

    def __init__(
        self,
        genesis: Genesis,
        permissions: AccountPermissions | None = None,
        file: ChainFile | None = None,
    ) -> None:
        self._evm = LocalEvm(genesis, file)
        self._lock = threading.RLock()
        self._plain_errors = ErrorDecoder(())
        self.permissions = permissions or AccountPermissions.everyone()
        self._methods: Mapping[str, Callable[[_Params], Any]] = {
            "web3_clientVersion": lambda params: CLIENT_VERSION,
            "net_version": lambda params: str(self.chain_id),
            "eth_chainId": lambda params: hex(self.chain_id),
            "eth_syncing": lambda params: False,
            "eth_accounts": lambda params: [],
            "eth_blockNumber": lambda params: hex(self._evm.head.block_number),
            "eth_gasPrice": self._gas_price,
            "eth_maxPriorityFeePerGas": lambda params: hex(SUGGESTED_PRIORITY_FEE),
            "eth_feeHistory": self._fee_history,
            "eth_getBalance": self._balance,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
            "eth_getTransactionCount": self._transaction_count,
            "eth_call": self._call,
            "eth_estimateGas": self._estimate_gas,
            "eth_sendRawTransaction": self._send_raw_transaction,
            "eth_getTransactionByHash": self._transaction_by_hash,
            "eth_getTransactionReceipt": self._transaction_receipt,
            "eth_getBlockByNumber": self._block_by_selector,
            "eth_getBlockByHash": self._block_by_selector,
            "eth_getLogs": self._logs,
            "evm_setNextBlockTimestamp": self._set_next_timestamp,
            "evm_mine": self._mine,
            "evm_snapshot": lambda params: hex(self._evm.snapshot()),
            "evm_revert": self._revert,
        }

    @property
    def chain_id(self) -> int:
        """eth-tester's fixed chain id."""
        return self._evm.chain_id

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Answer one JSON-RPC request; raises `RpcError`."""
        handler = self._methods.get(method)
        if handler is None:
            raise RpcError(METHOD_NOT_FOUND, f"the method {method} does not exist")
        if not isinstance(params, list | tuple):
            raise invalid("parameters must be given by position")
        try:
            with self._lock:
                return handler(params)
        except ValidationError as error:  # py-evm's word for a value or transaction out of bounds
            raise RpcError(REFUSED, str(error)) from error

    def close(self) -> None:
        """Finish the request under way and give the chain's file back."""
        with self._lock:
            self._evm.close()

    def _gas_price(self, params: _Params) -> str:
        return hex(self._evm.next_header.base_fee_per_gas + SUGGESTED_PRIORITY_FEE)

    def _fee_history(self, params: _Params) -> dict[str, Any]:
        count, newest, percentiles = take(params, 2, 1)
        last = self._header(newest)
        wanted = min(max(quantity(count, "block count"), 1), 1024, last.block_number + 1)
        first = last.block_number + 1 - wanted
        headers = [self._header(number) for number in range(first, last.block_number + 1)]
        following = self._evm.header(last.block_number + 1) or self._evm.next_header
        return {
            "oldestBlock": hex(first),
            "baseFeePerGas": [hex(h.base_fee_per_gas) for h in (*headers, following)],
            "gasUsedRatio": [h.gas_used / h.gas_limit for h in headers],
            # What clients are told to offer, for every percentile: no market sets it here.
            "reward": [[hex(SUGGESTED_PRIORITY_FEE)] * len(percentiles or ()) for _ in headers],
        }

    def _balance(self, params: _Params) -> str:
        account, selector = take(params, 1, 1)
        return hex(self._state(selector).get_balance(address(account)))

    def _code(self, params: _Params) -> str:
        account, selector = take(params, 1, 1)
        return hex_data(self._state(selector).get_code(address(account)))

    def _storage(self, params: _Params) -> str:
        account, slot, selector = take(params, 2, 1)
        value = self._state(selector).get_storage(address(account), quantity(slot, "slot"))
        return f"0x{value:064x}"

    def _transaction_count(self, params: _Params) -> str:
        account, selector = take(params, 1, 1)
        return hex(self._state(selector).get_nonce(address(account)))

    def _call(self, params: _Params) -> str:
        message, selector = take(params, 1, 1)
        header = self._environment(selector)
        outcome = self._evm.execute(call_message(message), header)
        self._require_success(outcome)
        return hex_data(outcome.output)

    def _estimate_gas(self, params: _Params) -> str:
        message, selector = take(params, 1, 1)
        header = self._environment(selector)
        gas, outcome = self._evm.estimate_gas(call_message(message), header)
        self._require_success(outcome)
        return hex(gas)

    def _send_raw_transaction(self, params: _Params) -> str:
        (raw,) = take(params, 1)
        transaction = admit(data(raw, "transaction"), self._evm, self.permissions)
        self._evm.mine([transaction])
        return hex_data(transaction.hash)

    def _transaction_by_hash(self, params: _Params) -> dict[str, Any] | None:
        found = self._locate(params)
        return None if found is None else transaction_json(*found)

    def _transaction_receipt(self, params: _Params) -> dict[str, Any] | None:
        found = self._locate(params)
        if found is None:
            return None
        mined, index = found
        return receipt_json(mined, self._evm.receipts(mined), index)

    def _block_by_selector(self, params: _Params) -> dict[str, Any] | None:
        selector, full = take(params, 1, 1)
        header = self._find(block(selector))
        return None if header is None else block_json(self._evm.block(header), bool(full))

    def _logs(self, params: _Params) -> list[dict[str, Any]]:
        (criteria,) = take(params, 1)
        wanted = log_filter(criteria)
        first, last = self._header(wanted.first), self._header(wanted.last)
        return find_logs(self._evm, wanted, first.block_number, last.block_number)

    def _set_next_timestamp(self, params: _Params) -> None:
        (timestamp,) = take(params, 1)
        try:
            self._evm.set_next_timestamp(quantity(timestamp, "timestamp"))
        except ValueError as error:
            raise invalid(f"timestamp {error}") from error

    def _mine(self, params: _Params) -> str:
        take(params, 0)
        self._evm.mine()
        return "0x0"

    def _revert(self, params: _Params) -> bool:
        (number,) = take(params, 1)
        return self._evm.revert(quantity(number, "snapshot"))

    def _locate(self, params: _Params) -> tuple[Any, int] | None:
        (transaction_hash,) = take(params, 1)
        place = self._evm.locate(data(transaction_hash, "transaction hash", 32))
        return place and (self._evm.block(self._header(place[0])), place[1])

    def _find(self, selector: BlockSelector) -> Any | None:
        if selector == LATEST:
            return self._evm.head
        if isinstance(selector, int):
            return self._evm.header(selector)
        return self._evm.header_by_hash(bytes.fromhex(selector[2:]))

    def _header(self, selector: Any) -> Any:
        header = self._find(block(selector))
        if header is None:
            raise RpcError(REFUSED, f"block not found: {selector}")
        return header

    def _state(self, selector: Any) -> Any:
        return self._evm.state(self._header(selector))

    def _environment(self, selector: Any) -> Any:
        return self._evm.next_header if block(selector) == LATEST else self._header(selector)

    def _require_success(self, outcome: Execution) -> None:
        if outcome.reverted:
            raise RpcError(
                REVERT_CODE, self._revert_message(outcome.output), hex_data(outcome.output)
            )
        if outcome.failure is not None:
            raise RpcError(REFUSED, outcome.failure)

    def _revert_message(self, revert_data: bytes) -> str:
        error = self._plain_errors.decode(revert_data)
        said = error.args.get("message") or error.args.get("meaning")
        return f"execution reverted: {said}" if said else "execution reverted"
