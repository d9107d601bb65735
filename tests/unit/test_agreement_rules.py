"""What the materials, the deal and the chain must say alike: one change each, and who objects."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from issuer.domain.assets import MonthlyRevenue, UnderlyingAsset
from issuer.domain.debt_service import debt_service
from issuer.domain.plan import Proceeds, Revolving
from issuer.domain.rulebook import agreement_rules as rules
from issuer.domain.rulebook import amount_rules as amounts
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.token_rules import ALLOWED_ASSETS
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.steps import Purchase
from tests.unit.rulebook_cases import (
    BUNDLE,
    DEAL,
    DEPLOYED,
    GOOD_FILING,
    HASH,
    OTHER_HASH,
    Breach,
    assert_found,
    with_asset,
    with_bundle,
    with_entity,
    with_material,
    with_plan,
)

FILER = BUNDLE.entity.uscc
SOMEBODY_ELSE = "91110000MADEM00027"
TOTAL = 100_000_000_000_000
TRANCHE_A, TRANCHE_S = BUNDLE.plan.tranches
FIRST, *LATER = BUNDLE.plan.forecast
DUE = 17_156_821_840_000
#: The least that covers the first payment 1.15 times.
COVER = 19_730_345_116_000
COUNSEL = BUNDLE.certificates[-1]


def forecast_first(available_micro: int) -> object:
    return with_plan(forecast=(replace(FIRST, available_micro=available_micro), *LATER))


def month(reported_fen: int, metered_fen: int) -> object:
    return with_asset(revenue_history=(MonthlyRevenue("2025-12", reported_fen, metered_fen),))


def certified(**changes: object) -> object:
    return with_bundle(certificates=(*BUNDLE.certificates[:-1], replace(COUNSEL, **changes)))


CRITERIA = Revolving(
    ends_on=date(2027, 4, 15),
    asset_types=("EV_CHARGING_INCOME",),
    min_rate=Fraction(5, 100),
    max_months=48,
    max_balance_micro=600,
)
BUYS = replace(
    DEAL.structure, waterfall=(Purchase("originator", Amount()), *DEAL.structure.waterfall)
)
FOURTH_IS_DETERMINED = GOOD_FILING.periods[3].determination


def buying(until_payment: int | None, ends_on: date) -> FilingCase:
    """The good case, of a deal that buys until a payment, with criteria until a day."""
    step = Purchase("originator", Amount(), until_payment=until_payment)
    structure = replace(DEAL.structure, waterfall=(step, *DEAL.structure.waterfall))
    filed = with_plan(revolving=replace(CRITERIA, ends_on=ends_on))
    return replace(filed, deal=replace(DEAL, structure=structure))


BREACHES = [
    Breach(
        "total above the sum",
        amounts.tranches_add_up,
        with_plan(total_micro=TOTAL + 1, cap_micro=TOTAL + 1),
        [{"sum_of_tranches_micro": TOTAL, "plan_total_micro": TOTAL + 1}],
        also=frozenset({"AC-2"}),
    ),
    Breach(
        "one micro-unit above the cap",
        amounts.tranches_add_up,
        with_plan(cap_micro=TOTAL - 1),
        [{"plan_total_micro": TOTAL, "cap_micro": TOTAL - 1}],
    ),
    Breach(
        "tranches add up but differ from the deal's",
        amounts.tranches_add_up,
        with_plan(
            tranches=(
                replace(TRANCHE_A, principal_micro=TRANCHE_A.principal_micro + 1),
                replace(TRANCHE_S, principal_micro=TRANCHE_S.principal_micro - 1),
            )
        ),
        [
            {"tranche": "A", "plan_micro": 80_000_000_000_001, "deal_micro": 80_000_000_000_000},
            {"tranche": "S", "plan_micro": 19_999_999_999_999, "deal_micro": 20_000_000_000_000},
        ],
    ),
    Breach(
        "retained tranche planned as a token",
        amounts.tranches_add_up,
        with_plan(tranches=(TRANCHE_A, replace(TRANCHE_S, tokenised=True))),
        [{"tranche": "S", "plan_tokenised": True, "deal_tokenised": False}],
    ),
    Breach(
        "two documents differ",
        rules.documents_agree,
        with_material("M-05", declared=BUNDLE.materials[4].declared | {"uscc": SOMEBODY_ELSE}),
        [
            {
                "field": "uscc",
                "stated": {
                    "entity": FILER,
                    "M-01": FILER,
                    "M-03": FILER,
                    "M-05": SOMEBODY_ELSE,
                },
            }
        ],
    ),
    Breach(
        "documents agree against the plan",
        rules.documents_agree,
        with_bundle(
            materials=tuple(
                replace(each, declared={**each.declared, "issue_total_micro": "1"})
                if "uscc" in each.declared or each.code == "M-05"
                else each
                for each in BUNDLE.materials
            )
        ),
        [
            {
                "field": "issue_total_micro",
                "stated": {"plan": str(TOTAL), "M-01": "1", "M-03": "1", "M-05": "1"},
            }
        ],
    ),
    Breach(
        "report that keeps silent on the filer's code",
        rules.documents_agree,
        with_material(
            "M-01",
            declared={"entity_name": BUNDLE.entity.name, "issue_total_micro": str(TOTAL)},
        ),
        [{"field": "uscc", "not_declared_in": "M-01"}],
    ),
    Breach(
        "code on chain differs",
        rules.contracts_are_those_of_the_plan,
        replace(
            GOOD_FILING,
            deployed=DEPLOYED | {"abs_token:A": (DEPLOYED["abs_token:A"][0], OTHER_HASH)},
        ),
        [
            {
                "contract": "abs_token:A",
                "deployed": (DEPLOYED["abs_token:A"][0], OTHER_HASH),
                "planned": DEPLOYED["abs_token:A"],
            }
        ],
    ),
    Breach(
        "contract on chain not in the plan",
        rules.contracts_are_those_of_the_plan,
        replace(GOOD_FILING, deployed=DEPLOYED | {"abs_token:B": ("0x0b", HASH)}),
        [{"contract": "abs_token:B", "deployed": ("0x0b", HASH), "planned": None}],
    ),
    Breach(
        "nothing on chain",
        rules.contracts_are_those_of_the_plan,
        replace(GOOD_FILING, deployed={}),
        [
            {
                "deployed": "no contract of the deal",
                "planned": sorted(each.name for each in BUNDLE.plan.contracts),
            }
        ],
    ),
    Breach(
        "assets do not add up to the pool",
        amounts.pool_covers_the_tranches,
        with_asset(balance_micro=BUNDLE.assets[0].balance_micro + 1),
        [
            {
                "sum_of_assets_micro": 112_000_000_000_001,
                "pool_balance_micro": 112_000_000_000_000,
            }
        ],
    ),
    Breach(
        "surplus one micro-unit too small",
        amounts.pool_covers_the_tranches,
        with_plan(overcollateral_micro=12_000_000_000_001),
        [{"pool_balance_micro": 112_000_000_000_000, "needed_micro": 112_000_000_000_001}],
    ),
    Breach(
        "further assets by no criteria",
        amounts.pool_covers_the_tranches,
        replace(GOOD_FILING, deal=replace(DEAL, structure=BUYS)),
        [{"revolving": "not stated"}],
    ),
    Breach(
        "further assets of a class that may back no token",
        amounts.pool_covers_the_tranches,
        with_plan(revolving=replace(CRITERIA, asset_types=("MINERAL_RIGHT",))),
        [{"revolving_asset_type": "MINERAL_RIGHT", "allowed": sorted(ALLOWED_ASSETS)}],
    ),
    Breach(
        "cash set aside for further assets after the revolving period",
        amounts.pool_covers_the_tranches,
        buying(until_payment=4, ends_on=FOURTH_IS_DETERMINED - timedelta(days=1)),
        [
            {
                "until_payment": 4,
                "determined_on": FOURTH_IS_DETERMINED.isoformat(),
                "ends_on": (FOURTH_IS_DETERMINED - timedelta(days=1)).isoformat(),
            }
        ],
    ),
    Breach(
        "cash set aside for further assets at every payment, and a revolving period",
        amounts.pool_covers_the_tranches,
        buying(until_payment=None, ends_on=FOURTH_IS_DETERMINED),
        [
            {
                "until_payment": 5,
                "determined_on": GOOD_FILING.periods[4].determination.isoformat(),
                "ends_on": FOURTH_IS_DETERMINED.isoformat(),
            }
        ],
    ),
    Breach(
        "right ends the day before",
        amounts.rights_outlive_the_notes,
        with_asset(right_ends_on=date(2028, 7, 14)),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "right_ends_on": "2028-07-14",
                "legal_final_maturity": "2028-07-15",
            }
        ],
    ),
    Breach(
        "final maturity before the last payment",
        amounts.rights_outlive_the_notes,
        with_plan(legal_final_maturity=date(2027, 7, 14)),
        [{"legal_final_maturity": "2027-07-14", "last_payment": "2027-07-15"}],
    ),
    Breach(
        "asset listed twice",
        rules.assets_are_financed_once,
        with_asset(id="EVC-DISTRICT-02"),
        [{"asset": "EVC-DISTRICT-02", "found": "twice in this filing"}],
        also=frozenset({"ABSNL-2", "NEG-06"}),
    ),
    Breach(
        "asset in another live filing",
        rules.assets_are_financed_once,
        replace(GOOD_FILING, elsewhere={"EVC-DISTRICT-05": "other-1"}),
        [{"asset": "EVC-DISTRICT-05", "also_in_filing": "other-1"}],
    ),
    Breach(
        "asset in another live filing, in small letters",
        rules.assets_are_financed_once,
        replace(GOOD_FILING, elsewhere={"evc-district-05": "other-1"}),
        [{"asset": "EVC-DISTRICT-05", "also_in_filing": "other-1"}],
    ),
    Breach(
        "uses one micro-unit short",
        amounts.proceeds_are_accounted_for,
        with_plan(net_proceeds_micro=76_000_000_000_001),
        [{"sum_of_uses_micro": 76_000_000_000_000, "net_proceeds_micro": 76_000_000_000_001}],
    ),
    Breach(
        "use in virtual currency",
        amounts.proceeds_are_accounted_for,
        with_plan(uses=(Proceeds("Mining farm", 76_000_000_000_000, virtual_currency=True),)),
        [{"use": "Mining farm", "found": "virtual-currency business"}],
    ),
    Breach(
        "payment covered one micro-unit too little",
        amounts.forecast_covers_debt_service,
        forecast_first(COVER - 1),
        [
            {
                "date": "2026-07-15",
                "available_micro": COVER - 1,
                "debt_service_micro": DUE,
                "needed_micro": COVER,
            }
        ],
    ),
    Breach(
        "less debt service than the terms make due",
        amounts.forecast_covers_debt_service,
        with_plan(forecast=(replace(FIRST, debt_service_micro=DUE - 1), *LATER)),
        [{"date": "2026-07-15", "debt_service_micro": DUE - 1, "due_micro": DUE}],
    ),
    Breach(
        "payment not covered, though the plan states that half is enough",
        amounts.forecast_covers_debt_service,
        with_plan(
            dscr_minimum=Fraction(1, 2),
            forecast=(replace(FIRST, available_micro=DUE - 1), *LATER),
        ),
        [
            {
                "date": "2026-07-15",
                "available_micro": DUE - 1,
                "debt_service_micro": DUE,
                "needed_micro": DUE,
            }
        ],
    ),
    Breach(
        "forecast for another day than a payment's",
        amounts.forecast_covers_debt_service,
        with_plan(forecast=(replace(FIRST, date=date(2026, 7, 14)), *LATER)),
        [{"date": "2026-07-14", "payment_on": "2026-07-15"}],
    ),
    Breach(
        "no forecast",
        amounts.forecast_covers_debt_service,
        with_plan(forecast=()),
        [{"periods_forecast": 0, "payments": 5}],
    ),
    Breach(
        "least cover that nobody states",
        amounts.forecast_covers_debt_service,
        with_plan(dscr_minimum=None),
        [{"dscr_minimum": "not stated"}],
    ),
    Breach(
        "last payment left out of the forecast",
        amounts.forecast_covers_debt_service,
        with_plan(forecast=BUNDLE.plan.forecast[:-1]),
        [{"periods_forecast": 4, "payments": 5}],
    ),
    Breach(
        "asset of the register beneath a wrapper as well",
        rules.assets_are_financed_once,
        with_bundle(
            underlying_assets=(
                UnderlyingAsset(id="EVC-DISTRICT-02", asset_type="EV_CHARGING_INCOME"),
            )
        ),
        [{"asset": "EVC-DISTRICT-02", "found": "twice in this filing"}],
    ),
    Breach(
        "a fen more than the meters bear out",
        amounts.revenue_is_what_was_metered,
        month(101_01, 100_00),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "month": "2025-12",
                "reported_fen": 101_01,
                "metered_fen": 100_00,
            }
        ],
    ),
    Breach(
        "a fen less than the meters bear out",
        amounts.revenue_is_what_was_metered,
        month(98_99, 100_00),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "month": "2025-12",
                "reported_fen": 98_99,
                "metered_fen": 100_00,
            }
        ],
    ),
    Breach(
        "revenue that no meter counted",
        amounts.revenue_is_what_was_metered,
        month(1, 0),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "month": "2025-12",
                "reported_fen": 1,
                "metered_fen": 0,
            }
        ],
    ),
    Breach(
        "metered asset without a history",
        amounts.revenue_is_what_was_metered,
        with_asset(revenue_history=()),
        [{"asset": "EVC-DISTRICT-01", "revenue_history": "none"}],
    ),
    Breach(
        "more proceeds than are sold",
        amounts.proceeds_are_accounted_for,
        with_plan(
            net_proceeds_micro=80_000_000_000_001,
            uses=(Proceeds("New charging piles", 80_000_000_000_001, virtual_currency=False),),
        ),
        [{"net_proceeds_micro": 80_000_000_000_001, "sold_micro": 80_000_000_000_000}],
    ),
    Breach(
        "use that is called what it is",
        amounts.proceeds_are_accounted_for,
        with_plan(uses=(Proceeds("购买稳定币", 76_000_000_000_000, virtual_currency=False),)),
        [{"use": "购买稳定币", "word": "稳定币"}],
    ),
    Breach(
        "signature over another hash",
        rules.signatures_are_certified,
        replace(
            GOOD_FILING,
            attestations=(
                replace(GOOD_FILING.attestations[0], bundle_hash=OTHER_HASH),
                *GOOD_FILING.attestations[1:],
            ),
        ),
        [{"attester": "legal_representative", "signed_hash": OTHER_HASH}],
        also=frozenset({"FIL-05"}),
    ),
    Breach(
        "attester without a certificate",
        rules.signatures_are_certified,
        with_bundle(certificates=BUNDLE.certificates[:-1]),
        [{"attester": "counsel", "certificate": "none"}],
    ),
    Breach(
        "certificate that ended the day before",
        rules.signatures_are_certified,
        certified(valid_until=date(2026, 2, 11)),
        [
            {
                "attester": "counsel",
                "signed_on": "2026-02-12",
                "valid_from": "2024-11-01",
                "valid_until": "2026-02-11",
            }
        ],
    ),
    Breach(
        "certificate from the day after",
        rules.signatures_are_certified,
        certified(valid_from=date(2026, 2, 13)),
        [
            {
                "attester": "counsel",
                "signed_on": "2026-02-12",
                "valid_from": "2026-02-13",
                "valid_until": "2027-10-31",
            }
        ],
    ),
    Breach(
        "signature of a day that nobody noted",
        rules.signatures_are_certified,
        replace(
            GOOD_FILING,
            attestations=(
                replace(GOOD_FILING.attestations[0], signed_on=None),
                *GOOD_FILING.attestations[1:],
            ),
        ),
        [{"attester": "legal_representative", "signed_on": "not known"}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_what_does_not_agree_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


@pytest.mark.rule("AC-1", passes=True)
def test_plan_below_the_cap_is_accepted() -> None:
    assert examine(REVIEW_RULES, with_plan(cap_micro=TOTAL + 1)) == ()


def test_documents_that_differ_in_full_width_signs_only_agree() -> None:
    wide = BUNDLE.entity.name.replace("(", "（").replace(")", "）").replace(",", "，")
    said = {"entity_name": wide, "uscc": FILER}
    assert examine(REVIEW_RULES, with_material("M-03", declared=said)) == ()


@pytest.mark.rule("AC-2", passes=True)
def test_documents_that_differ_in_capitals_only_agree() -> None:
    said = {"entity_name": BUNDLE.entity.name.upper(), "uscc": BUNDLE.entity.uscc.lower()}
    assert examine(REVIEW_RULES, with_material("M-03", declared=said)) == ()


@pytest.mark.rule("AC-2", passes=True)
def test_documents_that_differ_in_spaces_only_agree() -> None:
    spaced = BUNDLE.entity.name.replace(" ", "  ")
    assert examine(REVIEW_RULES, with_entity(name=spaced)) == ()
    said = {"entity_name": spaced, "uscc": FILER}
    assert examine(REVIEW_RULES, with_material("M-03", declared=said)) == ()


@pytest.mark.rule("AC-5", passes=True)
def test_right_that_ends_on_the_final_maturity_is_accepted() -> None:
    assert examine(REVIEW_RULES, with_asset(right_ends_on=date(2028, 7, 15))) == ()


def test_debt_service_of_the_forecast_is_that_of_the_deal_to_the_micro_unit() -> None:
    stated = tuple(each.debt_service_micro for each in BUNDLE.plan.forecast)
    assert stated == debt_service(DEAL, GOOD_FILING.periods)


def test_final_maturity_on_the_last_payment_is_accepted() -> None:
    assert examine(REVIEW_RULES, with_plan(legal_final_maturity=date(2027, 7, 15))) == ()


@pytest.mark.rule("AC-6", passes=True)
def test_forecast_that_covers_exactly_the_stated_minimum_is_accepted() -> None:
    assert BUNDLE.plan.dscr_minimum == Fraction(115, 100)
    assert examine(REVIEW_RULES, forecast_first(COVER)) == ()


@pytest.mark.parametrize("reported", [99_00, 100_00, 101_00])
@pytest.mark.rule("AC-8", passes=True)
def test_revenue_within_one_percent_of_the_meters_is_accepted(reported: int) -> None:
    assert examine(REVIEW_RULES, month(reported, 100_00)) == ()


@pytest.mark.rule("AC-8", passes=True)
def test_asset_that_no_meter_counts_needs_no_history() -> None:
    leases = tuple(
        replace(each, asset_type="FINANCE_LEASE", revenue_history=()) for each in BUNDLE.assets
    )
    assert examine(REVIEW_RULES, with_bundle(assets=leases)) == ()


@pytest.mark.parametrize("day", ["valid_from", "valid_until"])
@pytest.mark.rule("AC-10", passes=True)
def test_signature_on_the_first_or_last_day_of_its_certificate_is_accepted(day: str) -> None:
    assert examine(REVIEW_RULES, certified(**{day: date(2026, 2, 12)})) == ()


@pytest.mark.rule("AC-4", passes=True)
def test_revolving_period_that_ends_when_the_last_purchase_can_be_made_is_accepted() -> None:
    for last, day in ((4, FOURTH_IS_DETERMINED), (None, GOOD_FILING.periods[4].determination)):
        assert examine(REVIEW_RULES, buying(until_payment=last, ends_on=day)) == ()
