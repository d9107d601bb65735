"""What supervisors, at home and abroad, are told of a deal's holders, mints and payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.investor import InvestorClass, InvestorStatus
from issuer.domain.operations import CommandState, OperationKind, StoredCommand
from issuer.domain.payment import HolderPayment
from issuer.domain.subscription import Subscription, SubscriptionState
from issuer.store import books, cash, investors, outbox, subscriptions
from issuer.store.investors import Registered


@dataclass(frozen=True, slots=True)
class Holding:
    """A wallet's units of a tranche. Whom nobody has admitted has a wallet and nothing else."""

    tranche_id: str
    wallet: str
    units: int
    registered: Registered | None

    @property
    def investor_id(self) -> str | None:
        """Whose it is."""
        return self.registered.investor.id if self.registered else None

    @property
    def country(self) -> str | None:
        """Where the holder resides."""
        return self.registered.investor.residency if self.registered else None

    @property
    def investor_class(self) -> InvestorClass | None:
        """As what it was admitted."""
        return self.registered.investor.investor_class if self.registered else None

    @property
    def status(self) -> InvestorStatus | None:
        """Whether it is frozen."""
        return self.registered.status if self.registered else None

    @property
    def eligible_until(self) -> date | None:
        """The first day on which it may no longer receive."""
        return self.registered.eligible_until if self.registered else None


@dataclass(frozen=True, slots=True)
class Mint:
    """Units issued against coin, and the transaction that did it."""

    subscription: Subscription
    transaction_hash: str | None
    block_number: int | None


def holdings(connection: Connection, deal: Deal) -> tuple[Holding, ...]:
    """The register of holders, largest first within each tranche."""
    known = {each.investor.wallet: each for each in investors.admitted_to(connection, deal.id)}
    return tuple(
        Holding(tranche.id, wallet, units, known.get(wallet))
        for tranche in deal.tokenised
        for wallet, units in books.register(connection, deal.id, tranche.id).items()
    )


def mints(connection: Connection, deal_id: str) -> tuple[Mint, ...]:
    """Every mint that the chain has confirmed, in the order of the subscriptions."""
    confirmed = {
        operation.subject: command
        for operation in outbox.of_deal(connection, deal_id)
        if operation.kind is OperationKind.ISSUE_UNITS
        for command in outbox.commands_of(connection, operation.id)
        if command.state is CommandState.CONFIRMED
    }
    return tuple(_mints(connection, deal_id, confirmed))


def _mints(
    connection: Connection, deal_id: str, confirmed: dict[str, StoredCommand]
) -> Iterator[Mint]:
    for each in subscriptions.of_deal(connection, deal_id):
        if each.state is SubscriptionState.ISSUED:
            command = confirmed.get(each.id)
            yield Mint(
                each,
                command.transaction_hash if command else None,
                command.block_number if command else None,
            )


def payments(connection: Connection, deal_id: str) -> tuple[HolderPayment, ...]:
    """What each holder of record was due, period by period, and what became of it."""
    return tuple(
        payment
        for distribution in cash.distributions(connection, deal_id)
        for payment in cash.holder_payments(connection, distribution.id)
    )
