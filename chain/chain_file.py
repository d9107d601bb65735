"""A chain on disk: every entry of its key-value store in one SQLite file, a transaction per block.

A block is on disk before anybody hears that it was mined. A process killed at any instant therefore
finds, when it starts again, every block that it has told about, and never half of one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chain.errors import NodeUnavailable

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS clock (next_timestamp INTEGER NOT NULL)",
)


class ChainFile:
    """The file of one chain. Whoever uses it does so from one thread at a time.

    Raises `NodeUnavailable` where the disk does not give or take what it should.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._readable():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # FULL: the database beside this file must never remember more than the chain does.
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self._connection.execute(f"PRAGMA {pragma}")
            for statement in _SCHEMA:
                self._connection.execute(statement)

    def load(self) -> tuple[dict[bytes, bytes], int] | None:
        """Every entry and the next block's timestamp; None while no chain has been stored."""
        with self._readable():
            clock = self._connection.execute("SELECT next_timestamp FROM clock").fetchone()
            if clock is None:
                return None
            return dict(self._connection.execute("SELECT key, value FROM entry")), int(clock[0])

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise NodeUnavailable(
                f"the chain's file {self.path} cannot be read ({error}). Cure: put back a copy of it,"
                " with the database that was beside it."
            ) from error

    def save(
        self, written: Mapping[bytes, bytes], removed: Iterable[bytes], next_timestamp: int
    ) -> None:
        """Store what has changed: all of it, or nothing, as on a full disk."""
        run = self._connection.execute
        try:
            run("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO entry VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                written.items(),
            )
            self._connection.executemany(
                "DELETE FROM entry WHERE key = ?", ((key,) for key in removed)
            )
            run("DELETE FROM clock")
            run("INSERT INTO clock VALUES (?)", (next_timestamp,))
            run("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:  # some errors end the transaction by themselves
                run("ROLLBACK")
            if not isinstance(error, sqlite3.OperationalError):
                raise
            raise NodeUnavailable(
                f"the chain's file {self.path} cannot be written ({error}), so nothing was mined."
                " Cure: make room on its disk, and ask again."
            ) from error

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class Entries(dict[bytes, bytes]):
    """A key-value store that remembers which keys have changed since they were last stored."""

    def __init__(self, entries: Mapping[bytes, bytes]) -> None:
        super().__init__(entries)
        #: Changed key -> what was stored under it, None for nothing.
        self._stored: dict[bytes, bytes | None] = dict.fromkeys(entries)

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._stored.setdefault(key, self.get(key))
        super().__setitem__(key, value)

    def __delitem__(self, key: bytes) -> None:
        self._stored.setdefault(key, self.get(key))
        super().__delitem__(key)

    def replace(self, entries: Mapping[bytes, bytes]) -> None:
        """Become these entries; what differs counts as changed."""
        keys = self.keys() | entries.keys()
        for key in keys:
            if self.get(key) != entries.get(key):
                self._stored.setdefault(key, self.get(key))
        super().clear()
        super().update(entries)

    def changes(self) -> tuple[dict[bytes, bytes], list[bytes]]:
        """(written, removed) since `forget_changes`."""
        written = {key: self[key] for key in self._stored if key in self}
        return written, [key for key in self._stored if key not in self]

    def forget_changes(self) -> None:
        """They are stored."""
        self._stored.clear()

    def undo_changes(self) -> None:
        """They could not be stored: be again what was."""
        for key, value in self._stored.items():
            if value is None:
                super().pop(key, None)
            else:
                super().__setitem__(key, value)
        self._stored.clear()
