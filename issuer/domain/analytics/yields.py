"""Yields, prices at a yield, durations: estimates in binary fractions, none of which is ever paid.

A yield is a root, mostly irrational, and so is a price between two compounding dates. What is exact
is in `present_value`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import expm1, fsum, isfinite, log1p

from issuer.domain.analytics.flows import DatedFlow, NumberedFlow, refuse
from issuer.domain.analytics.present_value import Compounding, TimedFlow
from issuer.domain.analytics.roots import continuous_rates
from issuer.domain.day_count import DayCount, year_fraction


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How a price moves with its yield: durations in years, convexity in years squared."""

    price: float
    macaulay: float
    modified: float
    convexity: float


def price_from_yield(flows: Sequence[TimedFlow], rate: float, compounding: Compounding) -> float:
    """The worth of flows at a yield, in micro-units: an estimate, not an amount to pay."""
    return fsum(worth for _, worth in _worths(flows, rate, compounding))


def yield_from_price(
    flows: Sequence[TimedFlow], price: int, compounding: Compounding, near: float | None = None
) -> float:
    """The yield at which the flows are worth `price`; see `irr` for `near`."""
    timed = [(Fraction(0), -price), *((flow.years, flow.amount) for flow in flows)]
    return _rate("yield", timed, near, lambda u: expm1(u / compounding) * compounding)


def irr(flows: Sequence[NumberedFlow], near: float | None = None) -> float:
    """The internal rate of return per period.

    Flows whose signs change more than once may have several. They are refused with all of them,
    unless `near` says which is meant: the one nearest to it.
    """
    return _rate("IRR", [(Fraction(n), amount) for n, amount in flows], near, expm1)


def xirr(flows: Sequence[DatedFlow], near: float | None = None) -> float:
    """The annual effective rate of return of dated flows, ACT/365F; see `irr` for `near`."""
    start = min((day for day, _ in flows), default=date.min)
    timed = [(year_fraction(DayCount.ACT_365F, start, day), amount) for day, amount in flows]
    return _rate("XIRR", timed, near, expm1)


def xirr_or_none(flows: Sequence[DatedFlow]) -> float | None:
    """The same, or none where there is none in a float's reach, or more than one."""
    start = min((day for day, _ in flows), default=date.min)
    rates = continuous_rates(
        (year_fraction(DayCount.ACT_365F, start, day), amount) for day, amount in flows
    )
    return expm1(rates[0]) if len(rates) == 1 else None


def convert_yield(rate: float, quoted: Compounding, wanted: Compounding) -> float:
    """The same yield, quoted with another compounding."""
    _require(rate, quoted)
    return expm1(log1p(rate / quoted) * quoted / wanted) * wanted


def sensitivity(flows: Sequence[TimedFlow], rate: float, compounding: Compounding) -> Sensitivity:
    """Macaulay and modified duration and convexity at a yield, of flows worth something."""
    worths = _worths(flows, rate, compounding)
    price = fsum(worth for _, worth in worths)
    if price <= 0:
        refuse("duration", "/flows", "price.none", "are worth nothing: a duration divides by that")
    growth = 1 + rate / compounding
    macaulay = fsum(t * worth for t, worth in worths) / price
    curved = fsum(t * (t + 1 / compounding) * worth for t, worth in worths)
    return Sensitivity(price, macaulay, macaulay / growth, curved / price / growth**2)


def _worths(
    flows: Sequence[TimedFlow], rate: float, compounding: Compounding
) -> list[tuple[float, float]]:
    _require(rate, compounding)
    growth = 1 + rate / compounding
    times = [float(flow.years) for flow in flows]
    try:
        return [
            (t, flow.amount * growth ** (-t * compounding))
            for t, flow in zip(times, flows, strict=True)
        ]
    except OverflowError:
        refuse("price", "/rate", "rate.range", "is too near a total loss to discount by: raise it")


def _require(rate: float, compounding: Compounding) -> None:
    if not (isfinite(rate) and 1 + rate / compounding > 0):
        refuse("yield", "/rate", "rate.range", f"must be a number above -{compounding:d}")


def _rate(
    source: str,
    timed: Sequence[tuple[Fraction, int]],
    near: float | None,
    quote: Callable[[float], float],
) -> float:
    if not min((a for _, a in timed), default=0) < 0 < max((a for _, a in timed), default=0):
        refuse(source, "/flows", "rate.one_way", "go one way only: give what is paid and received")
    rates = [quote(u) for u in continuous_rates(timed)]
    if not rates:
        refuse(source, "/flows", "rate.none", "are worth nothing together at no rate: check them")
    if near is not None:
        return min(rates, key=lambda rate: abs(rate - near))
    if len(rates) > 1:
        listed = ", ".join(f"{rate:.6g}" for rate in rates)
        refuse(source, "/flows", "rate.ambiguous", f"have the rates {listed}: say near which")
    return rates[0]
