"""Our dates and day counts against QuantLib's, an oracle that the application does without.

QuantLib is fed our holidays: its own calendars answer past their data without a word. Only dates
and days are compared exactly; its year fractions are floats.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
import QuantLib as ql  # noqa: N813 - as its own manual calls it
from hypothesis import given
from hypothesis import strategies as st

from issuer.calendars import load_calendar, load_joint_calendar
from issuer.documents.deal import load_deal
from issuer.domain.calendar import Convention
from issuer.domain.day_count import Accrual, DayCount, year_fraction
from issuer.domain.deal import Deal
from issuer.domain.schedule import Period, add_months, build_schedule, period_fraction

EXAMPLE = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")

CONVENTIONS = {
    Convention.FOLLOWING: ql.Following,
    Convention.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
    Convention.PRECEDING: ql.Preceding,
    Convention.MODIFIED_PRECEDING: ql.ModifiedPreceding,
    Convention.UNADJUSTED: ql.Unadjusted,
}
COUNTED = {
    DayCount.ACT_365F: (ql.Actual365Fixed(), 365),
    DayCount.ACT_360: (ql.Actual360(), 360),
    DayCount.THIRTY_360: (ql.Thirty360(ql.Thirty360.BondBasis), 360),
    DayCount.THIRTY_U_360: (ql.Thirty360(ql.Thirty360.USA), 360),
    DayCount.THIRTY_E_360: (ql.Thirty360(ql.Thirty360.European), 360),
}
PLACES = [("cn-ib",), ("sse",), ("hk",), ("hk", "cn-ib"), ("cn-ib", "sse"), ("hk", "sse", "cn-ib")]
PUBLISHED = [date(2023, 1, 1) + timedelta(n) for n in range(4 * 365 + 1)]

places = st.sampled_from(PLACES)
days = st.dates(date(2023, 1, 1), date(2030, 12, 31))


def to_ql(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def from_ql(day: ql.Date) -> date:
    return date.fromisoformat(day.ISO())


@cache
def fed(names: tuple[str, ...]) -> ql.BespokeCalendar:
    """QuantLib's machinery over our holidays; past the horizon weekends only, as we project."""
    ours = load_joint_calendar(names)
    theirs = ql.BespokeCalendar("+".join(names))
    theirs.addWeekend(ql.Saturday)
    theirs.addWeekend(ql.Sunday)
    for holiday in ours.holidays:
        theirs.addHoliday(to_ql(holiday))
    for worked in ours.working_weekends:
        theirs.removeHoliday(to_ql(worked))
    return theirs


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """The example, paid on other dates; interest begins so early that no date can come too late."""
    first, at_month_end = draw(days), draw(st.booleans())
    if at_month_end:
        first = add_months(first.replace(day=1), 1) - timedelta(1)
    begins = first - timedelta(draw(st.integers(35, 400)))
    terms = replace(
        EXAMPLE.schedule,
        closing=begins,
        accrual_start=begins,
        first_payment=first,
        payments=draw(st.integers(2, 40)),
        months=draw(st.sampled_from([1, 2, 3, 4, 6, 12])),
        first_collection_start=begins - timedelta(10),
        first_collection_end=first - timedelta(35),
        calendars=draw(places),
        convention=draw(st.sampled_from(Convention)),
        accrual=draw(st.sampled_from(Accrual)),
        day_count=draw(st.sampled_from(DayCount)),
        end_of_month=at_month_end,
    )
    return replace(EXAMPLE, schedule=terms)


def scheduled(deal: Deal) -> tuple[Period, ...]:
    return build_schedule(deal, load_joint_calendar(deal.schedule.calendars))


def schedule_of_ql(deal: Deal, convention: int) -> list[date]:
    """All payment dates. QuantLib steps from the first of them, as we do."""
    terms = deal.schedule
    last = add_months(terms.first_payment, terms.months * (terms.payments - 1))
    if terms.end_of_month:
        last = from_ql(ql.Date.endOfMonth(to_ql(last)))
    theirs = ql.Schedule(
        to_ql(terms.first_payment),
        to_ql(last),
        ql.Period(terms.months, ql.Months),
        fed(terms.calendars),
        convention,
        convention,
        ql.DateGeneration.Forward,
        terms.end_of_month,
    )
    return [from_ql(day) for day in theirs]


