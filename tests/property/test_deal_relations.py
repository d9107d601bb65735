"""Relations between deals that differ in one thing, over generated pools and structures: nobody needs
to know what is right to know that these agree.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.cashflow import (
    Amount,
    Assumptions,
    Case,
    Cdr,
    Collections,
    Comparison,
    Cpr,
    DayCount,
    Distribution,
    FixedFee,
    Inputs,
    Kind,
    Loan,
    Measure,
    Moment,
    Pace,
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    Period,
    PrincipalMode,
    Psa,
    Release,
    Reserve,
    Rounding,
    RoundingMode,
    Sharing,
    Source,
    Sponsor,
    Structure,
    Term,
    Test,
    TopUp,
    When,
    check_structure,
    constant,
    contract_flows,
    of,
    opening_state,
    project,
    project_pool,
    regular_periods,
    run_deal,
    unit_class,
    whole_class,
    year_fraction,
)

START = date(2026, 1, 1)
MONTHS = 12
PERIODS = regular_periods(START, MONTHS)
DAYS = tuple((each.collection_start, each.collection_end) for each in PERIODS)
TURBO = PrincipalMode.AVAILABLE
SENIOR, MEZZANINE = "A", "B"
NOTES = (SENIOR, MEZZANINE)

unhurried = settings(deadline=None, max_examples=50)
shares = st.fractions(0, 1, max_denominator=100)
rates = st.fractions(Fraction(1, 1000), Fraction(1, 5), max_denominator=1000)
loans = st.lists(
    st.builds(
        Loan,
        id=st.uuids().map(str),
        balance=st.integers(10**6, 10**13),
        rate=rates,
        remaining=st.integers(1, 18),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda loan: loan.id,
)
stresses = st.builds(
    Assumptions,
    prepayment=shares.map(lambda share: Cpr(constant(share))),
    default=shares.map(lambda share: Cdr(constant(share))),
    severity=shares,
    recovery_lag=st.integers(0, 3),
)


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Two classes, a fee, a reserve, a sponsor, a test that turns interest to principal until cured."""
    classes = tuple(
        unit_class(name, draw(st.integers(1, 10**4)), draw(st.integers(10**3, 10**9)), draw(rates))
        for name in NOTES
    )
    target = Amount(
        (Term(Measure.OUTSTANDING, NOTES, draw(shares)),),
        at_least=Amount(plus_micro=draw(st.integers(0, 10**9))),
        at_most=of(Measure.OUTSTANDING, *NOTES),
    )
    covered = Test(
        "ic",
        of(Measure.INTEREST_COLLECTIONS),
        of(Measure.INTEREST_ON_OUTSTANDING, *NOTES),
        Comparison.AT_LEAST,
        Fraction(11, 10),
    )
    sharing = draw(st.sampled_from(Sharing))
    return Structure(
        tranches=(*classes, whole_class("S", 1)),
        fees=(FixedFee("trustee", "trustee", draw(st.integers(1, 10**9))),),
        reserves=(Reserve("reserve", target, draw(st.integers(0, 10**9))),),
        sponsors=(Sponsor("sponsor", "originator", draw(st.integers(0, 10**10))),),
        tests=(covered,),
        waterfall=(
            PayFee(("trustee",)),
            PayInterest((SENIOR,), support=("reserve", "sponsor")),
            When("ic", then=(PayPrincipal(NOTES, TURBO, source=(Source.INTEREST,), until="ic"),)),
            PayInterest((MEZZANINE,)),
            TopUp("reserve"),
            PayPrincipal(NOTES, TURBO, sharing, limit=of(Measure.PRINCIPAL_COLLECTIONS)),
            Release("reserve"),
            PayResidual("S"),
        ),
    )


def case(pool: Assumptions, **more: object) -> Case:
    return Case(pool=pool, support_micro={"sponsor": 10**8}, pace=Pace.PERIOD, **more)  # type: ignore[arg-type]


@given(structures())
def test_generated_structures_are_valid(structure: Structure) -> None:
    assert check_structure(structure, MONTHS, ("trustee", "originator")) == []


