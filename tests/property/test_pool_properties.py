"""What holds for every pool: random assets, assumptions and periods."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.domain.pool.assumptions import (
    Assumptions,
    Cdr,
    Cpr,
    Delinquency,
    FlowOrder,
    LossTiming,
    Psa,
    RateRule,
)
from issuer.domain.pool.claims import Lease, Receivable
from issuer.domain.pool.curves import Vector
from issuer.domain.pool.level import amortise_together
from issuer.domain.pool.loan import Amortisation, HolidayInterest, InterestOn, Loan
from issuer.domain.pool.periods import Grid, months
from issuer.domain.pool.pool import Claim, contract_flows, flows_of
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.pool.units import PARTS
from issuer.domain.rounding import Rounding, RoundingMode

START = date(2026, 1, 1)
PERIODS = months(30, START)
LONG = months(48, START)
BALANCES = st.integers(0, 10**15)
unhurried = settings(deadline=None, max_examples=60)
shares = st.fractions(0, 1, max_denominator=1000)
rates = st.fractions(0, Fraction(1, 4), max_denominator=10_000)
AMOUNTS = (
    *("opening", "capitalised", "scheduled", "prepaid", "defaulted", "diluted", "closing"),
    *("interest", "revenue", "recoveries", "losses", "workout"),
)


@st.composite
def loans(draw: st.DrawFn) -> Loan:
    kind = draw(st.sampled_from([kind for kind in Amortisation if kind != Amortisation.CUSTOM]))
    remaining = draw(st.integers(1, 24))
    free = draw(st.integers(0, remaining))
    holiday = draw(st.integers(0, free))
    equal = kind is Amortisation.EQUAL_PRINCIPAL
    plain = equal or kind is Amortisation.BULLET
    return Loan(
        id=draw(st.uuids()).hex,
        balance=draw(BALANCES),
        rate=draw(rates),
        remaining=remaining,
        amortisation=kind,
        age=draw(st.integers(0, 40)),
        interval=draw(st.sampled_from([1, 3])),
        holiday=holiday,
        holiday_interest=draw(st.sampled_from(list(HolidayInterest))),
        interest_only=free - holiday,
        balloon_term=remaining + 12 if kind is Amortisation.BALLOON else None,
        principal_every=draw(st.integers(1, 3)) if equal else 1,
        interest_every=draw(st.integers(1, 4)) if plain else 1,
        interest_on=draw(st.sampled_from(InterestOn)) if plain else InterestOn.OUTSTANDING,
    )


level_loans = st.builds(
    Loan, id=st.uuids().map(str), balance=BALANCES, rate=rates, remaining=st.integers(1, 40)
)


@st.composite
def leases(draw: st.DrawFn) -> Lease:
    rentals = draw(st.lists(st.integers(1, 10**12), min_size=1, max_size=12))
    return Lease(
        id=draw(st.uuids()).hex,
        rentals=tuple(rentals),
        rate=draw(rates),
        residual=draw(st.integers(0, 10**12)),
        deposit=draw(st.integers(0, sum(rentals))),
    )


@st.composite
def receivables(draw: st.DrawFn) -> Receivable:
    face = draw(BALANCES)
    return Receivable(
        id=draw(st.uuids()).hex,
        face=face,
        due=draw(st.dates(START, date(2028, 1, 1))),
        fee=draw(st.integers(0, face // 2)),
        dilution=draw(shares) / 2,
    )


claims = st.one_of(loans(), level_loans, leases(), receivables())
delinquencies = st.builds(
    Delinquency,
    missed=shares,
    roll=st.tuples(shares, shares, shares),
    cure=st.fractions(Fraction(1, 10), 1, max_denominator=100),
)


@st.composite
def assumptions(draw: st.DrawFn) -> Assumptions:
    vectors = st.lists(shares, min_size=1, max_size=3).map(lambda values: Vector(tuple(values)))
    psa = draw(st.booleans())
    rules = st.none() | st.sampled_from(RateRule)
    parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    return Assumptions(
        prepayment=Psa(draw(shares) * 5) if psa else Cpr(draw(vectors), draw(rules)),
        default=Cdr(draw(vectors), draw(rules)),
        severity=draw(shares),
        recovery_lag=draw(st.integers(0, 6)),
        recovery_timing=tuple(Fraction(part, sum(parts)) for part in parts),
        delinquency=draw(st.none() | delinquencies),
        rate_rule=RateRule.MONTHLY if psa else draw(st.sampled_from(RateRule)),
        order=draw(st.sampled_from(FlowOrder)),
        interest_on_defaulted=draw(st.booleans()),
        loss_timing=draw(st.sampled_from(LossTiming)),
    )


roundings = st.none() | st.builds(
    Rounding, st.sampled_from(RoundingMode), st.sampled_from([1, 10_000, 10**6])
)
pools = st.lists(claims, min_size=1, max_size=5, unique_by=lambda claim: claim.id)


def totals(rows: tuple[PoolPeriod, ...]) -> dict[str, int]:
    return {name: sum(getattr(row, name) for row in rows) for name in AMOUNTS[1:-1]}


def in_cents(pool: list[Claim], cents: Rounding | None) -> list[Claim]:
    """The same with loans that are computed in cents."""
    return [replace(c, rounding=cents) if isinstance(c, Loan) else c for c in pool]


@unhurried
@given(pools, assumptions(), roundings, roundings)
def test_nothing_is_created_lost_or_negative(
    pool: list[Claim], x: Assumptions, lenders: Rounding | None, engine: Rounding | None
) -> None:
    pool, x = in_cents(pool, lenders), replace(x, rounding=engine)
    rows = project_pool(pool, x, PERIODS)
    closing = sum(claim.balance for claim in pool)
    assert rows[0].opening == closing
    for row in rows:
        assert row.opening == closing
        closing += row.capitalised - row.principal - row.defaulted - row.diluted
        assert row.closing == closing
        assert min(getattr(row, name) for name in AMOUNTS) >= 0
        assert 0 <= row.survival <= 1
    seen = totals(rows)
    assert seen["defaulted"] == seen["recoveries"] + seen["losses"] + rows[-1].workout


@unhurried
@given(pools)
def test_without_assumptions_the_pool_pays_its_contracts(pool: list[Claim]) -> None:
    rows = project_pool(pool, Assumptions(), PERIODS)
    flows = [flow for claim in pool for flow in contract_flows(claim, PERIODS)]
    for name, by_contract in (
        ("scheduled", sum(flow.principal for flow in flows)),
        ("interest", sum(flow.interest for flow in flows)),
        ("capitalised", sum(flow.capitalised for flow in flows)),
        ("diluted", sum(flow.diluted for flow in flows)),
    ):
        # Rounded for each payment of each asset there, for each row of the pool here.
        assert abs(totals(rows)[name] - by_contract) <= len(flows) + 2 * len(rows), name
    assert {row.prepaid + row.defaulted + row.losses for row in rows} == {0}


@unhurried
@given(pools, assumptions())
def test_what_is_lost_whole_brings_no_recoveries(pool: list[Claim], x: Assumptions) -> None:
    rows = project_pool(pool, replace(x, severity=Fraction(1)), PERIODS)
    assert {row.recoveries for row in rows} == {0}


@unhurried
@given(pools, assumptions(), st.integers(1, 1000))
def test_k_times_the_pool_pays_k_times_within_k_units(
    pool: list[Claim], x: Assumptions, k: int
) -> None:
    x = replace(x, delinquency=None, severity=Fraction(1))
    plain = [claim for claim in pool if isinstance(claim, Loan | Receivable)]
    scaled = [
        replace(claim, balance=claim.balance * k)
        if isinstance(claim, Loan)
        else replace(claim, face=claim.face * k, fee=claim.fee * k)
        for claim in plain
    ]
    for one, many in zip(
        project_pool(plain, x, PERIODS), project_pool(scaled, x, PERIODS), strict=True
    ):
        for name in ("opening", "closing", "interest"):
            assert abs(getattr(many, name) - k * getattr(one, name)) <= k, name
        # These give way where roundings would take more than there is; scheduled is what remains.
        for name in ("defaulted", "prepaid", "capitalised", "scheduled"):
            assert abs(getattr(many, name) - k * getattr(one, name)) <= 4 * k, name


@unhurried
@given(loans(), assumptions(), shares)
def test_an_asset_in_two_parts_pays_the_same(loan: Loan, x: Assumptions, share: Fraction) -> None:
    part = int(loan.balance * share)
    parts = [
        replace(loan, id="one", balance=part),
        replace(loan, id="two", balance=loan.balance - part),
    ]
    assert project_pool(parts, x, PERIODS) == project_pool([loan], x, PERIODS)


@unhurried
@given(pools, assumptions(), delinquencies)
def test_lateness_moves_cash_and_loses_none(
    pool: list[Claim], x: Assumptions, late: Delinquency
) -> None:
    in_time, slow = (
        project_pool(pool, replace(x, delinquency=terms), LONG) for terms in (None, late)
    )
    cash = {}
    for name, rows in (("in_time", in_time), ("slow", slow)):
        seen, last = totals(rows), rows[-1]
        cash[name] = (
            seen["scheduled"] + last.closing,
            seen["interest"] + last.overdue_interest,
            *(seen[other] for other in ("prepaid", "defaulted", "recoveries", "losses")),
        )
    assert cash["in_time"] == cash["slow"]


@unhurried
@given(st.lists(level_loans, min_size=1, max_size=6))
def test_loans_of_one_rate_amortised_together_pay_what_each_pays(pool: list[Loan]) -> None:
    rate = pool[0].rate
    assert isinstance(rate, Fraction)
    pool = [replace(loan, rate=rate) for loan in pool]
    grid = Grid(months(40))
    together = amortise_together(rate / 12, [(p.balance, p.remaining) for p in pool], 40, 40)
    apart = [[0] * 40, [0] * 40]
    for loan in pool:
        for number, flow in enumerate(flows_of(loan, grid, {})):
            apart[0][number] += flow.interest
            apart[1][number] += flow.principal
    for ours, theirs in zip(together, apart, strict=True):
        for one, other in zip(ours, theirs, strict=False):
            assert abs(one - other) * 10**6 < PARTS  # a millionth of a micro-unit
