"""The API and the chain's JSON-RPC as one process on loopback, and what it says when it is ready."""

from __future__ import annotations

import gc
import json
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from rich.console import Console

from api.app import create_app
from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.domain.errors import ChainUnavailable
from issuer.domain.roles import Role
from issuer.services.simulation import read_clock

_console = Console(emoji=False)


def run(settings: Settings, *, as_json: bool) -> None:
    """Serve until interrupted; `as_json` says where to connect in one line for a program."""
    listener = _listen(settings)
    with listener, build(settings) as simulator:
        # What is loaded by now stays: neither collections nor the exit need to go through it again.
        gc.freeze()
        server = _Server(
            create_app(simulator), settings, lambda url: _tell(simulator, url, as_json)
        )
        server.run([listener])


def _listen(settings: Settings) -> socket.socket:
    """Take the API's port before the database is touched."""
    try:
        listener = socket.create_server((settings.host, settings.port))
        # Without it every answer on a kept connection waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise ChainUnavailable(
            f"cannot listen on {settings.host}:{settings.port} for the API: {error.strerror}."
            " Cure: stop what listens there, or choose another port (--port).",
            code="port.taken",
        ) from error


class _Server(uvicorn.Server):
    """Says where it listens once it does, and ends quietly on a signal."""

    def __init__(self, application: Any, settings: Settings, ready: Callable[[str], None]) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                host=settings.host,
                port=settings.port,
                log_level="warning",
                lifespan="off",
                timeout_graceful_shutdown=5,
                # Longer than clients keep theirs: nobody sends on a connection that is being closed.
                timeout_keep_alive=60,
            )
        )
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://{host}:{port}")

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Uvicorn would raise the signal again afterwards; a stopped simulator is no failure."""
        self.should_exit = True
        if sig == signal.SIGINT and frame is None:
            self.force_exit = True


def _tell(simulator: Simulator, url: str, as_json: bool) -> None:
    keys = {role.value: key for role, key in simulator.api_keys.items()}
    if as_json:
        line = {"url": url, "rpc_url": simulator.rpc_url, "api_keys": keys}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return
    _console.print(f"[bold]API[/]       {url}   (interactive: {url}/docs)")
    _console.print(
        f"[bold]JSON-RPC[/]  {simulator.rpc_url}   (chain id {simulator.context.chain.chain_id})"
    )
    clock = read_clock(simulator.context).isoformat()
    _console.print(f"[bold]Clock[/]     {clock}   (simulated; POST /v1/simulation/clock moves it)")
    _console.print("\nDemonstration keys (earlier ones of this database stay valid):")
    for role, key in keys.items():
        _console.print(f"  {role:<18} {key}", highlight=False)
    operator, issuer = keys[Role.OPERATOR], keys[Role.ISSUER]
    _console.print(
        "\nThree calls to paste: register the example deal, try to mint without a filing"
        " (refused by FIL-01), ask the chain.\n"
    )
    json_body = "-H 'Content-Type: application/json' -d"
    mint = '{"tranche": "A", "investor": "H1", "units": 50000}'
    block = '{"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}'
    deal_file = "-H 'Content-Type: application/yaml' --data-binary @scripts/deals/ev-charging.yaml"
    calls = (
        f"curl -s {url}/v1/deals -H 'X-API-Key: {operator}' {deal_file}",
        f"curl -s {url}/v1/deals/ev-charging/issuances -H 'X-API-Key: {issuer}' {json_body} '{mint}'",
        f"curl -s {simulator.rpc_url} {json_body} '{block}'",
    )
    for call in calls:
        _console.print(call, highlight=False, soft_wrap=True, markup=False)
        _console.print()
    kept = simulator.settings.sqlite_file()
    if simulator.settings.rpc_url is not None:
        where = f"The database stays in {kept}, the chain with its node."
    else:
        where = f"Database and chain stay in {kept}*."
    last = f"Ctrl-C stops. {where} The same command goes on with them."
    _console.print(last, highlight=False, soft_wrap=True)
