"""Rows against the audit log: what was entered when they were made is what they say now.

Not everything in the database is on chain too. The log has a hash or the figures of what an act stored,
and is itself anchored on chain; so a row that somebody has changed since contradicts its own act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from issuer.services.bundles import content_hash, document_hash
from issuer.store import audit
from issuer.store.audit import AuditRow
from issuer.store.tables import deal, distribution, investor, revenue_batch, subscription

#: Subject and fact -> the row of the log that last said so, and what it said.
Entered = dict[tuple[str, str, str], tuple[int, Any]]


def contradictions(connection: Connection) -> Iterator[tuple[int, str]]:
    """(row of the log, what contradicts it) for every row that is not what was entered."""
    entered = _entered(connection)
    for kind, table, key, facts in _KINDS:
        for row in _readable(connection, table):
            if row is None:
                yield 0, f"a row of {table.name} cannot be read: it was altered"
                continue
            for name, found in facts(row).items():
                seq, said = entered.pop((kind, key(row), name), (0, None))
                if found != said:
                    yield seq, _told(f"{kind} {key(row)}", name, said, found)
    for (kind, subject, name), (seq, said) in sorted(entered.items()):
        if kind in _NEVER_REMOVED:
            yield seq, _told(f"{kind} {subject}", name, said, None)


def _told(subject: str, name: str, said: Any, found: Any) -> str:
    if said is None:
        return f"{subject} is in the database, and was never entered in the log"
    if found is None:
        return f"{subject} was entered in the log, and is not in the database"
    return f"{subject}: {name} was {said} when it was entered, and is {found} in the database"


def _entered(connection: Connection) -> Entered:
    """What the log last said of each fact; a row of it that cannot be read says nothing."""
    entered: Entered = {}
    for row in audit.everything(connection):
        if isinstance(row.facts, Mapping):
            for kind, subject, name, said in _said(row):
                entered[kind, subject, name] = (row.seq, said)
    return entered


def _said(row: AuditRow) -> Iterator[tuple[str, str, str, Any]]:
    match row.act:
        case "register_deal":
            yield "deal", row.subject, "document", row.facts.get("document_hash")
        case "admit_investor" | "renew_investor":
            yield "investor", row.subject, "document", row.facts.get("document_hash")
            yield "investor", row.subject, "eligibility", row.facts.get("until")
        case "subscribe":
            for name, said in row.facts.items():
                yield "subscription", row.subject, name, said
        case "determine_distribution":
            yield "distribution", row.subject, "figures", row.facts.get("figures_hash")
        case "report_collections":
            for batch, said in dict(row.facts.get("content_hashes") or {}).items():
                yield "collections", f"{row.subject}/{batch}", "content", said


def _readable(connection: Connection, table: Table) -> Iterator[RowMapping | None]:
    """Every row; None for one whose JSON somebody has broken."""
    rows = connection.execute(select(table)).mappings()
    while True:
        try:
            row = rows.fetchone()
        except (TypeError, ValueError):
            yield None
            continue
        if row is None:
            return
        yield row


def _of_subscription(row: RowMapping) -> dict[str, Any]:
    return {
        "deal": row["deal_id"],
        "tranche": row["tranche_id"],
        "investor": row["investor_id"],
        "units": row["units"],
        "price_micro": str(row["price_micro"]),
    }


def _of_batch(row: RowMapping) -> dict[str, Any]:
    return {"content": content_hash({name: row[name] for name in row if name != "state"})}


_KINDS: tuple[
    tuple[str, Table, Callable[[RowMapping], str], Callable[[RowMapping], dict[str, Any]]], ...
] = (
    ("deal", deal, lambda row: row["id"], lambda row: {"document": document_hash(row["document"])}),
    (
        "investor",
        investor,
        lambda row: row["id"],
        lambda row: {
            "document": document_hash(row["document"]),
            "eligibility": row["eligible_until"],
        },
    ),
    ("subscription", subscription, lambda row: row["id"], _of_subscription),
    (
        "distribution",
        distribution,
        lambda row: row["id"],
        lambda row: {"figures": content_hash(row["determination"])},
    ),
    ("collections", revenue_batch, lambda row: f"{row['deal_id']}/{row['id']}", _of_batch),
)
#: What the chain refuses is taken back: an admission, a determination. These are not.
_NEVER_REMOVED = frozenset({"deal", "subscription", "collections"})
