"""Somebody who can write into the database file, past the service: a second, raw SQLite connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from issuer.services import bundles
from tests.support.simulator import Served
from tests.support.story import DEAL, PRICE_MICRO, investor_document

FAR_AHEAD = "2030-01-01"


class Forger:
    """Writes what it likes. `tampering` puts back what was there."""

    def __init__(self, served: Served) -> None:
        file = served.simulator.settings.sqlite_file()
        assert file is not None
        self._file = file
        self._context = served.simulator.context

    def write(self, statement: str, *values: Any) -> None:
        """Carry out one statement, which must touch something."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
            assert connection.execute(statement, values).rowcount > 0, statement

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def tampering(self, *tables: str) -> Iterator[None]:
        """Whatever is done to these tables inside is undone at the end."""
        before = {table: self.read(f"SELECT * FROM {table}") for table in tables}  # noqa: S608
        try:
            yield
        finally:
            with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
                for table, rows in before.items():
                    places = ", ".join("?" * len(rows[0]))
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608
                    connection.executemany(
                        f"INSERT INTO {table} VALUES ({places})",  # noqa: S608
                        rows,
                    )

    # ---- what an attacker would write

    def approve(self, filing: str, version: int = 1) -> None:
        """A filing that nobody reviewed becomes one in its offering, its hash the true one."""
        approval = {
            "version": version,
            "bundle_hash": self.bundle_hash(filing, version),
            "valid_until": FAR_AHEAD,
            "filed_total_micro": 80_000 * PRICE_MICRO,
            "caps": [["A", 80_000]],
            "decided_on": "2026-03-02",
        }
        self.write(
            "UPDATE filing SET state = 'ISSUING', approval = ?, published_on = '2026-03-02'"
            " WHERE id = ?",
            json.dumps(approval),
            filing,
        )

    def bundle_hash(self, filing: str, version: int = 1) -> str:
        """What the service will find when it recomputes the hash."""
        with self._context.database.reading() as connection:
            return bundles.recompute_approved(connection, filing, version)

    def admit(self, investor: str, eligible_until: str = FAR_AHEAD) -> None:
        """An investor whom the registrar has never seen is on the register."""
        document = investor_document(investor)
        self.write(
            "INSERT INTO investor VALUES (?, ?, ?, 'ADMITTED', ?, '2026-03-18T10:00:00+08:00', NULL)",
            investor,
            document["wallet"],
            json.dumps(document, default=str),
            eligible_until,
        )
        self.write("INSERT INTO admission VALUES (?, ?)", DEAL, investor)

    def subscribe(self, subscription: str, investor: str, units: int) -> None:
        """A subscription that nobody made."""
        self.write(
            "INSERT INTO subscription VALUES (?, ?, 'A', ?, ?, ?, 'OPEN', ?, NULL)",
            subscription,
            DEAL,
            investor,
            units,
            units * PRICE_MICRO,
            "2026-04-13T10:00:00+08:00",
        )
