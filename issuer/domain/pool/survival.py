"""Survival: what prepayment and default make of a ladder, period by period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from issuer.domain.pool.assumptions import Assumptions, DefaultAmounts, FlowOrder, Psa
from issuer.domain.pool.ladder import Fate, Ladder
from issuer.domain.pool.periods import Period, counted_months
from issuer.domain.pool.rates import period_rate, psa_rate
from issuer.domain.pool.units import PARTS, SURVIVAL, whole
from issuer.domain.rounding import Rounding

_ONE = SURVIVAL
_TO_SURVIVAL = SURVIVAL // PARTS


@dataclass(slots=True)
class Struck:
    """One period of the pool, in parts times `SURVIVAL`."""

    number: int
    period: Period
    opening: int = 0
    scheduled: int = 0
    prepaid: int = 0
    defaulted: int = 0
    capitalised: int = 0
    diluted: int = 0
    closing: int = 0
    interest: int = 0
    revenue: int = 0
    survival: Fraction = Fraction(1)


_UNIT = PARTS * SURVIVAL
"""A micro-unit in the parts of `Struck`."""


class _Survivors:
    """A ladder with the share of it that is still there, over `SURVIVAL`.

    Where amounts are rounded as they are struck, `held` is what they leave, in micro-units.
    """

    def __init__(self, fate: Fate, ladder: Ladder, rounding: Rounding | None) -> None:
        self.fate, self.ladder = fate, ladder
        self.share = _ONE
        self.before = ladder.opening
        self.closings = ladder.closing()
        self.rounding = rounding
        self.held = whole(ladder.opening)

    @property
    def opening(self) -> int:
        return self.held * _UNIT if self.rounding else self.share * self.before

    def strike(self, into: Struck, default: int, prepay: int, terms: Assumptions) -> None:
        """Go through one period at these rates (over `SURVIVAL` and `PARTS`) and add it up."""
        index, ladder, after = into.number - 1, self.ladder, next(self.closings)
        prepay *= _TO_SURVIVAL
        defaulting = self.share * default // _ONE
        paying = self.share - defaulting
        prepaying = paying * prepay // _ONE
        balance, staying = after, paying - prepaying
        if terms.order is FlowOrder.STANDARD_FORMULAS:
            prepaying = min(self.share * prepay // _ONE, paying)
            staying = paying - prepaying
        elif terms.order is FlowOrder.PREPAID_THEN_SCHEDULED:
            paying, balance = staying, self.before
        bearing = paying + (defaulting if terms.interest_on_defaulted else 0)
        if terms.order is FlowOrder.PREPAID_THEN_SCHEDULED and terms.interest_on_prepaid:
            bearing += prepaying
        struck: tuple[int, ...] = (
            defaulting * self.before,
            prepaying * balance,
            paying * ladder.principal[index],
            paying * ladder.capitalised[index],
            paying * ladder.diluted[index],
            bearing * ladder.interest[index],
            _ONE * ladder.revenue[index],
        )
        into.opening += self.opening
        if self.rounding:
            rates = default, prepay
            struck = self._rounded(self.rounding, struck, rates, terms.order, ends=not after)
        else:
            into.closing += staying * after
        into.defaulted += struck[0]
        into.prepaid += struck[1]
        into.scheduled += struck[2]
        into.capitalised += struck[3]
        into.diluted += struck[4]
        into.interest += struck[5]
        into.revenue += struck[6]
        self.share, self.before = staying, after
        if self.rounding:
            into.closing += self.opening

    def _rounded(
        self,
        rounding: Rounding,
        struck: tuple[int, ...],
        rates: tuple[int, int],
        order: FlowOrder,
        *,
        ends: bool,
    ) -> tuple[int, ...]:
        """The amounts of `struck` rounded, with the rates struck on what was held; the rest is held on."""
        scheduled, joined, diluted, interest, revenue = (
            rounding.ratio(each, _UNIT) for each in struck[2:]
        )
        defaulted = min(rounding.ratio(self.held * rates[0], _ONE), self.held)
        left = self.held - defaulted
        if order is FlowOrder.PREPAID_THEN_SCHEDULED:
            prepaid = min(rounding.ratio(left * rates[1], _ONE), left)
            left += joined - prepaid
            diluted = min(diluted, left)
            scheduled = left - diluted if ends else min(scheduled, left - diluted)
        else:
            left += joined
            diluted = min(diluted, left)
            scheduled = left - diluted if ends else min(scheduled, left - diluted)
            left -= scheduled + diluted
            by_rate = rounding.ratio(left * rates[1], _ONE)
            if order is FlowOrder.STANDARD_FORMULAS:  # of a balance that nobody holds
                by_rate = rounding.ratio(struck[1], _UNIT)
            prepaid = min(by_rate, left)
        self.held += joined - defaulted - prepaid - scheduled - diluted
        amounts = (defaulted, prepaid, scheduled, joined, diluted, interest, revenue)
        return tuple(each * _UNIT for each in amounts)


def survive(
    ladders: Mapping[Fate, Ladder], terms: Assumptions, periods: tuple[Period, ...]
) -> Iterator[Struck]:
    """The pool's periods in order, unrounded."""
    groups = [_Survivors(fate, ladder, terms.rounding) for fate, ladder in ladders.items()]
    total = sum(group.ladder.opening for group in groups)
    gone_months = 0
    for number, period in enumerate(periods, 1):
        struck = Struck(number, period)
        default = _default_rate(terms, groups, number, period)
        prepay = _prepay_rates(terms, number, period, gone_months)
        for group in groups:
            fate = group.fate
            group.strike(
                struck,
                default if fate.defaults else 0,
                prepay(fate.age) if fate.prepays else 0,
                terms,
            )
        left = sum(group.share * group.ladder.opening for group in groups)
        struck.survival = Fraction(left, total * SURVIVAL) if total else Fraction(1)
        if isinstance(terms.prepayment, Psa):
            gone_months += counted_months(period)
        yield struck


def _default_rate(
    terms: Assumptions, groups: Sequence[_Survivors], number: int, period: Period
) -> int:
    """The share of the opening balance that defaults in the period, over `SURVIVAL`."""
    default = terms.default
    if not isinstance(default, DefaultAmounts):
        annual = default.annual.at(number)
        return period_rate(annual, default.rule or terms.rate_rule, period) * _TO_SURVIVAL
    exposed = sum(group.opening for group in groups if group.fate.defaults)
    if number > len(default.amounts) or not exposed:
        return 0
    wanted = default.amounts[number - 1] * PARTS * SURVIVAL
    return min(wanted * _ONE // exposed, _ONE)


def _prepay_rates(
    terms: Assumptions, number: int, period: Period, gone_months: int
) -> Callable[[int], int]:
    """The rate of prepayment in the period by age at the start of the projection, over `PARTS`."""
    prepayment = terms.prepayment
    if isinstance(prepayment, Psa):
        months = counted_months(period)
        by_age = cache(lambda age: psa_rate(prepayment, age, months))
        return lambda age: by_age(min(age + gone_months, Psa.LEVEL_FROM))
    rule = prepayment.rule or terms.rate_rule
    rate = period_rate(prepayment.annual.at(number), rule, period)
    return lambda age: rate
