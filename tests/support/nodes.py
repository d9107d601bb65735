"""A node that lies: everything is passed on to an honest chain, but for what it is told to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chain.embedded import EmbeddedBackend
from chain.errors import RpcError
from chain.evm import Genesis
from issuer.config import DEMO_MNEMONIC
from issuer.keys import Keychain

FIRST_INSTANT = 1_770_598_799


@contextmanager
def lying_node(lies: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Its URL, and the methods it is asked, as they come."""
    keys = Keychain(DEMO_MNEMONIC)
    honest = EmbeddedBackend(Genesis(FIRST_INSTANT, tuple(keys.address(n) for n in range(10))))
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(request["method"])
            answer = {"jsonrpc": "2.0", "id": request["id"]}
            try:
                method = request["method"]
                answer["result"] = (
                    lies[method] if method in lies else honest.request(method, request["params"])
                )
            except RpcError as error:
                answer["error"] = error.to_json()
            raw = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
