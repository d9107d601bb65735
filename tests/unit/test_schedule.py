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
from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput
from issuer.domain.schedule import Period, add_months, build_schedule, record_closing

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
    )


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
