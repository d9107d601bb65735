"""Investors: admitted by the registrar, frozen and cleared by enforcement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from issuer.documents.hashes import document_hash
from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.investor import Investor, InvestorStatus, eligible_until
from issuer.domain.names import as_compared
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES, InvestorCase, excepted_route
from issuer.domain.rulebook.rule import require
from issuer.onchain import commands
from issuer.services.access import mainland_logged
from issuer.services.bundles import content_hash
from issuer.services.context import Context, enqueue, log, stamp, today, utc_day
from issuer.services.register import follow
from issuer.services.verdicts import Inquiry, Verdict, dry_run
from issuer.services.wallet_control import proof_of
from issuer.store import deals, investors
from issuer.store.investors import Registered


def admit_investor(
    context: Context,
    actor: Actor,
    deal_id: str,
    investor: Investor,
    document: Mapping[str, Any],
) -> tuple[Registered, Operation]:
    """Admit an investor whom the rules allow; its eligibility is written to every tranche."""
    authorise(actor, Act.ADMIT_INVESTOR)
    with mainland_logged(context, actor, deal_id), context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        require(
            f"admitting {investor.id}", INVESTOR_RULES, _case(context, connection, deal, investor)
        )
        _require_deployed(connection, deal_id)
        require_free_wallet(connection, investor)
        until = eligible_until(investor, context.regime.evidence_months)
        _register(connection, investor, document, until)
        if investors.is_admitted(connection, deal_id, investor.id):
            raise StateConflict(
                f"{investor.id} is admitted to {deal_id} already", code="investor.admitted"
            )
        investors.admit(connection, deal_id, investor.id)
        registered = investors.get(connection, investor.id)
        # Of what is on the register, which an investor of an earlier deal may have worded otherwise.
        evidence = document_hash(investors.get_document(connection, investor.id))
        chain_commands = [
            commands.set_investor(investor, until, evidence),
            *_freeze_as_registered(deal, registered),
        ]
        operation = enqueue(
            context,
            connection,
            OperationKind.ADMIT_INVESTOR,
            deal_id,
            investor.id,
            chain_commands,
        )
        facts = {"deal": deal_id, "until": until.isoformat(), "document_hash": evidence}
        facts |= _exception(context, investor)
        log(connection, actor, "admit_investor", investor.id, facts)
    return registered, operation


def renew_investor(
    context: Context, actor: Actor, investor: Investor, document: Mapping[str, Any]
) -> tuple[Registered, Sequence[Operation]]:
    """New evidence for an investor on the register: its eligibility is extended in every deal.

    Everything but the wallet may have changed; the rules look at all of it again.
    """
    authorise(actor, Act.ADMIT_INVESTOR)
    with mainland_logged(context, actor, investor.id), context.database.writing() as connection:
        follow(context, connection)
        known = investors.get(connection, investor.id)
        if known.investor.wallet != investor.wallet:
            raise StateConflict(
                f"{investor.id} is on the register with the wallet {known.investor.wallet}",
                code="investor.differs",
                investor=investor.id,
            )
        until = eligible_until(investor, context.regime.evidence_months)
        operations = []
        for deal_id in investors.deals_of(connection, investor.id):
            deal = deals.get(connection, deal_id)
            case = case_of_admitted(context, connection, deal, known.investor, investor)
            require(f"renewing {investor.id}", INVESTOR_RULES, case)
            command = commands.set_investor(investor, until, document_hash(document))
            kind = OperationKind.RENEW_INVESTOR
            operations.append(enqueue(context, connection, kind, deal_id, investor.id, [command]))
        investors.renew(connection, investor, document, until)
        facts = {"until": until.isoformat(), "document_hash": document_hash(document)}
        facts |= _exception(context, investor)
        log(connection, actor, "renew_investor", investor.id, facts)
        registered = investors.get(connection, investor.id)
    return registered, operations


def check_investor(context: Context, actor: Actor, deal_id: str, investor: Investor) -> Verdict:
    """What would stand against admitting an investor; nothing changes."""
    authorise(actor, Act.ADMIT_INVESTOR)
    with context.database.reading() as connection:
        deal = deals.get(connection, deal_id)
        case = _case(context, connection, deal, investor)
    inquiry = Inquiry(f"admitting {investor.id}")
    return dry_run(inquiry, lambda _: inquiry.require(INVESTOR_RULES, case))


def freeze_investor(
    context: Context, actor: Actor, investor_id: str, reason: str
) -> tuple[Registered, Sequence[Operation]]:
    """From now on the investor neither sends nor receives, and its payments are set aside."""
    authorise(actor, Act.FREEZE_INVESTOR)
    with context.database.writing() as connection:
        operations = _set_frozen(context, connection, actor, investor_id, reason, frozen=True)
        registered = investors.get(connection, investor_id)
    return registered, operations


def clear_investor(
    context: Context, actor: Actor, investor_id: str, reason: str
) -> tuple[Registered, Sequence[Operation]]:
    """The investor is cleared: what was set aside may be released to it."""
    authorise(actor, Act.FREEZE_INVESTOR)
    with context.database.writing() as connection:
        follow(context, connection)  # the wallet to clear may have replaced a lost one a moment ago
        _require_off_the_list(connection, investor_id)
        operations = _set_frozen(context, connection, actor, investor_id, reason, frozen=False)
        registered = investors.get(connection, investor_id)
    return registered, operations


def update_sanctions(
    context: Context, actor: Actor, reference: str, entries: Sequence[str]
) -> Sequence[Operation]:
    """Put a new sanctions list in force and freeze every investor it names, or those behind it."""
    authorise(actor, Act.UPDATE_SANCTIONS)
    listed = frozenset(map(as_compared, entries))
    operations: list[Operation] = []
    with context.database.writing() as connection:
        investors.replace_sanctions(connection, reference, listed)
        facts = {"entries": len(listed), "content_hash": content_hash(sorted(listed))}
        log(connection, actor, "update_sanctions", reference, facts)
        for registered in investors.everyone(connection):
            if registered.status is InvestorStatus.ADMITTED and named_in(
                registered.investor, listed
            ):
                operations += _set_frozen(
                    context, connection, actor, registered.investor.id, reference, frozen=True
                )
    return operations


def named_in(investor: Investor, listed: frozenset[str]) -> bool:
    """Does the list name the investor, its wallet, or anybody behind it?"""
    return bool(investor.names() & listed)


def _require_off_the_list(connection: Connection, investor_id: str) -> None:
    registered = investors.get(connection, investor_id)
    if named_in(registered.investor, investors.sanctions(connection)):
        raise StateConflict(
            f"the sanctions list in force names {investor_id} or somebody behind it; put a list in"
            " force that does not, then clear the investor",
            code="investor.sanctioned",
            investor=investor_id,
        )


def _set_frozen(
    context: Context,
    connection: Connection,
    actor: Actor,
    investor_id: str,
    reason: str,
    *,
    frozen: bool,
) -> list[Operation]:
    registered = investors.get(connection, investor_id)
    wanted = InvestorStatus.FROZEN if frozen else InvestorStatus.ADMITTED
    if registered.status is wanted:
        raise StateConflict(
            f"investor {investor_id} is {wanted} already", code=f"investor.{wanted.lower()}"
        )
    investors.set_status(connection, investor_id, wanted)
    kind = OperationKind.FREEZE_INVESTOR if frozen else OperationKind.CLEAR_INVESTOR
    operations = []
    for deal_id in investors.deals_of(connection, investor_id):
        deal = deals.get(connection, deal_id)
        operations.append(
            enqueue(
                context,
                connection,
                kind,
                deal_id,
                investor_id,
                [
                    commands.set_frozen(tranche.id, registered.investor, frozen)
                    for tranche in deal.tokenised
                ],
            )
        )
    log(connection, actor, kind.value, investor_id, {"reason": reason})
    return operations


def _freeze_as_registered(deal: Deal, registered: Registered) -> list[Any]:
    """An investor frozen in one deal is frozen in the next one from its first block."""
    if registered.status is not InvestorStatus.FROZEN:
        return []
    return [commands.set_frozen(t.id, registered.investor, True) for t in deal.tokenised]


def require_free_wallet(connection: Connection, investor: Investor) -> None:
    """The wallet is no contract of a deal, and no other investor's."""
    contract = deals.contract_at(connection).get(investor.wallet)
    if contract is not None:
        raise StateConflict(
            f"the wallet {investor.wallet} is the contract {contract.name}: use one of its own",
            code="investor.wallet_not_registrable",
            wallet=investor.wallet,
        )
    owner = investors.by_wallet(connection, investor.wallet)
    if owner is not None and owner.investor.id != investor.id:
        raise StateConflict(
            f"the wallet {investor.wallet} belongs to {owner.investor.id}: use one of its own",
            code="investor.wallet_taken",
            wallet=investor.wallet,
        )


