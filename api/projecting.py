"""`abs-sim project`: what a deal pays over its life if its pool does as a pool file assumes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.answers.projections import OutcomeView, ProjectedPaymentView, ProjectionView
from issuer.documents.deal import load_deal
from issuer.documents.fields import parse_document
from issuer.documents.pool import PoolFile, load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.analytics.outcome import Measure, Outcome
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import format_decimal
from issuer.services.projections import (
    STRESSES,
    Question,
    largest_borne,
    project_grid,
    project_once,
)

_NARROWEST = 120
_console = Console(emoji=False, highlight=False)
_errors = Console(stderr=True, emoji=False)
_LONG = 20_000
"""Assets times payments from which on a run takes long enough to show how far it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks: files, and figures as they were written."""

    deal: Path
    pool: Path | None
    figures: Mapping[str, str | None]
    tranche: str | None = None

    def read(self) -> tuple[Deal, PoolFile, OverridesDocument]:
        """The deal, its pool and the overrides; raises `InvalidInput` for what is wrong in each."""
        deal = load_deal(self.deal)
        pool = load_pool(self.pool or self.deal.with_suffix(f".pool{self.deal.suffix}"))
        given = {name: value for name, value in self.figures.items() if value is not None}
        return deal, pool, parse_document(OverridesDocument, given, "command line")

    def question(self) -> tuple[Question, OverridesDocument, str]:
        """The same, to be asked more than once, with the tranche: the first note without."""
        deal, pool, overrides = self.read()
        return Question.of(deal, pool), overrides, self.tranche or deal.structure.notes[0].id


def project(asked: Asked, *, as_json: bool) -> None:
    """Print one case."""
    deal, pool, overrides = asked.read()
    with _progress("assets", len(pool.assets) * deal.schedule.payments >= _LONG) as tell:
        found = ProjectionView.of(project_once(deal, pool, overrides, tell))
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    _head(found)
    _print_payments(found)
    _print_outcomes(found)


def show_grid(asked: Asked, axes: Sequence[str], measure: Measure) -> None:
    """Print one measure of a tranche for every pair of values of two stresses."""
    question, overrides, tranche = asked.question()
    (down, rows), (across, columns) = read = [_axis(text) for text in axes]
    if down == across:
        _refuse("/grid", "grid.axes", f"both vary {down}: give two different ones")
    with _progress("scenarios", long=True) as tell:
        cells = list(project_grid(question, overrides, read, tranche, tell))
    shown = {(each.row, each.column): _measured(each.result, measure) for each in cells}
    table = Table(title=f"{measure.upper()} of {tranche}, {_UNIT[measure]}", title_justify="left")
    table.add_column(f"{down} \\ {across}")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(row, *(shown[row, column] for column in columns))
    _print(table)


def show_breakeven(asked: Asked, stress: str) -> None:
    """Print the largest stress that a tranche bears."""
    question, overrides, tranche = asked.question()
    with _progress("runs", long=True) as tell:
        found = largest_borne(question, overrides, stress, tranche, tell)
    if found is None:
        _console.print(f"{tranche} is not paid in full at any {stress}.")
    else:
        way = "down" if stress == "revenue" else "up"
        _console.print(
            f"{tranche} is paid in full {way} to {stress} {format_decimal(found)} per cent."
        )


_UNIT = {Measure.WAL: "years from closing", Measure.LOSS: "per cent of its face"}


def _measured(found: Outcome, measure: Measure) -> str:
    if measure is Measure.WAL:
        return "-" if found.average_life is None else format_decimal(found.average_life)
    lost = 100 * (found.loss_micro or 0) / found.original_micro
    return f"{lost:.4f}"


def _axis(text: str) -> tuple[str, list[str]]:
    name, equals, values = text.partition("=")
    if name not in STRESSES or not equals or not values:
        _refuse(
            "/grid",
            "grid.axis",
            f"{text!r} is no axis: write one of {', '.join(STRESSES)} with values, as cdr=0,1,2",
        )
    return name, values.split(",")


def _refuse(path: str, rule: str, message: str) -> NoReturn:
    raise InvalidInput("command line", [Complaint(path, rule, message)])


@contextmanager
def _progress(what: str, long: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error while a long run lasts; nothing for a short one, or into a file."""
    if not long:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=_errors, transient=True, disable=not _errors.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _head(found: ProjectionView) -> None:
    invented = "an invented pool, " if found.synthetic else ""
    changed = ", ".join(f"{name} {_plain(value)}" for name, value in found.overrides.items())
    _console.print(
        f"[bold]{escape(found.deal)}[/] projected: {invented}{escape(changed or 'base case')}, "
        f"{found.fx_rate} {found.currency} per CNY. Amounts in {found.currency}, cents cut off; an"
        " estimate, not a promise.",
        soft_wrap=True,
    )


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(value["values"])
    return str(value)


