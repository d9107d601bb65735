"""M: each of the sixteen materials, one rule made from each line of the table of materials."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.bundle import Bundle
from issuer.domain.materials import MATERIALS, MaterialKind
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.rule import Facts, Rule, rule


def fault_of(bundle: Bundle, kind: MaterialKind) -> str | None:
    """What is wrong with a material: neither a document nor a statement that may stand for it."""
    material = next((each for each in bundle.materials if each.code == kind.code), None)
    if material is None:
        return "missing"
    if material.not_applicable and kind.core:
        return "stated not to apply: it always does"
    if not (material.content.strip() or material.not_applicable):
        return "empty"
    return None


def _untranslated(bundle: Bundle) -> str | None:
    """M-02 says its language, as a field that is hashed and signed with it."""
    said = next((each.declared for each in bundle.materials if each.code == "M-02"), {})
    if "circular_language" not in said:
        return "does not declare circular_language"
    if said["circular_language"] == "en" and said.get("circular_translation") != "zh-Hans":
        return "in English without a translation into simplified Chinese"
    return None


def _material_rule(kind: MaterialKind) -> Rule[FilingCase]:
    instead = "" if kind.core else ", or a signed statement that it does not apply"
    instead_zh = "" if kind.core else "，或者经签署的不适用说明"

    @rule(
        kind.code,
        f"The filing contains: {kind.title} ({kind.contents}){instead}.",
        f"备案材料应包括{kind.title_zh}{instead_zh}。",
        basis=kind.basis,
        source=kind.source,
        cure=f"Add the document{instead}, and have the new version signed.",
    )
    def is_there(case: FilingCase) -> Iterator[Facts]:
        """A document that is not empty, or a statement where one may stand for it."""
        found = fault_of(case.bundle, kind)
        if found is None and kind.code == "M-02":
            found = _untranslated(case.bundle)
        if found is not None:
            yield {"found": found}

    return is_there


MATERIAL_RULES: tuple[Rule[FilingCase], ...] = tuple(_material_rule(kind) for kind in MATERIALS)
