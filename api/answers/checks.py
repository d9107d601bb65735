"""What an act would meet; nothing has been changed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.problems import FindingModel, finding_json, refusal_json
from issuer.domain.errors import Finding, RuleViolated
from issuer.domain.rulebook.rule import Outcome
from issuer.services.verdicts import Verdict


class ConsideredView(BaseModel):
    """One rule of the act."""

    rule: str = Field(examples=["FIL-01"])
    statement: str
    judged: bool = Field(
        description="Not if the act was refused before, or what it judges is not named"
    )
    passed: bool
    findings: list[FindingModel]

    @classmethod
    def of(cls, outcome: Outcome) -> ConsideredView:
        """With everything found against it."""
        return cls(
            rule=outcome.rule.id,
            statement=outcome.rule.statement,
            judged=outcome.judged,
            passed=outcome.passed,
            findings=_models(outcome.findings),
        )


class CheckView(BaseModel):
    """Every rule examined, all that was found, and the refusal that the act would meet now."""

    allowed: bool
    considered: list[ConsideredView]
    findings: list[FindingModel]
    refusal: dict[str, Any] | None = Field(description="As the problem document of the act has it")

    @classmethod
    def of(cls, verdict: Verdict) -> CheckView:
        """What a dry run has come to."""
        return cls(**_members(verdict))


class TransferCheckView(CheckView):
    """The same, with the token's own answer."""

    chain_refusal: dict[str, Any] | None

    @classmethod
    def of(cls, verdict: Verdict) -> TransferCheckView:
        """What a dry run has come to."""
        said = verdict.chain_refusal
        return cls(**_members(verdict), chain_refusal=refusal_json(said) if said else None)


class FilingCheckView(CheckView):
    """The same, with the act that was judged: which it is follows from the filing's state."""

    act: str = Field(
        description="check_formality before the review, approve_filing during it, issue_units after it"
    )

    @classmethod
    def of(cls, verdict: Verdict) -> FilingCheckView:
        """What a dry run has come to."""
        return cls(**_members(verdict), act=verdict.act or "")


class MintCheckView(CheckView):
    """The same; where no rule stands against it, what differs between database and chain."""

    mismatch: dict[str, Any] | None

    @classmethod
    def of(cls, verdict: Verdict) -> MintCheckView:
        """What a dry run has come to."""
        by_rules = isinstance(verdict.refusal, RuleViolated)
        members = _members(verdict)
        return cls(**members, mismatch=None if by_rules else members["refusal"])


def _members(verdict: Verdict) -> dict[str, Any]:
    return {
        "allowed": verdict.allowed,
        "considered": [ConsideredView.of(each) for each in verdict.considered],
        "findings": _models(verdict.findings),
        "refusal": refusal_json(verdict.refusal) if verdict.refusal else None,
    }


def _models(findings: tuple[Finding, ...]) -> list[FindingModel]:
    return [FindingModel(**finding_json(each)) for each in findings]
