"""What the contracts are meant to cost at most, and what the last gas buys where they cost more."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.gas.cost import Cost


@dataclass(frozen=True, slots=True)
class Target:
    """At most so much for each. `buys` is written by hand, and read where the target is missed."""

    entry: str
    at_most: int
    buys: str = ""
    unit: str = "gas"

    def met(self, value: float) -> bool:
        """Does this keep to it?"""
        return value <= self.at_most


CODE = "code of AbsToken"

TARGETS = (
    Target("transfer to a holder", 39_000),
    Target("transfer to a new holder", 39_000),
    Target("transfer, first after a record date", 39_500),
    Target("mint to a new holder", 39_000),
    Target("mint to a holder", 39_000),
    Target("mint to 100 new holders, each", 9_000),
    Target("allowlist 100, each", 25_000),
    Target("coupon push to 100, steady, each", 13_000),
    Target("coupon push to 250, steady, each", 13_000),
    Target("coupon claim, steady", 58_000),
    Target("deploy AbsToken", 2_500_000),
    Target(CODE, 12_000, unit="bytes"),
)


def value_of(target: Target, costs: Mapping[str, Cost], code_bytes: Mapping[str, int]) -> float:
    """What it is held against."""
    return code_bytes["AbsToken"] if target.entry == CODE else costs[target.entry].each
