"""A tape grouped into lines: totals kept, averages exact, the difference said."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.pool.assumptions import Assumptions, Cdr, Cpr
from issuer.domain.pool.curves import constant
from issuer.domain.pool.grouping import grouping_difference
from issuer.domain.pool.loan import Amortisation, FloatingRate, Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import project_pool
from issuer.domain.pool.rep_lines import GroupField, Key, group_loans

M = 1_000_000
RATE = Key(GroupField.RATE)
RATE_BAND = Key(GroupField.RATE, Fraction(1, 100))
REMAINING = Key(GroupField.REMAINING)
YEARS = Key(GroupField.REMAINING, Fraction(12))
X = Assumptions(prepayment=Cpr(constant(Fraction(8, 100))), default=Cdr(constant(Fraction(2, 100))))


def loan(name: str, balance: int, rate: str, remaining: int, **other: object) -> Loan:
    base = Loan(id=name, balance=balance, rate=Fraction(rate), remaining=remaining)
    return replace(base, **other)  # type: ignore[arg-type]


TAPE = (
    loan("A", 300 * M, "0.040", 24, age=2, original_balance=310 * M),
    loan("B", 100 * M, "0.048", 28, age=6),
    loan("C", 200 * M, "0.052", 30),
    loan("D", 50 * M, "0.040", 24, amortisation=Amortisation.BULLET),
)


def test_a_line_has_the_totals_and_the_weighted_averages() -> None:
    lines = group_loans(TAPE, [RATE_BAND, YEARS])
    assert [(line.id, line.count, line.balance) for line in lines] == [
        ("A", 2, 400 * M),
        ("C", 1, 200 * M),
        ("D", 1, 50 * M),
    ]
    first = lines[0]
    assert (first.wac, first.wam, first.wala) == (Fraction("0.042"), 25, 3)
    assert (first.loan.rate, first.loan.remaining, first.age) == (Fraction("0.042"), 25, 3)
    assert first.loan.original_balance == 410 * M
    assert sum(line.balance for line in lines) == sum(loan.balance for loan in TAPE)


def test_a_key_left_out_keeps_nothing_apart_and_averages_round_half_up() -> None:
    pair = (loan("A", M, "0.05", 10, age=1), loan("B", M, "0.05", 11, age=2))
    (line,) = group_loans(pair, [RATE])
    assert (line.wam, line.loan.remaining, line.wala, line.age) == (
        *(Fraction(21, 2), 11),
        *(Fraction(3, 2), 2),
    )
    assert len(group_loans(pair, [RATE, REMAINING])) == 2


def test_floating_loans_go_with_their_like_only() -> None:
    hibor = FloatingRate(index="HIBOR", spread=Fraction(1, 100))
    wider = replace(hibor, spread=Fraction(2, 100))
    loans = [
        Loan(id=name, balance=M, rate=rate, remaining=12)
        for name, rate in (("A", hibor), ("B", wider), ("C", hibor))
    ]
    lines = group_loans(loans, [RATE_BAND])
    assert [(line.count, line.wac) for line in lines] == [(2, None), (1, None)]
    assert lines[0].loan.rate == hibor


def test_stated_amounts_are_added_up() -> None:
    due = {"amortisation": Amortisation.CUSTOM, "principal": (M, 2 * M)}
    custom = [loan(name, 3 * M, "0.05", 2, **due) for name in "AB"]
    (line,) = group_loans(custom, [])
    assert line.loan.principal == (2 * M, 4 * M)
    paying = [loan(name, 3 * M, "0.05", 12, payment=M) for name in "AB"]
    assert [line.loan.payment for line in group_loans(paying, [])] == [2 * M]
    assert len(group_loans([*paying, loan("C", 3 * M, "0.05", 12, payment=2 * M)], [])) == 2


def test_loans_without_a_balance_have_plain_averages() -> None:
    (line,) = group_loans([loan("A", 0, "0.04", 10), loan("B", 0, "0.06", 12)], [])
    assert (line.balance, line.wac, line.wam) == (0, Fraction("0.05"), 11)


def test_grouping_loans_alike_changes_nothing() -> None:
    loans = [replace(loan, id=f"{loan.id}{n}") for loan in TAPE for n in range(3)]
    lines = group_loans(loans, [RATE, REMAINING])
    by_loan, grouped = (project_pool(assets, X, months(36)) for assets in (loans, lines))
    assert grouped == by_loan


def test_the_difference_that_grouping_makes_is_reported() -> None:
    by_loan = project_pool(TAPE, X, months(36))
    grouped = project_pool(group_loans(TAPE, []), X, months(36))
    found = grouping_difference(grouped, by_loan)
    distances = [a.closing - b.closing for a, b in zip(grouped, by_loan, strict=True)]
    assert abs(found.largest_balance) == max(map(abs, distances)) > 0
    assert distances[found.in_period - 1] == found.largest_balance
    assert found.of_opening == Fraction(abs(found.largest_balance), 650 * M)
    total = sum(row.interest for row in grouped) - sum(row.interest for row in by_loan)
    assert found.interest == total != 0
    # All is repaid or defaulted either way, and all that defaults is lost here.
    assert found.principal == -found.losses
    assert found.recoveries == 0


def test_projections_over_other_periods_are_not_compared() -> None:
    one, other = (project_pool(TAPE, X, months(n)) for n in (12, 13))
    with pytest.raises(InvalidInput, match="must be the same in both"):
        grouping_difference(one, other)


def test_dates_keep_loans_apart() -> None:
    loans = [
        loan(name, M, "0.05", 12, next_due=date(2026, 1, day)) for name, day in (("A", 1), ("B", 2))
    ]
    assert len(group_loans(loans, [])) == 2


def test_a_key_has_a_width_above_zero() -> None:
    with pytest.raises(InvalidInput, match="above zero"):
        Key(GroupField.AGE, Fraction(0))
