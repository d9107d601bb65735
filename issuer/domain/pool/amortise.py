"""A loan carried out, payment by payment: interest on the balance, then what its kind repays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

from issuer.domain.day_count import DayCount, year_fraction
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.pool.flows import Flow, Indices, index_at
from issuer.domain.pool.level import annuity
from issuer.domain.pool.loan import Amortisation, FloatingRate, HolidayInterest, InterestOn, Loan
from issuer.domain.pool.periods import DAY, Grid, month_end
from issuer.domain.pool.units import PARTS, SURVIVAL
from issuer.domain.schedule import add_months

_MONTHS = 12


def loan_flows(loan: Loan, opening: int, grid: Grid, indices: Indices) -> Iterator[Flow]:
    """The payments of `opening` parts lent on the loan's terms; its own balance or several alike."""
    terms = _Terms(loan, grid, indices)
    balance, instalment, borne, owed = opening, 0, Fraction(-1), 0
    for number in range(loan.remaining):
        day, rate = terms.due[number], terms.rate(number)
        if day > grid.end:
            return
        last = number == loan.remaining - 1
        owed += terms.interest(number, rate, terms.base(balance, opening))
        if (number + 1) % loan.interest_every and not last:
            interest = 0
        else:
            interest, owed = terms.rounded(owed), 0
        if number < loan.holiday and not last:
            keeps = loan.holiday_interest is HolidayInterest.CAPITALISED
            balance += interest if keeps else 0
            yield Flow(day, capitalised=interest if keeps else 0)
            continue
        if number == terms.free or (number > terms.free and rate is not borne and rate != borne):
            instalment, borne = terms.instalment(number, balance, opening, instalment), rate
        principal = balance if last else terms.principal(number, instalment, interest, opening)
        unpaid = max(-principal, 0)  # an instalment below the interest: the rest joins the balance
        principal = min(max(principal, 0), balance)
        balance += unpaid - principal
        yield Flow(day, interest - unpaid, principal, unpaid)


def _named_dates(loan: Loan) -> tuple[list[date], list[date]]:
    """The days paid and the days accrued to, with that accrued from first."""
    since = loan.accrued_from or loan.dates[0]
    return list(loan.dates), [since, *(loan.accrued_to or loan.dates)]


