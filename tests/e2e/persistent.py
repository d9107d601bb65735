"""A client that does not give up: what was not answered is asked again, of the server started next."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.support import crashing
from tests.support.killable import Moment, Server
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, WALLETS, Story, document, instant

POINTS = [point for point in crashing.RUNNING if point != "between two batches"]


class Offering:
    """The example deal from the open offering to the payment, at servers that die."""

    def __init__(
        self, at: Moment, folder: Path, chance: random.Random, kills: int, rpc_url: str | None
    ) -> None:
        self._at = at
        self._folder = folder
        self._chance = chance
        self._allowed = kills
        self._rpc_url = rpc_url
        self.kills = 0
        #: How each server was meant to end, for whoever reads a failure.
        self.lives: list[tuple[str | None, int, int]] = []
        self._answers_left = 0
        self._server: Server | None = None
        self.story: Story
        self._begin()

    def close(self) -> None:
        """End the last server."""
        if self._server is not None:
            self.story.close()
            self._server.kill()

    # ---- servers

    def _begin(self) -> None:
        """Start the next server: it dies at a random point, or after so many answers."""
        point, count, answers = None, 0, -1
        if self.kills < self._allowed:
            point, count = self._chance.choice(POINTS), self._chance.randint(1, 3)
            answers = self._chance.randint(2, 8)
        self.lives.append((point, count, answers))
        self._answers_left = answers
        self._server = Server(self._folder, self._rpc_url, point, count or 1)
        if not self._server.ready:  # what the last one left is taken up at once, and kills this one
            assert self._server.died(), self._server.said()
            self.kills += 1
            self._begin()
            return
        self.story = self._at.story(self._server)

    def _again(self) -> None:
        """The server is gone, or is killed now: start another."""
        self.close()
        self.kills += 1
        self._begin()

    def _insist(self, ask: Callable[[], Any]) -> Any:
        """Ask until it is answered."""
        while True:
            try:
                answer = ask()
            except httpx.TransportError:
                assert self._server is not None
                assert self._server.died(), self._server.said()
                self._again()
                continue
            self._answers_left -= 1
            if self._answers_left == 0:
                self._again()
            return answer

    # ---- requests

    def _do(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """Ask for what must be granted once; wait for it or not, and see it through."""
        key, wait = f"{who} {path} {body}", self._chance.choice((0, 20))
        answer: httpx.Response = self._insist(
            lambda: self.story.client.post(who, path, body, wait=wait, idempotency_key=key)
        )
        found: dict[str, Any] = answer.json()
        if answer.status_code == 409:
            assert found["code"] == "idempotency.answer_lost", answer.text
            operations = found["operations"]
        else:
            assert answer.is_success, answer.text
            operation = found.get("operation") or found
            operations = [operation["id"]] if "commands" in operation else []
        for each in operations:
            self._see_through(each)
        return found

    def _see_through(self, operation_id: str) -> None:
        for _ in itertools.count():
            found = self._read("auditor", f"/v1/operations/{operation_id}")
            if found["state"] != "pending":
                assert found["state"] == "confirmed", found
                return

    def _read(self, who: str, path: str) -> Any:
        return self._insist(lambda: self.story.client.read(who, path))

    def _clock(self, when: str) -> None:
        self._do("operator", "/v1/simulation/clock", {"now": instant(when)})

    # ---- the deal

    def run(self) -> None:
        """Everything to the payment; the server that is left then lives on."""
        for investor, units in ALLOTMENT.items():
            self._sell(investor, units)
        self._clock("04-15T18:00")
        self._do("issuer", f"/v1/deals/{DEAL}/offering/close")
        self._clock("04-20T10:00")
        report = {"code": "EV-01", "report": "80,000 units issued."}
        self._do("filer", f"/v1/filings/{self.story.filing}/reports", report)
        self._clock("07-06T12:00")
        self._do(
            "oracle", f"/v1/deals/{DEAL}/collections", document("ev-charging.collections.yaml")
        )
        self._clock("07-08T10:00")
        self._do("paying_agent", f"/v1/deals/{DEAL}/distributions", {"period": 1})
        self._clock("07-10T18:00")
        self._do("paying_agent", f"/v1/distributions/{DEAL}-d1/record")
        self._clock("07-15T10:00")
        self._do("paying_agent", f"/v1/distributions/{DEAL}-d1/payment")
        self._allowed = 0
        self._again()

    def _sell(self, investor: str, units: int) -> None:
        body = {"tranche": "A", "units": units}
        self._do(investor, f"/v1/deals/{DEAL}/subscriptions", body)
        (subscription,) = self._read(investor, f"/v1/deals/{DEAL}/subscriptions")
        coin = {
            "deal": DEAL,
            "wallet": address_of(WALLETS[investor]),
            "amount": str(units * 1_000),
            "reference": f"deposit {subscription['id']}",
        }
        self._do("operator", "/v1/simulation/coin", coin)
        price = int(subscription["price_micro"])
        # Twice the same approval is one: a wallet needs no key for that.
        self._insist(lambda: self.story.approve_coin(investor, price))
        self._do("issuer", f"/v1/deals/{DEAL}/issuances", self.story.issuance_body(investor, units))
