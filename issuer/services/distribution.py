"""The paying agent's work before the payment: dry run, determination, record date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.ledger import (
    distribution_entries,
    require_covered,
)
from issuer.domain.lifecycle import PAYING
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.payment import (
    DeterminedDistribution,
    DistributionState,
    HolderPayment,
    Outcome,
)
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.schedule import HONG_KONG, Period, record_closing
from issuer.domain.waterfall.distribution import Distribution, PerUnit
from issuer.domain.waterfall.entitlements import entitlements
from issuer.domain.waterfall.state import Inputs
from issuer.onchain import commands
from issuer.services import trustee
from issuer.services.bundles import content_hash
from issuer.services.collections import period_of
from issuer.services.comparisons import require_arrived
from issuer.services.context import (
    Context,
    address_book,
    enqueue,
    log,
    now,
    stamp,
    today,
)
from issuer.services.inputs import require_reported
from issuer.services.log_comparison import require_as_reported
from issuer.services.recomputation import figures_of, require_as_determined
from issuer.services.register import follow, last_read, synchronise
from issuer.store import books, cash, deals, filings, investors, outbox, reported
from issuer.store.figures import figures_row


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a distribution would be today: the period, the figures, and each holder's part."""

    period: Period
    record_closing: datetime
    inputs: Inputs
    figures: Distribution
    holders: tuple[HolderPayment, ...]


def dry_run(context: Context, actor: Actor, deal_id: str, number: int) -> DryRun:
    """Compute a distribution with what is there now; nothing changes."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    synchronise(context)  # investors move units themselves: the register must have heard of it
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        period = period_of(deal, number)
        require_reported(connection, deal, number)
        standing = trustee.standing_of(context, connection, deal)
        inputs, figures = figures_of(connection, deal, period, standing)
        trustee.require_in_turn(deal, figures, standing)
        holders: list[HolderPayment] = []
        for tranche in deal.tokenised:
            held = books.register(connection, deal_id, tranche.id)
            _require_arrived(context, connection, figures.of(tranche.id), held)
            holders += _payments(connection, f"{deal_id}-d{number}", tranche.id, figures, held)
        return DryRun(period, record_closing(deal, period), inputs, figures, tuple(holders))


def determine(
    context: Context, actor: Actor, deal_id: str, number: int
) -> tuple[DeterminedDistribution, Operation]:
    """Fix the amounts of a period and announce its record date on chain."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        require_paying(connection, deal_id)
        period = period_of(deal, number)
        _require_next(connection, deal_id, number)
        _require_between(connection, deal, period)
        require_arrived(context, connection, deal)
        require_as_reported(connection, deal_id)
        require_reported(connection, deal, number)
        standing = trustee.settled_standing(context, connection, deal)
        _, figures = figures_of(connection, deal, period, standing)
        trustee.require_in_turn(deal, figures, standing)
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
        operation = enqueue(
            context,
            connection,
            OperationKind.DETERMINE_DISTRIBUTION,
            deal_id,
            new.id,
            [commands.announce(tranche.id, closing) for tranche in deal.tokenised],
        )
        facts = {
            "period": number,
            "standing": standing.value,
            "collections_micro": str(figures.collections_micro),
            "figures_hash": content_hash(figures_row(figures)),
        }
        log(connection, actor, "determine_distribution", new.id, facts)
    return new, operation


def record_holders(
    context: Context, actor: Actor, distribution_id: str
) -> tuple[DeterminedDistribution, Operation]:
    """Close the record date: whoever holds at that instant is paid."""
    authorise(actor, Act.DETERMINE_DISTRIBUTION)
    with context.database.writing() as connection:
        found = cash.get_distribution(connection, distribution_id)
        require_state(found, DistributionState.DETERMINED)
        require_as_determined(connection, found)
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
            context,
            connection,
            OperationKind.RECORD_HOLDERS,
            found.deal_id,
            found.id,
            [commands.record(tranche, epoch) for tranche, epoch in found.epochs.items()],
        )
        log(connection, actor, "record_holders", found.id, {"epochs": dict(found.epochs)})
        recording = cash.get_distribution(connection, distribution_id)
    return recording, operation


# ---- what follows from the chain's answer


def determination_announced(_: Context, connection: Connection, operation: Operation) -> None:
    """The record date stands on chain: the figures enter the books."""
    found = cash.get_distribution(connection, operation.subject)
    entries = distribution_entries(found.id, found.figures)
    books.post(connection, found.deal_id, entries, stamp(connection))
    require_covered(books.balances(connection, found.deal_id))


def determination_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the record date: nothing is determined."""
    cash.remove_distribution(connection, operation.subject)


def holders_recorded(context: Context, connection: Connection, operation: Operation) -> None:
    """The epoch is closed: read the snapshot and store what each holder is owed."""
    found = cash.get_distribution(connection, operation.subject)
    follow(context, connection)  # an investor's units may lie in another wallet since a moment ago
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


# ---- helpers


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


def _require_arrived(
    context: Context, connection: Connection, per_unit: PerUnit, held: dict[str, int]
) -> None:
    """Units are allotted before the chain has minted them, and minted before the register knows."""
    allotted, known = per_unit.units, sum(held.values())
    if known < allotted and (
        outbox.any_pending(connection, OperationKind.ISSUE_UNITS)
        or last_read(connection) < context.chain.head()[0]
    ):
        raise StateConflict(
            f"{allotted - known} units of {per_unit.tranche} are on their way; ask again when they"
            " have arrived",
            code="offering.issuing",
        )


def _require_next(connection: Connection, deal_id: str, number: int) -> None:
    done = cash.distributions(connection, deal_id)
    if any(each.period == number for each in done):
        raise StateConflict(
            f"period {number} is determined already", code="distribution.exists", period=number
        )
    unpaid = [each for each in done if each.state is not DistributionState.PAID]
    if unpaid:
        raise StateConflict(
            f"{unpaid[0].id} is {unpaid[0].state}: it is paid before the next is determined",
            code="distribution.earlier_unpaid",
            distribution=unpaid[0].id,
        )
    arriving = [
        row["id"]
        for row in cash.batches(connection, deal_id)
        if row["period"] == number and row["state"] == cash.ARRIVING
    ]
    if arriving:
        raise StateConflict(
            f"the coin of {', '.join(arriving)} is still on its way; determine when it has arrived",
            code="collections.arriving",
            batches=arriving,
        )
    sent = [
        payment.reference
        for payment, state in reported.support(connection, deal_id)
        if payment.period <= number and state == cash.ARRIVING
    ]
    if sent:
        raise StateConflict(
            f"the coin of {', '.join(sent)} is still on its way; determine when it has arrived",
            code="support.arriving",
            references=sent,
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


def require_paying(connection: Connection, deal_id: str) -> None:
    """The state of the filing lets payments to holders through."""
    filing = filings.standing_of_deal(connection, deal_id)
    state = filing.state if filing else None
    if state not in PAYING:
        raise StateConflict(
            f"the filing of {deal_id} is {state}: holders are paid when it is"
            f" {', '.join(sorted(PAYING))}",
            code="distribution.filing_state",
            state=state.value if state else None,
            allowed_from=sorted(PAYING),
        )


def require_state(found: DeterminedDistribution, expected: DistributionState) -> None:
    """Refuse what is not done in this state, naming the state it is done in."""
    if found.state is not expected:
        raise StateConflict(
            f"{found.id} is {found.state}; this is done when it is {expected}",
            code="distribution.illegal_move",
            state=found.state.value,
            allowed_from=[expected.value],
        )
