"""Average lives: a published structure recomputed, and what the conventions change."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.analytics.average_life import (
    MONTHS,
    AverageLife,
    Origin,
    OriginConvention,
    average_life,
    average_life_by_months,
)
from issuer.domain.analytics.flows import DatedFlow, NumberedFlow
from issuer.domain.day_count import DayCount
from tests.support.refused import refused

CLOSING = Origin(OriginConvention.CLOSING, date(2026, 4, 15))

# ---- CMO-1 of Fabozzi and Jones, chapter 30: 400 million, 8.125 %, 357 months, 165 PSA from month 4,
# four tranches paid one after the other. Tables 30.3 and 30.4.
PARS = {"A": 194_500_000, "B": 36_000_000, "C": 96_500_000, "D": 73_000_000}


def collateral_principal() -> Iterator[int]:
    """Scheduled principal and prepayments of each month, in micro-dollars."""
    balance, rate = 400_000_000.0, 0.08125 / 12
    for month in range(1, 358):
        payment = balance * rate / (1 - (1 + rate) ** (month - 358))
        scheduled = payment - balance * rate
        yearly = 1.65 * 0.002 * min(month + 3, 30)
        prepaid = (balance - scheduled) * (1 - (1 - yearly) ** (1 / 12))
        balance -= scheduled + prepaid
        yield round((scheduled + prepaid) * 1_000_000)


def sequential() -> dict[str, list[NumberedFlow]]:
    """The principal of each tranche by month, in micro-dollars."""
    left = {name: par * 1_000_000 for name, par in PARS.items()}
    flows: dict[str, list[NumberedFlow]] = {name: [] for name in PARS}
    for month, principal in enumerate(collateral_principal(), start=1):
        rest = principal
        for name in PARS:
            paid = min(rest, left[name])
            left[name] -= paid
            rest -= paid
            if paid:
                flows[name].append((month, paid))
    return flows


def in_months(flows: list[NumberedFlow], first_accrual: date) -> list[DatedFlow]:
    """The same flows with the dates of months of a year like any other."""
    months = first_accrual.year * 12 + first_accrual.month - 1
    dates = [divmod(months + number, 12) for number, _ in flows]
    return [
        (date(year, month + 1, first_accrual.day), amount)
        for (year, month), (_, amount) in zip(dates, flows, strict=True)
    ]


def test_sequential_collateral_is_the_published_one() -> None:
    flows = sequential()
    assert [flows[name][-1][0] for name in PARS] == [81, 100, 178, 357]
    first, last = flows["A"][0], flows["A"][-1]
    assert (first[0], round(first[1] / 1_000_000)) == (1, 709_923)
    assert (last[0], round(last[1] / 1_000_000)) == (81, 311_926)
    assert (flows["B"][0][0], round(flows["B"][0][1] / 1_000_000)) == (81, 1_720_271)


@pytest.mark.parametrize(("tranche", "published"), [("A", "3.48"), ("B", "7.49"), ("C", "11.19")])
def test_average_life_from_settlement_is_the_published_one(tranche: str, published: str) -> None:
    # The source settles five days into the first month; from the first accrual none would agree.
    flows = sequential()[tranche]
    life = average_life_by_months(flows, settlement_days=5)
    assert f"{float(life.years):.2f}" == published
    assert (life.origin, life.count) == (OriginConvention.SETTLEMENT, MONTHS)
    from_accrual = average_life_by_months(flows)
    assert f"{float(from_accrual.years):.2f}" != published
    assert from_accrual.years - life.years == Fraction(5, 360)
    assert from_accrual.origin is OriginConvention.FIRST_ACCRUAL


@pytest.mark.parametrize("tranche", PARS)
def test_average_life_in_months_is_that_of_their_dates_by_30_360(tranche: str) -> None:
    flows = sequential()[tranche]
    dated = in_months(flows, date(2026, 1, 1))
    settled = Origin(OriginConvention.SETTLEMENT, date(2026, 1, 6))
    by_months = average_life_by_months(flows, settlement_days=5)
    assert average_life(dated, settled, DayCount.THIRTY_360).years == by_months.years


def test_average_life_counts_actual_days_over_365() -> None:
    # Five equal instalments on the quarter's 15th: 91, 183, 275, 365 and 456 days from closing.
    days = [date(2026, 7, 15), date(2026, 10, 15), date(2027, 1, 15), date(2027, 4, 15)]
    principal = [(day, 200) for day in [*days, date(2027, 7, 15)]]
    life = average_life(principal, CLOSING)
    expected = Fraction(91 + 183 + 275 + 365 + 456, 5 * 365)
    assert life == AverageLife(expected, OriginConvention.CLOSING, "ACT/365F")


def test_average_life_of_a_bullet_is_its_term() -> None:
    assert average_life_by_months([(60, 7)]).years == 5


def test_average_life_of_no_principal_refused() -> None:
    for none in ([], [(1, 0)]):
        with refused("/principal", "analytics.principal.none"):
            average_life_by_months(none)


def test_average_life_of_accretion_or_of_payments_before_the_origin_refused() -> None:
    with refused("/principal/1", "analytics.amount.negative"):
        average_life_by_months([(1, 5), (2, -1)])
    with refused("/principal/0", "analytics.flow.before_origin"):
        average_life([(date(2026, 4, 14), 5)], CLOSING)
    with refused("/principal/0", "analytics.flow.before_origin"):
        average_life_by_months([(0, 5)], settlement_days=1)


@pytest.mark.parametrize("days", [-1, 31])
def test_settle_outside_the_first_month_refused(days: int) -> None:
    assert average_life_by_months([(1, 1)], settlement_days=30).years == 0
    with refused("/settlement_days", "analytics.settlement.days"):
        average_life_by_months([(1, 1)], settlement_days=days)


def test_average_life_by_the_periods_of_a_schedule_refused() -> None:
    paid = [(date(2027, 4, 15), 5)]
    assert average_life(paid, CLOSING, DayCount.ACT_ACT_ISDA).years == 1
    with refused("/count", "analytics.count.no_periods"):
        average_life(paid, CLOSING, DayCount.ACT_ACT_ICMA)
