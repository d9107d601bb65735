"""What comes back of defaults, and when: every micro-unit is recovered, lost, or still in workout."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from issuer.domain.pool.assumptions import Assumptions, LossTiming
from issuer.domain.rounding import DOWN_TO_MICRO


class Resolved(NamedTuple):
    """What a period brings of this and earlier defaults; `workout` is what is open after it."""

    recovered: int
    lost: int
    workout: int


@dataclass(slots=True)
class Workout:
    """The defaults of a run, with what is still to come of them by period."""

    terms: Assumptions
    open: int = 0
    recoveries: dict[int, int] = field(default_factory=dict)
    losses: dict[int, int] = field(default_factory=dict)

    def period(self, number: int, defaulted: int) -> Resolved:
        """Add the defaults of a period, and resolve what falls due in it."""
        terms = self.terms
        rounding = terms.rounding or DOWN_TO_MICRO
        to_come = min(rounding.apply(defaulted, 1 - terms.severity), defaulted)
        first = number + terms.recovery_lag
        last = first + len(terms.recovery_timing) - 1
        # Shares of the sum so far, so that the parts add up to it.
        marks = [
            min(rounding.apply(to_come, share), to_come)
            for share in accumulate(terms.recovery_timing)
        ]
        for index, mark in enumerate(marks):
            part = mark - (marks[index - 1] if index else 0)
            self.recoveries[first + index] = self.recoveries.get(first + index, 0) + part
        at_once = terms.loss_timing is LossTiming.AT_DEFAULT
        lost_in = number if at_once else last
        self.losses[lost_in] = self.losses.get(lost_in, 0) + defaulted - to_come
        recovered, lost = self.recoveries.pop(number, 0), self.losses.pop(number, 0)
        self.open += defaulted - recovered - lost
        return Resolved(recovered, lost, self.open)
