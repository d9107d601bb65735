"""Lean periods and awkward holders, through the whole service: every figure to the micro-unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.books import (
    COIN,
    PAYING_AGENT,
    STRANGER,
    accounts,
    coin_at,
    pay_period,
    require_books_follow_chain,
    shown,
)
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, MICRO, WALLETS, Story, investor_document

StoryAt = Callable[[str], Story]

TOKEN = "abs_token:A"
UNITS = 80_000
TRUSTEE = 50_000 * MICRO
LEFT_FOR_INTEREST = 1_000_000 * MICRO + 500_000
#: What leaves exactly that after the trustee and the servicer's 1.5 %.
LEAN = 1_065_990_355_329
INTEREST_1 = 14_460_273
"""1,000 x 0.058 x 91/365 a unit, in micro-units, rounded down."""
INTEREST_2_IN_FULL = 14_619_178
"""The same over 92 days, still on 1,000: nothing was repaid."""


def per_unit(distribution: dict[str, Any]) -> dict[str, int]:
    (figures,) = distribution["per_unit"]
    return {name: int(figures[name]) for name in figures if name.endswith("_micro")}


def lines(distribution: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """(kind, subject) -> paid and short."""
    return {
        (each["kind"], each["subject"]): (int(each["paid_micro"]), int(each["shortfall_micro"]))
        for each in distribution["lines"]
    }


def outcome(distribution: dict[str, Any], investor: str) -> tuple[int, str]:
    (found,) = (each for each in distribution["holders"] if each["investor"] == investor)
    return int(found["total_micro"]), found["outcome"]


def coins(story: Story) -> dict[str, int]:
    return {investor: story.coin_of(investor) for investor in ALLOTMENT}


# ---- a lean period


def test_pay_lean_period_pays_what_divides_and_carries_the_rest(story_at: StoryAt) -> None:
    story = story_at("active")
    paid = pay_period(story, 1, LEAN)
    servicer = LEAN * 15 // 1000
    assert LEAN - TRUSTEE - servicer == LEFT_FOR_INTEREST
    figures = per_unit(paid)
    assert figures["interest_due_micro"] == INTEREST_1
    assert figures["interest_paid_micro"] == 12_500_006
    assert figures["interest_due_micro"] - figures["interest_paid_micro"] == 1_960_267
    assert (figures["principal_due_micro"], figures["principal_paid_micro"]) == (200 * MICRO, 0)
    assert figures["outstanding_after_micro"] == 1_000 * MICRO
    assert lines(paid) == {
        ("fee", "trustee"): (TRUSTEE, 0),
        ("fee", "servicer"): (servicer, 0),
        ("interest", "A"): (1_000_000_480_000, 1_960_267 * UNITS),
        ("top_up", "reserve"): (0, 800_000 * MICRO),
        ("principal", "A"): (0, 200 * MICRO * UNITS),
        ("release", "reserve"): (0, 0),
        ("residual", "S"): (0, 0),
    }
    assert paid["identity"]["carry_after_micro"] == "20000"
    assert accounts(story)["carry:A:interest"] == 20_000
    assert coins(story) == {name: units * 12_500_006 for name, units in ALLOTMENT.items()}
    assert coin_at(story, address_of(PAYING_AGENT)) == 1_200_000 * MICRO + 20_000
    assert story.ledger.read(TOKEN, "outstandingPerUnit") == 1_000 * MICRO
    require_books_follow_chain(story)


def test_pay_after_a_lean_period_pays_back_shortfall_and_carry(story_at: StoryAt) -> None:
    story = story_at("active")
    pay_period(story, 1, LEAN)
    before = coins(story)
    ample = 40_000_000 * MICRO
    paid = pay_period(story, 2, ample)
    interest = INTEREST_2_IN_FULL + 1_960_267
    figures = per_unit(paid)
    assert figures["interest_due_micro"] == figures["interest_paid_micro"] == interest
    assert figures["principal_due_micro"] == figures["principal_paid_micro"] == 400 * MICRO
    assert figures["outstanding_after_micro"] == 600 * MICRO
    servicer = ample * 15 // 1000
    rest = ample + 20_000 - TRUSTEE - servicer - interest * UNITS
    residual = rest - 800_000 * MICRO - 400 * MICRO * UNITS
    assert lines(paid) == {
        ("fee", "trustee"): (TRUSTEE, 0),
        ("fee", "servicer"): (servicer, 0),
        ("interest", "A"): (interest * UNITS, 0),
        ("top_up", "reserve"): (800_000 * MICRO, 0),
        ("principal", "A"): (400 * MICRO * UNITS, 0),
        ("release", "reserve"): (0, 0),
        ("residual", "S"): (residual, 0),
    }
    carry = paid["identity"]["carry_before_micro"], paid["identity"]["carry_after_micro"]
    assert carry == ("20000", "0")
    assert coins(story) == {
        name: before[name] + units * (interest + 400 * MICRO) for name, units in ALLOTMENT.items()
    }
    assert story.ledger.read(TOKEN, "outstandingPerUnit") == 600 * MICRO
    assert coin_at(story, address_of(PAYING_AGENT)) == 2_000_000 * MICRO
    require_books_follow_chain(story)


def test_pay_period_without_revenue_pays_nobody_and_owes_everything(story_at: StoryAt) -> None:
    story = story_at("active")
    story.clock("07-08T10:00")
    story.determine(1)
    story.clock("07-10T18:00")
    story.record()
    story.clock("07-15T10:00")
    story.pay()
    paid = shown(story)
    assert paid["state"] == "PAID"
    assert per_unit(paid)["payable_micro"] == 0
    assert coins(story) == dict.fromkeys(ALLOTMENT, 0)
    assert story.ledger.read(TOKEN, "settledEpoch") == 1
    require_books_follow_chain(story)
    again = pay_period(story, 2, 60_000_000 * MICRO)
    assert per_unit(again)["interest_paid_micro"] == INTEREST_1 + INTEREST_2_IN_FULL
    trustee, _ = lines(again)[("fee", "trustee")]
    assert trustee == 2 * TRUSTEE
    require_books_follow_chain(story)


def test_pay_when_the_account_lacks_the_coin_is_refused_until_it_is_there(
    story_at: StoryAt,
) -> None:
    story = story_at("recorded")
    story.clock("07-15T10:00")
    needed = coin_at(story, address_of(PAYING_AGENT)) - 2_000_000 * MICRO  # the reserve stays
    taken = 2_000_000 * MICRO + 1
    assert story.ledger.send(PAYING_AGENT, COIN, "transfer", address_of(STRANGER), taken)
    story.served.settle()
    before = story.served.fingerprint()
    path = f"/v1/distributions/{story.distribution}/payment"
    answer = story.client.post("paying_agent", path)
    assert (answer.status_code, answer.json()["code"]) == (409, "rulebook.violated")
    (finding,) = answer.json()["findings"]
    assert finding["rule"] == "SET-08"
    assert finding["facts"] == {"needed_micro": needed, "available_micro": needed - 1}
    assert story.served.fingerprint() == before
    assert story.ledger.send(STRANGER, COIN, "transfer", address_of(PAYING_AGENT), taken)
    story.pay()
    assert coins(story) == {
        name: units * (INTEREST_1 + 200 * MICRO) for name, units in ALLOTMENT.items()
    }
    require_books_follow_chain(story)


# ---- holders


def test_pay_expired_holder_is_paid_and_may_only_sell(story_at: StoryAt) -> None:
    story = story_at("under_review").reach("filed")
    story.clock("03-18T10:00")
    story.admit("H1")
    story.admit("H3")
    expiring = investor_document("H2")
    expiring["evidence"]["dated"] = "2025-07-08"  # counts for twelve months
    story.client.do("registrar", f"/v1/deals/{DEAL}/investors", expiring)
    story.give_key("H2")
    story.stage = "admitted"
    story.reach("recorded")
    story.clock("07-13T11:00")
    refused = story.ledger.refusal(
        WALLETS["H1"], TOKEN, "transfer", address_of(WALLETS["H2"]), 1_000
    )
    assert refused == "ERC7943CannotReceive"
    to_h1 = address_of(WALLETS["H1"])
    assert story.ledger.send(WALLETS["H2"], TOKEN, "transfer", to_h1, 1_000) is True
    story.reach("paid")
    owed = 20_000 * (INTEREST_1 + 200 * MICRO)
    assert outcome(shown(story), "H2") == (owed, "PAID")
    assert story.coin_of("H2") == owed
    require_books_follow_chain(story)


def test_pay_holder_frozen_before_the_record_date_sets_its_money_aside(story_at: StoryAt) -> None:
    story = story_at("active").reach("determined")
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "list update"})
    story.reach("paid")
    owed = 10_000 * (INTEREST_1 + 200 * MICRO)
    assert outcome(shown(story), "H3") == (owed, "SET_ASIDE")
    assert story.coin_of("H3") == 0
    assert accounts(story)["set_aside:A:H3"] == owed
    # Settled all the same: the next record date need not wait for the investor.
    assert story.ledger.read(TOKEN, "settledEpoch") == 1
    path = f"/v1/distributions/{story.distribution}/releases"
    early = story.client.post("H3", path, {"investor": "H3"}).json()
    assert (early["state"], early["error"]["error"]) == ("refused", "HolderNotCleared")
    assert early["error"]["rule"] == "INV-12"
    story.client.do("enforcement", "/v1/investors/H3/clearance", {"reason": "off the list"})
    story.client.do("H3", path, {"investor": "H3"})
    assert outcome(shown(story), "H3") == (owed, "RELEASED")
    assert story.coin_of("H3") == owed
    twice = story.client.post("H3", path, {"investor": "H3"})
    assert (twice.status_code, twice.json()["code"]) == (409, "distribution.nothing_held")
    require_books_follow_chain(story)


def test_pay_holder_who_sold_after_the_record_date_is_paid_and_the_buyer_next_time(
    story_at: StoryAt,
) -> None:
    story = story_at("recorded")
    story.clock("07-13T11:00")
    h3 = address_of(WALLETS["H3"])
    assert story.ledger.send(WALLETS["H2"], TOKEN, "transfer", h3, 20_000)
    story.reach("paid")
    first = INTEREST_1 + 200 * MICRO
    assert coins(story) == {name: units * first for name, units in ALLOTMENT.items()}
    paid = pay_period(story, 2, 40_000_000 * MICRO)
    second = 11_695_342 + 200 * MICRO  # 800 x 0.058 x 92/365
    assert per_unit(paid)["payable_micro"] == second
    assert coins(story) == {
        "H1": 50_000 * (first + second),
        "H2": 20_000 * first,
        "H3": 10_000 * first + 30_000 * second,
    }
    assert {each["investor"] for each in paid["holders"]} == {"H1", "H3"}
    require_books_follow_chain(story)


def test_pay_while_the_filing_is_suspended_still_reaches_the_holders(story_at: StoryAt) -> None:
    story = story_at("recorded").reach("paid")
    before = coins(story)
    path = f"/v1/filings/{story.filing}/suspension"
    story.client.do("regulator", path, {"reason": "a material event"})
    transfer = (WALLETS["H1"], TOKEN, "transfer", address_of(WALLETS["H2"]), 1)
    assert story.ledger.refusal(*transfer) == "FilingSuspended"
    paid = pay_period(story, 2, 40_000_000 * MICRO)
    second = per_unit(paid)["payable_micro"]
    assert second == 11_695_342 + 200 * MICRO
    assert coins(story) == {
        name: before[name] + units * second for name, units in ALLOTMENT.items()
    }
    # The originator's retained piece waits on the deal's account.
    assert accounts(story)["residual:S"] == lines(paid)[("residual", "S")][0] > 0
    require_books_follow_chain(story)
