"""Splitting an amount over claims to the last micro-unit: largest remainder, ties by seniority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from issuer.domain.analytics.flows import refuse, require_no_negative
from issuer.domain.errors import IssuanceBug

_SOURCE = "pro rata split"


@dataclass(frozen=True, slots=True)
class PerUnitShare:
    """A share as it can be paid: so much per unit, the rest of it carried."""

    amount: int
    per_unit: int
    carry: int


def floors(amount: int, claims: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """Each claim's part rounded down, and the dust, which is less than one for each claim."""
    require_no_negative(_SOURCE, "/claims", claims)
    if amount < 0:
        refuse(_SOURCE, "/amount", "amount.negative", f"is {amount}: split zero or more")
    total = sum(claims)
    if not total:
        if amount:
            refuse(_SOURCE, "/claims", "claims.none", f"claim nothing of {amount}: name a claim")
        return (0,) * len(claims), 0
    parts = tuple(amount * claim // total for claim in claims)
    return parts, amount - sum(parts)


def split(amount: int, claims: Sequence[int]) -> tuple[int, ...]:
    """Split all of `amount` in proportion to `claims`, given in order of seniority.

    Each part is its exact proportion rounded down or up, and up where most was cut off. Nobody
    gets more than the claim unless `amount` exceeds them all.
    """
    parts, dust = floors(amount, claims)
    if not dust:
        return parts
    total = sum(claims)
    # Sorting is stable: among equals the one named first, the more senior, comes first.
    by_cut = sorted(range(len(claims)), key=lambda i: -(amount * claims[i] % total))
    lucky = set(by_cut[:dust])
    whole = tuple(part + (index in lucky) for index, part in enumerate(parts))
    if sum(whole) != amount:
        raise IssuanceBug(f"pro rata split of {amount} over {claims} gives {whole}")
    return whole


def split_per_unit(
    amount: int, claims: Sequence[int], units: Sequence[int]
) -> tuple[PerUnitShare, ...]:
    """Split `amount` over claims, then each part over its units; what does not divide is carried."""
    if len(claims) != len(units):
        refuse(_SOURCE, "/units", "claims.differ", "must name the units of each claim")
    for index, count in enumerate(units):
        if count < 1:
            refuse(_SOURCE, f"/units/{index}", "units.none", "must be one or more")
    parts = zip(split(amount, claims), units, strict=True)
    return tuple(PerUnitShare(part, *divmod(part, count)) for part, count in parts)