# ---- assumptions


@unhurried
@given(structures(), loans)
def test_no_prepayment_and_no_default_is_what_the_contracts_say(
    structure: Structure, pool: list[Loan]
) -> None:
    """Zero by every rule is the schedule, and the deal pays what it pays of supplied flows."""
    scheduled = project(structure, PERIODS, pool, case(Assumptions()))
    for none in (
        Assumptions(prepayment=Cpr(constant(Fraction(0))), default=Cdr(constant(Fraction(0)))),
        Assumptions(prepayment=Psa(Fraction(0)), severity=Fraction(0), recovery_lag=3),
    ):
        assert project(structure, PERIODS, pool, case(none)).distributions == (
            scheduled.distributions
        )
    for row in scheduled.rows:
        due = [
            flow
            for loan in pool
            for flow in contract_flows(loan, DAYS)
            if row.start <= flow.day <= row.end
        ]
        assert abs(row.interest - sum(flow.interest for flow in due)) <= len(due)
        assert abs(row.scheduled - sum(flow.principal for flow in due)) <= len(due)


@unhurried
@given(structures(), loans, stresses, st.integers(0, 5), shares)
def test_nothing_is_recovered_of_what_is_lost_whole_however_late(
    structure: Structure, pool: list[Loan], stress: Assumptions, lag: int, share: Fraction
) -> None:
    whole = replace(stress, severity=Fraction(1))
    late = replace(whole, recovery_lag=lag, recovery_timing=(share, 1 - share))
    one, other = (project(structure, PERIODS, pool, case(each)) for each in (whole, late))
    assert {row.recoveries for row in (*one.rows, *other.rows)} == {0}
    assert one.distributions == other.distributions


@unhurried
@given(loans, stresses)
def test_one_class_is_a_pass_through(pool: list[Loan], stress: Assumptions) -> None:
    """A single class without a rate gets all principal; what else comes is the holder's of the rest."""
    face = sum(loan.balance for loan in pool)
    through = Structure(
        tranches=(whole_class("A", face), whole_class("S", 1)),
        fees=(),
        reserves=(),
        waterfall=(
            PayPrincipal(("A",), TURBO, source=(Source.PRINCIPAL,)),
            PayResidual("S"),
        ),
    )
    found = project(through, PERIODS, pool, Case(pool=stress, pace=Pace.PERIOD))
    for row, paid in zip(found.rows, found.distributions, strict=True):
        assert paid.total(Kind.PRINCIPAL, "A") == row.principal + row.recoveries
        assert paid.total(Kind.RESIDUAL) == row.interest
    left = found.closing.tranches["A"].outstanding_per_unit_micro
    last = found.rows[-1]
    assert left == last.closing + last.workout + sum(row.losses for row in found.rows)


# ---- the whole life of a deal


def balance_sheet(paid: Distribution) -> tuple[int, int]:
    came = paid.collections_micro + paid.support_micro
    came += paid.opening.reserve_micro + paid.opening.carry_micro
    return came, paid.paid_micro + paid.closing.reserve_micro + paid.closing.carry_micro


@unhurried
@given(structures(), loans, stresses)
def test_cash_is_kept_nothing_is_negative_and_the_senior_goes_first(
    structure: Structure, pool: list[Loan], stress: Assumptions
) -> None:
    for paid in project(structure, PERIODS, pool, case(stress)).distributions:
        came, went = balance_sheet(paid)
        assert came == went
        for line in paid.lines:
            assert 0 <= line.paid_micro <= line.due_micro
            assert line.shortfall_micro == line.due_micro - line.paid_micro
        for each in paid.per_unit:
            assert 0 <= each.outstanding_after_micro <= each.outstanding_before_micro
        senior, junior = (paid.closing.tranches[name] for name in NOTES)
        if senior.interest_shortfall_per_unit:  # all there was, and all who stand in, went there
            assert paid.total(Kind.INTEREST, MEZZANINE) == 0
            assert paid.total(Kind.RESIDUAL) == paid.closing.reserve_micro == 0
        if junior.interest_shortfall_per_unit:
            assert paid.total(Kind.TOP_UP) == 0


