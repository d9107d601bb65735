"""Tests: whether a ratio holds, which waterfall follows, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from issuer.domain.waterfall.amounts import Measured
from issuer.domain.waterfall.distribution import Distribution, TestResult
from issuer.domain.waterfall.standing import AFTER, Standing
from issuer.domain.waterfall.state import DealState
from issuer.domain.waterfall.structure import NORMAL, Comparison, Moment, Structure, Test


def make_tests(
    structure: Structure, state: DealState, payment: int, measured: Measured
) -> tuple[TestResult, ...]:
    """The tests of the determination, in the order of the terms."""
    return tuple(
        make_test(test, measured, test.id in state.failed and not test.curable)
        for test in structure.tests
        if test.moment is Moment.DETERMINATION and payment >= test.from_payment
    )


def mode_of(structure: Structure, failed: set[str], standing: Standing) -> str:
    """The waterfall of the deal's standing, else of the first failed test that switches to one, else the
    normal one.
    """
    if (after := AFTER.get(standing)) in structure.others:
        return str(after)
    for test in structure.tests:
        if test.id in failed and test.switches_to is not None:
            return test.switches_to
    return NORMAL


def out_of_turn(
    structure: Structure, figures: Distribution, standing: Standing
) -> Iterator[tuple[str, str]]:
    """(tranche, one above it that stays outstanding) for each that would be paid before its turn.

    As the contracts have it: in default no principal, and once accelerated no coin at all, goes to a
    token while one above it is outstanding, or bears a loss that may be reversed until the maturity.
    Tranches are declared one after the other, so one that is repaid by this very payment stands in
    nobody's way.
    """
    if standing is Standing.PERFORMING:
        return
    left = [
        (rank, tranche)
        for tranche, rank in structure.ranks.items()
        if figures.of(tranche).outstanding_after_micro
        or figures.closing.tranches[tranche].written_down_per_unit_micro
    ]
    for tranche, rank in structure.ranks.items():
        above = next((senior for higher, senior in left if higher < rank), None)
        paid = figures.of(tranche)
        all_coin = standing is Standing.ACCELERATED
        if above is not None and (paid.payable_micro if all_coin else paid.principal_paid_micro):
            yield tranche, above


def conclude(
    structure: Structure,
    made: tuple[TestResult, ...],
    failed: set[str],
    payment: int,
    measured: Measured,
) -> tuple[tuple[TestResult, ...], tuple[str, ...]]:
    """Make the tests of the payment; answers all results, and the tests that stay failed.

    `made` are those of the determination and of the steps. A curable one of them is forgotten,
    because it is made again next time.
    """
    late = tuple(
        make_test(test, measured, test.id in failed and not test.curable)
        for test in structure.tests
        if test.moment is Moment.PAYMENT and payment >= test.from_payment
    )
    now_failed = failed | {each.id for each in (*made, *late) if not each.passed}
    passed_late = {each.id for each in late if each.passed}
    stays = tuple(
        test.id
        for test in structure.tests
        if test.id in now_failed - passed_late
        and (not test.curable or test.moment is Moment.PAYMENT)
    )
    return made + late, stays


def make_test(test: Test, measured: Measured, failed_for_good: bool = False) -> TestResult:
    """Make one test with what is measured now."""
    numerator = test.numerator.value(measured)
    denominator = None if test.denominator is None else test.denominator.value(measured)
    if denominator == 0:
        holds = True
    else:
        ratio = Fraction(numerator, 1 if denominator is None else denominator)
        at_least = test.comparison is Comparison.AT_LEAST
        holds = ratio >= test.threshold if at_least else ratio <= test.threshold
    return TestResult(
        test.id, numerator, denominator, test.threshold, holds and not failed_for_good
    )
