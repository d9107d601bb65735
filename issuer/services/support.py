"""Support: what sponsors send to stand in with arrives as coin, and waits until a step needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput, StateConflict
from issuer.domain.ledger import Entry, support_entry
from issuer.domain.money import MAX_MICRO
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.reported import SupportPayment
from issuer.domain.roles import Act, Actor, authorise
from issuer.onchain import commands
from issuer.services.collections import period_of, require_undetermined
from issuer.services.context import Context, enqueue, log, not_deployed, stamp, today
from issuer.services.log_comparison import reported_content
from issuer.store import books, cash, deals, reported

Received = tuple[tuple[SupportPayment, str], ...]
"""Payments of sponsors, each with how far its coin is."""


def receive_support(context: Context, actor: Actor, deal_id: str, new: SupportPayment) -> Operation:
    """A sponsor's money has come in: it stands in from its period on, until it is used up.

    What no step has needed goes back to the sponsor with the final payment.
    """
    authorise(actor, Act.RECEIVE_SUPPORT)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        if not deals.address_book(connection, deal_id):
            raise not_deployed(deal_id)
        period_of(deal, new.period)
        known = reported.support(connection, deal_id)
        if complaints := list(_complaints(deal, new, known, today(connection))):
            raise InvalidInput("support", complaints)
        if any(each.reference == new.reference and state != cash.HELD for each, state in known):
            raise StateConflict(
                f"the payment {new.reference!r} has been entered already",
                code="support.exists",
                reference=new.reference,
            )
        cure = "enter the payment for a later one"
        require_undetermined(connection, deal_id, new.period, cure)
        content = reported_content(reported.put_support(connection, deal_id, new, cash.ARRIVING))
        operation = enqueue(
            context,
            connection,
            OperationKind.RECEIVE_SUPPORT,
            deal_id,
            f"{deal_id}/{new.reference}",
            [commands.supply_account(deal, new.amount_micro, chain_reference(deal_id, new))],
            {"reference": new.reference},
        )
        facts = {
            "sponsor": new.sponsor,
            "amount_micro": str(new.amount_micro),
            "content_hash": content,
        }
        log(connection, actor, "receive_support", f"{deal_id}/{new.reference}", facts)
    return operation


def support_of(context: Context, deal_id: str) -> Received:
    """All payments of a deal's sponsors."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return reported.support(connection, deal_id)


def chain_reference(deal_id: str, payment: SupportPayment) -> str:
    """Under which the coin comes to the deal's account."""
    return f"{deal_id}:support:{payment.reference}"


def entry_of(payment: SupportPayment) -> Entry:
    """What an arrival moves in the books."""
    return support_entry(f"support:{payment.reference}", payment.sponsor, payment.amount_micro)


# ---- what follows from the chain's answer


def support_arrived(_: Context, connection: Connection, operation: Operation) -> None:
    """The coin is on the deal's account: the sponsor can stand in with it."""
    deal_id, reference = operation.deal_id, operation.detail["reference"]
    reported.set_support_state(connection, deal_id, reference, cash.AVAILABLE)
    (payment,) = (
        each for each, _ in reported.support(connection, deal_id) if each.reference == reference
    )
    books.post(connection, deal_id, [entry_of(payment)], stamp(connection))


def support_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """No coin came: the payment is held, and may be entered again."""
    reference = operation.detail["reference"]
    reported.set_support_state(connection, operation.deal_id, reference, cash.HELD)


def _complaints(deal: Deal, new: SupportPayment, known: Received, day: date) -> Iterator[Complaint]:
    sponsors = [sponsor.id for sponsor in deal.structure.sponsors]
    if new.sponsor not in sponsors:
        choice = ", ".join(sponsors) or "none is defined"
        yield Complaint(
            "/sponsor",
            "support.unknown",
            f"there is no sponsor {new.sponsor!r}: use one of ({choice})",
        )
    if new.received_on > day:
        yield Complaint(
            "/received_on", "support.future", f"{new.received_on} is after today, {day}"
        )
    total = new.amount_micro + sum(each.amount_micro for each, _ in known)
    if new.amount_micro <= 0 or total > MAX_MICRO:
        yield Complaint(
            "/amount",
            "support.range",
            "a payment brings more than zero, and all together no more than the books hold",
        )
