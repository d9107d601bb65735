"""What examining an act has come to: the act itself is refused by it, a dry run tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from issuer.domain.errors import (
    ChainRefused,
    Finding,
    IssuanceError,
    RuleViolated,
    StateConflict,
)
from issuer.domain.roles import Act
from issuer.domain.rulebook.catalogue import ALL_RULES
from issuer.domain.rulebook.rule import Case, Outcome, Rule, consider, found_in, refuse


@dataclass(slots=True)
class Inquiry:
    """The rules examined for one act, in stages: a later one is reached if nothing was found before."""

    act: str
    outcomes: list[Outcome] = field(default_factory=list)

    def consider(self, rules: Sequence[Rule[Case]], case: Case) -> None:
        """Examine these rules, and go on whatever they find."""
        self.outcomes.extend(consider(rules, case))

    def conclude(self) -> None:
        """End the stage: refuse the act if anything was found."""
        refuse(self.act, found_in(self.outcomes))

    def require(self, rules: Sequence[Rule[Case]], case: Case) -> None:
        """A stage of its own."""
        self.consider(rules, case)
        self.conclude()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every rule examined, and the refusal that the act would meet now.

    `act` says which it is, where that follows from the state of what is asked about.
    `chain_refusal` is what a contract said, if it was asked and refused, whatever the rules say.
    """

    considered: tuple[Outcome, ...]
    refusal: IssuanceError | None
    chain_refusal: ChainRefused | None = None
    act: Act | None = None

    @property
    def allowed(self) -> bool:
        """The act would succeed."""
        return self.refusal is None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that rules hold against the act."""
        return found_in(self.considered)


def dry_run(inquiry: Inquiry, examine: Callable[[Inquiry], object]) -> Verdict:
    """What examining the act comes to. `examine` is the function that refuses the act itself.

    Malformed input, unknown ids and missing permission are the asker's errors, not answers.
    """
    try:
        examine(inquiry)
    except (RuleViolated, StateConflict) as refusal:
        return Verdict(tuple(inquiry.outcomes), refusal)
    except ChainRefused as refusal:
        return Verdict((*inquiry.outcomes, *_behind(refusal)), refusal, refusal)
    return Verdict(tuple(inquiry.outcomes), None)


def whole(verdict: Verdict, rules: Sequence[Rule[Any]]) -> Verdict:
    """The verdict with all of these rules: those that it did not come to are there as not judged."""
    reached = {each.rule for each in verdict.considered}
    missing = (Outcome(each, (), judged=False) for each in rules if each not in reached)
    return replace(verdict, considered=(*verdict.considered, *missing))


def _behind(refusal: ChainRefused) -> tuple[Outcome, ...]:
    """The rule behind a contract's error, as if it had been examined here."""
    forms = [each for each in ALL_RULES if each.id == refusal.facts.get("rule")]
    return tuple(Outcome(each, (_finding(each, refusal),)) for each in forms[:1])


def _finding(rule: Rule[Any], refusal: ChainRefused) -> Finding:
    facts = {"error": refusal.facts["error"], **refusal.facts["operands"]}
    cure = refusal.facts["cure"]
    sentence = f"{cure[0].upper()}{cure[1:]}."
    return Finding(rule.id, rule.statement, facts, rule.basis.value, rule.source, sentence)
