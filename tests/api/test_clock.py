"""The simulated clock: forward only, by the operator only, and the chain goes by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import malformed, refused
from tests.support.story import Story

CLOCK = "/v1/simulation/clock"


def move(story: Story, to: Any) -> Any:
    return story.client.post("operator", CLOCK, {"now": to})


def test_moving_the_clock_back_is_refused(standing_at: Callable[[str], Story]) -> None:
    story = standing_at("admitted")
    problem = refused(move(story, "2026-03-18T09:59:59+08:00"), 409, "clock.backwards")
    assert problem["now"] == "2026-03-18T10:00:00+08:00"


@pytest.mark.parametrize(
    "to",
    [
        "2026-12-01T10:00:00",
        "2026-12-01",
        "2026-13-01T10:00:00+08:00",
        "tomorrow",
        "",
        1_900_000_000,
        "1900000000",
        "1999-12-31T10:00:00+08:00",
        "9999-12-31T23:59:59-14:00",
        None,
    ],
    ids=str,
)
def test_moving_the_clock_to_what_is_no_instant_with_offset_is_refused(
    standing_at: Callable[[str], Story], to: Any
) -> None:
    malformed(move(standing_at("admitted"), to), "/now")


def test_moving_the_clock_forward_moves_the_chain_too(story_at: Callable[[str], Story]) -> None:
    story = story_at("fresh")
    assert move(story, "2026-07-10T18:00:00+08:00").status_code == 200
    assert story.client.read(None, CLOCK)["now"] == "2026-07-10T18:00:00+08:00"
    assert story.client.read(None, "/v1/chain")["block_timestamp"] == 1_783_677_600
    block = story.ledger.ask("eth_getBlockByNumber", "latest", False)
    assert int(block["timestamp"], 16) == 1_783_677_600


def test_moving_the_clock_to_the_same_instant_in_another_zone_changes_no_instant(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("fresh")
    move(story, "2026-07-10T18:00:00+08:00")
    assert move(story, "2026-07-10T10:00:00Z").status_code == 200
    refused(move(story, "2026-07-10T09:59:59Z"), 409, "clock.backwards")


def test_closing_the_record_date_one_second_early_is_refused_here_and_on_chain(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("determined")
    record = f"/v1/distributions/{story.distribution}/record"
    story.clock("07-10T17:59:59")
    problem = refused(
        story.client.post("paying_agent", record), 409, "distribution.record_date_not_reached"
    )
    assert problem["record_at"] == 1_783_677_600
    # A call is executed in the block to come, one second later: before that it is refused.
    story.clock("07-10T18:00")
    assert story.client.do("paying_agent", record)["state"] == "confirmed"
