"""`abs-sim check`: whether a file is well-formed, and what the rulebook says of what is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from issuer.documents.collections import load_collections
from issuer.documents.comparison import load_assumptions
from issuer.documents.deal import load_deal
from issuer.documents.filing import load_filing
from issuer.documents.investors import load_investors
from issuer.documents.pool import load_pool
from issuer.documents.regime import load_regime
from issuer.domain.errors import NotFound
from issuer.domain.regime import Regime
from issuer.domain.rulebook.catalogue import CHAPTERS, chapter_of
from issuer.domain.rulebook.data_rules import REPORT_RULES, ReportCase
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import Outcome, consider
from issuer.domain.rulebook.settlement_rules import flags

_console = Console(emoji=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What the rulebook says, and what it allows but flags."""

    outcomes: tuple[Outcome, ...] = ()
    flags: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a file is read; and how it is judged, where a file alone is enough to judge by."""

    load: Callable[[Path], Any]
    judge: Callable[[Any, Regime], _Opinion] = lambda *_: _Opinion()


def _judge_deal(deal: Any, regime: Regime) -> _Opinion:
    case = DealCase(deal, regime)
    return _Opinion(consider(DEAL_RULES, case), flags(case))


def _judge_report(report: Any, _: Regime) -> _Opinion:
    return _Opinion(consider(REPORT_RULES, ReportCase.of(report.batches)))


KINDS: dict[str, _Kind] = {
    "deal": _Kind(load_deal, _judge_deal),
    "filing": _Kind(load_filing),
    "investors": _Kind(load_investors),
    "collections": _Kind(load_collections, _judge_report),
    "pool": _Kind(load_pool),
    "comparison": _Kind(load_assumptions),
    "regime": _Kind(load_regime),
}


def run(kind: str, file: Path, regime: Regime) -> bool:
    """Print what is said of the file; true if nothing stands against it."""
    if kind not in KINDS:
        raise NotFound("kind", kind, f"use one of ({', '.join(KINDS)})")
    found = KINDS[kind].load(file)
    _console.print(f"{escape(file.name)} is well-formed.")
    opinion = KINDS[kind].judge(found, regime)
    for chapter, outcomes in groupby(
        sorted(opinion.outcomes, key=_place), key=lambda each: chapter_of(each.rule.id)
    ):
        _print_chapter(CHAPTERS[chapter], list(outcomes))
    for flag in opinion.flags:
        _console.print(f"[bold yellow]![/] {escape(flag)}")
    return all(each.passed for each in opinion.outcomes)


def _place(outcome: Outcome) -> tuple[int, str]:
    return list(CHAPTERS).index(chapter_of(outcome.rule.id)), outcome.rule.id


def _print_chapter(title: str, outcomes: Sequence[Outcome]) -> None:
    passed = ", ".join(each.rule.id for each in outcomes if each.passed)
    mark = "[green]✓[/]" if all(each.passed for each in outcomes) else "[bold red]✗[/]"
    _console.print(f"\n{mark} [bold]{title}[/]" + (f"  passed: {passed}" if passed else ""))
    for each in outcomes:
        if not each.passed:
            _print_failure(each)


def _print_failure(outcome: Outcome) -> None:
    rule, indent = outcome.rule, " " * (len(outcome.rule.id) + 4)
    _console.print(f"  [bold red]{rule.id}[/]  {escape(rule.statement)}")
    _console.print(f"{indent}{escape(rule.statement_zh)}")
    for finding in outcome.findings:
        facts = ", ".join(f"{name}: {_shown(value)}" for name, value in finding.facts.items())
        _console.print(f"{indent}found   {escape(facts)}")
    for name, figure in outcome.findings[0].figures.items():
        used = f"{name} = {_shown(figure['value'])} ({figure['basis']}: {figure['source']})"
        _console.print(f"{indent}figure  {escape(used)}")
    _console.print(f"{indent}basis   {rule.basis}: {escape(rule.source)}")
    _console.print(f"{indent}cure    {escape(rule.cure)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
