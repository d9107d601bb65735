"""INF-01 to INF-04: on which systems a deal may run, and what is said of those that might become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from issuer.domain.regime import APPROVED, Basis, Regime
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.rule import Facts, Rule, rule


@rule(
    "INF-01",
    "Onshore activity with tokens is forbidden, except with consent and on specific infrastructure.",
    "境内不得开展代币化相关活动，经依法同意并依托特定金融基础设施的除外。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42); the list of infrastructure is not published",
    cure="State the systems, if any; keep the onshore leg off them, or enter the consent in the regime's"
    " infrastructure.",
    figures=("infrastructure",),
)
def onshore_systems_have_consent(case: FilingCase) -> Iterator[Facts]:
    """Each onshore system of the plan is in the registry, approved, on that leg, with its consent."""
    known = {each.id: each for each in case.regime.infrastructure}
    systems = case.bundle.plan.onshore_systems
    if systems is None:
        yield {"onshore_systems": stated(systems)}
    for name in systems or ():
        system = known.get(name)
        if system is None:
            yield {"system": name, "status": "UNKNOWN"}
        elif system.leg != "ONSHORE" or not system.is_approved:
            yield {
                "system": name,
                "leg": system.leg,
                "status": system.status,
                "consent_reference": system.consent_reference,
            }


@rule(
    "INF-02",
    "The tokens live on the filed chain alone.",
    "代币仅可部署于备案所载区块链。",
    basis=Basis.DESIGN,
    source="the plan (M-05) names the chain; the service knows its own by id and first block",
    cure="Deploy on the plan's chain, or file the chain of the deployment; act on no other.",
)
def chain_is_the_filed_one(case: FilingCase) -> Iterator[Facts]:
    """Where the deal was deployed, and where what is done now would go: the plan's chain, both."""
    filed = case.bundle.plan.chain_id
    for act, chain_id in (("deployment", case.deployed_on), ("what is done now", case.chain_id)):
        if chain_id != filed:
            yield {"filed_chain_id": filed, "act": act, "chain_id": chain_id}


@rule(
    "INF-03",
    "There are no copies of the tokens on other chains, and no bridges to them.",
    "不得在其他链上部署副本或设置跨链桥。",
    basis=Basis.DESIGN,
    source="a bridge holds units for people whom nobody has looked at",
    cure="State in the plan that there are no other chains, and have none.",
)
def no_other_chain_has_a_copy(case: FilingCase) -> Iterator[Facts]:
    """As the plan states it; a bridge's account cannot be admitted anyway (INV-01)."""
    chains = case.bundle.plan.other_chains
    if chains is None:
        yield {"other_chains": stated(chains)}
    for chain_id in chains or ():
        yield {"other_chain": chain_id}


@dataclass(frozen=True, slots=True)
class RegimeCase:
    """Figures about to come into force."""

    regime: Regime


@rule(
    "INF-04",
    "A candidate is never shown as approved infrastructure.",
    "候选基础设施不得标示为已获批准。",
    basis=Basis.DESIGN,
    source="which systems are meant is speculation until the list is published",
    cure="Leave the system a CANDIDATE, or give the reference of the authority's consent.",
    figures=("infrastructure",),
)
def approval_names_its_consent(case: RegimeCase) -> Iterator[Facts]:
    """Whatever is called approved says by which consent."""
    for system in case.regime.infrastructure:
        if system.status == APPROVED and not system.consent_reference:
            yield {"system": system.id, "status": system.status, "consent_reference": None}


INFRASTRUCTURE_RULES: tuple[Rule[FilingCase], ...] = (
    onshore_systems_have_consent,
    chain_is_the_filed_one,
    no_other_chain_has_a_copy,
)
REGIME_RULES: tuple[Rule[RegimeCase], ...] = (approval_names_its_consent,)
