"""JSON-RPC parameters in, Python values out; every misfit is RpcError -32602 saying which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.hexadecimal import is_0x_prefixed, is_hex

from chain.errors import RpcError

INVALID_PARAMS = -32602
LATEST = "latest"
_LATEST_TAGS = frozenset({"latest", "pending", "safe", "finalized"})

BlockSelector = int | str
"""A block number, `latest`, or a block hash as 0x-hex."""


@dataclass(frozen=True, slots=True)
class CallMessage:
    """A message to execute without sending it; `to` empty means contract creation. Value in wei."""

    sender: bytes
    to: bytes
    data: bytes
    value: int
    gas: int | None


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which logs: a block range (or one block by hash), addresses, and topics by position."""

    first: BlockSelector
    last: BlockSelector
    addresses: frozenset[bytes]
    topics: tuple[frozenset[bytes], ...]


def invalid(message: str) -> RpcError:
    """An invalid-parameters error to raise."""
    return RpcError(INVALID_PARAMS, f"invalid params: {message}")


def take(params: Sequence[Any], required: int, optional: int = 0) -> list[Any]:
    """The parameters, padded with None; refuses too few or too many."""
    if not required <= len(params) <= required + optional:
        raise invalid(f"{required} to {required + optional} expected, {len(params)} given")
    return [*params, *([None] * (required + optional - len(params)))]


def quantity(value: Any, name: str) -> int:
    """A 0x-hex quantity; a plain non-negative integer is accepted as Anvil does."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and is_0x_prefixed(value) and len(value) > 2 and is_hex(value):
        return int(value, 16)
    raise invalid(f"{name} must be a 0x-hex quantity")


def data(value: Any, name: str, length: int | None = None) -> bytes:
    """0x-hex bytes, of exactly `length` when given."""
    if not isinstance(value, str) or not is_0x_prefixed(value):
        raise invalid(f"{name} must be 0x-hex data")
    try:
        raw = bytes.fromhex(value[2:])
    except ValueError:
        raise invalid(f"{name} must be 0x-hex data of whole bytes") from None
    if length is not None and len(raw) != length:
        raise invalid(f"{name} must have {length} bytes, not {len(raw)}")
    return raw


def address(value: Any, name: str = "address") -> bytes:
    """A 20-byte address."""
    return data(value, name, 20)


def block(value: Any) -> BlockSelector:
    """A block number, tag, hash or EIP-1898 object; absent means latest.

    All tags after the latest block mean the latest block: every transaction is mined at once, so
    nothing is ever pending and nothing is ever undone.
    """
    if isinstance(value, Mapping):
        value = value.get("blockHash", value.get("blockNumber"))
    if value is None or (isinstance(value, str) and value in _LATEST_TAGS):
        return LATEST
    if value == "earliest":
        return 0
    if isinstance(value, str) and len(value) == 66:
        return "0x" + data(value, "block hash", 32).hex()
    return quantity(value, "block")


def call_message(value: Any) -> CallMessage:
    """A transaction object of eth_call or eth_estimateGas; fee fields are accepted and unused."""
    if not isinstance(value, Mapping):
        raise invalid("the transaction must be an object")
    gas, to = value.get("gas"), value.get("to")
    return CallMessage(
        sender=address(value.get("from") or "0x" + "00" * 20, "from"),
        to=b"" if to in (None, "", "0x") else address(to, "to"),
        data=data(value.get("input") or value.get("data") or "0x", "data"),
        value=quantity(value.get("value", 0), "value"),
        gas=None if gas is None else quantity(gas, "gas"),
    )


def log_filter(value: Any) -> LogFilter:
    """A filter object of eth_getLogs; a null topic matches anything, a list any of its topics."""
    if not isinstance(value, Mapping):
        raise invalid("the filter must be an object")
    if "blockHash" in value:
        first = last = block({"blockHash": value["blockHash"]})
    else:
        first, last = block(value.get("fromBlock")), block(value.get("toBlock"))
    topics = value.get("topics") or ()
    if not isinstance(topics, list | tuple):
        raise invalid("topics must be a list")
    return LogFilter(
        first,
        last,
        frozenset(address(item) for item in _alternatives(value.get("address"))),
        tuple(
            frozenset(data(item, "topic", 32) for item in _alternatives(position))
            for position in topics
        ),
    )


def _alternatives(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)
