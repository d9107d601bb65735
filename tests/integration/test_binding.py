"""A database and its chain are taken up together after a stop, and never with another's."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.domain.errors import ChainUnavailable
from issuer.domain.roles import Role
from issuer.services import reports, simulation
from issuer.services.access import actor_of_key
from tests.support.simulator import serve
from tests.support.story import Story

DATABASE = "abs-sim.db"
CHAIN = f"{DATABASE}.chain"


@pytest.fixture(scope="module")
def two_moments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one simulator, stopped after the deployment and again after the filing."""
    folder = tmp_path_factory.mktemp("moments")
    live = folder / "live"
    live.mkdir()
    with serve(live) as served:
        story = Story(served).reach("deployed")
        served.simulator.worker.drain()
        shutil.copytree(live, folder / "earlier")
        story.reach("filed")
        story.close()
    shutil.copytree(live, folder / "later")
    return folder


@pytest.fixture
def files(two_moments: Path, tmp_path: Path) -> Path:
    """A copy of the later files, to do with as one likes."""
    return Path(shutil.copytree(two_moments / "later", tmp_path / "files"))


def opened(folder: Path) -> Simulator:
    return build(Settings(database=f"sqlite:///{folder / DATABASE}", rpc_port=0))


def refusal(folder: Path) -> ChainUnavailable:
    with pytest.raises(ChainUnavailable) as refused:
        opened(folder)
    assert "Cure: " in refused.value.message
    return refused.value


def put(source: Path, target: Path, name: str) -> None:
    """Put another's file in the place of one's own, with what belongs to it."""
    for suffix in ("", "-wal", "-shm"):
        (target / (name + suffix)).unlink(missing_ok=True)
        if (source / (name + suffix)).exists():
            shutil.copy(source / (name + suffix), target / (name + suffix))


def test_start_again_goes_on_where_it_stopped(files: Path) -> None:
    with opened(files) as first:
        head, now = first.context.chain.head(), simulation.read_clock(first.context)
        key = first.api_keys[Role.AUDITOR]
        auditor = actor_of_key(first.context, key)
        assert auditor is not None
        before = reports.position(first.context, auditor, "ev-charging", "A")
        assert before.facts.cap == 80_000
    with opened(files) as second:
        assert second.context.chain.head() == head
        assert simulation.read_clock(second.context) == now
        assert reports.position(second.context, auditor, "ev-charging", "A") == before
        # Whoever has a key keeps it.
        assert actor_of_key(second.context, key) == auditor


def test_start_again_permits_the_accounts_that_were_permitted(files: Path) -> None:
    wallet = "0x00000000000000000000000000000000000000AA"
    with opened(files) as first:
        operator = actor_of_key(first.context, first.api_keys[Role.OPERATOR])
        assert operator is not None
        simulation.permit_account(first.context, operator, wallet, "a fund's wallet")
    with opened(files) as second:
        assert second.backend.permissions.is_permitted(wallet)


def test_start_twice_at_once_is_refused(files: Path) -> None:
    with opened(files) as first:
        assert refusal(files).error_code == "database.in_use"
        assert first.context.chain.head()[0] > 0


def test_start_without_the_chain_file_is_refused(files: Path) -> None:
    (files / CHAIN).unlink()
    assert refusal(files).error_code == "chain.lost"
    assert not (files / CHAIN).exists()


def test_start_without_the_database_is_refused(files: Path) -> None:
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (files / name).unlink(missing_ok=True)
    assert refusal(files).error_code == "database.lost"


def test_start_with_the_chain_of_another_database_is_refused(files: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    opened(other).close()  # it begins at the same instant, with the same accounts
    put(other, files, CHAIN)
    assert refusal(files).error_code == "chain.other"


def test_start_with_an_older_chain_is_refused(files: Path, two_moments: Path) -> None:
    put(two_moments / "earlier", files, CHAIN)
    assert refusal(files).error_code == "chain.behind"


def test_start_with_an_older_database_is_refused(files: Path, two_moments: Path) -> None:
    put(two_moments / "earlier", files, DATABASE)
    assert refusal(files).error_code == "database.behind"


def test_start_with_a_shortened_audit_log_is_refused(files: Path) -> None:
    with closing(sqlite3.connect(files / DATABASE)) as database, database:
        database.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    assert refusal(files).error_code == "database.behind"


def test_start_after_a_crash_before_the_first_row_goes_on(tmp_path: Path) -> None:
    """The chain's file is begun before the database is tied to it."""
    opened(tmp_path).close()
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with opened(tmp_path) as simulator:
        assert simulator.context.chain.head()[0] == 0
