"""The command `abs-sim`."""

from __future__ import annotations

import json
import logging
import signal
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn
from rich.console import Console

from api.app import create_app
from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.documents.collections import load_collections
from issuer.documents.deal import load_deal
from issuer.documents.filing import load_filing
from issuer.documents.investors import load_investors
from issuer.domain.errors import ChainUnavailable, InvalidInput, IssuanceError, NotFound
from issuer.domain.roles import Role
from issuer.domain.rulebook.catalogue import rules_named

app = typer.Typer(no_args_is_help=True, add_completion=False, help="ABS token issuance simulator.")
_console = Console()
_errors = Console(stderr=True)


def main() -> None:
    """Entry point: refusals are messages, not tracebacks."""
    try:
        app()
    except IssuanceError as error:
        _errors.print(f"[bold red]{error.error_code}[/] {error.message}", highlight=False)
        sys.exit(2)


@app.command()
def serve(
    database: Annotated[Path, typer.Option(help="Database file; it must be new")] = Path(
        "var/abs-sim.db"
    ),
    port: Annotated[int, typer.Option(help="API port; 0 takes a free one")] = 8000,
    rpc_port: Annotated[int, typer.Option(help="JSON-RPC port; 0 takes a free one")] = 8545,
    start: Annotated[
        datetime | None, typer.Option(help="Simulated clock of a fresh database, Hong Kong time")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print where to connect as one line of JSON")
    ] = False,
) -> None:
    """Run the API and the chain's JSON-RPC on loopback until interrupted."""
    _log_to_stderr()
    settings = Settings(database=f"sqlite:///{database}", port=port, rpc_port=rpc_port)
    if start is not None:
        opening = start.replace(tzinfo=settings.start.tzinfo)
        settings = settings.model_copy(update={"start": opening})
    listener = _listen(settings)
    with listener, build(settings) as simulator:
        server = _Server(
            create_app(simulator), settings, lambda url: _tell(simulator, url, as_json)
        )
        server.run([listener])


@app.command()
def check(
    kind: Annotated[str, typer.Argument(help="deal, filing, investors or collections")],
    file: Annotated[Path, typer.Argument(help="The file to check")],
) -> None:
    """Check a file and say everything that is wrong with it; nothing is stored."""
    loaders: dict[str, Callable[[Path], Any]] = {
        "deal": load_deal,
        "filing": load_filing,
        "investors": load_investors,
        "collections": load_collections,
    }
    if kind not in loaders:
        raise NotFound("kind", kind)
    try:
        loaders[kind](file)
    except InvalidInput as error:
        _errors.print(f"[bold red]{error.source}[/] is refused:", highlight=False)
        for complaint in error.complaints:
            place = complaint.path or "/"
            _errors.print(
                f"  {place}  {complaint.message}  ({complaint.rule})",
                highlight=False,
                soft_wrap=True,
            )
        raise typer.Exit(2) from error
    _console.print(f"{file.name} is well-formed.")


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="A rule id, such as FIL-01")]) -> None:
    """Say what a rule demands, on what basis, and what cures a violation."""
    found = rules_named(rule.upper())
    if not found:
        raise NotFound("rule", rule)
    for each in found:
        _console.print(f"[bold]{each.id}[/]  {each.statement}\n        {each.statement_zh}")
        _console.print(f"  basis   {each.basis}: {each.source}\n  cure    {each.cure}\n")


def _listen(settings: Settings) -> socket.socket:
    """Take the API's port before the database is touched."""
    try:
        return socket.create_server((settings.host, settings.port))
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
    _console.print("\nDemonstration keys, for this run only:")
    for role, key in keys.items():
        _console.print(f"  {role:<16} {key}", highlight=False)
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
    _console.print("Ctrl-C stops. The embedded chain ends with this server.")


def _log_to_stderr() -> None:
    """Standard output is for answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain tracebacks: the default shows local variables, and some hold keys.
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