class _Terms:
    """What the loan's payments are computed from: dates, year fractions, rates, instalments."""

    def __init__(self, loan: Loan, grid: Grid, indices: Indices) -> None:
        self.loan, self.indices = loan, indices
        self.free = loan.holiday + loan.interest_only
        self._period = (Fraction(0), Fraction(0), Fraction(0))
        if loan.dates:
            grid.slot(loan.dates[0])
            self.due, self.accrual = _named_dates(loan)
            self.fractions = _fractions(loan, self.accrual, self.accrual)
            return
        payments = loan.balloon_term or loan.remaining
        self.due = [grid.due(loan.next_due, loan.interval, n) for n in range(payments)]
        before = add_months(loan.next_due, -loan.interval) if loan.next_due else grid.start
        if loan.month_end:
            before, *self.due = map(month_end, (before, *self.due))
        # Without a date of its own a payment is due on the last day that it accrues.
        regular = [before, *(self.due if loan.next_due else (day + DAY for day in self.due))]
        self.accrual = [loan.accrued_from or before, *regular[1:]]
        if loan.maturity:
            self.due[loan.remaining - 1] = self.accrual[loan.remaining] = loan.maturity
        self.fractions = _fractions(loan, self.accrual, regular)

    def rate(self, number: int) -> Fraction:
        """The annual rate that payment `number` bears, from 0."""
        rate = self.loan.rate
        if not isinstance(rate, FloatingRate):
            return rate
        since = number - rate.fixed_payments
        if since < 0:
            return rate.current
        reset = self.accrual[number - since % rate.reset_every]
        found = index_at(self.indices, rate.index, reset) + rate.spread
        found = found if rate.cap is None else min(found, rate.cap)
        return found if rate.floor is None else max(found, rate.floor)

    def interest(self, number: int, rate: Fraction, balance: int) -> int:
        """What payment `number` bears on the balance."""
        fraction = self.fractions[number]
        if self._period[0] is not rate or self._period[1] is not fraction:
            self._period = (rate, fraction, rate * fraction)  # a product of fractions is slow
        period = self._period[2]
        return balance * period.numerator // period.denominator

    def base(self, balance: int, opening: int) -> int:
        """What interest is reckoned on."""
        loan = self.loan
        if loan.interest_on is InterestOn.OUTSTANDING or not loan.original_balance:
            return balance if loan.interest_on is InterestOn.OUTSTANDING else opening
        return opening * loan.original_balance // loan.balance if loan.balance else 0

    def rounded(self, parts: int) -> int:
        """As the lender pays it, in parts still."""
        rounding = self.loan.rounding
        return parts if rounding is None else rounding.ratio(parts, PARTS) * PARTS

    def instalment(self, number: int, balance: int, opening: int, before: int) -> int:
        """What is to be paid from payment `number` on, until the rate changes."""
        loan = self.loan
        if loan.payment is not None:
            return loan.payment * opening // loan.balance if loan.balance else 0
        if loan.amortisation is Amortisation.EQUAL_PRINCIPAL:
            if number > self.free:
                return before
            return self.rounded(balance // -(-(loan.remaining - self.free) // loan.principal_every))
        if loan.amortisation in (Amortisation.LEVEL, Amortisation.BALLOON):
            return self.rounded(
                balance * SURVIVAL // annuity(self.rate(number), self.fractions[number:])
            )
        return 0

    def principal(self, number: int, instalment: int, interest: int, opening: int) -> int:
        """The principal of a payment that is not the last; below zero if interest stays unpaid."""
        loan = self.loan
        if number < self.free or loan.amortisation is Amortisation.BULLET:
            return 0
        if loan.amortisation is Amortisation.CUSTOM:
            return loan.principal[number] * opening // loan.balance
        if loan.amortisation is Amortisation.EQUAL_PRINCIPAL:
            return 0 if (number - self.free + 1) % loan.principal_every else instalment
        return instalment - interest


def _fractions(loan: Loan, accrual: list[date], regular: list[date]) -> list[Fraction]:
    """The part of a year that each payment bears interest for."""
    if loan.day_count is None:
        return [Fraction(loan.interval, _MONTHS)] * (len(accrual) - 1)
    if not isinstance(loan.day_count, DayCount):
        return [loan.day_count(start, end) for start, end in pairwise(accrual)]
    earlier, later = (
        add_months(day, months)
        for day, months in ((regular[0], -loan.interval), (regular[-1], loan.interval))
    )
    count, around = loan.day_count, (earlier, *regular, later)
    often = _MONTHS // loan.interval
    try:
        return [
            year_fraction(
                count, start, end, reference=around, frequency=often, maturity=accrual[-1]
            )
            for start, end in pairwise(accrual)
        ]
    except ValueError as error:
        wrong = Complaint("/day_count", "pool.day_count", str(error))
        raise InvalidInput(f"loan {loan.id}", [wrong]) from error


def alike(loan: Loan) -> tuple[object, ...]:
    """The terms that make two loans pay in the same proportion: those of one key may be added up."""
    stated = loan.payment is not None or loan.principal
    own: tuple[object, ...] = (loan.balance, loan.payment, loan.principal) if stated else ()
    if loan.interest_on is InterestOn.ORIGINAL:
        own = (*own, loan.balance, loan.original_balance)
    if loan.rounding is not None:  # cents do not add up
        own = (*own, loan.rounding, loan.id)
    return (
        *(loan.rate, loan.remaining, loan.amortisation, loan.interval, loan.next_due),
        *(loan.accrued_from, loan.maturity, loan.day_count, loan.holiday, loan.holiday_interest),
        *(loan.interest_only, loan.balloon_term, loan.principal_every, loan.month_end, *own),
        *(loan.interest_every, loan.interest_on, loan.dates, loan.accrued_to),
    )
