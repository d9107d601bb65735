"""The guide to the cash-flow engine is true: its blocks run, its table names what there is."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import issuer.cashflow
from issuer.domain.rounding import Rounding

GUIDE = (Path(__file__).parents[2] / "docs/cash-flow-engine.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| (?!Convention|---)(.+) \|$", GUIDE, re.MULTILINE)
NAMED = re.compile(r"`([A-Z]\w+)\.(\w+)`")


def test_every_block_of_the_guide_runs() -> None:
    assert GUIDE.count("```") == 2 * len(BLOCKS), "a block that is not python, or not closed"
    notebook: dict[str, Any] = {}
    for number, block in enumerate(BLOCKS, start=1):
        exec(compile(block, f"block {number} of the guide", "exec"), notebook)  # noqa: S102
    assert sum("assert" in block for block in BLOCKS) == len(BLOCKS) - 1  # all but the imports


def default(kind: type[Any], name: str) -> object:
    found = {field.name: field for field in fields(kind)}[name]
    assert found.default is not MISSING
    return found.default


def told(value: object) -> str:
    if isinstance(value, Rounding):
        return f"{value.mode.value} to {value.to_micro}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


@pytest.mark.parametrize("row", ROWS)
def test_every_convention_is_a_field_with_the_values_and_the_default_told(row: str) -> None:
    _, where, values, otherwise = row.split(" | ")
    named = NAMED.findall(where)
    assert named
    for kind, name in named:
        owner = getattr(issuer.cashflow, kind)
        assert is_dataclass(owner)
        assert told(default(owner, name)) in otherwise.split("; ")
    word, _, listed = values.partition(": ")
    choice = getattr(issuer.cashflow, word.strip("`"), None)
    if listed and isinstance(choice, type) and issubclass(choice, Enum):
        assert sorted(listed.split(", ")) == sorted(each.value for each in choice)


def test_the_module_offers_what_it_says_and_nothing_twice() -> None:
    offered = issuer.cashflow.__all__
    assert len(offered) == len(set(offered))
    assert all(hasattr(issuer.cashflow, name) for name in offered)
