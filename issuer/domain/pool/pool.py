"""A pool: its assets, and what they pay by contract, each or together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.pool.amortise import loan_flows
from issuer.domain.pool.claims import Lease, Receivable, SuppliedCurve
from issuer.domain.pool.flows import Flow, Indices
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import Grid, Period
from issuer.domain.pool.rep_lines import RepLine
from issuer.domain.pool.revenue import CapacityRevenue, Rent
from issuer.domain.pool.units import PARTS, require, whole

Claim = Loan | RepLine | Lease | Receivable | SuppliedCurve
"""What has a balance."""

Asset = Claim | CapacityRevenue | Rent


@dataclass(frozen=True, slots=True)
class Pool:
    """Assets with distinct ids."""

    assets: tuple[Asset, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        repeated = [
            Complaint(
                f"/assets/{n}/id", "pool.assets.id", f"{asset.id!r} is used twice: rename one"
            )
            for n, asset in enumerate(self.assets)
            if asset.id in seen or seen.add(asset.id)  # type: ignore[func-returns-value]
        ]
        require("pool", repeated)

    @property
    def balance(self) -> int:
        """What is owed in all; revenue to come is not."""
        return sum(balance_of(asset) for asset in self.assets)


def balance_of(asset: Asset) -> int:
    """The balance of a claim; zero for an asset that only earns."""
    return 0 if isinstance(asset, CapacityRevenue | Rent) else asset.balance


def defaults(asset: Asset) -> bool:
    """Whether a default rate changes what it pays: supplied flows may hold the defaults already."""
    supplied = isinstance(asset, SuppliedCurve) and not asset.contractual
    return balance_of(asset) > 0 and not supplied


def prepays(asset: Asset) -> bool:
    """Whether a prepayment rate changes what it pays."""
    return defaults(asset) and not isinstance(asset, CapacityRevenue | Rent) and asset.prepays


def earns(asset: Asset) -> bool:
    """Whether it has revenue, of which a share may not come in."""
    if isinstance(asset, SuppliedCurve):
        return any(line.revenue for line in asset.lines)
    return isinstance(asset, CapacityRevenue | Rent)


def of_asset(asset: Asset, refused: InvalidInput) -> InvalidInput:
    """The refusal, with the asset whose terms it is about: there may be thousands."""
    return InvalidInput(f"{asset.kind} {asset.id}", refused.complaints)


def flows_of(asset: Asset, grid: Grid, indices: Indices) -> Iterator[Flow]:
    """What the asset pays by its contract, in parts, in the order of its dates."""
    loan = asset.loan if isinstance(asset, RepLine) else asset
    if isinstance(loan, Loan):
        return loan_flows(loan, loan.balance * PARTS, grid, indices)
    return loan.flows(grid)


@dataclass(frozen=True, slots=True)
class CashFlow:
    """What an asset pays by its contract on one date, and its balance after it, in micro-units."""

    day: date
    interest: int
    principal: int
    capitalised: int
    diluted: int
    revenue: int
    balance: int


def contract_flows(
    asset: Asset, periods: Sequence[Period], indices: Indices | None = None
) -> tuple[CashFlow, ...]:
    """All dates of one asset within the periods, without prepayment or default.

    Rounded once, half up: the balance after each date, from which the principal follows, so that
    it adds up; and interest and revenue of each date.
    """
    grid = Grid(periods)
    try:
        flows = tuple(_within(flows_of(asset, grid, indices or {}), grid))
    except InvalidInput as refused:
        raise of_asset(asset, refused) from refused
    return tuple(_rounded(flows, balance_of(asset)))


def _within(flows: Iterable[Flow], grid: Grid) -> Iterator[Flow]:
    for flow in sorted(flows, key=lambda flow: flow.day):
        if flow.day > grid.end:
            return
        yield flow


def _rounded(flows: Iterable[Flow], opening: int) -> Iterator[CashFlow]:
    exact, balance = opening * PARTS, opening
    for flow in flows:
        exact += flow.capitalised - flow.principal - flow.diluted
        after = whole(exact)
        capitalised = max(whole(flow.capitalised), after - balance)
        diluted = min(whole(flow.diluted), balance + capitalised - after)
        yield CashFlow(
            day=flow.day,
            interest=whole(flow.interest),
            principal=balance + capitalised - diluted - after,
            capitalised=capitalised,
            diluted=diluted,
            revenue=whole(flow.revenue),
            balance=after,
        )
        balance = after
