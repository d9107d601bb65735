"""A server that dies at any point and is started again does everything once, and nothing by half.

The process really dies, by SIGKILL; the client sees the connection drop, and sends the same request
with the same idempotency key to the server that is started on the same files.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from chain.anvil import Anvil, AnvilOptions
from issuer.config import Settings
from tests.e2e.crash_checks import query, require_sound
from tests.e2e.persistent import Offering
from tests.support import crashing
from tests.support.killable import (
    SECONDS,
    Moment,
    PatientLedger,
    Server,
    fresh_interpreter,
    load,
    moment,
)
from tests.support.simulator import serve
from tests.support.story import ALLOTMENT, DEAL, Story, instant

KEY = "the same request"
FIRST_INSTANT = int(Settings().start.timestamp()) - 1


@dataclass(frozen=True)
class Act:
    """A request, the moment it is sent at, and what can be done when it is done."""

    moment: str
    who: str
    path: str
    body: Callable[[Story], Any]
    then: Callable[[Story], Any]


def _deployed(story: Story) -> None:
    story.deployment = story.client.read(None, f"/v1/deals/{DEAL}/deployment")
    story.ledger.learn(story.deployment["contracts"])
    story.stage = "deployed"
    story.reach("drafted")


def _filed(story: Story) -> None:
    story.clock("03-18T10:00")
    story.admit("H1")


def _issued(story: Story) -> None:
    story.clock("04-15T18:00")
    story.close_offering()


def _closed(story: Story) -> None:
    story.clock("04-20T10:00")
    story.report_completion()


def _paid(story: Story) -> None:
    assert (
        story.client.read("auditor", f"/v1/distributions/{story.distribution}")["state"] == "PAID"
    )
    story.clock("07-16T10:00")
    story.supply_coin(story.client.read("registrar", "/v1/investors/H1")["wallet"], 1, "afterwards")


def _subscribed(story: Story) -> None:
    (subscription,) = story.client.read("H1", f"/v1/deals/{DEAL}/subscriptions")
    story.pay_in("H1", subscription)
    story.issue("H1", ALLOTMENT["H1"])


ACTS = {
    "deploy": Act(
        "registered", "operator", f"/v1/deals/{DEAL}/deployment", lambda _: None, _deployed
    ),
    "approve": Act(
        "deciding",
        "regulator",
        f"/v1/filings/{DEAL}-f1/approval",
        lambda story: story.approval_body(),
        _filed,
    ),
    "subscribe": Act(
        "opened",
        "H1",
        f"/v1/deals/{DEAL}/subscriptions",
        lambda _: {"tranche": "A", "units": ALLOTMENT["H1"]},
        _subscribed,
    ),
    "issue": Act(
        "paid_in",
        "issuer",
        f"/v1/deals/{DEAL}/issuances",
        lambda story: story.issuance_body("H1", ALLOTMENT["H1"]),
        _issued,
    ),
    "clock": Act(
        "issued",
        "operator",
        "/v1/simulation/clock",
        lambda _: {"now": instant("04-15T18:00")},
        lambda story: story.close_offering(),
    ),
    "close": Act("closing", "issuer", f"/v1/deals/{DEAL}/offering/close", lambda _: None, _closed),
    "pay": Act(
        "payday", "paying_agent", f"/v1/distributions/{DEAL}-d1/payment", lambda _: None, _paid
    ),
}


def moments(folder: Path, node: Anvil | None = None) -> dict[str, Moment]:
    """The deal's life, with copies of everything on the way."""
    kept: dict[str, Moment] = {}
    with serve(folder / "live", **({"rpc_url": node.url} if node else {})) as served:
        story = Story(served)
        story.ledger = PatientLedger(served.rpc_url)

        def keep(name: str) -> None:
            kept[name] = moment(story, served, folder / name, node)

        story.reach("registered")
        keep("registered")
        story.reach("under_review")
        story.clock("03-02T11:00")
        keep("deciding")
        story.approve()
        story.stage = "filed"
        story.reach("offering_open")
        keep("opened")
        for investor in ("H2", "H3"):
            story.sell(investor, ALLOTMENT[investor])
        story.pay_in("H1", story.subscribe("H1", ALLOTMENT["H1"]))
        keep("paid_in")
        story.issue("H1", ALLOTMENT["H1"])
        story.stage = "issued"
        keep("issued")
        story.clock("04-15T18:00")
        keep("closing")
        story._become_active()
        story.stage = "active"
        story.reach("recorded")
        story.clock("07-15T10:00")
        keep("payday")
        story.close()
    return kept


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Moment]:
    return moments(tmp_path_factory.mktemp("embedded"))


