"""The final payment: what is left when every note is repaid, so that a deal can be closed empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.ledger import Entry, final_paid_entry, purchase_account
from issuer.domain.lifecycle import FilingState
from issuer.domain.operations import CommandState, Operation, OperationKind
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.cash_rules import FUNDING_RULES, FundingCase
from issuer.domain.rulebook.rule import require
from issuer.domain.waterfall.needs import sellers_of
from issuer.domain.ways import way_to
from issuer.domain.winding_up import final_payees, left_over
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, stamp
from issuer.services.log_comparison import require_as_reported
from issuer.services.payments import account_balance
from issuer.services.purchases import owed_micro
from issuer.store import books, deals, evidence, filings, outbox


def pay_final(context: Context, actor: Actor, filing_id: str) -> Operation:
    """What was held of the retained piece, carry and reserves go to their payees; holders' money stays.

    Sellers are paid first: the price of what they sold is not part of the rest.
    """
    authorise(actor, Act.PAY_DISTRIBUTION)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        deal = deals.get(connection, filing.deal_id)
        if filing.state is not FilingState.MATURED:
            raise StateConflict(
                f"filing {filing_id} is {filing.state}; the final payment is made when it is MATURED."
                f" {way_to(filing, [FilingState.MATURED])}",
                code="filing.illegal_move",
                move="pay_final",
                state=filing.state.value,
                allowed_from=[FilingState.MATURED.value],
            )
        require_nothing_under_way(connection, deal.id, filing_id)
        require_as_reported(connection, deal.id)
        outgoing = _outgoing(connection, deal)
        if not outgoing:
            raise StateConflict(
                f"nothing is left of {deal.id} for its payees", code="filing.nothing_left"
            )
        needed = sum(each["amount_micro"] for each in outgoing)
        available = account_balance(context, connection, deal)
        act = f"the final payment of {deal.id}"
        require(act, FUNDING_RULES, FundingCase(needed, available))
        operation = enqueue(
            context,
            connection,
            OperationKind.PAY_FINAL,
            deal.id,
            filing_id,
            [
                commands.pay_payee(deal, each["payee"], each["amount_micro"], each["reference"])
                for each in outgoing
            ],
            {"outgoing": outgoing},
        )
        log(connection, actor, "pay_final", filing_id, {"paid_micro": str(needed)})
    return operation


def require_nothing_under_way(connection: Connection, deal_id: str, filing_id: str) -> None:
    """The chain has closed the filing, and no final payment is on its way."""
    ending = (OperationKind.CLOSE_FILING, OperationKind.PAY_FINAL)
    pending = evidence.pending(connection, deal_id)
    if any(kind in ending and of == filing_id for _, kind, of in pending):
        raise StateConflict(
            f"filing {filing_id} is being closed on chain, or the final payment is on its way; ask"
            " again when that is done",
            code="filing.closing",
        )


def references_of(connection: Connection, deal: Deal, filing_id: str) -> list[dict[str, Any]]:
    """Every payment that the final ones asked for may have made, but for its amount."""
    attempts = outbox.count(connection, OperationKind.PAY_FINAL, filing_id)
    return [payment for number in range(1, attempts + 1) for payment in _payments(deal, number)]


def _outgoing(connection: Connection, deal: Deal) -> list[dict[str, Any]]:
    filing = filings.standing_of_deal(connection, deal.id)
    made = outbox.count(connection, OperationKind.PAY_FINAL, filing.id) if filing else 0
    left = left_over(books.balances(connection, deal.id))
    owed = {}
    for seller in sellers_of(deal.structure):
        if balance := left.get(account := purchase_account(seller)):
            owed[account] = owed_micro(connection, deal.id, seller, balance)
            left[account] = balance - owed[account]
    amounts = (
        *((payment, owed) for payment in _to_sellers(deal, made + 1)),
        *((payment, left) for payment in _of_the_rest(deal, made + 1)),
    )
    return [
        {**payment, "amount_micro": amount}
        for payment, of in amounts
        if (amount := of.get(payment["account"]))
    ]


def _payments(deal: Deal, number: int) -> list[dict[str, Any]]:
    """The coin accepts each reference once, so an attempt that was stopped has another number."""
    return [*_to_sellers(deal, number), *_of_the_rest(deal, number)]


def _to_sellers(deal: Deal, number: int) -> list[dict[str, Any]]:
    return [
        {
            "account": purchase_account(seller),
            "payee": seller,
            "reference": f"{deal.id}:final-{number}:sold:{seller}",
        }
        for seller in sellers_of(deal.structure)
    ]


def _of_the_rest(deal: Deal, number: int) -> list[dict[str, Any]]:
    return [
        {"account": account, "payee": payee, "reference": f"{deal.id}:final-{number}:{account}"}
        for account, payee in final_payees(deal).items()
    ]


def entry_of(paid: Mapping[str, Any]) -> Entry:
    """The entry that one of its payments makes in the books."""
    name, amount = f"paid:{paid['reference']}", paid["amount_micro"]
    return final_paid_entry(name, paid["account"], paid["payee"], amount)


def final_payment_ended(_: Context, connection: Connection, operation: Operation) -> None:
    """What has gone out is posted; after a refusal the rest may be asked again."""
    sent = outbox.commands_of(connection, operation.id)
    gone = [
        entry_of(each)
        for each, command in zip(operation.detail["outgoing"], sent, strict=True)
        if command.state is CommandState.CONFIRMED
    ]
    books.post(connection, operation.deal_id, gone, stamp(connection))
