"""The dates of a deal: one `Period` per payment, derived from the terms and a calendar.

Interest accrues between unadjusted dates (15th to 15th), whatever the banks do; the payment rolls
to a business day; record and determination dates are counted back from the payment, and the
collection periods follow one another without a gap. Day count is ACT/365F: days over 365.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.deal import Deal, ScheduleTerms
from issuer.domain.errors import Complaint, InvalidInput

HONG_KONG = timezone(timedelta(hours=8), "Asia/Hong_Kong")
"""A fixed offset, so no time zone data are needed: no summer time has been kept since 1979."""


@dataclass(frozen=True, slots=True)
class Period:
    """One payment and the dates that lead to it; `number` counts from 1.

    Interest runs from `accrual_start` to the day before `accrual_end`. `record_at` closes at the
    deal's `record_time`. `projected` says that a date lies past the published holidays.
    """

    number: int
    collection_start: date
    collection_end: date
    determination: date
    record_at: date
    payment: date
    accrual_start: date
    accrual_end: date
    days: int
    year_fraction: Fraction
    projected: bool


def build_schedule(deal: Deal, calendar: HolidayCalendar) -> tuple[Period, ...]:
    """All periods of a valid deal, in order.

    Raises `CalendarHorizonError` past the published holidays unless the deal allows projected
    dates, and `InvalidInput` if the dates of a period would come in the wrong order.
    """
    periods = tuple(_period(deal, calendar, n) for n in range(1, deal.schedule.payments + 1))
    complaints = [complaint for period in periods for complaint in _order(period)]
    if periods[0].record_at <= deal.schedule.closing:
        # A unit sold after the first record date would miss a payment it was priced to receive.
        complaints.append(
            _complaint("/schedule/closing", f"before the first record date, {periods[0].record_at}")
        )
    if complaints:
        raise InvalidInput(deal.id, complaints)
    return periods


def record_closing(deal: Deal, period: Period) -> datetime:
    """The instant (aware, Hong Kong time) at which the period's holders of record are fixed."""
    return datetime.combine(period.record_at, deal.schedule.record_time, HONG_KONG)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or its last day if that month is too short."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def accrual_period(terms: ScheduleTerms, number: int) -> tuple[date, date]:
    """The first day of a payment's accrual and the unadjusted payment date, which ends it."""
    # Always counted from the first payment: stepping from the last would drift at month ends.
    end = add_months(terms.first_payment, terms.months * (number - 1))
    before = add_months(terms.first_payment, terms.months * (number - 2))
    return (terms.accrual_start if number == 1 else before), end


def year_fraction(start: date, end: date) -> Fraction:
    """ACT/365F: actual days over 365, also in leap years."""
    return Fraction((end - start).days, 365)


def _period(deal: Deal, calendar: HolidayCalendar, number: int) -> Period:
    terms, allow = deal.schedule, deal.schedule.allow_projected
    accrual_start, nominal = accrual_period(terms, number)
    payment = calendar.roll(nominal, terms.convention, allow_projected=allow)
    record = calendar.add_business_days(payment.date, -terms.record_lag, allow_projected=allow)
    determination = calendar.add_business_days(
        payment.date, -terms.determination_lag, allow_projected=allow
    )
    collection_start, collection_end = _collection(deal, number)
    return Period(
        number=number,
        collection_start=collection_start,
        collection_end=collection_end,
        determination=determination.date,
        record_at=record.date,
        payment=payment.date,
        accrual_start=accrual_start,
        accrual_end=nominal,
        days=(nominal - accrual_start).days,
        year_fraction=year_fraction(accrual_start, nominal),
        projected=payment.projected or record.projected or determination.projected,
    )


def _collection(deal: Deal, number: int) -> tuple[date, date]:
    terms = deal.schedule
    # Counted in first days after the end, because 31 March, 30 June, ... are not 3 months apart.
    turn = terms.first_collection_end + timedelta(days=1)
    ends_before = add_months(turn, terms.months * (number - 1))
    starts = terms.first_collection_start
    if number > 1:
        starts = add_months(turn, terms.months * (number - 2))
    return starts, ends_before - timedelta(days=1)


def _order(period: Period) -> list[Complaint]:
    complaints = []
    if period.collection_end > period.determination:
        complaints.append(
            _complaint(
                "/schedule/first_collection/end",
                f"on or before the determination date of period {period.number}, "
                f"{period.determination}",
            )
        )
    if not period.determination <= period.record_at < period.payment:
        complaints.append(
            _complaint("/schedule/determination_lag", f"early enough in period {period.number}")
        )
    return complaints


def _complaint(path: str, wanted: str) -> Complaint:
    return Complaint(path, "deal.dates.order", f"must be {wanted}: correct the schedule terms")
