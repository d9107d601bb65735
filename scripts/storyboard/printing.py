"""How the story is printed, and how each step is compared with what is expected of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

MICRO = 1_000_000
WIDTH = 108

console = Console(width=WIDTH, highlight=False, emoji=False)


class Story:
    """Prints the steps and counts what came out as expected, and what did not."""

    def __init__(self) -> None:
        self.as_expected = 0
        self.surprises = 0

    def row(self, date: str, who: str, what: str) -> None:
        """A row of the storyboard begins."""
        console.print(f"\n[bold cyan]{date:<12}[/][bold]{who}[/] {what}")

    def expect(self, told: str, holds: bool, found: Any = "") -> None:
        """One outcome, beside what was expected of it."""
        if holds:
            self.as_expected += 1
            console.print(_hanging("  [green]✓[/] ", told))
            return
        self.surprises += 1
        console.print(_hanging("  [bold red]✗[/] ", f"[bold red]{told}[/]  found: {found}"))

    def equal(self, told: str, found: Any, expected: Any) -> None:
        """One figure or word, to the last digit."""
        if found == expected and isinstance(found, int | str | bool):
            shown = f"{found:,}" if type(found) is int else str(found)
            told = f"{told}: [bold]{shown}[/]"
        self.expect(told, found == expected, f"{found!r}, expected {expected!r}")

    def note(self, text: str) -> None:
        """What a reader may want to know besides."""
        console.print(f"[dim]{_hanging('    ', text)}[/]")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; what stands under a heading with ">" stands to the right."""
    shown = Table(title=title)
    for column in columns:
        shown.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    for row in rows:
        shown.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    console.print(shown)


def money(micro: int | str) -> str:
    """Micro-units for people."""
    whole, part = divmod(int(micro), MICRO)
    return f"{whole:,}.{part:06d}"


def _hanging(mark: str, text: str) -> str:
    """Lines after the first stand under the text, not under its mark."""
    lines = textwrap.wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return mark + "\n    ".join(lines)
