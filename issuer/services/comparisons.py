"""Contracts, filing and collections: the database's word beside the chain's, fact by fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import IssuanceError
from issuer.domain.filing import Filing
from issuer.domain.investor import day_number
from issuer.domain.lifecycle import FilingState
from issuer.domain.operations import OperationKind
from issuer.domain.reconciliation import Comparison
from issuer.domain.roles import Role
from issuer.onchain import commands
from issuer.onchain.gateway import FilingStatus, TokenFacts
from issuer.onchain.history import Contracts, History, history_of
from issuer.services.context import Context
from issuer.services.support import chain_reference
from issuer.store import cash, deals, evidence, filings, outbox, reported
from issuer.store.evidence import Admitted


@dataclass(frozen=True, slots=True)
class Sides:
    """A deal in the database and on chain, in one instant. `facts` are its tokens', by tranche."""

    context: Context
    connection: Connection
    deal: Deal
    contracts: Contracts
    history: History
    facts: Mapping[str, TokenFacts]
    admitted: tuple[Admitted, ...]
    under_way: frozenset[tuple[OperationKind, str]]
    check: Comparison

    def is_under_way(self, subject: str, *kinds: OperationKind) -> bool:
        """Is one of these on its way to the chain for this subject?"""
        return any((kind, subject) in self.under_way for kind in kinds)

    def ask(self, name: str, address: str, function: str, *arguments: Any) -> Any:
        """A view of a contract, as it stands."""
        return self.context.chain.ask(name, address, function, *arguments)


def compare(sides: Sides) -> None:
    """All of this module's facts."""
    _wiring(sides)
    _filing(sides)


def under_way(
    context: Context, connection: Connection, deal_id: str
) -> frozenset[tuple[OperationKind, str]]:
    """(kind, subject) of what is on its way to the chain: the service itself has sealed it."""
    return frozenset(
        (kind, subject)
        for operation_id, kind, subject in evidence.pending(connection, deal_id)
        if any(
            each.state in outbox.OPEN
            and context.chain.seal(operation_id, each.deal_id, each.command) == each.seal
            for each in outbox.commands_of(connection, operation_id)
        )
    )


def contracts_of(connection: Connection, deal: Deal) -> Contracts:
    """Where the deal's contracts are, by the address book."""
    own = deals.address_book(connection, deal.id)
    shared = deals.address_book(connection, deals.SHARED)
    return Contracts(
        shared[commands.FILING_REGISTRY].address,
        own[commands.INVESTOR_REGISTRY].address,
        own[commands.DVP_SETTLEMENT].address,
        own[commands.COUPON_DISTRIBUTOR].address,
        own[commands.DEAL_TIMELOCK].address,
        shared[commands.coin_name(deal)].address,
        {each.id: own[commands.token_name(each.id)].address for each in deal.tokenised},
        min(each.block_number for each in own.values()),
    )


# ---- contracts


def contracts(context: Context, connection: Connection, deal: Deal, check: Comparison) -> None:
    """At each address of the book is the contract that the book says, with the code it had."""
    book = {
        **deals.address_book(connection, deals.SHARED),
        **deals.address_book(connection, deal.id),
    }
    for name in _needed(deal):
        row = book.get(name)
        if row is None:
            check.same("contract", name, "its place in the address book", None, "deployed")
            continue
        check.same("contract", name, "code", "as compiled", _code(context, name, row.address))
        if not check.differences:
            found = context.chain.code_hash(row.address)
            check.same("contract", name, "code hash", row.code_hash, found)


def _needed(deal: Deal) -> list[str]:
    return [
        commands.FILING_REGISTRY,
        commands.coin_name(deal),
        commands.DEAL_TIMELOCK,
        commands.INVESTOR_REGISTRY,
        commands.DVP_SETTLEMENT,
        commands.COUPON_DISTRIBUTOR,
        *(commands.token_name(tranche.id) for tranche in deal.tokenised),
    ]


def _code(context: Context, name: str, address: str) -> str:
    try:
        context.chain.verify(name, address)
    except IssuanceError as error:
        return error.message
    return "as compiled"


_REPLACED = (
    " (which the timelock has replaced; cure: have it put the former one back, or file a deal anew with"
    " the fresh one: its plan named the former)"
)


