"""Present values, rates of return, yields and durations: published figures, and what has no answer."""

from datetime import date
from fractions import Fraction
from math import inf, nan

import pytest

from issuer.domain.analytics.flows import NumberedFlow
from issuer.domain.analytics.present_value import (
    Compounding,
    TimedFlow,
    present_value,
    timed_by_date,
    timed_by_number,
)
from issuer.domain.analytics.roots import continuous_rates
from issuer.domain.analytics.yields import (
    convert_yield,
    irr,
    price_from_yield,
    sensitivity,
    xirr,
    yield_from_price,
)
from issuer.domain.day_count import DayCount
from tests.support.refused import refused

YEARLY, HALF_YEARLY = Compounding.ANNUAL_EFFECTIVE, Compounding.BOND_EQUIVALENT
PUMP = [(0, -1_600), (1, 10_000), (2, -10_000)]
"""The oil pump problem of Lorie and Savage (1955): 25 % and 400 %."""


def bond(periods: int, coupon: Fraction, per_year: int) -> tuple[TimedFlow, ...]:
    """100 repaid at the end, with its coupons, in micro-units."""
    each = int(coupon * 100_000_000 / per_year)
    flows = [(number, each) for number in range(1, periods)]
    return timed_by_number([*flows, (periods, 100_000_000 + each)], per_year)


# ---- present value


def test_present_value_is_exact_on_compounding_dates() -> None:
    # Microsoft's example of NPV: 10 %, -10000, 3000, 4200, 6800 at the ends of four years.
    flows = timed_by_number([(1, -10_000), (2, 3_000), (3, 4_200), (4, 6_800)], 1)
    worth = present_value(flows, Fraction(1, 10), YEARLY)
    assert worth == Fraction(17_400_000, 14_641)
    assert f"{float(worth):.2f}" == "1188.44"
    assert float(worth) == pytest.approx(price_from_yield(flows, 0.1, YEARLY))


@pytest.mark.parametrize(
    ("percent", "payment"),
    # Payments that retire 100 in 360 months: Excel's PMT, as in QuantLib's test suite.
    [
        (0, "0.277777778"),
        (1, "0.321639520"),
        (3, "0.421604034"),
        (6, "0.599550525"),
        (9, "0.804622617"),
        (12, "1.028612597"),
    ],
)
def test_present_value_of_a_level_payment_is_the_loan(percent: int, payment: str) -> None:
    each = int(Fraction(payment) * 10**9)
    flows = timed_by_number([(month, each) for month in range(1, 361)], 12)
    worth = present_value(flows, Fraction(percent, 100), Compounding.MONTHLY)
    assert float(worth) == pytest.approx(100e9, abs=361)


def test_present_value_between_compounding_dates_refused_and_priced() -> None:
    quarterly = timed_by_number([(1, 100)], 4)
    assert present_value(quarterly, Fraction(4, 100), Compounding.QUARTERLY) == Fraction(
        10_000, 101
    )
    with refused("/flows/0", "analytics.flow.between_dates"):
        present_value(quarterly, Fraction(4, 100), YEARLY)
    assert price_from_yield(quarterly, 0.21550625, YEARLY) == pytest.approx(100 / 1.05)


def test_discount_at_a_total_loss_refused() -> None:
    flows = timed_by_number([(1, 100)], 1)
    assert present_value(flows, Fraction(-1, 2), YEARLY) == 200
    assert present_value(flows, Fraction(-1), HALF_YEARLY) == 400
    with refused("/rate", "analytics.rate.range"):
        present_value(flows, Fraction(-1), YEARLY)
    for rate in (-1.0, -7.0, nan, inf):
        with refused("/rate", "analytics.rate.range"):
            price_from_yield(flows, rate, YEARLY)
        with refused("/rate", "analytics.rate.range"):
            convert_yield(rate, YEARLY, HALF_YEARLY)
    with refused("/rate", "analytics.rate.range"):
        price_from_yield(timed_by_number([(360, 100)], 1), -0.999, YEARLY)


def test_value_before_the_day_of_valuation_refused() -> None:
    on = date(2026, 7, 15)
    (flow,) = timed_by_date([(date(2027, 7, 15), 5)], on)
    assert flow == TimedFlow(Fraction(1), 5)
    with refused("/count", "analytics.count.no_periods"):
        timed_by_date([(on, 5)], on, DayCount.ACT_ACT_ICMA)
    with refused("/1", "analytics.flow.before_valuation"):
        timed_by_date([(on, 5), (date(2026, 7, 14), 5)], on)
    with refused("/0", "analytics.flow.before_valuation"):
        timed_by_number([(-1, 5)], 12)
    with refused("/per_year", "analytics.periods.none"):
        timed_by_number([(1, 5)], 0)


# ---- rates of return


def test_xirr_is_the_published_one() -> None:
    # Microsoft Knowledge Base Q116041, with the sign that the article corrects.
    flows = [
        (date(1992, 1, 1), -10_000),
        (date(1992, 3, 1), 2_750),
        (date(1992, 10, 30), 4_250),
        (date(1993, 2, 15), 3_250),
        (date(1993, 4, 1), 2_750),
    ]
    assert xirr(flows) == pytest.approx(0.373363, abs=1e-6)
    assert xirr(flows[::-1]) == xirr(flows)


@pytest.mark.parametrize(("years", "published"), [(5, "0.087"), (4, "-0.021"), (2, "-0.444")])
def test_irr_is_the_published_one(years: int, published: str) -> None:
    # Microsoft's example of IRR: a restaurant after two, four and five years.
    incomes = [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]
    assert f"{irr(list(enumerate(incomes[: years + 1]))):.3f}" == published


