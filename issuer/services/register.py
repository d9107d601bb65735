"""The register of holders and payments, kept from what the contracts say.

Investors move units and collect money with keys of their own, so the service learns of it as anybody
would: from events. Each block is read once; what it says and how far we read are stored together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from issuer.domain.errors import IssuanceBug
from issuer.domain.ledger import (
    Entry,
    holder_paid_entry,
    released_entry,
    set_aside_entry,
)
from issuer.domain.operations import OperationKind
from issuer.domain.payment import HolderPayment, Outcome
from issuer.onchain import commands
from issuer.services.context import Context, stamp
from issuer.store import audit, books, cash, deals, investors
from issuer.store.deals import DeployedContract

_NOBODY = "0x" + "0" * 40

_OUTCOMES = {
    "HoldersPaid": Outcome.PAID,
    "SetAside": Outcome.SET_ASIDE,
    "Credited": Outcome.CREDITED,
    "Released": Outcome.RELEASED,
    "Collected": Outcome.RELEASED,
}


def synchronise(context: Context) -> int:
    """Read the blocks since last time; returns the number of the last one read."""
    last, _ = context.chain.head()
    with context.database.reading() as connection:
        if int(deals.get_meta(connection, "last_block") or 0) >= last:
            return last
    with context.database.writing() as connection:
        return follow(context, connection)


def follow(context: Context, connection: Connection) -> int:
    """The same inside a transaction that goes on to use what was read."""
    last, _ = context.chain.head()
    if int(deals.get_meta(connection, "last_block") or 0) < last:
        first = int(deals.get_meta(connection, "last_block") or 0) + 1
        contracts = deals.contract_at(connection)
        if contracts:
            reader = _Reader(context, connection, contracts)
            for event in context.chain.events(list(contracts), first, last):
                reader.read(event)
        deals.set_meta(connection, "last_block", str(last))
    return last


def last_read(connection: Connection) -> int:
    """The block up to which this transaction's view of the register and the books has come."""
    return int(deals.get_meta(connection, "last_block") or 0)


class _Reader:
    """Applies one event after another to the register and the books."""

    def __init__(
        self, context: Context, connection: Connection, contracts: dict[str, DeployedContract]
    ) -> None:
        self.context, self.connection, self.contracts = context, connection, contracts
        #: Coin that left a distributor and that no event of it has explained yet.
        self.unexplained: list[str] = []

    def read(self, event: Any) -> None:
        contract = self.contracts[event.address]
        kind, _, detail = contract.name.partition(":")
        if kind == "abs_token" and event.name == "Transfer":
            self._moved(contract.deal_id, detail, event.args)
        elif kind == "abs_token" and event.name == "WalletRecovered":
            wallets = (event.args["lost"], event.args["fresh"])
            cash.move_entitlements(self.connection, contract.deal_id, detail, *wallets)
        elif event.name == "InvestorRecovered":
            self._recovered(event.args["lost"], event.args["fresh"])
        elif kind == "settlement_coin" and event.name == "Transfer":
            self._coin_moved(event.args)
        elif kind == commands.COUPON_DISTRIBUTOR:
            self._distributor_said(contract.deal_id, event)

    def _moved(self, deal_id: str, tranche_id: str, args: Any) -> None:
        for wallet, change in ((args["from"], -args["value"]), (args["to"], args["value"])):
            if wallet != _NOBODY:
                held = books.units_of(self.connection, deal_id, tranche_id, wallet)
                books.set_units(self.connection, deal_id, tranche_id, wallet, held + change)

    def _recovered(self, lost: str, fresh: str) -> None:
        """With the signature that the registrar was given for the fresh wallet, by the log."""
        known = investors.by_wallet(self.connection, lost)
        if known is None:
            return
        asked = [
            row.facts
            for row in audit.about(self.connection, known.investor.id)
            if row.act == OperationKind.RECOVER_WALLET and row.facts.get("fresh") == fresh
        ]
        proof = asked[-1].get("wallet_proof") if asked else None
        investors.move(self.connection, lost, fresh, proof)

    def _coin_moved(self, args: Any) -> None:
        source = self.contracts.get(args["from"])
        if source is not None and source.name == commands.COUPON_DISTRIBUTOR:
            self.unexplained.append(args["to"])

    def _distributor_said(self, deal_id: str, event: Any) -> None:
        outcome = _OUTCOMES.get(event.name)
        if outcome is None:
            return
        token = self.contracts[event.args["token"]]
        if event.name == "HoldersPaid":
            wallets, self.unexplained = self.unexplained, []
        else:
            wallets = [event.args["wallet"]]
        if event.name in ("Released", "Collected"):
            self.unexplained = []
        for wallet in wallets:
            for payment in self._affected(deal_id, token.name.partition(":")[2], wallet, event):
                self._settle(deal_id, payment, outcome, event.transaction_hash)

    def _affected(
        self, deal_id: str, tranche_id: str, wallet: str, event: Any
    ) -> Iterator[HolderPayment]:
        """The entitlement of the event's epoch; of a release, all that was held until now."""
        held = {"Released": Outcome.SET_ASIDE, "Collected": Outcome.CREDITED}.get(event.name)
        for distribution in cash.distributions(self.connection, deal_id):
            of_epoch = distribution.epochs[tranche_id] == event.args.get("epoch")
            for payment in cash.holder_payments(self.connection, distribution.id):
                if (payment.tranche_id, payment.wallet) != (tranche_id, wallet):
                    continue
                if payment.outcome is held if held else of_epoch:
                    yield payment

    def _settle(
        self, deal_id: str, payment: HolderPayment, outcome: Outcome, transaction_hash: str
    ) -> None:
        cash.set_outcome(self.connection, payment, outcome, transaction_hash)
        entry = entry_of(payment, outcome)
        books.post(self.connection, deal_id, [entry], stamp(self.connection))


def entry_of(payment: HolderPayment, outcome: Outcome) -> Entry:
    """The entry that an entitlement's outcome makes in the books."""
    entry_id = (
        f"{payment.distribution_id}:{payment.tranche_id}:{payment.investor_id}:{outcome.lower()}"
    )
    place = (entry_id, payment.tranche_id, payment.investor_id, payment.total_micro)
    match outcome:
        case Outcome.PAID:
            return holder_paid_entry(*place)
        case Outcome.SET_ASIDE | Outcome.CREDITED:
            return set_aside_entry(*place)
        case Outcome.RELEASED:
            return released_entry(*place)
    raise IssuanceBug(f"{outcome} posts nothing")
