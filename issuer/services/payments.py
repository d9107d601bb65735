"""Payments: holders of record first, then fees, the residual and other payees; money set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import IssuanceBug, NotFound, StateConflict
from issuer.domain.ledger import (
    Entry,
    fee_paid_entry,
    payable_account,
    purchase_account,
    purchase_paid_entry,
    repaid_entry,
    residual_paid_entry,
    retained_paid_entry,
    set_apart,
)
from issuer.domain.lifecycle import EFFECTS, Effect
from issuer.domain.operations import (
    Command,
    CommandState,
    Operation,
    OperationKind,
    OperationState,
)
from issuer.domain.payment import (
    DeterminedDistribution,
    DistributionState,
    HolderPayment,
    Outcome,
)
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.cash_rules import FUNDING_RULES, FundingCase
from issuer.domain.rulebook.rule import require
from issuer.domain.waterfall.distribution import TO_HOLDERS, Kind, PaymentLine
from issuer.domain.waterfall.needs import sellers_of
from issuer.onchain import commands
from issuer.services.collections import period_of
from issuer.services.context import Context, address_book, enqueue, log, stamp, today
from issuer.services.distribution import require_paying, require_state
from issuer.services.purchases import owed_micro
from issuer.services.recomputation import require_as_determined
from issuer.services.register import follow
from issuer.store import books, cash, deals, filings, outbox


def pay(
    context: Context, actor: Actor, distribution_id: str
) -> tuple[DeterminedDistribution, Operation]:
    """Declare and pay the holders of record, then the fees and the residual, from the account."""
    authorise(actor, Act.PAY_DISTRIBUTION)
    with context.database.writing() as connection:
        found = cash.get_distribution(connection, distribution_id)
        require_state(found, DistributionState.RECORDED)
        follow(context, connection)  # whoever has another wallet since a moment ago is paid to that
        require_as_determined(connection, found)
        require_paying(connection, found.deal_id)
        deal = deals.get(connection, found.deal_id)
        period = period_of(deal, found.period)
        day = today(connection)
        if day < period.payment:
            raise StateConflict(
                f"{found.id} is payable on {period.payment.isoformat()}; today is {day.isoformat()}",
                code="date.too_early",
                from_date=period.payment.isoformat(),
                today=day.isoformat(),
            )
        chain_commands, owed = _holder_commands(context, connection, deal, found)
        outgoing = _outgoing(connection, deal, found)
        chain_commands += [
            commands.pay_payee(deal, each["payee"], each["amount_micro"], each["reference"])
            for each in outgoing
        ]
        needed = owed + sum(each["amount_micro"] for each in outgoing)
        available = account_balance(context, connection, deal)
        require(f"paying {found.id}", FUNDING_RULES, FundingCase(needed, available))
        cash.set_distribution(connection, found.id, DistributionState.PAYING)
        operation = enqueue(
            context,
            connection,
            OperationKind.PAY_DISTRIBUTION,
            deal.id,
            found.id,
            chain_commands,
            {"outgoing": outgoing},
        )
        log(connection, actor, "pay_distribution", found.id, {"needed_micro": str(needed)})
        paying = cash.get_distribution(connection, distribution_id)
    return paying, operation


def release_payment(
    context: Context, actor: Actor, distribution_id: str, investor_id: str
) -> Operation:
    """Pay an investor what is set aside or credited: to its own wallet, once it is cleared."""
    authorise(actor, Act.COLLECT_PAYMENT)
    if actor.role is Role.INVESTOR and actor.investor_id != investor_id:
        raise NotFound("payment", f"{distribution_id}/{investor_id}")
    with context.database.writing() as connection:
        found = cash.get_distribution(connection, distribution_id)
        follow(context, connection)  # what was released a moment ago is known from events only
        subject = f"{distribution_id}/{investor_id}"
        _require_not_under_way(connection, found.deal_id, subject)
        held = [
            payment
            for payment in cash.holder_payments(connection, distribution_id)
            if payment.investor_id == investor_id
            and payment.outcome in (Outcome.SET_ASIDE, Outcome.CREDITED)
        ]
        if not held:
            raise StateConflict(
                f"nothing is held for {investor_id} in {distribution_id}",
                code="distribution.nothing_held",
            )
        operation = enqueue(
            context,
            connection,
            OperationKind.RELEASE_PAYMENT,
            found.deal_id,
            subject,
            [_release_command(payment) for payment in held],
        )
        log(connection, actor, "release_payment", found.id, {"investor": investor_id})
    return operation


def _require_not_under_way(connection: Connection, deal_id: str, subject: str) -> None:
    """A release changes nothing here until the chain has said so: the second waits for the first."""
    for operation in outbox.of_deal(connection, deal_id):
        if (operation.kind, operation.subject, operation.state) == (
            OperationKind.RELEASE_PAYMENT,
            subject,
            OperationState.PENDING,
        ):
            raise StateConflict(
                f"the release of {subject} is under way",
                code="distribution.releasing",
                operation=operation.id,
            )


def _release_command(payment: HolderPayment) -> Command:
    if payment.outcome is Outcome.SET_ASIDE:
        return commands.release(payment.tranche_id, payment.wallet)
    return commands.collect(payment.tranche_id, payment.wallet)


def distribution_paid(context: Context, connection: Connection, operation: Operation) -> None:
    """Everybody is paid, or their money is set aside; fees and the residual have gone out.

    An investor whose wallet was replaced on the way was passed over: its payment may be asked again.
    """
    found = cash.get_distribution(connection, operation.subject)
    entries = [outgoing_entry(each) for each in operation.detail["outgoing"]]
    books.post(connection, found.deal_id, entries, stamp(connection))
    done = _is_settled(context, connection, found)
    state = DistributionState.PAID if done else DistributionState.RECORDED
    cash.set_distribution(connection, found.id, state)


def payment_refused(context: Context, connection: Connection, operation: Operation) -> None:
    """The chain stopped the payment midway: what has gone out is posted, the rest may be asked again.

    Anybody may pay the holders of record, so the last of them may have been paid by somebody else.
    """
    found = cash.get_distribution(connection, operation.subject)
    outgoing = operation.detail["outgoing"]
    sent = outbox.commands_of(connection, operation.id)[-len(outgoing) :] if outgoing else ()
    gone = [
        each
        for each, command in zip(outgoing, sent, strict=True)
        if command.state is CommandState.CONFIRMED
    ]
    entries = [outgoing_entry(each) for each in gone]
    books.post(connection, found.deal_id, entries, stamp(connection))
    done = _is_settled(context, connection, found) and len(gone) == len(outgoing)
    state = DistributionState.PAID if done else DistributionState.RECORDED
    cash.set_distribution(connection, found.id, state)


def outgoing_entry(paid: Mapping[str, Any]) -> Entry:
    """The entry that a payment to a payee makes in the books."""
    entry = {
        Kind.FEE: fee_paid_entry,
        Kind.RESIDUAL: residual_paid_entry,
        Kind.SUPPORT_REPAID: repaid_entry,
        Kind.PURCHASE: purchase_paid_entry,
    }.get(Kind(paid["kind"]), retained_paid_entry)
    return entry(f"paid:{paid['reference']}", paid["subject"], paid["payee"], paid["amount_micro"])


# ---- helpers

#: Of `ICouponDistributor.State`.
_DECLARED, _SETTLED = 2, frozenset({3, 4})


def _step(
    context: Context, connection: Connection, found: DeterminedDistribution, tranche_id: str
) -> int:
    """How far a tranche's payment is, by the distributor."""
    book = address_book(connection, found.deal_id)
    name, token = commands.COUPON_DISTRIBUTOR, book[commands.token_name(tranche_id)]
    payment = context.chain.ask(name, book[name], "paymentOf", token, found.epochs[tranche_id])
    return int(payment["state"])


