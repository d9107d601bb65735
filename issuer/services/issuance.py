"""Units are minted against coin, if both gates let them through."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.errors import RuleViolated, StateConflict
from issuer.domain.ledger import subscription_entry
from issuer.domain.operations import Command, Operation, OperationKind
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.catalogue import MINT_RULES
from issuer.domain.rulebook.issuance_rules import RECIPIENT_RULES
from issuer.domain.subscription import Subscription, SubscriptionState
from issuer.onchain import commands
from issuer.services import audit_log, bundles, comparisons, enforcement, gate, reconciliation
from issuer.services.context import Context, address_book, enqueue, log, stamp
from issuer.services.offering import as_subscribed, require_token, standing
from issuer.services.verdicts import Inquiry, Verdict, dry_run, whole
from issuer.store import books, deals, evidence, filings, investors, subscriptions


@dataclass(frozen=True, slots=True)
class Mint:
    """Units that the issuer wants to mint; a dry run need not say for whom."""

    deal_id: str
    tranche_id: str
    units: int
    investor_id: str | None = None

    def inquiry(self) -> Inquiry:
        """The act by its name."""
        receiver = f" for {self.investor_id}" if self.investor_id else ""
        return Inquiry(f"minting {self.units} units of {self.deal_id}/{self.tranche_id}{receiver}")


def issue_units(
    context: Context, actor: Actor, deal_id: str, tranche_id: str, investor_id: str, units: int
) -> tuple[Subscription, Operation]:
    """Mint the units an investor has subscribed, against its coin, if both gates let them through."""
    authorise(actor, Act.ISSUE_UNITS)
    mint = Mint(deal_id, tranche_id, units, investor_id)
    with context.database.writing() as connection:
        _examine(context, connection, mint.inquiry(), mint)
        subscription = _open_subscription(connection, deal_id, tranche_id, investor_id, units)
        subscription, operation = _enqueue_issue(context, connection, subscription)
        facts = {"units": units, "operation": operation.id}
        log(connection, actor, "issue_units", subscription.id, facts)
    return subscription, operation


def check_mint(context: Context, actor: Actor, mint: Mint) -> Verdict:
    """What minting would meet here, and then on chain; nothing changes.

    Every rule of a mint is told of, also those that are not reached: for an earlier refusal, or for want of
    an investor.
    """
    authorise(actor, Act.ISSUE_UNITS)
    with context.database.trying() as connection:

        def examine(inquiry: Inquiry) -> None:
            _examine(context, connection, inquiry, mint)
            _try_on_chain(context, connection, mint)

        return whole(dry_run(mint.inquiry(), examine), MINT_RULES)


def _try_on_chain(context: Context, connection: Connection, mint: Mint) -> None:
    """Ask the contracts, if the mint is worded in full and they have heard all that they were told."""
    if mint.investor_id is None or comparisons.under_way(context, connection, mint.deal_id):
        return
    subscription = _open_subscription(
        connection, mint.deal_id, mint.tranche_id, mint.investor_id, mint.units
    )
    _, command = _command(connection, subscription)
    context.chain.try_command(command, address_book(connection, mint.deal_id))


def _examine(context: Context, connection: Connection, inquiry: Inquiry, mint: Mint) -> None:
    deal = deals.get(connection, mint.deal_id)
    require_token(deal, mint.tranche_id)
    filing = filings.standing_of_deal(connection, deal.id)
    try:
        gate.examine_filing(context, connection, inquiry, deal, filing, mint.tranche_id, mint.units)
    except RuleViolated as refusal:
        # The same units once more are beyond the total; what is wrong is that they were issued already.
        if mint.investor_id and {each.rule for each in refusal.findings} == {"FIL-17"}:
            try:
                _subscribed(connection, deal.id, mint.tranche_id, mint.investor_id, mint.units)
            except StateConflict:
                inquiry.outcomes.clear()  # a refusal that names no rule has no finding beside it
                raise
        raise
    reconciliation.require_agreement(context, connection, deal)
    enforcement.require_not_paused(context, connection, deal.id, mint.tranche_id)
    if mint.investor_id is not None:
        investors.get(connection, mint.investor_id)
        price = mint.units * deal.tranche(mint.tranche_id).denomination_micro
        case = gate.recipient_case(connection, deal, mint.investor_id, price)
        inquiry.require(RECIPIENT_RULES, case)
        subscription = _open_subscription(
            connection, deal.id, mint.tranche_id, mint.investor_id, mint.units
        )
        _require_as_subscribed(connection, subscription)
    # All of the above believes rows that are on no chain: the log must bear them out.
    audit_log.require_sound(context, connection)


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


# ---- helpers


def _require_as_subscribed(connection: Connection, subscription: Subscription) -> None:
    logged = evidence.last_act(connection, "subscribe", (subscription.id,))
    stored = as_subscribed(subscription)
    if logged != stored:
        raise StateConflict(
            f"the subscription {subscription.id} is not the one that the audit log says was made."
            " Cure: restore it, or have the investor subscribe again",
            code="subscription.altered",
            logged=logged,
            stored=stored,
        )


def _open_subscription(
    connection: Connection, deal_id: str, tranche_id: str, investor_id: str, units: int
) -> Subscription:
    found = _subscribed(connection, deal_id, tranche_id, investor_id, units)
    if found is None:
        cure = f"have {investor_id} subscribe {units} units, or issue as many as it has subscribed"
        raise StateConflict(
            f"{investor_id} has not subscribed {units} units of tranche {tranche_id}. Cure: {cure}",
            code="subscription.missing",
            investor=investor_id,
            units=units,
            cure=cure,
        )
    return found


def _subscribed(
    connection: Connection, deal_id: str, tranche_id: str, investor_id: str, units: int
) -> Subscription | None:
    """The open one, if there ever was one; refused if none is left."""
    asked = [
        each
        for each in subscriptions.of_deal(connection, deal_id)
        if (each.tranche_id, each.investor_id, each.units) == (tranche_id, investor_id, units)
        and each.state is not SubscriptionState.WITHDRAWN
    ]
    for each in asked:
        if each.state is SubscriptionState.OPEN:
            return each
    if asked:
        raise StateConflict(
            f"no open subscription of {investor_id} for {units} units of tranche {tranche_id} is left:"
            f" {asked[-1].id} is {asked[-1].state} already. Cure: have the investor subscribe once more",
            code="subscription.already_issued",
            subscription=asked[-1].id,
        )
    return None


def _enqueue_issue(
    context: Context, connection: Connection, subscription: Subscription
) -> tuple[Subscription, Operation]:
    number, command = _command(connection, subscription)
    subscriptions.set_state(connection, subscription.id, SubscriptionState.ISSUING, number)
    operation = enqueue(
        context,
        connection,
        OperationKind.ISSUE_UNITS,
        subscription.deal_id,
        subscription.id,
        [command],
    )
    return subscriptions.get(connection, subscription.id), operation


def _command(connection: Connection, subscription: Subscription) -> tuple[int, Command]:
    """What the chain is told, with the operation number that makes it happen once."""
    filing = standing(connection, subscription.deal_id)
    if filing.approval is None:
        raise StateConflict("the filing is not approved", code="filing.not_approved")
    digest = bundles.recompute_approved(connection, filing.id, filing.approval.version)
    deal_id, tranche_id = subscription.deal_id, subscription.tranche_id
    number = subscriptions.next_operation_number(connection, deal_id, tranche_id)
    wallet = investors.get(connection, subscription.investor_id).investor.wallet
    command = commands.issue_units(tranche_id, wallet, subscription.units, digest, number)
    return number, command
