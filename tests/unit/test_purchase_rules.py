"""What may be bought for the pool after the filing: CIR-14, asset by asset."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from issuer.domain.assets import Asset, Obligor
from issuer.domain.plan import Revolving
from issuer.domain.purchases import AssetPurchase, OfferedAsset
from issuer.domain.rulebook import purchase_rules as rules
from issuer.domain.rulebook.purchase_rules import (
    PURCHASE_RULES,
    PurchaseCase,
    examine_purchase,
)
from tests.unit.rulebook_cases import BUNDLE, GOOD_FILING, Breach, assert_found

HONEST = Obligor("FLEET-9", "COMPANY", Fraction(1, 100), dishonest=False, unrelated=True)
CRITERIA = Revolving(
    ends_on=date(2027, 4, 15),
    asset_types=("EV_CHARGING_INCOME",),
    min_rate=Fraction(5, 100),
    max_months=48,
    max_balance_micro=600,
    locations=("Shanghai", "Suzhou"),
)


def asset(name: str = "NEW-1", **changes: Any) -> Asset:
    """The first of the register under another name, paid by one honest company."""
    own = {"id": name, "balance_micro": 500, "obligors": (HONEST,), "underlying": ()}
    return replace(BUNDLE.assets[0], **(own | changes))


def offered(name: str = "NEW-1", **changes: Any) -> OfferedAsset:
    """On the edge of every criterion."""
    terms = {"rate": Fraction(5, 100), "months": 48, "location": "Suzhou"}
    own = {key: changes.pop(key) for key in terms if key in changes}
    return OfferedAsset(asset(name, **changes), **(terms | own))  # type: ignore[arg-type]


def buying(*assets: OfferedAsset, left: int = 900, **changes: Any) -> PurchaseCase:
    """Two assets for 900 on the last day, with all that was set aside."""
    bought = AssetPurchase(
        "ev-charging", "p1", 1, "originator", 900, CRITERIA.ends_on, assets or TWO
    )
    return PurchaseCase(replace(bought, **changes), CRITERIA, left)


TWO = (offered(), offered("NEW-2", balance_micro=600))
BUYING = buying()


def unmet(criterion: str, found: object, filed: object) -> list[dict[str, object]]:
    return [{"asset": "NEW-2", "criterion": criterion, "found": found, "filed": filed}]


def with_second(**changes: Any) -> PurchaseCase:
    """Only the second asset is not as it should be."""
    return buying(offered(balance_micro=600), offered("NEW-2", **changes))


MEETS = rules.purchase_meets_the_criteria
BREACHES = [
    Breach(
        "purchase without filed criteria",
        MEETS,
        replace(BUYING, criteria=None),
        [{"revolving": "not stated"}],
    ),
    Breach(
        "purchase a day after the revolving period",
        MEETS,
        buying(bought_on=date(2027, 4, 16)),
        [{"bought_on": "2027-04-16", "ends_on": "2027-04-15"}],
    ),
    Breach(
        "purchase above the balance",
        MEETS,
        buying(left=1_101, price_micro=1_101),
        [{"price_micro": 1_101, "balance_micro": 1_100}],
    ),
    Breach(
        "purchase of another class",
        MEETS,
        with_second(asset_type="TRADE_RECEIVABLE"),
        unmet("asset_types", "TRADE_RECEIVABLE", ["EV_CHARGING_INCOME"]),
    ),
    Breach(
        "purchase that yields too little",
        MEETS,
        with_second(rate=Fraction(499, 10_000)),
        unmet("min_rate", "4.99 %", "5 %"),
    ),
    Breach(
        "purchase that runs too long", MEETS, with_second(months=49), unmet("max_months", 49, 48)
    ),
    Breach(
        "purchase of one that is too large",
        MEETS,
        with_second(balance_micro=601),
        unmet("max_balance", 601, 600),
    ),
    Breach(
        "purchase in another place",
        MEETS,
        with_second(location="Wuxi"),
        unmet("locations", "Wuxi", ["Shanghai", "Suzhou"]),
    ),
    Breach(
        "purchase in a place that nobody states",
        MEETS,
        with_second(location=None),
        unmet("locations", "not stated", ["Shanghai", "Suzhou"]),
    ),
    Breach(
        "purchase a micro-unit beyond the cash",
        rules.purchase_is_within_its_cash,
        buying(left=899),
        [{"seller": "originator", "price_micro": 900, "set_aside_micro": 899}],
    ),
    Breach(
        "purchase for nothing",
        rules.purchase_is_within_its_cash,
        buying(price_micro=0),
        [{"seller": "originator", "price_micro": 0, "set_aside_micro": 900}],
    ),
    Breach(
        "purchase of what may back no token",
        rules.purchased_classes_are_allowed,
        with_second(asset_type="MINERAL_RIGHT"),
        [{"asset": "NEW-2", "asset_type": "MINERAL_RIGHT"}],
        frozenset({"AC-4"}),
    ),
    Breach(
        "purchase of what its seller declares",
        rules.nothing_declared_is_bought,
        with_second(on_negative_list=True),
        [{"asset": "NEW-2", "found": "declared by the seller"}],
    ),
    Breach(
        "purchase paid by a dishonest unit",
        rules.no_dishonest_unit_is_bought,
        with_second(obligors=(replace(HONEST, dishonest=True),)),
        [{"asset": "NEW-2", "obligor": "FLEET-9", "dishonest": True}],
    ),
    Breach(
        "purchase of which nobody says who pays",
        rules.no_dishonest_unit_is_bought,
        with_second(obligors=None),
        [{"asset": "NEW-2", "obligors": "not stated"}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_purchase_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(PURCHASE_RULES, breach)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(BUYING, id="on-the-edge-of-every-criterion"),
        pytest.param(buying(bought_on=date(2026, 7, 9)), id="early"),
        pytest.param(
            buying(offered(obligors=(), dispersed_payers=True), price_micro=500), id="a-crowd"
        ),
        pytest.param(
            replace(
                buying(offered(location=None), price_micro=1),
                criteria=replace(CRITERIA, locations=()),
            ),
            id="anywhere",
        ),
    ],
)
def test_purchase_within_the_criteria_passes(case: PurchaseCase) -> None:
    assert examine_purchase(case, GOOD_FILING, ()) == ()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        pytest.param(asset(in_dispute=True), "NEG-05", id="disputed"),
        pytest.param(asset(cash_source="DISPOSAL_ONLY"), "ABSNL-5", id="disposal"),
        pytest.param(asset(legality_opinion="QUALIFIED"), "ABSNL-7", id="unlawful"),
        pytest.param(asset(adds_hidden_government_debt=True), "ABSNL-1", id="hidden-debt"),
        pytest.param(asset(underlying=("X",)), "ABSNL-8", id="wrapper"),
        pytest.param(asset(BUNDLE.assets[0].id), "AC-7", id="in-the-pool-already"),
        pytest.param(asset("13912345678"), "TOK-08", id="telephone"),
        pytest.param(
            asset(controller_uscc="91310000MADEM0001X", control_chain=()),
            "FIL-02",
            id="not-its-own",
        ),
    ],
)
def test_asset_that_the_review_would_refuse_is_not_bought(wrong: Asset, rule: str) -> None:
    case = buying(replace(offered(), asset=wrong), price_micro=500)
    assert [each.rule for each in examine_purchase(case, GOOD_FILING, ())] == [rule]


def test_asset_bought_before_or_financed_elsewhere_is_not_bought_again() -> None:
    case = buying(offered(), price_micro=500)
    (again,) = examine_purchase(case, GOOD_FILING, (asset("NEW-1"),))
    assert (again.rule, dict(again.facts)) == (
        "AC-7",
        {"asset": "NEW-1", "found": "twice in this filing"},
    )
    elsewhere = replace(GOOD_FILING, elsewhere={"new-1": "other-1"})
    (pledged,) = examine_purchase(case, elsewhere, ())
    assert dict(pledged.facts) == {"asset": "NEW-1", "also_in_filing": "other-1"}


def test_another_class_makes_a_mixed_pool_even_if_its_criteria_were_filed() -> None:
    criteria = replace(CRITERIA, asset_types=("TRADE_RECEIVABLE",))
    case = replace(
        buying(offered(asset_type="TRADE_RECEIVABLE"), price_micro=500), criteria=criteria
    )
    found: Sequence[Any] = examine_purchase(case, GOOD_FILING, ())
    assert [each.rule for each in found] == ["ABSNL-6"]
