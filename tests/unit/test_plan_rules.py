"""What a filing's plan adds to the deal's terms, and on which systems the deal may run."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from issuer.domain.bundle import AuthorityApproval
from issuer.domain.regime import APPROVED, Infrastructure, Regime
from issuer.domain.rulebook import infrastructure_rules, plan_rules
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.infrastructure_rules import REGIME_RULES, RegimeCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    CHAIN_ID,
    GOOD_FILING,
    REGIME,
    Breach,
    assert_found,
    with_plan,
)

NDRC = AuthorityApproval("NDRC", "external_debt_ndrc", "GRANTED", BUNDLE.approvals[0].dated, "n")
SAFE = replace(NDRC, authority="SAFE", subject="external_debt_safe", reference="s")
PUJIANG = Infrastructure("pujiang", "Pujiang", "ONSHORE", APPROVED, "PBOC-SIM-7")


def lending(*approvals: AuthorityApproval) -> FilingCase:
    """The issuer lends the proceeds onshore."""
    bundle = replace(with_plan(onshore_loan=True).bundle, approvals=BUNDLE.approvals + approvals)
    return replace(GOOD_FILING, bundle=bundle)


def onshore(system: str, *registry: Infrastructure) -> FilingCase:
    """The plan runs on a system, and the registry is this one, or the shipped one."""
    regime = replace(REGIME, infrastructure=registry) if registry else REGIME
    return replace(with_plan(onshore_systems=(system,)), regime=regime)


def called_approved(consent: str | None) -> RegimeCase:
    return RegimeCase(
        replace(REGIME, infrastructure=(replace(PUJIANG, consent_reference=consent),))
    )


def candidate(**changes: object) -> Sequence[dict[str, object]]:
    facts = {"leg": "ONSHORE", "status": "CANDIDATE", "consent_reference": None}
    return [{"system": "pujiang", **facts, **changes}]


BREACHES = [
    Breach(
        "true-sale opinion with a reserve",
        plan_rules.pool_is_isolated,
        with_plan(true_sale_opinion="QUALIFIED"),
        [{"true_sale_opinion": "QUALIFIED"}],
    ),
    Breach(
        "no true-sale opinion",
        plan_rules.pool_is_isolated,
        with_plan(true_sale_opinion="MISSING"),
        [{"true_sale_opinion": "MISSING"}],
    ),
    Breach(
        "true-sale opinion that nobody states",
        plan_rules.pool_is_isolated,
        with_plan(true_sale_opinion=None),
        [{"true_sale_opinion": "not stated"}],
    ),
    Breach(
        "days of commingling that nobody states",
        plan_rules.pool_is_isolated,
        with_plan(commingling_days=None),
        [{"commingling_days": "not stated", "at_most": 5}],
    ),
    Breach(
        "commingled a day too long",
        plan_rules.pool_is_isolated,
        with_plan(commingling_days=6),
        [{"commingling_days": 6, "at_most": 5}],
    ),
    Breach(
        "loan without approvals",
        plan_rules.onshore_loan_is_approved,
        lending(),
        [
            {"approval": "external_debt_ndrc", "status": None},
            {"approval": "external_debt_safe", "status": None},
        ],
    ),
    Breach(
        "loan without SAFE's registration",
        plan_rules.onshore_loan_is_approved,
        lending(NDRC),
        [{"approval": "external_debt_safe", "status": None}],
    ),
    Breach(
        "loan said to need no approval",
        plan_rules.onshore_loan_is_approved,
        lending(NDRC, replace(SAFE, status="NOT_APPLICABLE")),
        [{"approval": "external_debt_safe", "status": "NOT_APPLICABLE"}],
    ),
    Breach(
        "loan of which nobody says anything",
        plan_rules.onshore_loan_is_approved,
        with_plan(onshore_loan=None),
        [{"onshore_loan": "not stated"}],
    ),
    Breach(
        "onshore systems that nobody states",
        infrastructure_rules.onshore_systems_have_consent,
        with_plan(onshore_systems=None),
        [{"onshore_systems": "not stated"}],
    ),
    Breach(
        "other chains that nobody states",
        infrastructure_rules.no_other_chain_has_a_copy,
        with_plan(other_chains=None),
        [{"other_chains": "not stated"}],
    ),
    Breach(
        "no section on token risks",
        plan_rules.token_risks_are_disclosed,
        with_plan(token_risks_disclosed=False),
        [{"token_risks_disclosed": False}],
    ),
    Breach(
        "section on token risks that nobody states",
        plan_rules.token_risks_are_disclosed,
        with_plan(token_risks_disclosed=None),
        [{"token_risks_disclosed": "not stated"}],
    ),
    Breach(
        "system that nobody knows",
        infrastructure_rules.onshore_systems_have_consent,
        onshore("secret-ledger"),
        [{"system": "secret-ledger", "status": "UNKNOWN"}],
    ),
    Breach(
        "candidate",
        infrastructure_rules.onshore_systems_have_consent,
        onshore("pujiang"),
        candidate(),
    ),
    Breach(
        "called approved without consent",
        infrastructure_rules.onshore_systems_have_consent,
        onshore("pujiang", replace(PUJIANG, consent_reference=None)),
        candidate(status="APPROVED"),
    ),
    Breach(
        "approved for the other leg",
        infrastructure_rules.onshore_systems_have_consent,
        onshore("pujiang", replace(PUJIANG, leg="OFFSHORE")),
        candidate(leg="OFFSHORE", status="APPROVED", consent_reference="PBOC-SIM-7"),
    ),
    Breach(
        "contracts on another chain",
        infrastructure_rules.chain_is_the_filed_one,
        replace(GOOD_FILING, deployed_on=1030),
        [{"filed_chain_id": CHAIN_ID, "act": "deployment", "chain_id": 1030}],
    ),
    Breach(
        "act that would go to another chain",
        infrastructure_rules.chain_is_the_filed_one,
        replace(GOOD_FILING, chain_id=1030),
        [{"filed_chain_id": CHAIN_ID, "act": "what is done now", "chain_id": 1030}],
    ),
    Breach(
        "plan that names another chain",
        infrastructure_rules.chain_is_the_filed_one,
        with_plan(chain_id=1030),
        [
            {"filed_chain_id": 1030, "act": act, "chain_id": CHAIN_ID}
            for act in ("deployment", "what is done now")
        ],
    ),
    Breach(
        "copy on another chain",
        infrastructure_rules.no_other_chain_has_a_copy,
        with_plan(other_chains=(177, 1030)),
        [{"other_chain": 177}, {"other_chain": 1030}],
    ),
]
REGIME_BREACHES = [
    Breach(
        "candidate shown as approved",
        infrastructure_rules.approval_names_its_consent,
        called_approved(None),
        [{"system": "pujiang", "status": "APPROVED", "consent_reference": None}],
    ),
    Breach(
        "consent without a reference",
        infrastructure_rules.approval_names_its_consent,
        called_approved(""),
        [{"system": "pujiang", "status": "APPROVED", "consent_reference": None}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_plan_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(with_plan(commingling_days=5), id="longest-commingling"),
        pytest.param(with_plan(commingling_days=0), id="no-commingling"),
        pytest.param(lending(NDRC, SAFE), id="loan-with-both-approvals"),
        pytest.param(onshore("pujiang", PUJIANG), id="onshore-with-consent"),
    ],
)
def test_plan_within_the_rules_is_accepted(case: FilingCase) -> None:
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize("breach", REGIME_BREACHES, ids=str)
def test_regime_that_calls_a_candidate_approved_is_refused(breach: Breach) -> None:
    assert_found(REGIME_RULES, breach)


def test_approval_with_its_consent_and_the_shipped_candidates_are_accepted() -> None:
    assert examine(REGIME_RULES, called_approved("PBOC-SIM-7")) == ()
    assert examine(REGIME_RULES, RegimeCase(REGIME)) == ()
    assert not any(each.is_approved for each in Regime().infrastructure)
