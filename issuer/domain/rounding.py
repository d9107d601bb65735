"""How an exact figure becomes money that can be paid: a multiple of the micro-unit, cent or dollar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from issuer.domain.exact import Exact


class RoundingMode(StrEnum):
    """Where an amount goes that falls between two multiples."""

    DOWN = "down"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Rounding(Exact):
    """Money in multiples of `to_micro`: by default down to the micro-unit.

    Published tables round as their sources do: half up to the cent in a trustee's report, down to
    the cent in some engines. Where the paper rounds on the aggregate, as a global note does, the
    tranche is one unit of its whole face, and this is its aggregate rounding.
    """

    mode: RoundingMode = RoundingMode.DOWN
    to_micro: int = 1

    def apply(self, amount: int, factor: Fraction | int = 1) -> int:
        """Round the product; both are zero or more."""
        return self.ratio(amount * factor.numerator, factor.denominator)

    def ratio(self, numerator: int, denominator: int) -> int:
        """Round a quotient of two integers, the one zero or more and the other above it."""
        divisor = denominator * self.to_micro
        whole, rest = divmod(numerator, divisor)
        match self.mode:
            case RoundingMode.DOWN:
                up = False
            case RoundingMode.UP:
                up = rest > 0
            case RoundingMode.HALF_UP:
                up = 2 * rest >= divisor
            case RoundingMode.HALF_EVEN:
                up = 2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1)
        return (whole + up) * self.to_micro


DOWN_TO_MICRO = Rounding()
"""What every amount is rounded by unless its terms say otherwise."""
