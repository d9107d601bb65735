"""FIL: what a filing must contain, and AC: what in it must agree. Checked before acceptance and
again at approval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from issuer.domain.bundle import (
    ATTESTER_ROLES,
    CORE_MATERIALS,
    MATERIAL_TITLES,
    Attestation,
    Bundle,
)
from issuer.domain.deal import Deal
from issuer.domain.filing import ENDED, Filing
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.rule import Facts, Rule, rule


@dataclass(frozen=True, slots=True)
class FilingCase:
    """A submitted bundle and what it is checked against.

    `bundle_hash` is recomputed from the stored materials. `elsewhere` maps asset ids of other live
    filings to those filings. `predecessor` is the deal's filing before this one. `deployed` maps
    the names of the deal's own contracts to (address, code hash) on chain.
    """

    filing: Filing
    deal: Deal
    bundle: Bundle
    bundle_hash: str
    attestations: tuple[Attestation, ...]
    elsewhere: Mapping[str, str]
    deployed: Mapping[str, tuple[str, str]]
    chain_id: int
    predecessor: Filing | None
    today: date
    regime: Regime


@rule(
    "FIL-02",
    "The filer is the domestic entity that actually controls the underlying assets.",
    "备案主体应为实际控制基础资产的境内主体。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing duty",
    cure="File in the name of the mainland entity that controls every asset of the pool.",
)
def filer_controls_the_assets(case: FilingCase) -> Iterator[Facts]:
    """The filer is a mainland entity, the deal's own filer, and controls each asset."""
    entity = case.bundle.entity
    if entity.jurisdiction != "CN":
        yield {"filer": entity.name, "jurisdiction": entity.jurisdiction}
    if entity.uscc != case.deal.filer.uscc:
        yield {"filer_uscc": entity.uscc, "deal_filer_uscc": case.deal.filer.uscc}
    for asset in case.bundle.assets:
        if asset.controller_uscc != entity.uscc:
            yield {"asset": asset.id, "controller_uscc": asset.controller_uscc}


@rule(
    "FIL-03",
    "A filing is the report, the full overseas issuance documents and the other materials.",
    "备案材料应包括备案报告、境外全套发行资料及其他规定材料。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing article; list after guideline No. 2",
    cure="Add the document, or a signed statement that it does not apply.",
)
def all_materials_are_there(case: FilingCase) -> Iterator[Facts]:
    """Each required code has a document that is not empty, or a statement."""
    present = {m.code for m in case.bundle.materials if m.content or m.not_applicable}
    for code, title in MATERIAL_TITLES.items():
        if code not in present:
            yield {"material": code, "title": title}
    for material in case.bundle.materials:
        if material.code in CORE_MATERIALS and material.not_applicable:
            yield {"material": material.code, "found": "stated not to apply: it always does"}


@rule(
    "FIL-04",
    "The filing describes the domestic entity, the assets and the issuance plan in full.",
    "备案材料应全面说明境内备案主体、基础资产和代币发行方案。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing article",
    cure="Complete the section that is named.",
)
def the_three_sections_are_full(case: FilingCase) -> Iterator[Facts]:
    """The pool is not empty, and the plan names the tranches and contracts of the deal."""
    plan = case.bundle.plan
    if not case.bundle.assets:
        yield {"section": "assets", "found": "no asset"}
    planned = {tranche.id for tranche in plan.tranches}
    expected = {tranche.id for tranche in case.deal.tranches}
    if planned != expected:
        yield {"section": "plan.tranches", "planned": sorted(planned), "deal": sorted(expected)}
    if not plan.contracts:
        yield {"section": "plan.contracts", "found": "no contract"}


@rule(
    "FIL-05",
    "The materials are true, accurate and complete; those responsible attest to one bundle.",
    "备案材料应真实、准确、完整，相关责任主体应对同一材料作出承诺。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, truth duty",
    cure="Have every responsible role sign the hash of this very version of the materials.",
)
def every_responsible_role_attests(case: FilingCase) -> Iterator[Facts]:
    """Each required role's named key has signed the recomputed hash (AC-10: one hash for all)."""
    named = case.bundle.attesters
    signed = {
        attestation.role
        for attestation in case.attestations
        if attestation.bundle_hash == case.bundle_hash
        and attestation.signer == named.get(attestation.role)
    }
    for role in ATTESTER_ROLES:
        if role not in signed:
            yield {"attester": role, "bundle_hash": case.bundle_hash}


