"""What a rule is: a few facts about it as data, and one small pure function that checks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from issuer.domain.errors import Finding, RuleViolated
from issuer.domain.regime import Basis

Case = TypeVar("Case")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule(Generic[Case]):
    """`check` yields the facts of each violation it finds in a case; nothing means it passes."""

    id: str
    statement: str
    statement_zh: str
    basis: Basis
    source: str
    cure: str
    check: Callable[[Case], Iterator[Facts]]

    def findings(self, case: Case) -> Iterator[Finding]:
        """One finding for each violation."""
        for facts in self.check(case):
            yield Finding(self.id, self.statement, facts, self.basis.value, self.source, self.cure)


def rule(
    id: str,
    statement: str,
    statement_zh: str,
    *,
    basis: Basis,
    source: str,
    cure: str,
) -> Callable[[Callable[[Case], Iterator[Facts]]], Rule[Case]]:
    """Turn a check function into the rule that it checks."""

    def wrap(check: Callable[[Case], Iterator[Facts]]) -> Rule[Case]:
        return Rule(id, statement, statement_zh, basis, source, cure, check)

    return wrap


def examine(rules: Sequence[Rule[Case]], case: Case) -> tuple[Finding, ...]:
    """All violations that the rules find in a case, in the order of the rules."""
    return tuple(finding for each in rules for finding in each.findings(case))


def require(act: str, rules: Sequence[Rule[Case]], case: Case) -> None:
    """Refuse the act with every finding there is."""
    findings = examine(rules, case)
    if findings:
        raise RuleViolated(act, findings)
