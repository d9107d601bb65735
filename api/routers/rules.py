"""The rulebook and its open points, for everybody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.answers.rules import RouteView, RuleView
from api.auth import InContext
from api.problems import responses
from issuer.documents.regime import regime_document
from issuer.domain.rulebook.catalogue import ALL_RULES, find
from issuer.domain.rulebook.routes import ROUTES

router = APIRouter(prefix="/v1", tags=["rules"])


@router.get("/rules", summary="List the rulebook")
def list_rules(context: InContext) -> list[RuleView | RouteView]:
    """By chapter; one id may be checked at several moments. The routes round the rules come last.

    `kind` tells a rule from a route.
    """
    rules: list[RuleView | RouteView] = [RuleView.of(each, context.regime) for each in ALL_RULES]
    return rules + [RouteView.of(each) for each in ROUTES]


@router.get("/rules/{rule}", summary="Explain a rule", responses=responses(404))
def show_rule(context: InContext, rule: str) -> list[RuleView | RouteView]:
    """What it demands, on what basis and with what figures, when it is checked, and what cures it."""
    rules, route = find(rule)
    if route is not None:
        return [RouteView.of(route)]
    return [RuleView.of(each, context.regime) for each in rules]


@router.get("/regime", summary="Show the figures in force")
def show_regime(context: InContext) -> dict[str, dict[str, Any]]:
    """Every day count, threshold, list and profile, with its value, its basis and its source."""
    return regime_document(context.regime)
