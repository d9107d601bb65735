"""What the service says to a transfer before anybody sends it; the token says the same on chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from issuer.domain.filing import Filing
from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import TRANSFERABLE
from issuer.domain.regime import Basis
from issuer.domain.rulebook.rule import Facts, Rule, rule
from issuer.domain.rulebook.state_cures import TO_TRANSFER, in_state


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a transfer; `investor_id` None is a wallet nobody has admitted.

    Where the file is not `disclosed` to whoever asks, findings tell of the party what the chain tells of
    its wallet: that it may not, by which rule, and how many units it has.
    """

    wallet: str
    investor_id: str | None
    status: InvestorStatus | None
    eligible_until: date | None
    units: int
    disclosed: bool = True

    @property
    def called(self) -> str:
        """As findings call it."""
        return (self.investor_id if self.disclosed else None) or self.wallet

    def file(self, **particulars: str) -> Facts:
        """What findings show of its file."""
        return particulars if self.disclosed else {}


@dataclass(frozen=True, slots=True)
class HoldingTerms:
    """What the filed plan says of holdings of the tranche: in units, holders and days."""

    minimum: int
    holder_cap: int
    lock_up_ends: date | None


@dataclass(frozen=True, slots=True)
class TransferCase:
    """A holder about to transfer units of a tranche."""

    filing: Filing | None
    sender: Party
    receiver: Party
    units: int
    terms: HoldingTerms
    holders: int
    utc_day: date


@rule(
    "FIL-01",
    "Units move once the offering is closed and reported, and only while the filing is in force.",
    "发行完成并报告后、且备案有效期间方可转让。",
    basis=Basis.DESIGN,
    source="lifecycle; effect on chain by the token itself",
    cure="File, sell and report the issue first: units move from then on.",
)
def deal_is_active(case: TransferCase) -> Iterator[Facts]:
    """State of the filing."""
    if case.filing is None:
        yield {"state": None}
    elif case.filing.state not in TRANSFERABLE:
        state = case.filing.state
        yield in_state(state, {"state": state.value}, TO_TRANSFER)


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
    basis=Basis.DESIGN,
    source="screening and its effect by design, after the AML duty of Document 42",
    cure="None until enforcement clears the investor.",
)
def neither_side_is_frozen(case: TransferCase) -> Iterator[Facts]:
    """Status of both."""
    for side, party in (("sender", case.sender), ("receiver", case.receiver)):
        if party.status is InvestorStatus.FROZEN:
            yield {side: party.called, **party.file(status=InvestorStatus.FROZEN.value)}


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
        yield {
            "receiver": case.receiver.called,
            **case.receiver.file(eligible_until=until.isoformat()),
        }


@rule(
    "INV-10",
    "A holder keeps nothing or at least the plan's least holding, and nobody joins beyond the cap.",
    "持有人须全部转出或保留不低于最低持有额，且转让不得使持有人数超过上限。",
    basis=Basis.ANALOGY,
    source="CSRC announcement [2014] 49 art. 29",
    cure="Transfer the whole holding, or so much that both sides keep enough; at the cap, to a holder.",
)
def holdings_stay_within_the_plan(case: TransferCase) -> Iterator[Facts]:
    """What either side would hold afterwards, and whether the receiver would be one holder more."""
    if case.units == 0 or case.sender.wallet == case.receiver.wallet:
        return
    for party, change in ((case.sender, -case.units), (case.receiver, case.units)):
        would_hold = party.units + change
        if 0 < would_hold < case.terms.minimum:
            yield {"holder": party.called, "would_hold": would_hold, "minimum": case.terms.minimum}
    joins = case.receiver.units == 0 and case.sender.units != case.units
    if joins and case.holders >= case.terms.holder_cap:
        yield {"holders": case.holders, "cap": case.terms.holder_cap}


@rule(
    "INV-11",
    "Nothing is transferred before the lock-up of the plan has ended.",
    "锁定期届满前不得转让。",
    basis=Basis.DESIGN,
    source="lock-up by the filed plan",
    cure="Wait until the lock-up has ended.",
)
def lock_up_has_ended(case: TransferCase) -> Iterator[Facts]:
    """By UTC days, as the token counts."""
    ends = case.terms.lock_up_ends
    if ends is not None and case.utc_day < ends:
        yield {"lock_up_ends": ends.isoformat(), "today": case.utc_day.isoformat()}


TRANSFER_RULES: tuple[Rule[TransferCase], ...] = (
    deal_is_active,
    both_sides_are_admitted,
    neither_side_is_frozen,
    receiver_has_not_expired,
    holdings_stay_within_the_plan,
    lock_up_has_ended,
)
