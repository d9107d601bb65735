"""The audit log: read, anchored on chain, and examined against those anchors.

Each row contains the hash of the one before, so an edited, deleted or moved row breaks the chain of
hashes. Whoever rewrites the whole chain, or cuts its end off, contradicts the anchors: the head of
the log is written down on chain by the auditor's key whenever the log has grown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.onchain import commands
from issuer.services.context import Context
from issuer.services.log_comparison import contradictions
from issuer.store import audit, deals
from issuer.store.audit import AuditRow


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the log: at which row, and what."""

    seq: int
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What an examination has found. Rows after the last anchor are protected by their links alone."""

    rows: int
    anchors: int
    anchored_rows: int
    flaws: tuple[Flaw, ...]


def read(context: Context, actor: Actor, since: int, limit: int) -> Sequence[AuditRow]:
    """The log after a row number."""
    authorise(actor, Act.READ_AUDIT)
    with context.database.reading() as connection:
        return audit.since(connection, since, limit)


def anchor(context: Context) -> bool:
    """Write the head of the log down on chain if the log has grown; says whether it did.

    Not a command of the outbox: an anchor that a crash prevents is simply made later.
    """
    with context.database.reading() as connection:
        place = _anchor_contract(connection)
        if place is None:
            return False
        last = audit.last(connection)
    # What does not hash to what it says was not entered by us: it is for `examine` to report.
    if last is None or audit.hash_of(last) != last.hash:
        return False
    if last.seq <= context.chain.ask(commands.AUDIT_ANCHOR, place, "rows"):
        return False
    context.chain.transact(
        Role.AUDITOR, commands.AUDIT_ANCHOR, place, "anchor", last.seq, "0x" + last.hash
    )
    return True


def examine(context: Context, actor: Actor) -> AuditVerdict:
    """Check every row, link and anchor, and that what the acts have stored is there as it was."""
    authorise(actor, Act.READ_AUDIT)
    # First the chain: what is anchored by now must be in the log that is read afterwards.
    last_block, _ = context.chain.head()
    with context.database.reading() as connection:
        place = _anchor_contract(connection)
    anchors = _anchors(context, place, last_block) if place else {}
    with context.database.reading() as connection:
        flaws: list[Flaw] = []
        hashes: dict[int, str] = {}
        for row, found in _walk(connection):
            hashes[row.seq] = row.hash
            flaws += found
        flaws += _against_anchors(hashes, anchors)
        flaws += [Flaw(seq, "audit.contradicted", what) for seq, what in contradictions(connection)]
        if place is None:
            flaws += _missing_anchor(context, connection)
    return AuditVerdict(len(hashes), len(anchors), max(anchors, default=0), tuple(flaws))


def _walk(connection: Connection) -> Iterator[tuple[AuditRow, list[Flaw]]]:
    """Every row in order, with what is wrong with it."""
    seq, previous = 0, audit.GENESIS
    for row in audit.everything(connection):
        flaws = []
        if row.seq != seq + 1:
            what = f"rows {seq + 1} to {row.seq - 1} are missing"
            flaws.append(Flaw(row.seq, "audit.rows_missing", what))
        elif row.previous_hash != previous:
            what = "it does not follow from the row before: rows were moved or replaced"
            flaws.append(Flaw(row.seq, "audit.link_broken", what))
        if audit.hash_of(row) != row.hash:
            flaws.append(Flaw(row.seq, "audit.row_edited", "its content is not what was entered"))
        seq, previous = row.seq, row.hash
        yield row, flaws


def _anchors(context: Context, place: str, last_block: int) -> dict[int, str]:
    """Rows -> head, of every anchor on chain."""
    said = context.chain.events([place], 0, last_block)
    return {event.args["rows"]: event.args["head"].hex() for event in said}


def _against_anchors(hashes: dict[int, str], anchors: dict[int, str]) -> Iterator[Flaw]:
    end = max(hashes, default=0)
    for rows, head in sorted(anchors.items()):
        if rows > end:
            what = f"{rows} rows are anchored on chain and the log ends at {end}: it was cut off"
            yield Flaw(rows, "audit.cut_off", what)
        elif hashes.get(rows) != head:
            what = "its hash is not the one anchored on chain: the log was rewritten"
            yield Flaw(rows, "audit.rewritten", what)


def _missing_anchor(context: Context, connection: Connection) -> Iterator[Flaw]:
    """Every deployment begins with the anchor; a chain that has anchors has an address for it."""
    if deals.contract_at(connection) or context.chain.next_nonce(Role.AUDITOR):
        what = "the address book does not say where the log is anchored: its row was removed"
        yield Flaw(0, "audit.anchor_missing", what)


def _anchor_contract(connection: Connection) -> str | None:
    found = deals.address_book(connection, deals.SHARED).get(commands.AUDIT_ANCHOR)
    return found.address if found else None
