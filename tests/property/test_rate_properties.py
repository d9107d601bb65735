"""Rates of return and yields: against another implementation, and back from the price they give."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import expm1

import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st

from issuer.domain.analytics.present_value import (
    Compounding,
    TimedFlow,
    present_value,
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

START = date(2026, 4, 15)
amounts = st.integers(10**6, 10**15)
compoundings = st.sampled_from(Compounding)
rates = st.integers(-2_000, 10_000).map(lambda bps: Fraction(bps, 10_000))


@st.composite
def investments(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Money put in once and coming back on later days, between a tenth of it and ten times it."""
    incomes = draw(st.lists(amounts, min_size=1, max_size=12))
    later = draw(
        st.lists(st.integers(30, 3_650), min_size=len(incomes), max_size=len(incomes), unique=True)
    )
    share = draw(st.integers(10, 1_000))
    return [(0, -max(sum(incomes) * share // 100, 1)), *zip(sorted(later), incomes, strict=True)]


def payments(draw_from: list[int], per_year: int) -> tuple[TimedFlow, ...]:
    return timed_by_number(list(enumerate(draw_from, start=1)), per_year)


@given(investments())
def test_xirr_is_that_of_another_implementation(flows: list[tuple[int, int]]) -> None:
    dated = [(START + timedelta(days=number), amount) for number, amount in flows]
    theirs = pyxirr.xirr(dated)
    assume(theirs is not None)
    assert xirr(dated) == pytest.approx(theirs, rel=1e-7, abs=1e-9)


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(10, 1_000))
def test_irr_is_that_of_another_implementation(incomes: list[int], share: int) -> None:
    flows = [-(sum(incomes) * share // 100), *incomes]
    theirs = pyxirr.irr(flows)
    assume(theirs is not None)
    assert irr(list(enumerate(flows))) == pytest.approx(theirs, rel=1e-7, abs=1e-9)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=10))
def test_rates_include_what_another_implementation_finds(flows: list[int]) -> None:
    assume(min(flows) < 0 < max(flows))
    theirs = pyxirr.irr(flows)
    assume(theirs is not None)
    assume(-0.99 < theirs < 100)
    ours = [expm1(u) for u in continuous_rates((Fraction(k), a) for k, a in enumerate(flows))]
    assert any(rate == pytest.approx(theirs, rel=1e-4, abs=1e-4) for rate in ours)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=10))
def test_rates_are_no_more_than_the_changes_of_sign_and_of_their_parity(flows: list[int]) -> None:
    signs = [amount > 0 for amount in flows if amount]
    changes = sum(a != b for a, b in pairwise(signs))
    found = continuous_rates((Fraction(k), a) for k, a in enumerate(flows))
    assert len(found) <= changes
    assert list(found) == sorted(found)
    if changes % 2:
        assert found


@given(
    st.lists(st.integers(1, 200), min_size=2, max_size=5, unique=True),
    st.integers(1, 10**6),
)
def test_rates_built_into_flows_are_all_found(percents: list[int], size: int) -> None:
    percents.sort()
    apart = all(b - a >= 10 for a, b in pairwise(percents))
    assume(apart)
    flows = [size]
    for percent in percents:
        # Times (100 + percent) v - 100, which is zero where v is 1 / (1 + percent).
        carried = [0, *(amount * (100 + percent) for amount in flows)]
        flows = [a - b for a, b in zip(carried, [*(f * 100 for f in flows), 0], strict=True)]
    found = continuous_rates((Fraction(k), a) for k, a in enumerate(flows))
    assert [expm1(u) * 100 for u in found] == pytest.approx(percents, rel=1e-6)


@given(st.lists(amounts, min_size=1, max_size=40), rates, compoundings)
def test_yield_from_the_price_at_a_yield_is_that_yield(
    incomes: list[int], rate: Fraction, compounding: Compounding
) -> None:
    flows = payments(incomes, compounding)
    price = round(present_value(flows, rate, compounding))
    assert price_from_yield(flows, float(rate), compounding) == pytest.approx(price, rel=1e-6)
    found = yield_from_price(flows, price, compounding)
    assert found == pytest.approx(float(rate), rel=1e-4, abs=1e-5)


@given(st.lists(amounts, min_size=1, max_size=40), rates, compoundings, st.integers(1, 10**6))
def test_present_value_scales_and_adds(
    incomes: list[int], rate: Fraction, compounding: Compounding, scale: int
) -> None:
    flows = payments(incomes, compounding)
    worth = present_value(flows, rate, compounding)
    scaled = [TimedFlow(flow.years, flow.amount * scale) for flow in flows]
    assert present_value(scaled, rate, compounding) == worth * scale
    assert sum(present_value([flow], rate, compounding) for flow in flows) == worth
    assert present_value(flows[::-1], rate, compounding) == worth
    assert present_value(flows, rate + 1, compounding) < worth


@given(rates, compoundings, compoundings)
def test_convert_yield_goes_back_and_keeps_the_growth_of_a_year(
    rate: Fraction, quoted: Compounding, wanted: Compounding
) -> None:
    converted = convert_yield(float(rate), quoted, wanted)
    assert convert_yield(converted, wanted, quoted) == pytest.approx(float(rate), abs=1e-12)
    grown = (1 + rate / quoted) ** quoted
    assert (1 + converted / wanted) ** wanted == pytest.approx(float(grown))


@given(st.lists(amounts, min_size=1, max_size=40), rates, compoundings)
def test_duration_lies_within_the_flows_and_measures_the_price(
    incomes: list[int], rate: Fraction, compounding: Compounding
) -> None:
    flows = payments(incomes, compounding)
    found = sensitivity(flows, float(rate), compounding)
    last = float(flows[-1].years)
    assert float(flows[0].years) <= found.macaulay * (1 + 1e-12)
    assert found.macaulay <= last * (1 + 1e-12)
    # The price's derivatives, from exact prices a little up and a little down.
    step = Fraction(1, 10**6)
    low, middle, high = (present_value(flows, rate + d, compounding) for d in (-step, 0, step))
    assert found.modified == pytest.approx(float((low - high) / (2 * step * middle)), rel=1e-6)
    curvature = (low + high - 2 * middle) / (step**2 * middle)
    assert found.convexity == pytest.approx(float(curvature), rel=1e-6)
