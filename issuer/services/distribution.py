"""The paying agent's work: determine, close the record date, declare and pay, release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import IssuanceBug, NotFound, StateConflict
from issuer.domain.ledger import (
    distribution_entries,
    fee_paid_entry,
    require_covered,
    residual_paid_entry,
)
from issuer.domain.operations import Command, Operation, OperationKind
from issuer.domain.payment import (
    DeterminedDistribution,
    DistributionState,
    HolderPayment,
    Outcome,
)
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.cash_rules import FUNDING_RULES, FundingCase
from issuer.domain.rulebook.rule import require
from issuer.domain.schedule import HONG_KONG, Period, record_closing
from issuer.domain.waterfall import (
    DealState,
    Distribution,
    Kind,
    distribute,
    entitlements,
    opening_state,
)
from issuer.onchain import commands
from issuer.services.collections import period_of
from issuer.services.context import (
    Context,
    address_book,
    enqueue,
    log,
    now,
    stamp,
    today,
)
from issuer.store import books, cash, deals, investors, subscriptions


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a distribution would be today: the period, the figures, and each holder's part."""

    period: Period
    record_closing: datetime
    figures: Distribution
    holders: tuple[HolderPayment, ...]


def dry_run(context: Context, actor: Actor, deal_id: str, number: int) -> DryRun:
    """Compute a distribution with what is there now; nothing changes."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        period = period_of(deal, number)
        figures = _figures(connection, deal, period)
        holders: list[HolderPayment] = []
        for tranche in deal.tokenised:
            held = books.register(connection, deal_id, tranche.id)
            holders += _payments(connection, f"{deal_id}-d{number}", tranche.id, figures, held)
        return DryRun(period, record_closing(deal, period), figures, tuple(holders))


def determine(
    context: Context, actor: Actor, deal_id: str, number: int
) -> tuple[DeterminedDistribution, Operation]:
    """Fix the amounts of a period and announce its record date on chain."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        period = period_of(deal, number)
        _require_next(connection, deal_id, number)
        _require_between(connection, deal, period)
        figures = _figures(connection, deal, period)
        closing = int(record_closing(deal, period).timestamp())
        book = address_book(connection, deal_id)
        epochs = {
            tranche.id: context.chain.token_facts(book[commands.token_name(tranche.id)]).epoch
            for tranche in deal.tokenised
        }
        new = DeterminedDistribution(
            f"{deal_id}-d{number}",
            deal_id,
            number,
            DistributionState.DETERMINED,
            figures,
            closing,
            epochs,
        )
        cash.add_distribution(connection, new)
        books.post(connection, deal_id, distribution_entries(new.id, figures), stamp(connection))
        require_covered(books.balances(connection, deal_id))
        operation = enqueue(
            connection,
            OperationKind.DETERMINE_DISTRIBUTION,
            deal_id,
            new.id,
            [commands.announce(tranche.id, closing) for tranche in deal.tokenised],
        )
        facts = {"period": number, "collections_micro": str(figures.collections_micro)}
        log(connection, actor, "determine_distribution", new.id, facts)
    context.wake()
    return new, operation


