"""A revolving pool: what its collections buy, projected from the purchase on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.exact import require_exact
from issuer.domain.money import floor_mul
from issuer.domain.pool.assumptions import Assumptions
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import Period
from issuer.domain.pool.project import PoolPeriod, project_pool
from issuer.domain.pool.units import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Replenishment:
    """The assets bought: level loans, all alike, paid with `price` for each unit of balance.

    What a payment buys is the pool's from the day after the collection period that is paid: such is
    the cut-off of a purchase, and what its assets bring from then on is collected in the next.
    """

    rate: Fraction
    months: int
    price: Fraction = Fraction(1)
    age: int = 0

    def __post_init__(self) -> None:
        require_exact(self)
        require("purchases", {"price": (self.price > 0, "must be above zero")})
        self.bought_for(0)  # what is wrong with the loan is told before anything is bought

    def bought_for(self, amount: int) -> Loan:
        """What so much buys, in whole micro-units of balance, the fraction given up."""
        return Loan(
            id="bought",
            balance=floor_mul(amount, Fraction(1) / self.price),
            rate=self.rate,
            remaining=self.months,
            age=self.age,
        )


def replenished(
    terms: Replenishment,
    amount: int,
    assumptions: Assumptions,
    periods: Sequence[Period],
    first: int,
) -> tuple[PoolPeriod, ...]:
    """What an amount buys, over the periods left; `first` is the number of the first of them."""
    return project_pool([terms.bought_for(amount)], assumptions.from_period(first), periods)