@rule(
    "FIL-06",
    "A filing that was not accepted is over; trying again is a new filing that names the old one.",
    "不符合要求的备案不予受理；重新备案应另行提交并注明被取代的备案。",
    basis=Basis.SOURCE,
    source="commentary on the acceptance clause",
    cure="Name in `supersedes` the deal's earlier filing, which must have ended.",
)
def names_the_filing_before(case: FilingCase) -> Iterator[Facts]:
    """The deal's earlier filing, if there is one, has ended and is named."""
    old = case.predecessor
    if case.filing.supersedes != (old.id if old else None):
        yield {"supersedes": case.filing.supersedes, "earlier_filing": old.id if old else None}
    if old is not None and old.state not in ENDED:
        yield {"earlier_filing": old.id, "state": old.state.value}


@rule(
    "FIL-15",
    "Other approvals come first: cross-border investment, foreign exchange, cyber, data.",
    "应先行履行跨境投资、外汇管理、网络和数据安全等核准、备案或安全审查程序。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, compliance duty",
    cure="Obtain the approval before submitting, or state with a signature that none is needed.",
)
def other_approvals_come_first(case: FilingCase) -> Iterator[Facts]:
    """Each of the four subjects is decided by every authority named, none after the submission."""
    approvals = case.bundle.approvals
    for subject in _SUBJECTS:
        if all(approval.subject != subject for approval in approvals):
            yield {"subject": subject, "status": "missing"}
    for approval in approvals:
        if approval.status not in {"GRANTED", "NOT_APPLICABLE"}:
            yield {"subject": approval.subject, "status": approval.status}
        elif approval.status == "GRANTED" and approval.dated is None:
            yield {"subject": approval.subject, "status": approval.status, "dated": None}
        elif approval.dated and approval.dated > _last(case):
            yield {"subject": approval.subject, "dated": approval.dated.isoformat()}


_SUBJECTS = ("cross_border_investment", "foreign_exchange", "cyber_security", "data_export")


def _last(case: FilingCase) -> date:
    """A supplement may bring a later approval, so the last submission counts."""
    return case.today if case.bundle.version > 1 else case.filing.submitted_on or case.today


@rule(
    "FIL-16",
    "The form decides the authority: only an ABS-like plan is filed with the CSRC this way.",
    "按业务形式确定主管部门：仅类资产证券化形式适用本备案程序。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42), allocation of authorities",
    cure="Take external debt to NDRC and SAFE, equity to the overseas-listing rules.",
)
def form_belongs_here(case: FilingCase) -> Iterator[Facts]:
    """The form as the plan states it; the deal's own is TOK-02."""
    if case.bundle.plan.form != "ABS_LIKE":
        yield {"form": case.bundle.plan.form}


@rule(
    "AC-1",
    "The tranches add up to the plan's total, which stays within the cap applied for.",
    "各档本金之和应等于方案总额且不超过申请额度。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20",
    cure="Make the tranches, the total and the cap of the plan agree with the deal.",
)
def tranches_add_up(case: FilingCase) -> Iterator[Facts]:
    """Plan against itself and against the deal."""
    plan = case.bundle.plan
    total = sum(tranche.principal_micro for tranche in plan.tranches)
    if total != plan.total_micro:
        yield {"sum_of_tranches_micro": total, "plan_total_micro": plan.total_micro}
    if plan.total_micro > plan.cap_micro:
        yield {"plan_total_micro": plan.total_micro, "cap_micro": plan.cap_micro}
    dealt = {tranche.id: tranche for tranche in case.deal.tranches}
    for planned in plan.tranches:
        agreed = dealt.get(planned.id)
        if agreed is None or agreed.original_micro != planned.principal_micro:
            yield {
                "tranche": planned.id,
                "plan_micro": planned.principal_micro,
                "deal_micro": agreed.original_micro if agreed else None,
            }
        elif agreed.tokenised is not planned.tokenised:
            yield {
                "tranche": planned.id,
                "plan_tokenised": planned.tokenised,
                "deal_tokenised": agreed.tokenised,
            }


@rule(
    "AC-2",
    "What several documents state, they state alike.",
    "各材料对同一事项的表述应一致。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20",
    cure="Correct the document that differs, and attest again.",
)
def documents_agree(case: FilingCase) -> Iterator[Facts]:
    """Declared fields are equal wherever they occur, spaces aside, and equal to the sections."""
    entity = case.bundle.entity
    stated: dict[str, dict[str, str]] = {
        "entity_name": {"entity": _squeezed(entity.name)},
        "uscc": {"entity": entity.uscc},
        "issue_total_micro": {"plan": str(case.bundle.plan.total_micro)},
    }
    for material in case.bundle.materials:
        for field, value in material.declared.items():
            stated.setdefault(field, {})[material.code] = _squeezed(value)
    for field, values in stated.items():
        if len(set(values.values())) > 1:
            yield {"field": field, "stated": values}


