"""ABSNL: the negative list of underlying assets, of 2024 or of 2014, down to the bottom asset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from issuer.domain.assets import Obligor, UnderlyingAsset
from issuer.domain.names import as_compared
from issuer.domain.regime import Basis, Regime, plain
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.look_through import beneath, bottom, pool
from issuer.domain.rulebook.rule import Facts, Rule, rule

_SOURCE = "AMAC negative list of underlying assets, revision of 29 March 2024, item"
_CURE = "State what is not stated; otherwise take the asset out of the pool."


# ---- the items that an asset meets by itself: what is found about it, if anything


def _local_government_debt(asset: UnderlyingAsset, regime: Regime) -> Iterator[Facts]:
    """The list of 2014 bars financing vehicles too, and lets disclosed subsidies pass.

    Who owes, if nobody states it, is asked for here under that list, and by ABSNL-2 under the other.
    """
    legacy = regime.negative_list == "2014"
    if legacy:
        yield from _payers_unknown(asset)
    barred = {"LOCAL_GOVERNMENT", "LGFV"} if legacy else {"LOCAL_GOVERNMENT"}
    for obligor in asset.obligors or ():
        if obligor.kind in barred and not (legacy and obligor.disclosed_subsidy):
            yield {"obligor": obligor.id, "kind": obligor.kind}
    if asset.adds_hidden_government_debt is None:
        yield {"adds_hidden_government_debt": stated(None)}
    elif asset.adds_hidden_government_debt:
        yield {"found": "adds hidden government debt"}


def _payers_unknown(asset: UnderlyingAsset) -> Iterator[Facts]:
    """A wrapper's payers are those beneath it."""
    if asset.obligors is None and not asset.underlying:
        yield {"obligors": stated(asset.obligors)}
    elif asset.obligors == () and not asset.underlying and not asset.dispersed_payers:
        yield {"obligors": "none named", "dispersed_payers": False}


def _uncertain_cash(asset: UnderlyingAsset, regime: Regime) -> Iterator[Facts]:
    if asset.asset_type in regime.uncertain_types:
        yield {"asset_type": asset.asset_type}


def _vacant_or_unbuilt(asset: UnderlyingAsset, regime: Regime) -> Iterator[Facts]:
    """The list of 2014 lets a share be undeveloped, that of 2024 speaks of no share."""
    if asset.occupancy is not None and asset.occupancy < regime.min_occupancy:
        yield {"occupancy": plain(asset.occupancy)}
    elif asset.occupancy is None and asset.asset_type in regime.real_estate_types:
        yield {"occupancy": stated(asset.occupancy)}
    if regime.negative_list == "2014":
        if _undeveloped(asset) > regime.undeveloped_share:
            yield {"undeveloped": plain(_undeveloped(asset))}
    elif asset.completed is False:
        yield {"found": "not completed"}
    if asset.completed is None and asset.asset_type in regime.real_estate_types:
        yield {"completed": stated(asset.completed)}


def _undeveloped(asset: UnderlyingAsset) -> Fraction:
    if asset.undeveloped_share is not None:
        return asset.undeveloped_share
    return Fraction(1) if asset.completed is False else Fraction(0)


def _cash_by_disposal(asset: UnderlyingAsset, _: Regime) -> Iterator[Facts]:
    if asset.cash_source != "OPERATION":
        yield {"cash_source": stated(asset.cash_source)}


def _unlawful(asset: UnderlyingAsset, _: Regime) -> Iterator[Facts]:
    if asset.legality_opinion != "CLEAN":
        yield {"legality_opinion": stated(asset.legality_opinion)}


_OWN_ITEMS: Mapping[str, Callable[[UnderlyingAsset, Regime], Iterator[Facts]]] = {
    "ABSNL-1": _local_government_debt,
    "ABSNL-3": _uncertain_cash,
    "ABSNL-4": _vacant_or_unbuilt,
    "ABSNL-5": _cash_by_disposal,
    "ABSNL-7": _unlawful,
}


