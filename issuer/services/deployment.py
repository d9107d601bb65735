"""Deals: registered with their terms, deployed with their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from issuer.documents.hashes import document_hash
from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput, StateConflict
from issuer.domain.operations import (
    Command,
    Operation,
    OperationKind,
    OperationState,
    StoredCommand,
)
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import require
from issuer.domain.serviceable import beyond_the_service
from issuer.onchain import commands
from issuer.onchain.gateway import Receipt
from issuer.services.context import Context, address_book, enqueue, log, stamp
from issuer.store import deals, outbox
from issuer.store.deals import DeployedContract


def register_deal(context: Context, actor: Actor, deal: Deal, document: Mapping[str, Any]) -> Deal:
    """Store a deal whose terms the rulebook allows and the service can carry out."""
    authorise(actor, Act.REGISTER_DEAL)
    if beyond := beyond_the_service(deal):
        raise InvalidInput(deal.id, beyond)
    require(f"registering deal {deal.id}", DEAL_RULES, DealCase(deal, context.regime))
    with context.database.writing() as connection:
        if deals.exists(connection, deal.id):
            raise StateConflict(
                f"the deal {deal.id!r} is registered already. Cure: go on with it, or give this one"
                " another id",
                code="deal.exists",
                deal=deal.id,
            )
        deals.add(connection, deal, document, stamp(connection))
        facts = {"name": deal.name, "document_hash": document_hash(document)}
        log(connection, actor, "register_deal", deal.id, facts)
    return deal


def deploy_deal(context: Context, actor: Actor, deal_id: str, salt: str | None = None) -> Operation:
    """Create the deal's contracts, with supply 0 and cap 0; the filing's plan will name them.

    The same `salt` gives the same addresses on every chain where the operator's key begins with it.
    """
    authorise(actor, Act.DEPLOY_DEAL)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        if _deployed_by(connection, deal_id):
            raise StateConflict(
                f"the deal {deal_id!r} is deployed already", code="deal.deployed", deal=deal_id
            )
        if outbox.any_pending(connection, OperationKind.DEPLOY_DEAL):
            # Deals share the filing register and the coins: the second waits for the first.
            raise StateConflict("a deployment is under way", code="deal.deploying")
        # What an attempt that was refused has left behind is nobody's.
        deals.forget_contracts(connection, deal_id)
        if salt is None:
            # Another each time, so that no attempt finds its places taken by one before it.
            attempt = outbox.count(connection, OperationKind.DEPLOY_DEAL, deal_id) + 1
            suite = _suite(connection, deal, f"{deal_id}#{attempt}")
        else:
            _find_deployer(context, connection)
            suite = _suite(connection, deal, f"{deal_id}/{salt}")
            _require_free(context, connection, suite, salt)
        operation = enqueue(
            context,
            connection,
            OperationKind.DEPLOY_DEAL,
            deal_id,
            deal_id,
            suite,
            {"salt": salt},
        )
        log(connection, actor, "deploy_deal", deal_id, {"operation": operation.id, "salt": salt})
    return operation


def _suite(connection: Connection, deal: Deal, salt: str) -> tuple[Command, ...]:
    shared = frozenset(deals.address_book(connection, deals.SHARED))
    return commands.deploy_suite(deal, shared, salt)


def _find_deployer(context: Context, connection: Connection) -> None:
    """Make sure of the one deployer whose address is the same on every chain: the operator's first
    contract. Another database may have made it.
    """
    chain, place = context.chain, context.chain.first_contract_of(Role.OPERATOR)
    known = deals.address_book(connection, deals.SHARED).get(commands.SUITE_DEPLOYER)
    if known is not None and known.address == place:
        return
    if known is None and chain.next_nonce(Role.OPERATOR) == 0:
        return  # it will be what the operator creates first
    if known is not None or not chain.has_code(place):
        raise StateConflict(
            "a salt gives the same addresses only where the operator's key"
            f" ({chain.account_of(Role.OPERATOR)}) has first of all created the deployer, and on this"
            " chain it began otherwise. Cure: deploy without a salt, or begin with a fresh chain",
            code="deployment.not_repeatable",
        )
    _enter(context, connection, commands.SUITE_DEPLOYER, "SuiteDeployer", place)


def _require_free(
    context: Context, connection: Connection, suite: tuple[Command, ...], salt: str
) -> None:
    """Nothing is yet where this deployment would put its contracts."""
    book = {
        name: each.address for name, each in deals.address_book(connection, deals.SHARED).items()
    }
    book.setdefault(commands.SUITE_DEPLOYER, context.chain.first_contract_of(Role.OPERATOR))
    for command in suite:
        for name, address in context.chain.places(command, book).items():
            if context.chain.has_code(address):
                raise StateConflict(
                    f"the salt {salt!r} is used up on this chain: {name} would be at {address}, where"
                    " there is a contract already. Cure: go on with the database that deployed it, or"
                    " take another salt",
                    code="deployment.salt_taken",
                    contract=name,
                    address=address,
                )
            book[name] = address


def contracts_created(
    context: Context, connection: Connection, command: StoredCommand, receipt: Receipt
) -> None:
    """Enter what a confirmed command has created in the address book, after a look at its code."""
    created_some = command.command.function is None or commands.creations_of(command.command)
    if not created_some:
        return
    book = address_book(connection, command.deal_id)
    for name, artifact, address in context.chain.created(command.command, book, receipt):
        deal_id = deals.SHARED if commands.is_shared(name) else command.deal_id
        place = (receipt.transaction_hash, receipt.block_number)
        _enter(context, connection, name, artifact, address, deal_id, *place)


def _enter(
    context: Context,
    connection: Connection,
    name: str,
    artifact: str,
    address: str,
    deal_id: str = deals.SHARED,
    transaction_hash: str = "",
    block_number: int = 0,
) -> None:
    """Without a transaction for what another database has created."""
    context.chain.verify(name, address)
    hash_ = context.chain.code_hash(address)
    row = (deal_id, name, artifact, address, hash_, transaction_hash, block_number)
    deals.add_contract(connection, DeployedContract(*row))


def deployment_of(context: Context, deal_id: str) -> tuple[DeployedContract, ...]:
    """The deal's contracts, shared ones included: empty until it is deployed."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        own = deals.address_book(connection, deal_id)
        if _deployed_by(connection, deal_id) is None:
            return ()
        deal = deals.get(connection, deal_id)
        used = {
            commands.SUITE_DEPLOYER,
            commands.AUDIT_ANCHOR,
            commands.FILING_REGISTRY,
            commands.coin_name(deal),
        }
        shared = deals.address_book(connection, deals.SHARED).items()
        return (*(each for name, each in shared if name in used), *own.values())


def salt_of(context: Context, deal_id: str) -> str | None:
    """The salt that the deal's deployment was asked with, if it was with one."""
    with context.database.reading() as connection:
        operation = _deployed_by(connection, deal_id)
    return None if operation is None else operation.detail.get("salt")


def _deployed_by(connection: Connection, deal_id: str) -> Operation | None:
    """The deployment of the deal that came to its end."""
    for each in outbox.of_deal(connection, deal_id):
        if (each.kind, each.state) == (OperationKind.DEPLOY_DEAL, OperationState.CONFIRMED):
            return each
    return None


def deal_ids(context: Context) -> tuple[str, ...]:
    """Every deal, in the order of registration."""
    with context.database.reading() as connection:
        return deals.all_ids(connection)


def deal_document(context: Context, deal_id: str) -> Mapping[str, Any]:
    """A deal as it was registered."""
    with context.database.reading() as connection:
        return deals.get_document(connection, deal_id)
