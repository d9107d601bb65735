"""Conventions of single contracts and of projections, each against a plain loop beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from issuer.domain.calendar import Convention, HolidayCalendar
from issuer.domain.day_count import DayCount, year_fraction
from issuer.domain.errors import InvalidInput
from issuer.domain.pool.assumptions import Assumptions, Cdr, Cpr, FlowOrder, RateRule
from issuer.domain.pool.curves import constant
from issuer.domain.pool.loan import Amortisation, InterestOn, Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import contract_flows
from issuer.domain.pool.project import Contracts, project_pool
from issuer.domain.pool.rep_lines import group_loans
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.schedule import add_months

M, CENT = 1_000_000, 10_000
START = date(2013, 1, 1)
YEARS = months(120, START)
HALF_UP = Rounding(RoundingMode.HALF_UP, CENT)
DOWN = Rounding(RoundingMode.DOWN, CENT)
TWO_PLACES = Decimal("0.01")


def loan(**terms: object) -> Loan:
    own: dict[str, object] = {
        "id": "L",
        "balance": 10_000 * M,
        "rate": Fraction(6, 100),
        "remaining": 12,
        **terms,
    }
    return Loan(**own)  # type: ignore[arg-type]


def days(first: date, count: int, every: int = 1) -> list[date]:
    return [add_months(first, every * n) for n in range(count)]


# ---- one contract: principal at maturity, linear, annuity; every day count


COUNTS = [count for count in DayCount if count is not DayCount.ACT_ACT_ICMA]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    "kind", [Amortisation.BULLET, Amortisation.EQUAL_PRINCIPAL, Amortisation.LEVEL]
)
def test_a_contract_accrues_between_its_dates_by_any_day_count(
    kind: Amortisation, count: DayCount
) -> None:
    """A first period of 18 days, month ends, and a last one of 13 days; the loop keeps fractions."""
    lent, ends = date(2013, 2, 13), [add_months(date(2013, 3, 31), n) for n in range(12)]
    ends.append(date(2014, 3, 13))
    contract = loan(
        amortisation=kind, remaining=13, next_due=ends[0], accrued_from=lent, maturity=ends[-1],
        day_count=count,
    )  # fmt: skip
    years = [year_fraction(count, a, b, maturity=ends[-1]) for a, b in pairwise([lent, *ends])]
    rate, balance = Fraction(6, 100), Fraction(10_000 * M)
    worth, annuity = Fraction(1), Fraction(0)
    for fraction in years:
        worth /= 1 + rate * fraction
        annuity += worth
    flows = contract_flows(contract, YEARS)
    assert [flow.day for flow in flows] == ends
    for number, (flow, fraction) in enumerate(zip(flows, years, strict=True), start=1):
        interest = balance * rate * fraction
        principal = {
            Amortisation.BULLET: Fraction(0),
            Amortisation.EQUAL_PRINCIPAL: Fraction(10_000 * M, 13),
            Amortisation.LEVEL: Fraction(10_000 * M) / annuity - interest,
        }[kind]
        principal = balance if number == 13 else principal
        assert abs(flow.interest - interest) <= 1
        assert abs(flow.principal - principal) <= 1
        balance -= principal
    assert flows[-1].balance == 0


# ---- dates one by one


def test_a_loan_paid_by_weeks_names_its_dates() -> None:
    fridays = [date(2013, 1, 4) + timedelta(7 * n) for n in range(4)]
    contract = loan(
        amortisation=Amortisation.EQUAL_PRINCIPAL, remaining=4, accrued_from=date(2013, 1, 1),
        dates=tuple(fridays), day_count=DayCount.ACT_365F,
    )  # fmt: skip
    flows = contract_flows(contract, YEARS)
    assert [flow.day for flow in flows] == fridays
    assert [flow.principal for flow in flows] == [2500 * M] * 4
    assert [flow.interest for flow in flows] == [
        round(Fraction(balance * M * 6 * count, 36_500))
        for balance, count in ((10_000, 3), (7_500, 7), (5_000, 7), (2_500, 7))
    ]


@pytest.mark.parametrize("shift_first", [True, False])
def test_rolled_dates_bear_interest_to_the_day_paid_or_to_the_day_named(shift_first: bool) -> None:
    """ACTUS tells "shift, then calculate" from "calculate, then shift"."""
    weekdays = HolidayCalendar("weekends", frozenset(), frozenset(), date.max)
    named = days(date(2013, 2, 2), 12)  # a Saturday to begin with
    paid = [weekdays.roll(day, Convention.MODIFIED_FOLLOWING).date for day in named]
    assert paid != named
    contract = loan(
        amortisation=Amortisation.BULLET, accrued_from=date(2013, 1, 2), dates=tuple(paid),
        accrued_to=() if shift_first else tuple(named), day_count=DayCount.ACT_360,
    )  # fmt: skip
    flows = contract_flows(contract, YEARS)
    until = paid if shift_first else named
    spans = [(b - a).days for a, b in pairwise([date(2013, 1, 2), *until])]
    assert [flow.day for flow in flows] == paid
    assert [flow.interest for flow in flows] == [
        round(Fraction(10_000 * M * 6 * span, 36_000)) for span in spans
    ]


def test_named_dates_of_months_pay_as_the_interval_does() -> None:
    plain = loan(next_due=date(2013, 1, 31), day_count=DayCount.ACT_365F)
    named = loan(
        dates=tuple(days(date(2013, 1, 31), 12)), accrued_from=date(2012, 12, 31),
        day_count=DayCount.ACT_365F,
    )  # fmt: skip
    assert contract_flows(named, YEARS) == contract_flows(plain, YEARS)
    lines = group_loans([named, loan(id="M", next_due=date(2013, 1, 31))], [])
    assert [line.count for line in lines] == [1, 1]


def test_a_date_before_the_first_period_is_refused() -> None:
    late = loan(dates=tuple(days(date(2012, 1, 31), 12)), accrued_from=date(2011, 12, 31))
    with pytest.raises(InvalidInput, match="lies before the first collection period"):
        contract_flows(late, YEARS)


# ---- interest paid less often than principal, or on the amount lent


def test_interest_owed_is_paid_with_every_third_payment_and_bears_nothing() -> None:
    contract = loan(
        amortisation=Amortisation.EQUAL_PRINCIPAL, remaining=10, balance=1000 * M, interest_every=3
    )
    flows = contract_flows(contract, YEARS)
    monthly = [(1000 - 100 * n) * M * 6 // 1200 for n in range(10)]
    assert [flow.principal for flow in flows] == [100 * M] * 10
    assert [flow.interest for flow in flows] == [
        sum(monthly[n - 2 : n + 1]) if n % 3 == 2 else monthly[9] if n == 9 else 0
        for n in range(10)
    ]


def test_interest_kept_to_the_end_is_paid_with_the_principal() -> None:
    contract = loan(amortisation=Amortisation.BULLET, interest_every=12)
    assert [(flow.interest, flow.principal) for flow in contract_flows(contract, YEARS)] == [
        *[(0, 0)] * 11,
        (600 * M, 10_000 * M),
    ]


@pytest.mark.parametrize(("original", "interest"), [(None, 50), (20_000, 100)])
def test_a_flat_rate_is_borne_by_what_was_lent(original: int | None, interest: int) -> None:
    contract = loan(
        amortisation=Amortisation.EQUAL_PRINCIPAL, remaining=10, interest_on=InterestOn.ORIGINAL,
        original_balance=original and original * M,
    )  # fmt: skip
    paid = {(flow.interest, flow.principal) for flow in contract_flows(contract, YEARS)}
    assert paid == {(interest * M, 1000 * M)}


def test_flat_loans_of_other_sizes_keep_their_own_interest_in_a_pool() -> None:
    terms = {"amortisation": Amortisation.BULLET, "interest_on": InterestOn.ORIGINAL}
    pool = [loan(**terms, original_balance=20_000 * M), loan(id="M", **terms)]
    assert project_pool(pool, Assumptions(), months(12, START))[0].interest == (100 + 50) * M


# ---- a lender that computes in cents


@pytest.mark.parametrize(("rounding", "decimal"), [(HALF_UP, ROUND_HALF_UP), (DOWN, ROUND_DOWN)])
def test_a_loan_in_cents_is_the_table_that_a_lender_prints(
    rounding: Rounding, decimal: str
) -> None:
    """The loop is that of a spreadsheet: round the instalment, then each interest."""
    balance, monthly = Decimal(10_000), Decimal("0.005")
    growth = (1 + monthly) ** 12
    instalment = (balance * monthly * growth / (growth - 1)).quantize(TWO_PLACES, decimal)
    flows = contract_flows(loan(rounding=rounding), YEARS)
    for number, flow in enumerate(flows, start=1):
        interest = (balance * monthly).quantize(TWO_PLACES, decimal)
        principal = balance if number == 12 else instalment - interest
        balance -= principal
        assert (flow.interest, flow.principal) == (interest * M, principal * M)
    assert balance == 0


def test_loans_in_cents_are_rounded_one_by_one_in_a_pool() -> None:
    pool = [loan(id=str(n), balance=1234 * M + n, rounding=HALF_UP) for n in range(3)]
    one_by_one = [contract_flows(each, YEARS)[0] for each in pool]
    first = project_pool(pool, Assumptions(), months(12, START))[0]
    assert first.interest == sum(flow.interest for flow in one_by_one)
    assert first.scheduled == sum(flow.principal for flow in one_by_one)


# ---- an engine that computes in cents: default, prepayment, schedule, by days


def floor_cents(amount: Fraction) -> int:
    return int(amount / CENT) * CENT


@pytest.mark.parametrize("interest_on_prepaid", [True, False])
def test_a_projection_in_cents_is_struck_on_what_was_rounded_before(
    interest_on_prepaid: bool,
) -> None:
    """5 % CPR, 2 % CDR by days, half recovered two periods later; all floored to cents."""
    terms = Assumptions(
        prepayment=Cpr(constant(Fraction(5, 100))),
        default=Cdr(constant(Fraction(2, 100))),
        severity=Fraction(1, 2),
        recovery_lag=2,
        rate_rule=RateRule.BY_DAYS,
        order=FlowOrder.PREPAID_THEN_SCHEDULED,
        interest_on_prepaid=interest_on_prepaid,
        rounding=DOWN,
    )
    contract = loan(remaining=24, rounding=DOWN)
    periods = months(24, START)
    flows = contract_flows(contract, periods)
    rows = project_pool([contract], terms, periods)
    held, share, defaults = 10_000 * M, 1.0, []
    for row, flow in zip(rows, flows, strict=True):
        count = (row.end - row.start).days + 1
        default, prepay = (1 - (1 - rate) ** (count / 365) for rate in (0.02, 0.05))
        defaulted = floor_cents(Fraction(held * default))
        prepaid = floor_cents(Fraction((held - defaulted) * prepay))
        bearing = share * (1 - default)
        share = bearing * (1 - prepay)
        if not interest_on_prepaid:
            bearing = share
        scheduled = floor_cents(Fraction(flow.principal * share))
        if row.number == 24:
            scheduled = held - defaulted - prepaid
        defaults.append(defaulted)
        assert (row.opening, row.defaulted, row.prepaid) == (held, defaulted, prepaid)
        assert row.scheduled == scheduled
        assert row.interest == floor_cents(Fraction(flow.interest * bearing))
        held -= defaulted + prepaid + scheduled
        assert row.closing == held
        recovered = floor_cents(Fraction(defaults[row.number - 3], 2)) if row.number > 2 else 0
        assert row.recoveries == recovered
    assert held == 0


@pytest.mark.parametrize("order", FlowOrder)
def test_rounding_to_the_micro_unit_moves_no_more_than_a_few(order: FlowOrder) -> None:
    terms = {
        "prepayment": Cpr(constant(Fraction(10, 100))),
        "default": Cdr(constant(Fraction(3, 100))),
        "order": order,
    }
    exact = project_pool([loan()], Assumptions(**terms), months(12, START))  # type: ignore[arg-type]
    rounded = project_pool(
        [loan()],
        Assumptions(**terms, rounding=Rounding()),  # type: ignore[arg-type]
        months(12, START),
    )
    for one, other in zip(exact, rounded, strict=True):
        for name in ("opening", "defaulted", "prepaid", "interest", "closing"):
            assert abs(getattr(one, name) - getattr(other, name)) <= 50, name


def test_prepayment_and_default_may_follow_rules_of_their_own() -> None:
    """1 % of each period defaults as stated; 12 % a year prepay by months."""
    terms = Assumptions(
        prepayment=Cpr(constant(Fraction(12, 100))),
        default=Cdr(constant(Fraction(1, 100)), RateRule.PER_PERIOD),
    )
    contract = loan(amortisation=Amortisation.BULLET)
    first = project_pool([contract], terms, months(12, START))[0]
    assert first.defaulted == 100 * M
    assert abs(first.prepaid - 9900 * M * (1 - 0.88 ** (1 / 12))) < 1
    simple = Assumptions(prepayment=Cpr(constant(Fraction(12, 100)), RateRule.SIMPLE_MONTHS))
    assert project_pool([contract], simple, months(12, START))[0].prepaid == 100 * M


def test_rules_of_their_own_and_cents_hold_from_a_later_period_too() -> None:
    terms = Assumptions(
        prepayment=Cpr(constant(Fraction(5, 100)), RateRule.SIMPLE_DAYS),
        default=Cdr(constant(Fraction(1, 100)), RateRule.PER_PERIOD),
        rounding=DOWN,
    )
    assert terms.from_period(3) == terms


def test_contracts_added_up_once_serve_projections_with_and_without_cents() -> None:
    pool = [loan(), loan(id="M", balance=777 * M + 1)]
    kept = Contracts(pool)
    for rounding in (None, DOWN, None):
        terms = Assumptions(prepayment=Cpr(constant(Fraction(5, 100))), rounding=rounding)
        assert project_pool(kept, terms, months(12, START)) == (
            project_pool(pool, terms, months(12, START))
        )


# ---- what makes no sense


THREE = tuple(days(date(2013, 2, 1), 3))


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"interest_every": 2}, "interest_every"),
        ({"interest_every": 0, "amortisation": Amortisation.BULLET}, "interest_every"),
        ({"interest_on": InterestOn.ORIGINAL}, "interest_on"),
        ({"rounding": Rounding(to_micro=0)}, "rounding"),
        ({"dates": THREE}, "dates"),
        ({"dates": THREE, "remaining": 3}, "dates"),
        ({"dates": THREE[::-1], "remaining": 3, "accrued_from": START}, "dates"),
        (
            {"dates": THREE, "remaining": 3, "accrued_from": START, "next_due": THREE[0]},
            "dates",
        ),
        ({"accrued_to": THREE, "remaining": 3}, "accrued_to"),
        (
            {"dates": THREE, "accrued_to": THREE[:2], "remaining": 3, "accrued_from": START},
            "accrued_to",
        ),
    ],
)
def test_terms_that_make_no_loan_are_refused(terms: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        loan(**terms)
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]


def test_a_projection_rounded_to_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        Assumptions(rounding=Rounding(to_micro=0))
    assert [complaint.path for complaint in refused.value.complaints] == ["/rounding"]
