"""JSON-RPC, the one interface to any chain: embedded, development node or network."""

from collections.abc import Sequence
from typing import Any, Protocol


class Backend(Protocol):
    """A chain that answers JSON-RPC.

    Results have JSON-RPC shape (camelCase keys, 0x-hex quantities). Refusals are `RpcError`; a node
    that does not answer is `NodeUnavailable`. Development chains also answer Anvil's methods
    `evm_setNextBlockTimestamp`, `evm_mine`, `evm_snapshot` and `evm_revert`.
    """

    @property
    def chain_id(self) -> int:
        """The chain id; asked of the node at most once."""
        ...

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Answer one JSON-RPC request."""
        ...
