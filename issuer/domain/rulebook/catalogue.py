"""Every rule there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from issuer.domain.errors import NotFound
from issuer.domain.regime import Basis
from issuer.domain.rulebook.access_rules import ACCESS_RULES, LISTING_RULES, SHARING_RULES
from issuer.domain.rulebook.agreement_rules import (
    AGREEMENT_RULES,
    contracts_are_those_of_the_plan,
)
from issuer.domain.rulebook.cash_rules import COLLECTION_RULES, FUNDING_RULES, PROCEEDS_RULES
from issuer.domain.rulebook.clock_rules import (
    CLOCK_RULES,
    PAYMENT_RULES,
    changes_are_amended_in_time,
    supplements_are_answered_in_time,
)
from issuer.domain.rulebook.data_rules import REPORT_RULES
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.event_rules import EVENT_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.filing_rules import FILING_RULES, every_responsible_role_attests
from issuer.domain.rulebook.infrastructure_rules import (
    INFRASTRUCTURE_RULES,
    REGIME_RULES,
    chain_is_the_filed_one,
)
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES, WALLET_RULES
from issuer.domain.rulebook.issuance_rules import (
    GATE_RULES,
    RECIPIENT_RULES,
    SUBSCRIPTION_RULES,
)
from issuer.domain.rulebook.material_rules import MATERIAL_RULES
from issuer.domain.rulebook.negative_list import NEGATIVE_LIST
from issuer.domain.rulebook.negative_rules import NEGATIVE_RULES
from issuer.domain.rulebook.plan_rules import PLAN_RULES
from issuer.domain.rulebook.purchase_rules import PURCHASE_RULES, PURCHASED_ASSET_RULES
from issuer.domain.rulebook.routes import ROUTES, Route
from issuer.domain.rulebook.rule import Rule
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES

#: What the regulator checks before accepting a filing, and again before approving it.
REVIEW_RULES: tuple[Rule[FilingCase], ...] = (
    *FILING_RULES,
    *MATERIAL_RULES,
    *AGREEMENT_RULES,
    *NEGATIVE_RULES,
    *NEGATIVE_LIST,
    *PLAN_RULES,
    *INFRASTRUCTURE_RULES,
)

#: What is looked at again before every mint: it may have been altered, or replaced, since.
STANDING_RULES: tuple[Rule[FilingCase], ...] = (
    every_responsible_role_attests,
    contracts_are_those_of_the_plan,
    chain_is_the_filed_one,
)


#: All that stands between an approval and units, in the order in which it is looked at.
MINT_RULES: tuple[Rule[Any], ...] = (
    *GATE_RULES,
    *STANDING_RULES,
    *DEAL_RULES,
    *RECIPIENT_RULES,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When some rules are examined, as people are told."""

    when: str
    rules: tuple[Rule[Any], ...]


MOMENTS: tuple[Moment, ...] = (
    Moment("a filing is submitted", (every_responsible_role_attests,)),
    Moment("a filing is accepted, and again when it is approved", REVIEW_RULES),
    Moment(
        "a supplement is answered",
        (supplements_are_answered_in_time, every_responsible_role_attests),
    ),
    Moment("a filing is looked at", (*CLOCK_RULES, *EVENT_RULES)),
    Moment(
        "somebody points at a deadline",
        (
            supplements_are_answered_in_time,
            changes_are_amended_in_time,
            *EVENT_RULES,
            *PAYMENT_RULES,
        ),
    ),
    Moment("a deal is registered", DEAL_RULES),
    Moment("an investor is admitted or renewed", INVESTOR_RULES),
    Moment("a lost wallet is recovered", WALLET_RULES),
    Moment("an investor subscribes", (*SUBSCRIPTION_RULES, *RECIPIENT_RULES)),
    Moment("units are minted", MINT_RULES),
    Moment("units are transferred", TRANSFER_RULES),
    Moment("collections are reported", (*REPORT_RULES, *COLLECTION_RULES)),
    Moment("proceeds are sent onshore", PROCEEDS_RULES),
    Moment(
        "assets are bought for the pool",
        (*REPORT_RULES, *PURCHASE_RULES, *PURCHASED_ASSET_RULES),
    ),
    Moment("the simulator starts with a regime file", REGIME_RULES),
    Moment("the offering is closed, or a distribution is paid", FUNDING_RULES),
    Moment("somebody asks for what investors are offered", ACCESS_RULES),
    Moment("the notes are listed at a venue", LISTING_RULES),
    Moment("a deal is exported for overseas regulators", SHARING_RULES),
)

