"""A pool of loans that goes badly: every kind of row of an investor report, in eight quarters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from issuer.domain.report.build import investor_report
from issuer.domain.report.model import Report
from issuer.domain.schedule import Period, add_months
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.structure import (
    Comparison,
    FixedFee,
    PercentFee,
    Reserve,
    Sponsor,
    Structure,
    Test,
    Tranche,
)
from issuer.reporting.paper import Heading, Paper

COIN = 1_000_000
QUARTERS = 8
FIRST_PAYMENT = date(2026, 7, 15)
POOL = 3_000_000 * COIN


def _notes(name: str, units: int, rate: str | None) -> Tranche:
    return Tranche(
        id=name,
        name=f"Class {name}",
        tokenised=rate is not None,
        symbol=None,
        retained_by=None if rate else "originator",
        units=units,
        denomination_micro=1_000 * COIN,
        rate=Fraction(rate) if rate else None,
        principal_schedule=(),
        shortfall_spread=Fraction(0) if rate else None,
    )


_TURBO = do.PrincipalMode.AVAILABLE
_LOSSES = Amount((Term(Measure.CUMULATIVE_LOSSES), Term(Measure.WRITTEN_DOWN, times=Fraction(-1))))
_SENIOR = (
    do.PayFee(("trustee", "servicer")),
    do.PayInterest(("A",), support=("reserve", "guarantor")),
)
_END = (
    do.WriteDown(("S", "B", "A"), _LOSSES),
    do.Release("reserve"),
    do.PayResidual("S"),
)

STRUCTURE = Structure(
    tranches=(_notes("A", 2_000, "0.045"), _notes("B", 600, "0.07"), _notes("S", 400, None)),
    fees=(
        FixedFee("trustee", "trustee-co", 5_000 * COIN),
        PercentFee("servicer", "servicer-co", Fraction(1, 100)),
    ),
    reserves=(
        Reserve("reserve", of(Measure.OUTSTANDING, "A", times=Fraction(1, 100)), 15_000 * COIN),
    ),
    waterfall=(
        *_SENIOR,
        do.PayInterest(("B",)),
        do.PayInterestOnInterest(("B",)),
        do.RepaySupport("guarantor"),
        do.TopUp("reserve"),
        do.PayPrincipal(("A", "B"), _TURBO, limit=of(Measure.PRINCIPAL_COLLECTIONS)),
        *_END,
    ),
    others={
        "rapid": (
            *_SENIOR,
            do.PayPrincipal(("A",), _TURBO),
            do.PayInterest(("B",)),
            do.PayInterestOnInterest(("B",)),
            do.PayPrincipal(("B",), _TURBO),
            do.RepaySupport("guarantor"),
            *_END,
        )
    },
    tests=(
        Test(
            "cumulative-default",
            of(Measure.CUMULATIVE_DEFAULTED),
            of(Measure.POOL_ORIGINAL),
            Comparison.AT_MOST,
            Fraction(6, 100),
            curable=False,
            switches_to="rapid",
        ),
        Test(
            "over-collateral",
            of(Measure.POOL),
            of(Measure.OUTSTANDING, "A", "B"),
            Comparison.AT_LEAST,
            Fraction(1),
        ),
    ),
    sponsors=(Sponsor("guarantor", "guarantor-co", 40_000 * COIN),),
    pool_micro=POOL,
)


def periods(count: int = QUARTERS) -> tuple[Period, ...]:
    """Quarters, the last of them beyond the published holidays."""
    return tuple(_quarter(number, count) for number in range(1, count + 1))


def _quarter(number: int, count: int) -> Period:
    end = add_months(FIRST_PAYMENT, 3 * (number - 1))
    start = add_months(end, -3)
    return Period(
        number=number,
        collection_start=start,
        collection_end=end - timedelta(15),
        determination=end - timedelta(7),
        record_at=end - timedelta(5),
        payment=end,
        accrual_start=start,
        accrual_end=end,
        days=(end - start).days,
        year_fraction=Fraction((end - start).days, 365),
        projected=number == count,
    )


@cache
def distributions() -> tuple[Distribution, ...]:
    """What the quarters paid: from the fourth on too much defaults, in the fifth nothing comes in."""
    state, balance, found = opening_state(STRUCTURE), POOL, []
    for period in periods():
        bad, dry = period.number >= 4, period.number == 5
        principal = 0 if dry else POOL * 9 // 100 + 7
        defaulted = POOL * (3 if bad else 1) // 100 + 1
        recovered = 0 if dry else defaulted // 3
        balance -= principal + defaulted
        collected = Collections(
            interest_micro=0 if dry else balance // 40,
            principal_micro=principal,
            recoveries_micro=recovered,
            defaulted_micro=defaulted,
            losses_micro=defaulted - recovered,
            pool_micro=balance,
        )
        inputs = Inputs(collected, support_micro={"guarantor": 25_000 * COIN})
        found.append(distribute(STRUCTURE, state, inputs, period))
        state = found[-1].closing
    return tuple(found)


def report() -> Report:
    """The report of all quarters."""
    return investor_report(STRUCTURE, distributions(), periods())


def paper(period: int | None = None, **heading: object) -> Paper:
    """That report under a heading, of which any field may be another."""
    plain = Heading(
        deal="auto-loans",
        name="Example Auto Loan Notes 2026-1",
        issuer="Example Auto SPV Limited",
        currency="HKD",
        coin="HKDS",
        synthetic=True,
        based_on="Nothing but the imagination.",
        payments=QUARTERS,
    )
    return Paper(replace(plain, **heading), report(), period)  # type: ignore[arg-type]
