"""Interest accrued in pieces is interest accrued at once, where the day count lets it be."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.day_count import DayCount, days_30_360, year_fraction
from issuer.domain.schedule import add_months

starts = st.dates(date(2000, 1, 1), date(2100, 1, 1))
lengths = st.integers(0, 1500)
ADDITIVE = [each for each in DayCount if each not in (DayCount.THIRTY_360, DayCount.THIRTY_U_360)]


@pytest.mark.parametrize("day_count", ADDITIVE)
@given(start=starts, first=lengths, second=lengths, months=st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_accrual_in_pieces_is_accrual_at_once(
    day_count: DayCount, start: date, first: int, second: int, months: int
) -> None:
    middle = start + timedelta(first)
    end = middle + timedelta(second)
    turns = [add_months(start.replace(day=1), months * n) for n in range(3100 // 28 // months + 2)]

    def fraction(a: date, b: date) -> Fraction:
        return year_fraction(day_count, a, b, reference=turns, frequency=12 // months)

    assert fraction(start, end) == fraction(start, middle) + fraction(middle, end)


@given(starts, lengths, lengths)
def test_thirty_days_a_month_lose_at_most_a_day_at_a_split(
    start: date, first: int, second: int
) -> None:
    middle = start + timedelta(first)
    end = middle + timedelta(second)
    lost = days_30_360(start, end) - days_30_360(start, middle) - days_30_360(middle, end)
    assert lost in (-1, 0, 1)
    if 31 not in (middle.day, end.day):
        assert lost == 0


@given(starts, lengths)
def test_thirty_days_a_month_are_a_year_in_a_year(start: date, more: int) -> None:
    # From the 30th on the end of February is short of days; earlier no date is moved.
    start = start.replace(day=min(start.day, 28))
    end = start + timedelta(more)
    assert days_30_360(start, start.replace(year=start.year + 1)) == 360
    assert days_30_360(start, end) <= days_30_360(start, end + timedelta(1))
