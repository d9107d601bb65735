"""What passes by itself is waited for; what the disk has damaged is refused with a cure."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from api import present
from issuer import carrier
from issuer.bootstrap import build
from issuer.config import Settings
from issuer.domain.errors import ChainUnavailable
from issuer.domain.operations import OperationKind
from issuer.services.context import enqueue
from tests.integration.books import coin_at
from tests.support.problems import refused
from tests.support.simulator import address_of, serve
from tests.support.story import DEAL, Story

DATABASE, CHAIN = "abs-sim.db", "abs-sim.db.chain"
WALLET = address_of(30)
COIN = "/v1/simulation/coin"


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a simulator as a power cut finds them: beside each, what is written ahead."""
    folder = tmp_path_factory.mktemp("at-rest")
    with serve(folder / "live") as served:
        story = Story(served).reach("deployed")
        with served.simulator.worker.paused():
            shutil.copytree(folder / "live", folder / "copy")
        story.close()
    return folder / "copy"


@pytest.fixture
def deployed(story_at: Callable[[str], Story]) -> Story:
    return story_at("deployed")


def coin(amount: int) -> dict[str, Any]:
    return {"deal": DEAL, "wallet": WALLET, "amount": str(amount), "reference": "once"}


# ---- damage


def cut(file: Path, left: float) -> None:
    with file.open("r+b") as handle:
        handle.truncate(int(file.stat().st_size * left))


def scribble(file: Path, at: float) -> None:
    with file.open("r+b") as handle:
        handle.seek(int(file.stat().st_size * at))
        handle.write(b"\xff" * 5_000)


def overwrite(file: Path) -> None:
    file.write_text("poetry\n" * 600, encoding="utf-8")
    file.with_name(f"{file.name}-wal").unlink()  # or the file is mended from it


@pytest.mark.parametrize(
    ("name", "damage", "code"),
    [
        (f"{CHAIN}-wal", lambda file: cut(file, 0.99), "chain.behind"),
        (f"{CHAIN}-wal", lambda file: cut(file, 0.5), "chain.behind"),
        (f"{CHAIN}-wal", lambda file: scribble(file, 0.5), "chain.behind"),
        (f"{CHAIN}-wal", lambda file: cut(file, 0), "chain.other"),
        (CHAIN, overwrite, "chain.unreadable"),
        (DATABASE, overwrite, "database.unreadable"),
    ],
)
def test_start_with_a_damaged_file_is_refused(
    at_rest: Path, tmp_path: Path, name: str, damage: Callable[[Path], Any], code: str
) -> None:
    files = Path(shutil.copytree(at_rest, tmp_path / "files"))
    damage(files / name)
    with pytest.raises(ChainUnavailable) as refusal:
        build(Settings(database=f"sqlite:///{files / DATABASE}", rpc_port=0))
    assert refusal.value.error_code == code
    assert "Cure: " in refusal.value.message


def test_start_after_a_power_cut_goes_on(at_rest: Path, tmp_path: Path) -> None:
    files = Path(shutil.copytree(at_rest, tmp_path / "files"))
    with build(Settings(database=f"sqlite:///{files / DATABASE}", rpc_port=0)) as simulator:
        assert simulator.context.chain.head()[0] > 0


# ---- what passes


def test_follow_up_on_a_full_disk_is_made_when_there_is_room(
    deployed: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [OperationalError("INSERT", {}, Exception("database or disk is full"))] * 2
    follow_up = []

    def fail_twice(_: Any, __: Any, operation: Any) -> None:
        if full:
            raise full.pop()
        follow_up.append(operation.id)

    monkeypatch.setitem(carrier.CONFIRMED, OperationKind.SUPPLY_COIN, fail_twice)  # type: ignore[arg-type]
    done = deployed.client.do("operator", COIN, coin(7))
    assert (done["state"], follow_up) == ("confirmed", [done["id"]])


def test_operation_that_wants_nothing_of_the_chain_is_done(deployed: Story) -> None:
    context = deployed.served.simulator.context
    with context.database.writing() as connection:
        empty = enqueue(context, connection, OperationKind.SUPPLY_COIN, DEAL, "nothing", [])
    deployed.served.settle()
    assert deployed.client.read("auditor", f"/v1/operations/{empty.id}")["state"] == "confirmed"


# ---- answers that are lost


def test_request_that_acted_and_failed_is_not_done_again(
    deployed: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ChainUnavailable("the node went away after the act", code="chain.unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(present, "operation_report", fail)
        answer = deployed.client.post("operator", COIN, coin(7), idempotency_key="k")
        refused(answer, 503, "chain.unreachable")
    second = deployed.client.post("operator", COIN, coin(7), idempotency_key="k")
    assert (second.status_code, second.headers["idempotent-replayed"]) == (202, "true")
    assert second.headers["location"] == f"/v1/operations/{second.json()['id']}"
    deployed.served.settle()
    assert coin_at(deployed, WALLET) == 7_000_000
    other = deployed.client.post("operator", COIN, coin(8), idempotency_key="k")
    refused(other, 422, "idempotency.key_reused")
