"""What grouping makes of a pool's projection, against the loans one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.pool.project import PoolPeriod
from issuer.domain.pool.units import require


@dataclass(frozen=True, slots=True)
class GroupingDifference:
    """Grouped less one by one, in micro-units: over the run, and where the balances part most."""

    interest: int
    principal: int
    recoveries: int
    losses: int
    largest_balance: int
    in_period: int
    """The number of the period after which `largest_balance` lies between the balances."""
    of_opening: Fraction
    """That distance as a share of the first opening balance."""


def grouping_difference(
    grouped: Sequence[PoolPeriod], by_loan: Sequence[PoolPeriod]
) -> GroupingDifference:
    """Compare two projections over the same periods."""
    alike = [(row.start, row.end) for row in grouped] == [(row.start, row.end) for row in by_loan]
    require("grouping", {"periods": (alike, "must be the same in both: project both over them")})
    pairs = list(zip(grouped, by_loan, strict=True))
    widest = max(pairs, key=lambda pair: abs(pair[0].closing - pair[1].closing))
    distance = widest[0].closing - widest[1].closing
    opening = by_loan[0].opening
    return GroupingDifference(
        interest=sum(a.interest - b.interest for a, b in pairs),
        principal=sum(a.principal - b.principal for a, b in pairs),
        recoveries=sum(a.recoveries - b.recoveries for a, b in pairs),
        losses=sum(a.losses - b.losses for a, b in pairs),
        largest_balance=distance,
        in_period=widest[0].number,
        of_opening=Fraction(abs(distance), opening) if opening else Fraction(0),
    )
