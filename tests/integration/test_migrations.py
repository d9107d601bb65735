"""The migrations make exactly the tables that the code reads and writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text, update

from issuer.domain.errors import StateConflict
from issuer.services.bundles import content_hash
from issuer.services.log_comparison import reported_content
from issuer.store.database import MIGRATIONS, Database
from issuer.store.tables import collection_batch, metadata

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


def test_versions_that_were_submitted_are_marked_by_the_log(connection: Connection) -> None:
    """Version 2 was taken back, version 3 is only prepared."""
    migrate(connection, "downgrade", "0007")
    connection.exec_driver_sql("INSERT INTO deal VALUES ('d', '{}', '')")
    connection.exec_driver_sql(
        "INSERT INTO filing (id, deal_id, state, version, review_days_used, events, findings)"
        " VALUES ('d-f1', 'd', 'FILED', 1, 0, '[]', '[]')"
    )
    version = text("INSERT INTO filing_version VALUES ('d-f1', :number, '{}', '0x', '')")
    entry = text(
        "INSERT INTO audit (seq, at, role, actor, act, subject, facts, previous_hash, hash)"
        " VALUES (:number, :at, 'filer', 'f', :act, 'd-f1', :facts, '', '')"
    )
    acts = {1: "submit_filing", 2: "amend_filing", 3: "prepare_version"}
    for number, act in acts.items():
        at, facts = f"2026-02-1{number}T17:00:00+00:00", json.dumps({"version": number})
        connection.execute(version, {"number": number})
        connection.execute(entry, {"number": number, "at": at, "act": act, "facts": facts})
    migrate(connection, "upgrade", "head")
    marked = connection.exec_driver_sql("SELECT version, submitted_on FROM filing_version")
    # Past midnight in Hong Kong.
    assert marked.fetchall() == [(1, "2026-02-12"), (2, "2026-02-13"), (3, None)]


def test_upgrade_of_a_deal_in_the_earlier_form_is_refused(connection: Connection) -> None:
    migrate(connection, "downgrade", "0008")
    row = {"id": "old", "document": json.dumps({"reserve": None}), "at": ""}
    insert = "INSERT INTO deal (id, document, registered_at) VALUES (:id, :document, :at)"
    connection.execute(text(insert), row)
    with pytest.raises(StateConflict, match=r"`reserves` now.*new database") as refusal:
        migrate(connection, "upgrade", "head")
    assert refusal.value.error_code == "database.outdated"
    connection.execute(text("""UPDATE deal SET document = '{"reserves": []}'"""))
    migrate(connection, "upgrade", "head")
    assert differences(connection) == []


def test_upgrade_keeps_batches_as_revenue_and_as_the_log_has_them(connection: Connection) -> None:
    migrate(connection, "downgrade", "0009")
    connection.exec_driver_sql("INSERT INTO deal VALUES ('d', '{}', '')")
    connection.exec_driver_sql(
        "INSERT INTO revenue_batch VALUES ('d', 'b', 1, 100, NULL, '2026-07-06', NULL, NULL, 'HELD')"
    )
    query = "SELECT deal_id, id, period, cny_fen, received_on, state FROM {}"
    before = connection.exec_driver_sql(query.format("revenue_batch")).mappings().one()
    migrate(connection, "upgrade", "head")
    row = connection.execute(select(collection_batch)).mappings().one()
    assert {name: row[name] for name in before} == dict(before)
    assert row["of"] == "REVENUE"
    # What the log has of it is the hash of the columns that there were.
    earlier = {name: row[name] for name in row if name not in ("state", "of")}
    assert reported_content(row) == content_hash(earlier)
    connection.execute(update(collection_batch).values(of="PRINCIPAL"))
    forged = connection.execute(select(collection_batch)).mappings().one()
    assert reported_content(forged) != content_hash(earlier)
