"""Writes docs/rules.md, the rulebook as a document, from the catalogue.

python -m scripts.rule_table
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from issuer.domain.regime import Regime
from issuer.domain.rulebook.catalogue import ALL_RULES, BASES, CHAPTERS, chapter_of, moments_of
from issuer.domain.rulebook.routes import ROUTES, Route
from issuer.domain.rulebook.rule import Rule

_SHIPPED = Regime()
FILE = Path(__file__).parents[1] / "docs" / "rules.md"


def document() -> str:
    """The whole of it, as Markdown."""
    lines = [
        "# The rules",
        "",
        *_INTRODUCTION.splitlines(),
        "",
        *table(("Basis", "Says that the rule rests on"), [(b.value, BASES[b]) for b in BASES]),
    ]
    for chapter, rules in groupby(ALL_RULES, key=lambda each: chapter_of(each.id)):
        lines += ["", f"## {chapter} · {CHAPTERS[chapter]}", ""]
        heads = ("Rule", "Demands", "Rests on", "Checked when", "Cure")
        lines += table(heads, [_rule_row(each) for each in rules])
    lines += ["", f"## CIR · {CHAPTERS['CIR']}", ""]
    heads = ("Route", "Attempt", "Blocked by", "Otherwise")
    lines += table(heads, [_route_row(each) for each in ROUTES])
    lines += ["", "## Open points", "", _OPEN_POINTS, ""]
    lines += table(("Figure", "Value", "Rests on", "Used by"), list(_figure_rows()))
    return "\n".join(lines) + "\n"


_INTRODUCTION = """\
Written by `python -m scripts.rule_table` from the catalogue of rules; do not edit. `abs-sim explain` and
`GET /v1/rules` say the same. One rule may be checked at several moments, in the words of each."""

_OPEN_POINTS = """\
No published text fixes these: each is a setting (`abs-sim serve --regime FILE`) with a basis of its own,
shown with every finding that rests on it."""


def _rule_row(rule: Rule[Any]) -> tuple[str, ...]:
    grounds = "<br>".join((f"{rule.basis}: {rule.source}", *map(_figure, rule.figures)))
    moments = "<br>".join(moments_of(rule))
    return (rule.id, f"{rule.statement}<br>{rule.statement_zh}", grounds, moments, rule.cure)


def _figure(name: str) -> str:
    """As `explain` shows it, and the API."""
    figure = _SHIPPED.figure(name)
    return f"`{name}` = {figure['value']} ({figure['basis']}: {figure['source']})"


def _route_row(route: Route) -> tuple[str, ...]:
    otherwise = route.detection or (
        f"tried here in part: the rest needs {route.needs}" * bool(route.needs)
    )
    attempt = f"{route.attempt}<br>{route.attempt_zh}"
    return (route.id, attempt, ", ".join(route.blocked_by), otherwise)


def _figure_rows() -> Iterator[tuple[str, ...]]:
    names = sorted({name for each in ALL_RULES for name in each.figures})
    for name in names:
        users = dict.fromkeys(each.id for each in ALL_RULES if name in each.figures)
        figure = _SHIPPED.figure(name)
        grounds = f"{figure['basis']}: {figure['source']}"
        yield (f"`{name}`", str(figure["value"]), grounds, ", ".join(users))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table."""
    for cells in (heads, ["---"] * len(heads), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
