"""SET-08 to SET-10: cash before tokens and coupons, a reference for every conversion and transfer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from issuer.domain.collections import CollectionBatch, held_reason
from issuer.domain.proceeds import ProceedsTransfer
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
def conversion_has_a_reference(batch: CollectionBatch) -> Iterator[Facts]:
    """A batch without its exchange, or without both references, is held, not paid."""
    reason = held_reason(batch)
    if reason is not None:
        yield {"batch": batch.id, "cny_fen": batch.cny_fen, "held": reason}


@dataclass(frozen=True, slots=True)
class ProceedsCase:
    """A transfer of proceeds about to go onshore, beside what was filed and has gone before."""

    transfer: ProceedsTransfer
    filed_micro: Mapping[str, int]
    net_micro: int
    done: tuple[ProceedsTransfer, ...]
    available_micro: int


@rule(
    "SET-10",
    "Proceeds go onshore to the uses that were filed, each transfer with its inbound reference.",
    "募集资金应按备案用途汇入境内，并逐笔登记入境凭证。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1 and commentary: funds flow back to the real economy",
    cure="Send what is left to a filed use, with the bank's reference; other uses need an amendment.",
)
def proceeds_go_to_their_use(case: ProceedsCase) -> Iterator[Facts]:
    """The use, its amount, the net proceeds, the cash, the reference."""
    new = case.transfer
    if not new.inbound_reference.strip():
        yield {"use": new.use, "inbound_reference": None}
    if new.use not in case.filed_micro:
        yield {"use": new.use, "filed_uses": list(case.filed_micro)}
    to_use = new.amount_micro + sum(e.amount_micro for e in case.done if e.use == new.use)
    total = new.amount_micro + sum(each.amount_micro for each in case.done)
    for limit, amount, at_most in (
        ("filed for the use", to_use, case.filed_micro.get(new.use, to_use)),
        ("net proceeds", total, case.net_micro),
        ("cash received", new.amount_micro, case.available_micro),
    ):
        if amount > at_most:
            yield {"limit": limit, "micro": amount, "at_most_micro": at_most}


PROCEEDS_RULES: tuple[Rule[ProceedsCase], ...] = (proceeds_go_to_their_use,)
FUNDING_RULES: tuple[Rule[FundingCase], ...] = (cash_is_there,)
COLLECTION_RULES: tuple[Rule[CollectionBatch], ...] = (conversion_has_a_reference,)
