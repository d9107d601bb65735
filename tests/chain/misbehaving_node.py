"""A small HTTP server of the test's own that answers JSON-RPC as badly as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What is sent back: `body` as it is, or `result`/`error` under the request's own id."""

    content: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    announced_length: int | None = None
    hang_up: bool = False


@dataclass
class Node:
    """`answer` decides for each request; `methods` and `headers` are what has arrived."""

    answer: Callable[[dict[str, Any]], Answer]
    url: str = ""
    methods: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)


@contextmanager
def serve(answer: Callable[[dict[str, Any]], Answer]) -> Iterator[Node]:
    """A running server at `url`, until the block ends."""
    node = Node(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # keeps connections

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = json.loads(body)
            node.methods.append(request["method"])
            node.headers.append({name.lower(): value for name, value in self.headers.items()})
            node.paths.append(self.path)
            node.connections.add(self.client_address[1])
            reply = node.answer(request)
            if reply.hang_up:
                self.close_connection = True
                return
            content = {"jsonrpc": "2.0", "id": request["id"]} | reply.content
            raw = json.dumps(content).encode() if reply.body is None else reply.body
            self.send_response(reply.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(reply.announced_length or len(raw)))
            self.end_headers()
            self.wfile.write(raw)
            self.close_connection = reply.announced_length is not None

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # one may still wait for a request on a kept connection
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
