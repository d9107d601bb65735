"""What the service says to a transfer before anybody sends it; the token says the same on chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from issuer.domain.filing import Filing, FilingState
from issuer.domain.investor import InvestorStatus
from issuer.domain.regime import Basis
from issuer.domain.rulebook.rule import Facts, Rule, rule

TRANSFERABLE = frozenset({FilingState.ACTIVE, FilingState.EVENT_REPORTED})


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a transfer; `investor_id` None is a wallet nobody has admitted."""

    wallet: str
    investor_id: str | None
    status: InvestorStatus | None
    eligible_until: date | None


@dataclass(frozen=True, slots=True)
class TransferCase:
    """A holder about to transfer units of a tranche."""

    filing: Filing | None
    sender: Party
    receiver: Party
    utc_day: date


@rule(
    "FIL-01",
    "Units move once the offering is closed and reported, and only while the filing is in force.",
    "发行完成并报告后、且备案有效期间方可转让。",
    basis=Basis.DESIGN,
    source="lifecycle; effect on chain by the token itself",
    cure="Wait until the deal is ACTIVE.",
)
def deal_is_active(case: TransferCase) -> Iterator[Facts]:
    """State of the filing."""
    state = case.filing.state if case.filing else None
    if state not in TRANSFERABLE:
        yield {"state": state.value if state else None}


@rule(
    "INV-01",
    "Both sides of a transfer are admitted investors.",
    "转让双方均须为经准入的境外合格投资者。",
    basis=Basis.SOURCE,
    source="commentary; identity allow-list by design",
    cure="Have the registrar admit the wallet's owner; a vault or a pool cannot be admitted.",
)
def both_sides_are_admitted(case: TransferCase) -> Iterator[Facts]:
    """Identity alone counts: whether the wallet has code is not asked."""
    for side, party in (("sender", case.sender), ("receiver", case.receiver)):
        if party.investor_id is None:
            yield {side: party.wallet, "admitted": False}


@rule(
    "INV-12",
    "A frozen investor neither sends nor receives.",
    "被冻结的投资者不得转出或受让。",
    basis=Basis.TEXT,
    source="Document 42, AML duty; effect by design",
    cure="None until enforcement clears the investor.",
)
def neither_side_is_frozen(case: TransferCase) -> Iterator[Facts]:
    """Status of both."""
    for side, party in (("sender", case.sender), ("receiver", case.receiver)):
        if party.status is InvestorStatus.FROZEN:
            yield {side: party.investor_id, "status": InvestorStatus.FROZEN.value}


@rule(
    "INV-13",
    "The receiver's eligibility has not expired.",
    "受让方资格须在有效期内。",
    basis=Basis.DESIGN,
    source="yearly re-attestation",
    cure="Renew the receiver's evidence with the registrar.",
)
def receiver_has_not_expired(case: TransferCase) -> Iterator[Facts]:
    """The receiver's only: who has expired may leave."""
    until = case.receiver.eligible_until
    if until is not None and case.utc_day >= until:
        yield {"receiver": case.receiver.investor_id, "eligible_until": until.isoformat()}


TRANSFER_RULES: tuple[Rule[TransferCase], ...] = (
    deal_is_active,
    both_sides_are_admitted,
    neither_side_is_frozen,
    receiver_has_not_expired,
)
