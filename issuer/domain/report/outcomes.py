"""That the tests came out as their ratios say, and that the waterfall followed is the one they led to."""

from __future__ import annotations

from issuer.domain.errors import IssuanceBug
from issuer.domain.waterfall.distribution import Distribution, TestResult
from issuer.domain.waterfall.structure import Comparison, Moment, Structure, Test, by_id
from issuer.domain.waterfall.switches import mode_of


def require_outcomes(structure: Structure, figures: Distribution) -> None:
    """Raise `IssuanceBug` for an outcome, or a waterfall, that does not follow."""
    before = set(figures.opening.failed)
    failed, for_ever = set(before), set(before)
    for result in figures.tests:
        test = by_id(structure.tests, result.id)
        for_good = not test.curable and test.id in for_ever
        if result.threshold != test.threshold or result.passed != (
            _holds(test, result) and not for_good
        ):
            raise IssuanceBug(f"period {figures.period}: {result} is not what {test} says")
        if not result.passed:  # a test on the way may be made twice
            for_ever.add(test.id)
        if test.moment is Moment.DETERMINATION and not result.passed:
            failed.add(test.id)
    if figures.mode != mode_of(structure, failed, figures.standing):
        raise IssuanceBug(
            f"period {figures.period} follows {figures.mode} although {failed} failed"
        )


def _holds(test: Test, result: TestResult) -> bool:
    if result.ratio is None:
        return True
    if test.comparison is Comparison.AT_LEAST:
        return result.ratio >= test.threshold
    return result.ratio <= test.threshold
