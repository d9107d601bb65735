"""What an asset pays by its contract: dated flows, in parts of a micro-unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.pool.curves import Curve

Indices = Mapping[str, Curve]
"""Index rates by name, as an assumption gives them."""


class Flow(NamedTuple):
    """One date of one asset. `capitalised` raises its balance; `principal`, `diluted` lower it."""

    day: date
    interest: int = 0
    principal: int = 0
    capitalised: int = 0
    diluted: int = 0
    revenue: int = 0


def index_at(indices: Indices, name: str, day: date) -> Fraction:
    """The index rate in force on `day`; raises `InvalidInput` for one the assumptions lack."""
    if name not in indices:
        message = f"there is no index {name!r}: add its curve to the assumptions"
        raise InvalidInput("assumptions", [Complaint("/indices", "pool.index.missing", message)])
    return indices[name].at(day)
