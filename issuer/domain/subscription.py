"""Subscriptions: an investor asks for units, the issuer allots and issues them against coin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SubscriptionState(StrEnum):
    """OPEN → ISSUING (on its way to the chain) → ISSUED; a refusal by the chain opens it again.

    WITHDRAWN is the other end of one that is open.
    """

    OPEN = "OPEN"
    ISSUING = "ISSUING"
    ISSUED = "ISSUED"
    WITHDRAWN = "WITHDRAWN"


#: Units that there are, or that are on their way to be.
ALLOTTED = frozenset({SubscriptionState.ISSUING, SubscriptionState.ISSUED})


@dataclass(frozen=True, slots=True)
class Subscription:
    """Units at a price, in coin micro-units for all of them.

    `operation_number` is the token's count of mints that this one must be: the chain accepts each
    once, so a database that has forgotten a mint cannot repeat it.
    """

    id: str
    deal_id: str
    tranche_id: str
    investor_id: str
    units: int
    price_micro: int
    state: SubscriptionState
    subscribed_at: str
    operation_number: int | None = None
