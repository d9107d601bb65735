"""`abs-sim circumvent`: the ways round the regime, tried for real, and what stood in each of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.loopback import Loopback
from issuer.circumvention.acts import Reason
from issuer.circumvention.scenario import Scenario, load_scenario
from issuer.circumvention.trial import Met, TrialCourt, Verdict
from issuer.domain.errors import NotFound
from issuer.domain.rulebook.routes import ROUTES, Gate
from issuer.examples import circumvention_files
from issuer.testing.stages import Stages

#: More refusals of one gate than these are counted, not listed, when many scenarios are told.
_FEW = 2
_GATES = {Gate.BOTH: "by both gates", Gate.SERVICE: "by the service", Gate.CHAIN: "by the chain"}
_console = Console(emoji=False, highlight=False, width=108)


def library() -> tuple[Scenario, ...]:
    """Every scenario there is: routes first, then the prohibited circumstances."""
    found = [load_scenario(path) for path in circumvention_files()]
    return tuple(sorted(found, key=lambda each: (not each.is_route, each.id)))


def list_routes() -> None:
    """Which routes there are, and which rules block them."""
    table = Table("route", "what somebody tries", "blocked by", "gate", box=None)
    for each in ROUTES:
        table.add_row(each.id, each.attempt, ", ".join(each.blocked_by) or "–", each.gate or "–")
    _console.print(table)
    _console.print(
        "\n`abs-sim circumvent CIR-01` tries one, `abs-sim circumvent --all` all of them."
    )


def run(wanted: Sequence[str]) -> bool:
    """Try the scenarios of these ids, or all; true if every one that runs was blocked as it says."""
    chosen = [_chosen(name) for name in wanted] if wanted else library()
    verdicts = []
    began = time.monotonic()
    with (
        TemporaryDirectory(prefix="abs-sim-") as folder,
        Stages(Path(folder), "embedded") as stages,
        Loopback() as loopback,
    ):
        court = TrialCourt(stages, loopback.url_of)
        for is_route, chapter in groupby(chosen, key=lambda each: each.is_route):
            if not wanted:
                _console.rule(
                    "[bold]Routes round the regime" if is_route else "[bold]Rules at their edge"
                )
            for scenario in chapter:
                verdicts.append(court.hear(scenario))
                _tell(verdicts[-1], brief=len(chosen) > _FEW)
    _sum_up(verdicts, time.monotonic() - began)
    return all(each.holds for each in verdicts)


def _chosen(name: str) -> Scenario:
    if name.endswith((".yaml", ".yml")):
        return load_scenario(Path(name))
    for path in circumvention_files():
        if path.stem == name.upper():
            return load_scenario(path)
    raise NotFound("route", name, "`abs-sim circumvent` lists those there are")


# ---- one scenario


def _tell(verdict: Verdict, *, brief: bool) -> None:
    scenario = verdict.scenario
    mark = "[yellow]○[/]" if verdict.holds and not scenario.runs else _mark(verdict.holds)
    _console.print(f"\n{mark} [bold]{scenario.id}  {scenario.title}[/]")
    _console.print(f"  [dim]{scenario.title_zh}[/]")
    for name, text in _lines(verdict, brief):
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=10)
        grid.add_column()
        grid.add_row(f"  {name}", text)
        _console.print(grid)


def _lines(verdict: Verdict, brief: bool) -> Iterator[tuple[str, str]]:
    """What is told of a scenario below its title: a word on the left, a text on the right."""
    scenario = verdict.scenario
    yield "tries", scenario.route
    if scenario.needs:
        yield "needs", scenario.needs
    if scenario.detection:
        yield "detected", scenario.detection
    for gate in (Gate.SERVICE, Gate.CHAIN):
        yield from _refusals([met for met in verdict.met if met.refusal.gate is gate], gate, brief)
    for reason in _reasons(verdict):
        yield f"[bold]{reason.rule}[/]", f"{reason.statement} [dim]Cure: {reason.cure}[/]"
    if scenario.twin:
        yield "lawfully", f"{scenario.twin.route} {_mark(not verdict.twin_faults)}"
    for fault in (*verdict.faults, *(f"lawfully: {each}" for each in verdict.twin_faults)):
        yield "[bold red]FAULT[/]", f"[bold red]{escape(fault)}[/]"


def _refusals(met: Sequence[Met], gate: Gate, brief: bool) -> Iterator[tuple[str, str]]:
    shown = met[:_FEW] if brief else met
    for each in shown:
        rules = ", ".join(each.refusal.rules)
        said = f"[cyan]{escape(each.refusal.said)}[/] {rules and f'[bold]{rules}[/]'}"
        yield gate, f"{each.told} → {said}"
    if len(met) > len(shown):
        yield "", f"[dim]and {len(met) - len(shown)} more like these[/]"


def _reasons(verdict: Verdict) -> Iterator[Reason]:
    """Each rule that blocks the route, once, as the first refusal puts it."""
    for rule in verdict.scenario.blocked_by:
        named = (reason for met in verdict.met for reason in met.refusal.reasons)
        yield from (each for each in [next((r for r in named if r.rule == rule), None)] if each)


def _mark(good: bool) -> str:
    return "[green]✓[/]" if good else "[bold red]✗[/]"


# ---- all of them


def _sum_up(verdicts: Sequence[Verdict], seconds: float) -> None:
    ran = [each for each in verdicts if each.scenario.runs]
    held = [each for each in ran if each.holds]
    gates = Counter(each.scenario.where for each in held)
    by = [f"{gates[gate]} {said}" for gate, said in _GATES.items() if gates[gate]]
    lines = [
        f"Blocked by the rules they name: {len(held)} of {len(ran)}"
        + (f" ({', '.join(by)})." if by else "."),
        f"Done lawfully: {sum(not each.twin_faults for each in ran)} of {len(ran)} passed.",
    ]
    for told, among in (
        ("Found out, not blocked", [v for v in verdicts if v.scenario.detection]),
        ("Tried only in part, for want of means", [v for v in verdicts if v.scenario.needs]),
        ("Not as they should be", [v for v in verdicts if not v.holds]),
    ):
        if among:
            lines.append(f"{told}: {', '.join(each.scenario.id for each in among)}.")
    _console.rule()
    for line in (*lines, f"In {seconds:.0f} seconds."):
        _console.print(line)
