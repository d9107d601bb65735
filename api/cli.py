"""The command `abs-sim`.

Each command imports its own room when it is called: the server and the chain take seconds to load,
and whoever asks for a rule should not wait for them.
"""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from typer.core import TyperCommand

from issuer.config import Settings
from issuer.documents.regime import load_regime
from issuer.domain.analytics.outcome import Measure
from issuer.domain.errors import InvalidInput, IssuanceError

_DATABASE = "Database file; the embedded chain is kept beside it  \\[default: var/abs-sim.db]"
_RPC_URL = "JSON-RPC of a node; without it the chain is the embedded one"
_REGIME = "File with figures of the regime to use instead of the shipped ones"
_POOL = "Its pool file  \\[default: DEAL.pool.yaml beside the deal]"
_PAGE = "Write a page to print into this file"
_GRID = "--grid cpr=0,5,10 cdr=0,1,2"
_SALT = "A name: the same gives the same addresses on another chain, by the same operator's key"
_CONTRACTS = (
    "Such as AbsToken=0x… or, as `abs-sim deploy` names it, abs_token:A=0x…, instead of a database"
)
_CHAIN_ID = "Chain the node must be on; needed unless it is a local one"


class _Project(TyperCommand):
    """A grid takes two values: of one alone the parser would say only how many it wants."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "option_name", None) != "--grid":
                raise
            message = f"takes two stresses with values: write {_GRID}"
            raise typer.BadParameter(message, ctx=ctx, param_hint="--grid") from error


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="ABS token issuance simulator.",
)
_console = Console(emoji=False)
_errors = Console(stderr=True, emoji=False)


def main() -> None:
    """Entry point: refusals are messages, not tracebacks."""
    try:
        app()
    except InvalidInput as error:
        _list_complaints(error)
        sys.exit(2)
    except IssuanceError as error:
        _errors.print(f"[bold red]{error.error_code}[/] {error.message}", highlight=False)
        sys.exit(2)
    except Exception as error:
        from issuer.store import database as database_file

        if not isinstance(error, database_file.UNAVAILABLE):
            raise
        refusal = database_file.unavailable(error)
        _errors.print(f"[bold red]{refusal.error_code}[/] {refusal.message}", highlight=False)
        sys.exit(2)


def _list_complaints(error: InvalidInput) -> None:
    _errors.print(f"[bold red]{error.source}[/] is refused:", highlight=False)
    for complaint in error.complaints:
        place = complaint.path or "/"
        _errors.print(
            f"  {place}  {complaint.message}  ({complaint.rule})", highlight=False, soft_wrap=True
        )


@app.command()
def serve(
    database: Annotated[Path | None, typer.Option(help=_DATABASE)] = None,
    port: Annotated[
        int | None, typer.Option(help="API port; 0 takes a free one  \\[default: 8000]")
    ] = None,
    rpc_port: Annotated[
        int | None, typer.Option(help="JSON-RPC port; 0 takes a free one  \\[default: 8545]")
    ] = None,
    rpc_url: Annotated[str | None, typer.Option(help=_RPC_URL)] = None,
    chain_id: Annotated[int | None, typer.Option(help=_CHAIN_ID)] = None,
    start: Annotated[
        datetime | None, typer.Option(help="Simulated clock of a fresh database, Hong Kong time")
    ] = None,
    regime: Annotated[Path | None, typer.Option(help=_REGIME)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print where to connect as one line of JSON")
    ] = False,
) -> None:
    """Run the API and the chain's JSON-RPC on loopback until interrupted."""
    from api import serving

    _log_to_stderr()
    settings = _settings(
        database,
        port=port,
        rpc_port=rpc_port,
        rpc_url=rpc_url,
        chain_id=chain_id,
        regime=regime,
    )
    if start is not None:
        opening = start.replace(tzinfo=settings.start.tzinfo)
        settings = settings.model_copy(update={"start": opening})
    serving.run(settings, as_json=as_json)


