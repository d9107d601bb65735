"""TOK-04, 05, 06 and INV-11: who issues, whose accounts, who is paid before whom, who keeps the first
loss. What the filing adds to them is in `plan_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from issuer.domain.deal import Deal
from issuer.domain.names import as_compared
from issuer.domain.regime import Basis
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.rule import Facts, Rule, rule
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.step_checks import word
from issuer.domain.waterfall.steps import Step, walk

ISSUER = "SPV"
"""Who owns an account that is the issuer's own."""

TAXES = "taxes"
"""The fee by which a deal pays its taxes."""


@rule(
    "TOK-04",
    "Risk isolation works: the pool's cash runs through accounts that are the issuer's own.",
    "风险隔离有效：资产池现金流应归集至发行主体名下账户。",
    basis=Basis.SOURCE,
    source="commentary; CSRC announcement [2014] 49 for domestic ABS",
    cure="Open the account in the issuer's name (owner SPV).",
)
def accounts_are_the_issuer_s(case: DealCase) -> Iterator[Facts]:
    """Cash on an originator's or servicer's account is in that one's bankruptcy."""
    if not case.deal.accounts:
        yield {"accounts": []}
    for account in case.deal.accounts:
        if account.owner != ISSUER:
            yield {"account": account.id, "owner": account.owner}


@rule(
    "TOK-05",
    "The issuer is an overseas company with this purpose alone: no other debt, and not the filer.",
    "发行主体应为境外特殊目的载体，无其他债务，备案主体不得直接发行。",
    basis=Basis.SOURCE,
    source="commentary on who issues",
    cure="Issue through an overseas company that owes nothing else.",
)
def issuer_has_a_single_purpose(case: DealCase) -> Iterator[Facts]:
    """Place, debts, identity."""
    issuer = case.deal.issuer
    if issuer.jurisdiction == "CN":
        yield {"issuer": issuer.name, "jurisdiction": "CN"}
    if issuer.other_debt_micro:
        yield {"issuer": issuer.name, "other_debt_micro": issuer.other_debt_micro}
    if as_compared(issuer.name) == as_compared(case.deal.filer.name):
        yield {"issuer": issuer.name, "found": "the filer itself"}


@rule(
    "TOK-06",
    "Taxes, then fees, senior interest, the reserve, senior principal, each further class"
    " likewise, and the residual last.",
    "偿付顺序：税、费、优先级利息、储备金、优先级本金，其他各档依次类推，剩余最后。",
    basis=Basis.DESIGN,
    source="practice of ABS; that it is the filed order follows from the bundle hash",
    cure="Put the steps into this order.",
)
def payments_are_in_order(case: DealCase) -> Iterator[Facts]:
    """No step stands before one that ranks above it, whichever waterfall is followed."""
    deal = case.deal
    for steps in deal.structure.all_waterfalls.values():
        ranked = [(_rank(deal, step), step) for step in walk(steps)]
        paying = [(rank, step) for rank, step in ranked if rank is not None]
        for (rank_before, before), (rank_after, after) in pairwise(paying):
            if rank_before > rank_after:
                yield {"step": _shown(after), "comes_after": _shown(before)}


def _shown(step: Step) -> str:
    """A step as the deal file writes it."""
    return f"{word(step)}: {', '.join(_subjects(step))}"


def _subjects(step: Step) -> tuple[str, ...]:
    match step:
        case do.PayFee():
            return step.fees
        case do.TopUp():
            return (step.reserve,)
        case do.PayResidual():
            return (step.tranche,)
        case do.PayInterest() | do.PayInterestOnInterest() | do.PayPrincipal():
            return step.tranches
        case do.RepaySupport():
            return (step.sponsor,)
        case _:
            return ()


def _rank(deal: Deal, step: Step) -> tuple[int, int] | None:
    """(class, place within the class); classes count from 1 in the order of the deal's tranches.

    A step for several classes ranks as its most senior. None for what pays nobody, or buys assets.
    """
    classes = {tranche.id: number for number, tranche in enumerate(deal.tranches, start=1)}
    match step:
        case do.PayFee(fees):
            return 0, int(fees[0] != TAXES)
        case do.PayInterest(tranches) | do.PayInterestOnInterest(tranches):
            return min(classes[each] for each in tranches), 0
        case do.TopUp():
            return 1, 1
        case do.PayPrincipal(tranches):
            return min(classes[each] for each in tranches), 2
        case do.RepaySupport():
            return len(classes) + 1, 0
        case do.PayResidual():
            return len(classes) + 1, 1
        case _:
            return None


@rule(
    "INV-11",
    "The originator keeps the subordinated tranche until the senior ones are paid.",
    "原始权益人应持有次级档，直至优先级清偿完毕。",
    basis=Basis.DESIGN,
    source="practice of ABS: the originator keeps the first loss",
    cure="Let the residual go to a tranche without a token, last of all, retained by the filer.",
)
def originator_keeps_the_first_loss(case: DealCase) -> Iterator[Facts]:
    """What has no token cannot be sold here; and the seniors' principal comes before its own."""
    deal = case.deal
    (last,) = (
        deal.tranche(each.tranche) for each in deal.waterfall if isinstance(each, do.PayResidual)
    )
    holder = None if last.retained_by is None else deal.payee(last.retained_by)
    if holder is None or as_compared(holder.name) != as_compared(deal.filer.name):
        yield {"tranche": last.id, "kept_by": holder.name if holder else None}
    principal = [
        tranche
        for each in walk(deal.waterfall)
        if isinstance(each, do.PayPrincipal)
        for tranche in each.tranches
    ]
    if last.id in principal[:-1]:
        yield {"tranche": last.id, "principal_before": principal[principal.index(last.id) + 1]}


STRUCTURE_RULES: tuple[Rule[DealCase], ...] = (
    accounts_are_the_issuer_s,
    issuer_has_a_single_purpose,
    payments_are_in_order,
    originator_keeps_the_first_loss,
)
