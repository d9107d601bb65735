"""What a deal's terms are checked against before it is registered: token, structure, settlement."""

from __future__ import annotations

from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.rule import Rule
from issuer.domain.rulebook.settlement_rules import SETTLEMENT_RULES
from issuer.domain.rulebook.structure_rules import STRUCTURE_RULES
from issuer.domain.rulebook.token_rules import TOKEN_RULES

DEAL_RULES: tuple[Rule[DealCase], ...] = (*TOKEN_RULES, *STRUCTURE_RULES, *SETTLEMENT_RULES)
