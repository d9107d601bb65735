"""What leases, receivables, supplied curves, rents and capacities pay, worked out from their terms."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.pool.claims import Lease, Receivable, SuppliedCurve, SuppliedFlow
from issuer.domain.pool.curves import Curve
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import Asset, Pool, contract_flows
from issuer.domain.pool.revenue import CapacityRevenue, Per, Rent
from issuer.domain.rounding import Rounding, RoundingMode

M = 1_000_000
YEAR = months(12, date(2026, 1, 1))
START, END = date(2026, 1, 1), date(2029, 12, 31)


def revenue(asset: Asset, count: int = 12) -> list[int]:
    return [flow.revenue for flow in contract_flows(asset, months(count, START))]


def test_a_lease_without_a_rate_is_all_principal() -> None:
    lease = Lease(id="E", rentals=(100 * M,) * 3, residual=50 * M)
    flows = contract_flows(lease, YEAR)
    assert lease.balance == 350 * M
    assert [flow.principal for flow in flows] == [100 * M, 100 * M, 150 * M]
    assert not any(flow.interest for flow in flows)


def test_a_lease_at_a_rate_is_worth_its_payments_discounted() -> None:
    lease = Lease(id="E", rentals=(100 * M, 100 * M), residual=10 * M, rate=Fraction(12, 100))
    # 100/1.01 + 110/1.01^2 = 206.842466...
    assert lease.balance == 206_842_466
    flows = contract_flows(lease, YEAR)
    assert [flow.interest + flow.principal for flow in flows] == [100 * M, 110 * M]
    assert flows[0].interest == 2_068_425
    assert flows[-1].balance == 0


def test_a_deposit_meets_the_last_rentals() -> None:
    lease = Lease(id="E", rentals=(100 * M,) * 3, deposit=120 * M, interval=3)
    flows = contract_flows(lease, YEAR)
    assert (lease.balance, [flow.principal for flow in flows]) == (180 * M, [100 * M, 80 * M])


def test_a_receivable_pays_its_face_less_dilution_with_the_fee_as_income() -> None:
    invoice = Receivable(
        id="R", face=2000 * M, due=date(2026, 3, 10), fee=50 * M, dilution=Fraction(1, 100)
    )
    (flow,) = contract_flows(invoice, YEAR)
    assert invoice.balance == 1950 * M
    assert (flow.day, flow.interest, flow.principal) == (date(2026, 3, 10), 50 * M, 1930 * M)
    assert (flow.diluted, flow.balance) == (20 * M, 0)


def test_a_supplied_curve_comes_as_it_is() -> None:
    lines = (
        SuppliedFlow(date(2026, 2, 1), principal=5, interest=1),
        SuppliedFlow(date(2026, 1, 1), principal=7, revenue=2),
    )
    flows = contract_flows(SuppliedCurve(id="C", lines=lines), YEAR)
    assert [(f.principal, f.interest, f.revenue, f.balance) for f in flows] == [
        (7, 0, 2, 5),
        (5, 1, 0, 0),
    ]


def test_a_supplied_flow_before_the_first_period_is_refused() -> None:
    curve = SuppliedCurve(id="C", lines=(SuppliedFlow(date(2025, 12, 31), principal=5),))
    with pytest.raises(InvalidInput, match="before the first collection period"):
        contract_flows(curve, YEAR)


def test_capacity_times_utilisation_times_price_times_days_less_costs() -> None:
    plant = CapacityRevenue(
        id="PV",
        capacity=Fraction(1000),
        utilisation=Fraction(15, 100),
        price=Fraction(380_000),
        starts=START,
        ends=END,
        operating_costs=Fraction(1, 10),
    )
    # 1000 MWh x 15% x 0.38 x 90% a day
    assert revenue(plant, 2) == [51_300_000 * 31, 51_300_000 * 28]


def test_capacity_per_payment_follows_its_curves_on_the_first_day() -> None:
    piles = CapacityRevenue(
        id="EV",
        capacity=Fraction(200),
        utilisation=Curve(((START, Fraction(1, 2)), (date(2026, 2, 1), Fraction(3, 4)))),
        price=Curve(((START, Fraction(M)), (date(2026, 3, 2), Fraction(2 * M)))),
        starts=START,
        ends=END,
        per=Per.PERIOD,
    )
    assert revenue(piles, 4) == [100 * M, 150 * M, 150 * M, 300 * M]


def test_seasons_and_growth_step_on_their_dates() -> None:
    seasons = tuple(Fraction(n) for n in range(1, 13))
    road = CapacityRevenue(
        id="toll",
        capacity=Fraction(10),
        utilisation=Fraction(1),
        price=Fraction(M),
        starts=date(2026, 1, 11),
        ends=date(2027, 1, 20),
        seasonality=seasons,
        growth=Fraction(-1, 10),
    )
    got = revenue(road, 14)
    assert got[:2] == [21 * 10 * M, 28 * 2 * 10 * M]
    assert got[11:] == [31 * 12 * 10 * M, 10 * 10 * M + 10 * 9 * M]  # none after the last day


def test_a_price_that_steps_within_a_period_is_read_day_by_day() -> None:
    price = Curve(((START, Fraction(M)), (date(2026, 1, 11), Fraction(2 * M))))
    piles = CapacityRevenue(
        id="EV", capacity=Fraction(1), utilisation=Fraction(1), price=price, starts=START, ends=END
    )
    assert revenue(piles, 1) == [10 * M + 21 * 2 * M]


def test_rent_per_month_counts_what_is_let() -> None:
    rent = Rent(id="T", base=Fraction(3100 * M), starts=date(2026, 1, 11), ends=date(2026, 3, 14))
    assert revenue(rent, 4)[:2] == [2100 * M, 3100 * M]
    assert revenue(rent, 4)[2:] == [1400 * M]


def test_rent_per_day_is_paid_for_the_days_before_each_due_date() -> None:
    rent = Rent(
        id="T",
        base=Fraction(12_300_000),
        starts=START,
        ends=date(2026, 7, 15),
        per=Per.DAY,
        first_due=date(2026, 4, 1),
        interval=3,
    )
    flows = contract_flows(rent, YEAR)
    assert [(flow.day, flow.revenue) for flow in flows] == [
        (date(2026, 4, 1), 90 * 12_300_000),
        (date(2026, 7, 1), 91 * 12_300_000),
        (date(2026, 10, 1), 15 * 12_300_000),
    ]


def test_rent_grows_each_year_or_steps_by_date_less_vacancy() -> None:
    grown = Rent(id="T", base=Fraction(M), starts=START, ends=END, increase=Fraction(15, 1000))
    assert revenue(grown, 25)[11:13] == [M, 1_015_000]
    assert revenue(grown, 25)[24] == 1_030_225
    steps = Curve(((START, Fraction(M)), (date(2026, 2, 1), Fraction(2 * M))))
    stepped = Rent(id="T", base=steps, starts=START, ends=END, vacancy=Fraction(1, 20))
    assert revenue(stepped, 2) == [950_000, 1_900_000]


def test_an_increase_makes_a_rent_that_is_rounded_each_time_where_the_lease_says_so() -> None:
    """12.10 a day and 5 % more each year: 12.705 and 13.34025, or cut to cents 12.70 and 13.33."""
    cut = Rounding(RoundingMode.DOWN, 10_000)
    same = {
        "base": Fraction(12_100_000),
        "per": Per.DAY,
        "starts": date(2026, 1, 1),
        "ends": date(2028, 12, 31),
        "increase": Fraction(5, 100),
    }
    years = months(3, date(2026, 1, 1), every=12)
    for rounding, rents in (
        (None, (12_100_000, 12_705_000, 13_340_250)),
        (cut, (12_100_000, 12_700_000, 13_330_000)),
    ):
        rent = Rent(id="r", **same, rounding=rounding)  # type: ignore[arg-type]
        paid = [flow.revenue for flow in contract_flows(rent, years)]
        assert paid == [rent * days for rent, days in zip(rents, (365, 365, 366), strict=True)]


def test_rent_from_the_middle_of_a_month_is_whole_from_day_to_day() -> None:
    rent = Rent(
        id="T",
        base=Fraction(M),
        starts=date(2026, 1, 15),
        ends=date(2026, 2, 14),
        first_due=date(2026, 2, 15),
    )
    assert [flow.revenue for flow in contract_flows(rent, YEAR)] == [M]


def test_a_pool_has_no_id_twice_and_the_balance_of_its_claims() -> None:
    invoice = Receivable(id="R", face=2000, due=date(2026, 3, 10))
    rent = Rent(id="T", base=Fraction(M), starts=START, ends=END)
    assert Pool((invoice, rent)).balance == 2000
    with pytest.raises(InvalidInput, match="'R' is used twice"):
        Pool((invoice, invoice))


def _capacity(**terms: object) -> CapacityRevenue:
    one = Fraction(1)
    good = CapacityRevenue(id="X", capacity=one, utilisation=one, price=one, starts=START, ends=END)
    return replace(good, **terms)  # type: ignore[arg-type]


def _rent(**terms: object) -> Rent:
    good = Rent(id="X", base=Fraction(1), starts=START, ends=END)
    return replace(good, **terms)  # type: ignore[arg-type]


STEP = Curve(((START, Fraction(1)),))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Lease(id="X", rentals=()), "rentals"),
        (lambda: Lease(id="X", rentals=(1,), interval=0), "interval"),
        (lambda: Lease(id="X", rentals=(1,), rate=Fraction(-1)), "rate"),
        (lambda: Lease(id="X", rentals=(1,), deposit=2), "deposit"),
        (lambda: Lease(id="X", rentals=(1,), residual=-1), "residual"),
        (lambda: Lease(id="X", rentals=(1,), age=-1), "age"),
        (lambda: Receivable(id="X", face=1, due=START, fee=2), "fee"),
        (lambda: Receivable(id="X", face=1, due=START, dilution=Fraction(2)), "dilution"),
        (lambda: SuppliedCurve(id="X", lines=(SuppliedFlow(START, -1),)), "lines"),
        (lambda: SuppliedCurve(id="X", lines=(), age=-1), "age"),
        (lambda: _capacity(capacity=Fraction(-1)), "capacity"),
        (lambda: _capacity(seasonality=(Fraction(1),)), "seasonality"),
        (lambda: _capacity(growth=Fraction(-1)), "growth"),
        (lambda: _capacity(operating_costs=Fraction(2)), "operating_costs"),
        (lambda: _capacity(ends=date(2025, 1, 1)), "ends"),
        (lambda: _capacity(interval=0), "interval"),
        (lambda: _rent(base=Fraction(-1)), "base"),
        (lambda: _rent(base=STEP, increase=Fraction(1)), "increase"),
        (lambda: _rent(vacancy=Fraction(2)), "vacancy"),
        (lambda: _rent(ends=date(2025, 1, 1)), "ends"),
        (lambda: _rent(interval=0), "interval"),
        (lambda: _rent(rounding=Rounding(to_micro=0)), "rounding"),
        (lambda: Curve(((END, Fraction(1)), (START, Fraction(1)))), "points"),
    ],
)
def test_terms_that_make_no_asset_are_refused(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make()
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]
