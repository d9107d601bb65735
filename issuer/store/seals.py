"""Seals: what proves that the service itself wrote a row.

Whoever can write the database can write rows, but not their seals: they take a key that is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

_OPTION = "seal"


def seal_rows_with(engine: Engine, seal: Callable[[bytes], str]) -> None:
    """Let rows written through this engine from now on carry seals made by `seal`."""
    engine.update_execution_options(**{_OPTION: seal})


def seal_of(connection: Connection, table: str, content: Mapping[Any, Any]) -> str:
    """The seal that belongs to a row of this content, whatever the row says."""
    seal: Callable[[bytes], str] = connection.get_execution_options()[_OPTION]
    form = json.dumps([table, {k: v for k, v in content.items() if k != "seal"}], sort_keys=True)
    return seal(form.encode())


def is_genuine(connection: Connection, table: str, row: Mapping[Any, Any]) -> bool:
    """Does the row carry the seal that belongs to it?"""
    return bool(row["seal"] == seal_of(connection, table, row))
