"""JSON-RPC 2.0: a request body in, a response body out. Knows nothing of HTTP."""

import json
from collections.abc import Mapping
from typing import Any

from chain.backends import Backend
from chain.errors import ChainError, RpcError

MAX_BATCH = 100

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INTERNAL_ERROR = -32700, -32600, -32601, -32603

PUBLIC_METHODS = frozenset(
    {
        "web3_clientVersion",
        "net_version",
        "eth_accounts",
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getStorageAt",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "eth_sendRawTransaction",
        "eth_syncing",
    }
)
"""What any client may ask. Time and snapshots (`evm_*`) stay with whoever owns the backend."""


def answer(backend: Backend, body: bytes) -> bytes | None:
    """The response to a single request or a batch; None when all of it was notifications."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return _encode(_failure(None, RpcError(PARSE_ERROR, "the body is not JSON")))
    if not isinstance(request, list):
        single = _answer_one(backend, request)
        return None if single is None else _encode(single)
    if not 0 < len(request) <= MAX_BATCH:
        refusal = RpcError(INVALID_REQUEST, f"a batch holds 1 to {MAX_BATCH} requests")
        return _encode(_failure(None, refusal))
    answers = [one for one in (_answer_one(backend, item) for item in request) if one is not None]
    return _encode(answers) if answers else None


def _answer_one(backend: Backend, request: Any) -> dict[str, Any] | None:
    if not _well_formed(request):
        return _failure(None, RpcError(INVALID_REQUEST, "not a JSON-RPC 2.0 request"))
    try:
        result = _perform(backend, request["method"], request.get("params", []))
    except RpcError as error:
        response = _failure(request.get("id"), error)
    except ChainError as error:
        response = _failure(request.get("id"), RpcError(INTERNAL_ERROR, str(error)))
    else:
        response = {"jsonrpc": "2.0", "id": request.get("id"), "result": result}
    return response if "id" in request else None


def _well_formed(request: Any) -> bool:
    return (
        isinstance(request, Mapping)
        and request.get("jsonrpc") == "2.0"
        and isinstance(request.get("method"), str)
        and isinstance(request.get("id"), str | int | float | None)
    )


def _perform(backend: Backend, method: str, params: Any) -> Any:
    if method not in PUBLIC_METHODS:
        raise RpcError(METHOD_NOT_FOUND, f"the method {method} does not exist")
    return backend.request(method, params)


def _failure(request_id: Any, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "error": error.to_json()}


def _encode(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
