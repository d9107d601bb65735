"""A deal's life projected: small cases followed by hand, and the example against its reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents.collections import load_collections
from issuer.documents.deal import load_deal
from issuer.documents.pool import load_pool, parse_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.documents.text import read_file
from issuer.domain.analytics.outcome import outcome
from issuer.domain.errors import InvalidInput, NotFound
from issuer.domain.money import FEN_PER_YUAN, floor_mul
from issuer.domain.pool.assumptions import Assumptions, Cdr, Cpr
from issuer.domain.pool.claims import SuppliedCurve, SuppliedFlow
from issuer.domain.pool.curves import Vector, constant
from issuer.domain.pool.loan import FloatingRate, Loan
from issuer.domain.pool.periods import months, split_by_months
from issuer.domain.pool.pool import Asset
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.pool.revenue import CapacityRevenue
from issuer.domain.projection import Case, Pace, Projection, collections_of, project, project_deal
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, of
from issuer.domain.waterfall.structure import (
    Comparison,
    FixedFee,
    Floating,
    Reserve,
    Sponsor,
    Structure,
    Test,
    Tranche,
)
from issuer.services.measures import measure
from issuer.services.projections import (
    Question,
    changed,
    largest_borne,
    project_grid,
    project_once,
    require_applies,
)

DEALS = Path(__file__).parents[2] / "scripts/deals"
CLOSING = date(2026, 1, 1)
TURBO = do.PrincipalMode.AVAILABLE
RESIDUAL = do.PayResidual("S")
NO_CHANGE = OverridesDocument()


def note(name: str, rate: Fraction | Floating | None, face: int = 1000) -> Tranche:
    return Tranche(name, name, False, None, name, 1, face, rate, ())


A = note("A", Fraction(12, 100))
S = note("S", None, 100)
PASS_THROUGH = (do.PayInterest(("A",)), do.PayPrincipal(("A",), TURBO))


def terms(*steps: do.Step, **more: object) -> Structure:
    fields = {"tranches": (A, S), "fees": (), "reserves": (), "pool_micro": 1000, **more}
    return Structure(waterfall=(*(steps or PASS_THROUGH), RESIDUAL), **fields)  # type: ignore[arg-type]


def schedule(count: int) -> tuple[Period, ...]:
    """Months, each paid on the 15th of the next, with a twelfth of a year's interest."""
    return tuple(
        Period(
            number=number,
            collection_start=start,
            collection_end=end,
            determination=end,
            record_at=end,
            payment=end + timedelta(days=15),
            accrual_start=start,
            accrual_end=end,
            days=30,
            year_fraction=Fraction(1, 12),
            projected=False,
        )
        for number, (start, end) in enumerate(months(count, CLOSING), 1)
    )


def curve(*flows: tuple[int, int]) -> Asset:
    """Interest and principal at the end of each month."""
    ends = [end for _, end in months(len(flows), CLOSING)]
    lines = (SuppliedFlow(day, *flow) for day, flow in zip(ends, flows, strict=True))
    return SuppliedCurve(id="c", lines=tuple(lines))


LOANS = curve((20, 400), (12, 400), (4, 200))


def run(structure: Structure, *assets: Asset, count: int = 3, **case: object) -> Projection:
    return project(structure, schedule(count), assets, Case(**case))  # type: ignore[arg-type]


def left(found: Projection, tranche: str = "A") -> list[int]:
    """Outstanding after each payment."""
    return [
        each.closing.tranches[tranche].outstanding_per_unit_micro for each in found.distributions
    ]


def test_the_notes_follow_the_pool() -> None:
    found = run(terms(), LOANS)
    # Interest 1 % a month of 1000, 590, 183.9: the rest of the cash is principal.
    assert left(found) == [590, 183, 0]
    assert [each.paid_micro for each in found.distributions] == [420, 412, 204]
    result = outcome(found, "A", CLOSING)
    assert (result.interest_micro, result.principal_micro) == (10 + 5 + 1, 1000)
    assert (result.loss_micro, result.interest_unpaid_micro) == (0, 0)
    assert result.repaid_on == date(2026, 4, 15)
    days = [(date(2026, month, 15) - CLOSING).days for month in (2, 3, 4)]
    weighted = sum(d * p for d, p in zip(days, (410, 407, 183), strict=True))
    assert result.average_life == Fraction(weighted, 1000 * 365)
    residual = outcome(found, "S", CLOSING)
    assert (residual.residual_micro, residual.loss_micro) == (204 - 183 - 1, None)


