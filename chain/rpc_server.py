"""A backend as JSON-RPC over HTTP on loopback, so that any web3 client or explorer can attach."""

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chain.backends import Backend
from chain.rpc_dispatch import answer

MAX_BODY_BYTES = 1_000_000
STOP_SECONDS = 5
KEEP_SECONDS = 60


def create_app(backend: Backend) -> Starlette:
    """The ASGI application: POST / with a JSON body.

    A web page must not reach the chain through its visitor's browser. So the Host must be loopback
    (DNS rebinding), the body must be declared JSON (a browser then asks first), and no CORS header
    ever says yes.
    """

    async def endpoint(request: Request) -> Response:
        if not is_loopback(_host_name(request.headers.get("host", ""))):
            return PlainTextResponse("invalid host", 403)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("content type must be application/json", 415)
        body = await _read(request)
        if body is None:
            return PlainTextResponse(f"at most {MAX_BODY_BYTES} bytes", 413)
        response = await asyncio.to_thread(answer, backend, body)
        if response is None:
            return Response(status_code=204)
        return Response(response, media_type="application/json")

    return Starlette(routes=[Route("/", endpoint, methods=["POST"])])


class RpcServer:
    """One HTTP server on loopback, in a thread. Port 0 takes a free one, known after `start`."""

    def __init__(self, backend: Backend, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback(host):
            raise ValueError(f"{host} is not loopback: this server has no authentication")
        self._backend = backend
        self._host = host
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where clients connect. Raises `RuntimeError` while the port is not chosen."""
        if self._port == 0:
            raise RuntimeError("the port is chosen by start()")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen and serve; connections are accepted from here on. Raises `OSError`."""
        if self._thread is not None:
            raise RuntimeError("already started")
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        # Without it every answer on a kept connection waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen()
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(self._backend),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=STOP_SECONDS,
                # Longer than clients keep theirs: nobody sends on a connection that is being closed.
                timeout_keep_alive=KEEP_SECONDS,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="rpc-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Finish running requests, close connections and port. Harmless when not started."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> "RpcServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine by itself."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _host_name(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].lower()


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    with suppress(ClientDisconnect):
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    return bytes(body)
