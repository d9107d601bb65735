"""Equal instalments: the payment that repays a balance, and loans of one rate repaid as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    return Fraction(balance * rate_per_period * growth, growth - 1)


def annuity(annual: Fraction, fractions: Iterable[Fraction]) -> int:
    """What instalments of 1 are worth today, over `SURVIVAL`; `fractions` of a year may differ."""
    value, last, worth = 0, Fraction(-1), Fraction(0)
    for fraction in reversed(tuple(fractions)):
        if fraction is not last:
            last, worth = fraction, Fraction(1, 1 + annual * fraction)
        value = (value + SURVIVAL) * worth.numerator // worth.denominator
    return value


@lru_cache(maxsize=1024)
def _instalments(numerator: int, denominator: int, longest: int) -> tuple[int, ...]:
    """The level payment per unit of balance for each number of payments, over `SURVIVAL`."""
    if not numerator:
        return (0, *(SURVIVAL // n for n in range(1, longest + 1)))
    worth, found = SURVIVAL, [0]
    for _ in range(longest):
        worth = worth * denominator // (denominator + numerator)
        found.append(SURVIVAL * SURVIVAL * numerator // (denominator * (SURVIVAL - worth)))
    return tuple(found)


def amortise_together(
    rate: Fraction, loans: Sequence[tuple[int, int]], payments: int, longest: int
) -> tuple[list[int], list[int]]:
    """Interest and principal in parts of each payment of level loans (balance, payments left).

    A level loan's balance follows from the balance before by its rate and its instalment alone, so
    loans of one rate add up: one run serves all, with an instalment that falls as they mature.
    No loan has more than `longest` payments left.
    """
    numerator, denominator = rate.numerator, rate.denominator
    per_unit = _instalments(numerator, denominator, longest)
    balance = instalment = last = 0
    matures = [0] * (longest + 1)
    for units, n in loans:
        payment = units * PARTS * per_unit[n] // SURVIVAL
        matures[n] += payment
        balance += units * PARTS
        instalment += payment
        last = max(last, n)
    interests, principals = [], []
    for number in range(1, min(payments, last) + 1):
        interest = balance * numerator // denominator
        principal = instalment - interest if number < last else balance
        balance -= principal
        instalment -= matures[number]
        interests.append(interest)
        principals.append(principal)
    return interests, principals
