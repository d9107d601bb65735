"""What one loan pays by its contract. Expected figures are worked out from the terms beside them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.day_count import DayCount
from issuer.domain.errors import InvalidInput
from issuer.domain.pool.curves import Curve
from issuer.domain.pool.loan import Amortisation, FloatingRate, HolidayInterest, Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import CashFlow, contract_flows

M = 1_000_000
YEAR = months(12, date(2026, 1, 1))


def act_365(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def loan(**terms: object) -> Loan:
    base = Loan(id="L", balance=1200 * M, rate=Fraction(12, 100), remaining=4)
    return replace(base, **terms)  # type: ignore[arg-type]


def paid(flows: tuple[CashFlow, ...]) -> list[tuple[int, int, int]]:
    return [(flow.interest, flow.principal, flow.balance) for flow in flows]


def test_level_instalments_are_equal_and_repay_all() -> None:
    flows = contract_flows(loan(), YEAR)
    # 1200 x 0.01 x 1.01^4 / (1.01^4 - 1) = 307.537312...
    assert {flow.interest + flow.principal for flow in flows} <= {307_537_312, 307_537_313}
    assert flows[-1].balance == 0
    assert [flow.day for flow in flows] == [
        date(2026, m, d) for m, d in ((1, 31), (2, 28), (3, 31), (4, 30))
    ]


def test_equal_principal() -> None:
    flows = contract_flows(loan(amortisation=Amortisation.EQUAL_PRINCIPAL), YEAR)
    assert paid(flows) == [
        (12 * M, 300 * M, 900 * M),
        (9 * M, 300 * M, 600 * M),
        (6 * M, 300 * M, 300 * M),
        (3 * M, 300 * M, 0),
    ]


def test_equal_principal_with_every_second_payment_of_a_stated_amount() -> None:
    terms = loan(amortisation=Amortisation.EQUAL_PRINCIPAL, principal_every=2, payment=500 * M)
    assert paid(contract_flows(terms, YEAR)) == [
        (12 * M, 0, 1200 * M),
        (12 * M, 500 * M, 700 * M),
        (7 * M, 0, 700 * M),
        (7 * M, 700 * M, 0),
    ]


def test_a_bullet_of_quarters_on_its_dates() -> None:
    terms = loan(
        amortisation=Amortisation.BULLET, interval=3, next_due=date(2026, 3, 15), remaining=2
    )
    flows = contract_flows(terms, YEAR)
    assert paid(flows) == [(36 * M, 0, 1200 * M), (36 * M, 1200 * M, 0)]
    assert [flow.day for flow in flows] == [date(2026, 3, 15), date(2026, 6, 15)]


def test_a_balloon_pays_as_its_longer_term_and_the_rest_at_maturity() -> None:
    flows = contract_flows(loan(amortisation=Amortisation.BALLOON, balloon_term=12), YEAR)
    longer = contract_flows(loan(remaining=12), YEAR)
    assert paid(flows)[:3] == paid(longer)[:3]
    assert flows[3].principal == flows[2].balance


def test_custom_amounts_of_principal() -> None:
    amounts = (0, 700 * M, 0, 500 * M)
    flows = contract_flows(loan(amortisation=Amortisation.CUSTOM, principal=amounts), YEAR)
    assert [flow.principal for flow in flows] == list(amounts)
    assert [flow.interest for flow in flows] == [12 * M, 12 * M, 5 * M, 5 * M]


def test_interest_alone_comes_first() -> None:
    flows = contract_flows(loan(interest_only=2), YEAR)
    assert paid(flows)[:2] == [(12 * M, 0, 1200 * M)] * 2
    assert paid(flows)[2:] == paid(contract_flows(loan(remaining=2), YEAR))


@pytest.mark.parametrize(
    ("interest", "balance"),
    [(HolidayInterest.CAPITALISED, 1_224_120_000), (HolidayInterest.WAIVED, 1200 * M)],
)
def test_a_holiday_pays_nothing(interest: HolidayInterest, balance: int) -> None:
    flows = contract_flows(loan(holiday=2, holiday_interest=interest), YEAR)
    assert [(flow.interest, flow.principal) for flow in flows[:2]] == [(0, 0)] * 2
    assert flows[1].balance == balance  # 1200 x 1.01^2
    assert sum(flow.principal for flow in flows) == balance


def test_an_instalment_below_the_interest_raises_the_balance() -> None:
    flows = contract_flows(loan(payment=10 * M), YEAR)
    assert (flows[0].interest, flows[0].capitalised, flows[0].balance) == (10 * M, 2 * M, 1202 * M)
    assert flows[-1].balance == 0


def test_an_instalment_above_what_is_owed_ends_early() -> None:
    flows = contract_flows(loan(payment=700 * M), YEAR)
    assert [flow.balance for flow in flows] == [512 * M, 0, 0, 0]
    assert flows[1].interest == 5_120_000


def test_a_day_count_accrues_between_dates() -> None:
    terms = loan(
        amortisation=Amortisation.BULLET,
        remaining=2,
        next_due=date(2026, 2, 1),
        accrued_from=date(2026, 1, 11),
        day_count=act_365,
    )
    flows = contract_flows(terms, YEAR)
    # 1200 x 0.12 x 21/365 and 28/365, half up to the micro-unit
    assert [flow.interest for flow in flows] == [8_284_932, 11_046_575]


@pytest.mark.parametrize(
    ("day_count", "years"),
    [
        (DayCount.ACT_365F, [Fraction(21, 365), Fraction(28, 365)]),
        (DayCount.ACT_360, [Fraction(21, 360), Fraction(28, 360)]),
        (DayCount.THIRTY_360, [Fraction(20, 360), Fraction(30, 360)]),
        (DayCount.ACT_ACT_ICMA, [Fraction(21, 31 * 12), Fraction(1, 12)]),
    ],
)
def test_the_day_counts_of_the_market_by_name(day_count: DayCount, years: list[Fraction]) -> None:
    terms = loan(
        amortisation=Amortisation.BULLET,
        remaining=2,
        next_due=date(2026, 2, 1),
        accrued_from=date(2026, 1, 11),
        day_count=day_count,
    )
    expected = [round(1200 * M * Fraction(12, 100) * year) for year in years]
    assert [flow.interest for flow in contract_flows(terms, YEAR)] == expected


def test_a_day_count_that_cannot_count_is_refused_with_its_reason() -> None:
    terms = loan(next_due=date(2026, 2, 1), accrued_from=date(2025, 1, 1))
    icma = replace(terms, day_count=DayCount.ACT_ACT_ICMA)
    with pytest.raises(InvalidInput, match=r"loan L: /day_count: .*regular payment dates"):
        contract_flows(icma, YEAR)
    assert contract_flows(replace(terms, day_count=DayCount.ACT_365F), YEAR)


def test_the_last_payment_falls_on_a_maturity_of_its_own() -> None:
    terms = loan(next_due=date(2026, 1, 15), maturity=date(2026, 3, 25), remaining=3)
    flows = contract_flows(replace(terms, day_count=act_365), YEAR)
    assert [flow.day for flow in flows] == [date(2026, 1, 15), date(2026, 2, 15), terms.maturity]
    assert flows[2].interest == round(flows[1].balance * Fraction(12, 100) * Fraction(38, 365))
    one = loan(
        amortisation=Amortisation.BULLET,
        remaining=1,
        next_due=date(2026, 6, 1),
        accrued_from=date(2026, 1, 1),
        maturity=date(2026, 5, 1),
        day_count=act_365,
    )
    (flow,) = contract_flows(one, YEAR)
    assert (flow.day, flow.interest) == (date(2026, 5, 1), 47_342_466)  # 1200 x 0.12 x 120/365


def test_payments_at_month_ends_stay_there_after_a_short_month() -> None:
    terms = loan(next_due=date(2026, 2, 28), remaining=3, day_count=act_365)
    drifting, staying = (
        contract_flows(replace(terms, month_end=at_end), YEAR) for at_end in (False, True)
    )
    assert [flow.day.day for flow in drifting] == [28, 28, 28]
    assert [flow.day.day for flow in staying] == [28, 31, 30]
    assert staying[0].interest == round(1200 * M * Fraction(12, 100) * Fraction(28, 365))


def test_level_instalments_over_uneven_periods_are_equal_too() -> None:
    flows = contract_flows(loan(next_due=date(2026, 1, 31), day_count=act_365), YEAR)
    instalments = [flow.interest + flow.principal for flow in flows]
    assert max(instalments) - min(instalments) <= 1
    assert flows[-1].balance == 0


def test_a_floating_rate_is_reset_within_cap_and_floor() -> None:
    curve = Curve(
        (
            (date(2026, 1, 1), Fraction(2, 100)),
            (date(2026, 3, 1), Fraction(9, 100)),
            (date(2026, 5, 1), Fraction(-9, 100)),
        )
    )
    rate = FloatingRate(
        index="HIBOR",
        spread=Fraction(1, 100),
        current=Fraction(6, 100),
        fixed_payments=1,
        reset_every=2,
        cap=Fraction(9, 100),
    )
    terms = loan(rate=rate, remaining=6, amortisation=Amortisation.BULLET)
    flows = contract_flows(terms, YEAR, {"HIBOR": curve})
    # 6%; read on 1 February: 3% twice; on 1 April: 10% capped at 9% twice; on 1 June: floored at 0
    assert [flow.interest for flow in flows] == [6 * M, 3 * M, 3 * M, 9 * M, 9 * M, 0]


def test_a_level_loan_is_computed_anew_when_its_rate_changes() -> None:
    curve = Curve(((date(2026, 1, 1), Fraction(12, 100)), (date(2026, 3, 1), Fraction(24, 100))))
    rate = FloatingRate(index="LPR", spread=Fraction(0))
    flows = contract_flows(loan(rate=rate), YEAR, {"LPR": curve})
    first, _, third, fourth = (flow.interest + flow.principal for flow in flows)
    assert abs(third - fourth) <= 1
    assert third > first
    assert flows[-1].balance == 0


def test_an_index_that_the_assumptions_lack_is_named() -> None:
    rate = FloatingRate(index="LPR", spread=Fraction(0))
    with pytest.raises(InvalidInput, match="there is no index 'LPR': add its curve"):
        contract_flows(loan(rate=rate), YEAR)


def test_a_curve_says_nothing_before_its_first_point() -> None:
    rate = FloatingRate(index="LPR", spread=Fraction(0))
    curve = Curve(((date(2026, 1, 2), Fraction(0)),))
    with pytest.raises(InvalidInput, match="2026-01-01"):
        contract_flows(loan(rate=rate), YEAR, {"LPR": curve})


def test_a_payment_due_before_the_first_period_is_refused() -> None:
    with pytest.raises(InvalidInput, match="before the first collection period"):
        contract_flows(loan(next_due=date(2025, 12, 31)), YEAR)


def test_what_falls_due_after_the_periods_is_left_out() -> None:
    flows = contract_flows(loan(), months(2, date(2026, 1, 1)))
    assert len(flows) == 2
    assert flows[-1].balance > 0


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"balance": -1}, "balance"),
        ({"rate": Fraction(-1, 100)}, "rate"),
        ({"rate": Fraction(5)}, "rate"),
        ({"rate": Fraction(1), "remaining": 12 * 28}, "rate"),
        ({"remaining": 0}, "remaining"),
        ({"maturity": date(2026, 12, 31)}, "maturity"),
        ({"month_end": True}, "month_end"),
        ({"day_count": DayCount.ACT_ACT_ICMA, "interval": 5}, "day_count"),
        ({"month_end": True, "next_due": date(2026, 1, 30)}, "month_end"),
        ({"maturity": date(2026, 3, 15), "next_due": date(2026, 1, 15)}, "maturity"),
        ({"age": -1}, "age"),
        ({"interval": 0}, "interval"),
        ({"holiday": 3, "interest_only": 2}, "holiday"),
        ({"interest_only": -1}, "interest_only"),
        ({"payment": -1}, "payment"),
        ({"payment": 1, "amortisation": Amortisation.BULLET}, "payment"),
        ({"balloon_term": 12}, "balloon_term"),
        ({"balloon_term": 3, "amortisation": Amortisation.BALLOON}, "balloon_term"),
        ({"principal": (1200 * M,)}, "principal"),
        ({"amortisation": Amortisation.CUSTOM, "principal": (M, 0, 0, 0)}, "principal"),
        ({"principal_every": 2}, "principal_every"),
        ({"accrued_from": date(2026, 1, 1)}, "accrued_from"),
    ],
)
def test_terms_that_make_no_loan_are_refused(terms: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        loan(**terms)
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"reset_every": 0}, "reset_every"),
        ({"fixed_payments": -1}, "fixed_payments"),
        ({"cap": Fraction(-1)}, "cap"),
    ],
)
def test_terms_that_make_no_floating_rate_are_refused(terms: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FloatingRate(index="LPR", spread=Fraction(0), **terms)
    assert [complaint.path for complaint in refused.value.complaints] == [f"/{field}"]
