"""AC: what the materials, the deal and the chain say of one thing, they say alike."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.names import as_compared, squeezed
from issuer.domain.regime import Basis
from issuer.domain.rulebook.amount_rules import (
    forecast_covers_debt_service,
    pool_covers_the_tranches,
    proceeds_are_accounted_for,
    revenue_is_what_was_metered,
    rights_outlive_the_notes,
    tranches_add_up,
)
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.rule import Facts, Rule, rule

_ART_20 = "Trial Measures (2023) art. 20"


@rule(
    "AC-2",
    "What several documents state, they state alike.",
    "各材料对同一事项的表述应一致。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Correct the document that differs, and attest again.",
)
def documents_agree(case: FilingCase) -> Iterator[Facts]:
    """Declared fields are equal wherever they occur, spaces and capitals aside, and equal to the sections.

    Silence is no agreement: the report and the descriptions do declare what identifies the filing.
    """
    entity = case.bundle.entity
    stated: dict[str, dict[str, str]] = {
        "entity_name": {"entity": squeezed(entity.name)},
        "uscc": {"entity": entity.uscc},
        "issue_total_micro": {"plan": str(case.bundle.plan.total_micro)},
    }
    for material in case.bundle.materials:
        for field, value in material.declared.items():
            stated.setdefault(field, {})[material.code] = squeezed(value)
        for field in _DECLARED.get(material.code, ()):
            if material.content and field not in material.declared:
                yield {"field": field, "not_declared_in": material.code}
    for field, values in stated.items():
        if len({value.casefold() for value in values.values()}) > 1:
            yield {"field": field, "stated": values}


_DECLARED = {
    "M-01": ("entity_name", "uscc", "issue_total_micro"),
    "M-03": ("entity_name", "uscc"),
    "M-05": ("entity_name", "issue_total_micro"),
}


@rule(
    "AC-3",
    "The contracts on chain are those of the plan.",
    "链上合约应与发行方案所载一致。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Put the addresses and code hashes of the deployment into the plan (M-05).",
)
def contracts_are_those_of_the_plan(case: FilingCase) -> Iterator[Facts]:
    """Addresses and code hashes; the plan may also name contracts that deals share. On which chain they
    are is INF-02's.
    """
    planned = {c.name: (c.address, c.code_hash) for c in case.bundle.plan.contracts}
    for name, found in case.deployed.items():
        if planned.get(name) != found:
            yield {"contract": name, "deployed": found, "planned": planned.get(name)}
    if planned and not case.deployed:
        yield {"deployed": "no contract of the deal", "planned": sorted(planned)}


@rule(
    "AC-7",
    "An asset is financed once.",
    "同一资产不得重复融资。",
    basis=Basis.ANALOGY,
    source=f"{_ART_20}; double financing",
    cure="Take the asset out of this pool, or end the other filing first.",
)
def assets_are_financed_once(case: FilingCase) -> Iterator[Facts]:
    """Asset ids are unique in the bundle and across live filings, beneath wrappers too, however written."""
    seen: set[str] = set()
    elsewhere = {as_compared(asset): filing for asset, filing in case.elsewhere.items()}
    for asset in (*case.bundle.assets, *case.bundle.underlying_assets):
        name = as_compared(asset.id)
        if name in seen:
            yield {"asset": asset.id, "found": "twice in this filing"}
        seen.add(name)
        if name in elsewhere:
            yield {"asset": asset.id, "also_in_filing": elsewhere[name]}


@rule(
    "AC-10",
    "All attesters' certificates are valid on the day of signing, and all sign one bundle hash.",
    "各签署方证书在签署日应有效，且签署同一材料哈希。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Renew the certificate, name it in the filing, and sign again.",
)
def signatures_are_certified(case: FilingCase) -> Iterator[Facts]:
    """Who has not signed at all is FIL-05's; who has, did so under a certificate, over this hash."""
    certificates = {each.role: each for each in case.bundle.certificates}
    for each in case.attestations:
        if each.bundle_hash != case.bundle_hash:
            yield {"attester": each.role, "signed_hash": each.bundle_hash}
        certificate = certificates.get(each.role)
        if certificate is None:
            yield {"attester": each.role, "certificate": "none"}
        elif each.signed_on is None:
            yield {"attester": each.role, "signed_on": "not known"}
        elif not certificate.valid_from <= each.signed_on <= certificate.valid_until:
            yield {
                "attester": each.role,
                "signed_on": each.signed_on.isoformat(),
                "valid_from": certificate.valid_from.isoformat(),
                "valid_until": certificate.valid_until.isoformat(),
            }


AGREEMENT_RULES: tuple[Rule[FilingCase], ...] = (
    tranches_add_up,
    documents_agree,
    contracts_are_those_of_the_plan,
    pool_covers_the_tranches,
    rights_outlive_the_notes,
    forecast_covers_debt_service,
    assets_are_financed_once,
    revenue_is_what_was_metered,
    proceeds_are_accounted_for,
    signatures_are_certified,
)
