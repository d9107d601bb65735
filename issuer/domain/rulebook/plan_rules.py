"""What a filing's plan adds to the deal's terms: TOK-04, SET-11 and INV-08, looked at in review."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.regime import Basis
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.rule import Facts, Rule, rule

EXTERNAL_DEBT_APPROVALS = ("external_debt_ndrc", "external_debt_safe")


@rule(
    "TOK-04",
    "Risk isolation works: a true sale that counsel confirms, and no long stay of cash elsewhere.",
    "风险隔离有效：真实出售意见无保留，资金混同期限受限。",
    basis=Basis.SOURCE,
    source="commentary; CSRC announcement [2014] 49 for domestic ABS",
    cure="Have counsel confirm the true sale without reserve, and sweep the collections sooner.",
    figures=("commingling_days",),
)
def pool_is_isolated(case: FilingCase) -> Iterator[Facts]:
    """The opinion, and how long collections lie with somebody else."""
    plan = case.bundle.plan
    if plan.true_sale_opinion != "CLEAN":
        yield {"true_sale_opinion": stated(plan.true_sale_opinion)}
    if plan.commingling_days is None or plan.commingling_days > case.regime.commingling_days:
        yield {
            "commingling_days": stated(plan.commingling_days),
            "at_most": case.regime.commingling_days,
        }


@rule(
    "SET-11",
    "An issuer that lends its proceeds onshore has both external-debt approvals.",
    "境外发行主体向境内放贷的，应取得外债审核登记及外汇登记。",
    basis=Basis.TEXT,
    source="Document 42 names the bodies (NDRC, SAFE); detail unverified",
    cure="Obtain the approval that is named, or let the proceeds come in as the price of the assets, and"
    " say which.",
)
def onshore_loan_is_approved(case: FilingCase) -> Iterator[Facts]:
    """Both granted: a statement that none is needed contradicts the loan."""
    loan = case.bundle.plan.onshore_loan
    if loan is None:
        yield {"onshore_loan": stated(loan)}
    if not loan:
        return
    statuses = {each.subject: each.status for each in case.bundle.approvals}
    for subject in EXTERNAL_DEBT_APPROVALS:
        if statuses.get(subject) != "GRANTED":
            yield {"approval": subject, "status": statuses.get(subject)}


@rule(
    "INV-08",
    "The offering documents have a section on the risks of tokens.",
    "发行文件应包含代币风险揭示章节。",
    basis=Basis.SOURCE,
    source="SFC circular 23EC52 (2 November 2023)",
    cure="Add the section on token risks to the issuance documents (M-02), and say so in the plan.",
)
def token_risks_are_disclosed(case: FilingCase) -> Iterator[Facts]:
    """As the plan states it."""
    if not (disclosed := case.bundle.plan.token_risks_disclosed):
        yield {"token_risks_disclosed": stated(disclosed)}


PLAN_RULES: tuple[Rule[FilingCase], ...] = (
    pool_is_isolated,
    onshore_loan_is_approved,
    token_risks_are_disclosed,
)
