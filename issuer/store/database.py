"""The database: opened once, migrated when opened, one transaction per use case."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from issuer.domain.errors import StoreUnavailable
from issuer.store.seals import seal_rows_with

MIGRATIONS = Path(__file__).parent / "migrations"

#: What passes by itself, or with room on the disk; `unavailable` words it for a caller.
UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, TimeoutError)


class Turns:
    """One at a time, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and keep it to the end of the block."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        try:
            mine.wait()
            yield
        finally:
            # Also for one who gave up waiting: it may stand anywhere in the line.
            with self._lock:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()


class Database:
    """`writing()` for use cases that change something, `reading()` for the rest."""

    def __init__(self, url: str, committed: Callable[[], None] | None = None) -> None:
        self.engine = _engine(url)
        self._committed = committed or (lambda: None)
        self._turns = Turns()
        with self.engine.begin() as connection:
            _migrate(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing. `committed` is called after it."""
        # SQLite has one writer and no queue: left to its lock, some of many wait for ever, each with a
        # connection that readers lack.
        with self._turns.take(), self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                # Take the write lock now: upgrading a read transaction later can deadlock.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
        self._committed()

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A transaction like that of `writing`, of which nothing is stored: for dry runs of acts."""
        with self._turns.take(), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.rollback()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    def seal_rows_with(self, seal: Callable[[bytes], str]) -> None:
        """Let what the service vouches for carry seals that nobody else can make."""
        seal_rows_with(self.engine, seal)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def unavailable(error: Exception) -> StoreUnavailable:
    """What a caller is told of one of `UNAVAILABLE`."""
    reason = error.orig if isinstance(error, OperationalError) else "too many requests at once"
    return StoreUnavailable(
        f"the database does not take or give what it should ({reason})."
        " Cure: make room on its disk, let go of it whatever else holds it, and ask again, with the"
        " same Idempotency-Key if there was one."
    )


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    # isolation_level None: the driver must not open transactions of its own, we say BEGIN.
    engine = create_engine(
        url, connect_args={"timeout": 30, "isolation_level": None, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: object, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # the DB-API has no type here
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    alembic.upgrade(config, "head")
