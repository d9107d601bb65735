"""Double entry: every movement of coin as postings that add up to zero.

An account is a string. Pots of the deal hold money and never go below zero:

    proceeds                 what investors paid, until it is used
    collections              converted revenue, until it is distributed
    reserve                  the reserve accounts together
    carry:A:interest         cash of tranche A that did not divide by its units (also :principal)
    fee:trustee              a fee set apart for its payee
    payable:A                declared to the holders of tranche A
    residual:S               set apart for the holder of the retained tranche
    support:parent           what a sponsor sent to stand in with, until it is needed
    repaid:parent            what is set apart to repay it
    purchase:originator      set apart for further assets of the pool
    set_aside:A:H3           kept for an investor who may not be paid now

The outside world closes each entry: `obligors`, `holders:<investor>`, `payees:<payee>`, `uses:<use>`,
`sponsors:<sponsor>`
fall when money comes from them and rise when it goes to them: all accounts together are always zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from issuer.domain.errors import IssuanceBug
from issuer.domain.waterfall.distribution import TO_HOLDERS, Distribution, Kind, PaymentLine

COLLECTIONS = "collections"
PROCEEDS = "proceeds"
RESERVE = "reserve"
OBLIGORS = "obligors"
OUTSIDE = ("obligors", "holders", "payees", "uses", "sponsors")


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


def support_account(sponsor: str) -> str:
    """Where a sponsor's money waits until a step needs it."""
    return f"support:{sponsor}"


def repaid_account(sponsor: str) -> str:
    """Where a repayment waits for the sponsor."""
    return f"repaid:{sponsor}"


def purchase_account(payee: str) -> str:
    """Where the price of further assets waits for their seller."""
    return f"purchase:{payee}"


def carry_account(tranche: str, kind: Kind) -> str:
    """Where a tranche's carry stays: one for its principal, one for all its interest."""
    pot = Kind.PRINCIPAL if kind is Kind.PRINCIPAL else Kind.INTEREST
    return f"carry:{tranche}:{pot.value}"


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


def support_entry(entry_id: str, sponsor: str, amount_micro: int) -> Entry:
    """A sponsor's money arrives."""
    target, memo = support_account(sponsor), f"support of {sponsor}"
    return _move(entry_id, memo, f"sponsors:{sponsor}", target, amount_micro)


def distribution_entries(entry_prefix: str, distribution: Distribution) -> tuple[Entry, ...]:
    """One entry per line that moves money; together they empty the period's collections."""
    entries = (
        _line_entry(f"{entry_prefix}:{number}", distribution.period, line)
        for number, line in enumerate(distribution.lines, start=1)
    )
    return tuple(entry for entry in entries if entry.postings)


def repaid_entry(entry_id: str, sponsor: str, payee: str, amount_micro: int) -> Entry:
    """A repayment reaches the sponsor."""
    source, memo = repaid_account(sponsor), f"support of {sponsor} repaid"
    return _move(entry_id, memo, source, f"payees:{payee}", amount_micro)


def purchase_paid_entry(entry_id: str, seller: str, payee: str, amount_micro: int) -> Entry:
    """The price of further assets reaches their seller."""
    source, memo = purchase_account(seller), f"assets bought from {seller}"
    return _move(entry_id, memo, source, f"payees:{payee}", amount_micro)


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


def final_paid_entry(entry_id: str, account: str, payee: str, amount_micro: int) -> Entry:
    """What the notes no longer need reaches its payee."""
    memo = f"final payment of {account}"
    return _move(entry_id, memo, account, f"payees:{payee}", amount_micro)


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


def _line_entry(entry_id: str, period: int, line: PaymentLine) -> Entry:
    moved = {}
    if (account := _destination(line)) is not None:
        moved[account] = line.paid_micro
    elif (source := _origin(line)) is not None:
        moved[source] = -line.paid_micro
    if line.kind in TO_HOLDERS:
        # A short step leaves what does not divide in the carry; the next one takes it out again.
        moved[carry_account(line.subject, line.kind)] = line.carry_micro
    moved[COLLECTIONS] = -sum(moved.values())
    return Entry(
        entry_id,
        f"period {period}, step {line.step}: {line.kind.value} {line.subject}",
        tuple(Posting(account, amount) for account, amount in moved.items() if amount),
    )


def _destination(line: PaymentLine) -> str | None:
    match line.kind:
        case Kind.TOP_UP:
            return RESERVE
        case Kind.INTEREST | Kind.INTEREST_ON_INTEREST | Kind.PRINCIPAL:
            return payable_account(line.subject)
        case _:
            return set_apart(line)


def set_apart(line: PaymentLine) -> str | None:
    """The account in which the line's money waits for a payee; None if no payee gets it."""
    match line.kind:
        case Kind.FEE:
            return fee_account(line.subject)
        case Kind.RESIDUAL:
            return residual_account(line.subject)
        case Kind.SUPPORT_REPAID:
            return repaid_account(line.subject)
        case Kind.PURCHASE:
            return purchase_account(line.subject)
        case _:
            return None


def _origin(line: PaymentLine) -> str | None:
    match line.kind:
        case Kind.DRAW | Kind.RELEASE:
            return RESERVE
        case Kind.SUPPORT:
            return support_account(line.subject)
        case _:
            return None


def _move(entry_id: str, memo: str, source: str, target: str, amount_micro: int) -> Entry:
    if amount_micro <= 0:
        raise IssuanceBug(f"entry {entry_id} moves {amount_micro} micro-units: nothing to post")
    return Entry(entry_id, memo, (Posting(source, -amount_micro), Posting(target, amount_micro)))