def _squeezed(text: str) -> str:
    return " ".join(text.split())


@rule(
    "AC-3",
    "The contracts on chain are those of the plan.",
    "链上合约应与发行方案所载一致。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20",
    cure="Put the addresses and code hashes of the deployment into the plan (M-05).",
)
def contracts_are_those_of_the_plan(case: FilingCase) -> Iterator[Facts]:
    """Chain id, addresses and code hashes; the plan may also name contracts that deals share."""
    plan = case.bundle.plan
    if plan.chain_id != case.chain_id:
        yield {"plan_chain_id": plan.chain_id, "chain_id": case.chain_id}
    planned = {c.name: (c.address, c.code_hash) for c in plan.contracts}
    for name, found in case.deployed.items():
        if planned.get(name) != found:
            yield {"contract": name, "deployed": found, "planned": planned.get(name)}
    if planned and not case.deployed:
        yield {"deployed": "no contract of the deal", "planned": sorted(planned)}


@rule(
    "AC-4",
    "The asset balances add up to the pool, which covers the tranches and the stated surplus.",
    "资产余额之和应等于资产池余额，且覆盖各档本金及超额抵押。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20",
    cure="Correct the register of assets or the pool balance; a pool too small needs more assets.",
)
def pool_covers_the_tranches(case: FilingCase) -> Iterator[Facts]:
    """Register against pool, pool against tranches."""
    plan = case.bundle.plan
    total = sum(asset.balance_micro for asset in case.bundle.assets)
    if total != plan.pool_balance_micro:
        yield {"sum_of_assets_micro": total, "pool_balance_micro": plan.pool_balance_micro}
    needed = sum(t.principal_micro for t in plan.tranches) + plan.overcollateral_micro
    if plan.pool_balance_micro < needed:
        yield {"pool_balance_micro": plan.pool_balance_micro, "needed_micro": needed}


@rule(
    "AC-5",
    "No note outlives the right that pays it.",
    "最终到期日不得晚于基础资产权利到期日。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20",
    cure="Shorten the notes, or replace the asset whose right ends earlier.",
)
def rights_outlive_the_notes(case: FilingCase) -> Iterator[Facts]:
    """Legal final maturity against the end of each right."""
    final = case.bundle.plan.legal_final_maturity
    for asset in case.bundle.assets:
        if asset.right_ends_on < final:
            yield {
                "asset": asset.id,
                "right_ends_on": asset.right_ends_on.isoformat(),
                "legal_final_maturity": final.isoformat(),
            }


@rule(
    "AC-7",
    "An asset is financed once.",
    "同一资产不得重复融资。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20; double financing",
    cure="Take the asset out of this pool, or end the other filing first.",
)
def assets_are_financed_once(case: FilingCase) -> Iterator[Facts]:
    """Asset ids are unique in the bundle and across live filings."""
    seen: set[str] = set()
    for asset in case.bundle.assets:
        if asset.id in seen:
            yield {"asset": asset.id, "found": "twice in this filing"}
        seen.add(asset.id)
        if asset.id in case.elsewhere:
            yield {"asset": asset.id, "also_in_filing": case.elsewhere[asset.id]}


@rule(
    "AC-9",
    "The uses of the proceeds add up to the net proceeds and are not virtual-currency business.",
    "募集资金用途之和应等于净募集额，且不得用于虚拟货币业务。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 20; Document 42",
    cure="State where every part of the proceeds goes, into the real economy.",
)
def proceeds_are_accounted_for(case: FilingCase) -> Iterator[Facts]:
    """Uses add up; none is virtual-currency business."""
    plan = case.bundle.plan
    total = sum(use.amount_micro for use in plan.uses)
    if total != plan.net_proceeds_micro:
        yield {"sum_of_uses_micro": total, "net_proceeds_micro": plan.net_proceeds_micro}
    for use in plan.uses:
        if use.virtual_currency:
            yield {"use": use.purpose, "found": "virtual-currency business"}


#: What is looked at again before every mint: it may have been altered, or replaced, since.
STANDING_RULES: tuple[Rule[FilingCase], ...] = (
    every_responsible_role_attests,
    contracts_are_those_of_the_plan,
)

FILING_RULES: tuple[Rule[FilingCase], ...] = (
    filer_controls_the_assets,
    all_materials_are_there,
    the_three_sections_are_full,
    every_responsible_role_attests,
    names_the_filing_before,
    other_approvals_come_first,
    form_belongs_here,
    tranches_add_up,
    documents_agree,
    contracts_are_those_of_the_plan,
    pool_covers_the_tranches,
    rights_outlive_the_notes,
    assets_are_financed_once,
    proceeds_are_accounted_for,
)
