"""What is written from rules and tests: nothing is missing, and docs/ has it as it is now."""

import pytest

from issuer.domain.rulebook.catalogue import ALL_RULES
from issuer.domain.rulebook.routes import ROUTES
from scripts import properties, rule_coverage, rule_table

#: Chapter -> how many rules it has, and to how many digits they are numbered.
CHAPTERS = {
    "FIL": (19, 2),
    "M": (16, 2),
    "AC": (10, 1),
    "EV": (12, 2),
    "NEG": (7, 2),
    "ABSNL": (8, 1),
    "INV": (13, 2),
    "SET": (12, 2),
    "TOK": (8, 2),
    "INF": (4, 2),
}
STALE = "what docs/ has is stale: run `make tables`"


def test_catalogue_has_every_rule_of_the_rulebook() -> None:
    expected = [
        f"{chapter}-{number:0{digits}}"
        for chapter, (count, digits) in CHAPTERS.items()
        for number in range(1, count + 1)
    ]
    assert list(dict.fromkeys(each.id for each in ALL_RULES)) == expected


def test_routes_are_numbered_and_blocked_by_rules_there_are() -> None:
    assert [each.id for each in ROUTES] == [f"CIR-{number:02}" for number in range(1, 24)]
    named = {rule_id for route in ROUTES for rule_id in route.blocked_by}
    assert named <= {each.id for each in ALL_RULES}


@pytest.mark.parametrize("rule_id", rule_coverage.coverage())
def test_rule_or_route_is_shown_broken_and_kept(rule_id: str) -> None:
    shown = rule_coverage.coverage()[rule_id]
    assert shown.fails, f"no test breaks {rule_id}"
    assert shown.passes, f"no test keeps {rule_id}"


def test_document_of_the_rules_is_not_stale() -> None:
    assert rule_table.FILE.read_text(encoding="utf-8") == rule_table.document(), STALE


def test_document_of_the_rules_shows_each_figure_beside_the_rules_that_rest_on_it() -> None:
    rows = {line.split(" | ")[0]: line for line in rule_table.document().splitlines()}
    figure = "`review_days` = 20 (analogy: Trial Measures (2023) art. 19)"
    assert figure in rows["| FIL-08"]
    assert figure not in rows["| FIL-07"]


def test_document_of_the_coverage_is_not_stale() -> None:
    assert rule_coverage.FILE.read_text(encoding="utf-8") == rule_coverage.document(), STALE


def test_example_of_how_to_add_a_rule_is_the_rule_there_is() -> None:
    root = rule_table.FILE.parents[1]
    guide = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = guide.split("```python\n")[1].split("```")[0]
    module = root / "issuer/domain/rulebook/negative_rules.py"
    assert example in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", properties.PROPERTIES)
def test_property_of_the_contracts_is_shown_by_a_test(number: int) -> None:
    assert properties.shown().get(number), f"no test shows P{number}"


def test_properties_are_numbered_each_in_one_chapter_and_tests_show_no_others() -> None:
    numbers = [number for chapter in properties.CHAPTERS.values() for number in chapter]
    assert numbers == list(properties.PROPERTIES) == list(range(1, 52))
    assert set(properties.shown()) <= set(numbers)


def test_document_of_the_properties_is_not_stale() -> None:
    assert properties.FILE.read_text(encoding="utf-8") == properties.document(), STALE
