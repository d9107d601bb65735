"""TOK-04, 05, 06 and INV-11: who issues, whose accounts, who is paid before whom, who keeps the first
loss. What the filing adds to them is in `plan_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    "Taxes, then fees; of every class interest before principal, and neither before that of a class"
    " above; reserves after senior interest; the residual last.",
    "偿付顺序：先税后费；各档先息后本，且不得先于上一档的利息或本金；储备金在优先级利息之后；剩余最后。",
    basis=Basis.DESIGN,
    source="practice of ABS; that it is the filed order follows from the bundle hash",
    cure="Put the steps into this order.",
    figures=("payment_order",),
)
def payments_are_in_order(case: DealCase) -> Iterator[Facts]:
    """No step stands before one that comes ahead of it, whichever waterfall is followed."""
    class_by_class = case.regime.payment_order == "class_by_class"
    for steps in case.deal.structure.all_waterfalls.values():
        too_early: list[Step] = []  # one that stands ahead of all others is one fault, not many
        for step, before in _in_turn(steps):
            place = _place(case.deal, step)
            for each in before:
                if each not in too_early and _ahead(place, _place(case.deal, each), class_by_class):
                    too_early.append(each)
                    yield {"step": _shown(step), "comes_after": _shown(each)}
                    break


_Place = tuple[int, int]
"""(class, kind): classes count from 1 in the order of the deal's tranches."""

_INTEREST, _RESERVE, _PRINCIPAL, _REST = range(4)


def _ahead(one: _Place, other: _Place, class_by_class: bool) -> bool:
    """Whether `one` is paid before `other`.

    Class by class, the class decides and the kind within it. Otherwise both must agree, so nothing
    is said of the interest of a class and the principal of one above it, nor of when a reserve is
    filled once senior interest is paid.
    """
    if one >= other or class_by_class:
        return one < other
    kinds = one[1], other[1]
    return kinds[0] <= kinds[1] and kinds != (_RESERVE, _PRINCIPAL)


def _in_turn(steps: Sequence[Step]) -> Iterator[tuple[Step, list[Step]]]:
    """Every step that has a place, with those that may be carried out before it.

    Of two branches one is taken, so no step of one comes before a step of the other.
    """
    before: list[Step] = []
    for step in steps:
        inside = [step]
        if isinstance(step, do.When):
            inside = []
            for branch in (step.then, step.otherwise):
                for each, earlier in _in_turn(branch):
                    yield each, before + earlier
                    inside.append(each)
        elif _has_place(step):
            yield step, list(before)
        before += filter(_has_place, inside)


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


def _has_place(step: Step) -> bool:
    """What pays nobody, and what buys assets, may stand anywhere."""
    return bool(_subjects(step))


def _place(deal: Deal, step: Step) -> _Place:
    """Where a step belongs; one for several classes with the most senior of them."""
    classes = {tranche.id: number for number, tranche in enumerate(deal.tranches, start=1)}
    match step:
        case do.PayFee(fees):
            return (-1 if fees[0] == TAXES else 0), _INTEREST
        case do.PayInterest(tranches) | do.PayInterestOnInterest(tranches):
            return min(classes[each] for each in tranches), _INTEREST
        case do.TopUp():
            return 1, _RESERVE
        case do.PayPrincipal(tranches):
            return min(classes[each] for each in tranches), _PRINCIPAL
        case do.RepaySupport():
            return len(classes) + 1, _REST
        case _:
            return len(classes) + 2, _REST


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
