"""The very same server, but its process kills itself at a named point, the N-th time it is passed.

    python -m tests.support.crashing POINT N serve --json ...

Nothing in the server knows of it: the points are made by wrapping its functions from outside. SIGKILL
is what a power cut or the kernel's out-of-memory killer does to a process: no handler, no `finally`,
no flush. Points whose name begins with `start` count from the first instruction; the others once the
worker runs, so that taking up what an earlier server left passes them too.
"""

from __future__ import annotations

import functools
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import Connection as Pipe
from types import ModuleType
from typing import Any

from api import cli
from chain.chain_file import ChainFile
from issuer import bootstrap
from issuer.carrier import Carrier
from issuer.onchain import commands
from issuer.onchain.gateway import OnChain
from issuer.services import access, binding
from issuer.store import outbox
from issuer.store.database import Database
from issuer.worker import Worker

Owner = type | ModuleType


class Fuse:
    """Burns down one step each time its point is passed."""

    def __init__(self, point: str, count: int) -> None:
        self.point = point
        self.left = count
        self.armed = point.startswith("start")
        self._lock = threading.Lock()

    def passed(self, point: str) -> None:
        """Die here if it is the point, and the time."""
        if point != self.point or not self.armed:
            return
        with self._lock:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Owner, name: str, point: str) -> None:
        """The point lies before a function."""

        def passing(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            self.passed(point)
            return real(*args, **kwargs)

        _wrap(owner, name, passing)

    def after(self, owner: Owner, name: str, point: str) -> None:
        """The point lies after a function."""

        def passing(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            self.passed(point)
            return result

        _wrap(owner, name, passing)


def _wrap(owner: Owner, name: str, instead: Callable[..., Any]) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return instead(real, *args, **kwargs)

    setattr(owner, name, wrapped)


#: Point -> where it is, of a server that runs.
BEFORE: dict[str, tuple[Owner, str]] = {
    "stored, not signed": (Carrier, "_sign"),
    "signed, not sent": (Carrier, "_send"),
    "sent, not confirmed": (Carrier, "_confirm"),
    "clock moved here, not on chain": (OnChain, "set_time"),
    "log not anchored": (OnChain, "transact"),
    "acted, answer not kept": (access, "keep_answer"),
}
AFTER: dict[str, tuple[Owner, str]] = {
    "mined, not noted": (OnChain, "send"),
    "block stored": (ChainFile, "save"),
    "log anchored": (OnChain, "transact"),
    "key claimed, not acted": (access, "begin_request"),
    "acted, not committed": (outbox, "add"),
}
#: Those that need more than a function to stand beside.
WITHIN = (
    "confirming, not committed",
    "confirmed",
    "between two batches",
    "block not committed",
)
RUNNING = (*BEFORE, *AFTER, *WITHIN)
START_BEFORE: dict[str, tuple[Owner, str]] = {
    "start: chain file made": (ChainFile, "load"),
    "start: first block not stored": (ChainFile, "save"),
    "start: not bound": (binding, "bind"),
    "start: not resumed": (binding, "resume"),
}
START_AFTER: dict[str, tuple[Owner, str]] = {
    "start: database made": (Database, "__init__"),
    "start: first block stored": (ChainFile, "save"),
    "start: bound": (binding, "bind"),
    "start: resumed": (binding, "resume"),
    "start: keys issued": (bootstrap, "_issue_keys"),
}


def lay(point: str, count: int) -> None:
    """Wrap what has to be wrapped for this process to die there."""
    fuse = Fuse(point, count)
    for name, place in {**BEFORE, **START_BEFORE}.items():
        fuse.before(*place, name)
    for name, place in {**AFTER, **START_AFTER}.items():
        fuse.after(*place, name)
    _around_confirming(fuse)
    _around_commit_of_the_chain_file(fuse)
    _between_batches(fuse)

    def start(real: Callable[..., Any], *args: Any) -> None:
        fuse.armed = True
        real(*args)

    _wrap(Worker, "start", start)


def _around_confirming(fuse: Fuse) -> None:
    confirming = threading.local()
    real_writing = Database.writing

    def confirm(real: Callable[..., Any], *args: Any) -> Any:
        confirming.now = True
        try:
            return real(*args)
        finally:
            confirming.now = False

    @contextmanager
    def writing(self: Database) -> Iterator[Any]:
        with real_writing(self) as connection:
            yield connection
            if getattr(confirming, "now", False):
                fuse.passed("confirming, not committed")
        if getattr(confirming, "now", False):
            fuse.passed("confirmed")

    _wrap(Carrier, "_confirm", confirm)
    Database.writing = writing  # type: ignore[method-assign]


class _Connection:
    """The chain file's connection, with a point before each COMMIT."""

    def __init__(self, real: sqlite3.Connection, fuse: Fuse) -> None:
        self._real = real
        self._fuse = fuse

    def execute(self, sql: str, *args: Any) -> Any:
        if sql == "COMMIT":
            self._fuse.passed("block not committed")
        return self._real.execute(sql, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _around_commit_of_the_chain_file(fuse: Fuse) -> None:
    def open_(real: Callable[..., Any], self: Any, *args: Any) -> None:
        real(self, *args)
        self._connection = _Connection(self._connection, fuse)

    _wrap(ChainFile, "__init__", open_)


def _between_batches(fuse: Fuse) -> None:
    def sign(real: Callable[..., Any], self: Carrier, command: Any) -> None:
        if command.command.function == "pay":
            fuse.passed("between two batches")
        real(self, command)

    _wrap(Carrier, "_sign", sign)


def run(
    arguments: Sequence[str], point: str | None, count: int, batch: int, said: Pipe, log: str
) -> None:
    """`abs-sim ARGUMENTS` in a process that was forked for it; what it prints goes into `said`."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.dup2(said.fileno(), 1)
    said.close()
    with open(log, "ab", buffering=0) as file:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(file.fileno(), 2)
    commands.PAY_BATCH = batch
    if point is not None:
        lay(point, count)
    sys.argv = ["abs-sim", *arguments]
    cli.main()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    point_, count_, *arguments_ = sys.argv[1:]
    commands.PAY_BATCH = 1
    lay(point_, int(count_))
    sys.argv = ["abs-sim", *arguments_]
    cli.main()
