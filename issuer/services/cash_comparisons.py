"""Distributions, payments, books and coin: the database's word beside the chain's, fact by fact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from issuer.domain.ledger import (
    OUTSIDE,
    PROCEEDS,
    Entry,
    collection_entry,
    distribution_entries,
    reserve_funding_entry,
    subscription_entry,
)
from issuer.domain.operations import OperationKind
from issuer.domain.payment import DeterminedDistribution, DistributionState, HolderPayment, Outcome
from issuer.domain.roles import Role
from issuer.domain.subscription import SubscriptionState
from issuer.onchain import commands
from issuer.services import support, winding_up
from issuer.services.comparisons import Sides, arrivals, under_way
from issuer.services.payments import outgoing_entry, to_payees
from issuer.services.proceeds import entry_of as entry_of_transfer
from issuer.services.register import entry_of
from issuer.store import books, cash, deals, filings, proceeds, reported, subscriptions

_K = OperationKind
_S = DistributionState

#: Of `ICouponDistributor.State`.
_NOTHING, _RECORDED, _DECLARED, _PAID, _SKIPPED = range(5)
#: What the distributor may say of a distribution in each state. A payment that was stopped midway is
#: RECORDED again, and anybody may pay what is declared.
_STEPS = {
    _S.DETERMINED: {_NOTHING},
    _S.RECORDING: {_NOTHING, _RECORDED},
    _S.RECORDED: {_RECORDED, _DECLARED, _PAID, _SKIPPED},
    _S.PAYING: {_RECORDED, _DECLARED, _PAID, _SKIPPED},
    _S.PAID: {_PAID, _SKIPPED},
}


def compare(sides: Sides) -> None:
    """All of this module's facts."""
    found = [
        each
        for each in cash.distributions(sides.connection, sides.deal.id)
        if not sides.is_under_way(each.id, _K.DETERMINE_DISTRIBUTION)
    ]
    payments = {each.id: cash.holder_payments(sides.connection, each.id) for each in found}
    owed = 0
    for tranche in sides.deal.tokenised:
        owed += _distributions(sides, tranche.id, found, payments)
    _held(sides, [each for holders in payments.values() for each in holders])
    name = commands.COUPON_DISTRIBUTOR
    liabilities = sides.ask(name, sides.contracts.distributor, "liabilities")
    sides.check.same("coin", "of the holders", "liabilities", owed, liabilities)
    arrivals(sides.context, sides.connection, sides.deal, sides.history, sides.check)
    _books(sides, found, payments)
    _coin(sides)


# ---- distributions and holders of record


def _distributions(
    sides: Sides,
    tranche: str,
    found: list[DeterminedDistribution],
    payments: dict[str, tuple[HolderPayment, ...]],
) -> int:
    """The distributions of a tranche; returns the coin that its declared ones still owe."""
    facts, check = sides.facts[tranche], sides.check
    outstanding = sides.deal.tranche(tranche).denomination_micro
    written_down = capitalised = owed = 0
    for each in found:
        holders = [p for p in payments[each.id] if p.tranche_id == tranche]
        step = _distribution(sides, each, tranche, holders)
        if step in (_DECLARED, _PAID):
            figures = each.figures.of(tranche)
            outstanding = figures.outstanding_after_micro
            written_down += figures.written_down_micro
            capitalised += figures.capitalised_micro
            open_ones = (p for p in holders if p.outcome not in (Outcome.PAID, Outcome.RELEASED))
            owed += sum(p.total_micro for p in open_ones)
    for what, ours, theirs in (
        ("outstanding per unit", outstanding, facts.outstanding_per_unit_micro),
        ("written down per unit", written_down, facts.written_down_per_unit_micro),
        ("capitalised per unit", capitalised, facts.capitalised_per_unit_micro),
    ):
        check.same("tranche", tranche, what, ours, theirs)
    closed = sum(1 for each in found if each.epochs[tranche] < facts.epoch)
    check.same("tranche", tranche, "closed record dates", closed, facts.epoch - 1)
    return owed


