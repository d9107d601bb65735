"""Rows against the audit log: what was entered when they were made is what they say now.

Not everything in the database is on chain too. The log has a hash or the figures of what an act stored,
and is itself anchored on chain; so a row that somebody has changed since contradicts its own act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from issuer.documents.hashes import document_hash
from issuer.domain.collections import Collected
from issuer.domain.errors import StateConflict
from issuer.domain.proceeds import ProceedsTransfer
from issuer.domain.subscription import SubscriptionState
from issuer.services.bundles import content_hash
from issuer.services.filing_comparison import Entered, compare_filings, said_of_filings
from issuer.services.log_evidence import said_of_acts, to_amend
from issuer.store import audit
from issuer.store.seals import is_genuine
from issuer.store.tables import (
    api_key,
    asset_purchase,
    collection_batch,
    contract,
    deal,
    distribution,
    filing,
    fixing,
    investor,
    meta,
    permitted_account,
    pool_report,
    proceeds_transfer,
    sanction,
    subscription,
    support_payment,
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table whose rows the log has evidence of: what a row is about, and its facts."""

    name: str
    table: Table
    subject: Callable[[RowMapping], str]
    facts: Callable[[RowMapping], dict[str, Any]]


def contradictions(connection: Connection) -> Iterator[tuple[int, str]]:
    """(row of the log, what contradicts it) for every row that is not what was entered."""
    entered = _entered(connection)
    for kind in _KINDS:
        yield from _compared(connection, kind, entered)
    yield from compare_filings(connection, _readable(connection, filing), entered)
    for row in _readable(connection, filing):
        try:
            if row is not None:
                yield from _events(row, entered)
        except (AttributeError, KeyError, TypeError):
            yield 0, "the events of a filing cannot be read: they were altered"
    yield from _sanctions(connection, entered)
    yield from _unsealed(connection)
    for (name, subject, fact), (seq, said) in sorted(entered.items()):
        if name in _NEVER_REMOVED:
            yield seq, _told(f"{name} {subject}", fact, said, None)


def require_as_reported(connection: Connection, deal_id: str) -> None:
    """Refuse to pay by what is not as it was reported.

    The coin of a batch came on chain, but of what it is, the pool, the fixings and what was bought are
    in rows alone; the log that vouches for them counts only as the service itself has entered it.
    """
    entered: Entered = {}
    for row in audit.everything(connection):
        if row.act in _REPORTING and audit.is_ours(connection, row):
            for name, subject, fact, value in said_of_acts(row):
                entered[name, subject, fact] = (row.seq, value)
    ours = f"{deal_id}/"
    found = [
        what
        for kind in _KINDS
        if kind.name in _REPORTED
        for _, what in _compared(connection, kind, entered)
        if what.startswith((f"{kind.name} {ours}", "a row of"))
    ]
    found += [
        _told(f"{name} {subject}", fact, said, None)
        for (name, subject, fact), (_, said) in entered.items()
        if subject.startswith(ours)
    ]
    if found:
        raise StateConflict(
            f"what was reported of {deal_id} is not what was entered: {'; '.join(found)}. Cure: restore"
            " the database from a copy",
            code="collections.altered",
            contradictions=found,
        )


def _compared(connection: Connection, kind: _Kind, entered: Entered) -> Iterator[tuple[int, str]]:
    """Every row of a kind with what the log last said of it; what was compared is taken out."""
    for row in _readable(connection, kind.table):
        if row is None:
            yield 0, f"a row of {kind.table.name} cannot be read: it was altered"
            continue
        subject = kind.subject(row)
        try:
            facts = kind.facts(row)
        except (AttributeError, TypeError, ValueError):
            yield 0, f"{kind.name} {subject} cannot be read: it was altered"
            continue
        for fact, found in facts.items():
            seq, said = entered.pop((kind.name, subject, fact), (0, None))
            if found != said:
                yield seq, _told(f"{kind.name} {subject}", fact, said, found)


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
            for kind, subject, name, said in (*said_of_acts(row), *said_of_filings(row)):
                entered[kind, subject, name] = (row.seq, said)
    return entered


#: What is paid is determined by, besides the terms, and the acts that report it.
_REPORTED = frozenset({"collections", "pool report", "fixing", "support", "purchase"})
_REPORTING = frozenset({"report_collections", "enter_fixing", "receive_support", "buy_assets"})


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


