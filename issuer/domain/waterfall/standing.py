"""How a deal stands with its noteholders, by their trustee's word, and the waterfall it then follows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Standing(StrEnum):
    """In the order of `ICouponDistributor.Standing`."""

    PERFORMING = "performing"
    DEFAULTED = "defaulted"
    ACCELERATED = "accelerated"


AFTER: Mapping[Standing, str] = {
    Standing.DEFAULTED: "after_default",
    Standing.ACCELERATED: "after_acceleration",
}
"""The waterfall of each standing, where the terms have one so called; without it, its tests decide."""
