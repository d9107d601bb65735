"""A tranche's payment among its holders of record: exact, because nothing is divided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.domain.errors import IssuanceBug
from issuer.domain.waterfall.distribution import PerUnit


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one investor is owed for the units held at the record date."""

    investor: str
    units: int
    interest_micro: int
    principal_micro: int

    @property
    def total_micro(self) -> int:
        """Interest and principal together."""
        return self.interest_micro + self.principal_micro


def entitlement(per_unit: PerUnit, investor: str, units: int) -> Entitlement:
    """What `investor` is owed for `units`."""
    if not 0 <= units <= per_unit.units:
        raise IssuanceBug(f"{investor} holds {units} of {per_unit.units} {per_unit.tranche} units")
    return Entitlement(
        investor,
        units,
        units * per_unit.interest_paid_micro,
        units * per_unit.principal_paid_micro,
    )


def entitlements(per_unit: PerUnit, holdings: Mapping[str, int]) -> tuple[Entitlement, ...]:
    """Split a tranche's payment among the holders of record, in the order of `holdings`.

    Raises `IssuanceBug` unless the holdings add up to the units paid: a snapshot that does not is
    of another date, or wrong.
    """
    held = sum(holdings.values())
    if held != per_unit.units:
        raise IssuanceBug(
            f"holders of {per_unit.tranche} have {held} units, {per_unit.units} are paid"
        )
    return tuple(entitlement(per_unit, investor, units) for investor, units in holdings.items())
