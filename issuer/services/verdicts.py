"""What examining an act has come to: the act itself is refused by it, a dry run tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from issuer.domain.errors import (
    ChainRefused,
    Finding,
    IssuanceError,
    RuleViolated,
    StateConflict,
)
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

    `chain_refusal` is what a contract said, if it was asked and refused, whatever the rules say.
    """

    considered: tuple[Outcome, ...]
    refusal: IssuanceError | None
    chain_refusal: ChainRefused | None = None

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
    refusal = None
    try:
        examine(inquiry)
    except (RuleViolated, StateConflict, ChainRefused) as error:
        refusal = error
    return Verdict(tuple(inquiry.outcomes), refusal)
