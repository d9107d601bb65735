"""What can be read: operations, positions with the chain beside the register, books, payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuer.domain.errors import NotFound
from issuer.domain.investor import InvestorStatus
from issuer.domain.money import format_factor
from issuer.domain.operations import Operation, StoredCommand
from issuer.domain.payment import DeterminedDistribution, HolderPayment
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.onchain import commands
from issuer.onchain.gateway import TokenFacts
from issuer.services.context import Context, address_book, not_deployed, now
from issuer.services.offering import require_token
from issuer.services.register import last_read, synchronise
from issuer.store import books, cash, deals, investors, outbox
from issuer.store.investors import Registered


@dataclass(frozen=True, slots=True)
class OperationReport:
    """An operation with the transactions it is made of."""

    operation: Operation
    commands: tuple[StoredCommand, ...]


@dataclass(frozen=True, slots=True)
class HolderLine:
    """A wallet's units, by the service's register and by the token itself."""

    wallet: str
    investor_id: str | None
    status: InvestorStatus | None
    units_in_register: int
    units_on_chain: int


@dataclass(frozen=True, slots=True)
class Position:
    """A tranche: the token's own facts, and the register beside them.

    `ex_payment_per_unit_micro` is what will be outstanding once the payment already determined for the
    holders of an earlier record date is made: what a buyer of today buys.
    """

    facts: TokenFacts
    token: str
    factor: str
    ex_payment_per_unit_micro: int
    holders: tuple[HolderLine, ...]
    agrees: bool


@dataclass(frozen=True, slots=True)
class DistributionReport:
    """A distribution and what has become of each holder's part."""

    distribution: DeterminedDistribution
    holders: tuple[HolderPayment, ...]


def operation_report(context: Context, operation_id: str) -> OperationReport:
    """An operation, as an API client polls it."""
    with context.database.reading() as connection:
        operation = outbox.get(connection, operation_id)
        return OperationReport(operation, outbox.commands_of(connection, operation_id))


def position(context: Context, actor: Actor, deal_id: str, tranche_id: str) -> Position:
    """The tranche on chain and in the register, side by side."""
    authorise(actor, Act.READ_HOLDERS)
    synchronise(context)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        require_token(deal, tranche_id)
        book = address_book(connection, deal_id)
        token = book.get(commands.token_name(tranche_id))
        if token is None:
            raise not_deployed(deal_id)
        # As of one block: wallets go on moving units while we read.
        block = last_read(connection)
        facts = context.chain.token_facts(token, block)
        register = books.register(connection, deal_id, tranche_id)
        known = {r.investor.wallet: r for r in investors.admitted_to(connection, deal_id)}
        lines = tuple(
            _line(context, token, block, wallet, register.get(wallet, 0), known.get(wallet))
            for wallet in dict.fromkeys((*register, *known))
        )
        instant = now(connection).timestamp()
        determined = [
            each.figures.of(tranche_id).outstanding_after_micro
            for each in cash.distributions(connection, deal_id)
            if each.record_at <= instant
        ]
    return Position(
        facts,
        token,
        format_factor(
            facts.outstanding_per_unit_micro, deal.tranche(tranche_id).denomination_micro
        ),
        # The latest, not the least: interest that is capitalised raises it again.
        (determined or [facts.outstanding_per_unit_micro])[-1],
        lines,
        all(line.units_in_register == line.units_on_chain for line in lines)
        and sum(register.values()) == facts.supply,
    )


def _line(
    context: Context,
    token: str,
    block: int,
    wallet: str,
    units: int,
    known: Registered | None,
) -> HolderLine:
    return HolderLine(
        wallet,
        known.investor.id if known else None,
        known.status if known else None,
        units,
        context.chain.ask("abs_token", token, "balanceOf", wallet, block=block),
    )


def ledger(context: Context, actor: Actor, deal_id: str) -> Mapping[str, int]:
    """What each account of the deal holds, in coin micro-units."""
    authorise(actor, Act.READ_LEDGER)
    synchronise(context)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return books.balances(connection, deal_id)


def postings(context: Context, actor: Actor, deal_id: str) -> Sequence[Mapping[str, object]]:
    """Every posting, in order."""
    authorise(actor, Act.READ_LEDGER)
    synchronise(context)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return books.entries(connection, deal_id)


def distribution_report(context: Context, actor: Actor, distribution_id: str) -> DistributionReport:
    """A distribution with every holder's outcome; an investor sees its own line only."""
    if actor.role is not Role.INVESTOR:
        authorise(actor, Act.READ_HOLDERS)
    synchronise(context)
    with context.database.reading() as connection:
        found = cash.get_distribution(connection, distribution_id)
        holders = cash.holder_payments(connection, distribution_id)
    if actor.role is Role.INVESTOR:
        holders = tuple(h for h in holders if h.investor_id == actor.investor_id)
    return DistributionReport(found, holders)


def distribution_ids(context: Context, deal_id: str) -> Sequence[tuple[str, int, str]]:
    """(id, period, state) of every distribution of a deal."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        found = cash.distributions(connection, deal_id)
    return [(each.id, each.period, each.state.value) for each in found]


def investor(context: Context, actor: Actor, investor_id: str) -> Registered:
    """An investor on the register; an investor sees itself only."""
    if actor.role is Role.INVESTOR:
        if actor.investor_id != investor_id:
            raise NotFound("investor", investor_id)
    else:
        authorise(actor, Act.READ_INVESTORS)
    with context.database.reading() as connection:
        return investors.get(connection, investor_id)


def investors_of(context: Context, actor: Actor, deal_id: str) -> Sequence[Registered]:
    """The investors admitted to a deal."""
    authorise(actor, Act.READ_INVESTORS)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return investors.admitted_to(connection, deal_id)