def test_irr_of_several_answers_refused_with_all_of_them() -> None:
    with refused("/flows", "analytics.rate.ambiguous"):
        irr(PUMP)
    with pytest.raises(Exception, match=r"have the rates 0\.25, 4: say near which"):
        irr(PUMP)
    assert irr(PUMP, near=0.1) == pytest.approx(0.25)
    assert irr(PUMP, near=3) == pytest.approx(4)


def test_irr_of_many_turns_but_one_answer_needs_no_choice() -> None:
    flows = [(0, -100), (1, 60), (2, -1), (3, 70)]
    assert price_from_yield(timed_by_number(flows, 1), irr(flows), YEARLY) == pytest.approx(
        0, abs=1e-9
    )


def test_irr_that_touches_zero_is_found() -> None:
    # -100 + 220 v - 121 v^2 is -(10 - 11 v)^2: worth nothing at 10 %, and a loss at any other.
    assert irr([(0, -100), (1, 220), (2, -121)]) == pytest.approx(0.1)


def test_rates_are_all_found_where_signs_change_often() -> None:
    # (v - 1/1.05)(v - 1/1.10)(v - 1/1.20)(v - 1/1.50), times 2079: four rates of return.
    coefficients = [Fraction(1)]
    for percent in (5, 10, 20, 50):
        root = Fraction(100, 100 + percent)
        padded = [Fraction(0), *coefficients]
        scaled = [*(c * -root for c in coefficients), Fraction(0)]
        coefficients = [a + b for a, b in zip(padded, scaled, strict=True)]
    whole = [int(c * 10**12) for c in coefficients]
    found = [
        2.718281828459045**u - 1
        for u in continuous_rates((Fraction(k), a) for k, a in enumerate(whole))
    ]
    assert found == pytest.approx([0.05, 0.1, 0.2, 0.5], rel=1e-6)


@pytest.mark.parametrize("flows", [[], [(0, 0)], [(0, 5), (1, 5)], [(0, -5), (3, -1)]])
def test_irr_of_money_that_goes_one_way_refused(flows: list[NumberedFlow]) -> None:
    with refused("/flows", "analytics.rate.one_way"):
        irr(flows)


def test_irr_that_no_rate_answers_refused() -> None:
    with refused("/flows", "analytics.rate.none"):
        irr([(0, 100), (1, -150), (2, 100)])
    with refused("/flows", "analytics.rate.none"):
        irr([(0, -100), (0, 100)])


# ---- yields and durations


def test_yield_and_price_of_a_bond_at_par_are_its_coupon() -> None:
    flows = bond(10, Fraction(9, 100), 2)
    assert present_value(flows, Fraction(9, 100), HALF_YEARLY) == 100_000_000
    assert yield_from_price(flows, 100_000_000, HALF_YEARLY) == pytest.approx(0.09)
    assert yield_from_price(flows, 88_130_923, HALF_YEARLY) > 0.09
    assert yield_from_price(flows, 200_000_000, HALF_YEARLY) < 0


def test_convert_monthly_yield_to_bond_equivalent() -> None:
    # Fabozzi: a monthly cash-flow yield of 0.7 % is a bond-equivalent 8.54837 %.
    monthly = convert_yield(0.007 * 12, Compounding.MONTHLY, HALF_YEARLY)
    assert monthly == pytest.approx(0.0854837, abs=1e-7)
    assert convert_yield(monthly, HALF_YEARLY, Compounding.MONTHLY) == pytest.approx(0.084)


def test_yield_from_price_of_monthly_flows_is_bond_equivalent_or_periodic() -> None:
    flows = timed_by_number([(month, 1_280_000) for month in range(1, 121)], 12)
    # An exercise of CFA candidates (300 Hours): 1.28 a month for ten years at 103 yields 0.7128 % a month.
    periodic = yield_from_price(flows, 103_000_000, Compounding.MONTHLY)
    assert periodic / 12 == pytest.approx(0.007128, abs=5e-7)
    equivalent = yield_from_price(flows, 103_000_000, HALF_YEARLY)
    assert equivalent == pytest.approx(2 * ((1 + periodic / 12) ** 6 - 1))


def test_duration_is_the_published_one() -> None:
    # Microsoft's examples of DURATION (2018 to 2048) and MDURATION (2008 to 2016): 8 % at 9 %.
    long = sensitivity(bond(59, Fraction(8, 100), 2), 0.09, HALF_YEARLY)
    short = sensitivity(bond(16, Fraction(8, 100), 2), 0.09, HALF_YEARLY)
    assert long.macaulay == pytest.approx(10.9191453, abs=1e-7)
    assert short.modified == pytest.approx(5.73567, abs=1e-5)


def test_convexity_is_the_published_one() -> None:
    # Masaryk University, Applied Financial Analysis 2012: five years, 8 % a year, yielding 10 %.
    found = sensitivity(bond(5, Fraction(8, 100), 1), 0.1, YEARLY)
    assert found.price == pytest.approx(92_418_426.46, abs=0.01)
    assert found.macaulay == pytest.approx(4.281412086, abs=1e-9)
    assert found.modified == pytest.approx(3.892192805, abs=1e-9)
    assert found.convexity == pytest.approx(20.09731536, abs=1e-8)


def test_duration_of_what_is_worth_nothing_refused() -> None:
    with refused("/flows", "analytics.price.none"):
        sensitivity(timed_by_number([(1, -5)], 1), 0.1, YEARLY)
    with refused("/flows", "analytics.price.none"):
        sensitivity((), 0.1, YEARLY)
