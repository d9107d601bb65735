"""The end of a deal's money: what the notes no longer need goes to whom the residual would have gone."""

from __future__ import annotations

from collections.abc import Mapping

from issuer.domain.deal import Deal
from issuer.domain.ledger import (
    COLLECTIONS,
    OUTSIDE,
    PROCEEDS,
    RESERVE,
    carry_account,
    fee_account,
    payable_account,
    purchase_account,
    repaid_account,
    residual_account,
    support_account,
)
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.needs import sellers_of
from issuer.domain.waterfall.steps import PayResidual


def left_over(balances: Mapping[str, int]) -> dict[str, int]:
    """Pots on the deal's account that are not empty. The proceeds are the issuer's, on its own."""
    return {
        account: amount
        for account, amount in balances.items()
        if amount and account.partition(":")[0] not in (*OUTSIDE, PROCEEDS)
    }


def final_payees(deal: Deal) -> dict[str, str]:
    """Pot -> the payee who gets what is left in it once the notes are repaid.

    A deal's steps end with the residual; a sponsor gets its own money back. What was set aside for
    purchases goes with the rest, once the sellers have the price of what they sold. Holders' money has
    no place here: it waits for them.
    """
    rest = next(step.tranche for step in deal.waterfall if isinstance(step, PayResidual))
    holder_of_rest = deal.tranche(rest).retained_by or rest
    payees = {COLLECTIONS: holder_of_rest, RESERVE: holder_of_rest}
    payees |= {fee_account(fee.id): fee.payee for fee in deal.fees}
    for sponsor in deal.structure.sponsors:
        payees[support_account(sponsor.id)] = payees[repaid_account(sponsor.id)] = sponsor.payee
    payees |= {purchase_account(each): holder_of_rest for each in sellers_of(deal.structure)}
    for tranche in deal.tranches:
        payees |= {
            carry_account(tranche.id, kind): holder_of_rest
            for kind in (Kind.INTEREST, Kind.PRINCIPAL)
        }
        if tranche.retained_by:
            payees[residual_account(tranche.id)] = tranche.retained_by
            payees[payable_account(tranche.id)] = tranche.retained_by
    return payees
