"""Representative lines: a loan tape grouped by stated keys, totals kept, and what grouping changes.

Loans alike in all but balance pay in proportion, so that merging them changes nothing; a key
with a width puts loans with different rates, terms or ages into one, which pays otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from issuer.domain.errors import IssuanceBug
from issuer.domain.pool.amortise import alike
from issuer.domain.pool.loan import Amortisation, InterestOn, Loan
from issuer.domain.pool.units import require


@dataclass(frozen=True, slots=True)
class RepLine:
    """`count` loans as one: `loan` has the aggregate balance and the averages.

    Its rate is the WAC; its payments left and age are WAM and WALA, whole, half up.
    """

    kind: ClassVar[str] = "rep_line"
    prepays: ClassVar[bool] = True
    loan: Loan
    count: int
    wac: Fraction | None
    """Weighted average coupon; `None` for floating rates, which are grouped only if they are one."""
    wam: Fraction
    """Weighted average of the payments left."""
    wala: Fraction
    """Weighted average age in months."""

    @property
    def id(self) -> str:
        """That of its first loan."""
        return self.loan.id

    @property
    def balance(self) -> int:
        """Of all loans in it."""
        return self.loan.balance

    @property
    def age(self) -> int:
        """The WALA in whole months."""
        return self.loan.age


class GroupField(StrEnum):
    """What of a loan may differ within a line."""

    RATE = "rate"
    REMAINING = "remaining"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Key:
    """Loans stay apart unless `field` lies in one band, `width` wide and counted from zero.

    A field without a key does not keep loans apart; width `None` keeps all that differ apart.
    """

    field: GroupField
    width: Fraction | None = None

    def __post_init__(self) -> None:
        require(
            f"key {self.field}",
            {"width": (self.width is None or self.width > 0, "must be above zero, or left out")},
        )

    def band(self, loan: Loan) -> object:
        """The band the loan lies in; floating rates only go with their like."""
        value = getattr(loan, self.field.value)
        if self.width is None or not isinstance(value, int | Fraction):
            return value
        return value // self.width


def group_loans(loans: Iterable[Loan], keys: Sequence[Key]) -> tuple[RepLine, ...]:
    """Group by `keys`, and by all other terms, which are never mixed; in order of first loans.

    Loans whose own amounts or dates are stated are grouped with their like only.
    """
    groups: dict[object, list[Loan]] = {}
    loans = tuple(loans)
    for loan in loans:
        groups.setdefault(_group(loan, keys), []).append(loan)
    lines = tuple(_line(members) for members in groups.values())
    if sum(line.balance for line in lines) != sum(loan.balance for loan in loans) or sum(
        line.count for line in lines
    ) != len(loans):
        raise IssuanceBug("grouping lost a loan or a balance")
    return lines


def _group(loan: Loan, keys: Sequence[Key]) -> object:
    own = loan.payment is not None or loan.interest_on is InterestOn.ORIGINAL or loan.dates
    if own or loan.amortisation is Amortisation.CUSTOM:
        return (*alike(loan), loan.age)
    fixed = isinstance(loan.rate, Fraction)
    # A holiday, time of interest alone, balloon or maturity fixes how many payments are left.
    counted = (
        loan.holiday + loan.interest_only > 0
        or bool(loan.balloon_term or loan.maturity)
        or not fixed
    )
    return (
        tuple(key.band(loan) for key in keys),
        None if fixed else loan.rate,
        loan.remaining if counted else None,
        *(
            loan.amortisation,
            loan.interval,
            loan.next_due,
            loan.accrued_from,
            loan.maturity,
            loan.day_count,
        ),
        *(loan.holiday, loan.holiday_interest, loan.interest_only, loan.balloon_term),
        *(loan.principal_every, loan.month_end, loan.interest_every, loan.rounding),
    )


def _line(members: Sequence[Loan]) -> RepLine:
    first = members[0]
    wam = _average(members, [Fraction(loan.remaining) for loan in members])
    wala = _average(members, [Fraction(loan.age) for loan in members])
    rates = [loan.rate for loan in members if isinstance(loan.rate, Fraction)]
    wac = _average(members, rates) if rates else None
    loan = replace(
        first,
        payment=None if first.payment is None else sum(m.payment or 0 for m in members),
        principal=tuple(map(sum, zip(*(loan.principal for loan in members), strict=True))),
        balance=sum(loan.balance for loan in members),
        original_balance=sum(loan.original_balance or loan.balance for loan in members),
        rate=first.rate if wac is None else wac,
        remaining=_nearest(wam),
        age=_nearest(wala),
    )
    return RepLine(loan, len(members), wac, wam, wala)


def _average(members: Sequence[Loan], values: Sequence[Fraction]) -> Fraction:
    """Weighted by balance; of loans without any, the plain mean."""
    total = sum(loan.balance for loan in members)
    if not total:
        return Fraction(sum(values), len(values))
    weighted = sum((v * loan.balance for v, loan in zip(values, members, strict=True)), Fraction(0))
    return Fraction(weighted, total)


def _nearest(value: Fraction) -> int:
    return int(value + Fraction(1, 2))
