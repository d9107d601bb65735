"""The register and the books follow the chain, whoever it was that acted there."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.books import (
    COIN,
    PAYING_AGENT,
    STRANGER,
    accounts,
    coin_at,
    require_books_follow_chain,
)
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, WALLETS, Story

StoryAt = Callable[[str], Story]

TOKEN, DISTRIBUTOR = "abs_token:A", "coupon_distributor"
RECORD_AT = 1_783_677_600
"""10 July 2026, 18:00 in Hong Kong."""
PER_UNIT = 14_460_273 + 200_000_000


def move(story: Story, source: str, target: str, units: int) -> bool:
    """A transfer with the holder's own wallet, past the service."""
    return story.ledger.send(WALLETS[source], TOKEN, "transfer", address_of(WALLETS[target]), units)


def register(story: Story) -> dict[str, int]:
    """Units by the register; where the token says otherwise, the test ends here."""
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert found["agrees"] is True
    for line in found["holders"]:
        on_chain = story.ledger.read(TOKEN, "balanceOf", line["wallet"])
        assert line["units_in_register"] == line["units_on_chain"] == on_chain
    assert sum(line["units_in_register"] for line in found["holders"]) == found["supply"]
    return {line["investor"]: line["units_in_register"] for line in found["holders"]}


def outcomes(story: Story) -> dict[str, tuple[int, str]]:
    """Investor -> units of record, and what has become of the payment."""
    found = story.client.read("auditor", f"/v1/distributions/{story.distribution}")
    return {each["investor"]: (each["units"], each["outcome"]) for each in found["holders"]}


def pay_as_stranger(story: Story, *investors: str) -> bool:
    wallets = [address_of(WALLETS[each]) for each in investors]
    epoch = 1
    token = story.ledger.address(TOKEN)
    return story.ledger.send(STRANGER, DISTRIBUTOR, "pay", token, epoch, wallets)


def declared_not_paid(story: Story) -> str:
    """The payment is declared and funded, and the worker has stopped before the first holder."""
    worker = story.served.simulator.worker
    worker.stop()
    story.clock("07-15T10:00")
    path = f"/v1/distributions/{story.distribution}/payment"
    asked: dict[str, Any] = story.client.post("paying_agent", path, wait=0).json()
    while (command := worker._next()) is not None and command.command.function != "pay":
        assert worker._advance(command)
    return str(asked["id"])


# ---- units


def test_transfer_between_own_wallets_appears_in_the_register(story_at: StoryAt) -> None:
    story = story_at("active")
    assert register(story) == ALLOTMENT
    assert move(story, "H1", "H2", 1_000)
    assert register(story) == {"H1": 49_000, "H2": 21_000, "H3": 10_000}
    assert move(story, "H3", "H1", 10_000)
    assert register(story) == {"H1": 59_000, "H2": 21_000, "H3": 0}
    assert move(story, "H2", "H3", 0)
    assert move(story, "H1", "H1", 500)
    assert register(story) == {"H1": 59_000, "H2": 21_000, "H3": 0}


def test_transfer_refused_on_chain_leaves_the_register_alone(story_at: StoryAt) -> None:
    story = story_at("active")
    stranger = (WALLETS["H1"], TOKEN, "transfer", address_of(STRANGER), 1)
    assert story.ledger.send(*stranger) is False
    assert move(story, "H3", "H1", 10_001) is False
    assert register(story) == ALLOTMENT


