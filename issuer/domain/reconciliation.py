"""Database and chain, fact by fact: what was compared, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from issuer.domain.errors import StateConflict

#: Differences that the message names; the facts have all of them.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact on which the two disagree, each side in its own words; None where it knows of none."""

    subject: str
    what: str
    in_database: str | None
    on_chain: str | None

    def __str__(self) -> str:
        sides = f"{_said(self.in_database)} in the database, {_said(self.on_chain)} on chain"
        return f"{self.subject}: {self.what} is {sides}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A finished comparison. `compared` counts the facts of each kind."""

    deal_id: str
    block_number: int
    compared: Mapping[str, int]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Nothing differs."""
        return not self.differences

    def refusal(self) -> StateConflict | None:
        """The refusal of whatever needs both to agree; None if they do."""
        if self.agrees:
            return None
        listed = "; ".join(str(each) for each in self.differences[:_LISTED])
        more = len(self.differences) - _LISTED
        return StateConflict(
            f"database and chain of {self.deal_id} differ: {listed}"
            + (f"; and {more} more" if more > 0 else "")
            + ". Cure: find out which side is right and put the other right, the database from a copy"
            " or the chain by the role that may; until they agree nothing is minted",
            code="reconciliation.mismatch",
            block_number=self.block_number,
            differences=[asdict(each) for each in self.differences],
        )


class Comparison:
    """Collects facts of a kind, and keeps those that are not the same on both sides."""

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.differences: list[Difference] = []

    def same(self, kind: str, subject: str, what: str, in_database: Any, on_chain: Any) -> None:
        """One fact, as either side has it."""
        self.compared[kind] += 1
        if in_database != on_chain:
            found = Difference(f"{kind} {subject}", what, _text(in_database), _text(on_chain))
            self.differences.append(found)

    def covered(self, kind: str, subject: str, what: str, in_database: int, on_chain: int) -> None:
        """The chain has at least as much: anybody may give coin away, so more is no difference."""
        self.same(kind, subject, what, in_database, min(in_database, on_chain))

    def result(self, deal_id: str, block_number: int) -> Reconciliation:
        """The comparison as it stands."""
        compared = dict(sorted(self.compared.items()))
        return Reconciliation(deal_id, block_number, compared, tuple(self.differences))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said(value: str | None) -> str:
    return "nothing" if value is None else value
