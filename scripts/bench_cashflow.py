"""How long a pool's projection takes, exactly and in floats, side by side in one run.

10,000 level loans with 60 to 360 months left, CPR 8%, CDR 2%, severity 40%, recovery after six
months. Times are the best of some runs, in seconds of the processor, so that a busy machine counts
less. numpy is measured where it is installed (`make bench` installs it); nothing else uses it.
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from issuer.domain.pool.assumptions import Assumptions, Cdr, Cpr
from issuer.domain.pool.curves import constant
from issuer.domain.pool.grouping import grouping_difference
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import contract_flows
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.pool.rates import single_monthly_mortality
from issuer.domain.pool.rep_lines import GroupField, Key, group_loans

T = TypeVar("T")
MONTHS, LAG, LOANS = 360, 6, 10_000
CPR, CDR, SEVERITY = Fraction(8, 100), Fraction(2, 100), Fraction(40, 100)
TERMS = Assumptions(
    prepayment=Cpr(constant(CPR)),
    default=Cdr(constant(CDR)),
    severity=SEVERITY,
    recovery_lag=LAG,
)
KEYS = [Key(GroupField.RATE, Fraction(1, 200)), Key(GroupField.REMAINING, Fraction(12))]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run collects, in coin."""

    interest: float
    principal: float
    defaulted: float
    recoveries: float


def tape(count: int) -> list[Loan]:
    """Loans of rates from 3% to 9% in hundredths of a per cent; the same in every run."""
    chance = random.Random(20_261_122)  # noqa: S311 - no secret: the same tape is wanted
    return [
        Loan(
            id=str(number),
            balance=chance.randrange(50_000, 2_000_000) * 1_000_000,
            rate=Fraction(chance.randrange(300, 900), 10_000),
            remaining=chance.randrange(60, MONTHS + 1),
            age=chance.randrange(60),
        )
        for number in range(count)
    ]


def in_coin(rows: tuple[PoolPeriod, ...]) -> Totals:
    """The sums of an exact projection."""
    names = ("interest", "principal", "defaulted", "recoveries")
    return Totals(*(sum(getattr(row, name) for row in rows) / 10**6 for name in names))


def python_floats(loans: list[Loan]) -> Totals:
    """The plain loop: every loan, every month, in floats."""
    smm, mdr = float(single_monthly_mortality(CPR)), float(single_monthly_mortality(CDR))
    interest = principal = defaulted = recoveries = 0.0
    for loan in loans:
        balance, rate = loan.balance / 10**6, float(loan.rate) / 12
        for left in range(loan.remaining, 0, -1):
            lost = balance * mdr
            balance -= lost
            due = balance * rate
            paid = balance if left == 1 else due / (1 - (1 + rate) ** -left) - due
            prepaid = (balance - paid) * smm
            interest += due
            principal += paid + prepaid
            defaulted += lost
            recoveries += lost * 0.6
            balance -= paid + prepaid
    return Totals(interest, principal, defaulted, recoveries)


def numpy_floats(numpy: Any, loans: list[Loan]) -> Totals:
    """All loans at once, month by month."""
    smm, mdr = float(single_monthly_mortality(CPR)), float(single_monthly_mortality(CDR))
    balance = numpy.array([loan.balance for loan in loans], dtype=float) / 1e6
    rate = numpy.array([float(loan.rate) for loan in loans]) / 12
    left = numpy.array([loan.remaining for loan in loans])
    share = rate / (1 - (1 + rate) ** -left)  # the instalment per unit of balance, month by month
    interest = principal = defaulted = recoveries = 0.0
    for _ in range(MONTHS):
        lost = balance * mdr
        balance -= lost
        due = balance * rate
        paid = numpy.where(left <= 1, balance, balance * share - due)
        prepaid = (balance - paid) * smm
        balance -= paid + prepaid
        share = numpy.minimum(share / (1 - numpy.minimum(share - rate, 0.999)), 2)
        left -= 1
        interest += due.sum()
        principal += (paid + prepaid).sum()
        defaulted += lost.sum()
        recoveries += lost.sum() * 0.6
    return Totals(float(interest), float(principal), float(defaulted), float(recoveries))


def best_of(count: int, work: Callable[[], T]) -> tuple[float, T]:
    """The shortest of `count` runs, and what the work gave."""
    times = []
    for _ in range(count):
        started = time.process_time()
        result = work()
        times.append(time.process_time() - started)
    return min(times), result


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LOANS
    loans, periods = tape(count), months(MONTHS + LAG)
    loan_months = sum(loan.remaining for loan in loans)
    print(f"{count:,} loans, {loan_months:,} loan-months, Python {sys.version.split()[0]}")
    lines = group_loans(loans, KEYS)
    exact, by_loan = best_of(3, lambda: project_pool(loans, TERMS, periods))
    quick, grouped = best_of(3, lambda: project_pool(lines, TERMS, periods))
    grouping, _ = best_of(1, lambda: group_loans(loans, KEYS))
    few = loans[: count // 20]
    each, _ = best_of(1, lambda: [contract_flows(loan, periods) for loan in few])
    plain, floats = best_of(2, lambda: python_floats(loans))
    results = [
        ("exact, loan by loan", exact, in_coin(by_loan)),
        (f"exact, {len(lines)} lines (and {grouping:.2f} s to group)", quick, in_coin(grouped)),
        ("plain Python floats", plain, floats),
    ]
    try:
        numpy = importlib.import_module("numpy")
        fast, vector = best_of(3, lambda: numpy_floats(numpy, loans))
        results.append((f"numpy {numpy.__version__} floats", fast, vector))
    except ModuleNotFoundError:
        print("numpy is not installed: `make bench` installs it")
    for name, seconds, totals in results:
        print(f"  {name:42} {seconds:8.3f} s {seconds / exact:6.2f} x", end="")
        print(f"   interest {totals.interest:,.2f}, defaulted {totals.defaulted:,.2f}")
    rows = sum(loan.remaining for loan in few)
    print(
        f"  a schedule of its own for each of {len(few):,} loans: {each:.3f} s, {rows:,} dated rows"
    )
    found = grouping_difference(grouped, by_loan)
    print(
        f"grouping: interest {found.interest / 10**6:+,.2f}, at most {float(found.of_opening):.5%} "
        f"of the pool between the balances (month {found.in_period})"
    )


if __name__ == "__main__":
    main()
