"""The dates of a deal: one `Period` per payment, derived from the terms and a calendar.

The payment rolls to a business day as the terms' convention says. Interest accrues between the
dates that the terms name (15th to 15th) or, where they say `adjusted`, between the days that it is
paid on. Record and determination dates are counted back from the payment, and the collection
periods follow one another without a gap.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise

from issuer.domain.calendar import HolidayCalendar, RolledDate
from issuer.domain.day_count import Accrual, DayCount, year_fraction
from issuer.domain.deal import Deal, ScheduleTerms
from issuer.domain.errors import Complaint, InvalidInput

HONG_KONG = timezone(timedelta(hours=8), "Asia/Hong_Kong")
"""A fixed offset, so no time zone data are needed: no summer time has been kept since 1979."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One payment and the dates that lead to it; `number` counts from 1.

    Interest runs from `accrual_start` to the day before `accrual_end`. `record_at` closes at the
    deal's `record_time`. `days` are actual days, `year_fraction` is by the deal's day count.
    `projected` says that a date lies past the published holidays: it moves when they are known,
    and adjusted interest with it. `reference` are the dates named by the terms from the last
    before the accrual to the first after, `frequency` how many make a year, `maturity` the last of
    them: see `period_fraction`. `unadjusted` and `adjusted` are the accrual by either convention.
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
    reference: tuple[date, ...] = ()
    frequency: int | None = None
    maturity: date | None = None
    unadjusted: tuple[date, date] | None = None
    adjusted: tuple[date, date] | None = None


def build_schedule(deal: Deal, calendar: HolidayCalendar) -> tuple[Period, ...]:
    """All periods of a valid deal, in order; raises as `build_periods` does."""
    return build_periods(deal.schedule, calendar, deal.id)


def build_periods(
    terms: ScheduleTerms, calendar: HolidayCalendar, source: str = "schedule"
) -> tuple[Period, ...]:
    """All periods of the terms, in order.

    Raises `CalendarHorizonError` past the published holidays unless the terms allow projected
    dates, and `InvalidInput` if the dates of a period would come in the wrong order.
    """
    named = [nominal_date(terms, number) for number in range(1, terms.payments + 1)]
    payments = [
        calendar.roll(day, terms.convention, allow_projected=terms.allow_projected) for day in named
    ]
    # The terms name the day that interest begins on: it is no payment, so it never rolls.
    begins = RolledDate(terms.accrual_start, projected=False)
    unadjusted = pairwise([begins, *(RolledDate(day, projected=False) for day in named)])
    adjusted = pairwise([begins, *payments])
    periods = tuple(
        _period(terms, calendar, number, payment, {Accrual.UNADJUSTED: plain, Accrual.ADJUSTED: to})
        for number, (payment, plain, to) in enumerate(
            zip(payments, unadjusted, adjusted, strict=True), 1
        )
    )
    complaints = [complaint for period in periods for complaint in _order(period)]
    if periods[0].record_at <= terms.closing:
        # A unit sold after the first record date would miss a payment it was priced to receive.
        complaints.append(
            _complaint("/schedule/closing", f"before the first record date, {periods[0].record_at}")
        )
    if complaints:
        raise InvalidInput(source, complaints)
    return periods


