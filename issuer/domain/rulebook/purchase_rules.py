"""What is bought for the pool after the filing: CIR-14 is blocked by the criteria that were filed.

Each asset is looked at by itself, as those of the register were in the review, and the purchase as a
whole: that it is within its time, its price and the cash set aside for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from issuer.domain.assets import Asset
from issuer.domain.errors import Finding
from issuer.domain.plan import Revolving
from issuer.domain.purchases import AssetPurchase, OfferedAsset
from issuer.domain.regime import Basis, plain
from issuer.domain.rulebook.agreement_rules import assets_are_financed_once
from issuer.domain.rulebook.data_rules import REPORT_RULES, ReportCase
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.filing_rules import filer_controls_the_assets
from issuer.domain.rulebook.negative_list import (
    adds_no_local_government_debt,
    assets_are_lawful,
    bottom_assets_are_clean,
    cash_comes_from_operation,
    cash_flow_is_not_uncertain,
    one_type_in_one_pool,
    real_estate_is_built_and_let,
)
from issuer.domain.rulebook.negative_rules import title_is_clear
from issuer.domain.rulebook.rule import Facts, Rule, examine, rule
from issuer.domain.rulebook.token_rules import ALLOWED_ASSETS


@dataclass(frozen=True, slots=True)
class PurchaseCase:
    """A purchase about to be made, with what was filed and what is there to pay it with.

    `left_micro` is what payments have set aside for this seller and no earlier purchase has used.
    """

    purchase: AssetPurchase
    criteria: Revolving | None
    left_micro: int


@rule(
    "AC-4",
    "What is bought for the pool meets the filed criteria, in the filed time, and is worth its price.",
    "循环购买的基础资产应符合备案的入池标准，在备案的循环期内购买，且价格不高于资产余额。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20: the pool stays the one that was filed",
    cure="Offer assets that meet plan.revolving, at no more than their balance, while the period lasts;"
    " other criteria need an amendment.",
)
def purchase_meets_the_criteria(case: PurchaseCase) -> Iterator[Facts]:
    """The time, the price, then asset by asset each criterion it does not meet."""
    filed, bought = case.criteria, case.purchase
    if filed is None:
        yield {"revolving": stated(None)}
        return
    if bought.bought_on > filed.ends_on:
        yield {"bought_on": bought.bought_on.isoformat(), "ends_on": filed.ends_on.isoformat()}
    if bought.price_micro > bought.balance_micro:
        yield {"price_micro": bought.price_micro, "balance_micro": bought.balance_micro}
    for each in bought.assets:
        yield from _criteria(each, filed)


def _criteria(each: OfferedAsset, filed: Revolving) -> Iterator[Facts]:
    asset = each.asset
    if asset.asset_type not in filed.asset_types:
        yield _unmet(each, "asset_types", asset.asset_type, list(filed.asset_types))
    if each.rate < filed.min_rate:
        yield _unmet(each, "min_rate", plain(each.rate), plain(filed.min_rate))
    if each.months > filed.max_months:
        yield _unmet(each, "max_months", each.months, filed.max_months)
    if not 0 < asset.balance_micro <= filed.max_balance_micro:
        yield _unmet(each, "max_balance", asset.balance_micro, filed.max_balance_micro)
    if filed.locations and each.location not in filed.locations:
        yield _unmet(each, "locations", stated(each.location), list(filed.locations))


def _unmet(each: OfferedAsset, criterion: str, found: object, filed: object) -> Facts:
    return {"asset": each.asset.id, "criterion": criterion, "found": found, "filed": filed}


@rule(
    "TOK-06",
    "No more is bought than the priority of payments has set aside for it.",
    "循环购买金额不得超过分配顺序中为此划拨的资金。",
    basis=Basis.DESIGN,
    source="practice of ABS: purchases are a step of the filed order",
    cure="Buy for what is left of the amount set aside; the next payment may set aside more.",
)
def purchase_is_within_its_cash(case: PurchaseCase) -> Iterator[Facts]:
    """The price against what is left for this seller."""
    if not 0 < case.purchase.price_micro <= case.left_micro:
        yield {
            "seller": case.purchase.seller,
            "price_micro": case.purchase.price_micro,
            "set_aside_micro": case.left_micro,
        }


@rule(
    "TOK-03",
    "What is bought for the pool is real, stable and produces cash, too.",
    "循环购买的基础资产亦应真实、稳定、能够产生现金流。",
    basis=Basis.SOURCE,
    source="commentary: tolls, receivables, leases, rents, new-energy income",
    cure="Offer assets of a class of the list.",
)
def purchased_classes_are_allowed(case: PurchaseCase) -> Iterator[Facts]:
    """The class of each asset."""
    for each in case.purchase.assets:
        if each.asset.asset_type not in ALLOWED_ASSETS:
            yield {"asset": each.asset.id, "asset_type": each.asset.asset_type}


@rule(
    "NEG-06",
    "Nothing that its seller declares to be on the negative list is bought for the pool.",
    "转让方声明属于负面清单情形的资产不得循环购买。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, prohibited circumstances (6); list of 29 March 2024",
    cure="Leave the asset out of the offer.",
)
def nothing_declared_is_bought(case: PurchaseCase) -> Iterator[Facts]:
    """As it is offered; what the list itself finds is found by its items."""
    for each in case.purchase.assets:
        if each.asset.on_negative_list:
            yield {"asset": each.asset.id, "found": "declared by the seller"}


@rule(
    "ABSNL-2",
    "No dishonest unit pays for what is bought: its share of the whole pool is not measured anew.",
    "循环购买的基础资产，其付款方不得为失信被执行人等失信主体。",
    basis=Basis.SOURCE,
    source="AMAC negative list of underlying assets, revision of 29 March 2024, item 2; no share by design",
    cure="State who pays, or that they are dispersed, and that nobody named is dishonest; otherwise leave"
    " the asset out.",
)
def no_dishonest_unit_is_bought(case: PurchaseCase) -> Iterator[Facts]:
    """Of each asset who pays is known, and of each payer that it is honest."""
    for each in case.purchase.assets:
        named = each.asset.obligors
        if not named and not each.asset.dispersed_payers:
            yield {"asset": each.asset.id, "obligors": stated(None)}
        for payer in named or ():
            if payer.dishonest is not False:
                yield {
                    "asset": each.asset.id,
                    "obligor": payer.id,
                    "dishonest": stated(payer.dishonest),
                }


PURCHASE_RULES: tuple[Rule[PurchaseCase], ...] = (
    purchase_meets_the_criteria,
    purchase_is_within_its_cash,
    purchased_classes_are_allowed,
    nothing_declared_is_bought,
    no_dishonest_unit_is_bought,
)

#: Of the review's rules, those that an asset meets or not by itself.
_OF_EACH: tuple[Rule[FilingCase], ...] = (
    filer_controls_the_assets,
    title_is_clear,
    adds_no_local_government_debt,
    cash_flow_is_not_uncertain,
    real_estate_is_built_and_let,
    cash_comes_from_operation,
    assets_are_lawful,
    bottom_assets_are_clean,
)
#: And those that are about the pool with it.
_OF_THE_POOL: tuple[Rule[FilingCase], ...] = (assets_are_financed_once, one_type_in_one_pool)

PURCHASED_ASSET_RULES: tuple[Rule[FilingCase], ...] = (*_OF_EACH, *_OF_THE_POOL)


def examine_purchase(
    case: PurchaseCase, filed: FilingCase, bought_before: tuple[Asset, ...]
) -> tuple[Finding, ...]:
    """All that stands against the purchase; `filed` is the approved version as it lies there now."""
    offered = tuple(each.asset for each in case.purchase.assets)
    texts = {f"/assets/{index}/id": each.id for index, each in enumerate(offered)}
    pool = (*filed.bundle.assets, *bought_before, *offered)
    return (
        *examine(REPORT_RULES, ReportCase(texts)),
        *examine(PURCHASE_RULES, case),
        *examine(_OF_EACH, _holding(filed, offered, alone=True)),
        *examine(_OF_THE_POOL, _holding(filed, pool)),
    )


def _holding(filed: FilingCase, assets: tuple[Asset, ...], *, alone: bool = False) -> FilingCase:
    """The filing as if its register held these assets; `alone`, with nothing described beneath."""
    beneath = () if alone else filed.bundle.underlying_assets
    return replace(filed, bundle=replace(filed.bundle, assets=assets, underlying_assets=beneath))
