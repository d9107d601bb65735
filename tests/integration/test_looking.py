"""`abs-sim verify` beside a running simulator, snapshots, the end of a simulator, and settings."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from api import cli, deploying, verifying
from issuer.bootstrap import build, look
from issuer.config import Settings
from issuer.documents.deal import load_deal
from issuer.documents.text import read_file
from issuer.domain.errors import ChainUnavailable
from issuer.onchain import gateway
from issuer.services import deployment
from tests.support.commands import ROOT
from tests.support.nodes import lying_node
from tests.support.simulator import address_of
from tests.support.story import DEAL, Story

DEAL_FILE = ROOT / "scripts" / "deals" / "ev-charging.yaml"


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file but the index of the log, in which SQLite notes who is reading."""
    files = sorted(folder.iterdir())
    return {file.name: file.read_bytes() for file in files if not file.name.endswith("-shm")}


def test_verify_beside_a_running_simulator_finds_nothing_and_writes_nothing(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("deployed")
    settings = story.served.simulator.settings
    file = settings.sqlite_file()
    assert file is not None
    with story.served.simulator.worker.paused():
        before = content_of(file.parent)
        with look(settings):
            pass
        assert content_of(file.parent) == before
    enough = threading.Event()

    def supply() -> None:
        for number in itertools.count():
            if enough.is_set():
                return
            wanted = {"deal": DEAL, "wallet": address_of(30), "amount": "1"}
            story.client.do("operator", "/v1/simulation/coin", wanted | {"reference": f"r{number}"})

    busy = threading.Thread(target=supply)
    busy.start()
    try:
        assert [verifying.run(settings) for _ in range(3)] == [True] * 3
    finally:
        enough.set()
        busy.join()


def test_verify_without_the_chain_file_is_refused_and_makes_none(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_port=0)
    with build(settings):
        pass
    (tmp_path / "abs.db.chain").unlink()
    before = content_of(tmp_path)
    with pytest.raises(ChainUnavailable) as refusal, look(settings):
        pass
    assert refusal.value.error_code == "chain.lost"
    assert str(tmp_path / "abs.db.chain") in refusal.value.message
    assert content_of(tmp_path) == before


def test_accounts_permitted_since_a_snapshot_may_not_send_after_it(tmp_path: Path) -> None:
    with build(Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_port=0)) as simulator:
        stranger = "0x" + "12" * 20
        snapshot = simulator.snapshot()
        simulator.context.chain.permit_account(stranger)
        simulator.restore(snapshot)
        assert not simulator.backend.permissions.is_permitted(stranger)  # type: ignore[union-attr]
        snapshot.rows.close()


def test_files_are_given_back_although_the_worker_did_not_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("a defect")

    settings = Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_port=0)
    simulator = build(settings)
    monkeypatch.setattr(simulator.worker, "stop", fail)
    with pytest.raises(RuntimeError, match="a defect"):
        simulator.close()
    with build(settings):
        pass


def test_deploying_to_a_node_that_never_mines_ends_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gateway, "_PATIENCE_SECONDS", 0.0)
    with lying_node({"eth_getTransactionReceipt": None, "eth_getTransactionCount": "0x0"}) as (
        url,
        _,
    ):
        settings = Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_url=url)
        simulator = build(settings)
        try:
            deploying._register(simulator.context, load_deal(DEAL_FILE), read_file(DEAL_FILE))
            deployment.deploy_deal(simulator.context, deploying._OPERATOR, DEAL)
            with pytest.raises(ChainUnavailable) as refusal:
                deploying._carry_out(simulator, patience_seconds=0.0)
        finally:
            simulator.close()
    assert refusal.value.error_code == "chain.unconfirmed"
    assert "Cure: let it mine" in refusal.value.message
    assert capsys.readouterr().err.count("no receipt yet for 0x") == 1


def test_options_that_are_not_given_leave_the_environment_its_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ABS_DATABASE", "sqlite:///elsewhere.db")
    monkeypatch.setenv("ABS_RPC_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ABS_CHAIN_ID", "7")
    found = cli._settings(None, port=None, chain_id=None, rpc_url=None)
    assert (found.database, found.rpc_url, found.chain_id, found.port) == (
        "sqlite:///elsewhere.db",
        "http://127.0.0.1:9",
        7,
        8000,
    )
    assert "database" in found.model_fields_set  # by which `deploy` knows that one is meant
    given = cli._settings(Path("given.db"), chain_id=8)
    assert (given.database, given.chain_id) == ("sqlite:///given.db", 8)