def _distribution(
    sides: Sides, each: DeterminedDistribution, tranche: str, holders: list[HolderPayment]
) -> int:
    """One distribution of a tranche; returns how far the distributor is with it."""
    check, token, figures = sides.check, sides.contracts.tokens[tranche], each.figures.of(tranche)
    epoch, facts = each.epochs[tranche], sides.facts[tranche]
    name, subject = commands.COUPON_DISTRIBUTOR, f"{each.id} of {tranche}"
    payment = sides.ask(name, sides.contracts.distributor, "paymentOf", token, epoch)
    step = int(payment["state"])
    expected = _STEPS[each.state]
    said = step if step in expected else sorted(expected)
    check.same("distribution", subject, "state", said, step)
    if epoch == facts.epoch:
        on_chain = sides.ask("abs_token", token, "recordAt")
        check.same("distribution", subject, "record date", each.record_at, on_chain)
    if step in (_DECLARED, _PAID):
        for what, ours, theirs in (
            ("interest per unit", figures.interest_paid_micro, payment["interestPerUnit"]),
            ("principal per unit", figures.principal_paid_micro, payment["principalPerUnit"]),
        ):
            check.same("distribution", subject, what, ours, theirs)
    if each.state in (_S.DETERMINED, _S.RECORDING):
        return step
    check.same(
        "distribution", subject, "units of record", sum(p.units for p in holders), figures.units
    )
    # Once an epoch is settled the token no longer tells its balances: what was paid does.
    if facts.settled_epoch < epoch < facts.epoch:
        for wallet, units in _wallets(sides, token, holders).items():
            at_record = sides.ask("abs_token", token, "balanceAt", wallet, epoch)
            check.same("entitlement", f"{subject} to {wallet}", "units", units, at_record)
    for each_holder in holders:
        row = f"{subject} to {each_holder.investor_id}"
        owed = (each_holder.interest_micro, each_holder.principal_micro)
        per_unit = (figures.interest_paid_micro, figures.principal_paid_micro)
        due = tuple(each_holder.units * amount for amount in per_unit)
        check.same("entitlement", row, "amounts", owed, due)
    return step


def _wallets(sides: Sides, token: str, holders: list[HolderPayment]) -> dict[str, int]:
    units = {wallet: 0 for of, wallet in sides.history.balances if of == token}
    return units | {each.wallet: each.units for each in holders}


def _held(sides: Sides, payments: list[HolderPayment]) -> None:
    """What each wallet was paid, and what is kept for it: paid + credited + set aside is all of it."""
    check, paid = sides.check, Counter[str]()
    kept: dict[tuple[str, str, str], int] = defaultdict(int)
    for each in payments:
        if each.outcome in (Outcome.PAID, Outcome.RELEASED):
            paid[each.wallet] += each.total_micro
        for outcome, function in (
            (Outcome.SET_ASIDE, "setAsideOf"),
            (Outcome.CREDITED, "creditOf"),
        ):
            if each.outcome is outcome:
                kept[each.tranche_id, each.wallet, function] += each.total_micro
    for wallet in dict.fromkeys((*paid, *sides.history.paid_out)):
        on_chain = sides.history.paid_out.get(wallet, 0)
        check.same("payment", f"to {wallet}", "coin", paid[wallet], on_chain)
    for (tranche, wallet, function), amount in kept.items():
        token = sides.contracts.tokens[tranche]
        known = sides.history.eligibility.get((token, wallet))
        index, name = known.index if known else 0, commands.COUPON_DISTRIBUTOR
        on_chain = sides.ask(name, sides.contracts.distributor, function, token, index)
        check.same("payment", f"kept for {wallet} in {tranche}", function, amount, on_chain)


# ---- books

Posted = dict[str, dict[str, int]]
"""Entry -> account -> amount."""


def _books(
    sides: Sides,
    found: list[DeterminedDistribution],
    payments: dict[str, tuple[HolderPayment, ...]],
) -> None:
    """Each entry is the one that its cause makes; what moves coin by a reference moved it on chain."""
    posted: Posted = defaultdict(dict)
    for row in books.entries(sides.connection, sides.deal.id):
        posted[str(row["entry_id"])][str(row["account"])] = int(str(row["amount_micro"]))
    causes = (
        _of_subscriptions(sides),
        _of_collections(sides),
        _of_support(sides),
        _of_reserve(sides, posted),
        map(entry_of_transfer, proceeds.of_deal(sides.connection, sides.deal.id)),
        (entry for each in found for entry in distribution_entries(each.id, each.figures)),
        _of_holders((each for some in payments.values() for each in some), posted),
        (entry for each in found for entry in _of_payees(sides, each, posted)),
        _of_final_payments(sides, posted),
    )
    for entry in chain(*causes):
        ours = _shown(posted.pop(entry.id, {}))
        expected = _shown({each.account: each.amount_micro for each in entry.postings})
        sides.check.same("entry", entry.id, "postings", ours, expected)
    for entry_id, accounts in posted.items():
        sides.check.same("entry", entry_id, "postings", _shown(accounts), None)


def _shown(accounts: dict[str, int]) -> str | None:
    return ", ".join(f"{name} {amount:+d}" for name, amount in sorted(accounts.items())) or None


