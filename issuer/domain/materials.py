"""The sixteen materials of a filing: what each is, and where the list has it from."""

from __future__ import annotations

from dataclasses import dataclass

from issuer.domain.regime import Basis

_FILING_ARTICLE = "Announcement [2026] No. 1, filing article; contents after guideline No. 2"
_GUIDELINE = "Application guideline No. 2 for overseas listing"


@dataclass(frozen=True, slots=True)
class MaterialKind:
    """A material by its code. A core one is never "not applicable"."""

    code: str
    title: str
    title_zh: str
    contents: str
    basis: Basis
    source: str
    core: bool = False


def _core(code: str, title: str, title_zh: str, contents: str) -> MaterialKind:
    return MaterialKind(code, title, title_zh, contents, Basis.TEXT, _FILING_ARTICLE, core=True)


def _guideline(code: str, title: str, title_zh: str, contents: str) -> MaterialKind:
    return MaterialKind(code, title, title_zh, contents, Basis.ANALOGY, _GUIDELINE)


def _design(code: str, title: str, title_zh: str, contents: str, source: str) -> MaterialKind:
    return MaterialKind(code, title, title_zh, contents, Basis.DESIGN, source)


# fmt: off
MATERIALS: tuple[MaterialKind, ...] = (
    _core("M-01", "Filing report", "备案报告",
          "signed by the legal representative and sealed"),
    _core("M-02", "Full overseas issuance documents", "境外全套发行资料",
          "offering circular, subscription, trust deed, servicing, accounts, transfer agent, terms of"
          " the token; what is in English with a translation into simplified Chinese"),
    _core("M-03", "Domestic filing entity information", "境内备案主体情况",
          "credit code, capital, shareholders, actual controller, beneficial owners"),
    _core("M-04", "Underlying asset information", "基础资产情况",
          "register, title, transferability, obligors, encumbrances, revenue history, forecast"),
    _core("M-05", "Token issuance plan", "代币发行方案",
          "issuer, chain, contracts, tranches, cap, tenor, order of payments, investors, use of"
          " proceeds"),
    _guideline("M-06", "Board and shareholder resolutions", "董事会及股东会决议",
               "of the filer, on the assignment and the filing"),
    _guideline("M-07", "Structure chart", "股权及交易结构图",
               "ownership and transaction, with the flow through the accounts"),
    _guideline("M-08", "Undertakings", "承诺函",
               "of the filer, the arranger and counsel"),
    _guideline("M-09", "Sector regulators' opinions", "行业主管部门意见",
               "or approvals, where the sector has a regulator"),
    _guideline("M-10", "Security assessment or cyber review outcome", "安全评估或网络安全审查意见",
               "where one is required"),
    _guideline("M-11", "Legal opinions", "法律意见书",
               "mainland counsel on negative list, title, true sale and approvals; overseas counsel"),
    _design("M-12", "Cash-flow forecast report and stress", "现金流预测及压力测试报告",
            "with the rating report, if rated", "practice of asset-backed securities, unverified"),
    _design("M-13", "Data-export record", "数据出境记录",
            "fields that leave the mainland, basis, de-identification",
            "on the data duty of Announcement [2026] No. 1"),
    _design("M-14", "Foreign-exchange plan", "外汇收支方案",
            "the way in for proceeds, the way out for coupons",
            "on the foreign-exchange duty of Announcement [2026] No. 1"),
    _design("M-15", "Smart-contract audit and upgrade-key policy", "智能合约审计及升级密钥管理",
            "of the contracts that the plan names", "no text speaks of contracts"),
    _design("M-16", "AML and mainland-blocking plan", "反洗钱及境内隔离方案",
            "who is admitted, who is refused, how it is seen",
            "on Document 42 (Yinfa [2026] No. 42)"),
)
# fmt: on

MATERIAL_TITLES = {each.code: each.title for each in MATERIALS}
