"""The report of a run of distributions. Nothing is computed anew that a distribution says itself."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise

from issuer.domain.analytics.factors import factor, published_factor
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.report.identities import fee_due, identities, pool_other
from issuer.domain.report.model import (
    FeeReport,
    PeriodReport,
    PoolReport,
    Report,
    ReserveReport,
    SponsorReport,
    TestReport,
    TrancheReport,
)
from issuer.domain.report.outcomes import require_outcomes
from issuer.domain.reported import Fixing
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import Distribution, Kind, PerUnit, TestResult
from issuer.domain.waterfall.structure import Structure, Test, Tranche, by_id


def investor_report(
    structure: Structure,
    distributions: Sequence[Distribution],
    periods: Sequence[Period],
    fixings: Sequence[Fixing] = (),
) -> Report:
    """Report consecutive distributions of one structure; `periods` gives the dates of each, `fixings`
    what was entered of its indices.

    Raises `InvalidInput` for distributions with gaps or without dates, and `IssuanceBug` where an
    identity does not hold.
    """
    dates = {period.number: period for period in periods}
    _require_complete(structure, distributions, dates)
    earlier = (None, *distributions)
    return Report(
        tuple(
            _period(structure, figures, dates[figures.period], before, fixings)
            for figures, before in zip(distributions, earlier, strict=False)
        )
    )


def _require_complete(
    structure: Structure, distributions: Sequence[Distribution], dated: Container[int]
) -> None:
    complaints = [
        Complaint(
            f"/distributions/{index}",
            "report.order",
            f"is of period {after.period} and follows {before.period}: give all, in order",
        )
        for index, (before, after) in enumerate(pairwise(distributions), 1)
        if after.period != before.period + 1
    ]
    complaints += [
        Complaint(
            f"/distributions/{index}",
            "report.dates",
            f"is of period {each.period}, which has no dates: give its period",
        )
        for index, each in enumerate(distributions)
        if each.period not in dated
    ]
    named = {tranche.id for tranche in structure.tranches}
    complaints += [
        Complaint(
            f"/distributions/{index}",
            "report.structure",
            f"pays {', '.join(sorted(each.closing.tranches))}, the terms have"
            f" {', '.join(sorted(named))}: give the terms that it followed",
        )
        for index, each in enumerate(distributions)
        if each.closing.tranches.keys() != named
    ]
    if complaints:
        raise InvalidInput("investor report", complaints)


def _period(
    structure: Structure,
    figures: Distribution,
    dates: Period,
    before: Distribution | None,
    fixings: Sequence[Fixing],
) -> PeriodReport:
    proven = identities(structure, figures, before)
    require_outcomes(structure, figures)
    opening = figures.opening
    return PeriodReport(
        dates=dates,
        waterfall=figures.mode,
        fixings=tuple(each for each in fixings if each.period == figures.period),
        collections=figures.collections,
        support_micro=figures.support_micro,
        available_micro=figures.collections_micro
        + figures.support_micro
        + opening.reserve_micro
        + opening.carry_micro,
        paid_micro=figures.paid_micro,
        lines=figures.lines,
        tranches=tuple(_tranche(tranche, figures) for tranche in structure.tranches),
        fees=_fees(structure, figures),
        reserves=_reserves(structure, figures),
        sponsors=_sponsors(structure, figures),
        pool=_pool(figures),
        tests=tuple(_test(by_id(structure.tests, each.id), each) for each in figures.tests),
        identities=proven,
    )


def _tranche(tranche: Tranche, figures: Distribution) -> TrancheReport:
    opened, closed = figures.opening.tranches[tranche.id], figures.closing.tranches[tranche.id]
    each = next((found for found in figures.per_unit if found.tranche == tranche.id), None)
    each = each or _nothing(tranche.id, closed.units, closed.outstanding_per_unit_micro)
    units = opened.units  # those that are paid; fewer are left where some are put back
    return TrancheReport(
        id=tranche.id,
        name=tranche.name,
        units=closed.units,
        original_micro=tranche.denomination_micro * closed.units,
        opening_micro=opened.outstanding_per_unit_micro * units,
        capitalised_micro=figures.total(Kind.CAPITALISED, tranche.id),
        principal_due_micro=each.principal_due_micro * units,
        principal_paid_micro=figures.total(Kind.PRINCIPAL, tranche.id),
        principal_shortfall_micro=each.principal_shortfall_micro * units,
        written_down_micro=figures.total(Kind.WRITE_DOWN, tranche.id)
        - figures.total(Kind.WRITE_UP, tranche.id),
        closing_micro=closed.outstanding_per_unit_micro * closed.units,
        interest_due_micro=each.interest_due_micro * units,
        interest_paid_micro=each.interest_paid_micro * units,
        interest_shortfall_micro=each.interest_shortfall_micro * units,
        residual_micro=figures.total(Kind.RESIDUAL, tranche.id),
        carry_micro=closed.carry_micro,
        interest_per_unit_micro=each.interest_paid_micro,
        principal_per_unit_micro=each.principal_paid_micro,
        outstanding_per_unit_micro=closed.outstanding_per_unit_micro,
        factor=published_factor(
            factor(closed.outstanding_per_unit_micro, tranche.denomination_micro)
        ),
    )


def _nothing(tranche_id: str, units: int, outstanding: int) -> PerUnit:
    """A tranche that no step of the period touched: nothing was due to it."""
    return PerUnit(tranche_id, units, 0, 0, 0, 0, 0, 0, outstanding, outstanding)


def _fees(structure: Structure, figures: Distribution) -> tuple[FeeReport, ...]:
    owed, still = figures.opening.fee_arrears, figures.closing.fee_arrears
    return tuple(
        FeeReport(
            fee.id,
            fee.payee,
            owed[fee.id],
            fee_due(figures, fee.id) - owed[fee.id],
            figures.total(Kind.FEE, fee.id),
            still[fee.id],
        )
        for fee in structure.fees
    )


def _reserves(structure: Structure, figures: Distribution) -> tuple[ReserveReport, ...]:
    return tuple(
        ReserveReport(
            reserve.id,
            figures.opening.reserves[reserve.id],
            figures.total(Kind.TOP_UP, reserve.id),
            figures.total(Kind.DRAW, reserve.id),
            figures.total(Kind.RELEASE, reserve.id),
            figures.closing.reserves[reserve.id],
        )
        for reserve in structure.reserves
    )


def _sponsors(structure: Structure, figures: Distribution) -> tuple[SponsorReport, ...]:
    return tuple(
        SponsorReport(
            sponsor.id,
            sponsor.payee,
            figures.opening.support_owed[sponsor.id],
            figures.total(Kind.SUPPORT, sponsor.id),
            figures.total(Kind.SUPPORT_REPAID, sponsor.id),
            figures.closing.support_owed[sponsor.id],
        )
        for sponsor in structure.sponsors
    )


def _pool(figures: Distribution) -> PoolReport | None:
    before, after, collected = figures.opening.pool, figures.closing.pool, figures.collections
    if not (before.original_micro or before.balance_micro or after.balance_micro):
        return None
    original = after.original_micro
    return PoolReport(
        opening_micro=before.balance_micro,
        principal_micro=collected.principal_micro,
        defaulted_micro=collected.defaulted_micro,
        other_micro=pool_other(figures),
        closing_micro=after.balance_micro,
        losses_micro=collected.losses_micro,
        cumulative_defaulted_micro=after.cumulative_defaulted_micro,
        cumulative_losses_micro=after.cumulative_losses_micro,
        factor=published_factor(factor(after.balance_micro, original)) if original else None,
    )


def _test(test: Test, result: TestResult) -> TestReport:
    return TestReport(
        id=result.id,
        numerator_micro=result.numerator_micro,
        denominator_micro=result.denominator_micro,
        ratio=result.ratio,
        comparison=test.comparison,
        threshold=result.threshold,
        passed=result.passed,
    )
