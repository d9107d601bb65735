"""Delinquency: cash that comes later than it is due, bucket by bucket, and all of it in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from issuer.domain.money import floor_mul
from issuer.domain.pool.assumptions import Delinquency
from issuer.domain.pool.units import PARTS

Buckets = tuple[int, int, int, int]
"""1-30, 31-60, 61-90 days and more than 90."""

NONE: Buckets = (0, 0, 0, 0)


class Paid(NamedTuple):
    """What comes of what was due now and before; `late` is the balance of borrowers in arrears."""

    principal: int
    interest: int
    late: Buckets


@dataclass(slots=True)
class Arrears:
    """Who is how late, as shares of the pool over `PARTS`, and what they have not paid."""

    terms: Delinquency | None
    shares: Buckets = NONE
    principal: Buckets = NONE
    interest: Buckets = NONE

    def period(self, principal: int, interest: int, performing: int) -> Paid:
        """Let what is due be paid, missed or caught up; `performing` is what falls due later."""
        terms = self.terms
        if terms is None:
            return Paid(principal, interest, NONE)
        in_time = PARTS - sum(self.shares)
        self.shares, _ = _roll(self.shares, floor_mul(in_time, terms.missed), terms)
        self.principal, paid = _due(self.principal, principal, self.shares, terms)
        self.interest, borne = _due(self.interest, interest, self.shares, terms)
        late = (
            performing * share // PARTS + owed
            for share, owed in zip(self.shares, self.principal, strict=True)
        )
        return Paid(paid, borne, (next(late), next(late), next(late), next(late)))


def _roll(held: Buckets, joins: int, terms: Delinquency) -> tuple[Buckets, int]:
    """Every bucket one month on, and what leaves them cured."""
    two, three, over = (floor_mul(held[n], share) for n, share in enumerate(terms.roll))
    stays = floor_mul(held[3], 1 - terms.cure)
    return (joins, two, three, over + stays), sum(held) - two - three - over - stays


def _due(owed: Buckets, due: int, shares: Buckets, terms: Delinquency) -> tuple[Buckets, int]:
    """What is owed after a payment is due, and what of all that is paid."""
    rolled, cured = _roll(owed, 0, terms)
    missed = [due * share // PARTS for share in shares]
    first, second, third, fourth = (old + new for old, new in zip(rolled, missed, strict=True))
    return (first, second, third, fourth), cured + due - sum(missed)
