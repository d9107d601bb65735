"""`abs-sim explain`: a rule or a route in full, or the whole table."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from issuer.domain.regime import Regime
from issuer.domain.rulebook.catalogue import (
    ALL_RULES,
    BASES,
    CHAPTERS,
    chapter_of,
    find,
    moments_of,
)
from issuer.domain.rulebook.routes import ROUTES, Route
from issuer.domain.rulebook.rule import Rule

_console = Console(emoji=False, highlight=False, soft_wrap=True)


def explain(asked: str, regime: Regime) -> None:
    """Every form of the rule, one for each kind of moment; or the route."""
    rules, route = find(asked)
    for each in rules:
        _print_rule(each, regime)
    if route is not None:
        _print_route(route)


def list_all() -> None:
    """The table, a chapter at a time."""
    for chapter, rules in groupby(ALL_RULES, key=lambda each: chapter_of(each.id)):
        rows = [(each.id, each.statement, each.basis.value) for each in rules]
        _console.print(_table(CHAPTERS[chapter], rows))
    rows = [(each.id, each.attempt, ", ".join(each.blocked_by)) for each in ROUTES]
    _console.print(_table(CHAPTERS["CIR"], rows))


def _table(title: str, rows: list[tuple[str, str, str]]) -> Table:
    table = Table(title=f"\n[bold]{title}[/]", title_justify="left", box=None, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def _print_rule(rule: Rule[Any], regime: Regime) -> None:
    _head(rule.id, rule.statement, rule.statement_zh)
    _line("basis", f"{rule.basis}, {BASES[rule.basis]}")
    _line("source", rule.source)
    for name, figure in rule.figures_under(regime).items():
        _line("figure", f"{name} = {figure['value']} ({figure['basis']}: {figure['source']})")
    for moment in moments_of(rule):
        _line("checked", f"when {moment}")
    _line("cure", f"{rule.cure}\n")


def _print_route(route: Route) -> None:
    _head(route.id, route.attempt, route.attempt_zh)
    for rule_id in route.blocked_by:
        _line("blocked", f"by {rule_id}: {find(rule_id)[0][0].statement}")
    if route.detection:
        _line("found", f"{route.enforcement}: {route.detection}")
    if route.needs:
        _line("needs", f"{route.needs}: what hangs on them cannot be tried here")


def _head(name: str, statement: str, statement_zh: str) -> None:
    indent = " " * (len(name) + 2)
    _console.print(f"[bold]{name}[/]  {escape(statement)}\n{indent}{escape(statement_zh)}")


def _line(word: str, text: str) -> None:
    _console.print(f"  {word:<8}{escape(text)}")
