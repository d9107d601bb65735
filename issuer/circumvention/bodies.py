"""An example document with changes: places are dotted, and a list's members go by id, code or number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from issuer.domain.errors import Complaint, InvalidInput

_NAMES = ("id", "code", "name", "subject")
#: At the end of a place in a list: one member more.
_APPEND = "+"


def changed(document: Any, change: Mapping[str, Any], drop: Sequence[str]) -> Any:
    """Change the document in place and give it back; raises `InvalidInput` for a place it has not."""
    for place, value in change.items():
        holder, last = _reach(document, place)
        if isinstance(holder, list) and last == _APPEND:
            holder.append(value)
        else:
            holder[_key(holder, last, place)] = value
    for place in drop:
        holder, last = _reach(document, place)
        key = _key(holder, last, place)
        if isinstance(holder, dict) and key not in holder:
            raise _no_such(place, last)
        del holder[key]
    return document


def _reach(document: Any, place: str) -> tuple[Any, str]:
    *way, last = place.split(".")
    for part in way:
        key = _key(document, part, place)
        if isinstance(document, dict) and key not in document:
            raise _no_such(place, part)
        document = document[key]
    return document, last


def _key(holder: Any, part: str, place: str) -> Any:
    match holder:
        case dict():
            return part
        case list():
            for number, member in enumerate(holder):
                if part == str(number) or part in _named(member):
                    return number
    raise _no_such(place, part)


def _named(member: Any) -> set[Any]:
    return {member.get(name) for name in _NAMES} if isinstance(member, dict) else set()


def _no_such(place: str, part: str) -> InvalidInput:
    complaint = Complaint(f"/change/{place}", "scenario.place", f"there is nothing called {part!r}")
    return InvalidInput("scenario", [complaint])