def _is_settled(context: Context, connection: Connection, found: DeterminedDistribution) -> bool:
    """Has the distributor nothing left to do for any tranche?"""
    return all(_step(context, connection, found, each) in _SETTLED for each in found.epochs)


def _holder_commands(
    context: Context, connection: Connection, deal: Deal, found: DeterminedDistribution
) -> tuple[list[Command], int]:
    """What is left to do to pay the holders of record, and how much coin that still takes."""
    holders = cash.holder_payments(connection, found.id)
    chain_commands: list[Command] = []
    needed = 0
    for tranche_id, epoch in found.epochs.items():
        per_unit = found.figures.of(tranche_id)
        wallets = [each.wallet for each in holders if each.tranche_id == tranche_id]
        owed = sum(each.total_micro for each in holders if each.tranche_id == tranche_id)
        if owed != per_unit.declared_micro:
            raise IssuanceBug(f"{found.id}: holders are owed {owed} of {per_unit.declared_micro}")
        step = _step(context, connection, found, tranche_id)
        if step in _SETTLED:
            continue
        todo = commands.pay_holders(deal, tranche_id, epoch, per_unit, wallets)
        if step == _DECLARED:  # an earlier attempt has funded it
            chain_commands += [each for each in todo if each.function == "pay"]
        else:
            chain_commands += todo
            needed += owed
    return chain_commands, needed


