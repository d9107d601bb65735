"""Writes docs/file-keys.md, every key of the files that the simulator reads, from their models.

python -m scripts.file_keys
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from issuer.documents.collections import CollectionsDocument
from issuer.documents.comparison import ComparisonDocument
from issuer.documents.deal import DealDocument
from issuer.documents.loan_tape import COLUMNS, REQUIRED
from issuer.documents.pool import PoolDocument
from scripts.rule_table import table

FILE = Path(__file__).parents[1] / "docs" / "file-keys.md"
FILES: Mapping[str, type[BaseModel]] = {
    "Deal file": DealDocument,
    "Pool file": PoolDocument,
    "Collections file": CollectionsDocument,
    "File of a comparison's assumptions": ComparisonDocument,
}

_INTRODUCTION = """\
Written by `python -m scripts.file_keys` from the models that read the files; do not edit.
[files.md](files.md) shows an example of each. A key without a value in the third column must be given.
A figure is a mapping of `value`, `basis` (`text`, `source`, `analogy`, `unverified`, `design`) and
`source`."""
_FIGURE = "_figure"


def document() -> str:
    """The whole of it, as Markdown."""
    lines = ["# Keys of the files", "", *_INTRODUCTION.splitlines()]
    told: set[str] = set()
    for title, model in FILES.items():
        schema = model.model_json_schema(by_alias=True)
        lines += ["", f"## {title}", "", *_keys(schema)]
        for name, part in schema.get("$defs", {}).items():
            if name in told or name.endswith(_FIGURE):
                continue
            told.add(name)
            lines += ["", f"### {_short(name)}", ""]
            if said := part.get("description", "").partition("\n")[0]:
                lines += [said, ""]
            lines += _keys(part) if "properties" in part else [_kind(part)]
    lines += ["", "## Loan tape", "", "Columns, in any order; rates in per cent a year.", ""]
    rows = [(f"`{name}`", "yes" if name in REQUIRED else "no") for name in COLUMNS]
    lines += table(("Column", "Required"), rows)
    return "\n".join(lines) + "\n"


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    rows = []
    for name, each in schema["properties"].items():
        value = "" if name in required else f"`{_plain(each.get('default'))}`"
        rows.append((f"`{name}`", _kind(each), value, each.get("description", "")))
    return table(("Key", "Is", "Otherwise", "Says"), [tuple(map(_line, row)) for row in rows])


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name.endswith(_FIGURE):
            return (
                f"figure: {'an amount' if name.endswith(f'_micro{_FIGURE}') else 'a whole number'}"
            )
        return f"[{_short(name)}](#{_short(name).lower()})"
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [_kind(each) for each in schema[several] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    return _collected(schema)


def _collected(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object":
        values = next(
            iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties")
        )
        return f"by name: {_kind(values)}" if isinstance(values, Mapping) else "mapping"
    if schema.get("format") == "date":
        return "date"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(schema.get("type", ""), "any")


def _short(name: str) -> str:
    return name.removesuffix("Document")


def _plain(value: object) -> str:
    if value is None or value == "":
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
