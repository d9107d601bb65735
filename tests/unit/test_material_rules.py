"""The sixteen materials: what is missing, empty, or stated not to apply where it always does."""

import pytest

from issuer.domain.materials import MATERIALS, MaterialKind
from issuer.domain.rulebook.catalogue import REVIEW_RULES, rules_named
from issuer.domain.rulebook.filing_rules import DISCLAIMER, all_materials_are_there
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    GOOD_FILING,
    Breach,
    assert_found,
    with_bundle,
    with_material,
    without_material,
)

RULES = {kind.code: rules_named(kind.code)[0] for kind in MATERIALS}
SUMMARY = frozenset({"FIL-03"})


def breach(name: str, code: str, case: object, found: str, *also: str) -> Breach:
    return Breach(name, RULES[code], case, [{"found": found}], SUMMARY | set(also))


BREACHES = [
    *(
        breach("left out", kind.code, with_bundle(materials=without_material(kind.code)), "missing")
        for kind in MATERIALS
    ),
    *(
        breach(
            "empty",
            kind.code,
            with_material(kind.code, content=b" \n", not_applicable=None),
            "empty",
            *(["FIL-10"] if kind.code == "M-02" else []),
        )
        for kind in MATERIALS
    ),
    *(
        breach(
            "stated not to apply",
            kind.code,
            with_material(kind.code, not_applicable="There is none."),
            "stated not to apply: it always does",
        )
        for kind in MATERIALS
        if kind.core
    ),
    Breach(
        "circular in English alone",
        RULES["M-02"],
        with_material("M-02", declared={"circular_language": "en"}),
        [{"found": "in English without a translation into simplified Chinese"}],
    ),
    Breach(
        "circular in no language",
        RULES["M-02"],
        with_material("M-02", declared={}),
        [{"found": "does not declare circular_language"}],
    ),
    Breach(
        "security assessment left out",
        all_materials_are_there,
        with_bundle(materials=without_material("M-10")),
        [{"material": "M-10", "title": "Security assessment or cyber review outcome"}],
        also=frozenset({"M-10"}),
    ),
    Breach(
        "plan stated not to apply",
        all_materials_are_there,
        with_material("M-05", content=b"", not_applicable="There is no plan."),
        [{"material": "M-05", "title": "Token issuance plan"}],
        also=frozenset({"M-05"}),
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_material_that_is_not_there_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


@pytest.mark.parametrize("kind", MATERIALS, ids=lambda kind: kind.code)
def test_material_of_the_example_is_there(kind: MaterialKind) -> None:
    assert examine((RULES[kind.code],), GOOD_FILING) == ()


@pytest.mark.parametrize(
    "kind", [kind for kind in MATERIALS if not kind.core], ids=lambda kind: kind.code
)
def test_material_stated_not_to_apply_is_accepted(kind: MaterialKind) -> None:
    case = with_material(kind.code, content=b"", not_applicable="None is required.")
    assert examine(REVIEW_RULES, case) == ()


def test_core_materials_are_the_report_the_documents_and_the_three_descriptions() -> None:
    assert [kind.code for kind in MATERIALS if kind.core] == [f"M-0{n}" for n in range(1, 6)]
    assert [kind.code for kind in MATERIALS] == [f"M-{n:02d}" for n in range(1, 17)]


@pytest.mark.parametrize(
    "declared",
    [
        {"circular_language": "en", "circular_translation": "zh-Hans"},
        {"circular_language": "zh-Hans"},
    ],
)
def test_circular_that_can_be_read_in_simplified_chinese_is_accepted(
    declared: dict[str, str],
) -> None:
    assert DISCLAIMER.encode() in b" ".join(BUNDLE.materials[1].content.split())
    assert examine(REVIEW_RULES, with_material("M-02", declared=declared)) == ()
