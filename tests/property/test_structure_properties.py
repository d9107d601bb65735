"""Structures of every kind of step, drawn at random: money is kept, the senior goes first, order of
equals and size do not matter.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.ledger import (
    Entry,
    balances,
    collection_entry,
    distribution_entries,
    require_covered,
    reserve_funding_entry,
    subscription_entry,
    support_entry,
)
from issuer.domain.report.build import investor_report
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.checks import check_structure
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Sharing, Source, Step
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Direction,
    FixedFee,
    Floating,
    InterestBase,
    Moment,
    Reserve,
    Sponsor,
    Structure,
    Test,
    Tranche,
)

NAMES = ("A", "B", "C")
PAYEES = ("originator", "trustee")
amounts = st.one_of(st.just(0), st.integers(0, 1000), st.integers(0, 10**13))
percentages = st.integers(1, 4_000).map(lambda bps: Fraction(bps, 10_000))
sources = st.sampled_from([do.ALL_CASH, (Source.INTEREST,), (Source.PRINCIPAL, Source.INTEREST)])
supports = st.lists(st.sampled_from(["reserve", "sponsor"]), unique=True, max_size=2).map(tuple)
measures = st.sampled_from(
    [
        of(Measure.PRINCIPAL_COLLECTIONS),
        of(Measure.COLLECTIONS, times=Fraction(1, 3)),
        Amount((Term(Measure.OUTSTANDING), Term(Measure.POOL, (), Fraction(-9, 10)))),
        Amount(plus_micro=10**9),
    ]
)


@st.composite
def notes(draw: st.DrawFn, name: str) -> Tranche:
    rate = draw(
        st.one_of(
            percentages,
            st.builds(Floating, st.just("index"), percentages, st.just(Fraction(0)), st.none()),
        )
    )
    return Tranche(
        name,
        name,
        True,
        name,
        None,
        draw(st.integers(1, 10**5)),
        draw(st.integers(1, 10**9)),
        rate,
        (),
        shortfall_spread=draw(percentages),
        write_down_rounding=draw(st.sampled_from(Direction)),
        interest_base=draw(st.sampled_from(InterestBase)),
    )


def principal_step(
    draw: st.DrawFn, sharing: Sharing, stands_in: tuple[str, ...] | None = None
) -> Step:
    return do.PayPrincipal(
        NAMES,
        PrincipalMode.AVAILABLE,
        sharing,
        draw(st.one_of(st.none(), measures)),
        draw(sources),
        draw(supports) if stands_in is None else stands_in,
    )


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    classes = tuple(draw(notes(name)) for name in NAMES)
    first_loss = Tranche("S", "S", False, None, "originator", 1, 10**9, None, ())
    lost = Amount((Term(Measure.CUMULATIVE_LOSSES), Term(Measure.WRITTEN_DOWN, (), Fraction(-1))))
    interest: list[Step] = [
        do.PayInterest(NAMES, draw(st.sampled_from(Sharing)), draw(sources), draw(supports)),
        do.PayInterestOnInterest(NAMES, draw(st.sampled_from(Sharing)), draw(sources)),
    ]
    principal = principal_step(draw, draw(st.sampled_from(Sharing)), ("sponsor",))
    middle: list[Step] = [
        *interest,
        do.TopUp("reserve", draw(sources)),
        do.When(
            "oc",
            then=(principal_step(draw, Sharing.SEQUENTIAL),),
            otherwise=(
                do.Purchase("originator", draw(measures), draw(sources)),
                do.Capitalise(("C",)),
            ),
        ),
        do.WriteDown(("C", "B", "A"), lost),
        do.RepaySupport("sponsor", draw(sources)),
    ]
    end: tuple[Step, ...] = (principal, do.Release("reserve"), do.PayResidual("S"))
    fees = (
        FixedFee("trustee", "trustee", draw(st.integers(1, 10**9))),
        BalanceFee("servicer", "trustee", draw(percentages), of(Measure.POOL_BEFORE)),
    )
    pay_fees = do.PayFee(
        ("trustee", "servicer"), draw(st.one_of(st.none(), measures)), draw(sources)
    )
    return Structure(
        tranches=(*classes, first_loss),
        fees=fees,
        reserves=(
            Reserve(
                "reserve",
                of(Measure.OUTSTANDING, times=Fraction(1, 20)),
                draw(st.integers(0, 10**12)),
            ),
        ),
        sponsors=(Sponsor("sponsor", "originator", draw(st.one_of(st.none(), amounts))),),
        tests=(
            Test(
                "oc",
                of(Measure.POOL),
                of(Measure.OUTSTANDING, "A", "B"),
                Comparison.AT_LEAST,
                Fraction(11, 10),
                curable=draw(st.booleans()),
            ),
            Test(
                "default",
                of(Measure.INTEREST_DUE, "A"),
                None,
                Comparison.AT_MOST,
                Fraction(0),
                curable=False,
                switches_to="acceleration",
                moment=Moment.PAYMENT,
            ),
        ),
        waterfall=(pay_fees, *draw(st.permutations(middle)), *end),
        others={"acceleration": (pay_fees, *interest, *end)},
        pool_micro=draw(st.integers(0, 10**13)),
        assumed_fixings={"index": Fraction(0)},
    )


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    return Inputs(
        Collections(
            interest_micro=draw(amounts),
            principal_micro=draw(amounts),
            recoveries_micro=draw(amounts),
            revenue_micro=draw(amounts),
            defaulted_micro=draw(amounts),
            losses_micro=draw(st.integers(0, 10**9)),
            pool_micro=draw(amounts),
        ),
        {"index": draw(st.integers(-500, 2000).map(lambda bps: Fraction(bps, 10_000)))},
        {"sponsor": draw(amounts)},
    )


lives = st.lists(inputs(), min_size=1, max_size=5)


def period(number: int) -> Period:
    day = date(2026, 7, 15)
    return Period(number, day, day, day, day, day, day, day, 91, Fraction(91, 365), projected=False)


def run(structure: Structure, life: list[Inputs]) -> list[Distribution]:
    state, results = opening_state(structure), []
    for number, each in enumerate(life, start=1):
        results.append(distribute(structure, state, each, period(number)))
        state = results[-1].closing
    return results


@given(structures())
def test_generated_structures_are_valid(structure: Structure) -> None:
    assert check_structure(structure, 5, PAYEES) == []


@given(structures(), lives)
def test_books_follow_every_line_and_no_pot_is_overdrawn(
    structure: Structure, life: list[Inputs]
) -> None:
    entries: list[Entry] = []
    if opening := structure.opening_reserves_micro:
        entries += [subscription_entry("s", "H", opening), reserve_funding_entry("r", opening)]
    for result in run(structure, life):
        number = result.period
        if result.collections_micro:
            entries.append(collection_entry(f"c{number}", "b", result.collections_micro))
        if result.support_micro:
            entries.append(support_entry(f"u{number}", "sponsor", result.support_micro))
        entries += distribution_entries(f"d{number}", result)
        accounts = balances(entries)
        require_covered(accounts)
        assert sum(accounts.values()) == 0
        assert accounts.get("collections", 0) == accounts.get("support:sponsor", 0) == 0
        assert accounts.get("reserve", 0) == result.closing.reserve_micro
        carry = sum(each for name, each in accounts.items() if name.startswith("carry:"))
        assert carry == result.closing.carry_micro


@given(structures(), lives)
def test_whatever_is_paid_can_be_reported_and_its_sums_hold(
    structure: Structure, life: list[Inputs]
) -> None:
    results = run(structure, life)
    dates = [period(result.period) for result in results]
    report = investor_report(structure, results, dates)
    for result, told in zip(results, report.periods, strict=True):
        assert told.available_micro == (
            told.paid_micro + result.closing.reserve_micro + result.closing.carry_micro
        )
        assert {each.left_micro - each.right_micro for each in told.identities} == {0}


@given(structures(), lives)
def test_no_note_is_paid_more_than_its_face_and_what_was_added(
    structure: Structure, life: list[Inputs]
) -> None:
    results = run(structure, life)
    for tranche in structure.notes:
        figures = [result.of(tranche.id) for result in results]
        paid = sum(each.principal_paid_micro for each in figures)
        added = sum(each.capitalised_micro for each in figures)
        written = sum(each.written_down_micro for each in figures)
        left = results[-1].closing.tranches[tranche.id]
        assert (
            paid + written + left.outstanding_per_unit_micro == tranche.denomination_micro + added
        )
        assert written == left.written_down_per_unit_micro


@given(structures(), lives)
def test_a_junior_class_gets_principal_only_once_the_senior_is_repaid(
    structure: Structure, life: list[Inputs]
) -> None:
    """Of a sequential step: what a class gets beyond its carry waits for the class before it."""
    one_after_the_other = replace(
        structure,
        waterfall=(
            do.PayPrincipal(NAMES, PrincipalMode.AVAILABLE),
            *(step for step in structure.waterfall if not isinstance(step, do.PayPrincipal)),
        ),
    )
    for result in run(one_after_the_other, life):
        if result.mode != "normal":
            continue
        before, left = result.opening.tranches, {}
        for line in result.lines[: len(NAMES)]:
            state = before[line.subject]
            face = state.outstanding_per_unit_micro * state.units
            left[line.subject] = face - line.paid_micro
            seniors = NAMES[: NAMES.index(line.subject)]
            if any(left[each] for each in seniors):
                assert line.paid_micro <= state.principal_carry_micro


@given(structures(), lives, st.integers(2, 50))
def test_many_times_the_units_and_the_cash_pay_each_unit_the_same(
    structure: Structure, life: list[Inputs], k: int
) -> None:
    single = replace(
        structure,
        tranches=tuple(replace(each, units=1) for each in structure.tranches),
        fees=structure.fees[:1],
        waterfall=(
            do.PayInterest(NAMES),
            do.PayPrincipal(NAMES, PrincipalMode.AVAILABLE),
            do.PayResidual("S"),
        ),
        others={},
        tests=(),
        reserves=(),
        sponsors=(),
    )
    large = replace(single, tranches=tuple(replace(each, units=k) for each in single.tranches))
    times_k = [_times(each, k) for each in life]
    for one, many in zip(run(single, life), run(large, times_k), strict=True):
        for small, big in zip(one.per_unit, many.per_unit, strict=True):
            assert replace(small, units=big.units) == big


def _times(each: Inputs, k: int) -> Inputs:
    fields: dict[str, Any] = {
        name: getattr(each.collections, name) * k
        for name in ("interest_micro", "principal_micro", "recoveries_micro", "revenue_micro")
    }
    return replace(each, collections=replace(each.collections, **fields))


@given(structures(), lives, st.permutations(NAMES))
def test_order_of_pro_rata_payees_changes_nothing_but_odd_micro_units(
    structure: Structure, life: list[Inputs], order: list[str]
) -> None:
    def shared(names: tuple[str, ...]) -> Structure:
        steps = (do.PayInterest(names, Sharing.PRO_RATA), do.PayResidual("S"))
        plain = replace(structure, fees=(), reserves=(), sponsors=(), tests=(), others={})
        return replace(plain, waterfall=steps)

    one, other = run(shared(NAMES), life[:1])[0], run(shared(tuple(order)), life[:1])[0]
    for name in NAMES:
        units = one.of(name).units
        difference = one.total(Kind.INTEREST, name) - other.total(Kind.INTEREST, name)
        assert abs(difference) <= units  # one micro-unit of the split, or one per unit by it
