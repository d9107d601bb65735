"""The database's line of writers, and what a caller hears when it cannot be used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError, TimeoutError

from issuer.store.database import Turns
from tests.support.problems import refused
from tests.support.simulator import address_of
from tests.support.story import DEAL, Story

COIN = "/v1/simulation/coin"
FULL = OperationalError("INSERT", {}, Exception("database or disk is full"))


def test_writer_that_gives_up_waiting_lets_the_others_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    turns = Turns()
    with turns.take():
        with monkeypatch.context() as patched:
            patched.setattr(threading, "Event", Interrupted)
            with pytest.raises(KeyboardInterrupt), turns.take():
                pass
        assert len(turns._waiting) == 1
    with turns.take():
        assert len(turns._waiting) == 1


@pytest.mark.parametrize("failure", [FULL, TimeoutError("QueuePool limit reached")])
@pytest.mark.parametrize("key", [None, "a key"])
def test_database_that_cannot_be_used_is_said_with_the_cure(
    standing_at: Callable[[str], Story],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    key: str | None,
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    story = standing_at("deployed")
    database = story.served.simulator.context.database
    wanted = {"deal": DEAL, "wallet": address_of(30), "amount": "1", "reference": "r"}
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", fail)
        answer = story.client.post("operator", COIN, wanted, idempotency_key=key)
    problem = refused(answer, 503, "database.unavailable")
    assert "Cure: make room on its disk" in problem["detail"]
