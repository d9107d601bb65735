"""What is assumed of a pool. Each convention that the field disagrees on is a field with a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.exact import Exact, require_exact
from issuer.domain.pool.curves import ZERO, Curve, Vector
from issuer.domain.pool.units import require
from issuer.domain.rounding import Rounding


class RateRule(StrEnum):
    """How a rate a year becomes the rate of a collection period."""

    MONTHLY = "monthly"
    """1 - (1 - annual)^(months/12): SMM and MDR of the American market."""
    BY_DAYS = "by_days"
    """1 - (1 - annual)^(days/365)."""
    SIMPLE_MONTHS = "simple_months"
    """annual x months/12."""
    SIMPLE_DAYS = "simple_days"
    """annual x days/365."""
    PER_PERIOD = "per_period"
    """The figure is the period's already."""


class FlowOrder(StrEnum):
    """What is struck first in a period. Default always comes first, on the opening balance."""

    SCHEDULED_THEN_PREPAID = "scheduled_then_prepaid"
    """Survivors pay what is due; the rate of prepayment strikes what is then left."""
    STANDARD_FORMULAS = "standard_formulas"
    """As before, but the rate strikes the scheduled balance of all, defaulted or not."""
    PREPAID_THEN_SCHEDULED = "prepaid_then_scheduled"
    """Prepayment strikes the survivors; the rest pay what is due, and bear interest."""


class LossTiming(StrEnum):
    """When the part of a default that will not come back is a loss."""

    AT_DEFAULT = "at_default"
    AT_LAST_RECOVERY = "at_last_recovery"


def _require_shares(stated: Cpr | Cdr) -> None:
    """Named `cpr` or `cdr`, as a pool file calls them."""
    name, annual = stated.kind, stated.annual
    require(
        name,
        {
            name: (
                isinstance(annual, Vector) and all(0 <= rate <= 1 for rate in annual.values),
                'must be shares a year, 0 to 1: constant(rate("5")) is 5 per cent, or give a Vector',
            )
        },
    )


@dataclass(frozen=True, slots=True)
class Cpr:
    """A constant prepayment rate a year, or one for each period; `rule` where it has its own."""

    kind: ClassVar[str] = "cpr"
    annual: Vector = ZERO
    rule: RateRule | None = None

    def __post_init__(self) -> None:
        _require_shares(self)


@dataclass(frozen=True, slots=True)
class Psa(Exact):
    """The PSA benchmark times `multiple` (1 is 100 PSA): 0.2% a year more each month of age, to 6%."""

    kind: ClassVar[str] = "psa"
    multiple: Fraction

    RAMP: ClassVar[Fraction] = Fraction(2, 1000)
    LEVEL_FROM: ClassVar[int] = 30

    def annual(self, age: int) -> Fraction:
        """The CPR in the month of this age, from 1; at most 1."""
        return min(self.RAMP * min(age, self.LEVEL_FROM) * self.multiple, Fraction(1))


@dataclass(frozen=True, slots=True)
class Cdr:
    """A constant default rate a year, or one for each period; `rule` where it has its own."""

    kind: ClassVar[str] = "cdr"
    annual: Vector = ZERO
    rule: RateRule | None = None

    def __post_init__(self) -> None:
        _require_shares(self)


