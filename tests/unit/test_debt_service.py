"""What the notes are due by the terms is what the waterfall makes due, under every convention."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import load_deal
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.deal import Deal
from issuer.domain.debt_service import debt_service
from issuer.domain.schedule import build_schedule
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import Capitalise, PayInterest, PayPrincipal, PrincipalMode

EXAMPLE = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
CALENDAR = load_joint_calendar(EXAMPLE.schedule.calendars)
COIN = 1_000_000


def deal_with(day_count: DayCount, accrual: Accrual) -> Deal:
    # Paid on the 19th, of which the first is a Sunday and the second a holiday.
    terms = replace(
        EXAMPLE.schedule, day_count=day_count, accrual=accrual, first_payment=date(2026, 7, 19)
    )
    return replace(EXAMPLE, schedule=terms)


def with_own(deal: Deal, day_count: DayCount) -> Deal:
    """The deal, its class A with a day count of its own."""
    tranches = tuple(
        replace(each, day_count=day_count) if each.id == "A" else each for each in deal.tranches
    )
    return replace(deal, structure=replace(deal.structure, tranches=tranches))


def due_in_the_waterfall(deal: Deal) -> list[int]:
    state, amounts = opening_state(deal.structure), []
    plenty = Inputs(Collections(revenue_micro=10**15))
    for period in build_schedule(deal, CALENDAR):
        result = distribute(deal.structure, state, plenty, period)
        owed = {Kind.INTEREST, Kind.PRINCIPAL}
        amounts.append(sum(line.due_micro for line in result.lines if line.kind in owed))
        state = result.closing
    return amounts


@pytest.mark.parametrize("accrual", Accrual)
@pytest.mark.parametrize("day_count", DayCount)
def test_debt_service_is_what_the_waterfall_makes_due(
    day_count: DayCount, accrual: Accrual
) -> None:
    deal = deal_with(day_count, accrual)
    assert list(debt_service(deal, build_schedule(deal, CALENDAR))) == due_in_the_waterfall(deal)


@pytest.mark.parametrize("day_count", DayCount)
def test_day_count_of_a_class_goes_before_the_schedule_s(day_count: DayCount) -> None:
    for accrual in Accrual:
        deal = with_own(deal_with(DayCount.ACT_365F, accrual), day_count)
        everywhere = due_in_the_waterfall(deal_with(day_count, accrual))
        assert due_in_the_waterfall(deal) == everywhere
        assert list(debt_service(deal, build_schedule(deal, CALENDAR))) == everywhere


@pytest.mark.parametrize("schedule", [(), (300 * COIN, 700 * COIN)], ids=["none", "in two"])
def test_interest_that_accrues_is_due_with_the_principal(schedule: tuple[int, ...]) -> None:
    """Nothing before the schedule says so; the last payment is due all that has grown."""
    tranches = tuple(
        replace(each, principal_schedule=schedule) if each.id == "A" else each
        for each in EXAMPLE.tranches
    )
    steps = tuple(
        Capitalise(("A",)) if step == PayInterest(("A",)) else step for step in EXAMPLE.waterfall
    )
    structure = replace(EXAMPLE.structure, tranches=tranches, waterfall=steps)
    deal = replace(EXAMPLE, structure=structure)
    *early, last = debt_service(deal, build_schedule(deal, CALENDAR))
    assert early == [80_000 * amount for amount in (*schedule, 0, 0, 0, 0)[:4]]
    outstanding = 1_000 * COIN
    for number, days in enumerate((91, 92, 92, 90, 91)):
        outstanding += outstanding * Fraction(58, 1000) * Fraction(days, 365) // 1
        outstanding -= (*schedule, 0, 0, 0, 0, 0)[number]
    assert last == 80_000 * outstanding


def test_conventions_change_what_is_due() -> None:
    first = {
        (day_count, accrual): due_in_the_waterfall(deal_with(day_count, accrual))[0]
        for day_count in (DayCount.ACT_365F, DayCount.ACT_360)
        for accrual in Accrual
    }

    def expected(year: int, days: int) -> int:
        interest = 1_000 * COIN * Fraction(58, 1000) * Fraction(days, year) // 1
        return 80_000 * (interest + 200 * COIN)

    assert first == {
        (DayCount.ACT_365F, Accrual.UNADJUSTED): expected(365, 95),
        (DayCount.ACT_365F, Accrual.ADJUSTED): expected(365, 96),
        (DayCount.ACT_360, Accrual.UNADJUSTED): expected(360, 95),
        (DayCount.ACT_360, Accrual.ADJUSTED): expected(360, 96),
    }


def passed_through(deal: Deal) -> Deal:
    """The deal with the principal of class A due when there is cash, and no schedule."""
    turbo = PayPrincipal(("A",), PrincipalMode.AVAILABLE)
    tranches = tuple(replace(each, principal_schedule=()) for each in deal.tranches)
    waterfall = tuple(turbo if isinstance(s, PayPrincipal) else s for s in deal.waterfall)
    return replace(deal, structure=replace(deal.structure, tranches=tranches, waterfall=waterfall))


def test_without_a_schedule_all_principal_is_due_at_the_end_unless_forecast_before() -> None:
    deal = passed_through(EXAMPLE)
    periods = build_schedule(deal, CALENDAR)
    scheduled = debt_service(EXAMPLE, periods)
    # Whoever forecasts what a schedule would make due is asked for no more than that.
    assert debt_service(deal, periods, scheduled)[-1] == scheduled[-1]
    interest_alone = debt_service(deal, periods)
    assert interest_alone[-1] > 80_000 * 1_000 * COIN
    assert debt_service(deal, periods, interest_alone) == interest_alone


def test_forecast_lets_no_note_with_a_schedule_be_repaid_later_or_earlier() -> None:
    periods = build_schedule(EXAMPLE, CALENDAR)
    assert debt_service(EXAMPLE, periods, [10**15] * 5) == debt_service(EXAMPLE, periods)
