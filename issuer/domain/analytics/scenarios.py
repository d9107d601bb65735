"""A grid of scenarios: one run for each pair of assumptions, in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from issuer.domain.analytics.flows import refuse

Row = TypeVar("Row")
Column = TypeVar("Column")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Told after each run: how many are done, and of how many at most."""


@dataclass(frozen=True, slots=True)
class Cell(Generic[Row, Column, Result]):
    """One scenario and what came of it."""

    row: Row
    column: Column
    result: Result


def grid(
    rows: Sequence[Row],
    columns: Sequence[Column],
    run: Callable[[Row, Column], Result],
    on_progress: Progress | None = None,
) -> Iterator[Cell[Row, Column, Result]]:
    """Run row by row, each from the first column to the last, as the cells are asked for."""
    for path, axis in (("/rows", rows), ("/columns", columns)):
        if not axis:
            refuse("grid", path, "grid.empty", "is empty: name one scenario or more")
        if any(value in axis[:index] for index, value in enumerate(axis)):
            refuse("grid", path, "grid.repeated", "names a scenario twice: leave one out")
    return _cells(rows, columns, run, on_progress)


def _cells(
    rows: Sequence[Row],
    columns: Sequence[Column],
    run: Callable[[Row, Column], Result],
    on_progress: Progress | None,
) -> Iterator[Cell[Row, Column, Result]]:
    done = 0
    for row in rows:
        for column in columns:
            cell = Cell(row, column, run(row, column))
            done += 1
            if on_progress:
                on_progress(done, len(rows) * len(columns))
            yield cell
