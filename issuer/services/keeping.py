"""Filings stored with the act that changed them: the log says what each act made of its filing.

The row alone proves nothing. What the log last said of each of its columns is compared with it whenever
the log is examined (`filing_comparison.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from issuer.domain.filing import Filing
from issuer.domain.roles import Actor, Role
from issuer.services.bundles import content_hash
from issuer.services.context import log
from issuer.store import filings

#: Acts of the service itself, on what the chain has answered.
SERVICE = Actor(Role.OPERATOR, "service")
#: The fact of an act that says what has become of the filing.
CHANGED = "changed"
#: What the log says of a column with nothing in it.
NOTHING = "nothing"


def keep(
    connection: Connection,
    actor: Actor,
    act: str,
    changed: Filing,
    facts: Mapping[str, Any],
    *,
    subject: str | None = None,
) -> None:
    """Store a filing, and enter the act with every column of the row that it has changed.

    An act on a deal names it as `subject`, and its filing among the facts.
    """
    before = told(filings.as_row(filings.get(connection, changed.id)))
    filings.save(connection, changed)
    after = told(filings.as_row(changed))
    new = {column: said for column, said in after.items() if said != before[column]}
    log(connection, actor, act, subject or changed.id, {**facts, CHANGED: new})


def told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The columns of a filing's row as the log says them: what is long by its hash."""
    return {name: _told(value) for name, value in row.items() if name != "id"}


def _told(value: Any) -> Any:
    if value in (None, [], {}):
        return NOTHING
    return content_hash(value) if isinstance(value, (list, dict)) else value
