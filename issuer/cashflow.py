"""The cash-flow engine from one place, for notebooks and other people's tests; see
docs/cash-flow-engine.md.

Nothing is defined here but short ways to write a class of notes and figures. Amounts are whole
micro-units, rates `Fraction` a year; `micro("1234.56")` and `rate("7.5")` make them of text.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import load_deal, parse_deal
from issuer.documents.pool import load_pool, parse_pool
from issuer.domain.analytics.average_life import (
    Origin,
    OriginConvention,
    average_life,
    average_life_by_months,
)
from issuer.domain.analytics.factors import factor, published_factor
from issuer.domain.analytics.outcome import outcome, outcomes
from issuer.domain.analytics.present_value import (
    Compounding,
    TimedFlow,
    present_value,
    timed_by_date,
    timed_by_number,
)
from issuer.domain.analytics.yields import (
    irr,
    price_from_yield,
    sensitivity,
    xirr,
    yield_from_price,
)
from issuer.domain.calendar import Convention, HolidayCalendar
from issuer.domain.day_count import Accrual, DayCount, year_fraction
from issuer.domain.deal import ScheduleTerms
from issuer.domain.errors import Complaint, InvalidInput, IssuanceBug
from issuer.domain.money import format_micro as text
from issuer.domain.money import parse_coin, parse_percent
from issuer.domain.pool.assumptions import (
    Assumptions,
    Cdr,
    Cpr,
    DefaultAmounts,
    Delinquency,
    FlowOrder,
    LossTiming,
    Psa,
    RateRule,
)
from issuer.domain.pool.claims import Lease, Receivable, SuppliedCurve, SuppliedFlow
from issuer.domain.pool.curves import After, Curve, Vector, constant
from issuer.domain.pool.level import level_payment
from issuer.domain.pool.loan import Amortisation, FloatingRate, HolidayInterest, InterestOn, Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.pool import contract_flows
from issuer.domain.pool.project import Contracts, PoolPeriod, combined, gathered, project_pool
from issuer.domain.pool.rates import single_monthly_mortality
from issuer.domain.pool.rep_lines import group_loans
from issuer.domain.pool.replenish import Replenishment
from issuer.domain.pool.revenue import CapacityRevenue, Per, Rent
from issuer.domain.projection import (
    Case,
    Pace,
    Projection,
    collections_of,
    project,
    project_deal,
)
from issuer.domain.report.build import investor_report
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.schedule import (
    Period,
    add_months,
    build_periods,
    build_schedule,
    periods_between,
    regular_periods,
)
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.checks import check_structure
from issuer.domain.waterfall.distribution import Distribution, Kind, PaymentLine, PerUnit
from issuer.domain.waterfall.entitlements import entitlements
from issuer.domain.waterfall.run import distribute, run_deal
from issuer.domain.waterfall.state import (
    Collections,
    DealState,
    Inputs,
    PoolState,
    TrancheState,
    opening_state,
)
from issuer.domain.waterfall.steps import (
    ALL_CASH,
    Capitalise,
    PayFee,
    PayInterest,
    PayInterestOnInterest,
    PayPrincipal,
    PayResidual,
    PrincipalMode,
    Purchase,
    PutBack,
    Release,
    RepaySupport,
    Sharing,
    Source,
    TopUp,
    When,
    WriteDown,
    WriteUp,
)
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Direction,
    FixedFee,
    Floating,
    InterestBase,
    Moment,
    PercentFee,
    PrincipalRule,
    Reserve,
    ScheduledFee,
    Sponsor,
    Structure,
    Test,
    Tranche,
)

Figure = TypeVar("Figure", int, Fraction)


def micro(amount: str) -> int:
    """A coin amount such as "1234.56" in micro-units."""
    return _read("amount", parse_coin, amount)


def rate(percent: str) -> Fraction:
    """A rate of so many per cent: "7.5" is 3/40."""
    return _read("rate", parse_percent, percent)


def _read(what: str, parse: Callable[[str], Figure], text: str) -> Figure:
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidInput(what, [Complaint("", f"{what}.text", str(error))]) from error


def whole_class(
    name: str, face: int, rate: Fraction | Floating | None = None, **terms: Any
) -> Tranche:
    """A class as one unit of its whole face, so that it is paid and rounded on the aggregate.

    `terms` are further fields of `Tranche`.
    """
    return unit_class(name, 1, face, rate, **terms)


def unit_class(
    name: str, units: int, denomination: int, rate: Fraction | Floating | None = None, **terms: Any
) -> Tranche:
    """A class of so many notes, paid a whole number of micro-units each, as a token is."""
    own = {"principal_schedule": (), **terms}
    return Tranche(
        id=name,
        name=name,
        tokenised=False,
        symbol=None,
        retained_by=name,
        units=units,
        denomination_micro=denomination,
        rate=rate,
        **own,
    )


__all__ = [
    "ALL_CASH",
    "Accrual",
    "After",
    "Amortisation",
    "Amount",
    "Assumptions",
    "BalanceFee",
    "CapacityRevenue",
    "Capitalise",
    "Case",
    "Cdr",
    "Collections",
    "Comparison",
    "Complaint",
    "Compounding",
    "Contracts",
    "Convention",
    "Cpr",
    "Curve",
    "DayCount",
    "DealState",
    "DefaultAmounts",
    "Delinquency",
    "Direction",
    "Distribution",
    "FixedFee",
    "Floating",
    "FloatingRate",
    "FlowOrder",
    "HolidayCalendar",
    "HolidayInterest",
    "Inputs",
    "InterestBase",
    "InterestOn",
    "InvalidInput",
    "IssuanceBug",
    "Kind",
    "Lease",
    "Loan",
    "LossTiming",
    "Measure",
    "Moment",
    "Origin",
    "OriginConvention",
    "Pace",
    "PayFee",
    "PayInterest",
    "PayInterestOnInterest",
    "PayPrincipal",
    "PayResidual",
    "PaymentLine",
    "Per",
    "PerUnit",
    "PercentFee",
    "Period",
    "PoolPeriod",
    "PoolState",
    "PrincipalMode",
    "PrincipalRule",
    "Projection",
    "Psa",
    "Purchase",
    "PutBack",
    "RateRule",
    "Receivable",
    "Release",
    "Rent",
    "RepaySupport",
    "Replenishment",
    "Reserve",
    "Rounding",
    "RoundingMode",
    "ScheduleTerms",
    "ScheduledFee",
    "Sharing",
    "Source",
    "Sponsor",
    "Structure",
    "SuppliedCurve",
    "SuppliedFlow",
    "Term",
    "Test",
    "TimedFlow",
    "TopUp",
    "Tranche",
    "TrancheState",
    "Vector",
    "When",
    "WriteDown",
    "WriteUp",
    "add_months",
    "average_life",
    "average_life_by_months",
    "build_periods",
    "build_schedule",
    "check_structure",
    "collections_of",
    "combined",
    "constant",
    "contract_flows",
    "distribute",
    "entitlements",
    "factor",
    "gathered",
    "group_loans",
    "investor_report",
    "irr",
    "level_payment",
    "load_deal",
    "load_joint_calendar",
    "load_pool",
    "micro",
    "months",
    "of",
    "opening_state",
    "outcome",
    "outcomes",
    "parse_deal",
    "parse_pool",
    "periods_between",
    "present_value",
    "price_from_yield",
    "project",
    "project_deal",
    "project_pool",
    "published_factor",
    "rate",
    "regular_periods",
    "run_deal",
    "sensitivity",
    "single_monthly_mortality",
    "text",
    "timed_by_date",
    "timed_by_number",
    "unit_class",
    "whole_class",
    "xirr",
    "year_fraction",
    "yield_from_price",
]
