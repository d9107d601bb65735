"""FIL: what makes a filing one that may be taken up. Checked before acceptance and again at approval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from issuer.domain.assets import Asset
from issuer.domain.bundle import ATTESTER_ROLES
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import ENDED
from issuer.domain.materials import MATERIALS
from issuer.domain.names import squeezed
from issuer.domain.regime import Basis
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.material_rules import fault_of
from issuer.domain.rulebook.rule import Facts, Rule, rule

#: What every offering document says, in these very words (FIL-10).
DISCLAIMER = "The filing with the CSRC is not an endorsement of the notes' value"
DISCLAIMER_ZH = "备案不构成对代币价值的认可"


@rule(
    "FIL-02",
    "The filer is the domestic entity that actually controls the underlying assets.",
    "备案主体应为实际控制基础资产的境内主体。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing duty",
    cure="File in the name of the mainland entity that controls every asset of the pool, or document"
    " the chain of control from the asset's controller up to it.",
)
def filer_controls_the_assets(case: FilingCase) -> Iterator[Facts]:
    """The filer is a mainland entity, the deal's own filer, and controls each asset."""
    entity = case.bundle.entity
    if entity.jurisdiction != "CN":
        yield {"filer": entity.name, "jurisdiction": entity.jurisdiction}
    if entity.uscc != case.deal.filer.uscc:
        yield {"filer_uscc": entity.uscc, "deal_filer_uscc": case.deal.filer.uscc}
    for asset in case.bundle.assets:
        if not _controls(entity.uscc, asset):
            yield {
                "asset": asset.id,
                "controller_uscc": asset.controller_uscc,
                "control_chain": list(asset.control_chain),
            }


def _controls(filer: str, asset: Asset) -> bool:
    """Directly, or through a chain that is documented from the controller to the filer."""
    chain = asset.control_chain or (asset.controller_uscc,)
    return chain[0] == asset.controller_uscc and chain[-1] == filer


@rule(
    "FIL-03",
    "A filing is the report, the full overseas issuance documents and the other materials.",
    "备案材料应包括备案报告、境外全套发行资料及其他规定材料。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing article; list after guideline No. 2",
    cure="Add the document, or a signed statement that it does not apply.",
)
def all_materials_are_there(case: FilingCase) -> Iterator[Facts]:
    """Which materials the set lacks; what is wrong with each, its own rule says (M-01 to M-16)."""
    for kind in MATERIALS:
        if fault_of(case.bundle, kind):
            yield {"material": kind.code, "title": kind.title}


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
    """Each required role's named key has signed the recomputed hash."""
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
    basis=Basis.DESIGN,
    source="naming the earlier filing by design, after commentary on the acceptance clause",
    cure="Name in `supersedes` the deal's earlier filing, which must have ended unpublished; the tokens"
    " belong to one that was published: amend it if it has expired, or register the deal anew.",
)
def names_the_filing_before(case: FilingCase) -> Iterator[Facts]:
    """The deal's earlier filing, if there is one, has ended, is named, and was never published."""
    old = case.predecessor
    if case.filing.supersedes != (old.id if old else None):
        yield {"supersedes": case.filing.supersedes, "earlier_filing": old.id if old else None}
    if old is not None and old.state not in ENDED:
        yield {"earlier_filing": old.id, "state": old.state.value}
    if case.published is not None and case.published.id != case.filing.id:
        yield published_before(case.published)


def published_before(published: Filing) -> Facts:
    """The deal's tokens belong to the filing that was published: no other can be anchored for them."""
    return {"published_filing": published.id, "state": published.state.value}


@rule(
    "FIL-10",
    "A filing is not an endorsement of value, and the offering says so.",
    "备案不构成对代币投资价值的认可，发行文件应予载明。",
    basis=Basis.ANALOGY,
    source="draft rules on overseas listing (2021) art. 2",
    cure=f"Say in M-02 and in the deal's overseas notice: {DISCLAIMER}.",
)
def says_it_is_no_endorsement(case: FilingCase) -> Iterator[Facts]:
    """In the issuance documents and in the deal's notice, in the fixed words of either language."""
    for material in case.bundle.materials:
        if material.code == "M-02" and not _disclaims(material.content.decode("utf-8", "replace")):
            yield {"material": "M-02", "missing": DISCLAIMER}
    if not _disclaims(case.deal.overseas_notice):
        yield {"deal": case.deal.id, "missing_in_overseas_notice": DISCLAIMER}


def _disclaims(text: str) -> bool:
    plain = squeezed(text).casefold()
    return DISCLAIMER.casefold() in plain or DISCLAIMER_ZH in plain.replace(" ", "")


