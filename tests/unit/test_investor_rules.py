"""Who may be admitted: the example's six investors, and every threshold from both sides."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.investor import Evidence, Investor, InvestorClass, Owner
from issuer.domain.rulebook import investor_rules as rules
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES, InvestorCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import ADMISSION_DAY, INVESTORS, Breach, asking, assert_found

KIND = InvestorClass


def owner(share: str, *, residency: str = "CN", controls: bool = False, name: str = "Li") -> Owner:
    return Owner(name, residency, Fraction(share), controls)


def of_class(kind: InvestorClass, *, opted_in: bool = True, **figures: str) -> InvestorCase:
    """H1 as an investor of another class, with these figures in evidence."""
    evidence = Evidence(
        "statement",
        "SIM-1",
        date(2026, 3, 1),
        {name: Fraction(value) for name, value in figures.items()},
    )
    return asking("H1", investor_class=kind, evidence=evidence, opted_in=opted_in)


def dated(day: date) -> InvestorCase:
    return asking("H1", evidence=replace(INVESTORS["H1"].evidence, dated=day))


def below(kind: InvestorClass, **figures: str) -> list[dict[str, object]]:
    return [{"class": kind.value, "figures": figures}]


BREACHES = [
    Breach(
        "mainland resident of the example",
        rules.investor_is_overseas,
        asking("mainland-resident"),
        [{"investor": "mainland-resident", "residency": "CN"}],
    ),
    Breach(
        "retail class",
        rules.not_retail_not_onshore,
        of_class(KIND.RETAIL),
        [{"investor": "H1", "class": "RETAIL"}],
    ),
    Breach(
        "marketed onshore",
        rules.not_retail_not_onshore,
        asking("H1", marketing_channel="CN"),
        [{"investor": "H1", "marketing_channel": "CN"}],
    ),
    Breach(
        "Hong Kong shell of the example",
        rules.no_mainland_behind_it,
        asking("hk-shell"),
        [
            {
                "investor": "hk-shell",
                "mainland_share_percent": "81",
                "limit_percent": "25",
                "through": [
                    "Example Lotus Limited (BVI) > Zhao Example",
                    "Example Lotus Limited (BVI) > Qian Example",
                ],
            },
            {
                "investor": "hk-shell",
                "controlled_by": "Example Lotus Limited (BVI) > Zhao Example",
            },
        ],
    ),
    Breach(
        "exactly a quarter in two pieces",
        rules.no_mainland_behind_it,
        asking("H1", owners=(owner("0.2"), owner("0.05", name="Wu"))),
        [
            {
                "investor": "H1",
                "mainland_share_percent": "25",
                "limit_percent": "25",
                "through": ["Li", "Wu"],
            }
        ],
    ),
    Breach(
        "control with one percent",
        rules.no_mainland_behind_it,
        asking("H1", owners=(owner("0.01", controls=True),)),
        [{"investor": "H1", "controlled_by": "Li"}],
    ),
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
        "cap reached",
        rules.within_the_holder_cap,
        replace(asking("H1"), holders=200),
        [{"admitted": 200, "cap": 200}],
    ),
    Breach(
        "name on the list, whatever its capitals",
        rules.not_sanctioned,
        replace(
            asking("H3", name="EXAMPLE Clean Energy"),
            sanctioned=frozenset({"example clean energy"}),
        ),
        [{"investor": "H3", "listed": ["example clean energy"]}],
    ),
    Breach(
        "owner's owner on the list",
        rules.not_sanctioned,
        replace(asking("H1"), sanctioned=frozenset({"example family trust"})),
        [{"investor": "H1", "listed": ["example family trust"]}],
    ),
    Breach(
        "wallet on the list",
        rules.not_sanctioned,
        replace(asking("H1"), sanctioned=frozenset({INVESTORS["H1"].wallet.casefold()})),
        [{"investor": "H1", "listed": [INVESTORS["H1"].wallet.casefold()]}],
    ),
    Breach(
        "stale evidence of the example",
        rules.evidence_is_fresh,
        asking("stale-evidence"),
        [
            {
                "investor": "stale-evidence",
                "evidence_dated": "2025-02-28",
                "eligible_until": "2026-02-28",
                "utc_day": "2026-03-18",
            }
        ],
    ),
    Breach(
        "evidence exactly twelve months old",
        rules.evidence_is_fresh,
        dated(date(2025, 3, 18)),
        [
            {
                "investor": "H1",
                "evidence_dated": "2025-03-18",
                "eligible_until": "2026-03-18",
                "utc_day": "2026-03-18",
            }
        ],
    ),
    Breach(
        "evidence of tomorrow",
        rules.evidence_is_fresh,
        dated(date(2026, 3, 19)),
        [
            {
                "investor": "H1",
                "evidence_dated": "2026-03-19",
                "eligible_until": "2027-03-19",
                "utc_day": "2026-03-18",
            }
        ],
    ),
]


@pytest.mark.parametrize("investor", [INVESTORS[name] for name in ("H1", "H2", "H3")])
def test_investor_of_the_example_is_admitted(investor: Investor) -> None:
    assert examine(INVESTOR_RULES, asking(investor.id)) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_investor_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(INVESTOR_RULES, breach)


@pytest.mark.parametrize(
    ("investor_id", "rule"),
    [("mainland-resident", "INV-01"), ("hk-shell", "INV-04"), ("stale-evidence", "INV-13")],
)
def test_refused_investor_of_the_example_breaks_one_rule_only(investor_id: str, rule: str) -> None:
    assert {each.rule for each in examine(INVESTOR_RULES, asking(investor_id))} == {rule}


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
def test_figure_that_just_meets_its_threshold_is_accepted(case: InvestorCase) -> None:
    assert examine(INVESTOR_RULES, case) == ()


def test_licensed_institution_needs_no_figures_and_no_opt_in() -> None:
    case = asking("H1", investor_class=KIND.SG_INSTITUTION, opted_in=False)
    assert not case.investor.evidence.figures
    assert examine(INVESTOR_RULES, case) == ()


def test_mainland_minority_just_below_a_quarter_is_accepted() -> None:
    case = asking("H1", owners=(owner("0.24999999"), owner("0.75", residency="HK")))
    assert examine(INVESTOR_RULES, case) == ()


def test_mainland_controller_of_a_company_without_control_is_accepted() -> None:
    passive = Owner("Passive Ltd.", "HK", Fraction(1, 10), False, (owner("1", controls=True),))
    assert examine(INVESTOR_RULES, asking("H1", owners=(passive,))) == ()


def test_last_place_below_the_cap_is_given() -> None:
    assert examine(INVESTOR_RULES, replace(asking("H1"), holders=199)) == ()


@pytest.mark.parametrize("day", [date(2025, 3, 19), ADMISSION_DAY])
def test_evidence_within_twelve_months_is_accepted(day: date) -> None:
    assert examine(INVESTOR_RULES, dated(day)) == ()
