"""The steps one by one: what is due, what is paid, what is carried, what is owed next time."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents.deal import load_deal
from issuer.domain.errors import InvalidInput, IssuanceBug
from issuer.domain.schedule import Period
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.distribution import Distribution, Kind, require_conserved
from issuer.domain.waterfall.entitlements import entitlement, entitlements
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import (
    Collections,
    DealState,
    Inputs,
    TrancheState,
    opening_state,
)
from issuer.domain.waterfall.steps import PayFee, PayInterest, PayPrincipal, PayResidual, TopUp
from issuer.domain.waterfall.structure import FixedFee, PercentFee, Reserve, Structure, Tranche

EXAMPLE = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")

# Small numbers: 3 units of 100 at 10 % a period, two payments of 60 and 40; fee 5 + 10 %.
SENIOR = Tranche("A", "Senior", True, "T-A", None, 3, 100, Fraction(1, 10), (60, 40))
FIRST_LOSS = Tranche("S", "First loss", False, None, "originator", 1, 50, None, ())
DEAL = Structure(
    tranches=(SENIOR, FIRST_LOSS),
    fees=(FixedFee("trustee", "trustee", 5), PercentFee("servicer", "servicer", Fraction(1, 10))),
    reserves=(Reserve("reserve", Amount(plus_micro=20), 10),),
    waterfall=(
        PayFee(("trustee",)),
        PayFee(("servicer",)),
        PayInterest(("A",)),
        TopUp("reserve"),
        PayPrincipal(("A",)),
        PayResidual("S"),
    ),
)


def period(number: int = 1, fraction: Fraction = Fraction(1)) -> Period:
    day = date(2026, 7, 15)
    return Period(number, day, day, day, day, day, day, day, 365, fraction, False)


def pay(
    cash: int, state: DealState | None = None, number: int = 1, deal: Structure = DEAL
) -> Distribution:
    return distribute(
        deal,
        state or opening_state(deal),
        Inputs(Collections(revenue_micro=cash)),
        period(number),
    )


def paid(distribution: Distribution) -> list[int]:
    return [line.paid_micro for line in distribution.lines]


def test_enough_cash_pays_every_step_and_the_rest_to_the_residual() -> None:
    result = pay(1000)
    assert paid(result) == [5, 100, 30, 10, 180, 675]
    assert all(line.shortfall_micro == 0 for line in result.lines)
    assert [line.step for line in result.lines] == [1, 2, 3, 4, 5, 6]
    assert [line.payee for line in result.lines] == [
        "trustee",
        "servicer",
        "A",
        "reserve",
        "A",
        "originator",
    ]
    assert result.closing.tranches["A"].outstanding_per_unit_micro == 40


def test_no_cash_owes_everything_and_pays_nothing() -> None:
    result = pay(0)
    assert paid(result) == [0] * 6
    assert result.closing.fee_arrears == {"trustee": 5, "servicer": 0}
    assert result.closing.tranches["A"] == TrancheState(3, 100, 10, 60, 0, 0)
    assert result.closing.reserve_micro == 10


def test_unpaid_fee_is_due_again() -> None:
    short = pay(3)
    assert short.closing.fee_arrears == {"trustee": 2, "servicer": 0}
    second = pay(1000, short.closing, 2)
    assert second.lines[0].due_micro == 7
    assert second.closing.fee_arrears == {"trustee": 0, "servicer": 0}


def test_interest_that_does_not_divide_is_carried_to_the_same_step() -> None:
    short = pay(5 + 1 + 8)  # servicer takes 10 % of 14, floored: 1
    assert short.of("A").interest_paid_micro == 2
    assert short.closing.tranches["A"].interest_carry_micro == 2
    assert short.closing.tranches["A"].interest_shortfall_per_unit == 8
    second = pay(5, short.closing, 2)  # nothing is left for interest but the carry
    assert second.of("A").interest_paid_micro == 0
    assert second.closing.tranches["A"].interest_carry_micro == 2
    third = pay(5 + 1, second.closing, 3)
    assert third.of("A").interest_paid_micro == 1


def test_principal_that_does_not_divide_is_carried_and_owed() -> None:
    free = replace(
        DEAL, fees=(), reserves=(), waterfall=tuple(DEAL.waterfall[i] for i in (2, 4, 5))
    )
    short = pay(30 + 100, deal=free)
    state = short.closing.tranches["A"]
    assert (state.outstanding_per_unit_micro, state.principal_shortfall_per_unit) == (67, 27)
    assert state.principal_carry_micro == 1
    second = pay(10_000, short.closing, 2, free)
    assert second.of("A").principal_due_micro == 40 + 27
    assert second.of("A").outstanding_after_micro == 0
    assert second.closing.carry_micro == 0


def test_principal_due_never_exceeds_what_is_outstanding() -> None:
    state = replace(
        opening_state(DEAL), tranches={"A": TrancheState(3, 50), "S": TrancheState(1, 50)}
    )
    assert pay(1000, state).of("A").principal_due_micro == 50


def test_nothing_is_scheduled_after_the_last_instalment() -> None:
    result = pay(1000, number=3)
    assert result.of("A").principal_due_micro == 0
    assert result.of("A").interest_due_micro == 10


def test_interest_counts_on_the_opening_balance_wherever_its_step_stands() -> None:
    order = (DEAL.waterfall[4], DEAL.waterfall[2], DEAL.waterfall[5])
    result = pay(1000, deal=replace(DEAL, fees=(), reserves=(), waterfall=order))
    assert result.of("A").interest_paid_micro == 10
    assert result.of("A").outstanding_before_micro == 100


def test_interest_is_floored_per_unit_once() -> None:
    result = distribute(
        DEAL,
        opening_state(DEAL),
        Inputs(Collections(revenue_micro=1000)),
        period(fraction=Fraction(99, 100)),
    )
    assert result.of("A").interest_due_micro == 9
    assert result.lines[2].due_micro == 27


def test_reserve_above_its_target_is_left_alone() -> None:
    result = pay(1000, replace(opening_state(DEAL), reserves={"reserve": 25}))
    assert result.lines[3].due_micro == 0
    assert result.closing.reserve_micro == 25


def test_units_issued_below_plan_are_the_units_paid() -> None:
    result = pay(1000, opening_state(DEAL, {"A": 2}))
    assert result.of("A").declared_micro == 2 * 70
    none = pay(1000, opening_state(DEAL, {"A": 0}))
    assert none.of("A").declared_micro == 0
    assert none.lines[-1].paid_micro == 1000 - 5 - 100  # no notes, so nothing to reserve for
    assert paid(pay(0, opening_state(DEAL, {"A": 0}))) == [0] * 6


def test_retained_tranche_with_a_rate_is_paid_to_its_payee() -> None:
    mezzanine = replace(FIRST_LOSS, id="M", rate=Fraction(1, 10))
    deal = replace(
        DEAL,
        tranches=(SENIOR, mezzanine, FIRST_LOSS),
        waterfall=(*DEAL.waterfall[:3], PayInterest(("M",)), *DEAL.waterfall[3:]),
    )
    line = pay(1000, deal=deal).lines[3]
    assert (line.kind, line.subject, line.payee, line.paid_micro) == (
        Kind.INTEREST,
        "M",
        "originator",
        5,
    )


def test_opening_is_not_changed() -> None:
    opening = opening_state(DEAL)
    result = pay(1000, opening)
    assert opening == opening_state(DEAL) == result.opening


@pytest.mark.parametrize("cash", [-1, -1000])
def test_negative_collections_are_refused(cash: int) -> None:
    with pytest.raises(InvalidInput, match=f"/collections/.*is {cash}"):
        pay(cash)


def test_tampered_distribution_is_a_bug() -> None:
    result = pay(1000)
    lines = (replace(result.lines[0], paid_micro=4), *result.lines[1:])
    with pytest.raises(IssuanceBug, match="came in"):
        require_conserved(replace(result, lines=lines))
    with pytest.raises(IssuanceBug, match="came in"):
        require_conserved(replace(result, collections=Collections(revenue_micro=999)))
    lines = (
        replace(result.lines[0], paid_micro=6),
        replace(result.lines[1], paid_micro=99),
        *result.lines[2:],
    )
    with pytest.raises(IssuanceBug, match="step 1 pays"):
        require_conserved(replace(result, lines=lines))
    bad = replace(result.closing, fee_arrears={"trustee": -1})
    with pytest.raises(IssuanceBug, match="negative"):
        require_conserved(replace(result, closing=bad))


def test_entitlements_are_units_times_per_unit() -> None:
    per_unit = pay(1000).of("A")
    rows = entitlements(per_unit, {"H1": 2, "H2": 1, "H3": 0})
    assert [row.total_micro for row in rows] == [140, 70, 0]
    assert sum(row.total_micro for row in rows) == per_unit.declared_micro


def test_holdings_that_do_not_add_up_are_a_bug() -> None:
    per_unit = pay(1000).of("A")
    for holdings in ({"H1": 2}, {"H1": 4}, {"H1": 5, "H2": -2}, {}):
        with pytest.raises(IssuanceBug):
            entitlements(per_unit, holdings)
    with pytest.raises(IssuanceBug):
        entitlement(per_unit, "H1", 4)


def test_figures_of_an_unpaid_tranche_are_not_found() -> None:
    with pytest.raises(KeyError):
        pay(1000).of("S")
