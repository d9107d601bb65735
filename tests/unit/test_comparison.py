"""A deal in both its forms: equal cash, and costs, waiting, holders by stated terms."""

from dataclasses import replace
from datetime import date

from issuer.domain.analytics.comparison import (
    Assumption,
    Comparison,
    MarketTerms,
    Notes,
    RegisterTerms,
    TokenTerms,
    compare,
)
from issuer.domain.regime import Basis
from tests.support.refused import refused

DAY = 86_400
MILLION = 1_000_000
FRIDAY, SATURDAY = date(2026, 7, 17), date(2026, 7, 18)
WEDNESDAY, THURSDAY = date(2026, 7, 15), date(2026, 10, 15)


def stated(value: int) -> Assumption:
    return Assumption(value, Basis.DESIGN, "made up for this test")


NOTES = Notes(
    face_micro=80_000_000 * MILLION,
    payments=[(WEDNESDAY, 17_156_821_840_000), (THURSDAY, 16_935_627_360_000)],
    trades=[(FRIDAY, 1_000_000 * MILLION), (SATURDAY, 3_000_000 * MILLION)],
)
TRADITIONAL = RegisterTerms(
    set_up_micro=stated(900_000 * MILLION),
    arranging_basis_points=stated(50),
    paying_agent_per_payment_micro=stated(8_000 * MILLION),
    bank_charge_per_holder_paid_micro=stated(200 * MILLION),
    clearing_per_trade_micro=stated(60 * MILLION),
    payment_business_days=stated(3),
    settlement_business_days=stated(2),
    minimum_holding_micro=stated(1_070_000 * MILLION),
    holder_cap=stated(200),
)
TOKENS = TokenTerms(
    set_up_micro=stated(600_000 * MILLION),
    arranging_basis_points=stated(300),
    operations_per_payment_micro=stated(1_000 * MILLION),
    deployment_gas=stated(10_000_000),
    declaration_gas=stated(150_000),
    payment_gas_per_holder=stated(40_000),
    transfer_gas=stated(50_000),
    gas_price_wei=stated(10**9),
    native_coin_micro=stated(20_000 * MILLION),
    seconds_per_block=stated(12),
    redemption_business_days=stated(1),
    minimum_subscription_micro=stated(1_070_000 * MILLION),
    minimum_transfer_micro=stated(1_000 * MILLION),
    holder_cap=stated(200),
)
MARKET = MarketTerms(
    holders=stated(3),
    trades_per_payment=stated(1),
    trade_micro=stated(1),
    money_basis_points=stated(365),
)


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def compared(
    notes: Notes = NOTES,
    traditional: RegisterTerms = TRADITIONAL,
    tokens: TokenTerms = TOKENS,
    market: MarketTerms = MARKET,
) -> Comparison:
    return compare(notes, traditional, tokens, market, is_weekday)


def test_compare_reports_costs_of_issue_and_life_on_equal_cash() -> None:
    found = compared()
    assert found.cash_micro == 34_092_449_200_000
    assert found.traditional.issue_micro == {
        "set_up": 900_000 * MILLION,
        "arranging": 400_000 * MILLION,  # half a per cent of 80 million
    }
    assert found.traditional.ongoing_micro == {
        "paying_agent": 16_000 * MILLION,
        "bank_charges": 1_200 * MILLION,
        "clearing": 120 * MILLION,
    }
    assert found.traditional.cost_micro == 1_317_320 * MILLION
    # A gas of one gwei costs 20 micro-units.
    assert found.tokens.issue_micro == {
        "set_up": 600_000 * MILLION,
        "arranging": 2_400_000 * MILLION,
        "deployment_gas": 200 * MILLION,
    }
    assert found.tokens.ongoing_micro == {
        "operations": 2_000 * MILLION,
        "payment_gas": 2 * (150_000 + 3 * 40_000) * 20,
        "transfer_gas": 2 * 50_000 * 20,
    }


def test_compare_settles_on_a_weekend_by_chain_while_the_bank_waits() -> None:
    found = compared()
    # T+2: Friday's trade on Tuesday; Saturday's is Monday's, so on Wednesday.
    assert found.traditional.settlement_seconds == (4 * DAY, 4 * DAY)
    assert found.traditional.money_seconds == found.traditional.settlement_seconds
    assert found.tokens.settlement_seconds == (12, 12)
    assert found.tokens.money_seconds == (3 * DAY, 3 * DAY)


def test_compare_prices_money_on_its_way_by_the_day() -> None:
    found = compared()
    # Wednesday and three business days: Monday; Thursday and three: Tuesday. Tokens: one each.
    assert found.traditional.payment_seconds == (5 * DAY, 5 * DAY)
    assert found.tokens.payment_seconds == (1 * DAY, 1 * DAY)
    # 3.65 per cent a year is a ten-thousandth a day.
    assert found.traditional.waiting_micro == {
        "payments": -(-34_092_449_200_000 * 5 // 10_000),
        "trades": 4 * 4_000_000 * MILLION // 10_000,
    }
    assert found.tokens.waiting_micro == {
        "payments": -(-34_092_449_200_000 // 10_000),
        "trades": 3 * 4_000_000 * MILLION // 10_000,
    }


def test_compare_tells_who_can_hold() -> None:
    found = compared()
    assert found.traditional.minimum_transfer_micro == 1_070_000 * MILLION
    assert found.tokens.minimum_transfer_micro == 1_000 * MILLION
    # 80 million hold 74 pieces of 1.07 million; of tokens, as many as the cap allows.
    assert (found.traditional.most_holders, found.tokens.most_holders) == (74, 200)


def test_compare_without_trades_or_least_holding() -> None:
    free = replace(TRADITIONAL, minimum_holding_micro=stated(0))
    found = compared(replace(NOTES, trades=[]), free)
    assert found.traditional.settlement_seconds == found.tokens.money_seconds == ()
    assert found.traditional.waiting_micro["trades"] == 0
    assert found.traditional.most_holders == 200


def test_compare_rounds_gas_up() -> None:
    terms = replace(TOKENS, gas_price_wei=stated(1), transfer_gas=stated(1))
    assert compared(tokens=terms).tokens.ongoing_micro["transfer_gas"] == 1


def test_compare_carries_every_assumption_with_its_basis() -> None:
    found = compared()
    assert found.tokens.assumptions["seconds_per_block"] == stated(12)
    assert found.traditional.assumptions["settlement_business_days"].basis is Basis.DESIGN
    assert found.market["money_basis_points"] == stated(365)
    assert [len(found.traditional.assumptions), len(found.tokens.assumptions)] == [9, 14]


def test_compare_without_holders_refused() -> None:
    with refused("/market/holders", "analytics.holders.none"):
        compared(market=replace(MARKET, holders=stated(0)))


def test_compare_by_an_assumption_without_source_or_below_zero_refused() -> None:
    with refused("/traditional/set_up_micro", "analytics.source.none"):
        unsourced = Assumption(1, Basis.DESIGN, "")
        compared(traditional=replace(TRADITIONAL, set_up_micro=unsourced))
    with refused("/tokens/transfer_gas", "analytics.amount.negative"):
        compared(tokens=replace(TOKENS, transfer_gas=stated(-1)))
