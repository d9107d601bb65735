"""Double entry: what each fact posts, and that nothing is created or lost on the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import load_deal
from issuer.domain import ledger
from issuer.domain.errors import IssuanceBug
from issuer.domain.ledger import Entry, Posting, balances, require_covered
from issuer.domain.schedule import Period, build_schedule
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.entitlements import entitlements
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, DealState, Inputs, opening_state
from issuer.domain.waterfall.structure import Structure

DEAL = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
PERIODS = build_schedule(DEAL, load_joint_calendar(DEAL.schedule.calendars))
TERMS = DEAL.structure


def pay(terms: Structure, state: DealState, cash: int, period: Period) -> Distribution:
    return distribute(terms, state, Inputs(Collections(revenue_micro=cash)), period)


def test_entry_out_of_balance_is_a_bug() -> None:
    with pytest.raises(IssuanceBug, match="out of balance by 1"):
        Entry("e", "memo", (Posting("a", -1), Posting("b", 2)))


@pytest.mark.parametrize("amount", [0, -1])
def test_entry_that_moves_nothing_is_a_bug(amount: int) -> None:
    with pytest.raises(IssuanceBug, match="nothing to post"):
        ledger.reserve_funding_entry("e", amount)


def test_a_whole_period_from_subscription_to_release() -> None:
    collections = 20_918_723_607_199
    distribution = pay(TERMS, opening_state(TERMS), collections, PERIODS[0])
    holders = {"H1": 50_000, "H2": 20_000, "H3": 10_000}
    due = {e.investor: e.total_micro for e in entitlements(distribution.of("A"), holders)}
    paid = {line.subject: line.paid_micro for line in distribution.lines}
    entries = [
        *(ledger.subscription_entry(f"sub:{h}", h, n * 10**9) for h, n in holders.items()),
        ledger.reserve_funding_entry("reserve", 1_200_000_000_000),
        ledger.proceeds_entry("use", "originator", 78_800_000_000_000),
        ledger.collection_entry("c", "2026-q2", collections),
        *ledger.distribution_entries("d:1", distribution),
        ledger.fee_paid_entry("f:1", "trustee", "trustee", paid["trustee"]),
        ledger.fee_paid_entry("f:2", "servicer", "servicer", paid["servicer"]),
        ledger.residual_paid_entry("r", "S", "originator", paid["S"]),
        ledger.holder_paid_entry("p:H1", "A", "H1", due["H1"]),
        ledger.holder_paid_entry("p:H2", "A", "H2", due["H2"]),
        ledger.set_aside_entry("s:H3", "A", "H3", due["H3"]),
    ]
    accounts = balances(entries)
    require_covered(accounts)
    assert sum(accounts.values()) == 0
    assert accounts["set_aside:A:H3"] == due["H3"] == 2_144_602_730_000
    assert accounts["payable:A"] == accounts["collections"] == accounts["proceeds"] == 0
    assert accounts["reserve"] == 2_000_000_000_000

    entries.append(ledger.released_entry("rel:H3", "A", "H3", due["H3"]))
    settled = balances(entries)
    assert settled["set_aside:A:H3"] == 0
    assert settled["holders:H3"] == due["H3"] - 10_000 * 10**9
    inside = {a: v for a, v in settled.items() if a.split(":")[0] not in ledger.OUTSIDE and v}
    assert inside == {"reserve": 2_000_000_000_000}


def test_carry_is_posted_in_and_out() -> None:
    short = pay(TERMS, opening_state(TERMS), 1_000_000_500_000, PERIODS[0])
    carried = short.closing.tranches["A"].interest_carry_micro
    assert carried > 0
    entries = [ledger.collection_entry("c:1", "b1", short.collections_micro)]
    entries += ledger.distribution_entries("d:1", short)
    assert balances(entries)["carry:A:interest"] == carried
    assert balances(entries)["collections"] == 0
    plenty = pay(TERMS, short.closing, 40_000_000_000_000, PERIODS[1])
    entries.append(ledger.collection_entry("c:2", "b2", plenty.collections_micro))
    entries += ledger.distribution_entries("d:2", plenty)
    assert balances(entries)["carry:A:interest"] == 0
    assert balances(entries)["collections"] == 0


def test_step_that_moves_nothing_makes_no_entry() -> None:
    nothing = pay(TERMS, opening_state(TERMS), 0, PERIODS[0])
    assert ledger.distribution_entries("d:1", nothing) == ()


def test_retained_tranche_is_paid_to_its_payee() -> None:
    entry = ledger.retained_paid_entry("e", "M", "originator", 5)
    assert balances([entry]) == {"payable:M": -5, "payees:originator": 5}


def test_overdrawn_pot_is_a_bug_and_the_outside_world_is_not() -> None:
    entry = ledger.holder_paid_entry("e", "A", "H1", 5)
    with pytest.raises(IssuanceBug, match="payable:A is overdrawn by 5"):
        require_covered(balances([entry]))
    require_covered(balances([ledger.collection_entry("c", "b", 5)]))


def test_tampered_payment_cannot_be_posted_from_empty_collections() -> None:
    distribution = pay(TERMS, opening_state(TERMS), 1_000, PERIODS[0])
    lines = (replace(distribution.lines[0], paid_micro=2_000), *distribution.lines[1:])
    entries = [ledger.collection_entry("c", "b", 1_000)]
    entries += ledger.distribution_entries("d", replace(distribution, lines=lines))
    with pytest.raises(IssuanceBug, match="collections is overdrawn"):
        require_covered(balances(entries))