def _print_payments(found: ProjectionView) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("payment", no_wrap=True)
    for name in ("collected", "", "interest", "principal", "outstanding", "factor"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    table.add_column("notes")
    for payment in found.payments:
        for index, paid in enumerate(payment.tranches):
            first = index == 0
            table.add_row(
                payment.pays_on.isoformat() if first else "",
                _coin(payment.collections.cash_micro) if first else "",
                escape(paid.tranche),
                *(
                    ("residual", _coin(paid.residual_micro), "", "")
                    if paid.residual_micro and not paid.principal_micro
                    else (
                        _coin(paid.interest_micro),
                        _coin(paid.principal_micro),
                        _coin(paid.outstanding_micro),
                        paid.factor,
                    )
                ),
                escape(_notes(payment, found.called)) if first else "",
            )
    _print(table)


def _notes(payment: ProjectedPaymentView, called: int | None) -> str:
    short = [
        f"{paid.tranche} short {_coin(paid.interest_shortfall_micro + paid.principal_shortfall_micro)}"
        for paid in payment.tranches
        if paid.interest_shortfall_micro or paid.principal_shortfall_micro
    ]
    notes = [
        "projected" if payment.projected else "",
        "" if payment.waterfall == "normal" else f"waterfall {payment.waterfall}",
        f"failed {', '.join(payment.failed_tests)}" if payment.failed_tests else "",
        f"sponsors {_coin(payment.support_micro)}" if payment.support_micro else "",
        *short,
        *(
            f"{paid.tranche} put back {_coin(paid.put_back_micro)}"
            for paid in payment.tranches
            if paid.put_back_micro
        ),
        "pool bought back" if payment.payment == called else "",
    ]
    return "; ".join(filter(None, notes))


def _print_outcomes(found: ProjectionView) -> None:
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.add_column("tranche", no_wrap=True)
    for name in (
        "WAL years",
        "interest",
        "principal",
        "residual",
        "unpaid",
        "loss",
        "yield at par",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.tranches:
        table.add_row(escape(each.tranche), *_outcome(each))
    _console.print()
    _print(table)


def _outcome(found: OutcomeView) -> tuple[str, ...]:
    rate = found.yield_at_par
    return (
        found.average_life or "-",
        _coin(found.interest_micro),
        _coin(found.principal_micro),
        _coin(found.residual_micro),
        _coin(found.interest_unpaid_micro),
        "-" if found.loss_micro is None else _coin(found.loss_micro),
        "-" if rate is None else f"{100 * rate:.4f}%",
    )


def _print(table: Table) -> None:
    """A narrow terminal wraps the lines; figures are not cut off for it."""
    wide = Console(emoji=False, highlight=False, width=max(_console.width, _NARROWEST))
    wide.print(table)


def _coin(micro: int) -> str:
    whole, cents = divmod(micro // 10_000, 100)
    return f"{whole:,}.{cents:02d}"
