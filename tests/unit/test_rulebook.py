"""The catalogue as a whole: no rule without a case that fails it, none without basis and cure."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from issuer.domain import rulebook
from issuer.domain.errors import NotFound, RuleViolated
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.access_rules import ACCESS_RULES, LISTING_RULES, SHARING_RULES
from issuer.domain.rulebook.cash_rules import COLLECTION_RULES, FUNDING_RULES, PROCEEDS_RULES
from issuer.domain.rulebook.catalogue import (
    ALL_RULES,
    CHAPTERS,
    REVIEW_RULES,
    chapter_of,
    find,
    rules_named,
)
from issuer.domain.rulebook.clock_rules import CLOCK_RULES, PAYMENT_RULES
from issuer.domain.rulebook.data_rules import REPORT_RULES
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.event_rules import EVENT_RULES
from issuer.domain.rulebook.infrastructure_rules import (
    INFRASTRUCTURE_RULES,
    REGIME_RULES,
    RegimeCase,
)
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES
from issuer.domain.rulebook.issuance_rules import GATE_RULES, RECIPIENT_RULES
from issuer.domain.rulebook.plan_rules import PLAN_RULES
from issuer.domain.rulebook.purchase_rules import PURCHASE_RULES
from issuer.domain.rulebook.rule import Rule, consider, examine, found_in, require
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES
from tests.unit import (
    test_access_rules,
    test_agreement_rules,
    test_cash_rules,
    test_clock_rules,
    test_data_rules,
    test_deal_rules,
    test_event_rules,
    test_filing_rules,
    test_investor_rules,
    test_issuance_rules,
    test_material_rules,
    test_negative_list,
    test_negative_rules,
    test_plan_rules,
    test_purchase_rules,
    test_qualification_rules,
    test_settlement_rules,
    test_transfer_rules,
)
from tests.unit.rulebook_cases import (
    ACCESS,
    BATCH,
    CLOCKS,
    DEAL,
    FUNDING,
    GATE,
    GOOD_FILING,
    LISTING,
    PAYMENT,
    RECIPIENT,
    REGIME,
    REGISTRATION,
    SHARING,
    TRANSFER,
    asking,
    with_bundle,
    without_material,
)

BREACHES = [
    *test_filing_rules.BREACHES,
    *test_clock_rules.BREACHES,
    *test_event_rules.BREACHES,
    *test_material_rules.BREACHES,
    *test_agreement_rules.BREACHES,
    *test_negative_rules.BREACHES,
    *test_negative_list.BREACHES,
    *test_deal_rules.BREACHES,
    *test_settlement_rules.BREACHES,
    *test_plan_rules.BREACHES,
    *test_plan_rules.REGIME_BREACHES,
    *test_data_rules.BREACHES,
    *test_issuance_rules.BREACHES,
    *test_investor_rules.BREACHES,
    *test_qualification_rules.BREACHES,
    *test_transfer_rules.BREACHES,
    *test_cash_rules.BREACHES,
    *test_access_rules.BREACHES,
    *test_purchase_rules.BREACHES,
]
GOOD_CASES: list[tuple[Sequence[Rule[Any]], Any]] = [
    (REVIEW_RULES, GOOD_FILING),
    (CLOCK_RULES, CLOCKS),
    (EVENT_RULES, CLOCKS),
    (PAYMENT_RULES, PAYMENT),
    (DEAL_RULES, REGISTRATION),
    (GATE_RULES, GATE),
    (INVESTOR_RULES, asking("H1")),
    (RECIPIENT_RULES, RECIPIENT),
    (TRANSFER_RULES, TRANSFER),
    (FUNDING_RULES, FUNDING),
    (COLLECTION_RULES, BATCH),
    (PROCEEDS_RULES, test_cash_rules.USING),
    (PURCHASE_RULES, test_purchase_rules.BUYING),
    (PLAN_RULES, GOOD_FILING),
    (INFRASTRUCTURE_RULES, GOOD_FILING),
    (REGIME_RULES, RegimeCase(REGIME)),
    (REPORT_RULES, test_data_rules.REPORT),
    (ACCESS_RULES, ACCESS),
    (LISTING_RULES, LISTING),
    (SHARING_RULES, SHARING),
]


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: f"{rule.id}-{rule.check.__name__}")
def test_rule_has_a_case_that_fails_it_and_one_that_passes(rule: Rule[Any]) -> None:
    failing = [each for each in BREACHES if each.rule is rule]
    assert failing, f"{rule.id} ({rule.check.__name__}) has no failing case"
    assert all(any(True for _ in rule.findings(each.case)) for each in failing)
    passing = [case for rules, case in GOOD_CASES if any(each is rule for each in rules)]
    assert passing, f"{rule.id} ({rule.check.__name__}) has no passing case"
    assert all(not list(rule.findings(case)) for case in passing)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: f"{rule.id}-{rule.check.__name__}")
def test_rule_states_what_it_is_in_both_languages(rule: Rule[Any]) -> None:
    assert re.fullmatch(r"(FIL|M|EV|NEG|INV|TOK|SET|INF)-[0-9]{2}|(AC|ABSNL)-[0-9]{1,2}", rule.id)
    assert rule.statement.endswith(".")
    assert rule.statement_zh.endswith("。")
    assert rule.cure.endswith(".")
    assert rule.source
    assert rule.basis in Basis


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: f"{rule.id}-{rule.check.__name__}")
def test_rule_names_the_figures_that_its_check_uses(rule: Rule[Any]) -> None:
    used = set(re.findall(r"\.regime\.(\w+)", inspect.getsource(rule.check)))
    assert used <= set(rule.figures)
    for name in rule.figures:
        assert Regime().figure(name)["source"]


def test_finding_shows_the_figures_that_it_rests_on() -> None:
    case = replace(
        REGISTRATION, deal=replace(DEAL, settlement=replace(DEAL.settlement, licence=""))
    )
    (finding,) = examine(DEAL_RULES, case)
    assert finding.figures["licensed_coins"] == {
        "value": ["FRS01", "FRS02"],
        "basis": "source",
        "source": Regime().basis_of("licensed_coins")[1],
    }
    assert set(finding.figures) == set(rules_named("SET-03")[0].figures)


def test_consider_tells_also_of_the_rules_that_passed() -> None:
    case = with_bundle(materials=without_material("M-10"))
    outcomes = consider(REVIEW_RULES, case)
    assert [each.rule for each in outcomes] == list(REVIEW_RULES)
    assert [each.rule.id for each in outcomes if not each.passed] == ["FIL-03", "M-10"]
    assert found_in(outcomes) == examine(REVIEW_RULES, case)


def test_rules_of_one_moment_have_different_ids() -> None:
    for rules in (REVIEW_RULES, *(rules for rules, _ in GOOD_CASES)):
        ids = [rule.id for rule in rules]
        assert len(ids) == len(set(ids))


def test_rules_named_finds_every_form_of_an_id() -> None:
    assert len(rules_named("INV-13")) == 3
    with pytest.raises(NotFound, match=r"there is no rule 'INV-99': INV \(Investors\) goes from"):
        rules_named("INV-99")


@pytest.mark.parametrize("asked", ["NEG-03", "neg-3", "NEG-003", "Neg3", " neg_3 "])
def test_find_takes_an_id_in_any_case_and_padding(asked: str) -> None:
    rules, route = find(asked)
    assert {each.id for each in rules} == {"NEG-03"}
    assert route is None


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("FILL-17", "the nearest is FIL-17"),
        ("absln-3", "the nearest is ABSNL-3"),
        ("FIL-99", "FIL (Filing) goes from FIL-01 to FIL-19"),
        ("fil", "FIL (Filing) goes from FIL-01 to FIL-19"),
        ("CIR-24", "CIR (Routes round the regime) goes from CIR-01 to CIR-23"),
        ("XYZ", f"an id is a chapter with a number; the chapters are {', '.join(CHAPTERS)}"),
        ("", f"an id is a chapter with a number; the chapters are {', '.join(CHAPTERS)}"),
    ],
)
def test_find_unknown_id_names_what_is_near_and_nothing_that_is_not(asked: str, hint: str) -> None:
    with pytest.raises(NotFound) as missing:
        find(asked)
    assert missing.value.message == f"there is no rule {asked!r}: {hint}"


_COUNTED = re.compile(
    r"\b(\d+|two|three|five|ten|twelve|fifteen|twenty|thirty) (working |business )?(day|month|year)"
    r"|within an? (business |working )?(day|month|year)|last (day|month|year)\b"
    r"|[\d一二三四五六七八九十]+个?(工作日|营业日|日|月|年)"
)


@pytest.mark.parametrize("each", ALL_RULES, ids=lambda each: each.id)
def test_rule_states_no_figure_that_the_regime_may_set_otherwise(each: Rule[Any]) -> None:
    fixed = all(Regime().basis_of(name)[0] is Basis.TEXT for name in each.figures)
    said = f"{each.statement} {each.statement_zh}"
    assert not _COUNTED.search(said) or (each.figures and fixed), said
    assert not each.figures or not _COUNTED.search(each.cure), each.cure


def test_find_a_route_gives_what_blocks_it() -> None:
    rules, route = find("cir-1")
    assert rules == ()
    assert route is not None
    assert route.blocked_by == ("INV-01",)


def test_every_rule_that_is_written_is_examined_at_some_moment() -> None:
    written = {
        id(each)
        for module in pkgutil.iter_modules(rulebook.__path__)
        for name in vars(importlib.import_module(f"{rulebook.__name__}.{module.name}")).values()
        for each in (name if isinstance(name, tuple) else (name,))
        if isinstance(each, Rule)
    }
    assert written == {id(each) for each in ALL_RULES}, "a rule is missing from MOMENTS"


def test_rules_stand_in_the_order_of_the_chapters() -> None:
    chapters = [chapter_of(each.id) for each in ALL_RULES]
    assert list(dict.fromkeys(chapters)) == [each for each in CHAPTERS if each in chapters]
    assert [each.id for each in ALL_RULES if chapter_of(each.id) == "AC"][:2] == ["AC-1", "AC-2"]


def test_require_refused_act_names_rule_and_cure_and_keeps_every_finding() -> None:
    case = with_bundle(materials=without_material("M-10")[1:])
    with pytest.raises(RuleViolated) as refusal:
        require("submitting", REVIEW_RULES, case)
    found = [each.facts.get("material", each.rule) for each in refusal.value.findings]
    assert found == ["M-01", "M-10"] * 2
    assert refusal.value.message.startswith("submitting refused by FIL-03, M-01, M-10: ")
    assert "Cure: Add the document" in refusal.value.message
    assert refusal.value.findings == examine(REVIEW_RULES, case)


def test_require_allowed_act_says_nothing() -> None:
    require("submitting", REVIEW_RULES, GOOD_FILING)
