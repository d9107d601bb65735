"""`abs-sim compare`: a deal as a traditional securitisation and as tokens, by stated assumptions."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.answers.form_comparisons import FormComparisonView
from api.printed import write_page
from api.projecting import Asked
from api.projection_tables import case_of, coin, print_table
from issuer.documents.comparison import load_assumptions
from issuer.reporting.comparison_page import ComparisonPaper, as_html, average, longest, percent
from issuer.reporting.paper import Heading
from issuer.services.projections import project_once
from issuer.services.two_forms import Compared, compare_forms

_console = Console(emoji=False, highlight=False, soft_wrap=True)


def compare(asked: Asked, assumptions: Path | None, *, as_json: bool, html: Path | None) -> None:
    """Print both forms side by side, or write them as a page."""
    deal, pool, overrides = asked.read()
    assumed = load_assumptions(assumptions)
    run = project_once(deal, pool, overrides)
    found = compare_forms(run, assumed)
    view = FormComparisonView.of(run, found, asked.provenance(pool))
    if html is not None:
        facts = asked.facts(pool, view.overrides) | {"Assumptions": assumed.source}
        paper = ComparisonPaper(
            Heading.of(deal), case_of(view.overrides), found.notes, found.comparison, facts
        )
        write_page(html, as_html(paper))
    if as_json:
        sys.stdout.write(view.model_dump_json(indent=2) + "\n")
    elif html is None:
        _show(view, found)


def _show(view: FormComparisonView, found: Compared) -> None:
    invented = "an invented deal, " if view.synthetic else ""
    _console.print(
        f"[bold]{escape(view.deal)}[/] compared: {invented}{escape(case_of(view.overrides))}."
    )
    _console.print(
        f"Notes of {coin(view.face_micro)} {view.currency} are paid {coin(view.cash_micro)}"
        f" {view.currency} in both forms alike.\n"
        "Every figure follows from assumptions: `--json` shows each with its source.\n"
    )
    table = Table(box=None, pad_edge=False)
    for name in ("", "traditional", "tokens"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for row in (*_costs(view), *_times(found), *_holders(view)):
        table.add_row(*row)
    print_table(table)


def _costs(view: FormComparisonView) -> list[tuple[str, ...]]:
    forms = (view.traditional, view.tokens)
    stages = (
        ("issue", [form.issue_micro for form in forms]),
        ("ongoing", [form.ongoing_micro for form in forms]),
        ("holders wait for", [form.waiting_micro for form in forms]),
    )
    rows: list[tuple[str, ...]] = [
        (
            f"{stage}: {kind.replace('_', ' ')}, {view.currency}",
            *(coin(each[kind]) if kind in each else "-" for each in kinds),
        )
        for stage, kinds in stages
        for kind in dict.fromkeys(name for each in kinds for name in each)
    ]
    total = (f"all costs, {view.currency}", *(coin(form.cost_micro) for form in forms))
    share = ("all costs, % of face", *(percent(form.cost_micro, view.face_micro) for form in forms))
    return [*rows[:-2], total, share, *rows[-2:]]


def _times(found: Compared) -> list[tuple[str, ...]]:
    forms = (found.comparison.traditional, found.comparison.tokens)
    times = (
        ("payment to money in a bank", [form.payment_seconds for form in forms]),
        ("trade to notes", [form.settlement_seconds for form in forms]),
        ("trade to money in a bank", [form.money_seconds for form in forms]),
    )
    return [
        (f"{name}, {how}", *(count(each) for each in seconds))
        for name, seconds in times
        for how, count in (("average", average), ("longest", longest))
    ]


def _holders(view: FormComparisonView) -> list[tuple[str, ...]]:
    forms = (view.traditional, view.tokens)
    return [
        (f"least purchase, {view.currency}", *(coin(f.minimum_subscription_micro) for f in forms)),
        (f"least transfer, {view.currency}", *(coin(f.minimum_transfer_micro) for f in forms)),
        ("most holders", *(f"{form.most_holders:,}" for form in forms)),
    ]
