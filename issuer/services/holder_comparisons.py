"""Investors, holders and mints: the database's word beside the chain's, fact by fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from issuer.documents.hashes import document_hash
from issuer.domain.investor import InvestorStatus, day_number
from issuer.domain.operations import OperationKind
from issuer.domain.subscription import Subscription, SubscriptionState
from issuer.onchain.history import Mint
from issuer.services.comparisons import Sides
from issuer.store import books, subscriptions
from issuer.store.evidence import Admitted

_K = OperationKind


def compare(sides: Sides) -> None:
    """All of this module's facts."""
    _investors(sides)
    for tranche in sides.deal.tokenised:
        _units(sides, tranche.id)


# ---- investors

_OF_INVESTOR = (
    _K.ADMIT_INVESTOR,
    _K.RENEW_INVESTOR,
    _K.FREEZE_INVESTOR,
    _K.CLEAR_INVESTOR,
    _K.RECOVER_WALLET,
)


def _investors(sides: Sides) -> None:
    unknown = {wallet for _, wallet in sides.history.eligibility}
    for each in sides.admitted:
        unknown.discard(each.wallet)
        if not sides.is_under_way(each.id, *_OF_INVESTOR):
            _investor(sides, each)
    for wallet in sorted(unknown):
        sides.check.same("investor", f"of {wallet}", "admission", None, "admitted")


def _investor(sides: Sides, each: Admitted) -> None:
    """The hash of the document stands for all that is in it: class, residency, owners."""
    check, history = sides.check, sides.history
    named = history.wallet_now(each.document.get("wallet", ""))
    check.same("investor", each.id, "wallet", named, each.wallet)
    relied_on = history.evidence.get(each.wallet)
    check.same("investor", each.id, "evidence", document_hash(each.document), relied_on)
    until = day_number(date.fromisoformat(each.eligible_until))
    frozen = each.status == InvestorStatus.FROZEN
    for tranche, token in sides.contracts.tokens.items():
        written = history.eligibility.get((token, each.wallet))
        said = written.expiry_day if written else None
        check.same("investor", each.id, f"expiry in {tranche}", until, said)
        on_chain = history.frozen.get((token, each.wallet), False)
        check.same("investor", each.id, f"freeze in {tranche}", frozen, on_chain)


# ---- units


def _units(sides: Sides, tranche: str) -> None:
    token, facts, check = sides.contracts.tokens[tranche], sides.facts[tranche], sides.check
    register = books.register(sides.connection, sides.deal.id, tranche)
    on_chain = {
        wallet: units for (of, wallet), units in sides.history.balances.items() if of == token
    }
    for wallet in dict.fromkeys((*register, *on_chain)):
        held = on_chain.get(wallet, 0)
        check.same("holder", f"{wallet} of {tranche}", "units", register.get(wallet, 0), held)
    supply = facts.supply
    check.same("tranche", tranche, "units in the register", sum(register.values()), supply)
    _subscriptions(sides, tranche)


def _subscriptions(sides: Sides, tranche: str) -> None:
    """Each mint on chain is one subscription, by its number."""
    token, facts, check = sides.contracts.tokens[tranche], sides.facts[tranche], sides.check
    wallets = {each.id: each.wallet for each in sides.admitted}
    history = sides.history
    minted = {
        number: [replace(each, wallet=history.wallet_now(each.wallet)) for each in mints]
        for (of, number), mints in history.mints.items()
        if of == token
    }
    ours = _allotted(sides, tranche, frozenset(minted))
    for number in sorted({*minted, *ours}):
        mint = _mint(minted.get(number, ()))
        for each in ours.get(number, ()):
            wallet = wallets.get(each.investor_id, each.investor_id)
            allotted = _mint([Mint(wallet, each.units, each.price_micro)])
            check.same("subscription", each.id, "mint", allotted, mint)
        if number not in ours:
            check.same("subscription", f"of operation {number} in {tranche}", "mint", None, mint)
    issued = sum(each.units for some in ours.values() for each in some)
    ever = facts.supply + history.retired.get(token, 0)
    check.same("tranche", tranche, "units issued", issued, ever)
    check.same("tranche", tranche, "operations", max(ours, default=0), facts.operation_count)


def _allotted(
    sides: Sides, tranche: str, minted: frozenset[int]
) -> Mapping[int, Sequence[Subscription]]:
    """By operation number, what is on chain by our account; what is on its way may have arrived."""
    found: dict[int, list[Subscription]] = defaultdict(list)
    price = sides.deal.tranche(tranche).denomination_micro
    for each in subscriptions.of_deal(sides.connection, sides.deal.id):
        if each.tranche_id != tranche:
            continue
        number = each.operation_number
        if each.state not in (SubscriptionState.ISSUING, SubscriptionState.ISSUED):
            sides.check.same("subscription", each.id, "operation number", number, None)
            due = each.units * price
            sides.check.same("subscription", each.id, "price", each.price_micro, due)
        elif each.state is SubscriptionState.ISSUING:
            moving = sides.is_under_way(each.id, _K.ISSUE_UNITS)
            sides.check.same("subscription", each.id, "on its way", True, moving)
        if each.state is SubscriptionState.ISSUED or (
            each.state is SubscriptionState.ISSUING and number in minted
        ):
            found[number or 0].append(each)
    return found


def _mint(mints: Sequence[Mint]) -> str | None:
    said = (f"{each.units} units to {each.wallet} for {each.price_micro}" for each in mints)
    return ", ".join(said) or None
