"""Which chain a node is on: what it says and what it does, before anything is sent to it."""

from typing import Any

from chain.backends import Backend
from chain.errors import NodeUnavailable, WrongChain

_RETURN_CHAIN_ID = "0x4660005260206000f3"
"""CHAINID, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN: creation code whose result is the id."""


def verify_chain_id(backend: Backend, expected: int) -> None:
    """Raise `WrongChain` unless everything the node says and does belongs to chain `expected`.

    What a contract sees as its chain id is what signatures inside it depend on, and a node, or a
    proxy before it, may say one id and execute with another. The network id (`net_version`) is
    another number, and differs on honest networks. `NodeUnavailable` when the node says no number at
    all; `RpcError` when it refuses to say.
    """
    _compare(backend.request("eth_chainId", []), expected, "as the node says to eth_chainId")
    executed = backend.request("eth_call", [{"data": _RETURN_CHAIN_ID}, "latest"])
    _compare(executed, expected, "as the node executes CHAINID")


def _compare(answer: Any, expected: int, how: str) -> None:
    try:
        found = int(answer, 0)
    except (TypeError, ValueError):
        raise NodeUnavailable(
            f"the node says {answer!r:.60} where its chain id was asked for. Cure: give the URL of"
            " an Ethereum node."
        ) from None
    if found != expected:
        raise WrongChain(expected, found, how)
