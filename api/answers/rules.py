"""The rulebook: its rules, and the routes round it that they block."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.problems import FigureModel
from issuer.domain.regime import Regime
from issuer.domain.rulebook.catalogue import BASES, moments_of
from issuer.domain.rulebook.routes import Route
from issuer.domain.rulebook.rule import Rule


class RuleView(BaseModel):
    """One rule, in the words of the moments at which it is checked."""

    kind: Literal["rule"] = "rule"
    id: str = Field(examples=["FIL-01"])
    statement: str
    statement_zh: str
    basis: str = Field(description="text, source, analogy, unverified or design")
    basis_means: str
    source: str
    cure: str
    checked_when: list[str]
    enforcement: str = Field(description="enforced, or detection only")
    figures: dict[str, FigureModel] = Field(description="The open points that the rule rests on")

    @classmethod
    def of(cls, rule: Rule[Any], regime: Regime) -> RuleView:
        """As it stands under this regime."""
        return cls(
            id=rule.id,
            statement=rule.statement,
            statement_zh=rule.statement_zh,
            basis=rule.basis,
            basis_means=BASES[rule.basis],
            source=rule.source,
            cure=rule.cure,
            checked_when=list(moments_of(rule)),
            enforcement=rule.enforcement,
            figures=rule.figures_under(regime),
        )


class RouteView(BaseModel):
    """A way round the regime that somebody may try, and what stands in it."""

    kind: Literal["route"] = "route"
    id: str = Field(examples=["CIR-01"])
    attempt: str
    attempt_zh: str
    blocked_by: list[str] = Field(description="Ids of rules")
    enforcement: str = Field(description="enforced, or detection only")
    detection: str = Field(description="How it is found out where no program can block it")
    needs: str = Field(description="What is lacking here for anybody to try all of it")

    @classmethod
    def of(cls, route: Route) -> RouteView:
        """As the catalogue has it."""
        return cls(
            id=route.id,
            attempt=route.attempt,
            attempt_zh=route.attempt_zh,
            blocked_by=list(route.blocked_by),
            enforcement=route.enforcement,
            detection=route.detection,
            needs=route.needs,
        )
