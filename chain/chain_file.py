"""A chain on disk: every entry of its key-value store in one SQLite file, a transaction per block.

A block is on disk before anybody hears that it was mined. A process killed at any instant therefore
finds, when it starts again, every block that it has told about, and never half of one.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS clock (next_timestamp INTEGER NOT NULL)",
)


class ChainFile:
    """The file of one chain. Whoever uses it does so from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # FULL: the database beside this file must never remember more than the chain does.
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        for statement in _SCHEMA:
            self._connection.execute(statement)

    def load(self) -> tuple[dict[bytes, bytes], int] | None:
        """Every entry and the next block's timestamp; None while no chain has been stored."""
        clock = self._connection.execute("SELECT next_timestamp FROM clock").fetchone()
        if clock is None:
            return None
        return dict(self._connection.execute("SELECT key, value FROM entry")), int(clock[0])

    def save(
        self, written: Mapping[bytes, bytes], removed: Iterable[bytes], next_timestamp: int
    ) -> None:
        """Store what has changed: all of it, or nothing."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
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
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class Entries(dict[bytes, bytes]):
    """A key-value store that remembers which keys have changed since they were last stored."""

    def __init__(self, entries: Mapping[bytes, bytes]) -> None:
        super().__init__(entries)
        self._changed: set[bytes] = set(entries)

    def __setitem__(self, key: bytes, value: bytes) -> None:
        super().__setitem__(key, value)
        self._changed.add(key)

    def __delitem__(self, key: bytes) -> None:
        super().__delitem__(key)
        self._changed.add(key)

    def replace(self, entries: Mapping[bytes, bytes]) -> None:
        """Become these entries; what differs counts as changed."""
        keys = self.keys() | entries.keys()
        differing = {key for key in keys if self.get(key) != entries.get(key)}
        super().clear()
        super().update(entries)
        self._changed |= differing

    def changes(self) -> tuple[dict[bytes, bytes], list[bytes]]:
        """(written, removed) since `forget_changes`."""
        written = {key: self[key] for key in self._changed if key in self}
        return written, [key for key in self._changed if key not in self]

    def forget_changes(self) -> None:
        """They are stored; not before, so that a full disk loses nothing."""
        self._changed.clear()
