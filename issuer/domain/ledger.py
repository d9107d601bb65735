"""Double entry: every movement of coin as postings that add up to zero.

An account is a string. Pots of the deal hold money and never go below zero:

    proceeds                 what investors paid, until it is used
    collections              converted revenue, until it is distributed
    reserve                  the reserve account
    carry:A:interest         cash of tranche A that did not divide by its units (also :principal)
    fee:trustee              a fee set apart for its payee
    payable:A                declared to the holders of tranche A
    residual:S               set apart for the holder of the retained tranche
    set_aside:A:H3           kept for an investor who may not be paid now

The outside world closes each entry: `obligors`, `holders:<investor>`, `payees:<payee>`, `uses:<use>`
fall when money comes from them and rise when it goes to them: all accounts together are always zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from issuer.domain.errors import IssuanceBug
from issuer.domain.waterfall import DealState, Distribution, Kind, PaymentLine

COLLECTIONS = "collections"
PROCEEDS = "proceeds"
RESERVE = "reserve"
OBLIGORS = "obligors"
OUTSIDE = ("obligors", "holders", "payees", "uses")


@dataclass(frozen=True, slots=True)
class Posting:
    """An account rises (positive) or falls (negative) by `amount_micro`."""

    account: str
    amount_micro: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement. Raises `IssuanceBug` at birth unless its postings add up to zero."""

    id: str
    memo: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        total = sum(posting.amount_micro for posting in self.postings)
        if total != 0:
            raise IssuanceBug(f"entry {self.id} is out of balance by {total}")


def fee_account(fee: str) -> str:
    """Where a fee waits for its payee."""
    return f"fee:{fee}"


def payable_account(tranche: str) -> str:
    """Where declared interest and principal wait for the holders."""
    return f"payable:{tranche}"


def residual_account(tranche: str) -> str:
    """Where the residual waits for the holder of the retained tranche."""
    return f"residual:{tranche}"


def carry_account(tranche: str, kind: Kind) -> str:
    """Where a tranche's carry stays; `kind` is interest or principal."""
    return f"carry:{tranche}:{kind.value}"


def set_aside_account(tranche: str, investor: str) -> str:
    """Where the money of an investor who may not be paid now is kept."""
    return f"set_aside:{tranche}:{investor}"


def subscription_entry(entry_id: str, investor: str, amount_micro: int) -> Entry:
    """An investor pays for units."""
    memo = f"subscription of {investor}"
    return _move(entry_id, memo, f"holders:{investor}", PROCEEDS, amount_micro)


def proceeds_entry(entry_id: str, use: str, amount_micro: int) -> Entry:
    """Proceeds go onshore, to a use that was filed."""
    return _move(entry_id, f"proceeds used: {use}", PROCEEDS, f"uses:{use}", amount_micro)


def reserve_funding_entry(entry_id: str, amount_micro: int) -> Entry:
    """The reserve is funded at closing, out of the proceeds."""
    return _move(entry_id, "reserve funded at closing", PROCEEDS, RESERVE, amount_micro)


def collection_entry(entry_id: str, batch_id: str, amount_micro: int) -> Entry:
    """A converted batch of revenue arrives."""
    return _move(entry_id, f"revenue batch {batch_id}", OBLIGORS, COLLECTIONS, amount_micro)


def distribution_entries(entry_prefix: str, distribution: Distribution) -> tuple[Entry, ...]:
    """One entry per step that moves money; together they empty the period's collections."""
    entries = (_line_entry(entry_prefix, distribution, line) for line in distribution.lines)
    return tuple(entry for entry in entries if entry.postings)


def fee_paid_entry(entry_id: str, fee: str, payee: str, amount_micro: int) -> Entry:
    """A fee reaches its payee."""
    return _move(entry_id, f"fee {fee} paid", fee_account(fee), f"payees:{payee}", amount_micro)