def _wiring(sides: Sides) -> None:
    """The contracts name each other, the tokens carry the deal's terms, and the timelock administers.

    What the timelock has replaced the service does not follow: it is not in the filed plan.
    """
    to, fixed, check = sides.contracts, sides.history.fixed, sides.check
    issuer = sides.context.chain.account_of(Role.ISSUER)
    expected: dict[str, tuple[str, dict[str, Any]]] = {
        commands.DVP_SETTLEMENT: (
            to.settlement,
            {"coin": to.coin, "filingRegistry": to.registry, "proceedsAccount": issuer},
        ),
        commands.COUPON_DISTRIBUTOR: (
            to.distributor,
            {"coin": to.coin, "unclaimedAccount": issuer},
        ),
    }
    for tranche in sides.deal.tokenised:
        expected[commands.token_name(tranche.id)] = (
            to.tokens[tranche.id],
            {
                **commands.token_terms(sides.deal, tranche),
                "filingRegistry": to.registry,
                "investorRegistry": to.investors,
                "distributor": to.distributor,
                "settlement": to.settlement,
                "currency": to.coin,
            },
        )
    replaced = sides.history.replaced
    for name, (address, values) in expected.items():
        for function, value in values.items():
            what = function + (_REPLACED if (address, function) in replaced else "")
            check.same("contract", name, what, value, fixed[address, function])
    administered = {
        commands.DEAL_TIMELOCK: to.timelock,
        commands.INVESTOR_REGISTRY: to.investors,
        **{name: address for name, (address, _) in expected.items()},
    }
    for name, address in administered.items():
        admins = ", ".join(sorted(sides.history.admins.get(address, ())))
        check.same("contract", name, "admin", to.timelock, admins)


# ---- collections and support


def require_arrived(context: Context, connection: Connection, deal: Deal) -> None:
    """Refuse to distribute what the coin's issuer never issued coin for."""
    check, (last, _) = Comparison(), context.chain.head()
    history = history_of(context.chain, contracts_of(connection, deal), last)
    arrivals(context, connection, deal, history, check)
    if refusal := check.result(deal.id, last).refusal():
        raise refusal


def arrivals(
    context: Context, connection: Connection, deal: Deal, history: History, check: Comparison
) -> None:
    """The coin of each batch and of each payment of a sponsor came to the deal's account, under its
    reference; and of one that is held it did not.
    """
    account = context.chain.account_of(Role.PAYING_AGENT)
    expected = [
        (
            f"of batch {row['id']}",
            f"{deal.id}:collection:{row['id']}",
            row["coin_micro"],
            row["state"],
        )
        for row in cash.batches(connection, deal.id)
    ] + [
        (
            f"of the support {payment.reference}",
            chain_reference(deal.id, payment),
            payment.amount_micro,
            state,
        )
        for payment, state in reported.support(connection, deal.id)
    ]
    for what, reference, amount, state in expected:
        ours, arrived = (account, amount), history.references.get(("", commands.digest(reference)))
        if state == cash.AVAILABLE:
            check.same("coin", what, "arrival", ours, arrived)
        elif state == cash.HELD and arrived == ours:
            check.same("coin", what, "arrival", None, arrived)


# ---- filing

_S = FilingState
_STATUS = {
    **dict.fromkeys((_S.FILED, _S.ISSUING, _S.ISSUED_REPORT_DUE), FilingStatus.APPROVED),
    **dict.fromkeys((_S.ACTIVE, _S.EVENT_REPORTED, _S.EXPIRED), FilingStatus.APPROVED),
    _S.SUSPENDED: FilingStatus.SUSPENDED,
    _S.REVOKED: FilingStatus.REVOKED,
    **dict.fromkeys((_S.MATURED, _S.CLOSED), FilingStatus.CLOSED),
}
#: Of `IAbsToken.Offering`; a state that is missing could have been reached from several.
_NOT_OPENED, _OPEN, _CLOSED = range(3)
_OFFERING = {
    _S.FILED: _NOT_OPENED,
    _S.ISSUING: _OPEN,
    **dict.fromkeys((_S.ISSUED_REPORT_DUE, _S.ACTIVE, _S.EVENT_REPORTED), _CLOSED),
    **dict.fromkeys((_S.MATURED, _S.CLOSED), _CLOSED),
}
_COMPLETED = frozenset({_S.ACTIVE, _S.EVENT_REPORTED, _S.MATURED, _S.CLOSED})