@pytest.fixture(scope="module")
def on_anvil(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Moment]:
    with Anvil(AnvilOptions(FIRST_INSTANT)) as node:
        return moments(tmp_path_factory.mktemp("anvil"), node)


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(AnvilOptions(FIRST_INSTANT)) as running:
        yield running


# ---- every point

#: (act, point, the how-manieth passage): what `make test` runs.
FAST = [
    ("issue", "mined, not noted", 1),
    ("issue", "block not committed", 1),
    ("pay", "between two batches", 2),
    ("subscribe", "acted, answer not kept", 1),
]
REST = [
    *(
        ("issue", point, 1)
        for point in crashing.RUNNING
        if "clock" not in point and "two" not in point
    ),
    # the deployer; what is shared and what the deal has; its token; the token's admission
    ("deploy", "acted, not committed", 1),
    ("deploy", "stored, not signed", 1),
    ("deploy", "signed, not sent", 2),
    ("deploy", "mined, not noted", 1),
    ("deploy", "mined, not noted", 3),
    ("deploy", "confirming, not committed", 2),
    ("deploy", "confirmed", 3),
    ("deploy", "log not anchored", 1),
    ("deploy", "log anchored", 1),
    ("deploy", "block stored", 3),
    # the token is attached to the filing, the approval is published
    ("approve", "mined, not noted", 1),
    ("approve", "confirmed", 1),
    ("approve", "signed, not sent", 2),
    ("approve", "sent, not confirmed", 2),
    ("approve", "confirming, not committed", 2),
    # the reserve is funded, the offering is closed
    ("close", "mined, not noted", 1),
    ("close", "confirmed", 1),
    ("close", "stored, not signed", 2),
    ("close", "signed, not sent", 2),
    ("close", "confirming, not committed", 2),
    ("subscribe", "key claimed, not acted", 1),
    ("clock", "key claimed, not acted", 1),
    ("clock", "acted, answer not kept", 1),
    ("clock", "clock moved here, not on chain", 1),
    ("clock", "block not committed", 1),
    ("clock", "block stored", 1),
    ("clock", "block not committed", 2),
    ("clock", "block stored", 2),
    # approve, declare, three holders, fees and residual
    ("pay", "acted, not committed", 1),
    ("pay", "confirmed", 1),
    ("pay", "mined, not noted", 2),
    ("pay", "mined, not noted", 3),
    ("pay", "signed, not sent", 4),
    ("pay", "confirming, not committed", 4),
    ("pay", "block not committed", 5),
    ("pay", "between two batches", 3),
    ("pay", "confirmed", 5),
    ("pay", "mined, not noted", 6),
    ("pay", "confirming, not committed", 7),
]
EVERY = [*FAST, *(case for case in REST if case not in FAST)]


def on_node(case: tuple[str, str, int]) -> bool:
    """A node keeps its blocks itself."""
    return "block" not in case[1]


def ask(story: Story, act: Act) -> httpx.Response:
    body = act.body(story)
    return story.client.post(act.who, act.path, body, wait=20, idempotency_key=KEY)


def die(
    at: Moment, act: Act, case: tuple[str, str, int], folder: Path, rpc_url: str | None
) -> None:
    """The request is sent, and the server dies of it."""
    with Server(folder, rpc_url, *case[1:]) as doomed:
        assert doomed.ready, doomed.said()
        story = at.story(doomed)
        try:
            ask(story, act)  # the last points lie behind the answer
        except httpx.TransportError:
            pass
        finally:
            story.close()
        assert doomed.died(), f"{case} was never passed: {doomed.said()}"


def live_on(at: Moment, act: Act, folder: Path, rpc_url: str | None) -> None:
    """The next server finishes it, once, and the deal goes on."""
    with Server(folder, rpc_url) as server:
        assert server.ready, server.said()
        story = at.story(server)
        try:
            answers = [ask(story, act)]
            server.settle()
            answers.append(ask(story, act))
            require_answered(answers, folder)
            require_sound(story, folder)
            act.then(story)
            server.settle()
        finally:
            story.close()


def require_answered(answers: list[httpx.Response], folder: Path) -> None:
    """Both times by the same operation, of which there is one; or by word that it was done."""
    first, second = answers
    if first.status_code == 409:
        assert first.json()["code"] == second.json()["code"] == "idempotency.answer_lost"
        assert first.json()["act"]
        return
    assert first.is_success, first.text
    assert second.headers["idempotent-replayed"] == "true"
    if first.status_code == 202:
        operation = first.json()
        assert second.json()["id"] == operation["id"]
        alike = query(
            folder,
            "SELECT state FROM operation WHERE (kind, subject) ="
            " (SELECT kind, subject FROM operation WHERE id = ?)",
            operation["id"],
        )
        assert alike == [("confirmed",)]