@dataclass(frozen=True, slots=True)
class DefaultAmounts(Exact):
    """Defaults in micro-units, period by period; no more than there is, and none after the last."""

    kind: ClassVar[str] = "amounts"
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delinquency:
    """Payments that come late. Buckets are a month each, so collection periods must be months.

    Of those who pay in time, the share `missed` misses a payment and is 1-30 days late. Of each
    bucket the share in `roll` (to 31-60, 61-90, over 90) misses the next; the others pay all they
    owe. `cure` is the share of those over 90 that does. Late cash bears nothing, and is never lost.
    """

    missed: Fraction
    roll: tuple[Fraction, Fraction, Fraction]
    cure: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        require_exact(self)
        require(
            "delinquency",
            {
                "missed": (0 <= self.missed <= 1, "must be a share, 0 to 1"),
                "roll": (
                    len(self.roll) == 3 and all(0 <= share <= 1 for share in self.roll),
                    "must be three shares, 0 to 1",
                ),
                "cure": (0 < self.cure <= 1, "must be a share above 0: late cash comes in the end"),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Prepayment, default, recovery and lateness of a pool, and the index rates it floats on.

    Of a default the share `severity` is lost; the rest comes in parts `recovery_timing`, the first
    `recovery_lag` periods after the period of default. Vectors count collection periods. PSA counts
    months of each loan's age, and needs the monthly rule.
    """

    prepayment: Cpr | Psa = Cpr()
    default: Cdr | DefaultAmounts = Cdr()
    severity: Fraction = Fraction(1)
    recovery_lag: int = 0
    recovery_timing: tuple[Fraction, ...] = (Fraction(1),)
    delinquency: Delinquency | None = None
    indices: Mapping[str, Curve] = field(default_factory=dict)
    rate_rule: RateRule = RateRule.MONTHLY
    order: FlowOrder = FlowOrder.SCHEDULED_THEN_PREPAID
    interest_on_defaulted: bool = False
    """Whether what defaults in a period still pays (or is advanced) its interest."""
    interest_on_prepaid: bool = True
    """Whether what prepays bears the period's interest; paid after the schedule, it always does."""
    loss_timing: LossTiming = LossTiming.AT_DEFAULT
    rounding: Rounding | None = None
    """Of every amount of every asset and period, from which the next is reckoned, as engines do
    that compute in cents; without it a row is rounded once, to the micro-unit."""

    def from_period(self, number: int) -> Assumptions:
        """The same from a later period on; raises `InvalidInput` for defaults by amount.

        They are of the whole pool, and say nothing of a part of it.
        """
        prepayment, default = self.prepayment, self.default
        if isinstance(default, DefaultAmounts):
            message = "given as amounts say nothing of assets bought later: give a rate (`cdr`)"
            raise InvalidInput("assumptions", [Complaint("/default", "pool.default", message)])
        if isinstance(prepayment, Cpr):
            prepayment = replace(prepayment, annual=prepayment.annual.from_period(number))
        default = replace(default, annual=default.annual.from_period(number))
        return replace(self, prepayment=prepayment, default=default)

    def __post_init__(self) -> None:
        require_exact(self)
        self._require_kinds()
        timing, psa = self.recovery_timing, isinstance(self.prepayment, Psa)
        require(
            "assumptions",
            {
                "prepayment": (
                    not isinstance(self.prepayment, Psa) or self.prepayment.multiple >= 0,
                    "must be a multiple of PSA of zero or more",
                ),
                "default": (
                    not isinstance(self.default, DefaultAmounts)
                    or min(self.default.amounts, default=0) >= 0,
                    "must hold no negative amount",
                ),
                "severity": (0 <= self.severity <= 1, "must be a share, 0 to 1"),
                "recovery_lag": (self.recovery_lag >= 0, "must be zero periods or more"),
                "recovery_timing": (
                    sum(timing) == 1 and min(timing, default=-1) >= 0,
                    "must be shares that add up to 1",
                ),
                "rate_rule": (
                    not psa or self.rate_rule is RateRule.MONTHLY,
                    "must be monthly for PSA, which is defined by months",
                ),
                "rounding": (
                    self.rounding is None or self.rounding.to_micro > 0,
                    "must be to more than zero",
                ),
                "interest_on_prepaid": (
                    self.interest_on_prepaid or self.order is FlowOrder.PREPAID_THEN_SCHEDULED,
                    "must be true unless prepayment comes before the schedule",
                ),
            },
        )

    def _require_kinds(self) -> None:
        """A bare rate is neither a prepayment nor a default: which of them, and how, must be said."""
        require(
            "assumptions",
            {
                "prepayment": (
                    isinstance(self.prepayment, Cpr | Psa),
                    'must be Cpr or Psa, such as Cpr(constant(rate("5"))) of 5 per cent a year',
                ),
                "default": (
                    isinstance(self.default, Cdr | DefaultAmounts),
                    'must be Cdr or DefaultAmounts, such as Cdr(constant(rate("2")))',
                ),
                "indices": (
                    all(isinstance(each, Curve) for each in self.indices.values()),
                    "must be a Curve for each name: Curve(((date, rate), …))",
                ),
            },
        )
