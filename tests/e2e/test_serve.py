"""The server from the command line: what it prints can be pasted, and it ends quietly."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from issuer.domain.roles import Role
from tests.support.commands import paste, run, serving


def test_serving_prints_url_keys_and_three_calls_that_work(tmp_path: Path) -> None:
    with serving(tmp_path / "new.db") as (_, lines):
        printed = "\n".join(lines)
        assert re.search(r"API\s+http://127\.0\.0\.1:\d+", printed)
        assert re.search(r"JSON-RPC\s+http://127\.0\.0\.1:\d+", printed)
        keys = re.findall(r"^ +(\w+) +abs_\w+_\S+$", printed, re.MULTILINE)
        assert set(keys) == set(Role) - {Role.INVESTOR}
        calls = [line for line in lines if line.startswith("curl ")]
        assert len(calls) == 3

        answers: list[tuple[int, Any]] = [paste(call) for call in calls]
        (registered, deal), (refused, problem), (asked, block) = answers
        assert (registered, deal["id"]) == (201, "ev-charging")
        assert (refused, problem["findings"][0]["rule"]) == (409, "FIL-01")
        assert asked == 200
        assert int(block["result"], 16) >= 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_the_server_by_a_signal_ends_it_with_status_0(
    tmp_path: Path, how: signal.Signals
) -> None:
    with serving(tmp_path / "new.db") as (process, _):
        process.send_signal(how)
        assert process.wait(timeout=30) == 0


def test_starting_again_goes_on_with_the_same_deal_and_chain(tmp_path: Path) -> None:
    database = tmp_path / "used.db"
    with serving(database) as (_, lines):
        register, *_ = [line for line in lines if line.startswith("curl ")]
        assert paste(register)[0] == 201
    with serving(database) as (_, lines):
        register, *_ = [line for line in lines if line.startswith("curl ")]
        again, problem = paste(register)
        assert (again, problem["code"]) == (409, "deal.exists")


def test_starting_a_second_server_on_the_same_database_is_refused_with_the_cure(
    tmp_path: Path,
) -> None:
    database = tmp_path / "used.db"
    with serving(database):
        again = run("serve", "--port", "0", "--rpc-port", "0", "--database", database)
    assert again.returncode == 2
    assert "database.in_use" in again.stderr
    assert "Cure: stop it, or start with another database file" in " ".join(again.stderr.split())
    assert "Traceback" not in again.stderr