def residual_paid_entry(entry_id: str, tranche: str, payee: str, amount_micro: int) -> Entry:
    """The residual reaches the holder of the retained tranche."""
    source = residual_account(tranche)
    return _move(entry_id, f"residual {tranche} paid", source, f"payees:{payee}", amount_micro)


def retained_paid_entry(entry_id: str, tranche: str, payee: str, amount_micro: int) -> Entry:
    """Interest or principal of a retained tranche reaches the payee who holds it."""
    source = payable_account(tranche)
    return _move(entry_id, f"tranche {tranche} paid", source, f"payees:{payee}", amount_micro)


def holder_paid_entry(entry_id: str, tranche: str, investor: str, amount_micro: int) -> Entry:
    """An entitlement reaches its investor."""
    source, memo = payable_account(tranche), f"tranche {tranche} paid to {investor}"
    return _move(entry_id, memo, source, f"holders:{investor}", amount_micro)


def set_aside_entry(entry_id: str, tranche: str, investor: str, amount_micro: int) -> Entry:
    """An entitlement is kept for an investor who may not be paid now; that settles it."""
    source, memo = payable_account(tranche), f"tranche {tranche} set aside for {investor}"
    return _move(entry_id, memo, source, set_aside_account(tranche, investor), amount_micro)


def released_entry(entry_id: str, tranche: str, investor: str, amount_micro: int) -> Entry:
    """Money set aside reaches the cleared investor."""
    source, memo = set_aside_account(tranche, investor), f"tranche {tranche} released to {investor}"
    return _move(entry_id, memo, source, f"holders:{investor}", amount_micro)


def balances(entries: Iterable[Entry]) -> Mapping[str, int]:
    """What each account that was ever posted to holds, sorted by account; zeros included."""
    totals: dict[str, int] = {}
    for entry in entries:
        for posting in entry.postings:
            totals[posting.account] = totals.get(posting.account, 0) + posting.amount_micro
    return dict(sorted(totals.items()))


def require_covered(accounts: Mapping[str, int]) -> None:
    """Raise `IssuanceBug` if a pot of the deal is overdrawn: it paid money it never had."""
    for account, amount_micro in accounts.items():
        if amount_micro < 0 and account.split(":")[0] not in OUTSIDE:
            raise IssuanceBug(f"account {account} is overdrawn by {-amount_micro} micro-units")


def _line_entry(prefix: str, distribution: Distribution, line: PaymentLine) -> Entry:
    moved = {_destination(line): line.paid_micro}
    if line.kind in (Kind.INTEREST, Kind.PRINCIPAL):
        # A short step leaves what does not divide in the carry; the next one takes it out again.
        before = _carry(distribution.opening, line)
        moved[carry_account(line.subject, line.kind)] = _carry(distribution.closing, line) - before
    moved[COLLECTIONS] = -sum(moved.values())
    return Entry(
        f"{prefix}:{line.step}",
        f"period {distribution.period}, step {line.step}: {line.kind.value} {line.subject}",
        tuple(Posting(account, amount) for account, amount in moved.items() if amount),
    )


def _destination(line: PaymentLine) -> str:
    match line.kind:
        case Kind.FEE:
            return fee_account(line.subject)
        case Kind.TOP_UP:
            return RESERVE
        case Kind.RESIDUAL:
            return residual_account(line.subject)
        case Kind.INTEREST | Kind.PRINCIPAL:
            return payable_account(line.subject)


def _carry(state: DealState, line: PaymentLine) -> int:
    tranche = state.tranches[line.subject]
    if line.kind is Kind.INTEREST:
        return tranche.interest_carry_micro
    return tranche.principal_carry_micro


def _move(entry_id: str, memo: str, source: str, target: str, amount_micro: int) -> Entry:
    if amount_micro <= 0:
        raise IssuanceBug(f"entry {entry_id} moves {amount_micro} micro-units: nothing to post")
    return Entry(entry_id, memo, (Posting(source, -amount_micro), Posting(target, amount_micro)))
