"""The migrations make exactly the tables that the code reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from issuer.store.database import MIGRATIONS, Database
from issuer.store.tables import metadata

OPTIONS = {"compare_type": True, "compare_server_default": True}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path / 'abs-sim.db'}")
    with database.engine.begin() as connection:
        yield connection
    database.close()


def migrate(connection: Connection, direction: str, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    getattr(alembic, direction)(config, to)


def differences(connection: Connection) -> object:
    return compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), metadata)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_upgrade_from_nothing_makes_the_tables_of_the_code(connection: Connection) -> None:
    assert tables(connection) == set(metadata.tables)
    assert differences(connection) == []


def test_compare_a_table_that_differs_finds_it(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE deal ADD COLUMN surplus TEXT")
    assert differences(connection) != []


def test_downgrade_to_nothing_and_up_again_makes_the_same_tables(connection: Connection) -> None:
    migrate(connection, "downgrade", "base")
    assert tables(connection) == set()
    migrate(connection, "upgrade", "head")
    assert tables(connection) == set(metadata.tables)
    assert differences(connection) == []


def test_open_a_migrated_database_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'abs-sim.db'}"
    first = Database(url)
    with first.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('kept', 'yes')")
    first.close()
    second = Database(url)
    with second.reading() as connection:
        assert connection.exec_driver_sql("SELECT * FROM meta").fetchall() == [("kept", "yes")]
    second.close()
