"""YAML or JSON text, read so that nothing is guessed.

`5.80` stays the text "5.80", a date stays a text until its field asks for a date, and `no` is no
boolean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from issuer.domain.errors import Complaint, InvalidInput

MAX_BYTES = 1_000_000
MAX_DEPTH = 32


class _RefusedError(yaml.MarkedYAMLError):
    """Well-formed YAML that a deal file has no use for."""

    def __init__(self, rule: str, problem: str, mark: yaml.Mark | None) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.rule = rule


class _Loader(yaml.SafeLoader):
    """YAML of which only mappings, lists, texts, whole numbers, true, false and null remain.

    Anchors are refused because a few lines of them unfold into gigabytes, tags because they
    choose types, and a repeated key because the reader would see one value and we another.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _RefusedError(
                "yaml.anchor", "write the value out: anchors are refused", event.start_mark
            )
        if getattr(event, "tag", None) is not None:
            raise _RefusedError("yaml.tag", "leave the type tag out", event.start_mark)
        if self.depth >= MAX_DEPTH:
            raise _RefusedError(
                "yaml.depth", f"nested deeper than {MAX_DEPTH} levels", event.start_mark
            )
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _RefusedError(
                    "yaml.key", f"the key {key!r} is not a text: quote it", key_node.start_mark
                )
            if key in seen:
                raise _RefusedError(
                    "yaml.duplicate_key", f"{key!r} is given twice: keep one", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _add_resolver(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(pattern, re.ASCII), list(first)
    )


# Longer numbers than an SQL BIGINT holds, octal, hexadecimal, 18:00 and 1_000 all stay texts.
_add_resolver("int", r"^-?(?:0|[1-9][0-9]{0,18})$", "-0123456789")
_add_resolver("bool", r"^(?:true|false)$", "tf")
_add_resolver("null", r"^(?:null|~|)$", "n~")
_Loader.yaml_implicit_resolvers[""] = [("tag:yaml.org,2002:null", re.compile(r"^$"))]


def read_document(text: str, source: str) -> dict[str, Any]:
    """Read one YAML (or JSON) mapping; `source` names it in complaints.

    Decimals, dates and times stay texts exactly as written. Raises `InvalidInput`.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _invalid(source, "file.size", f"longer than {MAX_BYTES} bytes: split or shorten it")
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
    except _RefusedError as error:
        raise _invalid(source, error.rule, f"{_place(error)}: {error.problem}") from error
    except yaml.MarkedYAMLError as error:
        raise _invalid(source, "yaml.syntax", f"{_place(error)}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise _invalid(source, "yaml.characters", str(error)) from error
    if not isinstance(document, dict):
        raise _invalid(
            source, "file.not_a_mapping", "the file must be one mapping of names to values"
        )
    return document


def require_plain_json(text: bytes, source: str) -> None:
    """Refuse JSON that cannot be parsed, or in which a key stands twice; raises `InvalidInput`.

    Encoding and depth are left to whoever parses it.
    """
    try:
        json.loads(text, object_pairs_hook=_each_once)
    except _TwiceError as error:
        raise _invalid(
            source, "json.duplicate_key", f"{error.key!r} is given twice: keep one"
        ) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _invalid(source, "json.syntax", f"{place}: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError):
        return


class _TwiceError(Exception):
    """A key of one object that is there already."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def read_file(path: Path) -> dict[str, Any]:
    """Read the YAML file at `path`; raises `InvalidInput`, also where it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _invalid(
                path.name, "file.size", f"longer than {MAX_BYTES} bytes: split or shorten it"
            )
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _invalid(path.name, "file.encoding", "not UTF-8: save it as UTF-8") from error
    except OSError as error:
        raise _invalid(
            path.name,
            "file.unreadable",
            f"cannot be read: {error.strerror}; give the path of a file that is there",
        ) from error
    return read_document(text, path.name)


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


def _invalid(source: str, rule: str, message: str) -> InvalidInput:
    return InvalidInput(source, [Complaint("", rule, message)])
