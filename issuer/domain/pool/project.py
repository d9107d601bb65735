"""The projection: what a pool yields in each collection period under the assumptions.

Each amount of a row is rounded once, half up, from the exact pool total, and `scheduled` is what
then remains between the balances, so that every row adds up to the micro-unit and no error builds
up. Each row and the whole run are checked as they are made. The rates act once per period: a pool
that pays monthly is projected by months, and then `gathered` into the periods of the deal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate
from operator import add

from issuer.domain.errors import IssuanceBug
from issuer.domain.pool.assumptions import Assumptions, Psa
from issuer.domain.pool.ladder import Ladders, Progress
from issuer.domain.pool.lateness import Arrears, Buckets
from issuer.domain.pool.periods import Grid, Period, counted_months
from issuer.domain.pool.pool import Asset
from issuer.domain.pool.recoveries import Workout
from issuer.domain.pool.survival import Struck, survive
from issuer.domain.pool.units import SURVIVAL, require, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPeriod:
    """One collection period, in micro-units.

        opening + capitalised = scheduled + prepaid + defaulted + diluted + closing
        all defaulted so far  = all recoveries + all losses + workout

    `closing` includes what is due and unpaid; `delinquent` are the whole balances of those who are
    late, by bucket, and `overdue_interest` what they owe besides. `survival` is the share of the
    first opening balance that neither prepaid nor defaulted.
    """

    number: int
    start: date
    end: date
    opening: int
    capitalised: int
    scheduled: int
    prepaid: int
    defaulted: int
    diluted: int
    closing: int
    interest: int
    revenue: int
    recoveries: int
    losses: int
    workout: int
    delinquent: Buckets
    overdue_interest: int
    survival: Fraction

    @property
    def principal(self) -> int:
        """Principal collected: scheduled and prepaid."""
        return self.scheduled + self.prepaid

    @property
    def collections(self) -> int:
        """All cash of the period."""
        return self.principal + self.interest + self.revenue + self.recoveries


class Contracts:
    """A pool whose contracts are added up once and projected often: a grid asks nothing else of them.

    What a contract pays depends on the periods, on the indices it floats on, and on whether ages
    or assets are told apart; on no other assumption.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        self.assets = tuple(assets)
        self._known: dict[object, Ladders] = {}

    def ladders(
        self, terms: Assumptions, periods: Sequence[Period], on_progress: Progress | None
    ) -> Ladders:
        """The contracts by period, added up unless they are already."""
        by_age = isinstance(terms.prepayment, Psa)
        by_asset = terms.rounding is not None
        key = (tuple(periods), frozenset(terms.indices.items()), by_age, by_asset)
        if key not in self._known:
            found = Ladders(Grid(periods), terms.indices, by_age=by_age, by_asset=by_asset)
            found.fill(self.assets, on_progress)
            self._known[key] = found
        return self._known[key]


def project_pool(
    assets: Sequence[Asset] | Contracts,
    assumptions: Assumptions,
    periods: Sequence[Period],
    *,
    on_progress: Progress | None = None,
) -> tuple[PoolPeriod, ...]:
    """Project the assets over the periods.

    Raises `InvalidInput` for periods with gaps, dates before the first of them, index rates the
    assumptions lack, and periods that are no months where a convention counts months.
    """
    contracts = assets if isinstance(assets, Contracts) else Contracts(assets)
    if assumptions.delinquency:
        wrong = [p for p in periods if counted_months(p) != 1]
        require("periods", {"periods": (not wrong, "must be months: delinquency counts by months")})
    ladders = contracts.ladders(assumptions, periods, on_progress)
    rows = tuple(_rows(survive(ladders.by_fate, assumptions, ladders.grid.periods), assumptions))
    _check_run(rows)
    return rows


def _rows(struck: Iterator[Struck], terms: Assumptions) -> Iterator[PoolPeriod]:
    arrears, workout = Arrears(terms.delinquency), Workout(terms)
    performing: int | None = None
    unpaid = 0
    for exact in struck:
        if performing is None:
            performing = _whole(exact.opening)
        left = _whole(exact.closing)
        capitalised = max(_whole(exact.capitalised), left - performing)
        due = performing + capitalised - left
        defaulted = min(_whole(exact.defaulted), due)
        diluted = min(_whole(exact.diluted), due - defaulted)
        prepaid = min(_whole(exact.prepaid), due - defaulted - diluted)
        due -= defaulted + diluted + prepaid
        interest = _whole(exact.interest)
        paid = arrears.period(due, interest, left)
        resolved = workout.period(exact.number, defaulted)
        row = PoolPeriod(
            number=exact.number,
            start=exact.period[0],
            end=exact.period[1],
            opening=performing + unpaid,
            capitalised=capitalised,
            scheduled=paid.principal,
            prepaid=prepaid,
            defaulted=defaulted,
            diluted=diluted,
            closing=left + sum(arrears.principal),
            interest=paid.interest,
            revenue=_whole(exact.revenue),
            recoveries=resolved.recovered,
            losses=resolved.lost,
            workout=resolved.workout,
            delinquent=paid.late,
            overdue_interest=sum(arrears.interest),
            survival=exact.survival,
        )
        _check_row(row, due - _whole(exact.scheduled))
        performing, unpaid = left, sum(arrears.principal)
        yield row