def _of_subscriptions(sides: Sides) -> Iterator[Entry]:
    for each in subscriptions.of_deal(sides.connection, sides.deal.id):
        if each.state is SubscriptionState.ISSUED and each.price_micro > 0:
            name = f"subscription:{each.id}"
            yield subscription_entry(name, each.investor_id, each.price_micro)


def _of_collections(sides: Sides) -> Iterator[Entry]:
    for row in cash.batches(sides.connection, sides.deal.id):
        if row["state"] == cash.AVAILABLE and (row["coin_micro"] or 0) > 0:
            yield collection_entry(f"collection:{row['id']}", row["id"], row["coin_micro"])


def _of_support(sides: Sides) -> Iterator[Entry]:
    for payment, state in reported.support(sides.connection, sides.deal.id):
        if state == cash.AVAILABLE and payment.amount_micro > 0:
            yield support.entry_of(payment)


def _of_reserve(sides: Sides, posted: Posted) -> Iterator[Entry]:
    deal, issuer = sides.deal, sides.context.chain.account_of(Role.ISSUER)
    reference = commands.digest(f"{deal.id}:reserve:opening")
    funded = sides.history.references.get((issuer, reference))
    closing = any(kind is _K.CLOSE_OFFERING for kind, _ in sides.under_way)
    if funded is None or (closing and "reserve:opening" not in posted):
        return
    yield reserve_funding_entry("reserve:opening", funded[1])


def _of_holders(payments: Iterable[HolderPayment], posted: Posted) -> Iterator[Entry]:
    for each in payments:
        if each.outcome is Outcome.DUE or each.total_micro <= 0:
            continue
        if each.outcome is Outcome.RELEASED:
            credited = entry_of(each, Outcome.CREDITED)
            yield credited if credited.id in posted else entry_of(each, Outcome.SET_ASIDE)
        yield entry_of(each, each.outcome)


def _of_payees(sides: Sides, found: DeterminedDistribution, posted: Posted) -> Iterator[Entry]:
    payer = sides.context.chain.account_of(Role.PAYING_AGENT)
    paying = sides.is_under_way(found.id, _K.PAY_DISTRIBUTION)
    for each in to_payees(sides.deal, found).values():
        sent = sides.history.references.get((payer, commands.digest(each["reference"])))
        if sent is None or (paying and f"paid:{each['reference']}" not in posted):
            continue
        payee = sides.context.chain.payee_account(each["payee"])
        sides.check.same("coin", f"of {each['reference']}", "receiver", payee, sent[0])
        yield outgoing_entry({**each, "amount_micro": sent[1]})


def _of_final_payments(sides: Sides, posted: Posted) -> Iterator[Entry]:
    filing = filings.standing_of_deal(sides.connection, sides.deal.id)
    if filing is None:
        return
    payer = sides.context.chain.account_of(Role.PAYING_AGENT)
    paying = sides.is_under_way(filing.id, _K.PAY_FINAL)
    for each in winding_up.references_of(sides.connection, sides.deal, filing.id):
        sent = sides.history.references.get((payer, commands.digest(each["reference"])))
        if sent is None or (paying and f"paid:{each['reference']}" not in posted):
            continue
        payee = sides.context.chain.payee_account(each["payee"])
        sides.check.same("coin", f"of {each['reference']}", "receiver", payee, sent[0])
        yield winding_up.entry_of({**each, "amount_micro": sent[1]})


# ---- coin


def _coin(sides: Sides) -> None:
    """The deals of one coin share its account: together their books hold no more than is there."""
    connection, context, coin = sides.connection, sides.context, sides.contracts.coin
    name, booked, holders = commands.coin_name(sides.deal), 0, set[str]()
    for deal_id in deals.all_ids(connection):
        symbol = deals.get_document(connection, deal_id)["settlement"]["symbol"]
        book = deals.address_book(connection, deal_id)
        if symbol != sides.deal.settlement.symbol or commands.COUPON_DISTRIBUTOR not in book:
            continue
        paying = (_K.PAY_DISTRIBUTION, _K.PAY_FINAL)
        if any(kind in paying for kind, _ in under_way(context, connection, deal_id)):
            return  # payees are paid on chain before the books hear of it
        holders.add(book[commands.COUPON_DISTRIBUTOR].address)
        booked += sum(
            amount
            for account, amount in books.balances(connection, deal_id).items()
            if account.partition(":")[0] not in (*OUTSIDE, PROCEEDS)
        )
    account = context.chain.account_of(Role.PAYING_AGENT)
    there = sum(sides.ask(name, coin, "balanceOf", each) for each in (account, *sorted(holders)))
    sides.check.covered("coin", sides.deal.settlement.symbol, "held for the deals", booked, there)
