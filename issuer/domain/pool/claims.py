"""Claims that are no loans: leases, receivables, and flows that somebody else computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from issuer.domain.exact import Exact, require_exact
from issuer.domain.pool.flows import Flow
from issuer.domain.pool.periods import Grid
from issuer.domain.pool.units import PARTS, in_parts, require, whole


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Rentals, one every `interval` months, and the residual value with the last.

    The balance is what is still to come, discounted at `rate` a year; without a rate it is the sum,
    and all of it principal. `deposit` was paid in advance: the last rentals are met from it and
    bring no cash.
    """

    kind: ClassVar[str] = "lease"
    prepays: ClassVar[bool] = True
    id: str
    rentals: tuple[int, ...]
    interval: int = 1
    next_due: date | None = None
    rate: Fraction = Fraction(0)
    deposit: int = 0
    residual: int = 0
    age: int = 0

    def __post_init__(self) -> None:
        require_exact(self)
        rentals = sum(self.rentals)
        require(
            f"lease {self.id}",
            {
                "rentals": (
                    bool(self.rentals) and min(self.rentals) >= 0,
                    "must be one or more, none negative",
                ),
                "interval": (self.interval > 0, "must be one month or more"),
                "rate": (self.rate >= 0, "must be zero or more"),
                "deposit": (0 <= self.deposit <= rentals, "must lie between 0 and all rentals"),
                "residual": (self.residual >= 0, "must be zero or more"),
                "age": (self.age >= 0, "must be zero months or more"),
            },
        )

    @cached_property
    def balance(self) -> int:
        """The payments still to come at the rate of the lease, in whole micro-units."""
        factor = 1 + self.rate * Fraction(self.interval, 12)
        value = 0
        for payment in reversed(self.payments):
            value = (value + payment * PARTS) * factor.denominator // factor.numerator
        return whole(value)

    @cached_property
    def payments(self) -> tuple[int, ...]:
        """The cash of each due date: rentals less the deposit, from the last backwards."""
        left, net = self.deposit, list(self.rentals)
        for index in reversed(range(len(net))):
            met = min(left, net[index])
            net[index] -= met
            left -= met
        net[-1] += self.residual
        return tuple(net)

    def flows(self, grid: Grid) -> Iterator[Flow]:
        """Each payment: the interest of the balance first, then principal; the last clears it."""
        balance, rate = self.balance * PARTS, self.rate * Fraction(self.interval, 12)
        last = max((n for n, paid in enumerate(self.payments) if paid), default=0)
        for number, payment in enumerate(self.payments[: last + 1]):
            cash, interest = payment * PARTS, balance * rate.numerator // rate.denominator
            if number == last:
                interest = max(cash - balance, 0)
            principal = min(max(cash - interest, 0), balance)
            unpaid = max(interest - cash, 0)
            day = grid.due(self.next_due, self.interval, number)
            yield Flow(day, interest - unpaid, principal, unpaid)
            balance += unpaid - principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """An invoice paid once, on its due date. Nobody prepays it.

    `fee` is the part of the face that is income, such as the discount it was bought at; the balance
    is the rest. `dilution` is the share of the face that returns and rebates take away.
    """

    kind: ClassVar[str] = "receivable"
    prepays: ClassVar[bool] = False
    id: str
    face: int
    due: date
    fee: int = 0
    dilution: Fraction = Fraction(0)
    age: ClassVar[int] = 0

    def __post_init__(self) -> None:
        require_exact(self)
        require(
            f"receivable {self.id}",
            {
                "face": (self.face >= 0, "must be zero or more"),
                "fee": (0 <= self.fee <= self.face, "must lie between 0 and the face"),
                "dilution": (
                    self.dilution >= 0 and self.dilution * self.face <= max(self.balance, 0),
                    "must be a share of the face, zero or more, that the fee leaves room for",
                ),
            },
        )

    @property
    def balance(self) -> int:
        """What is owed but for the fee."""
        return self.face - self.fee

    def flows(self, grid: Grid) -> Iterator[Flow]:
        """All on the due date."""
        grid.slot(self.due)
        diluted = in_parts(self.face * self.dilution)
        principal = self.balance * PARTS - diluted
        yield Flow(self.due, self.fee * PARTS, principal, diluted=diluted)


@dataclass(frozen=True, slots=True)
class SuppliedFlow(Exact):
    """A line of a supplied curve, in micro-units."""

    day: date
    interest: int = 0
    principal: int = 0
    revenue: int = 0


@dataclass(frozen=True, kw_only=True)
class SuppliedCurve:
    """Flows computed elsewhere.

    `contractual` says that they hold no prepayment and no default yet, so that those of the
    assumptions apply; otherwise the flows come as they stand.
    """

    kind: ClassVar[str] = "supplied"
    prepays: ClassVar[bool] = True
    id: str
    lines: tuple[SuppliedFlow, ...]
    contractual: bool = True
    age: int = 0

    def __post_init__(self) -> None:
        require_exact(self)
        amounts = (min(line.interest, line.principal, line.revenue) for line in self.lines)
        require(
            f"curve {self.id}",
            {
                "lines": (min(amounts, default=0) >= 0, "must hold no negative amount"),
                "age": (self.age >= 0, "must be zero months or more"),
            },
        )

    @cached_property
    def balance(self) -> int:
        """All principal to come."""
        return sum(line.principal for line in self.lines)

    def flows(self, grid: Grid) -> Iterator[Flow]:
        """The lines as they are."""
        for line in self.lines:
            grid.slot(line.day)
            yield Flow(
                line.day,
                line.interest * PARTS,
                line.principal * PARTS,
                revenue=line.revenue * PARTS,
            )
