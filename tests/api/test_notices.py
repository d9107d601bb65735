"""The trustee's four notices, each in its turn, and what is refused beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.problems import malformed, refused
from tests.support.story import DEAL, Story

StoryAt = Callable[[str], Story]

NOTICE = {"notice_hash": "0x" + "0b" * 32}
FILING = f"/v1/filings/{DEAL}-f1"
NOTICES = {
    "declare_default": (f"{FILING}/default", "performing", "defaulted"),
    "accelerate": (f"{FILING}/acceleration", "defaulted", "accelerated"),
    "rescind_acceleration": (f"{FILING}/acceleration/rescission", "accelerated", "defaulted"),
    "waive_default": (f"{FILING}/default/waiver", "defaulted", "performing"),
}
DECLARED = "none is needed, the default is declared"
NOT_ACCELERATED = "none is needed, there is no acceleration to rescind"
CURES = {
    ("declare_default", "defaulted"): DECLARED,
    ("declare_default", "accelerated"): DECLARED,
    ("waive_default", "performing"): "none is needed, there is no default to waive",
    ("waive_default", "accelerated"): "rescind the acceleration first",
    ("accelerate", "performing"): "declare the default first",
    ("accelerate", "accelerated"): "none is needed, the notes are accelerated",
    ("rescind_acceleration", "performing"): NOT_ACCELERATED,
    ("rescind_acceleration", "defaulted"): NOT_ACCELERATED,
}


def standing(story: Story) -> str:
    return str(story.client.read(None, f"{FILING}/standing")["standing"])


def test_each_notice_is_for_one_standing_and_refused_in_every_other(story_at: StoryAt) -> None:
    story = story_at("active")
    for given, (path, origin, target) in NOTICES.items():
        assert standing(story) == origin
        for name, (other, wanted, _) in NOTICES.items():
            if wanted != origin:
                answer = story.client.post("trustee", other, NOTICE)
                problem = refused(answer, 409, "deal.illegal_standing")
                assert (problem["standing"], problem["allowed_from"]) == (origin, [wanted])
                assert problem["detail"].endswith(f". Cure: {CURES[name, origin]}")
        operation = story.client.do("trustee", path, NOTICE)
        assert (operation["kind"], operation["subject"]) == (given, f"{DEAL}-f1")
        assert standing(story) == target


def test_notice_is_in_the_log_and_the_supervisor_is_told(story_at: StoryAt) -> None:
    story = story_at("active")
    overseen = f"/v1/deals/{DEAL}/supervision"
    before = story.client.read("auditor", overseen)
    assert before["standing"] == "performing"
    story.client.do("trustee", f"{FILING}/default", NOTICE)
    after = story.client.read("auditor", overseen)
    assert after["standing"] == "defaulted"
    matters = [{each["matter"] for each in seen["attention"]} for seen in (before, after)]
    assert matters[1] - matters[0] == {"standing"}
    rows = story.client.read("auditor", "/v1/audit?limit=1000")
    (row,) = (each for each in rows if each["act"] == "declare_default")
    assert (row["subject"], row["facts"]["notice_hash"]) == (f"{DEAL}-f1", NOTICE["notice_hash"])


def test_notice_about_notes_that_are_not_issued_is_refused(standing_at: StoryAt) -> None:
    story = standing_at("filed")
    answer = story.client.post("trustee", f"{FILING}/default", NOTICE)
    assert refused(answer, 409, "deal.no_notes")["state"] == "FILED"
    assert standing(story) == "performing"


@pytest.mark.parametrize("notice", ["0x" + "00" * 32, "a notice"])
def test_notice_without_a_paper_is_refused_at_the_door(standing_at: StoryAt, notice: str) -> None:
    story = standing_at("active")
    answer = story.client.post("trustee", f"{FILING}/default", {"notice_hash": notice})
    malformed(answer, "/notice_hash")


def test_notice_while_another_is_on_its_way_is_refused_and_nothing_is_determined(
    story_at: StoryAt,
) -> None:
    story = story_at("collected")
    story.clock("07-08T10:00")
    story.served.simulator.worker.stop()
    story.client.post("trustee", f"{FILING}/default", NOTICE, wait=0)
    again = story.client.post("trustee", f"{FILING}/default", NOTICE, wait=0)
    refused(again, 409, "deal.standing_under_way")
    determine = f"/v1/deals/{DEAL}/distributions"
    answer = story.client.post("paying_agent", determine, {"period": 1}, wait=0)
    refused(answer, 409, "deal.standing_under_way")
    story.served.settle()
    assert standing(story) == "defaulted"
    answer = story.client.post("paying_agent", determine, {"period": 1}, wait=0)
    assert answer.status_code == 202


def test_notice_asked_twice_under_one_key_is_given_once(story_at: StoryAt) -> None:
    story = story_at("active")
    once = {"idempotency_key": "notice-1"}
    asked = [story.client.post("trustee", f"{FILING}/default", NOTICE, **once) for _ in "ab"]
    assert asked[0].json() == asked[1].json()
    assert standing(story) == "defaulted"
