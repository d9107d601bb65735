"""DSCR, IC and OC: exact ratios, and none where nothing is due."""

from fractions import Fraction

from issuer.domain.analytics.coverage import (
    debt_service_coverage,
    interest_coverage,
    overcollateralisation,
)
from tests.support.refused import refused


def test_cover_debt_service_period_by_period() -> None:
    found = debt_service_coverage([130, 90, 500], [100, 120, 200])
    assert found.periods == (Fraction(13, 10), Fraction(3, 4), Fraction(5, 2))
    assert found.minimum == Fraction(3, 4)
    assert found.average == Fraction(91, 60)
    assert found.overall == Fraction(720, 420)


def test_cover_where_nothing_is_due_is_no_ratio() -> None:
    found = debt_service_coverage([130, 90], [100, 0])
    assert found.periods == (Fraction(13, 10), None)
    assert found.minimum == found.average == found.overall == Fraction(13, 10)
    none = debt_service_coverage([5], [0])
    assert (none.periods, none.minimum, none.average, none.overall) == ((None,), None, None, None)
    assert debt_service_coverage([], []).periods == ()


def test_cover_by_cash_below_zero_is_below_zero() -> None:
    # Operating costs may exceed what was collected.
    assert debt_service_coverage([-50], [100]).minimum == Fraction(-1, 2)


def test_cover_of_periods_that_differ_or_of_negative_service_refused() -> None:
    with refused("/available", "analytics.periods.differ"):
        debt_service_coverage([1, 2], [1])
    with refused("/service/1", "analytics.amount.negative"):
        debt_service_coverage([1, 2], [1, -1])


def test_interest_of_a_class_is_covered_after_those_before_it() -> None:
    assert interest_coverage(110, [0, 50, 50]) == (None, Fraction(11, 5), Fraction(11, 10))
    with refused("/interest_due/0", "analytics.amount.negative"):
        interest_coverage(110, [-1])


def test_collateral_covers_a_class_after_those_before_it() -> None:
    found = overcollateralisation(450, [50, 100, 150, 200])
    assert found == (9, 3, Fraction(3, 2), Fraction(9, 10))
    with refused("/balances/1", "analytics.amount.negative"):
        overcollateralisation(450, [50, -100])
