"""The offering: opened, subscribed, closed. Units are minted in `issuance`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.deal import Deal
from issuer.domain.errors import (
    ChainRefused,
    Complaint,
    InvalidInput,
    NotFound,
    NotPermitted,
    StateConflict,
)
from issuer.domain.events import COMPLETION, EVENTS
from issuer.domain.filing import Filing
from issuer.domain.ledger import PROCEEDS, reserve_funding_entry
from issuer.domain.lifecycle import MINTABLE, FilingState, MoveName
from issuer.domain.operations import CommandState, Operation, OperationKind, StoredCommand
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.cash_rules import FUNDING_RULES, FundingCase
from issuer.domain.rulebook.issuance_rules import (
    RECIPIENT_RULES,
    SUBSCRIPTION_RULES,
    filing_comes_first,
)
from issuer.domain.rulebook.rule import require
from issuer.domain.rulebook.state_cures import TO_MINT
from issuer.domain.subscription import Subscription, SubscriptionState
from issuer.onchain import commands
from issuer.services import events, gate
from issuer.services.context import Context, enqueue, log, stamp, today
from issuer.services.keeping import SERVICE, keep
from issuer.services.verdicts import Inquiry, Verdict, dry_run
from issuer.store import books, deals, filings, outbox, subscriptions


def open_offering(context: Context, actor: Actor, deal_id: str) -> tuple[Filing, Operation]:
    """Units may be minted from now on, here and on chain."""
    authorise(actor, Act.OPEN_OFFERING)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        filing = standing(connection, deal_id)
        opened = states.apply_move(filing, MoveName.OPEN_OFFERING, actor.role)
        _require_on_or_after(connection, deal.offering.opens, "the offering opens")
        operation = enqueue(
            context,
            connection,
            OperationKind.OPEN_OFFERING,
            deal_id,
            filing.id,
            [commands.move_offering(t.id, "openOffering") for t in deal.tokenised],
        )
        facts = {"filing": filing.id}
        keep(connection, actor, "open_offering", opened, facts, subject=deal_id)
    return opened, operation


def subscribe(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, units: int
) -> Subscription:
    """An investor asks for units at the offering price; nothing moves yet."""
    authorise(actor, Act.SUBSCRIBE)
    with context.database.writing() as connection:
        price = _examine(context, connection, _inquiry(deal_id), actor, deal_id, tranche_id, units)
        new = Subscription(
            f"{deal_id}-s{len(subscriptions.of_deal(connection, deal_id)) + 1}",
            deal_id,
            tranche_id,
            actor.investor_id or "",
            units,
            price,
            SubscriptionState.OPEN,
            stamp(connection),
        )
        subscriptions.add(connection, new)
        log(connection, actor, "subscribe", new.id, as_subscribed(new))
    return new


def check_subscription(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, units: int
) -> Verdict:
    """What subscribing would meet; nothing changes."""
    authorise(actor, Act.SUBSCRIBE)
    with context.database.reading() as connection:
        return dry_run(
            _inquiry(deal_id),
            lambda inquiry: _examine(
                context, connection, inquiry, actor, deal_id, tranche_id, units
            ),
        )


def _inquiry(deal_id: str) -> Inquiry:
    return Inquiry(f"subscribing to {deal_id}")


def _examine(
    context: Context,
    connection: Connection,
    inquiry: Inquiry,
    actor: Actor,
    deal_id: str,
    tranche_id: str,
    units: int,
) -> int:
    """The price; refused if the filing is not there yet, or the investor could not be issued the units.

    Subscriptions are business under the filing too. Of the investor the rules are those of the mint,
    where they are examined again: what would be refused there for sure is not let in here.
    """
    deal = deals.get(connection, deal_id)
    price = price_of(deal, tranche_id, units)
    filing = filings.standing_of_deal(connection, deal_id)
    gated = gate.gate_case(context, connection, deal, filing, tranche_id, units)
    inquiry.consider(SUBSCRIPTION_RULES, gated)
    subscriber = gate.recipient_case(connection, deal, actor.investor_id or "", price)
    inquiry.require(RECIPIENT_RULES, subscriber)
    return price


def withdraw_subscription(
    context: Context, actor: Actor, deal_id: str, subscription_id: str
) -> Subscription:
    """An open subscription is given up, by its investor or by the issuer; no coin has moved yet."""
    authorise(actor, Act.WITHDRAW_SUBSCRIPTION)
    with context.database.writing() as connection:
        deals.get(connection, deal_id)
        found = subscriptions.get(connection, subscription_id)
        if found.deal_id != deal_id:
            raise NotFound("subscription", subscription_id)
        if actor.role is Role.INVESTOR and found.investor_id != actor.investor_id:
            raise NotPermitted(
                f"{subscription_id} is not a subscription of {actor.investor_id}: withdraw your own",
                code="subscription.not_own",
                subscription=subscription_id,
            )
        if found.state is not SubscriptionState.OPEN:
            raise StateConflict(
                f"the subscription {subscription_id} is {found.state}: only an open one is withdrawn",
                code="subscription.not_open",
                subscription=subscription_id,
                state=found.state.value,
            )
        subscriptions.set_state(connection, subscription_id, SubscriptionState.WITHDRAWN, None)
        log(connection, actor, "withdraw_subscription", subscription_id, {"deal": deal_id})
        return subscriptions.get(connection, subscription_id)


def close_offering(context: Context, actor: Actor, deal_id: str) -> tuple[Filing, Operation]:
    """No further units; the reserve is funded from the proceeds; the completion report falls due."""
    authorise(actor, Act.CLOSE_OFFERING)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        filing = standing(connection, deal_id)
        closed = states.apply_move(filing, MoveName.CLOSE_OFFERING, actor.role)
        pending = [
            s.id
            for s in subscriptions.of_deal(connection, deal_id)
            if s.state is SubscriptionState.ISSUING
        ]
        if pending:
            raise StateConflict(
                f"still on their way to the chain: {', '.join(pending)}; close when they are done",
                code="offering.issuing",
                subscriptions=pending,
            )
        if not any(
            s.state is SubscriptionState.ISSUED for s in subscriptions.of_deal(connection, deal_id)
        ):
            raise StateConflict("no unit has been issued", code="offering.nothing_issued")
        _require_reserve(connection, deal)
        closed = events.add_event(context, connection, closed, EVENTS[COMPLETION], actor.role)
        chain_commands = [commands.move_offering(t.id, "closeOffering") for t in deal.tokenised]
        if opening := deal.structure.opening_reserves_micro:
            # First, so that an offering whose reserve cannot be funded stays open.
            chain_commands.insert(0, commands.fund_reserve(deal, opening))
        operation = enqueue(
            context, connection, OperationKind.CLOSE_OFFERING, deal_id, filing.id, chain_commands
        )
        facts = {"filing": filing.id}
        keep(connection, actor, "close_offering", closed, facts, subject=deal_id)
    return closed, operation


def subscriptions_of(context: Context, actor: Actor, deal_id: str) -> tuple[Subscription, ...]:
    """All subscriptions of a deal; an investor sees its own."""
    if actor.role is not Role.INVESTOR:
        authorise(actor, Act.READ_HOLDERS)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        found = subscriptions.of_deal(connection, deal_id)
    if actor.role is Role.INVESTOR:
        return tuple(each for each in found if each.investor_id == actor.investor_id)
    return found


# ---- before a command is signed


def why_stopped(connection: Connection, command: StoredCommand) -> ChainRefused | None:
    """Why a queued command must not create units any more; None for one that may go ahead.

    The filing may have been suspended, revoked or amended since the command was put into the outbox.
    """
    if not commands.creates_units(command.command):
        return None
    filing = filings.standing_of_deal(connection, command.deal_id)
    if filing is not None and filing.state in MINTABLE:
        return None
    # An offering that has begun to open is opened in every tranche: what is minted asks here again.
    if command.command.function == "openOffering" and any(
        each.state is CommandState.CONFIRMED
        for each in outbox.commands_of(connection, command.operation_id)
    ):
        return None
    state = filing.state if filing else None
    cure = TO_MINT.get(state, filing_comes_first.cure) if state else filing_comes_first.cure
    return ChainRefused(
        f"cannot {command.command.description}: the filing is {state or 'missing'} by now, and"
        f" nothing was sent to the chain. Cure: {cure}",
        code=f"filing.{state.lower() if state else 'missing'}",
        rule=filing_comes_first.id,
        state=state.value if state else None,
        cure=cure,
    )


# ---- what follows from the chain's answer


#: What only a closed offering leads to.
_AFTER_CLOSING = frozenset(
    {FilingState.ISSUED_REPORT_DUE, FilingState.ACTIVE, FilingState.EVENT_REPORTED}
)


def offering_open_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not open the offering: the filing is still only filed."""
    filing = filings.get(connection, operation.subject)
    opened = frozenset({FilingState.ISSUING})
    still_filed = states.take_back(filing, opened, FilingState.FILED)
    keep(connection, SERVICE, "undo_opening", still_filed, {"operation": operation.id})


