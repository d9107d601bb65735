"""Business days: holidays, working weekends, rolling, and failing closed past the horizon."""

from datetime import date

import pytest

from issuer.calendars import calendar_names, load_calendar, load_joint_calendar
from issuer.domain.calendar import CalendarHorizonError, Convention, HolidayCalendar, joint
from issuer.domain.errors import NotFound

CHINA = load_calendar("cn-ib")
HONG_KONG = load_calendar("hk")
SHANGHAI = load_calendar("sse")
BOTH = load_joint_calendar(["hk", "cn-ib"])


def test_china_spring_festival_2026_is_off_and_two_saturdays_are_worked() -> None:
    assert not any(CHINA.is_business_day(date(2026, 2, day)) for day in range(15, 24))
    assert CHINA.is_business_day(date(2026, 2, 14))
    assert CHINA.is_business_day(date(2026, 2, 28))
    assert not CHINA.is_business_day(date(2026, 2, 7))


def test_hong_kong_works_no_weekend() -> None:
    assert not HONG_KONG.working_weekends
    assert HONG_KONG.is_business_day(date(2026, 2, 16))
    assert not HONG_KONG.is_business_day(date(2026, 7, 1))


@pytest.mark.parametrize("calendar", [CHINA, HONG_KONG, SHANGHAI])
def test_data_are_consistent(calendar: HolidayCalendar) -> None:
    assert (calendar.start, calendar.horizon) == (date(2023, 1, 1), date(2026, 12, 31))
    assert all(day.weekday() < 5 for day in calendar.holidays)
    assert all(day.weekday() >= 5 for day in calendar.working_weekends)
    assert all(calendar.covers(day) for day in calendar.holidays | calendar.working_weekends)
    assert {day.year for day in calendar.holidays} == {2023, 2024, 2025, 2026}


def test_joint_is_business_only_where_business_in_all() -> None:
    for day in (date(2026, 2, 16), date(2026, 7, 1), date(2026, 2, 14)):
        assert not BOTH.is_business_day(
            day
        )  # China off; Hong Kong off; a Saturday only China works
    assert BOTH.is_business_day(date(2026, 7, 15))
    assert BOTH.name == "hk+cn-ib"


def test_joint_of_nothing_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        joint()


@pytest.mark.parametrize(
    ("day", "convention", "expected"),
    [
        (date(2026, 7, 15), Convention.FOLLOWING, date(2026, 7, 15)),
        (date(2026, 10, 1), Convention.FOLLOWING, date(2026, 10, 8)),
        (date(2026, 10, 1), Convention.PRECEDING, date(2026, 9, 30)),
        (date(2026, 10, 1), Convention.UNADJUSTED, date(2026, 10, 1)),
        (date(2026, 1, 31), Convention.MODIFIED_FOLLOWING, date(2026, 1, 30)),
        (date(2026, 8, 1), Convention.MODIFIED_FOLLOWING, date(2026, 8, 3)),
        (date(2026, 1, 31), Convention.MODIFIED_PRECEDING, date(2026, 1, 30)),
        (date(2026, 8, 1), Convention.MODIFIED_PRECEDING, date(2026, 8, 3)),
    ],
)
def test_roll_by_convention(day: date, convention: Convention, expected: date) -> None:
    rolled = BOTH.roll(day, convention)
    assert (rolled.date, rolled.projected) == (expected, False)


def test_regulators_clock_counts_prc_working_days_over_spring_festival() -> None:
    asked = date(2026, 2, 13)
    assert CHINA.add_business_days(asked, 1).date == date(2026, 2, 14)
    assert CHINA.add_business_days(asked, 2).date == date(2026, 2, 24)
    assert CHINA.add_business_days(asked, 6).date == date(2026, 2, 28)
    assert CHINA.business_days_between(asked, date(2026, 2, 28)).days == 6


@pytest.mark.parametrize("count", [-30, -5, -1, 0, 1, 5, 30])
def test_between_is_the_inverse_of_adding(count: int) -> None:
    start = date(2026, 5, 8)
    end = BOTH.add_business_days(start, count).date
    assert BOTH.business_days_between(start, end).days == count


def test_add_nothing_stays_even_on_a_holiday() -> None:
    assert BOTH.add_business_days(date(2026, 10, 1), 0).date == date(2026, 10, 1)


def test_exchange_closes_on_weekends_that_banks_work() -> None:
    saturday = date(2026, 2, 14)
    assert CHINA.is_business_day(saturday)
    assert not SHANGHAI.is_business_day(saturday)


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2022, 12, 30)])
def test_outside_the_data_refused(day: date) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        BOTH.roll(day, Convention.FOLLOWING)
    assert refusal.value.error_code == "calendar.horizon"
    assert refusal.value.facts["date"] == day.isoformat()
    assert "allow projected" in refusal.value.message


def test_outside_the_data_projected_where_allowed() -> None:
    rolled = BOTH.roll(date(2027, 1, 2), Convention.FOLLOWING, allow_projected=True)
    assert (rolled.date, rolled.projected) == (date(2027, 1, 4), True)
    unadjusted = BOTH.roll(date(2027, 1, 2), Convention.UNADJUSTED)
    assert (unadjusted.date, unadjusted.projected) == (date(2027, 1, 2), False)


def test_a_step_across_the_horizon_is_projected() -> None:
    across = BOTH.add_business_days(date(2027, 1, 4), -2, allow_projected=True)
    assert (across.date, across.projected) == (date(2026, 12, 31), True)
    counted = BOTH.business_days_between(date(2026, 12, 30), date(2027, 1, 4), allow_projected=True)
    assert (counted.days, counted.projected) == (3, True)
    back = BOTH.business_days_between(date(2027, 1, 4), date(2026, 12, 30), allow_projected=True)
    assert (back.days, back.projected) == (-3, True)
    with pytest.raises(CalendarHorizonError):
        BOTH.add_business_days(date(2026, 12, 31), 1)
    with pytest.raises(CalendarHorizonError, match="2027-01-04 lies outside"):
        BOTH.add_business_days(date(2026, 12, 30), 3)
    with pytest.raises(CalendarHorizonError):
        BOTH.business_days_between(date(2026, 12, 30), date(2027, 1, 4))
    with pytest.raises(CalendarHorizonError, match="2027-01-04 lies outside"):
        BOTH.is_business_day(date(2027, 1, 4))
    assert BOTH.is_business_day(date(2027, 1, 4), allow_projected=True)
    assert BOTH.business_days_between(date(2027, 1, 4), date(2027, 1, 4)).days == 0


def test_day_that_is_counted_from_is_not_asked_about() -> None:
    back = BOTH.add_business_days(date(2027, 1, 1), -1)
    assert (back.date, back.projected) == (date(2026, 12, 31), False)
    assert BOTH.business_days_between(date(2027, 1, 1), date(2026, 12, 31)).days == -1


def test_unknown_calendar_refused() -> None:
    assert calendar_names() == ("cn-ib", "hk", "sse")
    for name in ("us", "../calendars/hk", ""):
        with pytest.raises(NotFound) as refusal:
            load_calendar(name)
        assert refusal.value.error_code == "calendar.not_found"
