"""The dates of the example deal, and the terms that move them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import load_deal
from issuer.domain.calendar import CalendarHorizonError, Convention
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput
from issuer.domain.schedule import (
    Period,
    add_months,
    build_schedule,
    period_fraction,
    periods_between,
    record_closing,
    regular_periods,
)

DEAL = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
CALENDAR = load_joint_calendar(DEAL.schedule.calendars)


def schedule(**changes: Any) -> tuple[Period, ...]:
    deal: Deal = replace(DEAL, schedule=replace(DEAL.schedule, **changes))
    return build_schedule(deal, CALENDAR)


def test_first_period_is_the_worked_example() -> None:
    assert schedule()[0] == Period(
        number=1,
        collection_start=date(2026, 4, 1),
        collection_end=date(2026, 6, 30),
        determination=date(2026, 7, 8),
        record_at=date(2026, 7, 10),
        payment=date(2026, 7, 15),
        accrual_start=date(2026, 4, 15),
        accrual_end=date(2026, 7, 15),
        days=91,
        year_fraction=Fraction(91, 365),
        projected=False,
        reference=(date(2026, 4, 15), date(2026, 7, 15)),
        frequency=4,
        maturity=date(2027, 7, 15),
        unadjusted=(date(2026, 4, 15), date(2026, 7, 15)),
        adjusted=(date(2026, 4, 15), date(2026, 7, 15)),
    )


def test_a_class_may_accrue_to_the_day_paid_where_the_schedule_names_dates() -> None:
    """15 November 2026 is a Sunday: the payment is made on Monday."""
    first, second = schedule(
        first_payment=date(2026, 11, 15), payments=2, accrual_start=date(2026, 8, 15)
    )
    assert first.payment == date(2026, 11, 16)
    assert first.year_fraction == Fraction(92, 365)
    assert period_fraction(first, DayCount.ACT_360, Accrual.ADJUSTED) == Fraction(93, 360)
    assert period_fraction(first, DayCount.ACT_360, Accrual.UNADJUSTED) == Fraction(92, 360)
    assert first.adjusted == (date(2026, 8, 15), date(2026, 11, 16))
    assert second.adjusted == (date(2026, 11, 16), date(2027, 2, 15))
    by_hand = replace(first, adjusted=None)
    assert period_fraction(by_hand, DayCount.ACT_360, Accrual.ADJUSTED) == Fraction(92, 360)


def test_record_date_closes_at_the_announced_hour() -> None:
    assert record_closing(DEAL, schedule()[0]) == datetime(2026, 7, 10, 10, 0, tzinfo=UTC)


def test_later_periods_follow_without_a_gap() -> None:
    periods = schedule()
    assert [p.number for p in periods] == [1, 2, 3, 4, 5]
    assert [p.days for p in periods] == [91, 92, 92, 90, 91]
    assert periods[1].payment == date(2026, 10, 15)
    assert (periods[1].collection_start, periods[1].collection_end) == (
        date(2026, 7, 1),
        date(2026, 9, 30),
    )
    for before, after in pairwise(periods):
        assert after.accrual_start == before.accrual_end
        assert after.collection_start == before.collection_end + timedelta(days=1)


def test_payments_past_the_published_holidays_are_projected() -> None:
    assert [p.projected for p in schedule()] == [False, False, True, True, True]


def test_record_date_past_the_published_holidays_is_projected_too() -> None:
    # An unadjusted payment asks no calendar, but its record date does.
    last = schedule(convention=Convention.UNADJUSTED, payments=3)[-1]
    assert (last.payment, last.projected) == (date(2027, 1, 15), True)


def test_payments_past_the_published_holidays_refused_unless_allowed() -> None:
    with pytest.raises(CalendarHorizonError):
        schedule(allow_projected=False)
    assert not any(p.projected for p in schedule(allow_projected=False, payments=2))


def test_payment_on_a_holiday_rolls_but_interest_does_not() -> None:
    first = schedule(first_payment=date(2026, 7, 19), payments=1)[0]
    assert (first.payment, first.accrual_end, first.days) == (
        date(2026, 7, 20),
        date(2026, 7, 19),
        95,
    )
    stays = schedule(first_payment=date(2026, 7, 19), payments=1, convention=Convention.UNADJUSTED)
    assert stays[0].payment == date(2026, 7, 19)


def test_month_ends_do_not_drift() -> None:
    periods = schedule(first_payment=date(2026, 8, 31), payments=4, months=3)
    assert [p.accrual_end for p in periods] == [
        date(2026, 8, 31),
        date(2026, 11, 30),
        date(2027, 2, 28),
        date(2027, 5, 31),
    ]


def test_month_ends_are_kept_from_a_shorter_month_on() -> None:
    periods = schedule(first_payment=date(2026, 9, 30), payments=3, end_of_month=True)
    assert [p.accrual_end for p in periods] == [
        date(2026, 9, 30),
        date(2026, 12, 31),
        date(2027, 3, 31),
    ]
    assert periods[0].reference == (date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30))
    plain = schedule(first_payment=date(2026, 9, 30), payments=2)
    assert plain[1].accrual_end == date(2026, 12, 30)


# 19 July 2026 is a Sunday, 19 October a holiday in Hong Kong: both are paid a day late.
LATE = {"first_payment": date(2026, 7, 19), "payments": 3}


def test_adjusted_interest_runs_from_payment_to_payment() -> None:
    periods = schedule(**LATE, accrual=Accrual.ADJUSTED)
    assert [(p.accrual_start, p.accrual_end, p.days) for p in periods] == [
        (date(2026, 4, 15), date(2026, 7, 20), 96),
        (date(2026, 7, 20), date(2026, 10, 20), 92),
        (date(2026, 10, 20), date(2027, 1, 19), 91),
    ]
    assert all(p.accrual_end == p.payment for p in periods)
    assert [p.year_fraction for p in periods] == [Fraction(p.days, 365) for p in periods]


def test_unadjusted_interest_runs_between_the_dates_named() -> None:
    periods = schedule(**LATE, accrual=Accrual.UNADJUSTED)
    assert [p.days for p in periods] == [95, 92, 92]
    assert [p.payment for p in periods] == [p.payment for p in schedule(**LATE)]


def test_day_interest_begins_on_never_rolls() -> None:
    sunday = date(2026, 4, 19)
    for accrual in Accrual:
        first = schedule(accrual_start=sunday, accrual=accrual, payments=1)[0]
        assert first.accrual_start == sunday


def test_adjusted_interest_that_would_begin_with_its_payment_refused() -> None:
    # Sunday 19 July is paid on Friday 17 July, which is when interest begins.
    terms = {
        "first_payment": date(2026, 7, 19),
        "accrual_start": date(2026, 7, 17),
        "convention": Convention.PRECEDING,
        "payments": 1,
    }
    assert schedule(**terms)[0].days == 2
    with pytest.raises(InvalidInput) as refusal:
        schedule(**terms, accrual=Accrual.ADJUSTED)
    assert [c.path for c in refusal.value.complaints] == ["/schedule/accrual_start"]


def test_adjusted_interest_from_a_guessed_payment_is_projected() -> None:
    # Before its start the calendar knows as little as past its horizon: the second period's record
    # and payment are known, and its interest is only if it does not begin with the first payment.
    early = {
        "closing": date(2022, 9, 15),
        "accrual_start": date(2022, 9, 15),
        "first_payment": date(2022, 12, 15),
        "first_collection_start": date(2022, 9, 1),
        "first_collection_end": date(2022, 11, 30),
        "payments": 2,
    }
    assert [p.projected for p in schedule(**early)] == [True, False]
    assert [p.projected for p in schedule(**early, accrual=Accrual.ADJUSTED)] == [True, True]


# The example's five quarters, 15th to 15th, of 91, 92, 92, 90 and 91 days.
@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        (DayCount.ACT_365F, [Fraction(days, 365) for days in (91, 92, 92, 90, 91)]),
        (DayCount.ACT_360, [Fraction(days, 360) for days in (91, 92, 92, 90, 91)]),
        (DayCount.THIRTY_360, [Fraction(1, 4)] * 5),
        (DayCount.ACT_ACT_ICMA, [Fraction(1, 4)] * 5),
        (DayCount.ACT_ACT_ISDA, [Fraction(days, 365) for days in (91, 92, 92, 90, 91)]),
    ],
)
def test_year_fraction_is_by_the_deals_day_count(
    day_count: DayCount, expected: list[Fraction]
) -> None:
    periods = schedule(day_count=day_count)
    assert [p.year_fraction for p in periods] == expected
    # ... and by any other on request, for a class with a day count of its own.
    assert [period_fraction(p, day_count) for p in schedule()] == expected


def test_short_first_period_is_its_share_of_the_regular_one() -> None:
    first = schedule(accrual_start=date(2026, 5, 15))[0]
    assert first.reference == (date(2026, 4, 15), date(2026, 7, 15))
    assert period_fraction(first, DayCount.ACT_ACT_ICMA) == Fraction(61, 4 * 91)


def test_long_first_period_is_a_regular_one_and_the_share_of_another() -> None:
    first = schedule(
        closing=date(2026, 3, 1),
        accrual_start=date(2026, 3, 1),
    )[0]
    assert first.reference == (date(2026, 1, 15), date(2026, 4, 15), date(2026, 7, 15))
    expected = Fraction(45, 4 * 90) + Fraction(1, 4)
    assert period_fraction(first, DayCount.ACT_ACT_ICMA) == expected


def test_late_payment_takes_icmas_days_from_the_next_regular_period() -> None:
    second = schedule(**LATE, accrual=Accrual.ADJUSTED)[1]
    assert second.reference == (date(2026, 7, 19), date(2026, 10, 19), date(2027, 1, 19))
    expected = Fraction(91, 4 * 92) + Fraction(1, 4 * 92)
    assert period_fraction(second, DayCount.ACT_ACT_ICMA) == expected


@pytest.mark.parametrize("months", [1, 5])
def test_frequency_is_said_where_periods_divide_the_year(months: int) -> None:
    first = schedule(months=months, payments=1)[0]
    assert first.frequency == (12 if months == 1 else None)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 15), 3, date(2027, 2, 15)),
    ],
)
def test_add_months_clamps_to_the_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_collection_ending_after_determination_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        schedule(first_collection_end=date(2026, 7, 9), payments=1)
    assert refusal.value.complaints[0].path == "/schedule/first_collection/end"


def test_closing_after_the_first_record_date_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        schedule(closing=date(2026, 7, 10), accrual_start=date(2026, 7, 10), payments=1)
    assert [c.path for c in refusal.value.complaints] == ["/schedule/closing"]


def test_regular_periods_are_paid_on_the_day_they_end_from_what_was_collected_in_them() -> None:
    first, second = regular_periods(date(2026, 1, 31), 2, months=1)
    assert (first.collection_start, first.collection_end) == (date(2026, 1, 31), date(2026, 2, 27))
    assert first.payment == second.accrual_start == second.collection_start == date(2026, 2, 28)
    assert (first.year_fraction, second.year_fraction) == (Fraction(28, 360), Fraction(33, 360))
    assert second.payment == second.maturity == date(2026, 3, 31)


def test_periods_between_printed_dates_count_their_days() -> None:
    dates = [date(2020, 6, 20), date(2020, 7, 20), date(2020, 8, 21)]
    assert [each.year_fraction for each in periods_between(dates)] == [
        Fraction(30, 365),
        Fraction(32, 365),
    ]
    assert [each.year_fraction for each in periods_between(dates, DayCount.ACT_ACT_ICMA, 12)] == [
        Fraction(1, 12),
        Fraction(1, 12),
    ]
    in_order = [period_fraction(each, DayCount.THIRTY_360) for each in periods_between(dates)]
    assert in_order == [Fraction(30, 360), Fraction(31, 360)]


@pytest.mark.parametrize("dates", [(), (date(2020, 6, 20),), (date(2020, 6, 20),) * 2])
def test_dates_that_make_no_periods_are_refused(dates: tuple[date, ...]) -> None:
    with pytest.raises(InvalidInput, match="each later than the one before"):
        periods_between(dates)
