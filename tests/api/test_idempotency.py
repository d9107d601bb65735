"""The same request twice: answered twice, carried out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.problems import malformed, refused, refused_by, refused_on_chain
from tests.support.story import DEAL, Story, investor_document

ISSUE = f"/v1/deals/{DEAL}/issuances"
SUBSCRIBE = f"/v1/deals/{DEAL}/subscriptions"
REPLAYED = "idempotent-replayed"


def pay_in_twice(story: Story) -> Story:
    """H1 has subscribed 20,000 units and can pay for twice as many."""
    subscription = story.subscribe("H1", 20_000)
    story.pay_in("H1", subscription)
    story.supply_coin(investor_document("H1")["wallet"], 20_000_000, "once more")
    story.approve_coin("H1", 2 * int(subscription["price_micro"]))
    return story


def issue(story: Story, key: str | None, units: int = 20_000) -> httpx.Response:
    body = story.issuance_body("H1", units)
    return story.client.post("issuer", ISSUE, body, idempotency_key=key)


@pytest.fixture(scope="module")
def issued(story_of_module: Callable[[str], Story]) -> tuple[Story, httpx.Response]:
    """They have been, under the key `mint-1`; with the answer."""
    story = pay_in_twice(story_of_module("offering_open"))
    answer = issue(story, "mint-1")
    story.served.settle()
    return story, answer


@pytest.fixture
def minted(issued: tuple[Story, httpx.Response]) -> Iterator[tuple[Story, httpx.Response]]:
    """The same; when the test is over, nothing may have been issued, paid or stored besides."""
    story, _ = issued
    before = story.served.fingerprint()
    yield issued
    story.served.settle()
    assert story.served.fingerprint() == before
    assert story.units_of("H1") == 20_000


def test_repeating_a_request_under_its_key_replays_the_answer(
    minted: tuple[Story, httpx.Response],
) -> None:
    story, first = minted
    assert (first.status_code, first.json()["state"]) == (202, "confirmed")
    assert REPLAYED not in first.headers
    second = issue(story, "mint-1")
    assert second.headers[REPLAYED] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for header in ("content-type", "location"):
        assert second.headers[header] == first.headers[header]


def test_repeating_a_request_with_another_body_under_its_key_is_refused(
    minted: tuple[Story, httpx.Response],
) -> None:
    story, _ = minted
    refused(issue(story, "mint-1", 10_000), 422, "idempotency.key_reused")


@pytest.mark.parametrize("key", [None, "mint-2"])
def test_repeating_a_business_operation_under_no_key_or_another_is_refused(
    minted: tuple[Story, httpx.Response], key: str | None
) -> None:
    story, _ = minted
    for _ in range(2):
        refused(issue(story, key), 409, "subscription.already_issued")


def test_repeating_a_request_that_the_chain_refused_replays_the_refusal(
    story_at: Callable[[str], Story],
) -> None:
    story = pay_in_twice(story_at("offering_open"))
    story.approve_coin("H1", 0)
    first = issue(story, "mint-1")
    refused_on_chain(first, "coin.not_approved", "ERC20InsufficientAllowance")
    story.approve_coin("H1", 20_000_000_000_000)
    replayed = issue(story, "mint-1")
    assert (replayed.headers[REPLAYED], replayed.content) == ("true", first.content)
    # That attempt is answered for good; another attempt is another request.
    second = issue(story, "mint-2")
    assert second.json()["state"] == "confirmed"
    assert second.json()["id"] != first.json()["id"]


# ---- on one deal that each test may add subscriptions to, under keys of its own


@pytest.fixture(scope="module")
def opened(story_of_module: Callable[[str], Story]) -> Story:
    """The offering is open, and H1 can pay for 40,000 units."""
    return pay_in_twice(story_of_module("offering_open"))


def subscribe(story: Story, investor: str, units: int, key: str | None) -> httpx.Response:
    body = {"tranche": "A", "units": units}
    return story.client.post(investor, SUBSCRIBE, body, idempotency_key=key)


def test_repeating_a_refused_request_under_its_key_is_tried_again(opened: Story) -> None:
    refused(issue(opened, "early", 5_001), 409, "subscription.missing")
    malformed(issue(opened, "early", 0), "/units")
    assert subscribe(opened, "H1", 5_001, None).status_code == 201
    again = issue(opened, "early", 5_001)
    assert (again.status_code, again.json()["state"]) == (202, "confirmed")
    assert REPLAYED not in again.headers


def test_key_of_one_principal_does_not_collide_with_that_of_another(opened: Story) -> None:
    answers = [
        subscribe(opened, investor, units, "principal")
        for investor, units in (("H1", 2_000), ("H2", 3_000))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["investor"] for answer in answers] == ["H1", "H2"]
    assert all(REPLAYED not in answer.headers for answer in answers)


def test_key_of_one_path_does_not_collide_with_that_of_another(opened: Story) -> None:
    body = {"deal": DEAL, "tranche": "A", "units": 1}
    answers = [
        opened.client.post("issuer", path, body, idempotency_key="path")
        for path in ("/v1/checks/mint", f"/v1/deals/{DEAL}/offering/open")
    ]
    assert answers[0].status_code == 200
    refused(answers[1], 409, "filing.illegal_move")


def test_subscribing_twice_under_one_key_subscribes_once(opened: Story) -> None:
    first, second = (subscribe(opened, "H3", 2_000, "twice") for _ in range(2))
    assert first.json() == second.json()
    assert len(opened.client.read("H3", SUBSCRIBE)) == 1
    # Without a key these are two subscriptions: an investor may ask for the same number again.
    assert subscribe(opened, "H3", 2_000, None).status_code == 201
    assert len(opened.client.read("H3", SUBSCRIBE)) == 2


def test_repeating_a_request_refused_by_a_rule_keeps_nothing(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("admitted")
    for _ in range(2):
        answer = issue(story, "early")
        refused_by(answer, "FIL-01")
        assert REPLAYED not in answer.headers


def test_yaml_and_json_of_the_same_content_are_the_same_request(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("fresh")
    headers = {"X-API-Key": story.client.keys["operator"], "Idempotency-Key": "move"}
    content = b'{"now": "2026-02-10T10:00:00+08:00"}'
    first, second = (
        story.client.http.post(
            "/v1/simulation/clock", content=content, headers={**headers, "Content-Type": kind}
        )
        for kind in ("application/json", "application/yaml")
    )
    assert (first.status_code, second.status_code) == (200, 200)
    assert (second.headers[REPLAYED], second.json()) == ("true", first.json())
