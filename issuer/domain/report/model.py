"""What an investor report says of each period, in micro-units of the settlement coin."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.reported import Fixing
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import PaymentLine
from issuer.domain.waterfall.state import Collections
from issuer.domain.waterfall.structure import Comparison


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sums that are equal to the micro-unit; their terms are named so that they can be shown."""

    name: str
    subject: str
    left: tuple[tuple[str, int], ...]
    right: tuple[tuple[str, int], ...]

    @property
    def left_micro(self) -> int:
        """The sum of the left side."""
        return sum(amount for _, amount in self.left)

    @property
    def right_micro(self) -> int:
        """The sum of the right side."""
        return sum(amount for _, amount in self.right)


@dataclass(frozen=True, slots=True)
class TrancheReport:
    """A tranche in a period. What is due includes earlier shortfalls; interest, that on interest.

    `written_down_micro` is negative for a write-up. `factor` is truncated to eight decimals.
    """

    id: str
    name: str
    units: int
    original_micro: int
    opening_micro: int
    capitalised_micro: int
    principal_due_micro: int
    principal_paid_micro: int
    principal_shortfall_micro: int
    written_down_micro: int
    closing_micro: int
    interest_due_micro: int
    interest_paid_micro: int
    interest_shortfall_micro: int
    residual_micro: int
    carry_micro: int
    interest_per_unit_micro: int
    principal_per_unit_micro: int
    outstanding_per_unit_micro: int
    factor: str


@dataclass(frozen=True, slots=True)
class FeeReport:
    """A fee in a period: arrears and the charge of the period are due together."""

    id: str
    payee: str
    arrears_before_micro: int
    charged_micro: int
    paid_micro: int
    arrears_after_micro: int


@dataclass(frozen=True, slots=True)
class ReserveReport:
    """A reserve in a period."""

    id: str
    opening_micro: int
    topped_up_micro: int
    drawn_micro: int
    released_micro: int
    closing_micro: int


@dataclass(frozen=True, slots=True)
class SponsorReport:
    """What a sponsor stood in with, and is owed for it."""

    id: str
    payee: str
    owed_before_micro: int
    given_micro: int
    repaid_micro: int
    owed_after_micro: int


@dataclass(frozen=True, slots=True)
class PoolReport:
    """A pool that has a balance. `factor` is None where the pool began with nothing.

    `other_micro` is by how much the balance rose beside collections and defaults: what was bought or
    capitalised, less what was diluted; and what the rate did at which the pool is told in coin.
    """

    opening_micro: int
    principal_micro: int
    defaulted_micro: int
    other_micro: int
    closing_micro: int
    losses_micro: int
    cumulative_defaulted_micro: int
    cumulative_losses_micro: int
    factor: str | None


@dataclass(frozen=True, slots=True)
class TestReport:
    """A test as it was made, against the terms. `ratio` is None where nothing is to be covered;
    a test without a denominator compares the amount itself, in micro-units.
    """

    __test__ = False  # not one of pytest's

    id: str
    numerator_micro: int
    denominator_micro: int | None
    ratio: Fraction | None
    comparison: Comparison
    threshold: Fraction
    passed: bool


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """One period. `available_micro` is all that could be paid from: collections, support, reserves
    and carry. `waterfall` is the one that was followed, `fixings` are those its rates followed.
    """

    dates: Period
    waterfall: str
    fixings: tuple[Fixing, ...]
    collections: Collections
    support_micro: int
    available_micro: int
    paid_micro: int
    lines: tuple[PaymentLine, ...]
    tranches: tuple[TrancheReport, ...]
    fees: tuple[FeeReport, ...]
    reserves: tuple[ReserveReport, ...]
    sponsors: tuple[SponsorReport, ...]
    pool: PoolReport | None
    tests: tuple[TestReport, ...]
    identities: tuple[Identity, ...]

    @property
    def number(self) -> int:
        """The period's number, counted from 1."""
        return self.dates.number

    @property
    def opening_cash_micro(self) -> int:
        """What was there before the period brought anything: reserves and carry."""
        return self.available_micro - self.collections.cash_micro - self.support_micro


@dataclass(frozen=True, slots=True)
class Report:
    """Every period in order; each begins where the one before it ended."""

    periods: tuple[PeriodReport, ...]
