"""What holds for every deal, not only for the example: random terms, random cash, many periods."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from issuer.documents.deal import load_deal
from issuer.domain.deal import Deal
from issuer.domain.deal_checks import validate_deal
from issuer.domain.ledger import (
    balances,
    collection_entry,
    distribution_entries,
    require_covered,
    reserve_funding_entry,
    subscription_entry,
)
from issuer.domain.schedule import Period
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.distribution import Distribution, Kind, PaymentLine
from issuer.domain.waterfall.entitlements import entitlements
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.steps import (
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    Release,
    Step,
    TopUp,
)
from issuer.domain.waterfall.structure import FixedFee, PercentFee, Reserve, Structure, Tranche

EXAMPLE = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
PERIODS = 6

units = st.integers(1, 10**6)
denominations = st.integers(1, 10**10)
percentages = st.integers(1, 10_000).map(lambda bps: Fraction(bps, 10_000))


@st.composite
def tranches(draw: st.DrawFn, name: str) -> Tranche:
    denomination = draw(denominations)
    cuts = sorted(draw(st.lists(st.integers(0, denomination), max_size=PERIODS - 1)))
    edges = [0, *cuts, denomination]
    instalments = tuple(b - a for a, b in pairwise(edges))
    rate = draw(percentages)
    return Tranche(
        name, name, True, f"T-{name}", None, draw(units), denomination, rate, instalments
    )


@st.composite
def deals(draw: st.DrawFn, *, percent_fee: bool = True) -> Deal:
    senior, junior = draw(tranches("A")), draw(tranches("B"))
    fixed = FixedFee("trustee", "trustee", draw(st.integers(1, 10**12)))
    share = PercentFee("servicer", "servicer", draw(percentages))
    target = draw(st.integers(1, 10**15))
    middle: list[Step] = [PayInterest(("B",)), TopUp("reserve"), PayPrincipal(("A",))]
    return replace(
        EXAMPLE,
        schedule=replace(EXAMPLE.schedule, payments=PERIODS),
        structure=Structure(
            tranches=(senior, junior, EXAMPLE.tranche("S")),
            fees=(fixed, share) if percent_fee else (fixed,),
            reserves=(reserve(target, draw(st.integers(0, target))),),
            waterfall=(
                PayFee(("trustee",)),
                *([PayFee(("servicer",))] if percent_fee else []),
                PayInterest(("A",)),
                *draw(st.permutations(middle)),
                PayPrincipal(("B",)),
                Release("reserve"),
                PayResidual("S"),
            ),
        ),
    )


def reserve(target: int, opening: int) -> Reserve:
    return Reserve("reserve", Amount(plus_micro=target), opening)


# Mostly lean: what a deal owes per period is far below 10**17, and shortfalls are the hard part.
cash = st.lists(
    st.one_of(st.integers(0, 10**17), st.integers(0, 10**9), st.just(0)),
    min_size=1,
    max_size=PERIODS + 2,
)
lengths = st.integers(1, 200)


def period(number: int, days: int = 91) -> Period:
    day = date(2026, 7, 15)
    return Period(
        number, day, day, day, day, day, day, day, days, Fraction(days, 365), projected=False
    )


def run(deal: Deal, collections: list[int], days: int = 91) -> list[Distribution]:
    state, results = opening_state(deal.structure), []
    for number, amount in enumerate(collections, start=1):
        results.append(
            distribute(
                deal.structure,
                state,
                Inputs(Collections(revenue_micro=amount)),
                period(number, days),
            )
        )
        state = results[-1].closing
    return results


def paid_out(distribution: Distribution) -> int:
    within = (Kind.TOP_UP, Kind.RELEASE)
    return sum(line.paid_micro for line in distribution.lines if line.kind not in within)


def carry_of(state: DealState, line: PaymentLine) -> int:
    if line.kind is Kind.INTEREST:
        return state.tranches[line.subject].interest_carry_micro
    if line.kind is Kind.PRINCIPAL:
        return state.tranches[line.subject].principal_carry_micro
    return 0


@given(deals())
def test_generated_deals_are_valid(deal: Deal) -> None:
    assert validate_deal(deal) == []


@given(deals(), cash, lengths)
def test_money_is_conserved_over_the_whole_life(deal: Deal, amounts: list[int], days: int) -> None:
    results = run(deal, amounts, days)
    before, after = results[0].opening, results[-1].closing
    came_in = sum(amounts) + before.reserve_micro + before.carry_micro
    assert came_in == sum(map(paid_out, results)) + after.reserve_micro + after.carry_micro


@given(deals(), cash, lengths)
def test_nothing_is_negative_or_paid_beyond_its_due(
    deal: Deal, amounts: list[int], days: int
) -> None:
    for result in run(deal, amounts, days):
        for line in result.lines:
            assert 0 <= line.paid_micro <= line.due_micro
            assert line.shortfall_micro == line.due_micro - line.paid_micro
        for state in result.closing.tranches.values():
            assert state.outstanding_per_unit_micro >= 0
            assert 0 <= state.interest_carry_micro < state.units
            assert 0 <= state.principal_carry_micro < state.units


@given(deals(), cash, lengths)
def test_senior_goes_before_junior(deal: Deal, amounts: list[int], days: int) -> None:
    """Below a step that runs short, nobody gets more than the carry kept for that very step."""
    for result in run(deal, amounts, days):
        short = False
        for line in result.lines:
            if short:
                assert line.paid_micro <= carry_of(result.opening, line)
            short = short or line.shortfall_micro > 0


@given(deals(), cash, lengths)
def test_what_is_not_paid_stays_owed(deal: Deal, amounts: list[int], days: int) -> None:
    results = run(deal, amounts, days)
    for tranche in deal.tokenised:
        state = results[-1].closing.tranches[tranche.id]
        figures = [result.of(tranche.id) for result in results]
        principal = sum(f.principal_paid_micro for f in figures)
        assert principal + state.outstanding_per_unit_micro == tranche.denomination_micro
        accrued = sum(
            int(f.outstanding_before_micro * (tranche.rate or 0) * Fraction(days, 365))
            for f in figures
        )
        interest = sum(f.interest_paid_micro for f in figures)
        assert interest + state.interest_shortfall_per_unit == accrued
        scheduled = sum(tranche.principal_schedule[: len(results)])
        assert principal + state.principal_shortfall_per_unit == scheduled


@given(deals(), cash)
def test_plenty_at_last_clears_every_shortfall(deal: Deal, amounts: list[int]) -> None:
    last = run(deal, [*amounts, *[10**24] * PERIODS])[-1].closing
    if deal.fees[-1] == PercentFee("servicer", "servicer", Fraction(1)):
        return  # a servicer who takes all leaves nothing to clear with
    assert last.carry_micro == 0
    assert set(last.fee_arrears.values()) == {0}
    for tranche in deal.tokenised:
        assert last.tranches[tranche.id].interest_shortfall_per_unit == 0
        assert last.tranches[tranche.id].outstanding_per_unit_micro == 0


@given(deals(), st.integers(0, 10**17), st.integers(0, 10**17))
def test_more_cash_pays_nobody_less(deal: Deal, less: int, extra: int) -> None:
    (poor,), (rich,) = run(deal, [less]), run(deal, [less + extra])
    for a, b in zip(poor.lines, rich.lines, strict=True):
        assert a.paid_micro <= b.paid_micro


@given(deals(percent_fee=False), cash, st.integers(1, 1000))
def test_a_deal_k_times_as_large_pays_each_unit_the_same(
    deal: Deal, amounts: list[int], k: int
) -> None:
    assert isinstance(deal.fees[0], FixedFee)
    (kept,) = deal.structure.reserves
    terms = replace(
        deal.structure,
        tranches=tuple(replace(tranche, units=tranche.units * k) for tranche in deal.tranches),
        fees=(replace(deal.fees[0], amount_micro=deal.fees[0].amount_micro * k),),
        reserves=(reserve(kept.target.plus_micro * k, kept.opening_micro * k),),
    )
    large = replace(deal, structure=terms)
    for one, many in zip(run(deal, amounts), run(large, [a * k for a in amounts]), strict=True):
        assert [line.paid_micro * k for line in one.lines] == [p.paid_micro for p in many.lines]
        assert [replace(f, units=f.units * k) for f in one.per_unit] == list(many.per_unit)


@given(deals(), cash, st.data())
def test_entitlements_add_up_to_what_is_declared(
    deal: Deal, amounts: list[int], data: st.DataObject
) -> None:
    per_unit = run(deal, amounts)[-1].of("A")
    cuts = sorted(data.draw(st.lists(st.integers(0, per_unit.units), max_size=20)))
    edges = [0, *cuts, per_unit.units]
    holdings = {f"H{n}": b - a for n, (a, b) in enumerate(pairwise(edges))}
    rows = entitlements(per_unit, holdings)
    assert sum(row.total_micro for row in rows) == per_unit.declared_micro
    assert all(row.total_micro == row.units * per_unit.payable_micro for row in rows)


@given(deals(), cash, lengths)
def test_ledger_agrees_with_the_waterfall(deal: Deal, amounts: list[int], days: int) -> None:
    opening = opening_state(deal.structure)
    entries = []
    if opening.reserve_micro:
        entries.append(subscription_entry("s", "H1", opening.reserve_micro))
        entries.append(reserve_funding_entry("r", opening.reserve_micro))
    for result in run(deal, amounts, days):
        if result.collections_micro:
            key = f"{result.period}"
            entries.append(collection_entry(f"c:{key}", key, result.collections_micro))
        entries += distribution_entries(f"d:{result.period}", result)
        accounts = balances(entries)
        require_covered(accounts)
        carry = sum(v for account, v in accounts.items() if account.startswith("carry:"))
        assert sum(accounts.values()) == 0
        assert accounts.get("collections", 0) == 0
        assert accounts.get("reserve", 0) == result.closing.reserve_micro
        assert carry == result.closing.carry_micro
