"""Database and chain belong together: written down when they first meet, checked at every start.

Either without the other says something untrue: a database beside a fresh chain claims units that do
not exist, and a chain beside an older database has moved money that the books have not heard of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from issuer.documents.regime import regime_document
from issuer.domain.errors import ChainUnavailable
from issuer.domain.regime import Regime
from issuer.domain.roles import Actor, Role
from issuer.domain.schedule import HONG_KONG
from issuer.onchain import commands
from issuer.services import audit_log
from issuer.services.bundles import content_hash
from issuer.services.context import Context, log, now
from issuer.store import access, audit, deals, outbox
from issuer.store.database import Database

_SERVICE = Actor(Role.OPERATOR, "service")
_OTHER_FILES = (
    "Cure: put back the file that belongs to it, or start with another database file (--database)."
)


def is_bound(database: Database) -> bool:
    """Has this database met a chain?"""
    with database.reading() as connection:
        return deals.get_meta(connection, "genesis_hash") is not None


def bind(context: Context, start: datetime) -> None:
    """Tie a fresh database to its chain. The clock begins at `start`, or later if the chain does."""
    _, chain_time = context.chain.head()
    begins = max(start, datetime.fromtimestamp(chain_time, HONG_KONG))
    with context.database.writing() as connection:
        deals.set_meta(connection, "chain_id", str(context.chain.chain_id))
        deals.set_meta(connection, "genesis_hash", context.chain.genesis_hash())
        deals.set_meta(connection, "now", begins.isoformat())
        facts = {"to": begins.isoformat(), **_regime_facts(context.regime)}
        log(connection, _SERVICE, "begin", "clock", facts)


def require_same_chain(context: Context) -> None:
    """Refuse to go on with a chain that is another, or that has forgotten, or that knows more."""
    with context.database.reading() as connection:
        _require_same_genesis(context, connection)
        _require_remembered(context, connection)
        _require_log(context, connection)
        audit_log.require_sound(context, connection)


def resume(context: Context) -> None:
    """Take up what the last run may have left half done: requests without an answer, permitted
    accounts, the chain's time.
    """
    with context.database.writing() as connection:
        access.settle_requests(connection)
        _note_regime(context, connection)
        accounts, instant = deals.permitted_accounts(connection), now(connection)
    for address in accounts:
        context.chain.permit_account(address)
    if context.chain.time_travels:
        context.chain.set_time(int(instant.timestamp()))


def _note_regime(context: Context, connection: Connection) -> None:
    """A verdict can be reproduced only by whoever knows the figures it was given under."""
    facts = _regime_facts(context.regime)
    known = audit.last_of(connection, ("begin", "change_regime"))
    if known is None or known.facts.get("regime_hash") != facts["regime_hash"]:
        log(connection, _SERVICE, "change_regime", "regime", facts)


def _regime_facts(regime: Regime) -> dict[str, Any]:
    """The hash of all figures in force, and those that are not as shipped."""
    figures, shipped = regime_document(regime), regime_document(Regime())
    own = {name: each for name, each in figures.items() if each != shipped[name]}
    return {"regime_hash": content_hash(figures), "own_figures": own}


def _require_same_genesis(context: Context, connection: Connection) -> None:
    known = (deals.get_meta(connection, "chain_id"), deals.get_meta(connection, "genesis_hash"))
    found = (str(context.chain.chain_id), context.chain.genesis_hash())
    if known != found:
        raise ChainUnavailable(
            f"this database belongs to chain {known[0]} that began with block {known[1]}, and this is"
            f" chain {found[0]} that began with {found[1]}. {_OTHER_FILES}",
            code="chain.other",
            known=known[1],
            found=found[1],
        )


def _require_remembered(context: Context, connection: Connection) -> None:
    """The chain is as long as the database has read it, and the latest transaction that the database
    saw confirmed is in the same block still.
    """
    end, read = context.chain.head()[0], int(deals.get_meta(connection, "last_block") or 0)
    if end < read:
        # Also when only investors' own transactions are missing: the register has them.
        raise ChainUnavailable(
            f"the chain ends with block {end}, and this database has read up to block {read}: the chain"
            f" is older than the database. {_OTHER_FILES}",
            code="chain.behind",
            block_number=end,
        )
    last = outbox.last_confirmed(connection)
    if last is None:
        return
    block = context.chain.block_of(last.transaction_hash or "")
    if block != last.block_number:
        raise ChainUnavailable(
            f"the chain does not have transaction {last.transaction_hash} in block"
            f" {last.block_number}, where this database saw it: the chain is older than the database."
            f" {_OTHER_FILES}",
            code="chain.behind",
            transaction_hash=last.transaction_hash,
        )


def _require_log(context: Context, connection: Connection) -> None:
    """The head of the audit log that is anchored on chain is in the log."""
    book = deals.address_book(connection, deals.SHARED)
    if commands.AUDIT_ANCHOR not in book:
        return
    place = book[commands.AUDIT_ANCHOR].address
    rows = context.chain.ask(commands.AUDIT_ANCHOR, place, "rows")
    head = context.chain.ask(commands.AUDIT_ANCHOR, place, "head").hex()
    row = audit.at(connection, rows)
    if rows and (row is None or row.hash != head):
        raise ChainUnavailable(
            f"the chain has {rows} rows of the audit log on record, and this database's log is another"
            " or ends before: the database is older than the chain, or has been altered."
            f" `abs-sim verify` says where. {_OTHER_FILES}",
            code="database.behind",
            anchored_rows=rows,
        )