def _events(row: RowMapping, entered: Entered) -> Iterator[tuple[int, str]]:
    """What a filing has to report was noted, and what it has reported was reported."""
    for each in row["events"]:
        event = f"{row['id']}/{each['code']}"
        duty = to_amend(each)
        entered.pop(("event", f"{event} due {each['due_on']}{duty}", "noted"), None)
        amended = f"{row['id']} on {each.get('amended_on')}"
        if each.get("amended_on") and ("amendment", amended, "made") not in entered:
            yield 0, f"the event {event} counts as amended, and by the log nothing was amended then"
        cleared = f"{event} due {each['due_on']} on {each.get('cleared_on')}"
        if each.get("cleared_on") and ("clearance", cleared, "made") not in entered:
            yield 0, f"the event {event} counts as cleared, and by the log nothing was cleared then"
        report = each["report_hash"]
        if report and ("report", f"{event} {report}{duty}", "made") not in entered:
            yield 0, f"the event {event} is reported in the database, and never was by the log"
        if each["reported_on"] and not report:
            yield 0, f"the event {event} counts as reported, and there is no report"


def _sanctions(connection: Connection, entered: Entered) -> Iterator[tuple[int, str]]:
    listed = connection.execute(select(sanction.c.entry)).scalars()
    found = content_hash(sorted(listed))
    seq, said = entered.pop(("sanctions", "list", "content"), (0, content_hash([])))
    if found != said:
        yield seq, "the sanctions list is not the one that was put in force"


def _unsealed(connection: Connection) -> Iterator[tuple[int, str]]:
    """Rows that the service vouches for, and that are not as it wrote them."""
    for table in (api_key, contract, permitted_account):
        for row in connection.execute(select(table)).mappings():
            if not is_genuine(connection, table.name, row):
                named = row.get("name") or row.get("address")
                yield 0, f"the {table.name} {named} is not as the service wrote it"


def _of_subscription(row: RowMapping) -> dict[str, Any]:
    return {
        "deal": row["deal_id"],
        "tranche": row["tranche_id"],
        "investor": row["investor_id"],
        "units": row["units"],
        "price_micro": str(row["price_micro"]),
        "withdrawn": row["state"] == SubscriptionState.WITHDRAWN.value,
    }


def reported_content(row: RowMapping) -> str:
    """What was reported, as the log keeps it; how far its coin is moves on without it.

    Batches have not always said of what they are: REVENUE, which all of them were, is left out.
    """
    said = {name: row[name] for name in row if name != "state"}
    if said.get("of") == Collected.REVENUE:
        del said["of"]
    return content_hash(said)


def _of_reported(row: RowMapping) -> dict[str, Any]:
    return {"content": reported_content(row)}


def content_of(transfer: ProceedsTransfer) -> str:
    """A transfer of proceeds as the log keeps it."""
    return content_hash(asdict(transfer))


def content_of_purchase(document: Any, bought_on: str) -> str:
    """A purchase of assets as the log keeps it."""
    return content_hash({"document": document, "bought_on": bought_on})


_KINDS = (
    _Kind(
        "deal",
        deal,
        lambda row: row["id"],
        lambda row: {"document": document_hash(row["document"])},
    ),
    _Kind(
        "investor",
        investor,
        lambda row: row["id"],
        lambda row: {
            "document": document_hash(row["document"]),
            "eligibility": row["eligible_until"],
        },
    ),
    _Kind("subscription", subscription, lambda row: row["id"], _of_subscription),
    _Kind(
        "distribution",
        distribution,
        lambda row: row["id"],
        lambda row: {"figures": content_hash(row["determination"])},
    ),
    _Kind(
        "clock",
        meta,
        lambda row: row["key"],
        lambda row: {"instant": row["value"]} if row["key"] == "now" else {},
    ),
    _Kind(
        "proceeds",
        proceeds_transfer,
        lambda row: f"{row['deal_id']}/{row['inbound_reference']}",
        lambda row: {"content": content_of(ProceedsTransfer(**row))},
    ),
    _Kind(
        "purchase",
        asset_purchase,
        lambda row: f"{row['deal_id']}/{row['id']}",
        lambda row: {"content": content_of_purchase(row["document"], row["bought_on"])},
    ),
    _Kind(
        "collections", collection_batch, lambda row: f"{row['deal_id']}/{row['id']}", _of_reported
    ),
    _Kind(
        "pool report", pool_report, lambda row: f"{row['deal_id']}/{row['period']}", _of_reported
    ),
    _Kind(
        "fixing",
        fixing,
        lambda row: f"{row['deal_id']}/{row['period']}/{row['index']}",
        _of_reported,
    ),
    _Kind(
        "support",
        support_payment,
        lambda row: f"{row['deal_id']}/{row['reference']}",
        _of_reported,
    ),
)
#: What the chain refuses is taken back: an admission, a determination. These are not.
_NEVER_REMOVED = frozenset(
    {"deal", "filing", "subscription", "event", "clock", "proceeds", *_REPORTED}
)