def admission_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the eligibility: the investor is not admitted to this deal."""
    investors.dismiss(connection, operation.deal_id, operation.subject)


def _register(
    connection: Connection, investor: Investor, document: Mapping[str, Any], until: date
) -> None:
    known = investors.find(connection, investor.id)
    if known is None:
        investors.add(connection, investor, document, until, stamp(connection))
    elif investors.get_document(connection, investor.id)["wallet"] != known.investor.wallet:
        raise StateConflict(
            f"the evidence of {investor.id} still names the wallet it has lost. Cure: renew it first"
            f" (PUT /v1/investors/{investor.id})",
            code="investor.to_renew",
            investor=investor.id,
            wallet=known.investor.wallet,
        )
    elif known.investor != investor:
        raise StateConflict(
            f"{investor.id} is on the register with other particulars",
            code="investor.differs",
            investor=investor.id,
        )


def _exception(context: Context, investor: Investor) -> dict[str, str]:
    """The log says by which route mainland money was let in (INV-04)."""
    route = excepted_route(investor, context.regime)
    return {} if route is None else {"excepted_by_route": route.value}


def _require_deployed(connection: Connection, deal_id: str) -> None:
    if commands.INVESTOR_REGISTRY not in deals.address_book(connection, deal_id):
        raise StateConflict(
            f"the deal {deal_id!r} has no contracts yet: deploy it first", code="deal.not_deployed"
        )


def case_of_admitted(
    context: Context, connection: Connection, deal: Deal, known: Investor, now_said: Investor
) -> InvestorCase:
    """An investor of the deal as it is known or now says: it is counted among the admitted already."""
    case = _case(context, connection, deal, now_said)
    return replace(case, holders=case.holders - known.heads)


def _case(context: Context, connection: Connection, deal: Deal, investor: Investor) -> InvestorCase:
    return InvestorCase(
        investor,
        investors.sanctions(connection),
        investors.count_heads(connection, deal.id),
        deal.offering.holder_cap,
        today(connection),
        utc_day(connection),
        context.regime,
        proof_of(investor),
        context.chain.has_code(investor.wallet),
    )
