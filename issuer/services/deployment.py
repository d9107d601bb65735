"""Deals: registered with their terms, deployed with their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from issuer.documents.hashes import document_hash
from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput, StateConflict
from issuer.domain.operations import Operation, OperationKind, OperationState, StoredCommand
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import require
from issuer.domain.serviceable import beyond_the_service
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, stamp
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


def deploy_deal(context: Context, actor: Actor, deal_id: str) -> Operation:
    """Create the deal's contracts, with supply 0 and cap 0; the filing's plan will name them."""
    authorise(actor, Act.DEPLOY_DEAL)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        if _attempts(connection, deal_id, OperationState.CONFIRMED):
            raise StateConflict(
                f"the deal {deal_id!r} is deployed already", code="deal.deployed", deal=deal_id
            )
        if outbox.any_pending(connection, OperationKind.DEPLOY_DEAL):
            # Deals share the filing register and the coins: the second waits for the first.
            raise StateConflict("a deployment is under way", code="deal.deploying")
        # What an attempt that was refused has left behind is nobody's.
        deals.forget_contracts(connection, deal_id)
        shared = frozenset(deals.address_book(connection, deals.SHARED))
        operation = enqueue(
            context,
            connection,
            OperationKind.DEPLOY_DEAL,
            deal_id,
            deal_id,
            commands.deploy_suite(deal, shared),
        )
        log(connection, actor, "deploy_deal", deal_id, {"operation": operation.id})
    return operation


def contract_created(
    context: Context,
    connection: Connection,
    command: StoredCommand,
    address: str,
    transaction_hash: str,
    block_number: int,
) -> None:
    """Enter a confirmed contract in the address book, after a look at its code."""
    name = command.command.contract
    context.chain.verify(name, address)
    deals.add_contract(
        connection,
        DeployedContract(
            deals.SHARED if commands.is_shared(name) else command.deal_id,
            name,
            command.command.artifact or "",
            address,
            context.chain.code_hash(address),
            transaction_hash,
            block_number,
        ),
    )


def deployment_of(context: Context, deal_id: str) -> tuple[DeployedContract, ...]:
    """The deal's contracts, shared ones included: empty until it is deployed."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        own = deals.address_book(connection, deal_id)
        if not _attempts(connection, deal_id, OperationState.CONFIRMED):
            return ()
        shared = deals.address_book(connection, deals.SHARED)
        deal = deals.get(connection, deal_id)
        used = {commands.AUDIT_ANCHOR, commands.FILING_REGISTRY, commands.coin_name(deal)}
        return (*(each for name, each in shared.items() if name in used), *own.values())


def _attempts(connection: Connection, deal_id: str, state: OperationState) -> bool:
    """Has a deployment of the deal come to this?"""
    return any(
        each.kind is OperationKind.DEPLOY_DEAL and each.state is state
        for each in outbox.of_deal(connection, deal_id)
    )


def deal_ids(context: Context) -> tuple[str, ...]:
    """Every deal, in the order of registration."""
    with context.database.reading() as connection:
        return deals.all_ids(connection)


def deal_document(context: Context, deal_id: str) -> Mapping[str, Any]:
    """A deal as it was registered."""
    with context.database.reading() as connection:
        return deals.get_document(connection, deal_id)
