"""Open points of the regime: day counts, thresholds and lists that no published text fixes.

Each is a setting with a basis, so that an analogy is never shown as law (rulebook section 11).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Basis(StrEnum):
    """Where a rule or a figure comes from."""

    TEXT = "text"
    SOURCE = "source"
    ANALOGY = "analogy"
    UNVERIFIED = "unverified"
    DESIGN = "design"


def _from(basis: Basis, source: str) -> dict[str, Any]:
    return {"basis": basis, "source": source}


@dataclass(frozen=True, slots=True)
class Regime:
    """The configurable figures. Days are PRC working days unless a name says months."""

    supplement_ask_days: int = field(
        default=5, metadata=_from(Basis.ANALOGY, "Trial Measures (2023) art. 19")
    )
    supplement_answer_days: int = field(
        default=30, metadata=_from(Basis.ANALOGY, "Trial Measures (2023) art. 19")
    )
    completion_report_days: int = field(
        default=15,
        metadata=_from(Basis.UNVERIFIED, "recalled from overseas-listing filing notices"),
    )
    event_report_days: int = field(
        default=3, metadata=_from(Basis.ANALOGY, "Trial Measures (2023) art. 22")
    )
    validity_months: int = field(
        default=12, metadata=_from(Basis.ANALOGY, "Application guideline No. 1, 2.9")
    )
    conviction_years: int = field(
        default=3, metadata=_from(Basis.TEXT, "Announcement [2026] No. 1, prohibition (3)")
    )
    evidence_months: int = field(
        default=12, metadata=_from(Basis.UNVERIFIED, "intermediaries' practice under Cap 571D")
    )
    mainland_owner_share: Fraction = field(
        default=Fraction(25, 100), metadata=_from(Basis.DESIGN, "beneficial-ownership practice")
    )
    licensed_coins: tuple[str, ...] = field(
        default=("FRS01", "FRS02"),
        metadata=_from(Basis.SOURCE, "HKMA licences of 10 April 2026 under Cap 656"),
    )

    def basis_of(self, name: str) -> tuple[Basis, str]:
        """The basis and the source of one figure."""
        for item in fields(self):
            if item.name == name:
                return item.metadata["basis"], item.metadata["source"]
        raise KeyError(name)

    def figure(self, name: str) -> dict[str, Any]:
        """One figure as findings and answers carry it: JSON values only."""
        basis, source = self.basis_of(name)
        return {"value": _json(getattr(self, name)), "basis": basis.value, "source": source}


def _json(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
