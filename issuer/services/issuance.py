"""The offering: opened, subscribed, issued against coin, closed; and the service's gate to minting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from issuer.domain import filing as states
from issuer.domain.deal import Deal
from issuer.domain.errors import (
    Complaint,
    Finding,
    InvalidInput,
    NotFound,
    RuleViolated,
    StateConflict,
)
from issuer.domain.filing import Filing, FilingState, MoveName
from issuer.domain.ledger import PROCEEDS, reserve_funding_entry, subscription_entry
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.cash_rules import FUNDING_RULES, FundingCase
from issuer.domain.rulebook.filing_rules import STANDING_RULES
from issuer.domain.rulebook.issuance_rules import (
    GATE_RULES,
    RECIPIENT_RULES,
    GateCase,
    RecipientCase,
    filing_comes_first,
    recipient_is_admitted,
)
from issuer.domain.rulebook.rule import examine
from issuer.domain.subscription import Subscription, SubscriptionState
from issuer.onchain import commands
from issuer.services import audit_log, bundles, reconciliation, supervision
from issuer.services.context import (
    Context,
    enqueue,
    log,
    stamp,
    today,
    utc_day,
)
from issuer.services.dossier import case_of
from issuer.store import books, deals, evidence, filings, investors, subscriptions


def open_offering(context: Context, actor: Actor, deal_id: str) -> tuple[Filing, Operation]:
    """Units may be minted from now on, here and on chain."""
    authorise(actor, Act.OPEN_OFFERING)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        filing = _standing(connection, deal_id)
        opened = states.apply_move(filing, MoveName.OPEN_OFFERING, actor.role)
        _require_on_or_after(connection, deal.offering.opens, "the offering opens")
        filings.save(connection, opened)
        operation = enqueue(
            context,
            connection,
            OperationKind.OPEN_OFFERING,
            deal_id,
            filing.id,
            [commands.move_offering(t.id, "openOffering") for t in deal.tokenised],
        )
        log(connection, actor, "open_offering", deal_id, {"filing": filing.id})
    return opened, operation


def subscribe(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, units: int
) -> Subscription:
    """An investor asks for units at the offering price; nothing moves yet."""
    authorise(actor, Act.SUBSCRIBE)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        price = _price(deal, tranche_id, units)
        investor_id = actor.investor_id or ""
        _require_open_to(context, connection, deal_id, investor_id)
        new = Subscription(
            f"{deal_id}-s{len(subscriptions.of_deal(connection, deal_id)) + 1}",
            deal_id,
            tranche_id,
            investor_id,
            units,
            price,
            SubscriptionState.OPEN,
            stamp(connection),
        )
        subscriptions.add(connection, new)
        log(connection, actor, "subscribe", new.id, _as_subscribed(new))
    return new


def issue_units(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, investor_id: str, units: int
) -> tuple[Subscription, Operation]:
    """Mint the units an investor has subscribed, against its coin, if both gates let them through."""
    authorise(actor, Act.ISSUE_UNITS)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        _price(deal, tranche_id, units)
        findings = _gate(context, connection, deal, tranche_id, units)
        if findings:
            raise RuleViolated(f"minting {units} units of {deal_id}/{tranche_id}", findings)
        reconciliation.require_agreement(context, connection, deal)
        investors.get(connection, investor_id)
        subscription = _open_subscription(connection, deal_id, tranche_id, investor_id, units)
        _require_as_subscribed(connection, subscription)
        findings = _recipient(connection, deal, subscription)
        if findings:
            raise RuleViolated(f"minting {units} units to {investor_id}", findings)
        # All of the above believes rows that are on no chain: the log must bear them out.
        audit_log.require_sound(context, connection)
        subscription, operation = _enqueue_issue(context, connection, subscription)
        facts = {"units": units, "operation": operation.id}
        log(connection, actor, "issue_units", subscription.id, facts)
    return subscription, operation


@dataclass(frozen=True, slots=True)
class MintCheck:
    """What stands against a mint: rules, or, where none does, that database and chain differ."""

    findings: tuple[Finding, ...]
    mismatch: StateConflict | None


def check_mint(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, units: int
) -> MintCheck:
    """What the service's gate would say to a mint; nothing changes."""
    authorise(actor, Act.ISSUE_UNITS)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        _price(deal, tranche_id, units)
        findings = _gate(context, connection, deal, tranche_id, units)
    if findings:
        return MintCheck(findings, None)
    if mismatch := reconciliation.look(context, deal_id).refusal():
        return MintCheck((), mismatch)
    try:
        with context.database.reading() as connection:
            audit_log.require_sound(context, connection)
    except StateConflict as unsound:
        return MintCheck((), unsound)
    return MintCheck((), None)