def test_transfer_many_at_random_keeps_the_register_equal_to_the_chain(story_at: StoryAt) -> None:
    story = story_at("active")
    chance = random.Random(20_260_506)  # noqa: S311  # the same sequence every time is the point
    held = dict(ALLOTMENT)
    for _ in range(24):
        source, target = chance.choices(list(held), k=2)
        units = chance.randint(0, held[source] * 5 // 4)
        passes = units <= held[source]
        assert move(story, source, target, units) is passes
        if passes:
            held[source] -= units
            held[target] += units
    assert register(story) == held


@pytest.mark.parametrize(
    ("at", "seller_units"),
    [
        pytest.param(RECORD_AT - 1, 15_000, id="last-second-before"),
        pytest.param(RECORD_AT, 20_000, id="that-very-second"),
    ],
)
def test_sell_at_the_record_date_counts_until_it_closes(
    story_at: StoryAt, at: int, seller_units: int
) -> None:
    story = story_at("active").reach("determined")
    story.clock("07-10T17:59")
    story.served.simulator.backend.request("evm_setNextBlockTimestamp", [hex(at)])
    assert move(story, "H2", "H1", 5_000)
    assert story.served.simulator.context.chain.head()[1] == at
    story.clock("07-10T18:00")
    story.record()
    assert register(story) == {"H1": 55_000, "H2": 15_000, "H3": 10_000}
    assert {name: units for name, (units, _) in outcomes(story).items()} == {
        "H1": 70_000 - seller_units,
        "H2": seller_units,
        "H3": 10_000,
    }
    story.clock("07-15T10:00")
    story.pay()
    assert story.coin_of("H2") == seller_units * PER_UNIT
    require_books_follow_chain(story)


# ---- coin


@pytest.mark.parametrize("stage", ["active", "collected", "determined", "recorded", "paid"])
def test_reach_each_stage_of_a_payment_keeps_books_and_coin_equal(
    story_at: StoryAt, stage: str
) -> None:
    require_books_follow_chain(story_at("active").reach(stage))


def test_pay_by_a_stranger_for_one_holder_is_followed_by_the_books(story_at: StoryAt) -> None:
    story = story_at("recorded")
    operation = declared_not_paid(story)
    assert pay_as_stranger(story, "H2", "H2")
    assert outcomes(story) == {"H1": (50_000, "DUE"), "H2": (20_000, "PAID"), "H3": (10_000, "DUE")}
    assert accounts(story)["holders:H2"] == -20_000 * 1_000_000_000 + 20_000 * PER_UNIT
    assert accounts(story)["payable:A"] == 60_000 * PER_UNIT
    assert pay_as_stranger(story, "H2")  # a second time: nothing
    story.served.settle()
    answer = story.client.read("paying_agent", f"/v1/operations/{operation}")
    assert answer["state"] == "confirmed"
    assert {outcome for _, outcome in outcomes(story).values()} == {"PAID"}
    assert [story.coin_of(each) for each in ALLOTMENT] == [
        units * PER_UNIT for units in ALLOTMENT.values()
    ]
    assert accounts(story)["payable:A"] == 0
    require_books_follow_chain(story)


def test_pay_by_a_stranger_for_everybody_leaves_the_rest_to_be_asked_again(
    story_at: StoryAt,
) -> None:
    story = story_at("recorded")
    first = declared_not_paid(story)
    assert pay_as_stranger(story, *ALLOTMENT)
    story.served.settle()
    refused = story.client.read("paying_agent", f"/v1/operations/{first}")
    states = [each["state"] for each in refused["commands"]]
    assert states == ["confirmed", "confirmed", "refused", "abandoned", "abandoned", "abandoned"]
    assert refused["error"]["error"] == "UnexpectedState"
    path = f"/v1/distributions/{story.distribution}"
    assert story.client.read("auditor", path)["state"] == "RECORDED"
    require_books_follow_chain(story)
    again = story.client.post("paying_agent", f"{path}/payment", wait=0).json()
    assert [each["function"] for each in again["commands"]] == ["transferWithReference"] * 3
    story.served.settle()
    assert story.client.read("auditor", path)["state"] == "PAID"
    assert {outcome for _, outcome in outcomes(story).values()} == {"PAID"}
    assert [story.coin_of(each) for each in ALLOTMENT] == [
        units * PER_UNIT for units in ALLOTMENT.values()
    ]
    assert coin_at(story, address_of(PAYING_AGENT)) == accounts(story)["reserve"]
    require_books_follow_chain(story)


def test_pay_by_a_stranger_for_a_frozen_holder_leaves_its_money_due(story_at: StoryAt) -> None:
    story = story_at("recorded")
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "list update"})
    declared_not_paid(story)
    assert pay_as_stranger(story, "H1", "H3")
    assert {name: outcome for name, (_, outcome) in outcomes(story).items()} == {
        "H1": "PAID",
        "H2": "DUE",
        "H3": "DUE",
    }
    story.served.settle()
    assert outcomes(story)["H3"] == (10_000, "SET_ASIDE")
    assert accounts(story)["set_aside:A:H3"] == 10_000 * PER_UNIT
    require_books_follow_chain(story)


def test_release_by_a_stranger_reaches_the_cleared_holder_and_the_books(story_at: StoryAt) -> None:
    story = story_at("active").reach("determined")
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "list update"})
    story.reach("paid")
    assert outcomes(story)["H3"] == (10_000, "SET_ASIDE")
    assert coin_at(story, story.ledger.address(DISTRIBUTOR)) == 10_000 * PER_UNIT
    require_books_follow_chain(story)
    release = (
        STRANGER,
        DISTRIBUTOR,
        "release",
        story.ledger.address(TOKEN),
        address_of(WALLETS["H3"]),
    )
    assert story.ledger.refusal(*release) == "HolderNotCleared"
    assert story.ledger.send(*release) is False
    story.client.do("enforcement", "/v1/investors/H3/clearance", {"reason": "off the list"})
    assert story.ledger.send(*release) is True
    assert outcomes(story)["H3"] == (10_000, "RELEASED")
    assert (story.coin_of("H3"), coin_at(story, address_of(STRANGER))) == (10_000 * PER_UNIT, 0)
    assert accounts(story)["set_aside:A:H3"] == 0
    require_books_follow_chain(story)
    assert story.ledger.refusal(*release) == "NothingHeld"


def test_give_coin_to_the_distributor_changes_neither_books_nor_liabilities(
    story_at: StoryAt,
) -> None:
    story = story_at("recorded").reach("paid")
    before = accounts(story)
    distributor = story.ledger.address(DISTRIBUTOR)
    assert story.ledger.send(WALLETS["H1"], COIN, "transfer", distributor, 7)
    assert accounts(story) == before
    assert story.ledger.read(DISTRIBUTOR, "liabilities") == 0
