"""Terms made in a notebook are exact, or refused where they are made.

Files are checked at the door; a dataclass takes whatever it is given, and a float in it would be
found out three calls later by an error about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from fractions import Fraction
from functools import cache
from numbers import Number, Rational
from typing import Any

from issuer.domain.errors import Complaint, InvalidInput

_SEVERAL = re.compile(r"\b(tuple|Mapping)\[")
_MEASURED = re.compile(r"\b(int|Fraction|Level)\b")
_AMOUNT = (
    'must be a whole number: an int, of amounts in micro-units, as `micro("1234.56")` makes it'
)
_RATE = 'must be exact: a Fraction, as `rate("5.80")` makes it of per cent, or an int'
_LIST = 'is a single text: write a tuple, such as ("A",)'


def require_exact(terms: object) -> None:
    """Raise `InvalidInput` for each field of a dataclass that should be exact and is not: a float
    or a text for a number, and a text for a tuple, which would pass for one of its letters.
    """
    kind = type(terms)
    complaints = [
        Complaint(f"/{name}", "value.exact", f"{value!r} {cure}")
        for name, several, measure in _shapes(kind)  # type: ignore[arg-type]
        for value, cure in _wrong(getattr(terms, name), several, measure)
    ]
    if complaints:
        raise InvalidInput(f"{kind.__name__} {getattr(terms, 'id', '')}".rstrip(), complaints)


class Exact:
    """A dataclass that asks no more of its fields than that."""

    __slots__ = ()

    def __post_init__(self) -> None:
        require_exact(self)


@cache
def _shapes(kind: type[Any]) -> tuple[tuple[str, bool, str | None], ...]:
    """Of each field that could be inexact: its name, whether it holds several, and what it measures."""
    found = []
    for field in fields(kind):
        said = str(field.type)
        several, measured = bool(_SEVERAL.search(said)), _MEASURED.search(said)
        if several or measured:
            found.append((field.name, several, measured[1] if measured else None))
    return tuple(found)


def _wrong(value: Any, several: bool, measure: str | None) -> Iterator[tuple[object, str]]:
    kind = type(value)
    if kind is int or value is None or (kind is Fraction and measure != "int"):
        return
    if isinstance(value, str) and several:
        yield value, _LIST
    elif several:
        if measure is not None:
            for each in value.values() if isinstance(value, Mapping) else value:
                yield from _wrong(each, isinstance(each, tuple), measure)
    elif measure == "int" and not isinstance(value, int):
        yield value, _AMOUNT
    elif isinstance(value, str | Number) and not isinstance(value, Rational):
        yield value, _RATE