@given(
    st.lists(st.tuples(st.integers(0, 10**12), rates), min_size=1, max_size=3),
    st.integers(0, 10**12),
    st.fractions(1, 3, max_denominator=20),
)
def test_a_cure_is_as_large_as_it_must_be_and_no_larger(
    classes: list[tuple[int, Fraction]], cash: int, cover: Fraction
) -> None:
    """The test made again afterwards passes, or all cash is gone; a micro-unit less would fail it."""
    names = tuple(f"N{number}" for number in range(len(classes)))
    ratio = (of(Measure.INTEREST_COLLECTIONS), of(Measure.INTEREST_ON_OUTSTANDING, *names))
    tests = (
        Test("ic", *ratio, Comparison.AT_LEAST, cover),
        Test("afterwards", *ratio, Comparison.AT_LEAST, cover, moment=Moment.PAYMENT),
    )
    until = PayPrincipal(names, TURBO, until="ic")
    structure = Structure(
        tranches=(
            *(whole_class(n, *terms) for n, terms in zip(names, classes, strict=True)),
            whole_class("S", 1),
        ),
        fees=(),
        reserves=(),
        tests=tests,
        waterfall=(until, PayResidual("S")),
    )
    inputs = [Inputs(Collections(interest_micro=cash))]
    (paid,) = run_deal(structure, inputs, PERIODS)
    before, after = (each.passed for each in paid.tests)
    repaid = paid.total(Kind.PRINCIPAL)
    assert after or repaid == cash
    assert before == (repaid == 0 and after)
    if repaid:
        less = replace(until, until=None, limit=Amount(plus_micro=repaid - 1))
        other = replace(structure, waterfall=(less, PayResidual("S")))
        assert not run_deal(other, inputs, PERIODS)[0].tests[1].passed


@unhurried
@given(structures(), loans, stresses, st.integers(2, 30))
def test_k_times_the_deal_pays_each_unit_the_same(
    structure: Structure, pool: list[Loan], stress: Assumptions, k: int
) -> None:
    """Cash, fees, reserves and units k times as large; no pro rata split, which deals out odd units."""
    steps = tuple(
        replace(step, sharing=Sharing.SEQUENTIAL) if isinstance(step, PayPrincipal) else step
        for step in structure.waterfall
        if not isinstance(step, When)  # a cure ends where rounding lets it
    )
    structure = replace(structure, waterfall=steps, tests=())
    (fee,), (reserve,), (sponsor,) = structure.fees, structure.reserves, structure.sponsors
    target, floor = reserve.target, reserve.target.at_least or Amount()
    plain = replace(target, terms=())  # a share of the balance is cut to the micro-unit
    one = replace(structure, reserves=(replace(reserve, target=plain),))
    many = replace(
        one,
        tranches=tuple(replace(each, units=each.units * k) for each in structure.tranches),
        fees=(replace(fee, amount_micro=fee.amount_micro * k),),  # type: ignore[call-arg]
        reserves=(
            replace(
                reserve,
                opening_micro=reserve.opening_micro * k,
                target=replace(plain, at_least=Amount(plus_micro=floor.plus_micro * k)),
            ),
        ),
        sponsors=(replace(sponsor, limit_micro=(sponsor.limit_micro or 0) * k),),
    )
    rows = project_pool(pool, stress, DAYS)

    def cash(times: int) -> list[Inputs]:
        return [
            Inputs(
                Collections(
                    interest_micro=row.interest * times,
                    principal_micro=row.principal * times,
                    recoveries_micro=row.recoveries * times,
                ),
                support_micro={"sponsor": 10**6 * times},
            )
            for row in rows
        ]

    for small, large in zip(
        run_deal(one, cash(1), PERIODS), run_deal(many, cash(k), PERIODS), strict=True
    ):
        for each, other in zip(small.per_unit, large.per_unit, strict=True):
            # What does not divide by the units divides by k of them: less than a micro-unit a unit.
            assert abs(each.payable_micro - other.payable_micro) <= 12
            assert abs(each.outstanding_after_micro - other.outstanding_after_micro) <= 12
        assert abs(large.paid_micro - k * small.paid_micro) <= 12 * sum(
            state.units for state in large.opening.tranches.values()
        )