def record_holders(
    context: Context, actor: Actor, distribution_id: str
) -> tuple[DeterminedDistribution, Operation]:
    """Close the record date: whoever holds at that instant is paid."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    with context.database.writing() as connection:
        found = cash.get_distribution(connection, distribution_id)
        _require_state(found, DistributionState.DETERMINED)
        instant = now(connection)
        if instant.timestamp() < found.record_at:
            raise StateConflict(
                f"the record date of {found.id} has not been reached",
                code="distribution.record_date_not_reached",
                record_at=found.record_at,
                now=instant.isoformat(),
            )
        cash.set_distribution(connection, found.id, DistributionState.RECORDING)
        operation = enqueue(
            connection,
            OperationKind.RECORD_HOLDERS,
            found.deal_id,
            found.id,
            [commands.record(tranche, epoch) for tranche, epoch in found.epochs.items()],
        )
        log(connection, actor, "record_holders", found.id, {"epochs": dict(found.epochs)})
        recording = cash.get_distribution(connection, distribution_id)
    context.wake()
    return recording, operation


def pay(
    context: Context, actor: Actor, distribution_id: str
) -> tuple[DeterminedDistribution, Operation]:
    """Declare and pay the holders of record, then the fees and the residual, from the account."""
    authorise(actor, Act.PAY_DISTRIBUTION)
    with context.database.writing() as connection:
        found = cash.get_distribution(connection, distribution_id)
        _require_state(found, DistributionState.RECORDED)
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
        chain_commands, needed = _payment_commands(connection, deal, found)
        available = _account_balance(context, connection, deal)
        require(f"paying {found.id}", FUNDING_RULES, FundingCase(needed, available))
        cash.set_distribution(connection, found.id, DistributionState.PAYING)
        operation = enqueue(
            connection, OperationKind.PAY_DISTRIBUTION, deal.id, found.id, chain_commands
        )
        log(connection, actor, "pay_distribution", found.id, {"needed_micro": str(needed)})
        paying = cash.get_distribution(connection, distribution_id)
    context.wake()
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
        book = address_book(connection, found.deal_id)
        operation = enqueue(
            connection,
            OperationKind.RELEASE_PAYMENT,
            found.deal_id,
            f"{distribution_id}/{investor_id}",
            [_release_command(context, book, payment) for payment in held],
        )
        log(connection, actor, "release_payment", found.id, {"investor": investor_id})
    context.wake()
    return operation


def _release_command(context: Context, book: dict[str, str], payment: HolderPayment) -> Command:
    token = book[commands.token_name(payment.tranche_id)]
    index = context.chain.ask("abs_token", token, "indexOf", payment.wallet)
    if payment.outcome is Outcome.SET_ASIDE:
        return commands.release(payment.tranche_id, index)
    return commands.collect(payment.tranche_id, index)


# ---- what follows from the chain's answer


def holders_recorded(context: Context, connection: Connection, operation: Operation) -> None:
    """The epoch is closed: read the snapshot and store what each holder is owed."""
    found = cash.get_distribution(connection, operation.subject)
    book = address_book(connection, found.deal_id)
    for tranche_id, epoch in found.epochs.items():
        token = book[commands.token_name(tranche_id)]
        held: dict[str, int] = {}
        for registered in investors.admitted_to(connection, found.deal_id):
            wallet = registered.investor.wallet
            units = context.chain.ask("abs_token", token, "balanceAt", wallet, epoch)
            if units:
                held[wallet] = units
        for payment in _payments(connection, found.id, tranche_id, found.figures, held):
            cash.add_holder_payment(connection, payment)
    cash.set_distribution(connection, found.id, DistributionState.RECORDED)


def recording_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not close the record date: it may be asked again."""
    cash.set_distribution(connection, operation.subject, DistributionState.DETERMINED)


def distribution_paid(_: Context, connection: Connection, operation: Operation) -> None:
    """Everybody is paid, or their money is set aside; fees and the residual have gone out."""
    found = cash.get_distribution(connection, operation.subject)
    deal = deals.get(connection, found.deal_id)
    entries = []
    for line in found.figures.lines:
        if not line.paid_micro:
            continue
        entry_id = f"{found.id}:paid:{line.step}"
        if line.kind is Kind.FEE:
            entries.append(fee_paid_entry(entry_id, line.subject, line.payee, line.paid_micro))
        elif line.kind is Kind.RESIDUAL:
            entries.append(residual_paid_entry(entry_id, line.subject, line.payee, line.paid_micro))
    books.post(connection, deal.id, entries, stamp(connection))
    cash.set_distribution(connection, found.id, DistributionState.PAID)


# ---- helpers


def _figures(connection: Connection, deal: Deal, period: Period) -> Distribution:
    collected = cash.available_micro(connection, deal.id, period.number)
    return distribute(deal, _state_before(connection, deal, period.number), collected, period)