def offering_close_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not close the offering: it is open, and no report is due."""
    filing = filings.get(connection, operation.subject)
    still_open = states.take_back(filing, _AFTER_CLOSING, FilingState.ISSUING)
    if still_open != filing:
        others = tuple(e for e in filing.events if e.code != COMPLETION)
        still_open = replace(still_open, events=others)
        keep(connection, SERVICE, "undo_closing", still_open, {"operation": operation.id})


def offering_closed(_: Context, connection: Connection, operation: Operation) -> None:
    """The reserve has arrived on the deal's account."""
    deal = deals.get(connection, operation.deal_id)
    if opening := deal.structure.opening_reserves_micro:
        entry = reserve_funding_entry("reserve:opening", opening)
        books.post(connection, deal.id, [entry], stamp(connection))
    filing = filings.get(connection, operation.subject)
    completion = next(e for e in filing.events if e.code == COMPLETION)
    events.log_event(connection, SERVICE, filing.id, completion)


# ---- helpers


def as_subscribed(each: Subscription) -> dict[str, Any]:
    """What the investor asked for, as the audit log has it."""
    return {
        "deal": each.deal_id,
        "tranche": each.tranche_id,
        "investor": each.investor_id,
        "units": each.units,
        "price_micro": str(each.price_micro),
    }


