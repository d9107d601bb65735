"""Deployments by a salt, and such as the chain refuses half-way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuer.domain.errors import ChainRefused
from issuer.onchain.gateway import OnChain
from tests.support.problems import malformed, refused
from tests.support.simulator import serve
from tests.support.story import DEAL, Story

StoryAt = Callable[[str], Story]

PATH = f"/v1/deals/{DEAL}/deployment"


def deploy(story: Story, **body: Any) -> dict[str, Any]:
    answer = story.client.post("operator", PATH, body)
    assert answer.status_code == 202, answer.text
    story.served.settle()
    operation: dict[str, Any] = story.client.read(
        "auditor", f"/v1/operations/{answer.json()['id']}"
    )
    return operation


def places(story: Story) -> dict[str, str]:
    contracts = story.client.read(None, PATH)["contracts"]
    return {each["name"]: each["address"] for each in contracts}


def test_same_salt_gives_the_same_addresses_on_another_chain(tmp_path: Path) -> None:
    found = []
    for name, salt in (("one", "series-1"), ("two", "series-1"), ("three", "series-2")):
        with serve(tmp_path / name) as served:
            story = Story(served).reach("registered")
            assert deploy(story, salt=salt)["state"] == "confirmed"
            refused(story.client.post("operator", PATH, {"salt": salt}), 409, "deal.deployed")
            found.append(places(story))
            story.close()
    one, two, three = found
    assert one == two
    assert {name for name in one if one[name] == three[name]} == {"suite_deployer"}


@pytest.mark.parametrize("salt", ["a b", "", 1])
def test_salt_that_is_no_name_is_refused(story_at: StoryAt, salt: Any) -> None:
    story = story_at("registered")
    malformed(story.client.post("operator", PATH, {"salt": salt}), "/salt")
    malformed(story.client.post("operator", PATH, {"pepper": "x"}), "/pepper")


@pytest.fixture
def token_is_refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The chain refuses to create the token for as long as somebody stands in this list."""
    refusing = ["once"]
    sign = OnChain.sign

    def no_token(self: OnChain, command: Any, *others: Any) -> Any:
        if refusing and command.description == "deploy abs_token:A":
            raise ChainRefused("out of luck", code="chain.reverted")
        return sign(self, command, *others)

    monkeypatch.setattr(OnChain, "sign", no_token)
    return refusing


def test_deployment_refused_half_way_is_done_again_elsewhere(
    story_at: StoryAt, token_is_refused: list[str]
) -> None:
    story = story_at("registered")
    assert deploy(story)["state"] == "refused"
    assert places(story) == {}
    token_is_refused.clear()
    assert deploy(story)["state"] == "confirmed"
    assert "abs_token:A" in places(story)


def test_salt_of_a_deployment_refused_half_way_is_used_up(
    story_at: StoryAt, token_is_refused: list[str]
) -> None:
    story = story_at("registered")
    assert deploy(story, salt="series-1")["state"] == "refused"
    token_is_refused.clear()
    problem = refused(
        story.client.post("operator", PATH, {"salt": "series-1"}), 409, "deployment.salt_taken"
    )
    assert problem["contract"] == "deal_timelock"
    assert deploy(story, salt="series-2")["state"] == "confirmed"
