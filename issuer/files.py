"""The files of an installation: held by the one simulator that uses them, copied for who only looks."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from issuer.config import Settings
from issuer.domain.errors import ChainUnavailable


@contextmanager
def sole_user(lock_file: Path | None) -> Iterator[None]:
    """Keep every other simulator off these files; refused while another one has them."""
    if lock_file is None:
        yield
        return
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as handle:
        try:
            # The system gives the lock back when the process ends, however it ends.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ChainUnavailable(
                f"another simulator is using this database ({lock_file} is locked). Cure: stop it, or"
                " start with another database file (--database).",
                code="database.in_use",
            ) from error
        yield


@contextmanager
def copied_files(settings: Settings, folder: Path) -> Iterator[None]:
    """Database and chain as they are at one instant, in `folder`; what is not there is left out.

    Nothing is stored until the block ends, so that nothing the copies do not know of goes to a node.
    """
    database, chain_file = settings.sqlite_file(), settings.chain_file()
    files = [database, chain_file if settings.rpc_url is None else None]
    found = [file for file in files if file is not None and file.exists()]
    with ExitStack() as stack:
        if _at_rest(settings.lock_file(), stack):
            # Opened as a database, even to read it only, it would leave files of SQLite's beside it.
            for file in found:
                for each in (file, file.with_name(f"{file.name}-wal")):
                    if each.exists():
                        shutil.copyfile(each, folder / each.name)
        else:
            _copy_in_use(found, folder, stack)
        yield


def _copy_in_use(found: list[Path], folder: Path, stack: ExitStack) -> None:
    try:
        # While nothing is stored the chain gets no further than what is stored already wants.
        keeper = stack.enter_context(closing(_connect(found[0], "rw")))
        keeper.execute("BEGIN IMMEDIATE")
        for file in found:
            with (
                closing(_connect(file, "ro")) as source,
                closing(sqlite3.connect(folder / file.name)) as target,
            ):
                source.backup(target)
    except sqlite3.DatabaseError as error:
        raise ChainUnavailable(
            f"{found[0]} cannot be copied ({error}), and its simulator is running. Cure: ask again,"
            " or stop the simulator first.",
            code="database.unreadable",
        ) from error


def _at_rest(lock_file: Path | None, stack: ExitStack) -> bool:
    """Is no simulator using the files? Then none begins to until the stack is closed."""
    if lock_file is None or not lock_file.exists():
        return True
    try:
        fcntl.flock(stack.enter_context(lock_file.open()), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
