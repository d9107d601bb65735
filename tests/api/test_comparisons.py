"""Comparisons over HTTP: the same as at the command line, for any key, and nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.commands import run
from tests.support.problems import malformed
from tests.support.story import DEAL, DEALS, Story, document

PATH = "/v1/comparisons"


@pytest.fixture
def story(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("admitted")


def asked(**changes: Any) -> dict[str, Any]:
    return {"deal": DEAL, "pool": document("ev-charging.pool.yaml"), **changes}


@pytest.mark.parametrize("who", ["H1", "auditor"])
def test_any_key_is_told_what_the_command_line_tells(story: Story, who: str) -> None:
    answer = story.client.do(who, PATH, asked(overrides={"scenario": "collapse"}))
    done = run("compare", DEALS / "ev-charging.yaml", "--scenario", "collapse", "--json")
    assert answer == json.loads(done.stdout)


def test_assumptions_of_ones_own_are_used_and_answered(story: Story) -> None:
    figure = {"value": 6, "basis": "source", "source": "our chain"}
    own = {"version": 1, "currency": "HKD", "tokens": {"seconds_per_block": figure}}
    answer = story.client.do("H1", PATH, asked(assumptions=own))
    assert set(answer["tokens"]["settlement_seconds"]) == {6}
    assert answer["assumptions"]["tokens"]["seconds_per_block"] == {**figure, "value": "6"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"assumptions": {"currency": "HKD"}}, "/assumptions/version"),
        (
            {"assumptions": {"version": 1, "currency": "HKD", "market": {"holders": {"value": 0}}}},
            "/assumptions/market/holders/value",
        ),
        ({"overrides": {"scenario": "boom"}}, "/overrides/scenario"),
        ({"discount_rate": "8"}, "/discount_rate"),
    ],
)
def test_a_wrong_body_is_refused_where_it_is_wrong(
    story: Story, changes: dict[str, Any], place: str
) -> None:
    malformed(story.client.post("filer", PATH, asked(**changes)), place)
