"""eth_getLogs on the embedded chain: bounded, block by block, skipping blocks by their bloom."""

from typing import Any

from eth_bloom.bloom import BloomFilter

from chain.errors import RpcError
from chain.evm import LocalEvm
from chain.rpc_json import hex_data, logs_json
from chain.rpc_params import LogFilter

MAX_BLOCKS = 1_000
MAX_LOGS = 10_000
LIMIT_EXCEEDED = -32005
"""JSON-RPC code of EIP-1474 for a request over a limit."""


def find_logs(evm: LocalEvm, wanted: LogFilter, first: int, last: int) -> list[dict[str, Any]]:
    """Logs of blocks `first` to `last` that match.

    Raises `RpcError` over 1,000 blocks or 10,000 logs: the caller asks again in smaller ranges.
    """
    if last - first >= MAX_BLOCKS:
        raise RpcError(
            LIMIT_EXCEEDED, f"range of {last - first + 1} blocks, at most {MAX_BLOCKS} allowed"
        )
    found: list[dict[str, Any]] = []
    for number in range(first, last + 1):
        found += _block_logs(evm, wanted, number)
        if len(found) > MAX_LOGS:
            raise RpcError(LIMIT_EXCEEDED, f"more than {MAX_LOGS} logs: ask for fewer blocks")
    return found


def _block_logs(evm: LocalEvm, wanted: LogFilter, number: int) -> list[dict[str, Any]]:
    header = evm.header(number)
    if header is None or not _may_contain(header.bloom, wanted):
        return []
    block = evm.block(header)
    addresses = {hex_data(address) for address in wanted.addresses}
    topics = [{hex_data(topic) for topic in position} for position in wanted.topics]
    return [
        log
        for log in logs_json(block, evm.receipts(block))
        if (not addresses or log["address"] in addresses) and _matches(log["topics"], topics)
    ]


def _may_contain(bloom: int, wanted: LogFilter) -> bool:
    if bloom == 0:
        return False
    seen = BloomFilter(bloom)
    groups = (wanted.addresses, *wanted.topics)
    return all(not group or any(item in seen for item in group) for group in groups)


def _matches(topics: list[str], wanted: list[set[str]]) -> bool:
    # A filter longer than the log's topics does not match, even where it says "anything".
    if len(wanted) > len(topics):
        return False
    return all(not w or topic in w for topic, w in zip(topics, wanted, strict=False))
