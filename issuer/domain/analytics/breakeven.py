"""The largest stress that is still borne, such as the default rate up to which a tranche is paid."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from issuer.domain.analytics.flows import refuse
from issuer.domain.analytics.scenarios import Progress

MAX_RUNS = 64
"""A run is a whole deal: a finer grid than this reaches says nothing more of it."""


def breakeven(
    run: Callable[[Fraction], bool],
    low: Fraction,
    high: Fraction,
    tolerance: Fraction,
    on_progress: Progress | None = None,
) -> Fraction | None:
    """The largest rate at which `run` holds, among `low`, `low + tolerance`, ... up to `high`.

    `run` must hold up to some rate and fail beyond it; where it does not, the answer is one of the
    places where it changes. `None` if it fails at `low` already.
    """
    steps, bound = _grid(low, high, tolerance)
    done = 0

    def holds(step: int) -> bool:
        nonlocal done
        held = run(low + step * tolerance)
        done += 1
        if on_progress:
            on_progress(done, bound)
        return held

    if not holds(0):
        return None
    held = steps if not steps or holds(steps) else _last_held(holds, steps)
    return low + held * tolerance


def most_runs(low: Fraction, high: Fraction, tolerance: Fraction) -> int:
    """How many runs `breakeven` takes at most."""
    return _grid(low, high, tolerance)[1]


def _last_held(holds: Callable[[int], bool], failed: int) -> int:
    held = 0
    while failed - held > 1:
        middle = (held + failed) // 2
        if holds(middle):
            held = middle
        else:
            failed = middle
    return held


def _grid(low: Fraction, high: Fraction, tolerance: Fraction) -> tuple[int, int]:
    """How many steps there are, and how many runs halving them takes at most."""
    if tolerance <= 0:
        refuse("breakeven", "/tolerance", "tolerance.range", "must be above zero, such as 1/10000")
    if high < low:
        refuse("breakeven", "/high", "range.reversed", f"is below {low}: give the higher rate")
    steps = (high - low) // tolerance
    bound = steps.bit_length() + 2
    if bound > MAX_RUNS:
        refuse("breakeven", "/tolerance", "tolerance.range", f"needs {bound} runs: make it larger")
    return steps, bound
