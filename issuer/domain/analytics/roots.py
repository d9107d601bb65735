"""The rates at which flows are worth nothing together: all of them, in binary fractions.

A rate of return is a root, not money, and mostly irrational: here, and in `yields`, floats are right.

The worth of flows at the continuous rate u is the sum of amount x e^(-u t). It has at most as many
roots as the amounts, in order of time, change sign (Descartes). Multiplied by e^(u m), m between two
flows of opposite signs, its derivative has one change fewer; between that derivative's roots the
worth is monotone, so bisection finds every root. No guess is made, and none is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import exp, fsum

_LEAST, _MOST = -36.0, 700.0
"""Beyond, 1 + rate is nothing, or too large, in a float."""

_NOISE = 1e-12
"""A worth so small beside its parts, where it turns, is a root at which it touches zero."""

_Term = tuple[float, float]


def continuous_rates(flows: Iterable[tuple[Fraction, int]]) -> tuple[float, ...]:
    """Every u, ascending, at which the flows, given as (time, amount), are worth nothing."""
    totals: dict[Fraction, int] = {}
    for time, amount in flows:
        totals[time] = totals.get(time, 0) + amount
    return tuple(_roots([(float(t), float(a)) for t, a in sorted(totals.items()) if a]))


def _roots(terms: Sequence[_Term]) -> list[float]:
    turns = [(s, t) for (s, a), (t, b) in pairwise(terms) if (a > 0) != (b > 0)]
    if not turns:
        return []
    middle = sum(turns[0]) / 2
    slope = [(t, a * (middle - t)) for t, a in terms]
    largest = max(abs(a) for _, a in slope)
    turning = _roots([(t, a / largest) for t, a in slope])
    touching = [u for u in turning if _sign(terms, u, _NOISE) == 0]
    crossing = [
        _bisect(terms, low, high)
        for low, high in pairwise([_LEAST, *turning, _MOST])
        if low not in touching and high not in touching
        if _sign(terms, low) * _sign(terms, high) < 0
    ]
    return sorted(touching + crossing)


def _bisect(terms: Sequence[_Term], low: float, high: float) -> float:
    below = _sign(terms, low)
    middle = (low + high) / 2
    while low < middle < high:
        if _sign(terms, middle) == below:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2
    return middle


def _sign(terms: Sequence[_Term], u: float, noise: float = 0.0) -> int:
    # Only the sign is wanted: taking the largest power out of all keeps them within a float.
    largest = max(-u * t for t, _ in terms)
    parts = [a * exp(-u * t - largest) for t, a in terms]
    worth = fsum(parts)
    if abs(worth) <= noise * fsum(map(abs, parts)):
        return 0
    return 1 if worth > 0 else -1
