"""Writes docs/rule-coverage.md: for each rule the tests that break it and those that keep it.

    python -m scripts.rule_coverage

Breaches and good cases come from the tables that the unit tests run; further tests say with the marker
`rule` what they show. Routes round the rules have a scenario each, and its honest twin.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from issuer.domain.rulebook.catalogue import ALL_RULES, CHAPTERS, chapter_of
from issuer.domain.rulebook.routes import ROUTES
from scripts.rule_table import table
from tests.unit.test_rulebook import BREACHES, GOOD_CASES

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "rule-coverage.md"
SCENARIOS = ROOT / "scripts" / "circumventions"

_INTRODUCTION = """\
# Which tests show which rule

Written by `python -m scripts.rule_coverage` from the tests; do not edit. Cases by name are those that
`tests/unit/test_rulebook.py` gathers: each breach is found by its own rule and by no other that is not said
to be offended too. Tests by name carry the marker `rule`."""


@dataclass
class Shown:
    """What shows a rule broken, and what shows it kept."""

    fails: list[str] = field(default_factory=list)
    passes: list[str] = field(default_factory=list)


@cache
def coverage() -> Mapping[str, Shown]:
    """Rule or route id -> what shows it."""
    found: dict[str, Shown] = {each.id: Shown() for each in ALL_RULES}
    for breach in BREACHES:
        found[breach.rule.id].fails.append(breach.name)
    for rules, case in GOOD_CASES:
        for rule in rules:
            found[rule.id].passes.append(f"good {_words(type(case).__name__)}")
    for rule_id, name, passes in _marked():
        (found[rule_id].passes if passes else found[rule_id].fails).append(f"`{name}`")
    for route_id, shown in _scenarios().items():
        found[route_id] = shown
    return found


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _marked() -> Iterator[tuple[str, str, bool]]:
    """(rule, test, whether it passes) of every test with the marker."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                        passes = any(each.arg == "passes" for each in mark.keywords)
                        for rule_id in mark.args:
                            yield ast.literal_eval(rule_id), f"{file.stem}::{node.name}", passes


def _scenarios() -> dict[str, Shown]:
    """Of each route that somebody can try: the attempt, and the honest twin."""
    found: dict[str, Shown] = defaultdict(Shown)
    for file in sorted(SCENARIOS.glob("CIR-*.yaml")):
        scenario: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        shown = found[scenario["id"]]
        shown.fails.append(scenario["route"].strip())
        shown.passes.append(_other_side(scenario))
    return found


def _other_side(scenario: Mapping[str, Any]) -> str:
    """The honest twin; or why nothing is tried, so that there is none."""
    if "twin" in scenario:
        return str(scenario["twin"]["route"]).strip()
    if "detection" in scenario:
        return f"detection only: {scenario['detection'].strip()}"
    return f"cannot be tried here: it needs {scenario['needs'].strip()}"


def document() -> str:
    """The whole of it, as Markdown."""
    shown = coverage()
    lines = _INTRODUCTION.splitlines()
    ids = list(dict.fromkeys(each.id for each in ALL_RULES))
    for chapter, rule_ids in groupby(ids, key=chapter_of):
        lines += ["", f"## {chapter} · {CHAPTERS[chapter]}", ""]
        lines += table(("Rule", "Broken in", "Kept in"), [_row(each, shown) for each in rule_ids])
    routes = [each.id for each in ROUTES if each.id in shown]
    if routes:
        lines += ["", f"## CIR · {CHAPTERS['CIR']}", ""]
        lines += table(("Route", "Tried", "Honest twin"), [_row(each, shown) for each in routes])
    return "\n".join(lines) + "\n"


def _row(rule_id: str, shown: Mapping[str, Shown]) -> tuple[str, str, str]:
    sides = shown[rule_id]
    return (rule_id, *("; ".join(dict.fromkeys(each)) for each in (sides.fails, sides.passes)))


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
