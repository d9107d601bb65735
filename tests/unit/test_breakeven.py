"""The largest stress that is borne, and grids of scenarios: order, progress, bounds."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from issuer.domain.analytics.breakeven import MAX_RUNS, breakeven
from issuer.domain.analytics.scenarios import Cell, grid
from tests.support.refused import refused

BASIS_POINT = Fraction(1, 10_000)


def up_to(limit: Fraction) -> Callable[[Fraction], bool]:
    return lambda rate: rate <= limit


def test_break_even_is_the_last_rate_of_the_grid_that_holds() -> None:
    found = breakeven(up_to(Fraction(123_456, 10**6)), Fraction(0), Fraction(1), BASIS_POINT)
    assert found == Fraction(1_234, 10_000)


def test_break_even_counts_from_the_low_end() -> None:
    found = breakeven(up_to(Fraction(5)), Fraction(1, 3), Fraction(10), Fraction(2))
    assert found == Fraction(1, 3) + 4


@pytest.mark.parametrize(
    ("high", "tolerance", "found"),
    [
        (Fraction(1), BASIS_POINT, Fraction(1)),
        (Fraction(1), Fraction(3, 10), Fraction(9, 10)),
        (Fraction(0), BASIS_POINT, Fraction(0)),
    ],
)
def test_break_even_of_what_always_holds_is_the_end_of_the_grid(
    high: Fraction, tolerance: Fraction, found: Fraction
) -> None:
    assert breakeven(lambda _: True, Fraction(0), high, tolerance) == found


def test_break_even_of_what_never_holds_is_none() -> None:
    assert breakeven(lambda _: False, Fraction(0), Fraction(1), BASIS_POINT) is None


def test_break_even_tells_its_progress_within_the_bound() -> None:
    told: list[tuple[int, int]] = []
    breakeven(
        up_to(Fraction(1, 3)),
        Fraction(0),
        Fraction(1),
        BASIS_POINT,
        lambda done, bound: told.append((done, bound)),
    )
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {bound for _, bound in told} == {16}
    assert len(told) <= 16


def test_break_even_on_no_grid_refused() -> None:
    low, high = Fraction(0), Fraction(1)
    for tolerance in (Fraction(0), Fraction(-1), Fraction(1, 2 ** (MAX_RUNS - 2))):
        with refused("/tolerance", "analytics.tolerance.range"):
            breakeven(up_to(high), low, high, tolerance)
    assert breakeven(up_to(low), low, high, Fraction(1, 2 ** (MAX_RUNS - 3))) == low
    with refused("/high", "analytics.range.reversed"):
        breakeven(up_to(high), high, low, BASIS_POINT)


def test_run_grid_row_by_row_as_cells_are_asked_for() -> None:
    ran: list[str] = []
    told: list[tuple[int, int]] = []

    def run(row: str, column: int) -> str:
        ran.append(f"{row}{column}")
        return ran[-1]

    cells = grid("ab", (3, 1, 2), run, lambda done, total: told.append((done, total)))
    assert ran == []
    assert next(cells) == Cell("a", 3, "a3")
    assert ran == ["a3"]
    assert [cell.result for cell in cells] == ["a1", "a2", "b3", "b1", "b2"]
    assert told == [(done, 6) for done in range(1, 7)]


def test_run_grid_without_progress() -> None:
    cells = grid((1, 2), (10,), lambda row, column: row * column)
    assert [(cell.row, cell.column, cell.result) for cell in cells] == [(1, 10, 10), (2, 10, 20)]


def test_run_grid_of_nothing_or_of_the_same_twice_refused() -> None:
    with refused("/rows", "analytics.grid.empty"):
        grid((), (1,), max)
    with refused("/columns", "analytics.grid.empty"):
        grid((1,), (), max)
    with refused("/columns", "analytics.grid.repeated"):
        grid((1,), (2, 3, 2), max)
