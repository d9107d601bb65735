"""Servers in processes of their own that may be killed, and moments of the deal to start them from.

A process with the server's code loaded is kept to fork servers from: importing it takes ten times as
long as all the rest of a start. What is forked is the server as `abs-sim serve --json` runs it.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chain.anvil import Anvil
from tests.support import crashing
from tests.support.commands import ROOT
from tests.support.simulator import Ledger, Served
from tests.support.story import Story

DATABASE = "abs-sim.db"
CHAIN = f"{DATABASE}.chain"
SECONDS = 120
"""After so long something hangs: the bound of every wait here."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([crashing.__name__])


class Running:
    """A server somewhere, by what it said when it was ready; and all that a story needs of it."""

    def __init__(self, folder: Path, ready: dict[str, Any]) -> None:
        self.folder = folder
        self.ready = ready
        self._http = httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    @property
    def url(self) -> str:
        """The API."""
        return str(self.ready["url"])

    @property
    def rpc_url(self) -> str:
        """The chain."""
        return str(self.ready["rpc_url"])

    @property
    def keys(self) -> Mapping[str, str]:
        """One API key for each role but investor."""
        found: Mapping[str, str] = self.ready["api_keys"]
        return found

    def settle(self) -> None:
        """Return when no operation is under way, and the register has read what they did."""
        deadline = time.monotonic() + SECONDS
        while not self._is_idle():
            assert time.monotonic() < deadline, "an operation is under way for ever"

    def _is_idle(self) -> bool:
        # The request gives the server time to go on, and fails when it is gone.
        self._http.get(f"{self.url}/healthz").raise_for_status()
        with closing(sqlite3.connect(self.folder / DATABASE, timeout=30)) as database:
            ((under_way,),) = database.execute(
                "SELECT count(*) FROM operation WHERE state = 'pending'"
            )
            ((behind,),) = database.execute(
                "SELECT count(*) FROM command WHERE block_number >"
                " (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'last_block')"
            )
        return not under_way and not behind

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class Server(Running):
    """`abs-sim serve` on free ports. `kill` ends it, if nothing has before."""

    def __init__(
        self,
        folder: Path,
        rpc_url: str | None = None,
        point: str | None = None,
        count: int = 1,
        batch: int = 1,
    ) -> None:
        self.log = folder / "server.log"
        arguments = ["serve", "--json", "--port", "0", "--database", str(folder / DATABASE)]
        arguments += ["--rpc-port", "0"] if rpc_url is None else ["--rpc-url", rpc_url]
        receiver, sender = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(
            target=crashing.run,
            args=(arguments, point, count, batch, sender, str(self.log)),
            daemon=True,
        )
        self._process.start()
        sender.close()
        with receiver, open(receiver.fileno(), closefd=False) as said:
            line = said.readline()
        # Nothing, if it died before.
        super().__init__(folder, json.loads(line) if line else {})

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process.pid is not None
        return self._process.pid

    def died(self) -> bool:
        """Wait for its end: was it SIGKILL?"""
        self._process.join(SECONDS)
        return self._process.exitcode == -signal.SIGKILL

    def exit_status(self) -> int | None:
        """Wait for its end."""
        self._process.join(SECONDS)
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL, from outside; harmless when it has ended."""
        self._process.kill()
        self._process.join(SECONDS)
        self.close()

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8")[-3000:] if self.log.exists() else ""

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class PatientLedger(Ledger):
    """A node may answer that it has a transaction a moment before the transaction is in a block."""

    def ask(self, method: str, *params: Any) -> Any:
        """As `Ledger` does; a receipt is waited for."""
        deadline = time.monotonic() + SECONDS
        while (answer := super().ask(method, *params)) is None:
            if method != "eth_getTransactionReceipt" or time.monotonic() > deadline:
                break
        return answer


@dataclass(frozen=True)
class Moment:
    """A deal at rest: the files, what the client knows, and for a node its state."""

    folder: Path
    stage: str
    keys: Mapping[str, str]
    deployment: dict[str, Any]
    prepared: dict[str, Any]
    state: str | None = None

    def put(self, folder: Path) -> None:
        """The files, as they were."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    def story(self, server: Running) -> Story:
        """The deal as it goes on at this server, with the keys from before."""
        story = Story(server)  # type: ignore[arg-type]  # it has all that a story asks for
        story.ledger.close()
        story.ledger = PatientLedger(server.rpc_url)
        story.client.keys = dict(self.keys)
        story.deployment, story.prepared, story.stage = self.deployment, self.prepared, self.stage
        if self.deployment:
            story.ledger.learn(self.deployment["contracts"])
        return story


def moment(story: Story, served: Served, folder: Path, node: Anvil | None = None) -> Moment:
    """Keep a copy of a simulator that runs, once nothing is on its way."""
    served.settle()
    folder.mkdir(parents=True)
    live = served.simulator.settings.sqlite_file()
    assert live is not None
    with served.simulator.worker.paused():
        for name in (DATABASE, CHAIN):
            if live.with_name(name).exists():
                with (
                    closing(sqlite3.connect(live.with_name(name))) as source,
                    closing(sqlite3.connect(folder / name)) as copy,
                ):
                    source.backup(copy)
        state = node.backend.request("anvil_dumpState", []) if node else None
    return Moment(
        folder, story.stage, dict(story.client.keys), story.deployment, dict(story.prepared), state
    )


def load(node: Anvil, state: str) -> None:
    """Put a node into a state; the clock of its next block does not come with it."""
    node.backend.request("anvil_loadState", [state])
    latest = node.backend.request("eth_getBlockByNumber", ["latest", False])
    node.backend.request("evm_setNextBlockTimestamp", [int(latest["timestamp"], 16) + 1])
    node.backend.request("evm_mine", [])


@contextmanager
def fresh_interpreter(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Running]]:
    """The same without a fork: `python -m WORDS serve ...`, and where it listens."""
    command = [sys.executable, "-m", *words, "serve", "--json", "--port", "0", "--rpc-port", "0"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--database", str(folder / DATABASE)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        running = Running(folder, json.loads(process.stdout.readline()))
        try:
            yield process, running
        finally:
            running.close()
    finally:
        process.kill()
        process.communicate()
