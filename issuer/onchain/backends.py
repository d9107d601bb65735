"""The two kinds of chain the service can stand on: the embedded one, and a node behind a URL."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chain.backends import Backend
from chain.chain_file import ChainFile
from chain.embedded import EmbeddedBackend
from chain.errors import NodeUnavailable, RpcError, WrongChain
from chain.evm import Genesis
from chain.http_backend import HttpBackend
from chain.identity import verify_chain_id
from chain.permissions import AccountPermissions
from issuer.domain.errors import ChainUnavailable, Complaint, InvalidInput, StateConflict

#: Chains of a developer's own machine: Ganache and Geth's developer mode, Anvil and Hardhat, ours.
LOCAL_CHAIN_IDS = frozenset({1337, 31337, 131277322940537})

#: A node that mines at once needs some milliseconds; one that is told not to mine never does.
_MINED_WITHIN_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.002

_TIME_TRAVELLERS = ("embedded", "anvil", "hardhat")


def open_embedded(
    file: Path | None, first_instant: int, accounts: Sequence[str]
) -> EmbeddedBackend:
    """The chain in this process: taken up from its file, or begun there.

    `first_instant` in unix seconds and the funded `accounts`, which alone may send, count for a chain
    that begins. Without a file it ends with the process.
    """
    # Two chains may begin with the same accounts at the same instant, and are not the same for that.
    genesis = Genesis(first_instant, tuple(accounts), extra_data=secrets.token_bytes(32))
    permissions = AccountPermissions.only(accounts)
    return EmbeddedBackend(genesis, permissions, ChainFile(file) if file is not None else None)


class Node:
    """A node behind a URL, on the chain it is meant to be on. Silence is `ChainUnavailable`."""

    def __init__(self, url: str, expected_chain_id: int | None) -> None:
        try:
            self._node = HttpBackend(url)
        except ValueError as error:
            raise InvalidInput(
                "rpc url", [Complaint("/rpc_url", "rpc_url.malformed", str(error))]
            ) from error
        claimed = self._reached(lambda: self._node.chain_id)
        if expected_chain_id is None and claimed not in LOCAL_CHAIN_IDS:
            raise ChainUnavailable(
                f"the node at {self._node.shown_url} is on chain {claimed}, which is no local chain."
                f" Cure: say that you mean it (--chain-id {claimed}), with keys of your own.",
                code="chain.not_local",
                chain_id=claimed,
            )
        self.chain_id: int = claimed if expected_chain_id is None else expected_chain_id
        self._reached(self._verify)
        self._last_block: str | None = None
        self._is_anvil = client_version(self).startswith("anvil")
        if self._is_anvil:
            # Otherwise its time runs on with the wall clock, ahead of the simulated one.
            self.request("anvil_setBlockTimestampInterval", [1])

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Answer one JSON-RPC request. Raises `RpcError`, or `ChainUnavailable` for a silent node."""
        if self._last_block is not None:
            if method == "eth_blockNumber":
                return self._last_block
            params = [self._last_block if param == "latest" else param for param in params]
        return self._reached(lambda: self._node.request(method, params))

    def hold_still(self) -> None:
        """Read the chain from now on as it is at its last block of this moment, whatever is mined."""
        self._last_block = self.request("eth_blockNumber", [])

    def let_mine(self) -> None:
        """Return when Anvil has mined what was sent, such as an anchor that nobody waits for."""
        if not self._is_anvil:
            return
        ends = time.monotonic() + _MINED_WITHIN_SECONDS
        while int(self.request("txpool_status", [])["pending"], 16) and time.monotonic() < ends:
            time.sleep(_LOOK_AGAIN_SECONDS)

    def empty_queue(self) -> None:
        """Let be mined what is about to be, and forget the rest: on Anvil both outlive a revert."""
        self.let_mine()
        if self._is_anvil:
            self.request("anvil_dropAllTransactions", [])

    def close(self) -> None:
        """Close the connections."""
        self._node.close()

    def permit(self, address: str) -> None:
        """Refuse: the node has an allowlist of its own, or none."""
        raise StateConflict(
            f"{self.shown_url} decides itself who may send: enter {address} in the node's own"
            " allowlist",
            code="chain.permissions_elsewhere",
        )

    @property
    def shown_url(self) -> str:
        """The URL as far as it may be shown."""
        return self._node.shown_url

    def _verify(self) -> None:
        try:
            verify_chain_id(self._node, self.chain_id)
        except WrongChain as error:
            raise ChainUnavailable(str(error), code="chain.wrong_id") from error
        except RpcError as error:
            raise ChainUnavailable(
                f"the node at {self.shown_url} does not say which chain it is on: {error}",
                code="chain.unreachable",
            ) from error

    def _reached(self, ask: Any) -> Any:
        try:
            return ask()
        except NodeUnavailable as error:
            raise ChainUnavailable(str(error), code="chain.unreachable") from error


def time_travels(backend: Backend) -> bool:
    """Can the chain's time be set? Only development chains can."""
    return client_version(backend).startswith(_TIME_TRAVELLERS)


def client_version(backend: Backend) -> str:
    """What the node says it is, in lower case; empty when it does not say."""
    try:
        return str(backend.request("web3_clientVersion", [])).lower()
    except RpcError:
        return ""