def combined(rows: Sequence[PoolPeriod], count: int) -> tuple[PoolPeriod, ...]:
    """Every `count` rows as one, such as months as quarters; the last may hold fewer."""
    require("combined", {"count": (count > 0, "must be one period or more")})
    return gathered(rows, [min(count, len(rows) - n) for n in range(0, len(rows), count)])


def gathered(rows: Sequence[PoolPeriod], counts: Sequence[int]) -> tuple[PoolPeriod, ...]:
    """The rows in groups of so many each, in their order: amounts add up, balances are the last."""
    require(
        "gathered",
        {
            "counts": (
                sum(counts) == len(rows) and min(counts, default=1) > 0,
                f"must be above zero and add up to {len(rows)} rows: they come to {sum(counts)}",
            )
        },
    )
    ends = tuple(accumulate(counts))
    parts = (rows[end - count : end] for end, count in zip(ends, counts, strict=True))
    result = tuple(_sum(number, part) for number, part in enumerate(parts, 1))
    _check_run(result)
    return result


def joined(one: Sequence[PoolPeriod], other: Sequence[PoolPeriod]) -> tuple[PoolPeriod, ...]:
    """Two pools over the same periods as one; its survival is that of the first."""
    return tuple(
        replace(
            each,
            **{name: getattr(each, name) + getattr(more, name) for name in _AMOUNTS},
            delinquent=tuple(map(add, each.delinquent, more.delinquent)),
        )
        for each, more in zip(one, other, strict=True)
    )


def _sum(number: int, rows: Sequence[PoolPeriod]) -> PoolPeriod:
    first, last = rows[0], rows[-1]
    return PoolPeriod(
        number=number,
        start=first.start,
        end=last.end,
        opening=first.opening,
        capitalised=sum(row.capitalised for row in rows),
        scheduled=sum(row.scheduled for row in rows),
        prepaid=sum(row.prepaid for row in rows),
        defaulted=sum(row.defaulted for row in rows),
        diluted=sum(row.diluted for row in rows),
        closing=last.closing,
        interest=sum(row.interest for row in rows),
        revenue=sum(row.revenue for row in rows),
        recoveries=sum(row.recoveries for row in rows),
        losses=sum(row.losses for row in rows),
        workout=last.workout,
        delinquent=last.delinquent,
        overdue_interest=last.overdue_interest,
        survival=last.survival,
    )


_AMOUNTS = (
    *("opening", "capitalised", "scheduled", "prepaid", "defaulted", "diluted", "closing"),
    *("interest", "revenue", "recoveries", "losses", "workout", "overdue_interest"),
)


def _whole(exact: int) -> int:
    return whole(exact // SURVIVAL)


_ROUNDINGS = 4
"""`scheduled` is a remainder of rounded amounts: half a unit of each may add up to so many."""


def _check_row(row: PoolPeriod, drift: int) -> None:
    if row.opening + row.capitalised != (
        row.scheduled + row.prepaid + row.defaulted + row.diluted + row.closing
    ):
        raise IssuanceBug(f"period {row.number} of the pool does not add up: {row}")
    if abs(drift) > _ROUNDINGS:
        raise IssuanceBug(f"period {row.number}: scheduled is off by {drift} micro-units")


def _check_run(rows: Sequence[PoolPeriod]) -> None:
    """Rows follow one another, nothing is negative, and defaults are accounted for throughout."""
    unresolved, opening = 0, rows[0].opening
    for row in rows:
        unresolved += row.defaulted - row.recoveries - row.losses
        amounts = (
            *(row.opening, row.capitalised, row.scheduled, row.prepaid, row.defaulted, row.diluted),
            *(row.closing, row.interest, row.revenue, row.recoveries, row.losses, row.workout),
            *(row.overdue_interest, *row.delinquent),
        )
        if row.opening != opening or row.workout != unresolved or min(amounts) < 0:
            raise IssuanceBug(f"the run of the pool does not add up at period {row.number}: {row}")
        opening = row.closing
