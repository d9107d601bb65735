"""What becomes of a distribution: determined, recorded, paid; and each holder's part in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from issuer.domain.waterfall.distribution import Distribution


class DistributionState(StrEnum):
    """DETERMINED (amounts fixed) → RECORDED (holders fixed) → PAYING → PAID."""

    DETERMINED = "DETERMINED"
    RECORDING = "RECORDING"
    RECORDED = "RECORDED"
    PAYING = "PAYING"
    PAID = "PAID"


class Outcome(StrEnum):
    """DUE until paid; SET_ASIDE for a holder who may not be paid, CREDITED where the coin refused it,
    RELEASED when such money has reached its investor.
    """

    DUE = "DUE"
    PAID = "PAID"
    SET_ASIDE = "SET_ASIDE"
    CREDITED = "CREDITED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class DeterminedDistribution:
    """A distribution on its way. `record_at` is a unix time; `epochs` maps tranche to record epoch."""

    id: str
    deal_id: str
    period: int
    state: DistributionState
    figures: Distribution
    record_at: int
    epochs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HolderPayment:
    """One holder of record's entitlement in one tranche, in coin micro-units."""

    distribution_id: str
    tranche_id: str
    investor_id: str
    wallet: str
    units: int
    interest_micro: int
    principal_micro: int
    outcome: Outcome
    transaction_hash: str | None = None

    @property
    def total_micro(self) -> int:
        """Interest and principal together."""
        return self.interest_micro + self.principal_micro