@rule(
    "FIL-15",
    "Other approvals come first: cross-border investment, foreign exchange, cyber, data.",
    "应先行履行跨境投资、外汇管理、网络和数据安全等核准、备案或安全审查程序。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, compliance duty; order in time after Trial Measures (2023) art. 9",
    cure="Obtain the approval before submitting, or state with a signature that none is needed.",
)
def other_approvals_come_first(case: FilingCase) -> Iterator[Facts]:
    """Each of the four subjects is decided by every authority named, none too late."""
    approvals = case.bundle.approvals
    for subject in _SUBJECTS:
        if all(approval.subject != subject for approval in approvals):
            yield {"subject": subject, "status": "missing"}
    for approval in approvals:
        if approval.status not in {"GRANTED", "NOT_APPLICABLE"}:
            yield {"subject": approval.subject, "status": approval.status}
        elif approval.status == "GRANTED" and approval.dated is None:
            yield {"subject": approval.subject, "status": approval.status, "dated": None}
        elif approval.dated and approval.dated > _latest(case, approval.subject):
            yield {
                "subject": approval.subject,
                "dated": approval.dated.isoformat(),
                "latest": _latest(case, approval.subject).isoformat(),
            }


_SUBJECTS = ("cross_border_investment", "foreign_exchange", "cyber_security", "data_export")


def _latest(case: FilingCase, subject: str) -> date:
    """The submission. A supplement may bring a later approval, yet none later than its signatures,
    and the security review is never brought afterwards.
    """
    if case.bundle.version == 1 or subject == "cyber_security":
        return case.submitted_on
    signed = [each.signed_on for each in case.attestations if each.signed_on]
    return max(signed, default=case.today)


@rule(
    "FIL-16",
    "The form decides the authority: only an ABS-like plan is filed with the CSRC this way.",
    "按业务形式确定主管部门：仅类资产证券化形式适用本备案程序。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42), allocation of authorities",
    cure="Take external debt to NDRC and SAFE, equity to the overseas-listing rules.",
)
def form_belongs_here(case: FilingCase) -> Iterator[Facts]:
    """The form as the plan states it, and where else it belongs; the deal's own is TOK-02."""
    form = case.bundle.plan.form
    if form != "ABS_LIKE":
        yield {"form": form, "authority": _AUTHORITIES.get(form, "CSRC with other departments")}


_AUTHORITIES = {
    "EXTERNAL_DEBT": "NDRC and SAFE",
    "EQUITY": "CSRC, under the overseas-listing rules",
}


@rule(
    "FIL-17",
    "A plan of several draws is filed at the first, with the total of all.",
    "分次发行的，应在首次发行时备案并说明总额。",
    basis=Basis.ANALOGY,
    source="Application guideline No. 1, 2.4",
    cure="State every draw, so that they add up to what is sold overseas.",
)
def draws_are_filed_together(case: FilingCase) -> Iterator[Facts]:
    """Draws, where there are several, against the tokenised tranches."""
    plan = case.bundle.plan
    drawn = sum(draw.amount_micro for draw in plan.draws)
    if plan.draws and drawn != plan.sold_micro:
        yield {"sum_of_draws_micro": drawn, "tokenised_micro": plan.sold_micro}


@rule(
    "FIL-18",
    "What an intermediary of a mainland group does overseas is inside the group's compliance system.",
    "境内机构的境外子公司、分支机构提供相关服务的，应纳入集团合规风控体系。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42), duties of branches and intermediaries",
    cure="State of every intermediary where its group is led from; obtain a mainland group's attestation on"
    " client access, suitability and anti-money-laundering.",
)
def mainland_groups_vouch(case: FilingCase) -> Iterator[Facts]:
    """By the country of the group's parent."""
    if case.bundle.intermediaries is None:
        yield {"intermediaries": stated(case.bundle.intermediaries)}
    for each in case.bundle.intermediaries or ():
        if each.group_parent is None:
            yield {"intermediary": each.name, "role": each.role, "group_parent": stated(None)}
        elif each.group_parent == "CN" and not each.compliance_attestation:
            yield {"intermediary": each.name, "role": each.role, "group_parent": "CN"}


FILING_RULES: tuple[Rule[FilingCase], ...] = (
    filer_controls_the_assets,
    all_materials_are_there,
    the_three_sections_are_full,
    every_responsible_role_attests,
    names_the_filing_before,
    says_it_is_no_endorsement,
    other_approvals_come_first,
    form_belongs_here,
    draws_are_filed_together,
    mainland_groups_vouch,
)
