"""A deal on a register and as tokens: equal cash, and costs, time and holders by stated terms."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.analytics.comparison import (
    Assumption,
    RegisterRun,
    RegisterTerms,
    TokenRun,
    TokenTerms,
    compare,
)
from issuer.domain.errors import IssuanceBug
from issuer.domain.regime import Basis
from tests.support.refused import refused

DAY = 86_400
PAYMENTS = [(date(2026, 7, 15), 17_156_821_840_000), (date(2026, 10, 15), 16_935_627_360_000)]
FRIDAY, SATURDAY = date(2026, 7, 17), date(2026, 7, 18)
MILLION = 1_000_000


def stated(value: int) -> Assumption:
    return Assumption(value, Basis.DESIGN, "made up for this test")


REGISTER = RegisterRun(
    PAYMENTS,
    holders=3,
    terms=RegisterTerms(
        set_up_micro=stated(900_000 * MILLION),
        paying_agent_per_payment_micro=stated(8_000 * MILLION),
        bank_charge_per_holder_paid_micro=stated(200 * MILLION),
        clearing_per_trade_micro=stated(60 * MILLION),
        settlement_business_days=stated(2),
    ),
)
TOKENS = TokenRun(
    PAYMENTS,
    holders=(3, 5),
    terms=TokenTerms(
        set_up_micro=stated(600_000 * MILLION),
        operations_per_payment_micro=stated(1_000 * MILLION),
        deployment_gas=stated(10_000_000),
        declaration_gas=stated(150_000),
        payment_gas_per_holder=stated(40_000),
        transfer_gas=stated(50_000),
        gas_price_wei=stated(10**9),
        native_coin_micro=stated(20_000 * MILLION),
        seconds_per_block=stated(12),
        redemption_business_days=stated(1),
    ),
)


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def test_compare_reports_equal_cash_and_other_costs() -> None:
    found = compare(REGISTER, TOKENS, [FRIDAY, SATURDAY], is_weekday)
    assert found.cash_micro == 34_092_449_200_000
    assert found.register.costs_micro == {
        "set_up": 900_000 * MILLION,
        "paying_agent": 16_000 * MILLION,
        "bank_charges": 1_200 * MILLION,
        "clearing": 120 * MILLION,
    }
    assert found.register.cost_micro == 917_320 * MILLION
    # A gas of one gwei costs 20 micro-units.
    assert found.tokens.costs_micro == {
        "set_up": 600_000 * MILLION,
        "operations": 2_000 * MILLION,
        "deployment_gas": 200 * MILLION,
        "payment_gas": (2 * 150_000 + 8 * 40_000) * 20,
        "transfer_gas": 2 * 50_000 * 20,
    }
    assert found.register.holders == (3, 3)
    assert found.tokens.holders == (3, 5)


def test_compare_settles_on_a_weekend_by_chain_while_the_bank_waits() -> None:
    found = compare(REGISTER, TOKENS, [FRIDAY, SATURDAY], is_weekday)
    # T+2: Friday's trade on Tuesday; Saturday's is Monday's, so on Wednesday.
    assert found.register.settlement_seconds == (4 * DAY, 4 * DAY)
    assert found.register.money_seconds == found.register.settlement_seconds
    assert found.tokens.settlement_seconds == (12, 12)
    assert found.tokens.money_seconds == (3 * DAY, 3 * DAY)


def test_compare_rounds_gas_up() -> None:
    terms = replace(TOKENS.terms, gas_price_wei=stated(1), transfer_gas=stated(1))
    found = compare(REGISTER, replace(TOKENS, terms=terms), [FRIDAY], is_weekday)
    assert found.tokens.costs_micro["transfer_gas"] == 1


def test_compare_carries_every_assumption_with_its_basis() -> None:
    found = compare(REGISTER, TOKENS, [], is_weekday)
    assert found.tokens.assumptions["seconds_per_block"] == stated(12)
    assert found.register.assumptions["settlement_business_days"].basis is Basis.DESIGN
    assert len(found.tokens.assumptions) == 10
    assert len(found.register.assumptions) == 5


def test_compare_cash_that_differs_is_a_bug() -> None:
    other = [PAYMENTS[0], (PAYMENTS[1][0], PAYMENTS[1][1] + 1)]
    with pytest.raises(IssuanceBug, match="one waterfall"):
        compare(REGISTER, replace(TOKENS, payments=other), [], is_weekday)


def test_compare_without_holders_refused() -> None:
    with refused("/tokens/holders", "analytics.holders.differ"):
        compare(REGISTER, replace(TOKENS, holders=(3,)), [], is_weekday)
    for register, tokens in (
        (replace(REGISTER, holders=0), TOKENS),
        (REGISTER, replace(TOKENS, holders=(3, 0))),
    ):
        with refused("/holders", "analytics.holders.none"):
            compare(register, tokens, [], is_weekday)


def test_compare_by_an_assumption_without_source_or_below_zero_refused() -> None:
    unsourced = replace(REGISTER.terms, set_up_micro=Assumption(1, Basis.DESIGN, ""))
    with refused("/register/terms/set_up_micro", "analytics.source.none"):
        compare(replace(REGISTER, terms=unsourced), TOKENS, [], is_weekday)
    negative = replace(TOKENS.terms, transfer_gas=stated(-1))
    with refused("/tokens/terms/transfer_gas", "analytics.amount.negative"):
        compare(REGISTER, replace(TOKENS, terms=negative), [], is_weekday)
