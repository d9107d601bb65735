"""The audit log: read, anchored on chain, and examined against those anchors.

Each row contains the hash of the one before, so an edited, deleted or moved row breaks the chain of
hashes. Whoever rewrites the whole chain, or cuts its end off, contradicts the anchors: the head of
the log is written down on chain by the auditor's key whenever the log has grown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import structlog
from sqlalchemy import Connection

from issuer.domain.errors import StateConflict
from issuer.domain.operations import OperationState
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.onchain import commands
from issuer.services.context import Context
from issuer.services.log_comparison import contradictions
from issuer.store import audit, deals
from issuer.store.audit import AuditRow

_CONFIRMED = OperationState.CONFIRMED


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
        place = _anchor_contract(context, connection)
        if place is None:
            return False
        last = audit.last(connection)
        ours = last is not None and audit.is_ours(connection, last)
    if last is None:
        return False
    if audit.hash_of(last) != last.hash or not ours:
        structlog.get_logger("audit").error("log_not_anchored", reason="its last row is not ours")
        return False
    if last.seq <= context.chain.ask(commands.AUDIT_ANCHOR, place, "rows"):
        return False
    context.chain.transact(
        Role.AUDITOR, commands.AUDIT_ANCHOR, place, "anchor", last.seq, "0x" + last.hash
    )
    return True


def require_sound(context: Context, connection: Connection) -> None:
    """Refuse while the log, or what its acts have stored, is not as it was entered.

    In the transaction of the act that needs it: what the log says is evidence only if this passes.
    """
    place = _anchor_contract(context, connection)
    hashes, flaws = _examined_rows(connection)
    if place is not None:
        # Both after one block: the worker may be anchoring a longer log this very moment.
        block, _ = context.chain.head()
        rows = context.chain.ask(commands.AUDIT_ANCHOR, place, "rows", block=block)
        head = context.chain.ask(commands.AUDIT_ANCHOR, place, "head", block=block).hex()
        flaws += _against_anchors(hashes, {rows: head} if rows else {})
    else:
        flaws += _missing_anchor(context, connection)
    if flaws:
        raise StateConflict(
            f"the audit log and the database contradict each other: row {flaws[0].seq},"
            f" {flaws[0].what}"
            + (f"; and {len(flaws) - 1} more" if len(flaws) > 1 else "")
            + ". Cure:"
            " put the database back from a copy; `abs-sim verify` lists everything",
            code="audit.unsound",
            flaws=[asdict(flaw) for flaw in flaws],
        )


def examine(context: Context, actor: Actor) -> AuditVerdict:
    """Check every row, link and anchor, and that what the acts have stored is there as it was."""
    authorise(actor, Act.READ_AUDIT)
    # First the chain: what is anchored by now must be in the log that is read afterwards.
    last_block, _ = context.chain.head()
    with context.database.reading() as connection:
        place = _anchor_contract(context, connection)
    anchors = _anchors(context, place, last_block) if place else {}
    with context.database.reading() as connection:
        hashes, flaws = _examined_rows(connection)
        flaws += _against_anchors(hashes, anchors)
        if place is None:
            flaws += _missing_anchor(context, connection)
    return AuditVerdict(len(hashes), len(anchors), max(anchors, default=0), tuple(flaws))


def _examined_rows(connection: Connection) -> tuple[dict[int, str], list[Flaw]]:
    """The hash of every row, and what is wrong with the rows and with what they speak of."""
    flaws: list[Flaw] = []
    hashes: dict[int, str] = {}
    for row, found in _walk(connection):
        hashes[row.seq] = row.hash
        flaws += found
    flaws += [Flaw(seq, "audit.contradicted", what) for seq, what in contradictions(connection)]
    return hashes, flaws


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
        elif not audit.is_ours(connection, row):
            flaws.append(Flaw(row.seq, "audit.row_forged", "the service did not enter it"))
        seq, previous = row.seq, row.hash
        yield row, flaws


def _anchors(context: Context, place: str, last_block: int) -> dict[int, str]:
    """Rows -> head, of every anchor on chain."""
    said = context.chain.events([place], 0, last_block)
    return {
        event.args["rows"]: event.args["head"].hex() for event in said if event.name == "Anchored"
    }


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
    """The first deployment creates the deployer, and with it the anchor before all others: whoever has
    further contracts has an anchor. On a chain of our own nobody else can use the auditor's key: what it
    has sent are our anchors.
    """
    names = {each.name for each in deals.contract_at(connection).values()}
    said = names - {commands.SUITE_DEPLOYER} or audit.has_act(connection, f"operation_{_CONFIRMED}")
    if said or (context.chain.is_embedded and context.chain.next_nonce(Role.AUDITOR)):
        what = "the address book does not say where the log is anchored: its row was altered"
        yield Flaw(0, "audit.anchor_missing", what)


def _anchor_contract(context: Context, connection: Connection) -> str | None:
    """Where the log is anchored: a genuine row, and really our contract."""
    found = deals.address_book(connection, deals.SHARED).get(commands.AUDIT_ANCHOR)
    if found is None or not found.genuine:
        return None
    context.chain.verify(commands.AUDIT_ANCHOR, found.address)
    return found.address