def test_prepayment_shortens_and_default_loses() -> None:
    base = outcome(run(terms(), LOANS), "A", CLOSING)
    fast = outcome(
        run(terms(), LOANS, pool=Assumptions(prepayment=Cpr(constant(Fraction(9, 10))))),
        "A",
        CLOSING,
    )
    lost = outcome(
        run(terms(), LOANS, pool=Assumptions(default=Cdr(constant(Fraction(9, 10))))), "A", CLOSING
    )
    assert base.average_life is not None
    assert fast.average_life is not None
    assert fast.average_life < base.average_life
    assert fast.loss_micro == 0
    assert lost.loss_micro == 1000 - lost.principal_micro > 0
    assert lost.repaid_on is None


def row(**amounts: int) -> PoolPeriod:
    """A row as the pool room makes it, with some amounts replaced."""
    (found,) = project_pool([curve((7, 100))], Assumptions(), months(1, CLOSING))
    return replace(found, **amounts)  # type: ignore[arg-type]


def test_each_amount_is_converted_once_and_rounded_down() -> None:
    found = collections_of(
        row(interest=7, scheduled=5, prepaid=6, recoveries=3, revenue=9, defaulted=8, closing=11),
        Fraction(15, 10),
        Fraction(1, 2),
    )
    assert (found.interest_micro, found.principal_micro, found.recoveries_micro) == (10, 16, 4)
    assert (found.revenue_micro, found.defaulted_micro, found.pool_micro) == (6, 12, 16)


def test_a_pool_that_only_earns_reports_no_balance_and_one_repaid_reports_zero() -> None:
    assert collections_of(row(opening=0, closing=0), Fraction(1)).pool_micro is None
    assert collections_of(row(closing=0), Fraction(1)).pool_micro == 0


def test_the_call_is_made_once_the_pool_is_small_and_ends_the_deal() -> None:
    found = run(terms(), LOANS, call=Fraction(2, 10))
    assert found.called == 2
    assert len(found.distributions) == len(found.periods) == len(found.rows) == 2
    # 200 of pool on top of 412 collected: all of 590 and its interest, and the rest is residual.
    assert left(found) == [590, 0]
    assert found.distributions[1].collections.principal_micro == 600
    assert found.distributions[1].closing.pool.balance_micro == 0
    assert outcome(found, "S", CLOSING).residual_micro == 612 - 590 - 5


def test_no_call_is_made_above_the_threshold_without_one_or_if_it_redeemed_not_all() -> None:
    assert run(terms(), LOANS, call=Fraction(199, 1000)).called is None
    assert run(terms(), LOANS).called is None
    short = terms(tranches=(note("A", Fraction(12, 100), 1100), S))
    found = run(short, LOANS, call=Fraction(2, 10))
    assert (found.called, len(found.distributions)) == (None, 3)


def test_sponsors_stand_in_with_what_the_case_says() -> None:
    structure = terms(
        do.PayInterest(("A",), support=("bank",)),
        do.PayPrincipal(("A",), TURBO),
        sponsors=(Sponsor("bank", "bank"),),
    )
    nothing = curve((0, 0), (0, 0), (0, 0))
    alone = run(structure, nothing)
    assert alone.closing.tranches["A"].interest_shortfall_per_unit == 30
    backed = run(structure, nothing, support_micro={"bank": 7})
    assert [each.support_micro for each in backed.distributions] == [7, 7, 7]
    assert backed.closing.tranches["A"].interest_shortfall_per_unit == 30 - 21


def test_fixings_are_the_deals_unless_the_case_has_others() -> None:
    structure = terms(
        tranches=(note("A", Floating("hibor", Fraction(0))), S),
        assumed_fixings={"hibor": Fraction(12, 100)},
    )
    assert outcome(run(structure, LOANS), "A", CLOSING).interest_micro == 16
    dear = run(structure, LOANS, fixings={"hibor": Fraction(24, 100)})
    assert dear.distributions[0].of("A").interest_paid_micro == 20