@unhurried
@given(structures(), loans, stresses, st.integers(1, MONTHS - 1))
def test_a_life_in_two_parts_is_the_same_life(
    structure: Structure, pool: list[Loan], stress: Assumptions, months: int
) -> None:
    rows = project_pool(pool, stress, DAYS)
    inputs = [
        Inputs(Collections(interest_micro=row.interest, principal_micro=row.principal))
        for row in rows
    ]
    whole = run_deal(structure, inputs, PERIODS)
    first = run_deal(structure, inputs[:months], PERIODS)
    rest = run_deal(structure, inputs[months:], PERIODS[months:], first[-1].closing)
    assert (*first, *rest) == whole
    assert first[0].opening == opening_state(structure)


# ---- interest


@given(
    st.integers(0, 10**15),
    rates,
    st.sampled_from([DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA]),
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.builds(Rounding, st.sampled_from(RoundingMode), st.sampled_from([1, 10_000])),
)
def test_interest_of_a_class_in_pieces_is_interest_at_once_but_for_the_roundings(
    face: int, rate: Fraction, count: DayCount, pieces: list[int], rounding: Rounding
) -> None:
    """Unpaid interest stays due: what several periods owe together is what one long one owes."""
    note = whole_class("A", face, rate, rounding=rounding)
    structure = Structure(
        tranches=(note, whole_class("S", 1)),
        fees=(),
        reserves=(),
        waterfall=(PayInterest(("A",)), PayPrincipal(("A",), TURBO), PayResidual("S")),
    )

    def span(number: int, first: date, turn: date) -> Period:
        years = year_fraction(count, first, turn)
        days = (turn - first).days
        return Period(number, first, turn, turn, turn, turn, first, turn, days, years, False)

    turns = [START]
    for days in pieces:
        turns.append(turns[-1] + timedelta(days))
    parts = [span(n, a, b) for n, (a, b) in enumerate(pairwise(turns), 1)]
    nothing = Inputs(Collections())
    owed = run_deal(structure, [nothing] * len(parts), parts)[-1].closing.tranches["A"]
    (at_once,) = run_deal(structure, [nothing], [span(1, turns[0], turns[-1])])
    exact = at_once.closing.tranches["A"].interest_shortfall_per_unit
    assert abs(owed.interest_shortfall_per_unit - exact) <= rounding.to_micro * len(parts)


# ---- order of equals


@unhurried
@given(structures(), loans, stresses, st.booleans())
def test_order_of_classes_that_share_pro_rata_matters_by_no_more_than_odd_units(
    structure: Structure, pool: list[Loan], stress: Assumptions, interest_too: bool
) -> None:
    """One payment: what is left over by one in the order goes on with the next payment."""

    def shared(names: tuple[str, ...]) -> Distribution:
        steps = (
            PayInterest(names, Sharing.PRO_RATA if interest_too else Sharing.SEQUENTIAL),
            PayPrincipal(names, TURBO, Sharing.PRO_RATA, source=(Source.PRINCIPAL,)),
            PayResidual("S"),
        )
        plain = replace(structure, fees=(), reserves=(), sponsors=(), tests=())
        row = project_pool(pool, stress, DAYS)[0]
        ample = 10**16  # interest is paid in full, so its order is no matter
        cash = Collections(interest_micro=ample, principal_micro=row.principal)
        return run_deal(replace(plain, waterfall=steps), [Inputs(cash)], PERIODS)[0]

    one, other = shared(NOTES), shared(NOTES[::-1])
    for name in NOTES:
        units = one.of(name).units
        assert one.total(Kind.INTEREST, name) == other.total(Kind.INTEREST, name)
        assert abs(one.total(Kind.PRINCIPAL, name) - other.total(Kind.PRINCIPAL, name)) <= units