def _in_register(case: FilingCase, item: str) -> Iterator[Facts]:
    for asset in case.bundle.assets:
        for facts in _OWN_ITEMS[item](asset, case.regime):
            yield {"asset": asset.id, **facts}


# ---- the rules


@rule(
    "ABSNL-1",
    "No asset breaks the rules on local-government debt, or adds to it.",
    "基础资产不得违反地方政府债务管理规定或新增地方政府债务。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 1; 2014: local governments and their financing vehicles as debtors",
    cure=_CURE,
    figures=("negative_list",),
)
def adds_no_local_government_debt(case: FilingCase) -> Iterator[Facts]:
    """Who owes, and what the asset adds."""
    yield from _in_register(case, "ABSNL-1")


@rule(
    "ABSNL-2",
    "No dishonest unit, and no group of related payers with one, is an important source of the"
    " pool's cash.",
    "失信被执行人等失信主体不得为重要现金流提供方，关联方合并计算。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 2; not in the list of 2014",
    cure="State who pays all of the cash, who of them is dishonest and whom they are related to; bring the"
    " payer's share, or its group's, down to the limit.",
    figures=("negative_list", "obligor_share", "related_group_share"),
)
def no_dishonest_unit_pays_much(case: FilingCase) -> Iterator[Facts]:
    """Shares are added up over all that lies in the pool, also beneath wrappers.

    By obligor and by group, so that a payer split into small slices is still one.
    """
    if case.regime.negative_list == "2014":
        return
    yield from _payers_unsaid(pool(case))
    payers = [obligor for asset in pool(case) for obligor in asset.obligors or ()]
    for own in _gathered(payers, lambda each: each.id):
        if _share(own) > case.regime.obligor_share and _dishonest(own):
            yield {"obligor": own[0].id, "share": plain(_share(own))}
    for related in _gathered(payers, lambda each: each.group):
        if _share(related) > case.regime.related_group_share and _dishonest(related):
            members = sorted({each.id for each in related})
            yield {"group": related[0].group, "obligors": members, "share": plain(_share(related))}


def _payers_unsaid(assets: tuple[UnderlyingAsset, ...]) -> Iterator[Facts]:
    """Who pays all of the cash is stated, and of each what must be known."""
    unknown = [(each.id, facts) for each in assets for facts in _payers_unknown(each)]
    for asset_id, facts in unknown:
        yield {"asset": asset_id, **facts}
    payers = [obligor for asset in assets for obligor in asset.obligors or ()]
    for payer in payers:
        yield from _unsaid(payer)
    paid, the_rest_unknown = _share(payers), unknown or not assets
    if paid > 1:
        yield {"share_of_all_payers": plain(paid), "at_most": "100 %"}
    elif paid < 1 and not (the_rest_unknown or any(each.dispersed_payers for each in assets)):
        yield {"share_of_all_payers": plain(paid), "who_pays_the_rest": stated(None)}


def _unsaid(payer: Obligor) -> Iterator[Facts]:
    """Whether it is dishonest, and, of what is no crowd, whom it is related to."""
    if payer.dishonest is None:
        yield {"obligor": payer.id, "dishonest": stated(payer.dishonest)}
    if payer.kind != "INDIVIDUALS" and payer.group is None and not payer.unrelated:
        yield {"obligor": payer.id, "group": stated(payer.group)}


def _gathered(
    payers: list[Obligor], key: Callable[[Obligor], str | None]
) -> Iterable[list[Obligor]]:
    """By name, however it is written: capitals make no two payers of one."""
    found: dict[str, list[Obligor]] = {}
    for each in payers:
        if (name := key(each)) is not None:
            found.setdefault(as_compared(name), []).append(each)
    return found.values()


def _share(payers: list[Obligor]) -> Fraction:
    return sum((each.share for each in payers), Fraction(0))


def _dishonest(payers: list[Obligor]) -> bool:
    return any(each.dishonest for each in payers)


