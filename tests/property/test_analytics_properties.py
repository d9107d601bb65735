"""What holds of every figure, whatever the flows: sums, bounds, order, scale."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.analytics.average_life import (
    Origin,
    OriginConvention,
    average_life,
    average_life_by_months,
)
from issuer.domain.analytics.breakeven import breakeven
from issuer.domain.analytics.comparison import compare
from issuer.domain.analytics.coverage import (
    debt_service_coverage,
    interest_coverage,
    overcollateralisation,
)
from issuer.domain.analytics.factors import factor, published_factor
from issuer.domain.analytics.scenarios import grid
from issuer.domain.pro_rata import split
from tests.unit.test_comparison import MARKET, NOTES, TOKENS, TRADITIONAL, is_weekday, stated

amounts = st.integers(0, 10**18)
positive = st.integers(1, 10**18)
scales = st.integers(1, 10**6)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
monthly = st.lists(st.tuples(st.integers(1, 480), amounts), min_size=1, max_size=40).filter(
    lambda flows: any(amount for _, amount in flows)
)

# ---- factors


@given(amounts, positive, st.integers(1, 12))
def test_published_factor_is_below_the_exact_one_by_less_than_its_last_place(
    outstanding: int, original: int, places: int
) -> None:
    exact = factor(outstanding, original)
    assert 0 <= exact - Fraction(published_factor(exact, places)) < Fraction(1, 10**places)


@given(amounts, positive, scales)
def test_factor_is_the_same_in_any_unit(outstanding: int, original: int, scale: int) -> None:
    assert factor(outstanding * scale, original * scale) == factor(outstanding, original)


# ---- average lives


@given(monthly, st.integers(0, 30))
def test_average_life_lies_between_the_first_and_the_last_payment(
    flows: list[tuple[int, int]], settlement_days: int
) -> None:
    years = average_life_by_months(flows, settlement_days).years
    months = [month for month, amount in flows if amount]
    offset = Fraction(settlement_days, 360)
    assert Fraction(min(months), 12) <= years + offset <= Fraction(max(months), 12)


@given(monthly, scales, st.randoms(use_true_random=False))
def test_average_life_depends_neither_on_unit_nor_order(
    flows: list[tuple[int, int]], scale: int, chance: Random
) -> None:
    shuffled = [(month, amount * scale) for month, amount in flows]
    chance.shuffle(shuffled)
    assert average_life_by_months(shuffled) == average_life_by_months(flows)


@given(monthly, days, st.integers(0, 1_000))
def test_average_life_from_a_later_origin_is_shorter_by_the_time_between(
    flows: list[tuple[int, int]], closing: date, later: int
) -> None:
    start = closing + timedelta(days=later)
    dated = [(start + timedelta(days=30 * month), amount) for month, amount in flows]
    early = average_life(dated, Origin(OriginConvention.CLOSING, closing)).years
    late = average_life(dated, Origin(OriginConvention.FIRST_ACCRUAL, start)).years
    assert early - late == Fraction(later, 365)


# ---- coverage


@given(st.lists(st.tuples(st.integers(-(10**18), 10**18), amounts), max_size=30))
def test_coverage_in_short_lies_within_the_periods(periods: list[tuple[int, int]]) -> None:
    found = debt_service_coverage([cash for cash, _ in periods], [due for _, due in periods])
    ratios = [ratio for ratio in found.periods if ratio is not None]
    assert len(ratios) == sum(due > 0 for _, due in periods)
    if not ratios:
        assert found.minimum is found.average is found.overall is None
        return
    assert found.average is not None
    assert found.overall is not None
    assert found.minimum == min(ratios)
    assert min(ratios) <= found.average <= max(ratios)
    assert min(ratios) <= found.overall <= max(ratios)


@given(amounts, st.lists(amounts, max_size=8), scales)
def test_coverage_falls_with_seniority_and_is_the_same_in_any_unit(
    cash: int, claims: list[int], scale: int
) -> None:
    for cover in (interest_coverage, overcollateralisation):
        found = cover(cash, claims)
        assert cover(cash * scale, [claim * scale for claim in claims]) == found
        ratios = [ratio for ratio in found if ratio is not None]
        assert ratios == sorted(ratios, reverse=True)
        if ratios:
            assert ratios[-1] == Fraction(cash, sum(claims))


# ---- break-even and grids


@given(
    st.fractions(-1, 1, max_denominator=10**4),
    st.fractions(0, 2, max_denominator=10**4),
    st.fractions(Fraction(1, 10**4), 1, max_denominator=10**4),
    st.fractions(-2, 4, max_denominator=10**6),
)
def test_break_even_holds_and_a_step_further_does_not(
    low: Fraction, width: Fraction, tolerance: Fraction, limit: Fraction
) -> None:
    tried: list[Fraction] = []
    bounds: list[int] = []

    def holds(rate: Fraction) -> bool:
        tried.append(rate)
        return rate <= limit

    high = low + width
    found = breakeven(holds, low, high, tolerance, lambda done, bound: bounds.append(bound - done))
    assert len(set(tried)) == len(tried)
    assert min(bounds) >= 0
    if found is None:
        assert limit < low
        return
    assert low <= found <= high
    assert found <= limit
    assert found + tolerance > min(limit, high)
    assert (found - low) % tolerance == 0


@given(
    st.lists(st.integers(), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(), min_size=1, max_size=6, unique=True),
)
def test_grid_is_the_product_of_its_axes_in_order(rows: list[int], columns: list[int]) -> None:
    cells = list(grid(rows, columns, lambda row, column: (row, column)))
    assert [cell.result for cell in cells] == list(product(rows, columns))
    assert all(cell.result == (cell.row, cell.column) for cell in cells)


# ---- pro rata

claims = st.lists(amounts, min_size=1, max_size=12).filter(any)


@given(amounts, claims)
def test_split_sums_and_rounds_each_part_down_or_up(amount: int, claims: list[int]) -> None:
    parts = split(amount, claims)
    total = sum(claims)
    assert sum(parts) == amount
    for part, claim in zip(parts, claims, strict=True):
        assert amount * claim // total <= part <= amount * claim // total + 1
        assert abs(part - Fraction(amount * claim, total)) < 1
        assert part <= claim or amount > total


@given(amounts, claims, scales)
def test_split_is_the_same_for_claims_in_any_unit(
    amount: int, claims: list[int], scale: int
) -> None:
    assert split(amount, [claim * scale for claim in claims]) == split(amount, claims)


@given(st.data(), amounts, claims)
def test_split_in_another_order_moves_at_most_one_among_equals(
    data: st.DataObject, amount: int, claims: list[int]
) -> None:
    order = data.draw(st.permutations(range(len(claims))))
    parts, moved = split(amount, claims), split(amount, [claims[i] for i in order])
    total = sum(claims)
    assert sorted(parts) == sorted(moved)
    for place, index in enumerate(order):
        cut = amount * claims[index] % total
        tied = sum(amount * claim % total == cut for claim in claims) > 1
        assert abs(moved[place] - parts[index]) <= tied


# ---- comparison


flows = st.lists(st.tuples(days, positive), max_size=12)


@given(flows, flows, st.integers(1, 500))
def test_comparison_of_equal_cash_differs_only_by_the_terms(
    payments: list[tuple[date, int]], trades: list[tuple[date, int]], holders: int
) -> None:
    notes = replace(NOTES, payments=payments, trades=trades)
    market = replace(MARKET, holders=stated(holders))
    found = compare(notes, TRADITIONAL, TOKENS, market, is_weekday)
    assert found.cash_micro == sum(amount for _, amount in payments)
    for form in (found.traditional, found.tokens):
        assert len(form.payment_seconds) == len(payments)
        assert len(form.settlement_seconds) == len(form.money_seconds) == len(trades)
    assert all(seconds >= 2 * 86_400 for seconds in found.traditional.settlement_seconds)
    assert all(
        bank > chain
        for bank, chain in zip(
            found.tokens.money_seconds, found.tokens.settlement_seconds, strict=True
        )
    )
    free = replace(TOKENS, gas_price_wei=stated(0))
    gasless = compare(notes, TRADITIONAL, free, market, is_weekday)
    assert gasless.tokens.cost_micro <= found.tokens.cost_micro
    assert gasless.traditional == found.traditional
