"""The worked example, recomputed here with bare integers and compared to the micro-unit.

The expected side uses no code of the application: only the terms as a reader would copy them, and
integer division.
"""

from dataclasses import replace
from pathlib import Path

from issuer.calendars import load_joint_calendar
from issuer.documents.collections import load_collections
from issuer.documents.deal import load_deal
from issuer.domain.collections import available_funds
from issuer.domain.ledger import balances, collection_entry, distribution_entries
from issuer.domain.money import format_factor, format_micro
from issuer.domain.schedule import Period, build_schedule
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.entitlements import entitlements
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.structure import Structure

FOLDER = Path(__file__).parents[2] / "scripts/deals"
DEAL = load_deal(FOLDER / "ev-charging.yaml")
BATCHES = load_collections(FOLDER / "ev-charging.collections.yaml").batches
PERIODS = build_schedule(DEAL, load_joint_calendar(DEAL.schedule.calendars))
TERMS = DEAL.structure

UNITS = 80_000
COIN = 1_000_000  # micro-units

# CNY 19,486,250.37 at 1.073512, in fen and millionths: 10**2 * 10**6 below the coin's 10**6.
COLLECTIONS = 1_948_625_037 * 1_073_512 * COIN // (100 * 1_000_000)
TRUSTEE = 50_000 * COIN
SERVICER = COLLECTIONS * 15 // 1000
INTEREST_PER_UNIT = 1_000 * COIN * 58 * 91 // (1000 * 365)
INTEREST = INTEREST_PER_UNIT * UNITS
TOP_UP = (2_000_000 - 1_200_000) * COIN
PRINCIPAL = 200 * COIN * UNITS
RESIDUAL = COLLECTIONS - TRUSTEE - SERVICER - INTEREST - TOP_UP - PRINCIPAL


def pay(terms: Structure, state: DealState, cash: int, period: Period) -> Distribution:
    return distribute(terms, state, Inputs(Collections(revenue_micro=cash)), period)


def first_distribution() -> Distribution:
    funds = available_funds(BATCHES, 1)
    return pay(TERMS, opening_state(TERMS), funds.coin_micro, PERIODS[0])


def test_expected_side_is_the_printed_table() -> None:
    assert COLLECTIONS == 20_918_723_607_199
    assert SERVICER == 313_780_854_107
    assert INTEREST_PER_UNIT == 14_460_273
    assert INTEREST == 1_156_821_840_000
    assert TOP_UP == 800_000_000_000
    assert PRINCIPAL == 16_000_000_000_000
    assert RESIDUAL == 2_598_120_913_092


def test_first_period_pays_the_table() -> None:
    paid = [(line.kind, line.subject, line.paid_micro) for line in first_distribution().lines]
    assert paid == [
        (Kind.FEE, "trustee", TRUSTEE),
        (Kind.FEE, "servicer", SERVICER),
        (Kind.INTEREST, "A", INTEREST),
        (Kind.TOP_UP, "reserve", TOP_UP),
        (Kind.PRINCIPAL, "A", PRINCIPAL),
        (Kind.RELEASE, "reserve", 0),
        (Kind.RESIDUAL, "S", RESIDUAL),
    ]


def test_first_period_identity_holds_to_the_micro_unit() -> None:
    before, after = 1_200_000 * COIN, 2_000_000 * COIN
    assert first_distribution().closing.reserve_micro == after
    assert COLLECTIONS + before == TRUSTEE + SERVICER + INTEREST + PRINCIPAL + RESIDUAL + after


def test_dropped_fraction_of_the_exchange_is_shown() -> None:
    exact_times_100 = 1_948_625_037 * 1_073_512  # in hundredths of a micro-unit
    ((_, conversion),) = available_funds(BATCHES, 1).converted
    assert conversion.dropped * 100 == exact_times_100 - COLLECTIONS * 100 == 44


def test_holders_are_paid_the_printed_amounts() -> None:
    per_unit = first_distribution().of("A")
    assert per_unit.payable_micro == 214_460_273
    assert per_unit.declared_micro == 17_156_821_840_000
    assert format_micro(per_unit.declared_micro) == "17,156,821.840000"
    rows = entitlements(per_unit, {"H1": 50_000, "H2": 20_000, "H3": 10_000})
    assert [(r.investor, r.interest_micro, r.principal_micro, r.total_micro) for r in rows] == [
        ("H1", 723_013_650_000, 10_000_000_000_000, 10_723_013_650_000),
        ("H2", 289_205_460_000, 4_000_000_000_000, 4_289_205_460_000),
        ("H3", 144_602_730_000, 2_000_000_000_000, 2_144_602_730_000),
    ]


def test_second_period_accrues_on_what_is_outstanding() -> None:
    first = first_distribution()
    per_unit = first.of("A")
    assert per_unit.outstanding_after_micro == 800 * COIN
    assert format_factor(per_unit.outstanding_after_micro, 1_000 * COIN) == "0.80000000"
    second = pay(TERMS, first.closing, COLLECTIONS, PERIODS[1]).of("A")
    assert second.interest_due_micro == 800 * COIN * 58 * 92 // (1000 * 365) == 11_695_342


def test_shortfall_pays_what_divides_and_carries_the_rest() -> None:
    left_for_interest = 1_000_000_500_000
    deal = replace(TERMS, fees=TERMS.fees[:1], waterfall=(DEAL.waterfall[0], *DEAL.waterfall[2:]))
    short = pay(deal, opening_state(deal), TRUSTEE + left_for_interest, PERIODS[0])
    per_unit, state = short.of("A"), short.closing.tranches["A"]
    assert per_unit.interest_paid_micro == left_for_interest // UNITS == 12_500_006
    assert short.lines[1].paid_micro == 12_500_006 * UNITS == 1_000_000_480_000
    assert state.interest_carry_micro == left_for_interest % UNITS == 20_000
    assert state.interest_shortfall_per_unit == INTEREST_PER_UNIT - 12_500_006 == 1_960_267
    assert [line.paid_micro for line in short.lines[2:]] == [0, 0, 0, 0]

    # Next period the carry joins the same step, and the shortfall is due before anything below.
    accrued = 1_000 * COIN * 58 * 92 // (1000 * 365)
    due = accrued + 1_960_267
    cash = due * UNITS - 20_000
    second = pay(deal, short.closing, TRUSTEE + cash, PERIODS[1])
    assert second.of("A").interest_paid_micro == second.of("A").interest_due_micro == due
    assert second.closing.carry_micro == 0
    assert [line.paid_micro for line in second.lines[2:]] == [0, 0, 0, 0]


def test_ledger_of_the_first_period() -> None:
    distribution = first_distribution()
    accounts = balances(
        [
            collection_entry("collection:2026-q2", "2026-q2", COLLECTIONS),
            *distribution_entries("distribution:1", distribution),
        ]
    )
    assert accounts == {
        "collections": 0,
        "fee:servicer": SERVICER,
        "fee:trustee": TRUSTEE,
        "obligors": -COLLECTIONS,
        "payable:A": INTEREST + PRINCIPAL,
        "reserve": TOP_UP,
        "residual:S": RESIDUAL,
    }