@rule(
    "ABSNL-3",
    "No asset's cash flow is highly uncertain, as that of mineral or land-transfer rights is.",
    "现金流存在较大不确定性的资产（矿产资源开采收益权、土地出让收益权等）不得入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 3",
    cure=_CURE,
    figures=("uncertain_types",),
)
def cash_flow_is_not_uncertain(case: FilingCase) -> Iterator[Facts]:
    """By type of asset."""
    yield from _in_register(case, "ABSNL-3")


@rule(
    "ABSNL-4",
    "No real estate without stable cash flow because it is vacant or under construction.",
    "因空置、在建等原因不能产生稳定现金流的不动产及其租金债权不得入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 4; 2014: more than a tenth undeveloped",
    cure="Wait until it is completed and let, or take it out of the pool.",
    figures=("negative_list", "min_occupancy", "undeveloped_share", "real_estate_types"),
)
def real_estate_is_built_and_let(case: FilingCase) -> Iterator[Facts]:
    """Occupancy at least the minimum; completed, or in 2014 nearly so."""
    yield from _in_register(case, "ABSNL-4")


@rule(
    "ABSNL-5",
    "No asset that yields cash only when it is disposed of.",
    "不能直接产生现金流、仅依托处置资产才能产生现金流的资产不得入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 5",
    cure=_CURE,
)
def cash_comes_from_operation(case: FilingCase) -> Iterator[Facts]:
    """Bills of lading, warehouse receipts and documents of title yield none by themselves."""
    yield from _in_register(case, "ABSNL-5")


@rule(
    "ABSNL-6",
    "One pool holds one type of asset, unless it is said why several belong together.",
    "法律界定及业务形态不同且缺乏相关性的资产不得组合入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 6",
    cure="File the types apart, or justify the mix in plan.mixed_pool_justification.",
)
def one_type_in_one_pool(case: FilingCase) -> Iterator[Facts]:
    """The types of the bottom assets: a wrapper makes no two things one."""
    types = {leaf.asset_type for asset in case.bundle.assets for leaf in bottom(case, asset)}
    if len(types) > 1 and not case.bundle.plan.mixed_pool_justification:
        yield {"asset_types": sorted(types)}


@rule(
    "ABSNL-7",
    "No asset breaches law or policy.",
    "违反法律法规或者政策规定的资产不得入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 7",
    cure="Obtain a clean opinion, or take the asset out of the pool.",
)
def assets_are_lawful(case: FilingCase) -> Iterator[Facts]:
    """The opinion on the asset is clean."""
    yield from _in_register(case, "ABSNL-7")


@rule(
    "ABSNL-8",
    "Nothing whose bottom asset or source of cash is on the list, whatever it is wrapped in.",
    "最终底层资产或现金流来源属于负面清单情形的资产不得入池。",
    basis=Basis.SOURCE,
    source=f"{_SOURCE} 8; 2014: trust units over such assets",
    cure="Take the wrapper out of the pool, or describe all that lies beneath it, without a cycle.",
    figures=("negative_list", "look_through_depth"),
)
def bottom_assets_are_clean(case: FilingCase) -> Iterator[Facts]:
    """Each finding has the trace from the register's asset down; what cannot be seen is no better."""
    for asset in case.bundle.assets:
        for sighting in beneath(case, asset):
            where: dict[str, Any] = {"asset": asset.id, "trace": list(sighting.trace)}
            if sighting.asset is None:
                yield where | {"found": sighting.obstacle}
                continue
            for item, look in _OWN_ITEMS.items():
                for facts in look(sighting.asset, case.regime):
                    yield where | {"item": item, **facts}


NEGATIVE_LIST: tuple[Rule[FilingCase], ...] = (
    adds_no_local_government_debt,
    no_dishonest_unit_pays_much,
    cash_flow_is_not_uncertain,
    real_estate_is_built_and_let,
    cash_comes_from_operation,
    one_type_in_one_pool,
    assets_are_lawful,
    bottom_assets_are_clean,
)
