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


def _setting(default: Any, basis: Basis, source: str) -> Any:
    return field(default=default, metadata={"basis": basis, "source": source})


@dataclass(frozen=True, slots=True)
class Regime:
    """The configurable figures. Days are PRC working days unless a name says months."""

    supplement_ask_days: int = _setting(5, Basis.ANALOGY, "Trial Measures (2023) art. 19")
    supplement_answer_days: int = _setting(30, Basis.ANALOGY, "Trial Measures (2023) art. 19")
    completion_report_days: int = _setting(
        15, Basis.UNVERIFIED, "recalled from overseas-listing filing notices"
    )
    event_report_days: int = _setting(3, Basis.ANALOGY, "Trial Measures (2023) art. 22")
    validity_months: int = _setting(12, Basis.ANALOGY, "Application guideline No. 1, 2.9")
    conviction_years: int = _setting(3, Basis.TEXT, "Announcement [2026] No. 1, prohibition (3)")
    evidence_months: int = _setting(12, Basis.UNVERIFIED, "intermediaries' practice under Cap 571D")
    mainland_owner_share: Fraction = _setting(
        Fraction(25, 100), Basis.DESIGN, "beneficial-ownership practice"
    )
    holder_cap: int = _setting(200, Basis.ANALOGY, "CSRC announcement [2014] 49 art. 29")
    minimum_subscription_cny: int = _setting(
        1_000_000, Basis.ANALOGY, "CSRC announcement [2014] 49 art. 29"
    )
    licensed_coins: tuple[str, ...] = _setting(
        ("FRS01", "FRS02"), Basis.SOURCE, "HKMA licences of 10 April 2026 under Cap 656"
    )

    def basis_of(self, name: str) -> tuple[Basis, str]:
        """The basis and the source of one figure."""
        for item in fields(self):
            if item.name == name:
                return item.metadata["basis"], item.metadata["source"]
        raise KeyError(name)
