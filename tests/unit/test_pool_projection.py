"""A pool under assumptions: each convention by its name, with figures worked out beside them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput, IssuanceBug
from issuer.domain.pool.assumptions import (
    Assumptions,
    Cdr,
    Cpr,
    DefaultAmounts,
    Delinquency,
    FlowOrder,
    LossTiming,
    Psa,
    RateRule,
)
from issuer.domain.pool.claims import Receivable, SuppliedCurve, SuppliedFlow
from issuer.domain.pool.curves import After, Vector, constant
from issuer.domain.pool.loan import Amortisation, HolidayInterest, Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import Claim, contract_flows
from issuer.domain.pool.project import PoolPeriod, _check_row, _check_run, combined, project_pool
from issuer.domain.pool.rates import period_rate, single_monthly_mortality
from issuer.domain.pool.revenue import CapacityRevenue

M = 1_000_000
TENTH, HALF = Fraction(1, 10), Fraction(1, 2)
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
FOUR = months(4, date(2026, 1, 1))
BULLET = Loan(
    id="B",
    balance=1000 * M,
    rate=Fraction(12, 100),
    remaining=4,
    amortisation=Amortisation.BULLET,
)
EVEN = replace(BULLET, amortisation=Amortisation.EQUAL_PRINCIPAL)
HALVES = {"default": Cdr(constant(TENTH)), "prepayment": Cpr(constant(HALF))}
"""A tenth of what there is defaults in a period, and half prepays."""


def terms(**other: object) -> Assumptions:
    return Assumptions(**{"rate_rule": RateRule.PER_PERIOD, **other})  # type: ignore[arg-type]


def test_monthly_and_daily_rates_leave_what_the_annual_rate_leaves() -> None:
    cpr = Fraction(6, 100)
    # 1 - 0.94^(1/12), printed as 0.00514 in the published table of test_pool_goldens
    assert round(single_monthly_mortality(cpr), 5) == Fraction("0.00514")
    staying = 1 - single_monthly_mortality(cpr)
    assert abs(staying**12 - (1 - cpr)) < Fraction(1, 10**16)
    month = Fraction(period_rate(cpr, RateRule.BY_DAYS, JANUARY), 10**18)
    assert abs((1 - month) ** 365 - (1 - cpr) ** 31) < Fraction(1, 10**14)


@pytest.mark.parametrize(
    ("rule", "rate"),
    [
        (RateRule.PER_PERIOD, Fraction(73, 1000)),
        (RateRule.SIMPLE_DAYS, Fraction(73 * 31, 365_000)),
        (RateRule.SIMPLE_MONTHS, Fraction(73, 12_000)),
    ],
)
def test_rates_without_compounding(rule: RateRule, rate: Fraction) -> None:
    assert period_rate(Fraction(73, 1000), rule, JANUARY) == rate * 10**18 // 1


def test_a_rule_that_counts_months_needs_whole_months() -> None:
    half = (date(2026, 1, 1), date(2026, 1, 15))
    with pytest.raises(InvalidInput, match="choose a rate rule that counts days"):
        period_rate(TENTH, RateRule.MONTHLY, half)
    assert period_rate(TENTH, RateRule.BY_DAYS, half) > 0


def test_a_month_of_defaults_by_days_and_by_months() -> None:
    """10,000 at CDR 4% in a month of 31 days: 34.61 by days, 33.96 by twelfths."""
    loan = replace(BULLET, balance=10_000 * M)
    for rule, cents in ((RateRule.BY_DAYS, 3461), (RateRule.MONTHLY, 3396)):
        x = Assumptions(default=Cdr(constant(Fraction(4, 100))), rate_rule=rule)
        (row,) = project_pool([loan], x, [JANUARY])
        assert round(row.defaulted / 10_000) == cents


# Of 1,000, 250 falls due with 10 of interest; a tenth defaults and half prepays.
@pytest.mark.parametrize(
    ("order", "scheduled", "prepaid", "interest"),
    [
        # half of what 900 leave after paying 225
        (FlowOrder.SCHEDULED_THEN_PREPAID, 225, Fraction(675, 2), 9),
        # half of the scheduled balance of all, 750
        (FlowOrder.STANDARD_FORMULAS, 225, 375, 9),
        # half of 900; the other half pays what is due, and all 900 bear interest
        (FlowOrder.PREPAID_THEN_SCHEDULED, Fraction(225, 2), 450, 9),
    ],
)
def test_the_order_of_default_prepayment_and_schedule(
    order: FlowOrder, scheduled: Fraction, prepaid: Fraction, interest: int
) -> None:
    row = project_pool([EVEN], terms(order=order, **HALVES), FOUR)[0]
    assert (row.defaulted, row.scheduled, row.prepaid) == (100 * M, scheduled * M, prepaid * M)
    assert row.interest == interest * M
    assert row.survival == Fraction(row.closing, 750 * M)


def test_interest_on_what_defaults_and_on_what_prepays() -> None:
    advanced = project_pool([EVEN], terms(interest_on_defaulted=True, **HALVES), FOUR)[0]
    assert advanced.interest == 10 * M
    order = FlowOrder.PREPAID_THEN_SCHEDULED
    without = terms(order=order, interest_on_prepaid=False, **HALVES)
    assert project_pool([EVEN], without, FOUR)[0].interest == 4_500_000


def test_vectors_hold_their_last_value_or_end() -> None:
    for after, late in ((After.HOLD, 90 * M), (After.END, 0)):
        vector = Vector((Fraction(0), TENTH), after)
        rows = project_pool([BULLET], terms(default=Cdr(vector)), FOUR)
        assert [row.defaulted for row in rows[:3]] == [0, 100 * M, late]


def test_defaults_as_given_and_never_more_than_there_is() -> None:
    loans = [replace(BULLET, remaining=5), replace(EVEN, remaining=5, id="E")]
    amounts = DefaultAmounts((300 * M, 0, 9000 * M))
    rows = project_pool(loans, terms(default=amounts), FOUR)
    assert [row.defaulted for row in rows] == [300 * M, 0, rows[2].opening, 0]
    assert rows[2].closing == 0


def test_defaults_as_given_are_spread_over_ages() -> None:
    x = Assumptions(default=DefaultAmounts((300 * M,)), prepayment=Psa(Fraction(3)))
    loans = [replace(BULLET, remaining=5, age=7), replace(EVEN, remaining=5, id="E")]
    assert project_pool(loans, x, FOUR)[0].defaulted == 300 * M


def test_recoveries_come_late_and_in_parts() -> None:
    x = terms(
        default=DefaultAmounts((101,)),
        severity=Fraction(2, 5),
        recovery_lag=1,
        recovery_timing=(Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)),
    )
    rows = project_pool([BULLET], x, months(5))
    # 60 of 101 come back: 30, 20, 10; 41 are lost at once
    assert [row.recoveries for row in rows] == [0, 30, 20, 10, 0]
    assert [row.losses for row in rows] == [41, 0, 0, 0, 0]
    assert [row.workout for row in rows] == [60, 30, 10, 0, 0]
    late = project_pool([BULLET], replace(x, loss_timing=LossTiming.AT_LAST_RECOVERY), months(5))
    assert [row.losses for row in late] == [0, 0, 0, 41, 0]
    assert [row.workout for row in late] == [101, 71, 51, 0, 0]


def test_late_payments_roll_through_the_buckets_and_all_come() -> None:
    late = Delinquency(missed=TENTH, roll=(HALF, HALF, HALF), cure=HALF)
    rows = project_pool([BULLET], terms(delinquency=late), months(60))
    # Of 10 of interest a tenth is missed; a month later half of that is caught up, and so on.
    assert rows[0].interest == 9 * M
    assert rows[0].delinquent == (100 * M, 0, 0, 0)
    # Of 90% that are in time a tenth misses, half of the first bucket rolls: 9% + 5% miss.
    assert rows[1].delinquent == (90 * M, 50 * M, 0, 0)
    assert rows[1].interest == 10 * M * 86 // 100 + M // 2
    assert rows[3].closing == sum(rows[3].delinquent) > 0  # due and not paid
    assert sum(row.interest for row in rows) == 40 * M
    assert sum(row.principal for row in rows) == 1000 * M
    assert (rows[-1].closing, rows[-1].overdue_interest) == (0, 0)


def test_delinquency_needs_periods_of_a_month() -> None:
    late = Delinquency(missed=TENTH, roll=(HALF, HALF, HALF))
    with pytest.raises(InvalidInput, match="must be months"):
        project_pool([BULLET], terms(delinquency=late), months(2, every=3))


def test_psa_ages_each_loan_by_its_own() -> None:
    x = Assumptions(prepayment=Psa(Fraction(1)))
    young, old = BULLET, replace(BULLET, id="O", age=40)
    rows = project_pool([young, old], x, FOUR)
    apart = [project_pool([loan], x, FOUR) for loan in (young, old)]
    # the ramp of a new loan starts at a thirtieth of the 6% that an old one has reached
    assert 29 < apart[1][0].prepaid / apart[0][0].prepaid < 31.5
    for row, *both in zip(rows, *apart, strict=True):
        assert abs(row.prepaid - sum(one.prepaid for one in both)) <= 1


def test_psa_over_a_quarter_is_that_of_its_three_months() -> None:
    x, loan = Assumptions(prepayment=Psa(Fraction(1))), replace(BULLET, remaining=2, interval=3)
    by_quarter = project_pool([loan], x, months(2, every=3))
    by_month = combined(project_pool([loan], x, months(6)), 3)
    assert abs(by_quarter[0].prepaid - by_month[0].prepaid) <= 3
    assert by_month[1].closing == by_quarter[1].closing == 0


def test_combined_rows_add_up() -> None:
    rows = project_pool([EVEN], terms(**HALVES), FOUR)
    (whole,) = combined(rows, 4)
    assert (whole.opening, whole.start, whole.end) == (1000 * M, FOUR[0][0], FOUR[3][1])
    assert whole.interest == sum(row.interest for row in rows)
    assert [row.number for row in combined(rows, 3)] == [1, 2]
    with pytest.raises(InvalidInput, match="one period or more"):
        combined(rows, 0)


def test_what_has_no_balance_meets_neither_default_nor_prepayment() -> None:
    plant = CapacityRevenue(
        id="PV",
        capacity=Fraction(1),
        utilisation=Fraction(1),
        price=Fraction(M),
        starts=date(2026, 1, 1),
        ends=date(2026, 1, 10),
    )
    lines = (SuppliedFlow(date(2026, 2, 1), interest=3, principal=50),)
    done = SuppliedCurve(id="C", lines=lines, contractual=False)
    rows = project_pool([plant, done], terms(**HALVES), FOUR)
    assert [row.revenue for row in rows] == [10 * M, 0, 0, 0]
    assert (rows[1].scheduled, rows[1].interest, rows[1].collections) == (50, 3, 53)
    assert not any(row.prepaid or row.defaulted for row in rows)
    assert {row.survival for row in rows} == {1}
    assert {row.survival for row in project_pool([plant], terms(**HALVES), FOUR)} == {1}
    changed = project_pool([replace(done, contractual=True)], terms(**HALVES), FOUR)
    assert (changed[0].prepaid, changed[0].defaulted) == (22, 5)


def test_a_receivable_defaults_but_is_not_prepaid_and_dilution_is_no_default() -> None:
    invoice = Receivable(
        id="R", face=2000 * M, due=date(2026, 2, 10), fee=50 * M, dilution=Fraction(1, 100)
    )
    rows = project_pool([invoice], terms(**HALVES), FOUR)
    assert [row.prepaid for row in rows] == [0] * 4
    assert [row.defaulted for row in rows[:2]] == [195 * M, 175_500_000]
    assert (rows[1].diluted, rows[1].interest) == (16_200_000, 40_500_000)
    assert rows[1].closing == 0


def test_a_holiday_shows_as_capitalised() -> None:
    loan = replace(EVEN, holiday=1, holiday_interest=HolidayInterest.CAPITALISED)
    row = project_pool([loan], terms(default=Cdr(constant(TENTH))), FOUR)[0]
    assert (row.capitalised, row.scheduled, row.closing) == (9 * M, 0, 909 * M)


def test_level_loans_amortised_together_pay_what_each_pays() -> None:
    periods = months(48, date(2026, 1, 1))
    level = replace(EVEN, amortisation=Amortisation.LEVEL)
    loans = [
        replace(level, id=f"{interval} {remaining}", interval=interval, remaining=remaining)
        for interval in (1, 3)
        for remaining in (1, 5, 16)
    ]
    rows = project_pool(loans, terms(), periods)
    flows = [flow for loan in loans for flow in contract_flows(loan, periods)]
    for row in rows:
        due = [flow for flow in flows if row.start <= flow.day <= row.end]
        assert abs(row.interest - sum(flow.interest for flow in due)) <= len(loans)
        assert abs(row.scheduled - sum(flow.principal for flow in due)) <= len(loans)
    assert rows[-1].closing == 0


def test_interest_too_small_to_be_seen_is_capitalised_when_it_adds_up() -> None:
    loan = replace(EVEN, balance=10, rate=Fraction(36, 100), holiday=3)
    # 10, 10.3, 10.609, 10.92727
    rows = project_pool([loan], terms(), FOUR)
    assert [row.closing for row in rows] == [10, 11, 11, 0]
    assert [row.capitalised for row in rows] == [0, 1, 0, 0]
    flows = contract_flows(loan, FOUR)
    assert [(flow.capitalised, flow.balance) for flow in flows] == [
        (0, 10),
        (1, 11),
        (0, 11),
        (0, 0),
    ]


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    level = replace(EVEN, amortisation=Amortisation.LEVEL)
    invoice = Receivable(id="R", face=1, due=date(2026, 1, 1))
    loans = [replace(loan, id=f"{loan.id}{n}") for loan in (EVEN, BULLET) for n in range(3)]
    project_pool(
        [invoice, *loans, level],
        terms(),
        FOUR,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 8), (2, 8), (5, 8), (8, 8)]


PAST = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("asset", "name"),
    [
        (replace(EVEN, next_due=PAST), "loan B"),
        (replace(EVEN, amortisation=Amortisation.LEVEL, next_due=PAST), "loan B"),
        (Receivable(id="R", face=1, due=PAST), "receivable R"),
    ],
)
def test_an_asset_due_before_the_first_period_is_named(asset: Claim, name: str) -> None:
    for projection in (
        lambda: project_pool([asset], terms(), FOUR),
        lambda: contract_flows(asset, FOUR),
    ):
        with pytest.raises(InvalidInput, match=rf"{name}: .* before the first collection period"):
            projection()


@pytest.mark.parametrize(
    "periods",
    [
        [],
        [(date(2026, 1, 2), date(2026, 1, 1))],
        [JANUARY, (date(2026, 2, 2), date(2026, 2, 28))],
        [JANUARY, JANUARY],
    ],
)
def test_periods_with_gaps_or_overlaps_are_refused(periods: list[tuple[date, date]]) -> None:
    with pytest.raises(InvalidInput, match="periods"):
        project_pool([EVEN], terms(), periods)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"prepayment": Psa(Fraction(-1))}, "prepayment"),
        ({"default": DefaultAmounts((-1,))}, "default"),
        ({"severity": Fraction(2)}, "severity"),
        ({"recovery_lag": -1}, "recovery_lag"),
        ({"recovery_timing": (HALF,)}, "recovery_timing"),
        ({"recovery_timing": ()}, "recovery_timing"),
        ({"prepayment": Psa(Fraction(1)), "rate_rule": RateRule.BY_DAYS}, "rate_rule"),
        ({"interest_on_prepaid": False}, "interest_on_prepaid"),
    ],
)
def test_assumptions_that_make_no_sense_are_refused(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Assumptions(**wrong)  # type: ignore[arg-type]
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"missed": Fraction(2)}, "missed"),
        ({"roll": (HALF,)}, "roll"),
        ({"cure": Fraction(0)}, "cure"),
    ],
)
def test_delinquency_that_makes_no_sense_is_refused(wrong: dict[str, object], field: str) -> None:
    good = Delinquency(missed=TENTH, roll=(HALF, HALF, HALF))
    with pytest.raises(InvalidInput) as refused:
        replace(good, **wrong)  # type: ignore[arg-type]
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]


def test_an_empty_vector_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        Vector(())


def _rows() -> tuple[PoolPeriod, ...]:
    return project_pool([EVEN], terms(**HALVES), FOUR)


def test_a_row_that_does_not_add_up_is_a_bug() -> None:
    row = _rows()[0]
    _check_row(row, 4)
    with pytest.raises(IssuanceBug, match="does not add up"):
        _check_row(replace(row, closing=row.closing + 1), 0)
    with pytest.raises(IssuanceBug, match="off by -5"):
        _check_row(row, -5)


@pytest.mark.parametrize("field", ["opening", "workout", "recoveries", "losses", "closing"])
def test_a_run_that_does_not_add_up_is_a_bug(field: str) -> None:
    rows = _rows()
    _check_run(rows)
    broken = replace(rows[1], **{field: getattr(rows[1], field) + 1})
    with pytest.raises(IssuanceBug, match="does not add up at period"):
        _check_run((rows[0], broken, *rows[2:]))


def test_a_negative_amount_is_a_bug() -> None:
    rows = _rows()
    with pytest.raises(IssuanceBug, match="at period 1"):
        _check_run((replace(rows[0], interest=-1),))
