"""Any JSON-RPC node over HTTP: a development node, or one of a network."""

import base64
import itertools
import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from chain.errors import NodeUnavailable, RpcError
from chain.rpc_dispatch import PUBLIC_METHODS

TIMEOUT_SECONDS = 30.0

_READS = PUBLIC_METHODS - {"eth_sendRawTransaction"}
"""Asked once more when a kept connection was dropped; whatever may change a chain never is."""


class HttpBackend:
    """The node at an http:// or https:// URL; connections are kept, and any thread may ask.

    A user and password in the URL are sent as basic authentication. Messages and logs show scheme,
    host and port of the URL only: the rest may be a key. Proxies of the environment are not used.
    Raises `ValueError` for what is not such a URL.
    """

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url, self._headers = _parse(url)
        self.shown_url = _shown(self._url)
        """The URL as far as it may be shown."""
        # The transport and not httpx.Client, which writes the whole URL of each request to the log.
        self._transport = httpx.HTTPTransport()
        self._extensions = {"timeout": httpx.Timeout(timeout_seconds).as_dict()}
        self._ids = itertools.count(1)
        self._chain_id: int | None = None

    @property
    def chain_id(self) -> int:
        """What the node says its chain id is; asked once. Raises `NodeUnavailable`."""
        if self._chain_id is None:
            answer = self.request("eth_chainId", [])
            try:
                self._chain_id = int(answer, 16)
            except (TypeError, ValueError):
                raise self._unavailable(
                    f"answered {answer!r:.60} to eth_chainId", "give the URL of an Ethereum node"
                ) from None
        return self._chain_id

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Answer one JSON-RPC request. Raises `RpcError` and `NodeUnavailable`.

        `NodeUnavailable` does not say that nothing happened: a transaction may have arrived.
        """
        request_id = next(self._ids)
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": list(params)}
        status, body = self._post(json.dumps(message).encode(), retry=method in _READS)
        answer = self._parse_answer(status, body, method)
        error = answer.get("error")
        # A node that could not tell whose request it refuses says null.
        if answer.get("id") != request_id and (error is None or answer.get("id") is not None):
            raise self._unavailable(
                f"answered another request than {method}", "look for a proxy that mixes answers up"
            )
        if error is not None:
            raise self._refusal(error, method)
        if "result" not in answer:
            raise self._not_json_rpc(method)
        return answer["result"]

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> "HttpBackend":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HttpBackend({self.shown_url})"

    def _post(self, content: bytes, retry: bool) -> tuple[int, bytes]:
        try:
            return self._post_once(content)
        except httpx.TimeoutException as error:
            raise self._unavailable(
                f"did not answer in time ({type(error).__name__})",
                "see whether the node is overloaded or still starting, then ask again",
            ) from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            if retry and not isinstance(error, httpx.ConnectError):
                return self._post(content, retry=False)
            raise self._unavailable(
                f"cannot be reached ({_reason(error)})",
                "start the node, or correct the URL",
            ) from error
        except httpx.HTTPError as error:
            raise self._unavailable(
                f"did not answer as HTTP does ({_reason(error)})",
                "give the URL of the node's HTTP JSON-RPC endpoint",
            ) from error

    def _post_once(self, content: bytes) -> tuple[int, bytes]:
        request = httpx.Request(
            "POST", self._url, headers=self._headers, content=content, extensions=self._extensions
        )
        response = self._transport.handle_request(request)
        try:
            return response.status_code, response.read()
        finally:
            response.close()

    def _parse_answer(self, status: int, body: bytes, method: str) -> Mapping[str, Any]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        refused = isinstance(answer, Mapping) and answer.get("error") is not None
        # 400 is how some nodes send their own refusals; every other status is not the node's word.
        if status != 200 and not (status == 400 and refused):
            raise self._unavailable(
                f"answered {method} with HTTP status {status}",
                "correct the URL or its credentials, or wait until the node serves again",
            )
        if not isinstance(answer, Mapping):
            raise self._not_json_rpc(method)
        return answer

    def _refusal(self, error: Any, method: str) -> Exception:
        match error:
            case {"code": int(code), "message": str(message)}:
                return RpcError(code, message, error.get("data"))
        return self._not_json_rpc(method)

    def _not_json_rpc(self, method: str) -> NodeUnavailable:
        return self._unavailable(
            f"answered {method} with something other than JSON-RPC",
            "give the URL of the node's HTTP JSON-RPC endpoint",
        )

    def _unavailable(self, what: str, cure: str) -> NodeUnavailable:
        return NodeUnavailable(f"the node at {self.shown_url} {what}. Cure: {cure}.")


def _parse(url: str) -> tuple[httpx.URL, dict[str, str]]:
    headers = {"content-type": "application/json"}
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL()
    port_is_possible = parsed.port is None or parsed.port <= 65_535
    if parsed.scheme not in ("http", "https") or not parsed.host or not port_is_possible:
        # Not shown: what cannot be parsed may hold a password anywhere.
        raise ValueError("a node's URL looks like http://127.0.0.1:8545 or https://node.example")
    if parsed.userinfo:
        credentials = f"{parsed.username}:{parsed.password}".encode()
        headers["authorization"] = "Basic " + base64.b64encode(credentials).decode()
    return parsed.copy_with(username=None, password=None, fragment=None), headers


def _shown(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