_K = OperationKind
_MOVES = (
    _K.SUSPEND_FILING,
    _K.LIFT_SUSPENSION,
    _K.REVOKE_FILING,
    _K.BEGIN_AMENDMENT,
    _K.CANCEL_AMENDMENT,
    _K.CLOSE_FILING,
)


def _filing(sides: Sides) -> None:
    filing = filings.standing_of_deal(sides.connection, sides.deal.id)
    if filing is None or sides.is_under_way(filing.id, _K.APPROVE_FILING):
        return
    anchored = sides.ask(
        commands.FILING_REGISTRY,
        sides.contracts.registry,
        "filingOf",
        commands.digest(filing.id),
    )
    moving = sides.is_under_way(filing.id, *_MOVES)
    if not moving:
        status, found = _status(filing), FilingStatus(anchored["status"])
        sides.check.same("filing", filing.id, "status", status.name, found.name)
    _approval(sides, filing, anchored)
    for tranche in sides.deal.tokenised:
        _token_of_filing(sides, filing, tranche.id, moving=moving)


def _status(filing: Filing) -> FilingStatus:
    if filing.amendment is not None:
        return FilingStatus.AMENDING
    return _STATUS.get(filing.state, FilingStatus.NONE)


def _approval(sides: Sides, filing: Filing, anchored: Mapping[str, Any]) -> None:
    approval, published = filing.approval, anchored["status"] != FilingStatus.NONE
    nobody = "0x" + "0" * 64
    filer = sides.context.chain.account_of(Role.FILER)
    facts = {
        "filer": (filer if published else "0x" + "0" * 40, anchored["filer"]),
        "bundle hash": (
            approval.bundle_hash if approval else nobody,
            "0x" + anchored["bundleHash"].hex(),
        ),
        "last day": (
            day_number(approval.valid_until) if approval else 0,
            anchored["validUntilDay"],
        ),
        "total": (approval.filed_total_micro if approval else 0, anchored["filedTotal"]),
        "publication": (filing.published_on is not None, published),
    }
    for what, (in_database, on_chain) in facts.items():
        sides.check.same("filing", filing.id, what, in_database, on_chain)


def _token_of_filing(sides: Sides, filing: Filing, tranche: str, *, moving: bool) -> None:
    token, facts, check = sides.contracts.tokens[tranche], sides.facts[tranche], sides.check
    registered = sides.ask(
        commands.FILING_REGISTRY,
        sides.contracts.registry,
        "tokenOf",
        commands.digest(filing.id),
        commands.digest(tranche),
    )
    approval = filing.approval
    if approval is None:
        check.same("tranche", tranche, "cap", 0, facts.cap)
        return
    check.same("tranche", tranche, "token of the filing", token, registered)
    said = "0x" + sides.ask("abs_token", token, "bundleHash").hex()
    check.same("tranche", tranche, "bundle hash", approval.bundle_hash, said)
    until = day_number(approval.valid_until) * 86_400
    check.same("tranche", tranche, "end of minting", until, facts.mint_until)
    if not moving:
        granted = 0 if filing.state is _S.REVOKED else approval.cap_of(tranche)
        # What was retired is not granted anew.
        cap = max(0, granted - sides.history.retired.get(token, 0))
        check.same("tranche", tranche, "cap", cap, facts.cap)
        status = _status(filing)
        check.same("tranche", tranche, "filing status", status.name, facts.filing_status.name)
    state = filing.suspended_in or filing.state
    if filing.amendment is not None:
        state = filing.amendment.resumes
    if state in _OFFERING and not sides.is_under_way(
        filing.id, _K.OPEN_OFFERING, _K.CLOSE_OFFERING
    ):
        said = sides.ask("abs_token", token, "offering")
        check.same("tranche", tranche, "offering", _OFFERING[state], said)
    if state in _OFFERING and not sides.is_under_way(filing.id, _K.REPORT_COMPLETION):
        opened = facts.transfers_open
        check.same("tranche", tranche, "open transfers", state in _COMPLETED, opened)
