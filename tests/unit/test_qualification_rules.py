"""What makes an investor qualified: every threshold from both sides, and every profile switched off."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.investor import Evidence, InvestorClass, Owner, OwnerKind
from issuer.domain.rulebook import qualification_rules as rules
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES, InvestorCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import Breach, asking, assert_found

KIND = InvestorClass


def of_class(kind: InvestorClass, *, opted_in: bool = True, **figures: str) -> InvestorCase:
    """H1 as an investor of another class, resident where that is at home, with these figures."""
    evidence = Evidence(
        "statement",
        "SIM-1",
        date(2026, 3, 1),
        {name: Fraction(value) for name, value in figures.items()},
    )
    home = {"residency": "SG" if kind in rules.SINGAPORE else "HK"}
    return asking("H1", investor_class=kind, evidence=evidence, opted_in=opted_in, **home)


def borne_out_by(kind: str, case: InvestorCase) -> InvestorCase:
    """The case with evidence of another kind."""
    evidence = replace(case.investor.evidence, kind=kind)
    return replace(case, investor=replace(case.investor, evidence=evidence))


def below(kind: InvestorClass, **figures: str) -> list[dict[str, object]]:
    return [{"class": kind.value, "figures": figures}]


def without(case: InvestorCase, profile: str) -> InvestorCase:
    """The case under a regime that has switched a profile off."""
    left = tuple(each for each in case.regime.jurisdictions if each != profile)
    return replace(case, regime=replace(case.regime, jurisdictions=left))


def owned_by(*professional: bool, share: Fraction) -> tuple[Owner, ...]:
    return tuple(
        Owner(f"Owner {n}", "HK", share, False, professional=each, kind=OwnerKind.PERSON)
        for n, each in enumerate(professional)
    )


HALF = Fraction(1, 2)
VEHICLE = replace(
    of_class(KIND.HK_PI_CORPORATION),
    investor=replace(
        of_class(KIND.HK_PI_CORPORATION).investor, owners=owned_by(True, True, share=HALF)
    ),
)

BREACHES = [
    Breach(
        "individual one micro-unit below",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_INDIVIDUAL, portfolio_hkd="7999999.999999"),
        below(KIND.HK_PI_INDIVIDUAL, portfolio_hkd="7999999.999999"),
    ),
    Breach(
        "individual by total assets",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_INDIVIDUAL, total_assets_hkd="40000000"),
        below(KIND.HK_PI_INDIVIDUAL, total_assets_hkd="40000000"),
    ),
    Breach(
        "corporation below both",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_CORPORATION, portfolio_hkd="7999999", total_assets_hkd="39999999"),
        below(KIND.HK_PI_CORPORATION, portfolio_hkd="7999999", total_assets_hkd="39999999"),
    ),
    Breach(
        "trust below",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_TRUST, total_assets_hkd="39999999"),
        below(KIND.HK_PI_TRUST, total_assets_hkd="39999999"),
    ),
    Breach(
        "individual without figures",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_INDIVIDUAL),
        below(KIND.HK_PI_INDIVIDUAL),
    ),
    Breach(
        "institution without licence",
        rules.hong_kong_professional,
        of_class(KIND.HK_PI_INSTITUTION, portfolio_hkd="90000000"),
        [{"class": "HK_PI_INSTITUTION", "evidence": "statement"}],
    ),
    Breach(
        "exactly two million of personal assets",
        rules.singapore_accredited,
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, net_personal_assets_sgd="2000000"),
        below(KIND.SG_ACCREDITED_INDIVIDUAL, net_personal_assets_sgd="2000000"),
    ),
    Breach(
        "exactly one million of financial assets",
        rules.singapore_accredited,
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, net_financial_assets_sgd="1000000"),
        below(KIND.SG_ACCREDITED_INDIVIDUAL, net_financial_assets_sgd="1000000"),
    ),
    Breach(
        "income half a dollar short",
        rules.singapore_accredited,
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, income_12_months_sgd="299999.5"),
        below(KIND.SG_ACCREDITED_INDIVIDUAL, income_12_months_sgd="299999.5"),
    ),
    Breach(
        "corporation with exactly ten million",
        rules.singapore_accredited,
        of_class(KIND.SG_ACCREDITED_CORPORATION, net_assets_sgd="10000000"),
        below(KIND.SG_ACCREDITED_CORPORATION, net_assets_sgd="10000000"),
    ),
    Breach(
        "not opted in",
        rules.singapore_accredited,
        asking("H2", opted_in=False),
        [{"class": "SG_ACCREDITED_CORPORATION", "opted_in": False}],
    ),
    Breach(
        "Singapore institution without licence",
        rules.singapore_accredited,
        of_class(KIND.SG_INSTITUTION),
        [{"class": "SG_INSTITUTION", "evidence": "statement"}],
    ),
    Breach(
        "US person abroad",
        rules.not_a_us_person,
        asking("H3", us_person=True),
        [{"investor": "H3", "us_person": True}],
    ),
    Breach(
        "US resident",
        rules.not_a_us_person,
        asking("H3", residency="US"),
        [{"investor": "H3", "us_person": True}],
    ),
    Breach(
        "vehicle with an owner who is not professional",
        rules.hong_kong_professional,
        replace(
            VEHICLE, investor=replace(VEHICLE.investor, owners=owned_by(True, False, share=HALF))
        ),
        below(KIND.HK_PI_CORPORATION),
    ),
    Breach(
        "vehicle half of which nobody has named",
        rules.hong_kong_professional,
        replace(VEHICLE, investor=replace(VEHICLE.investor, owners=owned_by(True, share=HALF))),
        below(KIND.HK_PI_CORPORATION),
        also=frozenset({"INV-04"}),
    ),
    Breach(
        "home that counts for a million only",
        rules.singapore_accredited,
        of_class(
            KIND.SG_ACCREDITED_INDIVIDUAL,
            net_personal_assets_sgd="2500000",
            primary_residence_sgd="1500000",
        ),
        below(
            KIND.SG_ACCREDITED_INDIVIDUAL,
            net_personal_assets_sgd="2500000",
            primary_residence_sgd="1500000",
        ),
    ),
    Breach(
        "figures nobody but the investor bears out",
        rules.hong_kong_professional,
        borne_out_by("declaration", of_class(KIND.HK_PI_INDIVIDUAL, portfolio_hkd="8000000")),
        [{"class": "HK_PI_INDIVIDUAL", "evidence": "declaration"}],
    ),
    Breach(
        "accredited by a declaration",
        rules.singapore_accredited,
        borne_out_by("declaration", asking("H2")),
        [{"class": "SG_ACCREDITED_CORPORATION", "evidence": "declaration"}],
    ),
    Breach(
        "resident of Hong Kong by Regulation S",
        rules.hong_kong_professional,
        asking("H3", residency="HK"),
        [{"class": "REG_S", "residency": "HK"}],
    ),
    Breach(
        "resident of Singapore by Regulation S",
        rules.singapore_accredited,
        asking("H3", residency="SG"),
        [{"class": "REG_S", "residency": "SG"}],
    ),
    Breach(
        "approached in the United States",
        rules.not_a_us_person,
        asking("H3", marketing_channel="US"),
        [{"investor": "H3", "marketing_channel": "US"}],
    ),
    Breach(
        "Hong Kong switched off",
        rules.hong_kong_professional,
        without(asking("H1"), "HK"),
        [{"class": "HK_PI_INSTITUTION", "profile": "HK", "open_profiles": ["SG", "US_REG_S"]}],
    ),
    Breach(
        "Singapore switched off",
        rules.singapore_accredited,
        without(asking("H2"), "SG"),
        [
            {
                "class": "SG_ACCREDITED_CORPORATION",
                "profile": "SG",
                "open_profiles": ["HK", "US_REG_S"],
            }
        ],
    ),
    Breach(
        "Regulation S switched off",
        rules.not_a_us_person,
        without(asking("H3"), "US_REG_S"),
        [{"class": "REG_S", "profile": "US_REG_S", "open_profiles": ["HK", "SG"]}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_investor_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(INVESTOR_RULES, breach)


@pytest.mark.parametrize(
    "case",
    [
        of_class(KIND.HK_PI_INDIVIDUAL, portfolio_hkd="8000000"),
        of_class(KIND.HK_PI_CORPORATION, portfolio_hkd="8000000"),
        of_class(KIND.HK_PI_CORPORATION, portfolio_hkd="1", total_assets_hkd="40000000"),
        of_class(KIND.HK_PI_TRUST, total_assets_hkd="40000000"),
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, net_personal_assets_sgd="2000000.000001"),
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, net_financial_assets_sgd="1000000.000001"),
        of_class(KIND.SG_ACCREDITED_INDIVIDUAL, income_12_months_sgd="300000"),
        of_class(KIND.SG_ACCREDITED_CORPORATION, net_assets_sgd="10000000.000001"),
    ],
    ids=lambda case: f"{case.investor.investor_class}-{'-'.join(case.investor.evidence.figures)}",
)
@pytest.mark.rule("INV-05", passes=True)
@pytest.mark.rule("INV-06", passes=True)
def test_figure_that_just_meets_its_threshold_is_accepted(case: InvestorCase) -> None:
    assert examine(INVESTOR_RULES, case) == ()


def test_licensed_institution_needs_no_figures_and_no_opt_in() -> None:
    case = asking("H1", investor_class=KIND.SG_INSTITUTION, opted_in=False, residency="SG")
    assert not case.investor.evidence.figures
    assert examine(INVESTOR_RULES, case) == ()


@pytest.mark.parametrize("kind", ["statement", "audited_accounts"])
@pytest.mark.rule("INV-05", passes=True)
@pytest.mark.rule("INV-06", passes=True)
def test_statement_and_accounts_bear_figures_out(kind: str) -> None:
    for case in (of_class(KIND.HK_PI_INDIVIDUAL, portfolio_hkd="8000000"), asking("H2")):
        assert examine(INVESTOR_RULES, borne_out_by(kind, case)) == ()


@pytest.mark.rule("INV-05", passes=True)
def test_vehicle_wholly_owned_by_professional_investors_needs_no_figures() -> None:
    assert examine(INVESTOR_RULES, VEHICLE) == ()


@pytest.mark.rule("INV-06", passes=True)
def test_home_within_a_million_counts_in_full() -> None:
    figures = {"net_personal_assets_sgd": "2000000.01", "primary_residence_sgd": "1000000"}
    assert examine(INVESTOR_RULES, of_class(KIND.SG_ACCREDITED_INDIVIDUAL, **figures)) == ()


@pytest.mark.parametrize(("investor", "off"), [("H1", "SG"), ("H2", "US_REG_S"), ("H3", "HK")])
@pytest.mark.rule("INV-05", passes=True)
@pytest.mark.rule("INV-06", passes=True)
@pytest.mark.rule("INV-07", passes=True)
def test_profile_that_is_switched_off_concerns_its_own_classes_only(
    investor: str, off: str
) -> None:
    assert examine(INVESTOR_RULES, without(asking(investor), off)) == ()