def _state_before(connection: Connection, deal: Deal, number: int) -> DealState:
    earlier = [d for d in cash.distributions(connection, deal.id) if d.period < number]
    if earlier:
        return earlier[-1].figures.closing
    issued = {
        tranche.id: subscriptions.allotted_units(connection, deal.id, tranche.id)
        for tranche in deal.tokenised
    }
    if not all(issued.values()):
        raise StateConflict(
            "a tokenised tranche has no units: nothing can be distributed yet",
            code="distribution.no_units",
            issued_units=issued,
        )
    return opening_state(deal, issued)


def _payments(
    connection: Connection,
    distribution_id: str,
    tranche_id: str,
    figures: Distribution,
    held: dict[str, int],
) -> list[HolderPayment]:
    by_wallet = {
        registered.investor.wallet: registered.investor.id
        for registered in investors.everyone(connection)
    }
    owed = entitlements(figures.of(tranche_id), held)
    return sorted(
        (
            HolderPayment(
                distribution_id,
                tranche_id,
                by_wallet[each.investor],
                each.investor,
                each.units,
                each.interest_micro,
                each.principal_micro,
                Outcome.DUE,
            )
            for each in owed
        ),
        key=lambda payment: payment.investor_id,
    )


def _payment_commands(
    connection: Connection, deal: Deal, found: DeterminedDistribution
) -> tuple[list[Command], int]:
    holders = cash.holder_payments(connection, found.id)
    chain_commands: list[Command] = []
    needed = 0
    for tranche_id, epoch in found.epochs.items():
        per_unit = found.figures.of(tranche_id)
        wallets = [each.wallet for each in holders if each.tranche_id == tranche_id]
        owed = sum(each.total_micro for each in holders if each.tranche_id == tranche_id)
        if owed != per_unit.declared_micro:
            raise IssuanceBug(f"{found.id}: holders are owed {owed} of {per_unit.declared_micro}")
        needed += owed
        chain_commands += commands.pay_holders(
            deal,
            tranche_id,
            epoch,
            per_unit.interest_paid_micro,
            per_unit.principal_paid_micro,
            per_unit.units,
            wallets,
        )
    for line in found.figures.lines:
        if line.kind in (Kind.FEE, Kind.RESIDUAL) and line.paid_micro:
            needed += line.paid_micro
            reference = f"{found.id}:{line.kind}:{line.subject}"
            chain_commands.append(commands.pay_payee(deal, line.payee, line.paid_micro, reference))
    return chain_commands, needed


def _account_balance(context: Context, connection: Connection, deal: Deal) -> int:
    coin = commands.coin_name(deal)
    account = context.chain.account_of(Role.PAYING_AGENT)
    address = address_book(connection, deal.id)[coin]
    return int(context.chain.ask(coin, address, "balanceOf", account))


def _require_next(connection: Connection, deal_id: str, number: int) -> None:
    done = cash.distributions(connection, deal_id)
    if any(each.period == number for each in done):
        raise StateConflict(
            f"period {number} is determined already", code="distribution.exists", period=number
        )
    expected = len(done) + 1
    if number != expected:
        raise StateConflict(
            f"period {expected} comes first", code="distribution.out_of_order", period=expected
        )


def _require_between(connection: Connection, deal: Deal, period: Period) -> None:
    day, instant = today(connection), now(connection)
    if day < period.determination:
        raise StateConflict(
            f"period {period.number} is determined from {period.determination.isoformat()};"
            f" today is {day.isoformat()}",
            code="date.too_early",
            from_date=period.determination.isoformat(),
            today=day.isoformat(),
        )
    closing = record_closing(deal, period).astimezone(HONG_KONG)
    if instant >= closing:
        raise StateConflict(
            f"the record date of period {period.number}, {closing.isoformat()}, has passed",
            code="date.too_late",
            until=closing.isoformat(),
        )


def _require_state(found: DeterminedDistribution, expected: DistributionState) -> None:
    if found.state is not expected:
        raise StateConflict(
            f"{found.id} is {found.state}; this is done when it is {expected}",
            code="distribution.illegal_move",
            state=found.state.value,
            allowed_from=[expected.value],
        )
