"""What stands in for the world outside: the clock, the coin's bank, and who may reach the chain."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from issuer.domain.errors import Complaint, InvalidInput, StateConflict
from issuer.domain.money import MAX_MICRO
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.schedule import HONG_KONG
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, not_deployed, now
from issuer.store import access, deals, investors, outbox

#: Contracts count record dates in 32 bits of seconds.
LAST_INSTANT = datetime(2105, 1, 1, tzinfo=UTC)


def read_clock(context: Context) -> datetime:
    """The simulated instant."""
    with context.database.reading() as connection:
        return now(connection)


def move_clock(context: Context, actor: Actor, to: datetime) -> datetime:
    """Move the clock forward. The chain follows, so both expire and record at the same instant."""
    authorise(actor, Act.MOVE_CLOCK)
    if to.tzinfo is None:
        raise InvalidInput(
            "clock",
            [Complaint("/now", "clock.offset", "give the offset: 2026-07-10T18:00:00+08:00")],
        )
    if to >= LAST_INSTANT:
        raise InvalidInput(
            "clock",
            [Complaint("/now", "clock.range", f"before {LAST_INSTANT.isoformat()}")],
        )
    _, chain_time = context.chain.head()
    if not context.chain.time_travels and to.timestamp() > chain_time:
        raise StateConflict(
            f"this chain keeps its own time and is at {_instant(chain_time)}: the clock can follow it"
            " up to there, not lead it",
            code="clock.chain_time",
            chain_time=_instant(chain_time),
        )
    with context.database.writing() as connection:
        before = now(connection)
        if outbox.any_pending(connection):
            # They were decided on at this instant and must be carried out at it.
            raise StateConflict(
                "operations are still on their way to the chain; move the clock when they are done",
                code="clock.operations_pending",
            )
        if to < before:
            raise StateConflict(
                f"the clock is at {before.isoformat()} and never runs back; {to.isoformat()} has passed",
                code="clock.backwards",
                now=before.isoformat(),
            )
        deals.set_meta(connection, "now", to.isoformat())
        log(connection, actor, "move_clock", "clock", {"to": to.isoformat()})
        # Before the lock is given back: nothing may be decided at the new instant and carried out at
        # the old one, nor may two moves overtake each other on their way to the chain.
        if context.chain.time_travels:
            context.chain.set_time(int(to.timestamp()))
    return to


def _instant(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, HONG_KONG).isoformat()


def supply_coin(
    context: Context, actor: Actor, deal_id: str, wallet: str, amount_micro: int, reference: str
) -> Operation:
    """The coin's issuer turns a bank deposit into coin; each reference once."""
    authorise(actor, Act.SUPPLY_COIN)
    if not 0 < amount_micro <= MAX_MICRO:
        raise InvalidInput(
            "coin",
            [Complaint("/amount", "amount.range", "more than zero, and within the books")],
        )
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        if not deals.address_book(connection, deal_id):
            raise not_deployed(deal_id)
        subject = f"{deal_id}:{reference}"
        if outbox.count(connection, OperationKind.SUPPLY_COIN, subject):
            raise StateConflict(
                f"the reference {reference!r} has been used", code="coin.reference_used"
            )
        operation = enqueue(
            context,
            connection,
            OperationKind.SUPPLY_COIN,
            deal_id,
            subject,
            [commands.supply_coin(deal, wallet, amount_micro, subject)],
        )
        facts = {"wallet": wallet, "amount_micro": str(amount_micro)}
        log(connection, actor, "supply_coin", subject, facts)
    return operation


def permit_account(context: Context, actor: Actor, address: str, label: str) -> None:
    """Let an account send transactions on this permissioned chain."""
    authorise(actor, Act.PERMIT_ACCOUNT)
    with context.database.writing() as connection:
        deals.permit_account(connection, address, label)
        log(connection, actor, "permit_account", address, {"label": label})
        context.chain.permit_account(address)


def issue_api_key(
    context: Context, actor: Actor, role: Role, name: str, investor_id: str | None
) -> str:
    """A new API key, shown once; only its hash is kept."""
    authorise(actor, Act.ISSUE_API_KEY)
    if (role is Role.INVESTOR) != (investor_id is not None):
        raise InvalidInput(
            "api key",
            [
                Complaint(
                    "/investor",
                    "api_key.investor",
                    "name the investor for the role investor, and for no other",
                )
            ],
        )
    key = f"abs_{role}_{secrets.token_urlsafe(18)}"
    with context.database.writing() as connection:
        if investor_id is not None:
            investors.get(connection, investor_id)
        access.add_key(connection, key, Actor(role, name, investor_id))
        log(connection, actor, "issue_api_key", name, {"role": role.value})
    return key
