"""Logs as typed events, and logs fetched in bounded ranges."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from chain.abi import Abi, AbiEntry, decode_arguments, parameter_names, topic
from chain.backends import Backend

RANGE = 1_000
"""Blocks per request: the bound that the embedded backend and many nodes put on eth_getLogs."""


@dataclass(frozen=True, slots=True)
class Event:
    """One decoded log. An indexed dynamic argument is its 32-byte hash: the chain keeps no more."""

    name: str
    address: str
    args: Mapping[str, Any]
    block_number: int
    log_index: int
    transaction_hash: str


class EventDecoder:
    """Decodes logs over the union of the given ABIs.

    Two events may share a topic and differ in what is indexed (`Transfer` of ERC-20 and ERC-721),
    so an event is recognised by its topic and its number of indexed arguments.
    """

    def __init__(self, abis: Iterable[Abi]) -> None:
        self._events = {
            (topic(entry), len(_indexed(entry))): entry
            for abi in abis
            for entry in abi
            if entry["type"] == "event" and not entry.get("anonymous", False)
        }

    def decode(self, log: Mapping[str, Any]) -> Event | None:
        """The event of a JSON-RPC log, or None when no ABI declares it."""
        topics = [bytes.fromhex(item[2:]) for item in log["topics"]]
        entry = self._events.get((topics[0], len(topics) - 1)) if topics else None
        if entry is None:
            return None
        return Event(
            name=entry["name"],
            address=to_checksum_address(log["address"]),
            args=_arguments(entry, topics[1:], bytes.fromhex(log["data"][2:])),
            block_number=int(log["blockNumber"], 16),
            log_index=int(log["logIndex"], 16),
            transaction_hash=log["transactionHash"],
        )


def decode_logs(logs: Iterable[Mapping[str, Any]], abis: Iterable[Abi]) -> list[Event]:
    """Events of these JSON-RPC logs in their order; logs that no ABI declares are left out."""
    decoder = EventDecoder(abis)
    decoded = (decoder.decode(log) for log in logs)
    return [event for event in decoded if event is not None]


def fetch_events(
    backend: Backend, addresses: Sequence[str], from_block: int, to_block: int, abis: Iterable[Abi]
) -> list[Event]:
    """Events of these contracts from `from_block` to `to_block`, both included, oldest first."""
    return decode_logs(fetch_logs(backend, addresses, from_block, to_block), abis)


def fetch_logs(
    backend: Backend, addresses: Sequence[str], from_block: int, to_block: int
) -> Iterator[Mapping[str, Any]]:
    """The same as JSON-RPC logs, one request per 1,000 blocks."""
    for first in range(from_block, to_block + 1, RANGE):
        last = min(first + RANGE - 1, to_block)
        criteria = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
        yield from backend.request("eth_getLogs", [criteria])


def _indexed(entry: AbiEntry) -> list[Mapping[str, Any]]:
    return [parameter for parameter in entry["inputs"] if parameter["indexed"]]


def _arguments(entry: AbiEntry, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    plain = [parameter for parameter in entry["inputs"] if not parameter["indexed"]]
    from_data = iter(decode_arguments(plain, data))
    from_topics = iter(
        _topic_value(p, value) for p, value in zip(_indexed(entry), topics, strict=True)
    )
    names = parameter_names(entry["inputs"])
    return {
        name: next(from_topics if parameter["indexed"] else from_data)
        for name, parameter in zip(names, entry["inputs"], strict=True)
    }


def _topic_value(parameter: Mapping[str, Any], value: bytes) -> Any:
    kind: str = parameter["type"]
    hashed = kind in ("string", "bytes") or kind.startswith("tuple") or kind.endswith("]")
    return value if hashed else decode_arguments([parameter], value)[0]