@app.command()
def deploy(
    file: Annotated[Path, typer.Argument(help="The deal, as YAML")],
    rpc_url: Annotated[str | None, typer.Option(help=_RPC_URL)] = None,
    chain_id: Annotated[int | None, typer.Option(help=_CHAIN_ID)] = None,
    database: Annotated[
        Path | None,
        typer.Option(
            help="Database file to go on with later; with --rpc-url none is kept without it"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Address book to write  \\[default: deployments/CHAIN_ID/DEAL.json]"),
    ] = None,
    salt: Annotated[str | None, typer.Option(help=_SALT)] = None,
) -> None:
    """Deploy a deal's contracts, verify their code, and write the address book."""
    from api import deploying

    _log_to_stderr(logging.ERROR)
    deploying.run(file, _settings(database, rpc_url=rpc_url, chain_id=chain_id), out, salt)


@app.command()
def verify(
    contracts: Annotated[list[str] | None, typer.Argument(help=_CONTRACTS)] = None,
    database: Annotated[Path | None, typer.Option(help=_DATABASE)] = None,
    rpc_url: Annotated[str | None, typer.Option("--rpc-url", "--rpc", help=_RPC_URL)] = None,
    chain_id: Annotated[int | None, typer.Option(help=_CHAIN_ID)] = None,
) -> None:
    """Examine a database: audit log, its anchors on chain, contracts' code, and every deal's books.

    Or contracts on a node (--rpc-url): their code beside the artifacts, and what they say of each other.
    """
    from api import verifying

    _log_to_stderr(logging.ERROR)
    settings = _settings(database, rpc_url=rpc_url, chain_id=chain_id)
    if contracts and database is not None:
        both = "give addresses or a database: what is at an address is not compared with any rows"
        raise typer.BadParameter(both, param_hint="--database")
    if not (verifying.run_at(settings, contracts) if contracts else verifying.run(settings)):
        raise typer.Exit(1)


@app.command()
def check(
    kind: Annotated[
        str, typer.Argument(help="deal, filing, investors, collections, pool, comparison or regime")
    ],
    file: Annotated[Path, typer.Argument(help="The file to check")],
    regime: Annotated[Path | None, typer.Option(help=_REGIME)] = None,
) -> None:
    """Check a file, and say everything that is wrong with it and every rule against it."""
    from api import checking

    if not checking.run(kind, file, load_regime(_settings(None, regime=regime).regime)):
        raise typer.Exit(1)


@app.command()
def explain(
    rule: Annotated[
        str | None, typer.Argument(help="A rule or a route, such as FIL-01 or cir-1")
    ] = None,
) -> None:
    """Say what a rule demands, on what basis, when it is checked, and what cures a violation."""
    from api import explaining

    if rule is None:
        explaining.list_all()
    else:
        explaining.explain(rule, load_regime(_settings(None).regime))


@app.command()
def circumvent(
    routes: Annotated[
        list[str] | None,
        typer.Argument(help="Routes or rules, such as CIR-01 or NEG-03, or files of your own"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Try every one there is")] = False,
) -> None:
    """Try the ways round the regime, over HTTP and on chain; without arguments, list them."""
    from api import circumventing

    _log_to_stderr(logging.ERROR)
    if not routes and not everything:
        circumventing.list_routes()
    elif not circumventing.run(routes or ()):
        raise typer.Exit(1)


@app.command(cls=_Project)
def project(
    deal: Annotated[Path, typer.Argument(help="The deal, as YAML")],
    pool: Annotated[Path | None, typer.Option(help=_POOL)] = None,
    scenario: Annotated[str | None, typer.Option(help="One that the pool file names")] = None,
    cpr: Annotated[str | None, typer.Option(help="Prepayment, per cent a year")] = None,
    psa: Annotated[
        str | None, typer.Option(help="Prepayment, per cent of the PSA benchmark: 150 is 150 PSA")
    ] = None,
    cdr: Annotated[str | None, typer.Option(help="Default, per cent a year")] = None,
    severity: Annotated[str | None, typer.Option(help="Loss given default, per cent")] = None,
    revenue: Annotated[str | None, typer.Option(help="Coming in of revenue, per cent")] = None,
    grid: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Two stresses with values instead of one case", metavar="cpr=0,5 cdr=0,1"
        ),
    ] = None,
    breakeven: Annotated[
        str | None, typer.Option(help="Up to which cdr, cpr, severity or revenue a tranche is paid")
    ] = None,
    tranche: Annotated[
        str | None, typer.Option(help="Which a grid or breakeven is of  \\[default: the first]")
    ] = None,
    measure: Annotated[
        Measure | None, typer.Option(help="What a grid shows  \\[default: wal]")
    ] = None,
    discount_rate: Annotated[
        str | None,
        typer.Option(help="Of present values, per cent a year, effective  \\[default: 8]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the case as JSON")] = False,
    html: Annotated[Path | None, typer.Option(help=_PAGE)] = None,
) -> None:
    """Project what a deal pays over its life if its pool does as a pool file assumes."""
    from api import projecting

    figures = {
        "scenario": scenario,
        "cpr": cpr,
        "psa": psa,
        "cdr": cdr,
        "severity": severity,
        "revenue": revenue,
    }
    asked = projecting.Asked(deal, pool, figures, tranche, discount_rate)
    projecting.require_one(
        grid=grid is not None,
        breakeven=breakeven is not None,
        json=as_json,
        html=html is not None,
    )
    one_case = grid is None and breakeven is None
    if tranche is not None and one_case:
        projecting.refuse_unused("tranche", "a case shows every tranche: add --grid or --breakeven")
    if measure is not None and grid is None:
        projecting.refuse_unused("measure", "only a grid shows one measure: add --grid")
    if discount_rate is not None and not one_case:
        projecting.refuse_unused(
            "discount-rate", "neither a grid nor a breakeven has present values"
        )
    if grid is not None:
        projecting.show_grid(asked, grid, measure or Measure.WAL)
    elif breakeven is not None:
        projecting.show_breakeven(asked, breakeven)
    else:
        projecting.project(asked, as_json=as_json, html=html)


@app.command()
def compare(
    deal: Annotated[Path, typer.Argument(help="The deal, as YAML")],
    pool: Annotated[Path | None, typer.Option(help=_POOL)] = None,
    assumptions: Annotated[
        Path | None, typer.Option(help="File with assumptions to use instead of the shipped ones")
    ] = None,
    scenario: Annotated[str | None, typer.Option(help="One that the pool file names")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON")] = False,
    html: Annotated[Path | None, typer.Option(help=_PAGE)] = None,
) -> None:
    """Compare a deal as a traditional securitisation with the same deal as tokens."""
    from api import comparing
    from api.projecting import Asked

    asked = Asked(deal, pool, {"scenario": scenario})
    comparing.compare(asked, assumptions, as_json=as_json, html=html)


def _settings(database: Path | None, **options: Any) -> Settings:
    """What was given on the command line; for the rest the environment counts, then the defaults."""
    given = {name: value for name, value in options.items() if value is not None}
    if database is not None:
        given["database"] = f"sqlite:///{database}"
    return Settings(**given)


def _log_to_stderr(least: int = logging.INFO) -> None:
    """Standard output is for answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain tracebacks: the default shows local variables, and some hold keys.
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
