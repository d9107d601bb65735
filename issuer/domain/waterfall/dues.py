"""What falls due in a period, before any cash is looked at: interest, principal, fees.

Dues are fixed once, at the start: no step can change what another finds due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.schedule import Period, period_fraction
from issuer.domain.waterfall.amounts import Measured
from issuer.domain.waterfall.state import TrancheState
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Fee,
    FixedFee,
    Floating,
    InterestBase,
    PercentFee,
    PrincipalRule,
    ScheduledFee,
    Tranche,
)


@dataclass(frozen=True, slots=True)
class Dues:
    """Per unit: interest with the old shortfall, interest on that shortfall, scheduled principal.

    `factor` is what the period bears on a micro-unit outstanding.
    """

    interest: int
    interest_on_interest: int
    principal: int
    factor: Fraction


def dues(
    tranche: Tranche, state: TrancheState, period: Period, fixings: Mapping[str, Fraction]
) -> Dues:
    """What one unit is due. Raises `InvalidInput` where the fixing of a floating rate is missing.

    Interest accrues on what was outstanding through the period, and is rounded once.
    """
    rate = annual_rate(tranche, fixings)
    fraction = interest_fraction(tranche, period)
    base = state.outstanding_per_unit_micro
    if tranche.interest_base is InterestBase.BEFORE_WRITE_DOWNS:
        base += state.written_down_per_unit_micro
    factor = rate * fraction
    accrued = tranche.rounding.apply(base, factor)
    on_interest = state.interest_on_shortfall_per_unit
    unpaid = state.interest_shortfall_per_unit
    if tranche.shortfall_compounds:
        unpaid += state.interest_on_shortfall_per_unit
    if unpaid and tranche.bears_on_shortfall:
        on_interest += tranche.rounding.apply(unpaid, _shortfall_rate(tranche, rate) * fraction)
    return Dues(
        interest=accrued + state.interest_shortfall_per_unit,
        interest_on_interest=on_interest,
        principal=_principal(tranche, state, period.number),
        factor=factor,
    )


def interest_fraction(tranche: Tranche, period: Period) -> Fraction:
    """The part of a year that the tranche's interest runs for, by its conventions or the schedule's.

    A tranche with an accrual of its own has a day count of its own, as the checks see to.
    """
    if tranche.day_count is None:
        return period.year_fraction
    return period_fraction(period, tranche.day_count, tranche.accrual)


def annual_rate(tranche: Tranche, fixings: Mapping[str, Fraction]) -> Fraction:
    """The tranche's rate a year in this period; zero where it bears no interest."""
    match tranche.rate:
        case None:
            return Fraction(0)
        case Floating() as floating:
            if floating.index not in fixings:
                raise InvalidInput(
                    f"tranche {tranche.id}",
                    [
                        Complaint(
                            f"/fixings/{floating.index}",
                            "waterfall.fixing.missing",
                            f"the rate of {tranche.id} follows {floating.index}, which has no fixing"
                            " for this period: report the fixing",
                        )
                    ],
                )
            return floating.rate(fixings[floating.index])
        case Fraction() as fixed:
            return fixed


def _shortfall_rate(tranche: Tranche, rate: Fraction) -> Fraction:
    if tranche.shortfall_rate is not None:
        return tranche.shortfall_rate
    return rate + (tranche.shortfall_spread or 0)


def charge(fee: Fee, collections_micro: int, period: Period, measured: Measured) -> int:
    """What a fee costs in this period, without arrears."""
    match fee:
        case FixedFee():
            return fee.amount_micro
        case ScheduledFee():
            due = fee.amounts_micro[period.number - 1 : period.number]
            return sum(due)
        case PercentFee():
            return fee.rounding.apply(collections_micro, fee.share)
        case BalanceFee():
            counted = fee.day_count
            years = period_fraction(period, counted) if counted else period.year_fraction
            return fee.rounding.apply(fee.base.value(measured), fee.rate * years)


def _principal(tranche: Tranche, state: TrancheState, payment: int) -> int:
    if tranche.principal_rule is PrincipalRule.PLANNED_BALANCE:
        return max(state.outstanding_per_unit_micro - tranche.planned_micro(payment), 0)
    schedule = tranche.principal_schedule
    instalment = schedule[payment - 1] if 1 <= payment <= len(schedule) else 0
    return min(instalment + state.principal_shortfall_per_unit, state.outstanding_per_unit_micro)
