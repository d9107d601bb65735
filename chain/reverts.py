"""Revert bytes out of a node's error: every node puts them somewhere else."""

from collections.abc import Mapping
from typing import Any

from chain.errors import REVERT_CODE, RpcError

_REVERTED = "reverted "
"""What some nodes (OpenEthereum and its heirs) write before the bytes."""

_WRAPPERS = ("data", "result", "return", "originalError", "cause", "error")
"""Members under which nodes and gateways put the bytes, or another object that holds them."""

_DEPTH = 4


def revert_bytes(error: RpcError) -> bytes | None:
    """The revert bytes in a node's error, or None when it is not about a revert.

    Geth, Anvil, Besu and the embedded backend say code 3, or "reverted" in the message, and give
    0x-hex as `data`; Hardhat, and gateways, an object that holds it; OpenEthereum and others
    "Reverted 0x…" as data or message. Empty where a contract reverted without any, or the node
    keeps them to itself.
    """
    found = _find(error.data, _DEPTH)
    if found is None and error.message.lower().startswith(_REVERTED):
        found = _find(error.message, 0)
    if error.code == REVERT_CODE or "revert" in f"{error.message} {error.data}".lower():
        return found or b""
    return None


def _find(value: Any, depth: int) -> bytes | None:
    if isinstance(value, str):
        return _bytes(value)
    if isinstance(value, Mapping) and depth:
        inner = (_find(value[key], depth - 1) for key in _WRAPPERS if key in value)
        return next((raw for raw in inner if raw is not None), None)
    return None


def _bytes(text: str) -> bytes | None:
    text = text[len(_REVERTED) :] if text.lower().startswith(_REVERTED) else text
    if not text.startswith("0x"):
        return None
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        return None