CHAPTERS: Mapping[str, str] = {
    "FIL": "Filing",
    "M": "Materials of a filing",
    "AC": "Agreement of the materials",
    "EV": "Major events",
    "NEG": "Prohibited circumstances",
    "ABSNL": "Negative list of underlying assets",
    "INV": "Investors",
    "SET": "Settlement and money",
    "TOK": "What a token may represent",
    "INF": "Infrastructure",
    "CIR": "Routes round the regime",
}


#: What the word for a basis says to whom it is shown.
BASES: Mapping[Basis, str] = {
    Basis.TEXT: "the regime's own text, as public pages reproduce it",
    Basis.SOURCE: "a published commentary or another published source",
    Basis.ANALOGY: "an analogy: another regime says so, this one does not",
    Basis.UNVERIFIED: "general knowledge that nobody has verified",
    Basis.DESIGN: "a choice of this simulator, without legal source",
}


def moments_of(each: Rule[Any]) -> tuple[str, ...]:
    """When a rule is examined."""
    return tuple(moment.when for moment in MOMENTS if each in moment.rules)


def chapter_of(rule_id: str) -> str:
    """The part of an id before its number."""
    return rule_id.partition("-")[0]


def _place(each: Rule[Any]) -> tuple[int, int]:
    chapter, _, number = each.id.partition("-")
    return list(CHAPTERS).index(chapter), int(number)


#: By chapter and number. One id may be checked at several moments, in that moment's words.
ALL_RULES: tuple[Rule[Any], ...] = tuple(
    sorted(dict.fromkeys(each for moment in MOMENTS for each in moment.rules), key=_place)
)


def find(asked: str) -> tuple[tuple[Rule[Any], ...], Route | None]:
    """The forms of a rule, or the route, of an id in any case, its number padded or not."""
    wanted = _key(asked)
    rules = tuple(each for each in ALL_RULES if _key(each.id) == wanted)
    route = next((each for each in ROUTES if _key(each.id) == wanted), None)
    if not rules and route is None:
        raise NotFound("rule", asked, hint=_instead_of(wanted.upper()))
    return rules, route


def _instead_of(wanted: str) -> str:
    """The ids of the chapter that is meant, or the id that is nearly so; or which chapters there are."""
    ids = list(dict.fromkeys((*(each.id for each in ALL_RULES), *(each.id for each in ROUTES))))
    chapter = chapter_of(wanted)
    if chapter in CHAPTERS:
        own = [each for each in ids if chapter_of(each) == chapter]
        return f"{chapter} ({CHAPTERS[chapter]}) goes from {own[0]} to {own[-1]}"
    if nearest := get_close_matches(wanted, ids, n=1):
        return f"the nearest is {nearest[0]}"
    return f"an id is a chapter with a number; the chapters are {', '.join(CHAPTERS)}"


def _key(rule_id: str) -> str:
    parts = re.fullmatch(r"\s*([a-z]+)[-_ ]?0*([0-9]+)\s*", rule_id, re.IGNORECASE)
    return f"{parts[1].upper()}-{parts[2]}" if parts else rule_id


def rules_named(rule_id: str) -> tuple[Rule[Any], ...]:
    """The forms of a rule."""
    return find(rule_id)[0]
