"""Equal instalments: the payment that repays a balance, and loans of one rate repaid as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from issuer.domain.pool.units import PARTS, SURVIVAL, require


def level_payment(balance: int | Fraction, rate_per_period: Fraction, n: int) -> Fraction:
    """The instalment that repays `balance` with interest in `n` equal payments, exactly."""
    require(
        "level payment",
        {
            "n": (n > 0, "must be one payment or more"),
            "rate_per_period": (rate_per_period >= 0, "must be zero or more"),
        },
    )
    if rate_per_period == 0:
        return Fraction(balance) / n
    growth = (1 + rate_per_period) ** n
    return balance * rate_per_period * growth / (growth - 1)


def annuity(annual: Fraction, fractions: Iterable[Fraction]) -> int:
    """What instalments of 1 are worth today, over `SURVIVAL`; `fractions` of a year may differ."""
    value = 0
    for fraction in reversed(tuple(fractions)):
        numerator = annual.numerator * fraction.numerator
        denominator = annual.denominator * fraction.denominator
        value = (value + SURVIVAL) * denominator // (denominator + numerator)
    return value


@lru_cache(maxsize=65536)
def _instalment(numerator: int, denominator: int, n: int) -> int:
    """The level payment per unit of balance, over `SURVIVAL`."""
    if not numerator:
        return SURVIVAL // n
    flat, growth = int(denominator**n), int((denominator + numerator) ** n)
    return SURVIVAL * numerator * growth // (denominator * (growth - flat))


def amortise_together(
    rate: Fraction, loans: Iterable[tuple[int, int]], payments: int
) -> Iterator[tuple[int, int]]:
    """Interest and principal in parts of each payment of level loans (balance, payments left).

    A level loan's balance follows from the balance before by its rate and its instalment alone, so
    loans of one rate add up: one run serves all, with an instalment that falls as they mature.
    """
    numerator, denominator = rate.numerator, rate.denominator
    balance = instalment = 0
    matures: dict[int, int] = {}
    for units, n in loans:
        payment = units * PARTS * _instalment(numerator, denominator, n) // SURVIVAL
        matures[n] = matures.get(n, 0) + payment
        balance += units * PARTS
        instalment += payment
    last = max(matures, default=0)
    for number in range(1, min(payments, last) + 1):
        interest = balance * numerator // denominator
        principal = instalment - interest if number < last else balance
        balance -= principal
        instalment -= matures.get(number, 0)
        yield interest, principal