@given(deals())
def test_dates_of_a_schedule_agree(deal: Deal) -> None:
    terms, periods = deal.schedule, scheduled(deal)
    theirs, calendar = CONVENTIONS[terms.convention], fed(terms.calendars)
    assert [p.payment for p in periods] == schedule_of_ql(deal, theirs)
    adjusted = terms.accrual is Accrual.ADJUSTED
    edges = schedule_of_ql(deal, theirs if adjusted else ql.Unadjusted)
    assert [p.accrual_end for p in periods] == edges
    assert [p.accrual_start for p in periods] == [terms.accrual_start, *edges[:-1]]
    for period in periods:
        payment = to_ql(period.payment)
        for lag, ours in (
            (terms.record_lag, period.record_at),
            (terms.determination_lag, period.determination),
        ):
            assert ours == from_ql(calendar.advance(payment, -lag, ql.Days))


@given(deals())
def test_day_counts_of_a_schedule_agree(deal: Deal) -> None:
    for period in scheduled(deal):
        dates = to_ql(period.accrual_start), to_ql(period.accrual_end)
        for day_count, (theirs, year) in COUNTED.items():
            assert period_fraction(period, day_count) * year == theirs.dayCount(*dates)
        isda = ql.ActualActual(ql.ActualActual.ISDA).yearFraction(*dates)
        assert float(period_fraction(period, DayCount.ACT_ACT_ISDA)) == pytest.approx(isda, 1e-12)


@given(deals())
def test_icma_within_regular_periods_agrees(deal: Deal) -> None:
    theirs = ql.ActualActual(ql.ActualActual.ISMA)
    for period in scheduled(deal):
        if len(period.reference) > 2:  # QuantLib guesses the neighbours of a single period
            continue
        dates = map(to_ql, (period.accrual_start, period.accrual_end, *period.reference))
        ours = period_fraction(period, DayCount.ACT_ACT_ICMA)
        assert float(ours) == pytest.approx(theirs.yearFraction(*dates), 1e-12)


@given(st.sampled_from(list(COUNTED)), days, days)
def test_day_counts_of_any_two_dates_agree(day_count: DayCount, one: date, other: date) -> None:
    start, end = sorted((one, other))
    theirs, year = COUNTED[day_count]
    days_of_ql = theirs.dayCount(to_ql(start), to_ql(end))
    assert year_fraction(day_count, start, end) * year == days_of_ql


@given(days, days, st.booleans())
def test_thirty_days_a_month_to_maturity_agree(one: date, other: date, matures: bool) -> None:
    start, end = sorted((one, other))
    maturity = end if matures else None
    theirs = ql.Thirty360(ql.Thirty360.ISDA, to_ql(end) if matures else ql.Date())
    ours = year_fraction(DayCount.THIRTY_E_360_ISDA, start, end, maturity=maturity)
    assert ours * 360 == theirs.dayCount(to_ql(start), to_ql(end))


@given(places, days, st.sampled_from(Convention), st.integers(-80, 80))
def test_rolling_and_counting_agree(
    names: tuple[str, ...], day: date, convention: Convention, count: int
) -> None:
    ours, theirs = load_joint_calendar(names), fed(names)
    rolled = ours.roll(day, convention, allow_projected=True).date
    assert rolled == from_ql(theirs.adjust(to_ql(day), CONVENTIONS[convention]))
    if count:
        later = ours.add_business_days(day, count, allow_projected=True).date
        assert later == from_ql(theirs.advance(to_ql(day), count, ql.Days))
    end = day + timedelta(abs(count))
    between = ours.business_days_between(day, end, allow_projected=True).days
    assert between == theirs.businessDaysBetween(to_ql(day), to_ql(end), False, True)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("cn-ib", ql.China(ql.China.IB)),
        ("sse", ql.China(ql.China.SSE)),
        ("hk", ql.HongKong()),
    ],
)
def test_published_holidays_are_quantlibs_own(name: str, theirs: ql.Calendar) -> None:
    ours = load_calendar(name)
    for day in PUBLISHED:
        assert ours.is_business_day(day) == theirs.isBusinessDay(to_ql(day)), day