def survive(
    standing: dict[str, Moment], case: tuple[str, str, int], folder: Path, node: Anvil | None = None
) -> None:
    act = ACTS[case[0]]
    at = standing[act.moment]
    at.put(folder)
    if node is not None:
        load(node, at.state or "")
    rpc_url = node.url if node else None
    die(at, act, case, folder, rpc_url)
    live_on(at, act, folder, rpc_url)


def named(case: Any) -> str:
    return "-".join(map(str, case)) if isinstance(case, tuple) else str(case)


@pytest.mark.parametrize("case", FAST, ids=named)
def test_die_and_live_on(embedded: dict[str, Moment], case: Any, tmp_path: Path) -> None:
    survive(embedded, case, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("case", EVERY[len(FAST) :], ids=named)
def test_die_anywhere_and_live_on(embedded: dict[str, Moment], case: Any, tmp_path: Path) -> None:
    survive(embedded, case, tmp_path)


@pytest.mark.anvil
@pytest.mark.parametrize("case", [case for case in EVERY if on_node(case)], ids=named)
def test_die_anywhere_beside_a_node_and_live_on(
    on_anvil: dict[str, Moment], case: Any, tmp_path: Path, node: Anvil
) -> None:
    survive(on_anvil, case, tmp_path, node)


# ---- at random

#: Another seed, or more kills, for a soak run.
SEED = int(os.environ.get("ABS_CRASH_SEED", "20260209"))
KILLS = int(os.environ.get("ABS_CRASH_KILLS", "10"))


def survive_all(standing: dict[str, Moment], folder: Path, node: Anvil | None = None) -> None:
    """Subscribed, issued, closed, collected and paid, while the server dies again and again."""
    at = standing["opened"]
    at.put(folder)
    if node is not None:
        load(node, at.state or "")
    offering = Offering(at, folder, random.Random(SEED), KILLS, node.url if node else None)  # noqa: S311
    try:
        offering.run()
        require_sound(offering.story, folder)
        _paid(offering.story)
    except BaseException as error:
        error.add_note(f"ABS_CRASH_SEED={SEED} ABS_CRASH_KILLS={KILLS}; lives: {offering.lives}")
        raise
    finally:
        offering.close()
    assert offering.kills > 1


@pytest.mark.slow
def test_die_at_random_and_pay_everybody_once(embedded: dict[str, Moment], tmp_path: Path) -> None:
    survive_all(embedded, tmp_path)


@pytest.mark.anvil
def test_die_at_random_beside_a_node_and_pay_everybody_once(
    on_anvil: dict[str, Moment], tmp_path: Path, node: Anvil
) -> None:
    survive_all(on_anvil, tmp_path, node)


# ---- while starting


@pytest.mark.slow
@pytest.mark.parametrize("point", [*crashing.START_BEFORE, *crashing.START_AFTER])
def test_die_while_starting_and_start(
    embedded: dict[str, Moment], point: str, tmp_path: Path
) -> None:
    at = embedded["payday"]
    folder = tmp_path / "files"
    folder.mkdir()
    if "resume" in point:
        at.put(folder)
    with Server(folder, None, point) as doomed:
        assert doomed.died(), f"{point} was never passed: {doomed.said()}"
        assert not doomed.ready
    with Server(folder) as server:
        assert server.ready, server.said()
        if "resume" in point:
            story = at.story(server)
            story.pay()
        else:
            story = Story(server)  # type: ignore[arg-type]  # it has all that a story asks for
            story.reach("deployed")
        require_sound(story, folder)
        story.close()


@pytest.mark.slow
def test_die_in_an_interpreter_of_its_own_and_live_on(
    embedded: dict[str, Moment], tmp_path: Path
) -> None:
    """Nothing above rests on the servers' being forked."""
    act, at = ACTS["issue"], embedded["paid_in"]
    at.put(tmp_path)
    words = ("tests.support.crashing", "mined, not noted", "1")
    with fresh_interpreter(tmp_path, *words) as (process, doomed):
        story = at.story(doomed)
        with pytest.raises(httpx.TransportError):
            ask(story, act)
        story.close()
        assert process.wait(timeout=SECONDS) == -signal.SIGKILL
    with fresh_interpreter(tmp_path, "api.cli") as (_, server):
        story = at.story(server)
        answer = ask(story, act)
        assert answer.is_success, answer.text
        server.settle()
        require_sound(story, tmp_path)
        _issued(story)
        story.close()
