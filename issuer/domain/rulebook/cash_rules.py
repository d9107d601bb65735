"""SET-08 and SET-09: cash before tokens and coupons, a reference for every conversion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from issuer.domain.collections import RevenueBatch, held_reason
from issuer.domain.regime import Basis
from issuer.domain.rulebook.rule import Facts, Rule, rule


@dataclass(frozen=True, slots=True)
class FundingCase:
    """A payment about to be made from the deal's account. Amounts in coin micro-units."""

    needed_micro: int
    available_micro: int


@rule(
    "SET-08",
    "No token without cash in the same transaction; no coupon beyond the cash received.",
    "券款对付；付款不得超过已收现金。",
    basis=Basis.DESIGN,
    source="delivery versus payment",
    cure="Wait for the coin of the collections to arrive on the deal's account.",
)
def cash_is_there(case: FundingCase) -> Iterator[Facts]:
    """The account covers the payment."""
    if case.available_micro < case.needed_micro:
        yield {"needed_micro": case.needed_micro, "available_micro": case.available_micro}


@rule(
    "SET-09",
    "Renminbi that funds a coupon has a foreign-exchange reference; without one it is held.",
    "用于兑付的人民币回款须有外汇及跨境支付凭证，否则暂缓支付。",
    basis=Basis.TEXT,
    source="foreign-exchange duty; form by design",
    cure="Report the rate, its reference and the outward-remittance reference of the batch.",
)
def conversion_has_a_reference(batch: RevenueBatch) -> Iterator[Facts]:
    """A batch without its exchange, or without both references, is held, not paid."""
    reason = held_reason(batch)
    if reason is not None:
        yield {"batch": batch.id, "cny_fen": batch.cny_fen, "held": reason}


FUNDING_RULES: tuple[Rule[FundingCase], ...] = (cash_is_there,)
COLLECTION_RULES: tuple[Rule[RevenueBatch], ...] = (conversion_has_a_reference,)