def close_offering(context: Context, actor: Actor, deal_id: str) -> tuple[Filing, Operation]:
    """No further units; the reserve is funded from the proceeds; the completion report falls due."""
    authorise(actor, Act.CLOSE_OFFERING)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        filing = _standing(connection, deal_id)
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
        if not any(s.state is SubscriptionState.ISSUED for s in _all(connection, deal_id)):
            raise StateConflict("no unit has been issued", code="offering.nothing_issued")
        _require_reserve(connection, deal)
        days = context.regime.completion_report_days
        closed = supervision.add_event(
            context, connection, closed, supervision.COMPLETION, actor.role, days
        )
        filings.save(connection, closed)
        chain_commands = [commands.move_offering(t.id, "closeOffering") for t in deal.tokenised]
        if deal.reserve and deal.reserve.opening_micro:
            # First, so that an offering whose reserve cannot be funded stays open.
            chain_commands.insert(0, commands.fund_reserve(deal, deal.reserve.opening_micro))
        operation = enqueue(
            context, connection, OperationKind.CLOSE_OFFERING, deal_id, filing.id, chain_commands
        )
        log(connection, actor, "close_offering", deal_id, {"filing": filing.id})
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


# ---- what follows from the chain's answer


def units_issued(_: Context, connection: Connection, operation: Operation) -> None:
    """Coin and units have changed hands."""
    subscription = subscriptions.get(connection, operation.subject)
    subscriptions.set_state(
        connection, subscription.id, SubscriptionState.ISSUED, subscription.operation_number
    )
    entry = subscription_entry(
        f"subscription:{subscription.id}", subscription.investor_id, subscription.price_micro
    )
    books.post(connection, subscription.deal_id, [entry], stamp(connection))


def issue_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """Neither has: the subscription stands open, its operation number is free again."""
    subscriptions.set_state(connection, operation.subject, SubscriptionState.OPEN, None)


def offering_open_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not open the offering: the filing is still only filed."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.ISSUING:
        filings.save(connection, replace(filing, state=FilingState.FILED))


def offering_close_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not close the offering: it is open, and no report is due."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.ISSUED_REPORT_DUE:
        events = tuple(e for e in filing.events if e.code != supervision.COMPLETION)
        filings.save(connection, replace(filing, state=FilingState.ISSUING, events=events))


def offering_closed(_: Context, connection: Connection, operation: Operation) -> None:
    """The reserve has arrived on the deal's account."""
    deal = deals.get(connection, operation.deal_id)
    if deal.reserve and deal.reserve.opening_micro:
        entry = reserve_funding_entry("reserve:opening", deal.reserve.opening_micro)
        books.post(connection, deal.id, [entry], stamp(connection))
    filing = filings.get(connection, operation.subject)
    completion = next(e for e in filing.events if e.code == supervision.COMPLETION)
    supervision.enter_event(connection, Actor(Role.OPERATOR, "service"), filing.id, completion)


# ---- helpers


def _require_open_to(
    context: Context, connection: Connection, deal_id: str, investor_id: str
) -> None:
    """Subscriptions are business under the filing too: refused by FIL-01 or INV-01."""
    filing = filings.standing_of_deal(connection, deal_id)
    gate = _gate_case(context, connection, deal_id, filing)
    findings = list(filing_comes_first.findings(gate))
    if not investors.is_admitted(connection, deal_id, investor_id):
        rule = recipient_is_admitted
        case = RecipientCase(investor_id, None, None, 0, 0, utc_day(connection))
        findings += rule.findings(case)
    if findings:
        raise RuleViolated(f"subscribing to {deal_id}", findings)


def _as_subscribed(each: Subscription) -> dict[str, Any]:
    """What the investor asked for, as the audit log has it."""
    return {
        "deal": each.deal_id,
        "tranche": each.tranche_id,
        "investor": each.investor_id,
        "units": each.units,
        "price_micro": str(each.price_micro),
    }


def _require_as_subscribed(connection: Connection, subscription: Subscription) -> None:
    logged = evidence.last_act(connection, "subscribe", subscription.id)
    stored = _as_subscribed(subscription)
    if logged != stored:
        raise StateConflict(
            f"the subscription {subscription.id} is not the one that the audit log says was made."
            " Cure: restore it, or have the investor subscribe again",
            code="subscription.altered",
            logged=logged,
            stored=stored,
        )


def _gate_case(
    context: Context, connection: Connection, deal_id: str, filing: Filing | None
) -> GateCase:
    day, utc = today(connection), utc_day(connection)
    return GateCase(deal_id, filing, None, "", 0, 0, day, utc, context.regime)


