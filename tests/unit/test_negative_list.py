"""The negative list of underlying assets: each item, its boundary, and what lies beneath wrappers."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from issuer.domain.assets import Asset, Obligor, UnderlyingAsset
from issuer.domain.regime import Regime
from issuer.domain.rulebook import negative_list as rules
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    GOOD_FILING,
    Breach,
    assert_found,
    changed_first_asset,
    with_asset,
    with_bundle,
)

FIRST = BUNDLE.assets[0]
WHOLE_LIST = frozenset({"NEG-06"})
LEGACY = Regime(negative_list="2014")


def owed_by(*obligors: Obligor) -> FilingCase:
    """The good case, its first asset owed by these, and the rest of the pool by a crowd."""
    rest = {"obligors": (), "dispersed_payers": True}
    first, *others = changed_first_asset(obligors=obligors)
    return with_bundle(assets=(first, *(replace(each, **rest) for each in others)))


def government(name: str, kind: str, **facts: Any) -> Obligor:
    honest = Obligor(name, kind, Fraction(1, 100), dishonest=False, unrelated=True)
    return replace(honest, **facts)


def payer(name: str, percent: str, **facts: Any) -> Obligor:
    share = Fraction(percent) / 100
    alone = "group" not in facts
    return replace(Obligor(name, "COMPANY", share, dishonest=True, unrelated=alone), **facts)


def wrapped(*beneath: UnderlyingAsset, first: tuple[str, ...] = ("UNIT-1",)) -> FilingCase:
    """The good case, its first asset a wrapper over these."""
    assets = changed_first_asset(underlying=first, obligors=None)
    return with_bundle(assets=assets, underlying_assets=beneath)


def unit(name: str, *underlying: str, **facts: Any) -> UnderlyingAsset:
    """An asset of which everything is stated, and nothing is wrong unless `facts` say so."""
    bare = UnderlyingAsset(id=name, asset_type="EV_CHARGING_INCOME", underlying=underlying)
    well = replace(
        bare,
        sector="EV_CHARGING",
        sector_barred=False,
        adds_hidden_government_debt=False,
        cash_source="OPERATION",
        in_dispute=False,
        transferable=True,
        obligors=None if underlying else (),
        dispersed_payers=not underlying,
        legality_opinion="CLEAN",
        liens=(),
    )
    return replace(well, **facts)


def under(regime: Regime, case: FilingCase) -> FilingCase:
    return replace(case, regime=regime)


def real_estate(**facts: Any) -> FilingCase:
    """The good case as rented property, its first asset changed."""
    let = {"asset_type": "CRE_RENT", "revenue_history": (), "occupancy": Fraction(95, 100)}
    assets: list[Asset] = [replace(each, **let) for each in BUNDLE.assets]
    return with_bundle(assets=(replace(assets[0], **facts), *assets[1:]))


def chain(levels: int, **facts: Any) -> FilingCase:
    """A wrapper over as many levels, the last of them changed."""
    names = [f"UNIT-{n}" for n in range(1, levels + 1)]
    middle = [unit(name, after) for name, after in pairwise(names)]
    return wrapped(*middle, unit(names[-1], **facts))


def found(name: str, rule: Any, case: FilingCase, *facts: dict[str, Any], also: str = "") -> Breach:
    return Breach(name, rule, case, facts, WHOLE_LIST | set(also.split()))


BREACHES = [
    found(
        "local government owes",
        rules.adds_no_local_government_debt,
        owed_by(government("COUNTY-1", "LOCAL_GOVERNMENT")),
        {"asset": FIRST.id, "obligor": "COUNTY-1", "kind": "LOCAL_GOVERNMENT"},
    ),
    found(
        "hidden government debt",
        rules.adds_no_local_government_debt,
        with_asset(adds_hidden_government_debt=True),
        {"asset": FIRST.id, "found": "adds hidden government debt"},
    ),
    found(
        "financing vehicle owes, under the list of 2014",
        rules.adds_no_local_government_debt,
        under(LEGACY, owed_by(government("CITY-INVEST", "LGFV"))),
        {"asset": FIRST.id, "obligor": "CITY-INVEST", "kind": "LGFV"},
    ),
    found(
        "dishonest payer of a little more than fifteen percent",
        rules.no_dishonest_unit_pays_much,
        owed_by(payer("FLEET", "15.0000000001")),
        {"obligor": "FLEET", "share": "15.0000000001 %"},
    ),
    found(
        "dishonest payer of sixteen percent in slices of several assets",
        rules.no_dishonest_unit_pays_much,
        with_bundle(
            assets=tuple(
                replace(each, obligors=(payer("FLEET", "3.2"),), dispersed_payers=True)
                for each in BUNDLE.assets
            )
        ),
        {"obligor": "FLEET", "share": "16 %"},
    ),
    found(
        "dishonest payer of sixteen percent, half of it beneath a wrapper",
        rules.no_dishonest_unit_pays_much,
        with_bundle(
            assets=changed_first_asset(obligors=(payer("FLEET", "8"),), underlying=("UNIT-1",)),
            underlying_assets=(unit("UNIT-1", obligors=(payer("FLEET", "8"),)),),
        ),
        {"obligor": "FLEET", "share": "16 %"},
    ),
    found(
        "related payers of twenty-one percent, one of them dishonest",
        rules.no_dishonest_unit_pays_much,
        owed_by(
            payer("FLEET-1", "7", group="G", dishonest=False),
            payer("FLEET-2", "7", group="G", dishonest=False),
            payer("FLEET-3", "7", group="G"),
        ),
        {"group": "G", "obligors": ["FLEET-1", "FLEET-2", "FLEET-3"], "share": "21 %"},
    ),
    found(
        "one dishonest payer of sixteen percent under two spellings",
        rules.no_dishonest_unit_pays_much,
        owed_by(payer("FLEET-1", "8"), payer("fleet_1", "8")),
        {"obligor": "FLEET-1", "share": "16 %"},
    ),
    found(
        "related payers of twenty-one percent whose group has two spellings",
        rules.no_dishonest_unit_pays_much,
        owed_by(payer("FLEET-1", "10", group="G"), payer("FLEET-2", "11", group="g")),
        {"group": "G", "obligors": ["FLEET-1", "FLEET-2"], "share": "21 %"},
    ),
    found(
        "hidden government debt of which nobody says anything",
        rules.adds_no_local_government_debt,
        with_asset(adds_hidden_government_debt=None),
        {"asset": FIRST.id, "adds_hidden_government_debt": "not stated"},
    ),
    found(
        "source of cash that nobody states",
        rules.cash_comes_from_operation,
        with_asset(cash_source=None),
        {"asset": FIRST.id, "cash_source": "not stated"},
    ),
    found(
        "payer of whom nobody says whether it is dishonest, or related",
        rules.no_dishonest_unit_pays_much,
        owed_by(payer("FLEET", "1", dishonest=None, unrelated=False)),
        {"obligor": "FLEET", "dishonest": "not stated"},
        {"obligor": "FLEET", "group": "not stated"},
    ),
    found(
        "payers of more than all",
        rules.no_dishonest_unit_pays_much,
        owed_by(payer("FLEET", "100.0000000001", dishonest=False)),
        {"share_of_all_payers": "100.0000000001 %", "at_most": "100 %"},
    ),
    found(
        "payers of a little less than all, and nobody says who pays the rest",
        rules.no_dishonest_unit_pays_much,
        with_asset(obligors=(payer("FLEET", "29.0199999999", dishonest=False),)),
        {"share_of_all_payers": "99.9999999999 %", "who_pays_the_rest": "not stated"},
    ),
    found(
        "payers that nobody states",
        rules.no_dishonest_unit_pays_much,
        with_asset(obligors=None),
        {"asset": FIRST.id, "obligors": "not stated"},
    ),
    found(
        "no payers, and not said to be dispersed",
        rules.no_dishonest_unit_pays_much,
        with_asset(obligors=()),
        {"asset": FIRST.id, "obligors": "none named", "dispersed_payers": False},
    ),
    found(
        "payers that nobody states beneath a wrapper",
        rules.no_dishonest_unit_pays_much,
        wrapped(unit("UNIT-1", obligors=None)),
        {"asset": "UNIT-1", "obligors": "not stated"},
    ),
    found(
        "payers that nobody states, under the list of 2014",
        rules.adds_no_local_government_debt,
        under(LEGACY, with_asset(obligors=None)),
        {"asset": FIRST.id, "obligors": "not stated"},
    ),
    found(
        "mineral right",
        rules.cash_flow_is_not_uncertain,
        with_bundle(
            assets=tuple(replace(each, asset_type="MINERAL_RIGHT") for each in BUNDLE.assets)
        ),
        *({"asset": each.id, "asset_type": "MINERAL_RIGHT"} for each in BUNDLE.assets),
    ),
    found(
        "real estate a little too vacant",
        rules.real_estate_is_built_and_let,
        real_estate(occupancy=Fraction(7999, 10000)),
        {"asset": FIRST.id, "occupancy": "79.99 %"},
    ),
    found(
        "real estate whose occupancy nobody states",
        rules.real_estate_is_built_and_let,
        real_estate(occupancy=None),
        {"asset": FIRST.id, "occupancy": "not stated"},
    ),
    found(
        "real estate of which nobody states that it is completed",
        rules.real_estate_is_built_and_let,
        real_estate(completed=None),
        {"asset": FIRST.id, "completed": "not stated"},
    ),
    found(
        "real estate of which nobody states that it is completed, under the list of 2014",
        rules.real_estate_is_built_and_let,
        under(LEGACY, real_estate(completed=None)),
        {"asset": FIRST.id, "completed": "not stated"},
    ),
    found(
        "under construction",
        rules.real_estate_is_built_and_let,
        real_estate(completed=False, undeveloped_share=Fraction(1, 100)),
        {"asset": FIRST.id, "found": "not completed"},
    ),
    found(
        "a little more than a tenth undeveloped, under the list of 2014",
        rules.real_estate_is_built_and_let,
        under(LEGACY, real_estate(undeveloped_share=Fraction(1001, 10000))),
        {"asset": FIRST.id, "undeveloped": "10.01 %"},
    ),
    found(
        "under construction to a share that nobody states, under the list of 2014",
        rules.real_estate_is_built_and_let,
        under(LEGACY, real_estate(completed=False)),
        {"asset": FIRST.id, "undeveloped": "100 %"},
    ),
    found(
        "warehouse receipts",
        rules.cash_comes_from_operation,
        with_asset(cash_source="DISPOSAL_ONLY"),
        {"asset": FIRST.id, "cash_source": "DISPOSAL_ONLY"},
    ),
    found(
        "two types in one pool",
        rules.one_type_in_one_pool,
        with_asset(asset_type="TOLL_RIGHT"),
        {"asset_types": ["EV_CHARGING_INCOME", "TOLL_RIGHT"]},
    ),
    found(
        "two types beneath wrappers of one type",
        rules.one_type_in_one_pool,
        wrapped(replace(unit("UNIT-1"), asset_type="TOLL_RIGHT")),
        {"asset_types": ["EV_CHARGING_INCOME", "TOLL_RIGHT"]},
    ),
    *(
        found(
            f"{opinion} opinion",
            rules.assets_are_lawful,
            with_asset(legality_opinion=opinion),
            {"asset": FIRST.id, "legality_opinion": opinion},
        )
        for opinion in ("QUALIFIED", "ADVERSE")
    ),
    found(
        "no opinion",
        rules.assets_are_lawful,
        with_asset(legality_opinion=None),
        {"asset": FIRST.id, "legality_opinion": "not stated"},
    ),
    found(
        "no opinion on the asset beneath a wrapper",
        rules.bottom_assets_are_clean,
        wrapped(unit("UNIT-1", legality_opinion=None)),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, "UNIT-1"],
            "item": "ABSNL-7",
            "legality_opinion": "not stated",
        },
    ),
    found(
        "bad asset at the bottom",
        rules.bottom_assets_are_clean,
        chain(3, cash_source="DISPOSAL_ONLY"),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, "UNIT-1", "UNIT-2", "UNIT-3"],
            "item": "ABSNL-5",
            "cash_source": "DISPOSAL_ONLY",
        },
    ),
    found(
        "local government at the bottom",
        rules.bottom_assets_are_clean,
        chain(1, obligors=(government("COUNTY-1", "LOCAL_GOVERNMENT"),)),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, "UNIT-1"],
            "item": "ABSNL-1",
            "obligor": "COUNTY-1",
            "kind": "LOCAL_GOVERNMENT",
        },
    ),
    found(
        "nest deeper than anybody looks",
        rules.bottom_assets_are_clean,
        chain(6),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, *(f"UNIT-{n}" for n in range(1, 7))],
            "found": "deeper than 5 levels",
        },
        also="ABSNL-2",
    ),
    found(
        "cycle",
        rules.bottom_assets_are_clean,
        wrapped(unit("UNIT-1", "UNIT-2"), unit("UNIT-2", "UNIT-1")),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, "UNIT-1", "UNIT-2", "UNIT-1"],
            "found": "cycle",
        },
        also="ABSNL-2",
    ),
    found(
        "wrapper over itself",
        rules.bottom_assets_are_clean,
        wrapped(first=(FIRST.id,)),
        {"asset": FIRST.id, "trace": [FIRST.id, FIRST.id], "found": "cycle"},
        also="ABSNL-2",
    ),
    found(
        "asset that nobody describes",
        rules.bottom_assets_are_clean,
        wrapped(unit("UNIT-1", "UNIT-9")),
        {
            "asset": FIRST.id,
            "trace": [FIRST.id, "UNIT-1", "UNIT-9"],
            "found": "not described in underlying_assets",
        },
        also="ABSNL-2",
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_asset_on_the_list_is_refused_by_its_item_and_by_the_list_as_a_whole(
    breach: Breach,
) -> None:
    assert_found(REVIEW_RULES, breach)


ALLOWED = {
    "the-example": GOOD_FILING,
    "the-example-under-2014": under(LEGACY, GOOD_FILING),
    "financing-vehicle-under-2024": owed_by(government("CITY-INVEST", "LGFV")),
    "disclosed-subsidy-under-2014": under(
        LEGACY,
        owed_by(government("COUNTY-1", "LOCAL_GOVERNMENT", disclosed_subsidy=True)),
    ),
    "dishonest-payer-of-exactly-fifteen-percent": owed_by(payer("FLEET", "15")),
    "honest-payer-of-everything": owed_by(payer("FLEET", "100", dishonest=False)),
    "many-small-payers": with_asset(obligors=(), dispersed_payers=True),
    "wrapper-whose-payers-are-those-beneath": with_bundle(
        assets=changed_first_asset(obligors=None, underlying=("UNIT-1",)),
        underlying_assets=(unit("UNIT-1"),),
    ),
    "charging-income-of-which-nobody-states-that-it-is-completed": with_asset(completed=None),
    "related-payers-of-exactly-twenty-percent": owed_by(
        payer("FLEET-1", "10", group="G"), payer("FLEET-2", "10", group="G")
    ),
    "related-and-honest": owed_by(payer("FLEET", "60", group="G", dishonest=False)),
    "dishonest-payers-that-nothing-relates": owed_by(payer("A", "15"), payer("B", "15")),
    "dishonest-payer-under-2014": under(LEGACY, owed_by(payer("FLEET", "90"))),
    "occupancy-at-the-minimum": real_estate(occupancy=Fraction(80, 100)),
    "a-tenth-undeveloped-under-2014": under(
        LEGACY, real_estate(completed=False, undeveloped_share=Fraction(10, 100))
    ),
    "mix-that-is-justified": replace(
        with_asset(asset_type="TOLL_RIGHT"),
        bundle=replace(
            BUNDLE,
            assets=changed_first_asset(asset_type="TOLL_RIGHT"),
            plan=replace(BUNDLE.plan, mixed_pool_justification="One toll road, its own chargers."),
        ),
    ),
    "as-deep-as-anybody-looks": chain(5),
    "one-asset-beneath-two-units": wrapped(
        unit("UNIT-1", "UNIT-3"),
        unit("UNIT-2", "UNIT-3"),
        unit("UNIT-3"),
        first=("UNIT-1", "UNIT-2"),
    ),
    "bad-asset-described-but-beneath-nothing": with_bundle(
        underlying_assets=(unit("UNIT-1", cash_source="DISPOSAL_ONLY"),)
    ),
}


@pytest.mark.parametrize("case", ALLOWED.values(), ids=ALLOWED.keys())
def test_asset_that_the_list_lets_pass_is_accepted(case: FilingCase) -> None:
    assert examine(REVIEW_RULES, case) == ()


def test_payer_beneath_two_wrappers_is_counted_once() -> None:
    case = wrapped(
        unit("UNIT-1", "UNIT-3"),
        unit("UNIT-2", "UNIT-3"),
        unit("UNIT-3", obligors=(payer("FLEET", "15"),)),
        first=("UNIT-1", "UNIT-2"),
    )
    assert examine(REVIEW_RULES, case) == ()


def test_bad_asset_beneath_a_cycle_is_found_as_well_as_the_cycle() -> None:
    case = wrapped(
        unit("UNIT-1", "UNIT-2", "UNIT-3"),
        unit("UNIT-2", "UNIT-1"),
        unit("UNIT-3", completed=False),
    )
    facts = [each.facts for each in examine((rules.bottom_assets_are_clean,), case)]
    assert [each.get("found") for each in facts] == ["cycle", "not completed"]
    assert facts[1]["trace"] == [FIRST.id, "UNIT-1", "UNIT-3"]
