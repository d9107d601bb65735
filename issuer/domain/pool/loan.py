"""A loan: how it amortises, what it bears, when it is due. Data; `amortise` carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from issuer.domain.day_count import DayCount
from issuer.domain.exact import require_exact
from issuer.domain.pool.periods import month_end
from issuer.domain.pool.units import EXACT, are_exact, require
from issuer.domain.rounding import Rounding
from issuer.domain.schedule import add_months

YearFraction = Callable[[date, date], Fraction]
"""A day count of one's own: the part of a year from one date to another."""


class Amortisation(StrEnum):
    """How the principal is repaid."""

    LEVEL = "level"
    """Equal instalments of interest and principal, set anew when the rate changes."""
    EQUAL_PRINCIPAL = "equal_principal"
    BULLET = "bullet"
    """All at maturity."""
    BALLOON = "balloon"
    """Level over `balloon_term` payments; what is left is paid at maturity."""
    CUSTOM = "custom"
    """The amounts of `principal`, one for each payment."""


class HolidayInterest(StrEnum):
    """What becomes of the interest of payments that a holiday leaves out."""

    CAPITALISED = "capitalised"
    """It joins the balance."""
    WAIVED = "waived"


class InterestOn(StrEnum):
    """What interest is reckoned on."""

    OUTSTANDING = "outstanding"
    ORIGINAL = "original"
    """The amount that was lent, to the end: a flat rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatingRate:
    """An index of the assumptions plus a spread, within `floor` and `cap`, which bind the sum.

    `current` is borne by the next `fixed_payments` payments; then the rate is read again for every
    `reset_every` payments, on the day from which the first of them accrues.
    """

    kind: ClassVar[str] = "floating"
    index: str
    spread: Fraction
    current: Fraction = Fraction(0)
    fixed_payments: int = 0
    reset_every: int = 1
    cap: Fraction | None = None
    floor: Fraction | None = Fraction(0)

    def __post_init__(self) -> None:
        require_exact(self)
        require(
            f"floating rate on {self.index}",
            {
                "reset_every": (self.reset_every > 0, "must be one payment or more"),
                "fixed_payments": (self.fixed_payments >= 0, "must be zero or more"),
                "cap": (
                    None in (self.cap, self.floor) or self.cap >= self.floor,  # type: ignore[operator]
                    "must not lie below the floor",
                ),
            },
        )


_MOST_GROWTH = 27
"""Annual rate x years: beyond it debt left alone would grow a trillionfold, and with it what the
last of our decimals is wrong by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """`remaining` payments, one every `interval` months; `age` is in months since origination.

    Without `next_due` the payments fall at the end of each interval from the first collection
    period. A payment bears interest for interval/12 of a year, or what `day_count` says of the
    dates; the first accrues from `accrued_from`, by default one interval before it is due, and the
    last falls on `maturity` where that is not one interval after the payment before. With
    `month_end`, given where the next falls on the last day of a short month, all fall on such days.

    Of the payments left, the first `holiday` are not made, the next `interest_only` are interest
    alone. `payment` states the instalment (of equal principal: the principal part) where it is
    known; otherwise it is computed. Principal is paid with every `principal_every`-th payment,
    interest with every `interest_every`-th and the last; until then it is owed and bears nothing.

    `dates` name the payments one by one where they follow no interval: weeks, or dates rolled to
    business days. Each bears interest to its date, or to that of `accrued_to` (named dates, paid
    when banks open). `rounding` is that of the instalment and of each payment's interest, as lenders
    compute them in cents; without it nothing is rounded.
    """

    kind: ClassVar[str] = "loan"
    prepays: ClassVar[bool] = True
    id: str
    balance: int
    rate: Fraction | FloatingRate
    remaining: int
    original_balance: int | None = None
    age: int = 0
    amortisation: Amortisation = Amortisation.LEVEL
    interval: int = 1
    next_due: date | None = None
    accrued_from: date | None = None
    maturity: date | None = None
    month_end: bool = False
    day_count: DayCount | YearFraction | None = None
    holiday: int = 0
    holiday_interest: HolidayInterest = HolidayInterest.CAPITALISED
    interest_only: int = 0
    payment: int | None = None
    balloon_term: int | None = None
    principal: tuple[int, ...] = ()
    principal_every: int = 1
    interest_every: int = 1
    interest_on: InterestOn = InterestOn.OUTSTANDING
    dates: tuple[date, ...] = ()
    accrued_to: tuple[date, ...] = ()
    rounding: Rounding | None = None

    def __post_init__(self) -> None:
        if self._plain():
            return
        require_exact(self)
        kind = self.amortisation
        require(
            f"loan {self.id}",
            {
                name: (
                    isinstance(figure, FloatingRate) or are_exact(figure),
                    f"must be given {EXACT}",
                )
                for name, figure in (
                    ("balance", self.balance),
                    ("rate", self.rate),
                    ("payment", self.payment or 0),
                )
            },
        )
        instalment = kind in (Amortisation.LEVEL, Amortisation.BALLOON)
        require(
            f"loan {self.id}",
            {
                "balance": (self.balance >= 0, "must be zero or more"),
                "rate": (
                    isinstance(self.rate, FloatingRate) or self._bearable(self.rate),
                    "must be a share a year, 0 to 1, and with the term leave the balance countable",
                ),
                "remaining": (self.remaining > 0, "must be one payment or more"),
                "age": (self.age >= 0, "must be zero months or more"),
                "interval": (self.interval > 0, "must be one month or more"),
                "holiday": (
                    self.holiday >= 0 and self.holiday + self.interest_only <= self.remaining,
                    "with the payments of interest alone, must not exceed the payments left",
                ),
                "interest_only": (self.interest_only >= 0, "must be zero or more"),
                "payment": (
                    self.payment is None
                    or (self.payment >= 0 and (instalment or kind is Amortisation.EQUAL_PRINCIPAL)),
                    "is for loans with instalments, and not negative: leave it out",
                ),
                "balloon_term": (
                    (self.balloon_term or 0) >= self.remaining
                    if kind is Amortisation.BALLOON
                    else self.balloon_term is None,
                    "is for balloons: what they are computed over, at least the payments left",
                ),
                "principal": (
                    self._custom_principal_fits()
                    if kind is Amortisation.CUSTOM
                    else not self.principal,
                    "is for custom loans without holiday: an amount a payment, in all the balance",
                ),
                "principal_every": (
                    self.principal_every == 1
                    or (self.principal_every > 1 and kind is Amortisation.EQUAL_PRINCIPAL),
                    "is for equal principal only: leave it at 1",
                ),
                "interest_every": (
                    self.interest_every == 1 or (self.interest_every > 1 and not instalment),
                    "is for loans without instalments: leave it at 1",
                ),
                "interest_on": (
                    self.interest_on is InterestOn.OUTSTANDING or not instalment,
                    "must be outstanding for instalments: equal principal makes equal flat payments",
                ),
                "dates": (
                    not self.dates or self._dates_fit(self.dates),
                    "rise from accrued_from, one a payment, without next_due, maturity or balloon",
                ),
                "accrued_to": (
                    not self.accrued_to or (bool(self.dates) and self._dates_fit(self.accrued_to)),
                    "names a date for each of dates, in rising order from accrued_from",
                ),
                "rounding": (
                    self.rounding is None or self.rounding.to_micro > 0,
                    "must be to more than zero",
                ),
                "accrued_from": (
                    self.accrued_from is None or self.next_due is not None or bool(self.dates),
                    "needs the date of the next payment: give next_due",
                ),
                "month_end": (
                    not self.month_end
                    or (self.next_due is not None and self.next_due == month_end(self.next_due)),
                    "is for loans whose next_due is the last day of its month",
                ),
                "day_count": (
                    self.day_count is not DayCount.ACT_ACT_ICMA
                    or self.interval in (1, 2, 3, 4, 6, 12),
                    "of ICMA needs an interval that divides the year: 1, 2, 3, 4, 6 or 12 months",
                ),
                "maturity": (
                    self.maturity is None or self._ends_last(self.maturity),
                    "needs next_due, and must come after all payments but the last",
                ),
            },
        )

    def _custom_principal_fits(self) -> bool:
        return (
            len(self.principal) == self.remaining
            and sum(self.principal) == self.balance
            and min(self.principal) >= 0
            and self.holiday + self.interest_only == 0
        )

    def _bearable(self, rate: Fraction) -> bool:
        numerator, denominator = rate.numerator, rate.denominator
        growth = numerator * self.interval * self.remaining
        return 0 <= numerator <= denominator and growth <= _MOST_GROWTH * 12 * denominator

    def _dates_fit(self, days: tuple[date, ...]) -> bool:
        since = (self.accrued_from or date.max, *days)
        named = self.next_due or self.maturity or self.balloon_term or self.month_end
        return len(days) == self.remaining and not named and all(a < b for a, b in pairwise(since))

    def _ends_last(self, maturity: date) -> bool:
        if self.next_due is None or self.remaining == 1:
            return self.next_due is not None and maturity > (self.accrued_from or date.min)
        return maturity > add_months(self.next_due, self.interval * (self.remaining - 2))

    def _plain(self) -> bool:
        """A level loan with nothing stated that could be wrong; tapes are full of them."""
        return (
            self.is_level
            and isinstance(self.rate, Fraction)
            and type(self.balance)
            is type(self.remaining)
            is type(self.age)
            is type(self.interval)
            is int
            and self._bearable(self.rate)
            and isinstance(self.balance, int)
            and self.balance >= 0
            and self.remaining > 0
            and self.age >= 0
            and self.interval > 0
        )

    @property
    def is_level(self) -> bool:
        """Level and fixed to the end, so that loans of one rate amortise as one."""
        return (
            self.amortisation is Amortisation.LEVEL
            and isinstance(self.rate, Fraction)
            and self.day_count is None
            and self.payment is None
            and self.balloon_term is None
            and self.accrued_from is None
            and self.maturity is None
            and not self.month_end
            and not self.principal
            and self.principal_every == 1
            and self.interest_every == 1
            and self.interest_on is InterestOn.OUTSTANDING
            and not self.dates
            and not self.accrued_to
            and self.rounding is None
            and self.holiday == 0
            and self.interest_only == 0
        )