def require_token(deal: Deal, tranche_id: str) -> None:
    """The deal has such a tranche, and it is one that is sold."""
    if tranche_id not in {tranche.id for tranche in deal.tokenised}:
        raise NotFound("tranche", f"{deal.id}/{tranche_id}")


def _price(deal: Deal, tranche_id: str, units: int) -> int:
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


def _standing(connection: Connection, deal_id: str) -> Filing:
    filing = filings.standing_of_deal(connection, deal_id)
    if filing is None:
        raise StateConflict(f"the deal {deal_id!r} has no filing", code="filing.missing")
    return filing


def _all(connection: Connection, deal_id: str) -> tuple[Subscription, ...]:
    return subscriptions.of_deal(connection, deal_id)


def _gate(
    context: Context, connection: Connection, deal: Deal, tranche_id: str, units: int
) -> tuple[Finding, ...]:
    filing = filings.standing_of_deal(connection, deal.id)
    approval = filing.approval if filing else None
    digest = (
        bundles.recompute_approved(connection, filing.id, approval.version)
        if filing and approval
        else None
    )
    case = GateCase(
        deal.id,
        filing,
        digest,
        tranche_id,
        units,
        subscriptions.allotted_units(connection, deal.id, tranche_id),
        today(connection),
        utc_day(connection),
        context.regime,
        supervision.logged_determination(connection, filing.id) if filing else None,
    )
    findings = examine(GATE_RULES, case)
    if findings or filing is None or approval is None:
        return findings
    standing = case_of(context, connection, filing, approval.version)
    return examine(STANDING_RULES, standing)


def _recipient(
    connection: Connection, deal: Deal, subscription: Subscription
) -> tuple[Finding, ...]:
    investor_id = subscription.investor_id
    registered = investors.find(connection, investor_id)
    admitted = investors.is_admitted(connection, deal.id, investor_id)
    issued = sum(
        each.price_micro
        for each in _all(connection, deal.id)
        if each.investor_id == investor_id and each.state is not SubscriptionState.OPEN
    )
    case = RecipientCase(
        investor_id,
        registered.status if registered and admitted else None,
        registered.eligible_until if registered else None,
        issued + subscription.price_micro,
        deal.offering.min_subscription_micro,
        utc_day(connection),
    )
    return examine(RECIPIENT_RULES, case)


def _open_subscription(
    connection: Connection, deal_id: str, tranche_id: str, investor_id: str, units: int
) -> Subscription:
    asked = [
        each
        for each in _all(connection, deal_id)
        if (each.tranche_id, each.investor_id, each.units) == (tranche_id, investor_id, units)
    ]
    for each in asked:
        if each.state is SubscriptionState.OPEN:
            return each
    if asked:
        raise StateConflict(
            f"the subscription {asked[-1].id} is {asked[-1].state} already",
            code="subscription.already_issued",
            subscription=asked[-1].id,
        )
    raise StateConflict(
        f"{investor_id} has not subscribed {units} units of tranche {tranche_id}",
        code="subscription.missing",
        investor=investor_id,
        units=units,
    )


def _enqueue_issue(
    context: Context, connection: Connection, subscription: Subscription
) -> tuple[Subscription, Operation]:
    filing = _standing(connection, subscription.deal_id)
    if filing.approval is None:
        raise StateConflict("the filing is not approved", code="filing.not_approved")
    digest = bundles.recompute_approved(connection, filing.id, filing.approval.version)
    number = subscriptions.next_operation_number(
        connection, subscription.deal_id, subscription.tranche_id
    )
    subscriptions.set_state(connection, subscription.id, SubscriptionState.ISSUING, number)
    wallet = investors.get(connection, subscription.investor_id).investor.wallet
    operation = enqueue(
        context,
        connection,
        OperationKind.ISSUE_UNITS,
        subscription.deal_id,
        subscription.id,
        [commands.issue_units(subscription.tranche_id, wallet, subscription.units, digest, number)],
    )
    return subscriptions.get(connection, subscription.id), operation


def _require_reserve(connection: Connection, deal: Deal) -> None:
    """The reserve's opening balance comes out of the proceeds, so they must cover it."""
    opening = deal.reserve.opening_micro if deal.reserve else 0
    proceeds = books.balances(connection, deal.id).get(PROCEEDS, 0)
    if proceeds < opening:
        raise RuleViolated(
            f"closing the offering of {deal.id}",
            examine(FUNDING_RULES, FundingCase(opening, proceeds)),
        )


def _require_on_or_after(connection: Connection, day: date, what: str) -> None:
    now = today(connection)
    if now < day:
        raise StateConflict(
            f"{what} on {day.isoformat()}; today is {now.isoformat()}",
            code="date.too_early",
            from_date=day.isoformat(),
            today=now.isoformat(),
        )
