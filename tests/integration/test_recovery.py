"""An investor whose wallet is lost keeps what is its own: the service follows it to the fresh one.

The registrar recovers it through the service; or on chain, and nobody tells the service, which learns
of it from events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from issuer.store import investors
from tests.integration.books import STRANGER, accounts, coin_at, require_books_follow_chain
from tests.integration.test_register import declared_not_paid, move, outcomes, register
from tests.support.problems import refused
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, WALLETS, Story, investor_document

StoryAt = Callable[[str], Story]

TOKEN, REGISTRY = "abs_token:A", "investor_registry"
REGISTRAR = 3
FRESH = 27
ORDER = b"\x0d" * 32
PER_UNIT = 14_460_273 + 200_000_000
DUE = ALLOTMENT["H3"] * PER_UNIT


def freeze(story: Story) -> None:
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "key reported stolen"})


def clear(story: Story) -> None:
    story.client.do("enforcement", "/v1/investors/H3/clearance", {"reason": "identity proven"})


def recover(story: Story, fresh: int = FRESH) -> None:
    """Past the service, by the registrar's own key, for which the service has nothing under way."""
    lost = address_of(WALLETS["H3"])
    assert story.ledger.send(REGISTRAR, REGISTRY, "recover", lost, address_of(fresh), ORDER)


def differences(story: Story) -> list[dict[str, Any]]:
    story.served.settle()
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert found["agrees"] is (not found["differences"])
    listed: list[dict[str, Any]] = found["differences"]
    return listed


def wallet_of_h3(story: Story) -> str:
    return str(story.client.read("registrar", "/v1/investors/H3")["wallet"])


@pytest.mark.parametrize("stage", ["active", "determined", "recorded", "paid"])
def test_recover_at_any_stage_leaves_register_and_chain_agreeing(
    story_at: StoryAt, stage: str
) -> None:
    story = story_at("active").reach(stage)
    freeze(story)
    recover(story)
    assert register(story) == ALLOTMENT
    assert differences(story) == []
    assert wallet_of_h3(story) == address_of(FRESH)
    require_books_follow_chain(story)
    story.reach("paid")
    clear(story)
    assert story.ledger.read(TOKEN, "isFrozen", address_of(FRESH)) is False
    assert differences(story) == []
    require_books_follow_chain(story)


@pytest.mark.parametrize("stage", ["determined", "recorded", "paid"])
def test_recover_brings_the_payment_to_the_fresh_wallet(story_at: StoryAt, stage: str) -> None:
    """Whether the wallet was lost before the record date, after it, or with the money set aside."""
    story = story_at("active").reach("determined")
    freeze(story)
    story.reach(stage)
    recover(story)
    story.reach("paid")
    assert outcomes(story)["H3"] == (10_000, "SET_ASIDE")
    assert accounts(story)["set_aside:A:H3"] == DUE
    assert differences(story) == []
    clear(story)
    release = f"/v1/distributions/{story.distribution}/releases"
    story.client.do("paying_agent", release, {"investor": "H3"})
    assert outcomes(story)["H3"] == (10_000, "RELEASED")
    assert coin_at(story, address_of(FRESH)) == DUE
    assert coin_at(story, address_of(WALLETS["H3"])) == 0
    assert accounts(story)["set_aside:A:H3"] == 0
    assert differences(story) == []
    require_books_follow_chain(story)


def test_recover_after_payment_leaves_it_paid_to_the_lost_wallet(story_at: StoryAt) -> None:
    story = story_at("recorded").reach("paid")
    freeze(story)
    recover(story)
    assert outcomes(story)["H3"] == (10_000, "PAID")
    assert coin_at(story, address_of(WALLETS["H3"])) == DUE
    assert differences(story) == []


def test_recover_while_a_payment_is_on_its_way_lets_it_be_asked_again(story_at: StoryAt) -> None:
    """The list of holders names the lost wallet, which the distributor passes over."""
    story = story_at("recorded")
    freeze(story)
    declared_not_paid(story)
    recover(story)
    story.served.settle()
    path = f"/v1/distributions/{story.distribution}"
    assert story.client.read("auditor", path)["state"] == "RECORDED"
    assert outcomes(story)["H3"] == (10_000, "DUE")
    assert differences(story) == []
    again = story.client.post("paying_agent", f"{path}/payment", wait=0).json()
    assert [each["function"] for each in again["commands"]] == ["pay"]
    story.served.settle()
    assert story.client.read("auditor", path)["state"] == "PAID"
    assert outcomes(story)["H3"] == (10_000, "SET_ASIDE")
    assert differences(story) == []
    require_books_follow_chain(story)


def test_recovered_investor_trades_from_the_fresh_wallet(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    recover(story)
    clear(story)
    assert story.ledger.send(FRESH, TOKEN, "transfer", address_of(WALLETS["H1"]), 10_000)
    assert move(story, "H3", "H1", 0) is False
    assert register(story) == {"H1": 60_000, "H2": 20_000, "H3": 0}
    assert differences(story) == []


def test_renew_after_recovery_takes_the_fresh_wallet_and_no_longer_the_lost_one(
    story_at: StoryAt,
) -> None:
    story = story_at("active")
    freeze(story)
    recover(story)
    clear(story)
    stale = story.client.put("registrar", "/v1/investors/H3", investor_document("H3"))
    assert address_of(FRESH) in refused(stale, 409, "investor.differs")["detail"]
    renewed = investor_document("H3", wallet=address_of(FRESH))
    story.client.do("registrar", "/v1/investors/H3", renewed, method="PUT")
    assert differences(story) == []
    assert register(story) == ALLOTMENT


def test_recover_a_second_time_follows_from_wallet_to_wallet(story_at: StoryAt) -> None:
    story = story_at("active")
    freeze(story)
    recover(story)
    again = (address_of(FRESH), address_of(FRESH + 1), ORDER)
    assert story.ledger.send(REGISTRAR, REGISTRY, "recover", *again)
    assert register(story) == ALLOTMENT
    assert wallet_of_h3(story) == address_of(FRESH + 1)
    assert differences(story) == []


def test_recover_to_a_wallet_that_another_investor_has_is_shown_and_stops_nothing(
    story_at: StoryAt,
) -> None:
    """The chain of this deal does not know that wallet; the register of investors does."""
    story = story_at("active")
    freeze(story)
    with story.served.simulator.context.database.writing() as connection:
        investors.move(connection, address_of(WALLETS["H2"]), address_of(STRANGER), None)
    recover(story, STRANGER)
    shown = {(each["subject"], each["what"]) for each in differences(story)}
    assert {("investor H3", "wallet"), ("investor H2", "wallet")} <= shown
    assert wallet_of_h3(story) == address_of(WALLETS["H3"])
