"""Any backend as a web3 provider. A module of its own, because importing web3 takes a second."""

import json
from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.backends import Backend
from chain.errors import RpcError


class BackendProvider(JSONBaseProvider):
    """A web3 provider over any backend: `Web3(BackendProvider(backend))`.

    Errors leave as JSON-RPC error objects, so that web3 raises its own exceptions from their data.
    """

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one web3 request in process."""
        # Through JSON, as over a wire: web3's own types never reach a backend.
        request = json.loads(self.encode_rpc_request(method, params))
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            answer["result"] = self._backend.request(method, request["params"])
        except RpcError as error:
            answer["error"] = error.to_json()
        return answer  # type: ignore[return-value]  # a TypedDict of literals, built in two steps

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Whether the backend answers."""
        return True