def regular_periods(
    start: date, payments: int, months: int = 1, day_count: DayCount = DayCount.THIRTY_360
) -> tuple[Period, ...]:
    """Periods of so many months from `start`, for a structure without a deal around it.

    Each is paid on the day it ends, whatever the banks do, from what was collected in it.
    """
    given = (("payments", payments, "payment"), ("months", months, "month"))
    if min(payments, months) < 1:
        raise InvalidInput(
            "periods",
            [
                Complaint(f"/{name}", f"schedule.{name}", f"is {count}: give one {one} or more")
                for name, count, one in given
                if count < 1
            ],
        )
    turns = [add_months(start, months * number) for number in range(payments + 1)]
    return periods_between(turns, day_count, None if 12 % months else 12 // months)


def periods_between(
    turns: Sequence[date],
    day_count: DayCount = DayCount.ACT_365F,
    frequency: int | None = None,
) -> tuple[Period, ...]:
    """Periods from each date to the next, rising, such as those that a report prints; otherwise as
    `regular_periods`. Only ACT/ACT ICMA needs `frequency`.
    """
    if len(turns) < 2 or any(a >= b for a, b in pairwise(turns)):
        message = "are two or more, each later than the one before: correct them"
        raise InvalidInput("periods", [Complaint("/turns", "schedule.turns", message)])
    if day_count is DayCount.ACT_ACT_ICMA and not frequency:
        message = f"of {day_count} needs periods that divide the year: say how many make one"
        raise InvalidInput("periods", [Complaint("/frequency", "schedule.frequency", message)])
    return tuple(
        Period(
            number=number,
            collection_start=first,
            collection_end=turn - _DAY,
            determination=turn,
            record_at=turn,
            payment=turn,
            accrual_start=first,
            accrual_end=turn,
            days=(turn - first).days,
            year_fraction=year_fraction(
                day_count,
                first,
                turn,
                reference=(first, turn),
                frequency=frequency,
                maturity=turns[-1],
            ),
            projected=False,
            reference=(first, turn),
            frequency=frequency,
            maturity=turns[-1],
        )
        for number, (first, turn) in enumerate(pairwise(turns), start=1)
    )


def record_closing(deal: Deal, period: Period) -> datetime:
    """The instant (aware, Hong Kong time) at which the period's holders of record are fixed."""
    return datetime.combine(period.record_at, deal.schedule.record_time, HONG_KONG)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or its last day if that month is too short."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        message = f"{months} months from {day} there is no calendar: give fewer, or other dates"
        raise InvalidInput("dates", [Complaint("/months", "schedule.dates.range", message)])
    if day.day <= 28:  # no month is shorter
        return date(year, month0 + 1, day.day)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def nominal_date(terms: ScheduleTerms, number: int) -> date:
    """The date that the terms name for a payment, whatever the banks do; 0 is the one before."""
    # Always counted from the first payment: stepping from the last would drift at month ends.
    day = add_months(terms.first_payment, terms.months * (number - 1))
    return day.replace(day=monthrange(day.year, day.month)[1]) if terms.end_of_month else day


def period_fraction(
    period: Period, day_count: DayCount, accrual: Accrual | None = None
) -> Fraction:
    """The part of a year that the period's interest runs for, by any day count.

    `accrual` is the one of a class of notes that departs from the schedule's; a period made by hand
    has it only where it is given.
    """
    stated = {
        None: None,
        Accrual.UNADJUSTED: period.unadjusted,
        Accrual.ADJUSTED: period.adjusted,
    }[accrual]
    start, end = stated or (period.accrual_start, period.accrual_end)
    return year_fraction(
        day_count,
        start,
        end,
        reference=period.reference,
        frequency=period.frequency,
        maturity=period.maturity,
    )


def _period(
    terms: ScheduleTerms,
    calendar: HolidayCalendar,
    number: int,
    payment: RolledDate,
    accruals: Mapping[Accrual, tuple[RolledDate, RolledDate]],
) -> Period:
    accrual = accruals[terms.accrual]
    start, end = (edge.date for edge in accrual)
    plain, rolled = (
        (accruals[each][0].date, accruals[each][1].date)
        for each in (Accrual.UNADJUSTED, Accrual.ADJUSTED)
    )
    maturity = nominal_date(terms, terms.payments)
    allow = terms.allow_projected
    record = calendar.add_business_days(payment.date, -terms.record_lag, allow_projected=allow)
    determination = calendar.add_business_days(
        payment.date, -terms.determination_lag, allow_projected=allow
    )
    collection_start, collection_end = _collection(terms, number)
    widest = min(plain[0], rolled[0]), max(plain[1], rolled[1])
    reference, frequency = _reference(terms, number, *widest), terms.frequency
    return Period(
        number=number,
        collection_start=collection_start,
        collection_end=collection_end,
        determination=determination.date,
        record_at=record.date,
        payment=payment.date,
        accrual_start=start,
        accrual_end=end,
        days=(end - start).days,
        year_fraction=year_fraction(
            terms.day_count,
            start,
            end,
            reference=reference,
            frequency=frequency,
            maturity=maturity,
        ),
        projected=any(day.projected for day in (payment, record, determination, *accrual)),
        reference=reference,
        frequency=frequency,
        maturity=maturity,
        unadjusted=plain,
        adjusted=rolled,
    )


def _reference(terms: ScheduleTerms, number: int, start: date, end: date) -> tuple[date, ...]:
    reference = [nominal_date(terms, number - 1), nominal_date(terms, number)]
    while reference[0] > start:  # a long first period, or a payment that came early
        reference.insert(0, nominal_date(terms, number - len(reference)))
    ahead = number
    while reference[-1] < end:  # a payment that came late
        ahead += 1
        reference.append(nominal_date(terms, ahead))
    return tuple(reference)


def _collection(terms: ScheduleTerms, number: int) -> tuple[date, date]:
    # Counted in first days after the end, because 31 March, 30 June, ... are not 3 months apart.
    turn = terms.first_collection_end + _DAY
    starts = terms.first_collection_start
    if number > 1:
        starts = add_months(turn, terms.months * (number - 2))
    return starts, add_months(turn, terms.months * (number - 1)) - _DAY


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
    if period.accrual_start >= period.accrual_end:
        # Adjusted interest that begins shortly before a payment which rolls back past it.
        complaints.append(
            _complaint(
                "/schedule/accrual_start",
                f"before the payment of period {period.number}, {period.accrual_end}",
            )
        )
    if not period.determination <= period.record_at < period.payment:
        complaints.append(
            _complaint("/schedule/determination_lag", f"early enough in period {period.number}")
        )
    return complaints


def _complaint(path: str, wanted: str) -> Complaint:
    return Complaint(path, "deal.dates.order", f"must be {wanted}: correct the schedule terms")