def _outgoing(
    connection: Connection, deal: Deal, found: DeterminedDistribution
) -> list[dict[str, Any]]:
    """What is set apart for payees, with what was held of it before."""
    filing = filings.standing_of_deal(connection, deal.id)
    held = filing is not None and EFFECTS[filing.state].coupons is Effect.RETAINED_HELD
    balances = books.balances(connection, deal.id)
    outgoing: list[dict[str, Any]] = []
    for account, payment in to_payees(deal, found).items():
        # While the filing is suspended fees are paid. The retained piece is held, and so is what goes to
        # whoever sells further assets or stood in: as a rule they are of the originator's group.
        if held and payment["kind"] != Kind.FEE.value:
            continue
        amount = balances.get(account, 0)
        if payment["kind"] == Kind.PURCHASE.value:
            amount = owed_micro(connection, deal.id, payment["subject"], amount)
        if amount:
            outgoing.append({**payment, "amount_micro": amount})
    return outgoing


def to_payees(deal: Deal, found: DeterminedDistribution) -> dict[str, dict[str, Any]]:
    """Account -> the payment out of it to a payee that a distribution may make, but for its amount.

    A seller may still be owed what it sold earlier, where the steps of this payment buy nothing.
    """
    kinds = {
        account: (line.kind, line.subject, line.payee)
        for line in found.figures.lines
        if (account := _set_apart(deal, line)) is not None
    }
    for seller in sellers_of(deal.structure):
        kinds.setdefault(purchase_account(seller), (Kind.PURCHASE, seller, seller))
    return {
        account: {
            "kind": kind.value,
            "subject": subject,
            "payee": payee,
            "reference": f"{found.id}:{account}",
        }
        for account, (kind, subject, payee) in kinds.items()
    }


def _set_apart(deal: Deal, line: PaymentLine) -> str | None:
    """The account in which a step's money waits for a payee; None if holders or the reserve get it."""
    if line.kind in TO_HOLDERS:
        retained = not deal.tranche(line.subject).tokenised
        return payable_account(line.subject) if retained else None
    return set_apart(line)


def account_balance(context: Context, connection: Connection, deal: Deal) -> int:
    """Coin on the account from which the paying agent pays."""
    coin = commands.coin_name(deal)
    account = context.chain.account_of(Role.PAYING_AGENT)
    address = address_book(connection, deal.id)[coin]
    return int(context.chain.ask(coin, address, "balanceOf", account))