def require_token(deal: Deal, tranche_id: str) -> None:
    """The deal has such a tranche, and it is one that is sold."""
    sold = [tranche.id for tranche in deal.tokenised]
    if tranche_id not in sold:
        hint = f"use one of those sold as tokens ({', '.join(sold)})"
        raise NotFound("tranche", f"{deal.id}/{tranche_id}", hint)


def price_of(deal: Deal, tranche_id: str, units: int) -> int:
    """What so many units cost; refused if the tranche is not sold or has not that many."""
    require_token(deal, tranche_id)
    tranche = deal.tranche(tranche_id)
    if not 0 < units <= tranche.units:
        raise InvalidInput(
            "subscription",
            [
                Complaint(
                    "/units",
                    "units.range",
                    f"between 1 and the {tranche.units} units of the tranche, not {units}",
                )
            ],
        )
    return units * tranche.denomination_micro


def standing(connection: Connection, deal_id: str) -> Filing:
    """The deal's filing, which it must have."""
    filing = filings.standing_of_deal(connection, deal_id)
    if filing is None:
        raise StateConflict(f"the deal {deal_id!r} has no filing", code="filing.missing")
    return filing


def _require_reserve(connection: Connection, deal: Deal) -> None:
    """The reserve's opening balance comes out of the proceeds, so they must cover it."""
    opening = deal.structure.opening_reserves_micro
    proceeds = books.balances(connection, deal.id).get(PROCEEDS, 0)
    require(f"closing the offering of {deal.id}", FUNDING_RULES, FundingCase(opening, proceeds))


def _require_on_or_after(connection: Connection, day: date, what: str) -> None:
    now = today(connection)
    if now < day:
        raise StateConflict(
            f"{what} on {day.isoformat()}; today is {now.isoformat()}",
            code="date.too_early",
            from_date=day.isoformat(),
            today=now.isoformat(),
        )