@pytest.mark.parametrize(
    ("case", "place"),
    [
        ({"support_micro": {"nobody": 1}}, "/support/nobody"),
        ({"fixings": {"libor": Fraction(0)}}, "/fixings/libor"),
    ],
)
def test_names_that_the_deal_does_not_have_are_refused(case: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        run(terms(), LOANS, **case)
    assert [each.path for each in refused.value.complaints] == [place]


def test_failed_tests_change_the_waterfall_of_the_projection() -> None:
    structure = terms(
        do.PayInterest(("A",)),
        tests=(
            Test(
                "losses",
                of(Measure.CUMULATIVE_LOSSES),
                None,
                Comparison.AT_MOST,
                Fraction(0),
                switches_to="turbo",
            ),
        ),
        others={"turbo": (*PASS_THROUGH, RESIDUAL)},
    )
    second = Assumptions(default=Cdr(Vector((Fraction(0), Fraction(1, 2), Fraction(0)))))
    found = run(structure, LOANS, pool=second)
    assert [each.mode for each in found.distributions] == ["normal", "turbo", "turbo"]


def test_the_whole_life_is_conserved_with_reserves_and_fees() -> None:
    structure = terms(
        do.PayFee(("agent",)),
        do.PayInterest(("A",), support=("r",)),
        do.TopUp("r"),
        do.PayPrincipal(("A",), TURBO),
        do.Release("r"),
        fees=(FixedFee("agent", "agent", 3),),
        reserves=(Reserve("r", Amount(plus_micro=40), 25),),
    )
    found = run(structure, LOANS)
    collected = sum(each.collections_micro for each in found.distributions)
    paid = sum(each.paid_micro for each in found.distributions)
    assert collected + 25 == paid + found.closing.reserve_micro + found.closing.carry_micro


def test_rows_of_other_periods_are_refused() -> None:
    rows = project_pool([LOANS], Assumptions(), months(3, CLOSING))
    assert len(project_deal(terms(), schedule(3), rows).distributions) == 3
    with pytest.raises(InvalidInput, match="collection periods"):
        project_deal(terms(), schedule(2), rows)


def test_progress_tells_every_payment() -> None:
    rows, told = project_pool([LOANS], Assumptions(), months(3, CLOSING)), []
    project_deal(
        terms(), schedule(3), rows, on_progress=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


# ---- a pool that pays by the month, a deal that pays by the quarter

QUARTERS = tuple(
    replace(month, collection_start=start, collection_end=end)
    for month, (start, end) in zip(schedule(4), months(4, CLOSING, every=3), strict=True)
)
STRESSED = Assumptions(
    prepayment=Cpr(Vector(tuple(Fraction(n, 100) for n in range(12)))),
    default=Cdr(Vector(tuple(Fraction(n, 50) for n in range(12)))),
    severity=Fraction(1, 3),
    recovery_lag=2,
    recovery_timing=(Fraction(1, 2), Fraction(1, 2)),
)
MONTHLY = (
    Loan(id="level", balance=10**12 + 7, rate=Fraction(7, 100), remaining=11),
    CapacityRevenue(
        id="season",
        capacity=Fraction(1000),
        utilisation=Fraction(1),
        price=Fraction(10),
        starts=CLOSING,
        ends=date(2030, 1, 1),
        seasonality=tuple(Fraction(n + 1, 10) for n in range(12)),
    ),
)
_SUMS = ("scheduled", "prepaid", "defaulted", "interest", "revenue", "recoveries", "losses")


def test_each_quarter_is_the_sum_of_its_months_to_the_micro_unit() -> None:
    by_month = project_pool(MONTHLY, STRESSED, months(12, CLOSING))
    found = project(terms(), QUARTERS, MONTHLY, Case(pool=STRESSED, fx=Fraction(11, 10)))
    for index, quarter in enumerate(found.rows):
        part = by_month[3 * index : 3 * index + 3]
        for name in _SUMS:
            assert getattr(quarter, name) == sum(getattr(each, name) for each in part), name
        assert (quarter.opening, quarter.closing) == (part[0].opening, part[-1].closing)
        assert (quarter.workout, quarter.survival) == (part[-1].workout, part[-1].survival)
        # Every figure changes from month to month, or adding them up would prove nothing.
        for name in ("scheduled", "interest", "revenue", "prepaid", "defaulted"):
            assert len({getattr(each, name) for each in part if index == 1}) in (0, 3)
        cash = found.distributions[index].collections
        assert cash.interest_micro == floor_mul(quarter.interest, Fraction(11, 10))


def test_rates_may_act_once_a_collection_period_instead() -> None:
    case = Case(pool=STRESSED, pace=Pace.PERIOD)
    found = project(terms(), QUARTERS, MONTHLY, case).rows
    assert found == project_pool(MONTHLY, STRESSED, months(4, CLOSING, every=3))
    assert (
        found[1].defaulted
        != project(terms(), QUARTERS, MONTHLY, replace(case, pace=Pace.MONTH)).rows[1].defaulted
    )


def test_a_period_that_is_no_number_of_months_ends_with_a_shorter_one() -> None:
    odd = (date(2026, 1, 31), date(2026, 4, 10))
    assert split_by_months(odd) == (
        (date(2026, 1, 31), date(2026, 2, 27)),
        (date(2026, 2, 28), date(2026, 3, 30)),
        (date(2026, 3, 31), date(2026, 4, 10)),
    )
    assert split_by_months(months(1, CLOSING)[0]) == months(1, CLOSING)


# ---- the example


def question() -> Question:
    return Question.of(
        load_deal(DEALS / "ev-charging.yaml"), load_pool(DEALS / "ev-charging.pool.yaml")
    )


@pytest.mark.parametrize("file", ["ev-charging.collections.yaml", "ev-charging.collections-2.yaml"])
def test_the_examples_pool_earns_about_what_is_reported(file: str) -> None:
    (batch,) = load_collections(DEALS / file).batches
    row = question().run(NO_CHANGE).rows[batch.period - 1]
    reported = batch.cny_fen * 10**6 // FEN_PER_YUAN
    assert abs(row.revenue - reported) < reported // 100


def test_the_example_pays_class_a_in_full_unless_revenue_collapses() -> None:
    asked = question()
    found = asked.measured(NO_CHANGE, "A")
    # 80,000,000 at 5.80 %, paid back in fifths after 91, 183, 275, 365 and 456 days.
    assert found.average_life == Fraction(91 + 183 + 275 + 365 + 456, 5 * 365)
    assert (found.principal_micro, found.loss_micro) == (80 * 10**12, 0)
    assert asked.measured(OverridesDocument(scenario="low-use"), "A").loss_micro == 0
    assert asked.measured(OverridesDocument(scenario="collapse"), "A").loss_micro


def test_yield_at_par_is_the_note_rate_compounded_quarterly() -> None:
    found = project_once(question().deal, question().pool, NO_CHANGE)
    (senior, _) = measure(found, Fraction(0)).valuations
    assert senior.yield_at_par == pytest.approx((1 + 0.058 / 4) ** 4 - 1, abs=1e-4)


def test_breakeven_is_where_one_step_further_is_a_loss() -> None:
    asked = question()
    borne = largest_borne(asked, NO_CHANGE, "revenue", "A")
    assert borne is not None

    def lost(percent: Fraction) -> int | None:
        case = changed(NO_CHANGE, {"revenue": str(float(percent))})
        return asked.measured(case, "A").loss_micro

    assert lost(borne) == 0
    assert lost(borne - Fraction(1, 100))


def receivables() -> Question:
    deal = load_deal(DEALS / "trade-receivables.yaml")
    return Question.of(deal, load_pool(DEALS / "trade-receivables.pool.yaml"))


def test_what_no_default_can_hurt_bears_all_of_it() -> None:
    spared = changed(NO_CHANGE, {"cdr": "0"})
    assert largest_borne(receivables(), spared, "severity", "A") == 100


def test_breakeven_of_what_is_lost_already_is_none() -> None:
    lost = changed(NO_CHANGE, {"cdr": "100", "severity": "100"})
    assert largest_borne(receivables(), lost, "cpr", "A") is None


@pytest.mark.parametrize("stress", ["cpr", "psa", "cdr", "severity"])
def test_a_stress_that_hits_no_asset_of_the_pool_is_refused_with_one_that_does(stress: str) -> None:
    with pytest.raises(InvalidInput, match="stress `revenue` instead"):
        require_applies(question().pool, [stress], "test", "/{}")
    with pytest.raises(InvalidInput, match="stress `cpr` or `psa` or `cdr` or `severity` instead"):
        require_applies(receivables().pool, ["revenue"], "test", "/{}")
    require_applies(question().pool, ["revenue"], "test", "/{}")
    require_applies(receivables().pool, [stress], "test", "/{}")


@pytest.mark.parametrize(
    ("stress", "tranche"), [("weather", "A"), ("cdr", "A"), ("revenue", "S"), ("revenue", "B")]
)
def test_breakeven_of_nothing_there_is_is_refused(stress: str, tranche: str) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        largest_borne(question(), NO_CHANGE, stress, tranche)


def test_a_grid_is_each_case_by_itself() -> None:
    asked, told = receivables(), []
    axes = [("cdr", ["1", "70"]), ("severity", ["0", "50"])]
    cells = list(project_grid(asked, NO_CHANGE, axes, "A", lambda *step: told.append(step)))
    assert [(cell.row, cell.column) for cell in cells] == [
        ("1", "0"),
        ("1", "50"),
        ("70", "0"),
        ("70", "50"),
    ]
    for cell in cells:
        alone = changed(NO_CHANGE, {"cdr": cell.row, "severity": cell.column})
        assert cell.result == asked.measured(alone, "A")
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_date_before_the_first_collections_is_found_in_its_asset() -> None:
    asked = question()
    early = SuppliedCurve(id="early", lines=(SuppliedFlow(date(2026, 3, 31), 1),))
    wrong = replace(asked, pool=replace(asked.pool, assets=(*asked.pool.assets, early)))
    with pytest.raises(InvalidInput) as refused:
        wrong.run(NO_CHANGE)
    assert refused.value.source == "ev-charging.pool.yaml"
    assert [each.rule for each in refused.value.complaints] == ["pool.date.past"]
    assert refused.value.complaints[0].path.startswith("/assets/1/")


def test_an_index_that_nothing_is_assumed_of_is_asked_for() -> None:
    asked = question()
    floating = Loan(
        id="f", balance=1, rate=FloatingRate(index="lpr", spread=Fraction(0)), remaining=4
    )
    wrong = replace(asked, pool=replace(asked.pool, assets=(floating,)))
    with pytest.raises(InvalidInput) as refused:
        wrong.run(NO_CHANGE)
    assert [each.path for each in refused.value.complaints] == ["/assumptions/indices"]


def test_months_are_asked_for_where_a_convention_counts_them() -> None:
    asked = question()
    delinquency = {"missed": "1", "roll": ["1", "1", "1"]}
    assert changed_file(asked, {"delinquency": delinquency}).run(NO_CHANGE).rows
    late = changed_file(asked, {"delinquency": delinquency, "pace": "period"})
    with pytest.raises(InvalidInput) as refused:
        late.run(NO_CHANGE)
    assert [each.path for each in refused.value.complaints] == ["/assumptions"]


def changed_file(asked: Question, assumptions: dict[str, object]) -> Question:
    document = {**read_file(DEALS / "ev-charging.pool.yaml"), "assumptions": assumptions}
    return replace(asked, pool=parse_pool(document, "test"))


def test_an_asset_may_start_before_the_deal() -> None:
    earning = CapacityRevenue(
        id="x",
        capacity=Fraction(1),
        utilisation=Fraction(1),
        price=Fraction(10),
        starts=date(2020, 1, 1),
        ends=date(2030, 1, 1),
    )
    found = run(terms(), earning, count=1)
    assert found.distributions[0].collections.revenue_micro == 310
