"""Further assets for the pool: checked one by one against what was filed, stored, and then paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from issuer.documents.purchases import AssetPurchaseDocument, stored_form
from issuer.domain.errors import StateConflict
from issuer.domain.operations import OperationKind
from issuer.domain.payment import DistributionState
from issuer.domain.purchases import AssetPurchase, spent_micro
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.purchase_rules import PurchaseCase, examine_purchase
from issuer.domain.rulebook.rule import refuse
from issuer.domain.waterfall.distribution import Kind
from issuer.services.context import Context, log, stamp, today
from issuer.services.dossier import case_of
from issuer.services.log_comparison import content_of_purchase
from issuer.services.proceeds import USABLE
from issuer.store import cash, deals, filings, outbox, purchases

#: The amounts are fixed, and the seller is not paid yet.
_BEFORE_PAYMENT = frozenset(
    {DistributionState.DETERMINED, DistributionState.RECORDING, DistributionState.RECORDED}
)


def buy(
    context: Context, actor: Actor, deal_id: str, document: AssetPurchaseDocument
) -> AssetPurchase:
    """Enter a purchase whose every asset meets the criteria; otherwise nothing is stored."""
    authorise(actor, Act.BUY_ASSETS)
    with context.database.writing() as connection:
        deals.get(connection, deal_id)
        new = document.to_domain(deal_id, today(connection))
        filed = _filed(context, connection, deal_id)
        done = purchases.of_deal(connection, deal_id)
        if new.id in {each.id for each in done}:
            raise StateConflict(
                f"the purchase {new.id!r} is entered already",
                code="purchase.exists",
                purchase=new.id,
            )
        _require_before_payment(connection, new)
        case = PurchaseCase(
            new,
            filed.bundle.plan.revolving,
            set_aside_micro(connection, deal_id, new.seller) - spent_micro(done, new.seller),
        )
        before = tuple(each.asset for purchase in done for each in purchase.assets)
        refuse(f"buying assets for {deal_id}", examine_purchase(case, filed, before))
        form = stored_form(document)
        purchases.add(connection, new, form, stamp(connection))
        log(connection, actor, "buy_assets", f"{deal_id}/{new.id}", _facts(new, form))
    return new


def purchases_of(context: Context, actor: Actor, deal_id: str) -> tuple[AssetPurchase, ...]:
    """All purchases of a deal, oldest first."""
    authorise(actor, Act.READ_LEDGER)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return purchases.of_deal(connection, deal_id)


def set_aside_micro(connection: Connection, deal_id: str, seller: str) -> int:
    """What all payments determined so far have set aside for purchases from a seller."""
    return sum(
        each.figures.total(Kind.PURCHASE, seller)
        for each in cash.distributions(connection, deal_id)
    )


def owed_micro(connection: Connection, deal_id: str, seller: str, balance_micro: int) -> int:
    """What of the balance set aside for a seller it has sold assets for: it is paid for nothing else."""
    paid = set_aside_micro(connection, deal_id, seller) - balance_micro
    owed = spent_micro(purchases.of_deal(connection, deal_id), seller) - paid
    if not 0 <= owed <= balance_micro:
        raise StateConflict(
            f"{seller} would be owed {owed} micro-units for assets, and {balance_micro} are set aside: rows"
            " have been altered. Cure: restore the database from a copy",
            code="purchase.altered",
            seller=seller,
        )
    return owed


def _facts(new: AssetPurchase, form: dict[str, Any]) -> dict[str, Any]:
    return {
        "period": new.period,
        "price_micro": str(new.price_micro),
        "content_hash": content_of_purchase(form, new.bought_on.isoformat()),
    }


def _filed(context: Context, connection: Connection, deal_id: str) -> FilingCase:
    """The approved version, if it is in force and still the one that was approved."""
    filing = filings.standing_of_deal(connection, deal_id)
    if filing is None or filing.approval is None or filing.state not in USABLE:
        state = filing.state.value if filing else None
        raise StateConflict(
            "assets are bought once the notes are issued, while the filing is in force; its state is"
            f" {state or 'missing'}",
            code="purchase.not_now",
            state=state,
        )
    case = case_of(context, connection, filing, filing.approval.version)
    if case.bundle_hash != filing.approval.bundle_hash:
        raise StateConflict(
            f"the materials of {filing.id} are not those that were approved. Cure: put the database"
            " back from a copy",
            code="filing.altered",
        )
    return case


def _require_before_payment(connection: Connection, new: AssetPurchase) -> None:
    """Its period is determined, for certain, and its payment never asked for.

    One that the chain stopped may have paid the seller, and pays it once under its reference.
    """
    states = {each.period: each.state for each in cash.distributions(connection, new.deal_id)}
    state = states.get(new.period)
    distribution = f"{new.deal_id}-d{new.period}"
    if (
        state not in _BEFORE_PAYMENT
        or outbox.any_pending(connection, OperationKind.DETERMINE_DISTRIBUTION)
        or outbox.count(connection, OperationKind.PAY_DISTRIBUTION, distribution)
    ):
        raise StateConflict(
            f"assets are bought between the determination of period {new.period} and the first attempt to"
            f" pay it; its distribution is {state.value if state else 'not determined'}",
            code="purchase.not_between",
            period=new.period,
            state=state.value if state else None,
        )
