"""Enforcement's hand on the tokens of a deal: the halt of transfers, and transfers by order.

The halt is enforcement's own. A regulator's suspension is another thing: neither is lifted with the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.operations import CommandState, Operation, OperationKind, OperationState
from issuer.domain.roles import Act, Actor, authorise
from issuer.onchain import commands
from issuer.services.context import Context, address_book, enqueue, log, not_deployed
from issuer.services.offering import require_token
from issuer.services.register import follow
from issuer.store import audit, deals, investors, outbox


@dataclass(frozen=True, slots=True)
class OrderedTransfer:
    """Units that go from one investor to another because an order says so."""

    deal_id: str
    tranche_id: str
    sender: str
    receiver: str
    units: int
    order_hash: str


def pause_transfers(context: Context, actor: Actor, deal_id: str, reason: str) -> Operation:
    """Nothing is transferred or minted in any tranche from now on; payments go on."""
    return _move(context, actor, deal_id, reason, pause=True)


def unpause_transfers(context: Context, actor: Actor, deal_id: str, reason: str) -> Operation:
    """The halt is over; what else stands in the way of a transfer, such as a suspension, stays."""
    return _move(context, actor, deal_id, reason, pause=False)


def require_not_paused(
    context: Context, connection: Connection, deal_id: str, tranche_id: str
) -> None:
    """Refuse here what the token would refuse while enforcement has halted it."""
    token = address_book(connection, deal_id).get(commands.token_name(tranche_id))
    if token is not None and context.chain.ask("abs_token", token, "paused"):
        raise StateConflict(
            f"enforcement has halted tranche {tranche_id} of {deal_id}. Cure: wait until it ends the halt"
            f" (POST /v1/deals/{deal_id}/pause/lift)",
            code="transfer.paused",
            tranche=tranche_id,
        )


def force_transfer(context: Context, actor: Actor, ordered: OrderedTransfer) -> Operation:
    """Move units without their holder, to an investor who may receive them.

    The chain is asked first, so that what it would refuse is stored nowhere. An order may name several
    moves; each is made once, whoever asks again.
    """
    authorise(actor, Act.FORCE_TRANSFER)
    deal_id, tranche_id = ordered.deal_id, ordered.tranche_id
    kind, subject = OperationKind.FORCE_TRANSFER, f"{deal_id}/{tranche_id}"
    with context.database.writing() as connection:
        require_token(_deployed(connection, deal_id), tranche_id)
        follow(context, connection)  # either may have another wallet since a moment ago
        sender = investors.get(connection, ordered.sender).investor
        receiver = investors.get(connection, ordered.receiver).investor
        _require_not_executed(connection, subject, ordered)
        command = commands.force_transfer(
            tranche_id, sender, receiver, ordered.units, ordered.order_hash
        )
        context.chain.try_command(command, address_book(connection, deal_id))
        operation = enqueue(context, connection, kind, deal_id, subject, [command])
        facts = {
            "sender": sender.id,
            "receiver": receiver.id,
            "units": ordered.units,
            "order_hash": ordered.order_hash,
            "operation": operation.id,
        }
        log(connection, actor, kind.value, subject, facts)
    return operation


# ---- helpers

_MOVES = (OperationKind.PAUSE_TRANSFERS, OperationKind.UNPAUSE_TRANSFERS)


def _move(context: Context, actor: Actor, deal_id: str, reason: str, *, pause: bool) -> Operation:
    authorise(actor, Act.PAUSE_TRANSFERS)
    kind = OperationKind.PAUSE_TRANSFERS if pause else OperationKind.UNPAUSE_TRANSFERS
    with context.database.writing() as connection:
        deal = _deployed(connection, deal_id)
        if outbox.any_pending(connection, *_MOVES, subject=deal_id):
            raise StateConflict(
                f"a halt of {deal_id} begins or ends just now: wait until the chain has answered",
                code="transfer.pause_under_way",
            )
        book = address_book(connection, deal_id)
        wanted = [
            tranche.id
            for tranche in deal.tokenised
            if context.chain.ask("abs_token", book[commands.token_name(tranche.id)], "paused")
            is not pause
        ]
        if not wanted:
            stands = "halted already" if pause else "not halted: there is nothing to lift"
            raise StateConflict(
                f"transfers of {deal_id} are {stands}",
                code="transfer.paused" if pause else "transfer.not_paused",
            )
        function = "pause" if pause else "unpause"
        to_send = [commands.move_transfers(each, function) for each in wanted]
        operation = enqueue(context, connection, kind, deal_id, deal_id, to_send)
        facts = {"reason": reason, "operation": operation.id}
        log(connection, actor, kind.value, deal_id, facts)
    return operation


def _require_not_executed(connection: Connection, subject: str, ordered: OrderedTransfer) -> None:
    """By the log, which no attempt leaves; one that the chain refused has moved nothing."""
    wanted = (ordered.sender, ordered.receiver, ordered.order_hash)
    for row in audit.about(connection, subject):
        if row.act != OperationKind.FORCE_TRANSFER:
            continue
        if tuple(row.facts.get(name) for name in ("sender", "receiver", "order_hash")) != wanted:
            continue
        earlier = outbox.get(connection, row.facts["operation"])
        sent = outbox.commands_of(connection, earlier.id)
        moved = any(each.state is CommandState.CONFIRMED for each in sent)
        if not moved and earlier.state is not OperationState.PENDING:
            continue
        done = "has moved" if moved else "is moving"
        raise StateConflict(
            f"the order {ordered.order_hash} {done} {row.facts['units']} units of {subject} from"
            f" {ordered.sender} to {ordered.receiver} already (operation {earlier.id}). Cure: give the"
            " hash of the order that says to move more",
            code="transfer.order_executed",
            operation=earlier.id,
        )


def _deployed(connection: Connection, deal_id: str) -> Deal:
    deal = deals.get(connection, deal_id)
    if commands.token_name(deal.tokenised[0].id) not in deals.address_book(connection, deal_id):
        raise not_deployed(deal_id)
    return deal
