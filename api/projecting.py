"""`abs-sim project`: what a deal pays over its life if its pool does as a pool file assumes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api import projection_tables
from api.answers.projections import ProjectionView
from api.printed import write_page
from api.projection_tables import case_of, padded, print_table
from issuer.documents.deal import load_deal
from issuer.documents.fields import parse_document
from issuer.documents.pool import PoolFile, load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.documents.text import read_file
from issuer.domain.analytics.outcome import Measure, Outcome
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import format_decimal, parse_percent
from issuer.reporting.paper import Heading
from issuer.reporting.projection_page import ProjectionPaper, as_html
from issuer.services.measures import CONVENTIONS, DISCOUNT_RATE, Provenance, measure, provenance
from issuer.services.projections import (
    STRESSES,
    Question,
    largest_borne,
    project_grid,
    project_once,
    require_applies,
)
from issuer.services.studies import study

_console = Console(emoji=False, highlight=False)
_errors = Console(stderr=True, emoji=False)
_SOURCE = "command line"
_LONG = 20_000
"""Assets times payments from which on a run takes long enough to show how far it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks: files, and figures as they were written."""

    deal: Path
    pool: Path | None
    figures: Mapping[str, str | None]
    tranche: str | None = None
    discount_rate: str | None = None

    def read(self) -> tuple[Deal, PoolFile, OverridesDocument]:
        """The deal, its pool and the overrides; raises `InvalidInput` for what is wrong in each."""
        deal = load_deal(self.deal)
        pool = load_pool(self.pool or self._pool_beside())
        given = {name: value for name, value in self.figures.items() if value is not None}
        overrides = parse_document(OverridesDocument, given, _SOURCE)
        pool.require_scenario(overrides.scenario, _SOURCE, "/scenario")
        require_applies(pool, overrides.figures(), _SOURCE, "/{}")
        return deal, pool, overrides

    def _pool_beside(self) -> Path:
        found = self.deal.with_suffix(f".pool{self.deal.suffix}")
        if not found.exists():
            _refuse(
                "/pool", "file.unreadable", f"there is no {found}: name the pool file by --pool"
            )
        return found

    def provenance(self, pool: PoolFile) -> Provenance:
        """What a run of these files is made of."""
        return provenance(read_file(self.deal), pool)

    def facts(self, pool: PoolFile, overrides: Mapping[str, object]) -> dict[str, str]:
        """The same for a page."""
        made = self.provenance(pool)
        tape = {"Tape, SHA-256": made.tape_hash} if made.tape_hash else {}
        return {
            "Deal, SHA-256": made.deal_hash,
            "Pool, SHA-256": made.pool_hash,
            **tape,
            "Case": case_of(overrides),
            "Simulator": made.simulator,
        }

    def rate(self) -> Fraction:
        """The rate of present values; raises `InvalidInput`."""
        try:
            return parse_percent(self.discount_rate or DISCOUNT_RATE)
        except ValueError as error:
            _refuse("/discount-rate", "value", str(error))

    def question(self) -> tuple[Question, OverridesDocument, str]:
        """The same, to be asked more than once, with the tranche: the first note without."""
        deal, pool, overrides = self.read()
        return Question.of(deal, pool), overrides, self.tranche or deal.structure.notes[0].id


def require_one(**given: bool) -> None:
    """Refuse options of which only one can be answered; a page and JSON of one case go together."""
    names = [name for name, said in given.items() if said]
    if len(names) > 1 and set(names) != {"json", "html"}:
        listed = " and ".join(f"--{name}" for name in names)
        message = f"{listed} answer different questions: give one of them"
        _refuse(f"/{names[-1]}", "options.one", message)


def refuse_unused(option: str, why: str) -> NoReturn:
    """Refuse what would change nothing: whoever gave it believes that it did."""
    _refuse(f"/{option}", "options.unused", f"{why}; leave --{option} out")


def project(asked: Asked, *, as_json: bool, html: Path | None = None) -> None:
    """Print one case, or write a page of it and of every other that the pool file names."""
    deal, pool, overrides = asked.read()
    if html is not None:
        with _progress("runs", long=True) as tell:
            found = study(deal, pool, overrides, asked.rate(), tell)
        figures = overrides.model_dump(mode="json", exclude_unset=True)
        paper = ProjectionPaper(
            Heading.of(deal),
            found.cases,
            asked.rate(),
            found.borne,
            CONVENTIONS,
            asked.facts(pool, figures),
        )
        write_page(html, as_html(paper))
        (sys.stderr if as_json else sys.stdout).write(f"Written to {html}.\n")
        if not as_json:
            return
    with _progress("assets", len(pool.assets) * deal.schedule.payments >= _LONG) as tell:
        run = project_once(deal, pool, overrides, tell)
    view = ProjectionView.of(run, measure(run, asked.rate()), asked.provenance(pool))
    if as_json:
        sys.stdout.write(view.model_dump_json(indent=2) + "\n")
        return
    projection_tables.show(view)


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
    print_table(table)


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
        years = found.average_life
        return padded(None if years is None else format_decimal(years))
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
    raise InvalidInput(_SOURCE, [Complaint(path, rule, message)])


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
