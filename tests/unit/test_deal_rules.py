"""What the notes of a deal may represent, and which coin may settle them."""

from dataclasses import replace

import pytest

from issuer.domain.deal import Deal
from issuer.domain.rulebook import deal_rules as rules
from issuer.domain.rulebook.deal_rules import ALLOWED_ASSETS, DEAL_RULES, DealCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import DEAL, REGIME, REGISTRATION, Breach, assert_found


def terms(**changes: object) -> DealCase:
    return DealCase(replace(DEAL, **changes), REGIME)


def token(**changes: object) -> DealCase:
    return terms(token=replace(DEAL.token, **changes))


def coin(**changes: object) -> DealCase:
    return terms(settlement=replace(DEAL.settlement, **changes))


def issued_in(jurisdiction: str) -> Deal:
    return replace(DEAL, issuer=replace(DEAL.issuer, jurisdiction=jurisdiction))


BREACHES = [
    Breach(
        "certifies ownership",
        rules.certifies_cash_flow_rights,
        token(claim_type="OWNERSHIP"),
        [{"claim_type": "OWNERSHIP"}],
    ),
    Breach(
        "repaid by the issuer",
        rules.certifies_cash_flow_rights,
        token(repayment_source="ISSUER"),
        [{"repayment_source": "ISSUER"}],
    ),
    Breach(
        "issued onshore",
        rules.certifies_cash_flow_rights,
        DealCase(issued_in("CN"), REGIME),
        [{"issuer": DEAL.issuer.name, "jurisdiction": "CN"}],
    ),
    Breach("equity", rules.is_an_abs, token(form="EQUITY"), [{"form": "EQUITY"}]),
    Breach(
        "mineral right",
        rules.asset_class_is_allowed,
        terms(asset_class="MINERAL_RIGHT"),
        [{"asset_class": "MINERAL_RIGHT", "allowed": sorted(ALLOWED_ASSETS)}],
    ),
    Breach(
        "coin pegged to the offshore renminbi, whatever its symbol",
        rules.no_renminbi_stablecoin,
        coin(peg="CNH"),
        [{"coin": "HKDS", "peg": "CNH", "kind": "STABLECOIN"}],
    ),
    Breach(
        "unlicensed coin",
        rules.coin_is_licensed,
        coin(licence="FRS99"),
        [{"coin": "HKDS", "licence": "FRS99", "licences": ["FRS01", "FRS02"]}],
    ),
    Breach(
        "coin without a licence",
        rules.coin_is_licensed,
        coin(licence=None),
        [{"coin": "HKDS", "licence": None, "licences": ["FRS01", "FRS02"]}],
    ),
]


def test_deal_of_the_example_passes_every_rule() -> None:
    assert examine(DEAL_RULES, REGISTRATION) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_deal_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(DEAL_RULES, breach)


@pytest.mark.parametrize("asset_class", sorted(ALLOWED_ASSETS))
def test_asset_class_of_the_list_is_accepted(asset_class: str) -> None:
    assert examine(DEAL_RULES, terms(asset_class=asset_class)) == ()


def test_renminbi_coin_with_a_consent_is_accepted() -> None:
    assert examine(DEAL_RULES, coin(peg="CNY", consent_reference="PBOC-SIM-1")) == ()


def test_bank_deposit_needs_no_stablecoin_licence() -> None:
    assert examine(DEAL_RULES, coin(kind="DEPOSIT", licence=None)) == ()


def test_second_licence_is_accepted() -> None:
    assert examine(DEAL_RULES, coin(licence="FRS02")) == ()
