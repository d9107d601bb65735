"""Every rule there is, and FIL-07, which is a clock of the filing rather than a check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from issuer.domain.regime import Basis
from issuer.domain.rulebook.cash_rules import COLLECTION_RULES, FUNDING_RULES
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.filing_rules import FILING_RULES, FilingCase
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES
from issuer.domain.rulebook.issuance_rules import GATE_RULES, RECIPIENT_RULES
from issuer.domain.rulebook.negative_rules import NEGATIVE_RULES
from issuer.domain.rulebook.rule import Facts, Rule, rule
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES


@rule(
    "FIL-07",
    "The regulator may ask for supplements; the review clock stops until the answer, which is due"
    " within thirty working days.",
    "监管机构可要求补充材料，补充期间停止计时；逾期未补充的终止备案。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 19",
    cure="Answer in time; afterwards a new filing is needed.",
    figures=("supplement_answer_days",),
)
def supplements_are_answered_in_time(case: FilingCase) -> Iterator[Facts]:
    """The answer is not late."""
    supplement = case.filing.supplement
    if supplement is not None and case.today > supplement.due_on:
        yield {"due_on": supplement.due_on.isoformat(), "today": case.today.isoformat()}


#: What the regulator checks before accepting a filing, and again before approving it.
REVIEW_RULES: tuple[Rule[FilingCase], ...] = (*FILING_RULES, *NEGATIVE_RULES)

ALL_RULES: tuple[Rule[Any], ...] = (
    *FILING_RULES,
    supplements_are_answered_in_time,
    *NEGATIVE_RULES,
    *DEAL_RULES,
    *GATE_RULES,
    *INVESTOR_RULES,
    *RECIPIENT_RULES,
    *TRANSFER_RULES,
    *FUNDING_RULES,
    *COLLECTION_RULES,
)


def rules_named(rule_id: str) -> tuple[Rule[Any], ...]:
    """The rule's forms: one id may be checked at several moments, in that moment's words."""
    return tuple(each for each in ALL_RULES if each.id == rule_id)
