"""INV-12 from the list to the money: frozen here and on chain, set aside, cleared, released."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from issuer.store import investors
from tests.support.problems import refused, refused_by
from tests.support.story import DEAL, WALLETS, Story, investor_document

#: Owns the owner of H1.
BEHIND_H1 = "EXAMPLE family trust"
REASON = {"reason": "the list in force names nobody behind it"}


def put_list(story: Story, reference: str, *entries: str) -> Any:
    body = {"reference": reference, "entries": list(entries)}
    return story.client.do("enforcement", "/v1/sanctions", body, method="PUT")


def check(story: Story, sender: str, receiver: str) -> Any:
    body = {
        "deal": DEAL,
        "tranche": "A",
        "sender": investor_document(sender)["wallet"],
        "receiver": investor_document(receiver)["wallet"],
        "units": 2_000,
    }
    return story.client.do(sender, "/v1/checks/transfer", body)


def outcomes(story: Story) -> dict[str, str]:
    path = f"/v1/distributions/{story.distribution}"
    holders = story.client.read("paying_agent", path)["holders"]
    return {each["investor"]: each["outcome"] for each in holders}


@pytest.mark.rule("INV-12")
def test_list_that_names_an_owners_owner_freezes_until_it_no_longer_does(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    assert check(story, "H1", "H2")["allowed"]
    (operation,) = put_list(story, "list 1", BEHIND_H1)
    assert (operation["subject"], operation["state"]) == ("H1", "confirmed")

    # Dry run and token agree, whichever side H1 is on.
    sides = {"H1": ("H2", "ERC7943CannotSend"), "H2": ("H1", "ERC7943CannotReceive")}
    for sender, (receiver, error) in sides.items():
        found = check(story, sender, receiver)
        assert {each["rule"] for each in found["findings"]} == {"INV-12"}
        assert found["chain_refusal"]["error"] == error
        wallet = investor_document(receiver)["wallet"]
        sent = story.ledger.refusal(WALLETS[sender], "abs_token:A", "transfer", wallet, 2_000)
        assert sent == error
    assert check(story, "H2", "H3")["allowed"]

    for stage in ("collected", "determined", "recorded", "paid"):
        story.reach(stage)
    assert outcomes(story) == {"H1": "SET_ASIDE", "H2": "PAID", "H3": "PAID"}
    assert story.coin_of("H1") == 0

    clear, release = (
        "/v1/investors/H1/clearance",
        f"/v1/distributions/{story.distribution}/releases",
    )
    refused(story.client.post("enforcement", clear, REASON), 409, "investor.sanctioned")
    assert put_list(story, "list 2", "Nobody") == []
    story.client.do("enforcement", clear, REASON)
    story.client.do("paying_agent", release, {"investor": "H1"})
    assert outcomes(story) == {"H1": "RELEASED", "H2": "PAID", "H3": "PAID"}
    assert story.coin_of("H1") > 0
    assert check(story, "H1", "H2")["allowed"]


@pytest.mark.rule("INV-12")
def test_investor_renewed_with_a_listed_owner_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    put_list(story, "list 1", "Example New Partner")
    body = investor_document("H2")
    partner = {
        "name": "Example New Partner",
        "residency": "SG",
        "share": "100",
        "controls": False,
        "kind": "PERSON",
    }
    body["beneficial_owners"][1]["owners"] = [partner]
    refused_by(story.client.put("registrar", "/v1/investors/H2", body), "INV-12")
    del body["beneficial_owners"][1]["owners"]
    story.client.do("registrar", "/v1/investors/H2", body, method="PUT")


@pytest.mark.rule("INV-12")
@pytest.mark.parametrize(
    ("entry", "frozen"),
    [
        ("ＥＸＡＭＰＬＥ　Family  Trust.", ["H1"]),
        ("example infrastructure partners pte ltd", ["H2"]),
        ("Example Clean Energy Income", []),
    ],
)
def test_list_names_an_investor_however_it_is_written(
    story_of_module: Callable[[str], Story], entry: str, frozen: list[str]
) -> None:
    story = story_of_module("admitted")
    assert [each["subject"] for each in put_list(story, "a list", entry)] == frozen
    for investor in frozen:
        clearance = f"/v1/investors/{investor}/clearance"
        refused(story.client.post("enforcement", clearance, REASON), 409, "investor.sanctioned")
    put_list(story, "an empty list")
    for investor in frozen:
        story.client.do("enforcement", f"/v1/investors/{investor}/clearance", REASON)


def test_list_that_was_stored_as_it_was_written_is_read_as_compared(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("admitted")
    database = story.served.simulator.context.database
    with database.writing() as connection:
        investors.replace_sanctions(connection, "an older list", frozenset({"LIM　Example"}))
    problem = refused_by(
        story.client.put("registrar", "/v1/investors/H2", investor_document("H2")), "INV-12"
    )
    assert problem["findings"][0]["facts"]["listed"] == ["lim example"]


def test_wallet_on_the_list_freezes_its_investor(story_at: Callable[[str], Story]) -> None:
    story = story_at("admitted")
    wallet = investor_document("H3")["wallet"]
    (operation,) = put_list(story, "list 1", wallet.lower())
    assert operation["subject"] == "H3"
