"""Splitting an amount over claims to the last micro-unit: largest remainder, ties by seniority."""

from __future__ import annotations

from collections.abc import Sequence

from issuer.domain.errors import IssuanceBug


def split(amount: int, claims: Sequence[int]) -> tuple[int, ...]:
    """Split all of `amount` in proportion to `claims`, given in order of seniority.

    Each part is its exact proportion rounded down or up, and up where most was cut off. Nobody
    gets more than the claim unless `amount` exceeds them all. Raises `ValueError` for a negative
    operand, and for an amount that nobody claims.
    """
    total = sum(claims)
    if amount < 0 or min(claims, default=0) < 0:
        raise ValueError(f"split takes no negative operand: {amount} over {claims}")
    if not total:
        if amount:
            raise ValueError(f"{amount} has nobody to go to: every claim is zero")
        return (0,) * len(claims)
    parts = [amount * claim // total for claim in claims]
    # Sorting is stable: among equals the one named first, the more senior, comes first.
    by_cut = sorted(range(len(claims)), key=lambda i: -(amount * claims[i] % total))
    for index in by_cut[: amount - sum(parts)]:
        parts[index] += 1
    if sum(parts) != amount:
        raise IssuanceBug(f"pro rata split of {amount} over {claims} gives {parts}")
    return tuple(parts)
