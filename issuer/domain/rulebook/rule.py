"""What a rule is: a few facts about it as data, and one small pure function that checks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, cast

from issuer.domain.errors import Finding, RuleViolated
from issuer.domain.regime import Basis, Regime

Case = TypeVar("Case")
Facts = Mapping[str, Any]


class Enforcement(StrEnum):
    """What software can do about a rule."""

    ENFORCED = "enforced"
    DETECTED = "detection only"


class CuredOtherwise(dict[str, Any]):
    """Facts of a violation that is cured by something else than the rule's others."""

    def __init__(self, cure: str, facts: Facts) -> None:
        super().__init__(facts)
        self.cure = cure


class UnderRegime(Protocol):
    """A case that knows the figures of the regime it is judged by."""

    @property
    def regime(self) -> Regime:
        """The figures as they are set."""
        ...


@dataclass(frozen=True, slots=True)
class Rule(Generic[Case]):
    """`check` yields the facts of each violation it finds in a case; nothing means it passes.

    `figures` are the open points of the regime that the check uses; its case then has a `regime`.
    """

    id: str
    statement: str
    statement_zh: str
    basis: Basis
    source: str
    cure: str
    check: Callable[[Case], Iterator[Facts]]
    figures: tuple[str, ...] = ()
    enforcement: Enforcement = Enforcement.ENFORCED

    def findings(self, case: Case) -> Iterator[Finding]:
        """One finding for each violation.

        It carries the figures as they were when they were used: a finding kept with a filing must
        not change its grounds when the regime is set otherwise.
        """
        for facts in self.check(case):
            yield Finding(
                self.id,
                self.statement,
                facts,
                self.basis.value,
                self.source,
                facts.cure if isinstance(facts, CuredOtherwise) else self.cure,
                self.figures_under(cast("UnderRegime", case).regime) if self.figures else {},
            )

    def figures_under(self, regime: Regime) -> dict[str, Any]:
        """The open points that it uses, each with its value, basis and source."""
        return {name: regime.figure(name) for name in self.figures}


def rule(
    id: str,
    statement: str,
    statement_zh: str,
    *,
    basis: Basis,
    source: str,
    cure: str,
    figures: tuple[str, ...] = (),
    enforcement: Enforcement = Enforcement.ENFORCED,
) -> Callable[[Callable[[Case], Iterator[Facts]]], Rule[Case]]:
    """Turn a check function into the rule that it checks."""

    def wrap(check: Callable[[Case], Iterator[Facts]]) -> Rule[Case]:
        return Rule(id, statement, statement_zh, basis, source, cure, check, figures, enforcement)

    return wrap


@dataclass(frozen=True, slots=True)
class Outcome:
    """What examining one rule came to; `judged` is False for one that was not reached."""

    rule: Rule[Any]
    findings: tuple[Finding, ...]
    judged: bool = True

    @property
    def passed(self) -> bool:
        """It was examined, and nothing was found against the case."""
        return self.judged and not self.findings


def consider(rules: Sequence[Rule[Case]], case: Case) -> tuple[Outcome, ...]:
    """Every rule examined, with what it found, in the order of the rules."""
    return tuple(Outcome(each, tuple(each.findings(case))) for each in rules)


def found_in(outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """All that stands against the case."""
    return tuple(finding for outcome in outcomes for finding in outcome.findings)


def examine(rules: Sequence[Rule[Case]], case: Case) -> tuple[Finding, ...]:
    """All violations that the rules find in a case, in the order of the rules."""
    return found_in(consider(rules, case))


def require(act: str, rules: Sequence[Rule[Case]], case: Case) -> None:
    """Refuse the act with every finding there is."""
    refuse(act, examine(rules, case))


def refuse(act: str, findings: Sequence[Finding]) -> None:
    """Refuse the act if anything was found."""
    if findings:
        raise RuleViolated(act, findings)
