"""What the rules on a deal's terms are given."""

from __future__ import annotations

from dataclasses import dataclass

from issuer.domain.deal import Deal
from issuer.domain.regime import Regime


@dataclass(frozen=True, slots=True)
class DealCase:
    """The terms of a deal about to be registered."""

    deal: Deal
    regime: Regime
