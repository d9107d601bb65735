"""Clients that are slow, go away, wait in numbers, or ask oddly: nobody else is the worse for it."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.crowd import (
    CROWD,
    ask_at_once,
    at_once,
    clients,
    count,
    require_sound,
    tally,
    until,
)
from tests.support.problems import malformed
from tests.support.simulator import Client, serve
from tests.support.story import DEAL, MICRO, Story, investor_document

COIN = "/v1/simulation/coin"
CLOCK = "/v1/simulation/clock"
#: More than the server has threads.
MULTITUDE = 45


@pytest.fixture(scope="module")
def kept(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("deployed")


@pytest.fixture
def deployed(kept: Story) -> Iterator[Story]:
    """A deployed deal, to which each test may supply coin under references of its own."""
    yield kept
    require_sound(kept)


def supplied(story: Story) -> int:
    """How often coin was asked for."""
    return count(story).operations["supply_coin"]


def deposit(reference: str) -> dict[str, str]:
    wallet = investor_document("H1")["wallet"]
    return {"deal": DEAL, "wallet": wallet, "amount": "1", "reference": reference}


def test_clients_that_wait_in_numbers_leave_room_for_others(deployed: Story) -> None:
    before = supplied(deployed)

    def wait(client: Client, number: int) -> httpx.Response:
        return client.post("operator", COIN, deposit(f"multitude {number}"))

    def meanwhile() -> list[int]:
        try:
            # All have been heard though the chain stands still, and most of them wait.
            until(lambda: supplied(deployed) == before + MULTITUDE)
            with clients(deployed, 1) as (client,):
                answers = [client.get("auditor", path) for path in ("/healthz", "/v1/audit", COIN)]
                deployed.ledger.ask("eth_blockNumber")
        finally:
            lock.release()
        return [each.status_code for each in answers]

    lock = deployed.served.simulator.worker._draining
    lock.acquire()  # released by `meanwhile`
    with clients(deployed, MULTITUDE) as crowd:
        waiting = [lambda client=client, n=n: wait(client, n) for n, client in enumerate(crowd)]
        statuses, *answers = at_once([meanwhile, *waiting])
    assert statuses == [200, 200, 405]
    assert {each.status_code for each in answers} == {202}
    # Whoever found no room to wait in was told how things stood; the others have waited to the end.
    states = Counter(each.json()["state"] for each in answers)
    assert set(states) == {"confirmed", "pending"}
    assert states["confirmed"] >= CROWD
    deployed.served.settle()
    for each in answers:
        assert deployed.client.read("auditor", each.headers["location"])["state"] == "confirmed"


def raw(story: Story, head: str, body: bytes) -> socket.socket:
    """A connection on which a request has been sent as it stands."""
    place = urlsplit(story.served.url)
    connection = socket.create_connection((place.hostname, place.port or 80), timeout=60)
    connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
    return connection


def head_of(story: Story, path: str, length: int, *more: str) -> str:
    key = story.client.keys["operator"]
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", f"X-API-Key: {key}")
    return "\n".join((*lines, "Content-Type: application/json", f"Content-Length: {length}", *more))


def test_client_that_goes_away_while_it_waits_finds_its_answer_later(deployed: Story) -> None:
    before = supplied(deployed)
    body = httpx.Request("POST", "http://localhost", json=deposit("gone")).content
    head = head_of(deployed, COIN, len(body), "Prefer: wait=20", "Idempotency-Key: gone")
    with deployed.served.simulator.worker._draining:
        connection = raw(deployed, head, body)
        until(lambda: supplied(deployed) > before)
        connection.close()
    deployed.served.settle()

    def ask_again() -> httpx.Response:
        return deployed.client.post("operator", COIN, deposit("gone"), idempotency_key="gone")

    # Its answer is kept when the first request is done, which takes no notice of the departure.
    until(lambda: ask_again().status_code == 202)
    answer = ask_again()
    assert (answer.status_code, answer.headers["idempotent-replayed"]) == (202, "true")
    assert answer.json()["state"] == "confirmed"
    assert supplied(deployed) == before + 1


def test_client_that_goes_away_before_it_has_said_all_changes_nothing(deployed: Story) -> None:
    before = count(deployed)
    for sent in (b'{"deal": "ev-ch', b""):
        raw(deployed, head_of(deployed, COIN, 200), sent).close()
    assert deployed.client.get(None, "/healthz").status_code == 200
    assert count(deployed) == before


def test_slow_clients_hold_up_nobody(deployed: Story) -> None:
    coin = deployed.coin_of("H1")
    slow = []
    for number in range(MULTITUDE):
        body = httpx.Request("POST", "http://localhost", json=deposit(f"slow {number}")).content
        head = head_of(deployed, COIN, len(body), "Connection: close")
        slow.append((raw(deployed, head, body[:-1]), body[-1:]))
    # Every one of them is in the middle of a sentence.
    assert deployed.client.get("auditor", "/v1/audit").status_code == 200
    for connection, rest in slow:
        connection.sendall(rest)
    for connection, _ in slow:
        with connection, connection.makefile("rb") as answer:
            assert answer.readline() == b"HTTP/1.1 202 Accepted\r\n"
            answer.read()
    deployed.served.settle()
    assert deployed.coin_of("H1") == coin + MULTITUDE * MICRO


def test_large_bodies_of_many_clients_are_each_refused_in_words(deployed: Story) -> None:
    headers = {"X-API-Key": deployed.client.keys["operator"], "Content-Type": "application/json"}

    def ask(client: Client, number: int) -> httpx.Response:
        content = b" " * (2_000_000 if number % 2 else 8_000_000)
        return client.http.post(CLOCK, content=content, headers=headers)

    answers = ask_at_once(deployed, ask, 10)
    assert tally(answers) == {(422, "input.invalid"): 5, (413, "request.too_large"): 5}
    malformed(answers[1], "")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH", "DELETE"])
def test_method_that_a_resource_does_not_know_is_refused_with_those_it_knows(
    deployed: Story, method: str
) -> None:
    answer = deployed.client.http.request(method, COIN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.headers["content-type"] == "application/problem+json"
    # The connection is good for the next request.
    assert deployed.client.http.get("/healthz").status_code == 200


def test_stopping_does_not_wait_for_connections_kept_alive(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        story = Story(served)
        with clients(story) as crowd:
            assert (
                at_once([lambda client=client: client.read(None, CLOCK) for client in crowd])
                == [{"now": "2026-02-09T09:00:00+08:00"}] * CROWD
            )
        keeping = Client(served.url, served.keys)
        assert keeping.get(None, "/healthz").status_code == 200
    with pytest.raises(httpx.ConnectError):
        keeping.get(None, "/healthz")
    keeping.close()
    story.close()
