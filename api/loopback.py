"""The API on free loopback ports, for whoever runs simulators of its own and means to speak HTTP."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from types import TracebackType

import uvicorn

from api.app import create_app
from issuer.bootstrap import Simulator


class Loopback:
    """One server for each simulator, from the first time that its URL is asked for until the end."""

    def __init__(self) -> None:
        self._urls: dict[int, str] = {}
        self._servers = ExitStack()

    def url_of(self, simulator: Simulator) -> str:
        """Where the simulator's API listens."""
        if id(simulator) not in self._urls:
            self._urls[id(simulator)] = self._serve(simulator)
        return self._urls[id(simulator)]

    def _serve(self, simulator: Simulator) -> str:
        listener = self._servers.enter_context(socket.create_server(("127.0.0.1", 0)))
        # Without it every answer on a kept connection waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(simulator),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=5,
                # Longer than clients keep theirs: nobody sends on a connection that is being closed.
                timeout_keep_alive=60,
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), name="api", daemon=True)
        thread.start()
        self._servers.callback(_stop, server, thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def __enter__(self) -> Loopback:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._servers.close()


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join()
