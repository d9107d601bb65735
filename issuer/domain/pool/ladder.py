"""The pool's contracts added up by period, apart only where survival differs.

Prepayment and default strike every survivor at the same rate, so what a group of assets pays is
what its contracts say times one share that is still there. Under PSA that share depends on age.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import add

from issuer.domain.errors import InvalidInput
from issuer.domain.pool.amortise import alike, loan_flows
from issuer.domain.pool.claims import SuppliedCurve
from issuer.domain.pool.flows import Flow, Indices
from issuer.domain.pool.level import amortise_together
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import Grid
from issuer.domain.pool.pool import Asset, balance_of, flows_of, of_asset
from issuer.domain.pool.rep_lines import RepLine
from issuer.domain.pool.revenue import CapacityRevenue, Rent
from issuer.domain.pool.units import PARTS

Progress = Callable[[int, int], None]
"""Told how many of how many assets are done, after each group of them."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What decides survival: whether it can prepay or default, and its age if that counts.

    Where each asset's amounts are rounded, each has a fate of its own.
    """

    prepays: bool
    defaults: bool
    age: int = 0
    asset: str = ""


@dataclass(slots=True)
class Ladder:
    """Contractual amounts of assets of one fate, by period, in parts."""

    size: int
    opening: int = 0
    interest: list[int] = field(init=False)
    principal: list[int] = field(init=False)
    capitalised: list[int] = field(init=False)
    diluted: list[int] = field(init=False)
    revenue: list[int] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("interest", "principal", "capitalised", "diluted", "revenue"):
            setattr(self, name, [0] * self.size)

    def add(self, slot: int, flow: Flow) -> None:
        """Add one dated flow to its period."""
        self.interest[slot] += flow.interest
        self.principal[slot] += flow.principal
        self.capitalised[slot] += flow.capitalised
        self.diluted[slot] += flow.diluted
        self.revenue[slot] += flow.revenue

    def closing(self) -> Iterator[int]:
        """The balance that the contracts leave at the end of each period."""
        balance = self.opening
        for paid, joined, gone in zip(self.principal, self.capitalised, self.diluted, strict=True):
            balance += joined - paid - gone
            yield balance


_Family = tuple[Fate, int, int, int, tuple[int, ...]]
_Kin = tuple[Fate, tuple[object, ...]]


class Ladders:
    """The ladders of a pool, filled asset by asset."""

    def __init__(
        self, grid: Grid, indices: Indices, *, by_age: bool, by_asset: bool = False
    ) -> None:
        self.grid, self.indices, self.by_age, self.by_asset = grid, indices, by_age, by_asset
        self.by_fate: dict[Fate, Ladder] = {}
        self._level: dict[_Family, list[tuple[int, int]]] = {}
        self._longest = 0
        self._alike: dict[_Kin, tuple[Loan, int, int]] = {}

    def fill(self, assets: Sequence[Asset], on_progress: Progress | None) -> None:
        """Add all assets. Loans wait for their like, since those of one rate amortise as one."""
        done, tell = 0, on_progress or (lambda done, total: None)
        for asset in assets:
            try:
                done += self._take(asset)
            except InvalidInput as refused:
                raise of_asset(asset, refused) from refused
        tell(done, len(assets))
        for family, members in self._level.items():
            self._level_loans(family, members)
            done += len(members)
            tell(done, len(assets))
        for (fate, _), (loan, balance, count) in self._alike.items():
            try:
                flows = loan_flows(loan, balance * PARTS, self.grid, self.indices)
                self._flows(self._ladder(fate), flows)
            except InvalidInput as refused:
                raise of_asset(loan, refused) from refused
            done += count
            tell(done, len(assets))

    def _take(self, asset: Asset) -> bool:
        """Whether the asset is done with, and does not wait."""
        fate = self._fate(asset)
        self._ladder(fate).opening += balance_of(asset) * PARTS
        loan = asset.loan if isinstance(asset, RepLine) else asset
        if not isinstance(loan, Loan):
            self._flows(self._ladder(fate), flows_of(loan, self.grid, self.indices))
            return True
        if loan.is_level and isinstance(loan.rate, Fraction):
            slots = self.grid.slots(loan.next_due, loan.interval)
            rate = loan.rate  # as two numbers: a fraction is slow to hash
            family = (fate, rate.numerator, rate.denominator, loan.interval, slots)
            self._level.setdefault(family, []).append((loan.balance, loan.remaining))
            self._longest = max(self._longest, loan.remaining)
        else:
            kin = (fate, alike(loan))
            first, balance, count = self._alike.get(kin, (loan, 0, 0))
            self._alike[kin] = (first, balance + loan.balance, count + 1)
        return False

    def _fate(self, asset: Asset) -> Fate:
        own = asset.id if self.by_asset else ""
        if isinstance(asset, CapacityRevenue | Rent) or (
            isinstance(asset, SuppliedCurve) and not asset.contractual
        ):
            return Fate(prepays=False, defaults=False, asset=own)
        aged = self.by_age and asset.prepays
        return Fate(asset.prepays, True, asset.age if aged else 0, own)

    def _ladder(self, fate: Fate) -> Ladder:
        if fate not in self.by_fate:
            self.by_fate[fate] = Ladder(len(self.grid.periods))
        return self.by_fate[fate]

    def _level_loans(self, family: _Family, loans: list[tuple[int, int]]) -> None:
        fate, numerator, denominator, interval, slots = family
        rate, ladder = Fraction(numerator * interval, denominator * 12), self._ladder(fate)
        interest, principal = amortise_together(rate, loans, len(slots), self._longest)
        _spread(ladder.interest, slots, interest)
        _spread(ladder.principal, slots, principal)

    def _flows(self, ladder: Ladder, flows: Iterable[Flow]) -> None:
        last = len(self.grid.periods)
        for flow in flows:
            slot = self.grid.slot(flow.day)
            if slot < last:
                ladder.add(slot, flow)


def _spread(totals: list[int], slots: Sequence[int], amounts: Sequence[int]) -> None:
    """Add each amount to its period."""
    count = len(amounts)
    if count and slots[count - 1] == count - 1:  # one payment a period: the common case, and fast
        totals[:count] = map(add, totals, amounts)
        return
    for slot, amount in zip(slots, amounts, strict=False):
        totals[slot] += amount
