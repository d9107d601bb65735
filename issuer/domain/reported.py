"""What is reported for a period besides cash: the pool, the fixings, and what sponsors have sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from issuer.domain.collections import CollectionBatch
from issuer.domain.money import MICRO_PER_FEN, floor_mul


@dataclass(frozen=True, slots=True)
class PoolReport:
    """The pool at the end of a collection period, in renminbi fen.

    The waterfall runs in coin: each amount is converted at `fx_rate`, coin per renminbi, and rounded
    down once to the micro-unit. What a change of the rate does to the balance is the deal's currency
    risk, as it is with the cash.
    """

    period: int
    closing_balance_fen: int
    defaulted_fen: int
    losses_fen: int
    fx_rate: Fraction
    fx_rate_date: date

    @property
    def pool_micro(self) -> int:
        """The closing balance in coin."""
        return self._in_coin(self.closing_balance_fen)

    @property
    def defaulted_micro(self) -> int:
        """What defaulted in the period, in coin."""
        return self._in_coin(self.defaulted_fen)

    @property
    def losses_micro(self) -> int:
        """What was given up in the period, in coin."""
        return self._in_coin(self.losses_fen)

    def _in_coin(self, fen: int) -> int:
        return floor_mul(fen, self.fx_rate * MICRO_PER_FEN)


@dataclass(frozen=True, slots=True)
class ServicerReport:
    """What a servicer reports at once: batches of cash, and the pool of a period or several."""

    batches: tuple[CollectionBatch, ...] = ()
    pool_reports: tuple[PoolReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixing:
    """The rate a year of an index for a period's interest, and where and when it was read."""

    period: int
    index: str
    rate: Fraction
    fixed_on: date
    source: str


@dataclass(frozen=True, slots=True)
class SupportPayment:
    """Coin that a sponsor has sent to stand in with, from the period `period` on.

    `reference` is the bank's: it stands for one payment of a deal.
    """

    reference: str
    sponsor: str
    period: int
    amount_micro: int
    received_on: date


def losses_beyond_defaults(reports: Iterable[PoolReport]) -> Iterator[tuple[PoolReport, int, int]]:
    """(report, losses so far, defaults so far) where more was lost than had ever defaulted, in fen.

    Losses come later than the defaults they are of, so only the sums since the closing can be compared.
    """
    defaulted = losses = 0
    for each in sorted(reports, key=lambda report: report.period):
        defaulted += each.defaulted_fen
        losses += each.losses_fen
        if losses > defaulted:
            yield each, losses, defaulted
