"""Database and chain compared over HTTP: when it can be, when they agree, and when they do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.problems import refused
from tests.support.story import ALLOTMENT, DEAL, Story, document

PATH = f"/v1/deals/{DEAL}/reconciliation"
WITH_HOLDERS = ("issued", "active", "recorded", "paid")
StoryAt = Callable[[str], Story]


def test_reconciling_a_deal_that_does_not_exist_is_not_found(standing_at: StoryAt) -> None:
    path = "/v1/deals/nothing/reconciliation"
    refused(standing_at("deployed").client.get("auditor", path), 404, "deal.not_found")


def test_reconciling_before_the_deployment_is_refused(standing_at: StoryAt) -> None:
    refused(standing_at("registered").client.get("auditor", PATH), 409, "deal.not_deployed")


@pytest.mark.parametrize("stage", ["deployed", "under_review", "filed", "admitted", *WITH_HOLDERS])
def test_reconciling_at_each_stage_finds_no_difference(standing_at: StoryAt, stage: str) -> None:
    found = standing_at(stage).client.read("issuer", PATH)
    assert (found["deal"], found["agrees"], found["differences"]) == (DEAL, True, [])
    assert found["block_number"] > 0
    assert found["compared"]["contract"] > 0
    assert found["compared"].get("holder", 0) == (3 if stage in WITH_HOLDERS else 0)


def test_reconciling_after_a_freeze_past_the_service_shows_it_until_it_is_taken_back(
    story_at: StoryAt,
) -> None:
    story = story_at("issued")
    enforcement, wallet = 6, story.client.read("registrar", "/v1/investors/H1")["wallet"]
    assert story.ledger.send(enforcement, "abs_token:A", "setAddressFrozen", wallet, True)
    found = story.client.read("auditor", PATH)
    assert found["agrees"] is False
    assert found["differences"] == [
        {
            "subject": "investor H1",
            "what": "freeze in A",
            "in_database": "false",
            "on_chain": "true",
        }
    ]
    assert story.ledger.send(enforcement, "abs_token:A", "setAddressFrozen", wallet, False)
    assert story.client.read("auditor", PATH)["agrees"] is True


def test_issuing_several_at_once_is_not_held_up_by_what_is_on_its_way(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    for investor, units in ALLOTMENT.items():
        story.pay_in(investor, story.subscribe(investor, units))
    story.served.simulator.worker.stop()
    for investor, units in ALLOTMENT.items():
        path, body = f"/v1/deals/{DEAL}/issuances", story.issuance_body(investor, units)
        assert story.client.post("issuer", path, body, wait=0).status_code == 202
        assert story.client.read("auditor", PATH)["differences"] == []
    # Step by step: signed, sent, mined but not confirmed, confirmed.
    worker = story.served.simulator.worker
    while (command := worker._next()) is not None:
        worker._advance(command)
        assert story.client.read("auditor", PATH)["differences"] == []
    assert {each: story.units_of(each) for each in ALLOTMENT} == dict(ALLOTMENT)


def test_reconciling_at_each_step_of_the_rest_of_the_deal_finds_no_difference(
    story_at: StoryAt,
) -> None:
    story = story_at("issued")
    worker = story.served.simulator.worker
    worker.stop()

    def step_by_step(who: str, path: str, body: object = None) -> None:
        assert story.client.post(who, path, body, wait=0).is_success
        assert story.client.read("auditor", PATH)["differences"] == []
        while (command := worker._next()) is not None:
            worker._advance(command)
            assert story.client.read("auditor", PATH)["differences"] == [], command

    step_by_step("enforcement", "/v1/investors/H3/freeze", {"reason": "list update"})
    step_by_step("issuer", f"/v1/deals/{DEAL}/offering/close")
    report = {"code": "EV-01", "report": "80,000 units issued."}
    step_by_step("filer", f"/v1/filings/{story.filing}/reports", report)
    reason = {"reason": "a matter to be looked into"}
    step_by_step("regulator", f"/v1/filings/{story.filing}/suspension", reason)
    step_by_step("regulator", f"/v1/filings/{story.filing}/suspension/lift", reason)
    story.clock("07-06T12:00")
    collections = document("ev-charging.collections.yaml")
    step_by_step("oracle", f"/v1/deals/{DEAL}/collections", collections)
    story.clock("07-08T10:00")
    step_by_step("paying_agent", f"/v1/deals/{DEAL}/distributions", {"period": 1})
    story.clock("07-10T18:00")
    path = f"/v1/distributions/{story.distribution}"
    step_by_step("paying_agent", f"{path}/record")
    story.clock("07-15T10:00")
    step_by_step("paying_agent", f"{path}/payment")
    step_by_step("enforcement", "/v1/investors/H3/clearance", {"reason": "off the list"})
    step_by_step("paying_agent", f"{path}/releases", {"investor": "H3"})
    outcomes = {each["outcome"] for each in story.client.read("auditor", path)["holders"]}
    assert outcomes == {"PAID", "RELEASED"}
