"""The investor report: what it says, worked by hand, and that no altered figure passes its sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from issuer.domain.errors import IssuanceBug
from issuer.domain.report.build import investor_report
from issuer.domain.report.model import PeriodReport
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.state import DealState
from tests.support.refused import refused
from tests.support.reported import (
    COIN,
    POOL,
    QUARTERS,
    STRUCTURE,
    distributions,
    periods,
    report,
)

ALL = distributions()


def of_period(number: int) -> PeriodReport:
    return report().periods[number - 1]


# ---- what it says


def test_first_quarter_is_what_its_terms_come_to() -> None:
    # By hand: a tenth of the pool goes, a hundredth of it by default, a third of which is recovered.
    defaulted, principal = POOL // 100 + 1, POOL * 9 // 100 + 7
    left = POOL - defaulted - principal
    losses = defaulted - defaulted // 3
    first = of_period(1)
    cash = left // 40 + principal + defaulted // 3
    assert first.collections.cash_micro == cash
    assert first.available_micro == cash + 15_000 * COIN
    assert first.opening_cash_micro == 15_000 * COIN

    senior, _, junior = first.tranches
    per_unit = 1_000 * COIN * 45 * 91 // (1000 * 365)
    assert (senior.interest_per_unit_micro, senior.interest_paid_micro) == (
        per_unit,
        per_unit * 2_000,
    )
    assert senior.principal_paid_micro == principal // 2_000 * 2_000
    assert senior.carry_micro == principal % 2_000 == 7
    assert senior.closing_micro == 2_000_000 * COIN - 270_000 * COIN
    assert senior.factor == "0.86500000"
    # Rounded up to whole units: 400 of them bear one micro-unit more than a share of the losses.
    written = -(-losses // 400) * 400
    assert junior.written_down_micro == written
    assert junior.closing_micro == 400_000 * COIN - written

    pool = first.pool
    assert pool is not None
    assert (pool.opening_micro, pool.closing_micro, pool.other_micro) == (POOL, left, 0)
    assert pool.factor == "0.89999999"  # two micro-units below nine tenths and more: truncated


def test_factor_is_truncated_never_rounded_up() -> None:
    junior = of_period(1).tranches[2]
    assert Fraction(junior.closing_micro, junior.original_micro) > Fraction(junior.factor)
    assert junior.factor == "0.94999999"


def test_dry_quarter_shows_support_draw_arrears_and_the_waterfall_that_follows() -> None:
    fifth = of_period(5)
    (reserve,), (sponsor,), (trustee, _) = fifth.reserves, fifth.sponsors, fifth.fees
    assert fifth.collections.cash_micro == 0
    assert fifth.waterfall == "rapid"
    assert reserve.drawn_micro == reserve.opening_micro > 0 == reserve.closing_micro
    assert sponsor.given_micro == sponsor.owed_after_micro == fifth.support_micro > 0
    assert (trustee.charged_micro, trustee.paid_micro) == (5_000 * COIN, 0)
    assert trustee.arrears_after_micro == of_period(6).fees[0].arrears_before_micro == 5_000 * COIN
    assert (
        fifth.tranches[0].interest_shortfall_micro
        == 0
        < (fifth.tranches[1].interest_shortfall_micro)
    )
    repaid = of_period(6).sponsors[0]
    assert repaid.owed_before_micro == sponsor.owed_after_micro


def test_tests_have_ratio_threshold_and_outcome() -> None:
    made = {each.id: each for each in of_period(4).tests}
    default = made["cumulative-default"]
    assert default.ratio == Fraction(POOL * 6 // 100 + 4, POOL)
    assert (default.threshold, default.passed) == (Fraction(6, 100), False)
    assert [each.tests[0].passed for each in report().periods] == [True] * 3 + [False] * 5


def test_dates_and_projection_come_from_the_schedule() -> None:
    assert [each.dates for each in report().periods] == list(periods())
    assert [each.dates.projected for each in report().periods] == [False] * 7 + [True]


def test_every_promised_identity_is_shown_in_every_period() -> None:
    names = {
        "continuity",
        "available funds",
        "paid or short",
        "balance",
        "paid per unit",
        "balance per unit",
        "due per unit",
        "carry",
        "reserve",
        "fee",
        "support",
        "pool balance",
        "cumulative defaults",
        "cumulative losses",
    }
    for each in report().periods:
        assert {identity.name for identity in each.identities} == names
        assert all(one.left_micro == one.right_micro for one in each.identities)


def test_pool_that_shrinks_beside_collections_shows_what_else_became_of_it() -> None:
    first = ALL[0]
    diluted = 5 * COIN
    left = first.closing.pool.balance_micro - diluted
    changed = replace(
        first,
        collections=replace(first.collections, pool_micro=left),
        closing=replace(first.closing, pool=replace(first.closing.pool, balance_micro=left)),
        tests=(),
    )
    (only,) = investor_report(replace(STRUCTURE, tests=()), [changed], periods()).periods
    assert only.pool is not None
    assert only.pool.other_micro == -diluted


def test_report_may_begin_in_the_middle_and_of_nothing_is_empty() -> None:
    later = investor_report(STRUCTURE, ALL[3:], periods())
    assert [each.number for each in later.periods] == [4, 5, 6, 7, 8]
    assert later.periods[1:] == report().periods[4:]
    assert investor_report(STRUCTURE, (), periods()).periods == ()


# ---- an altered figure is found


def tranche_state(state: DealState, name: str, **changes: Any) -> DealState:
    return replace(
        state, tranches={**state.tranches, name: replace(state.tranches[name], **changes)}
    )


def line(found: Distribution, kind: Kind, **changes: int) -> Distribution:
    """The distribution with the first line of a kind altered by so much."""
    place = next(n for n, each in enumerate(found.lines) if each.kind is kind and each.paid_micro)
    was = found.lines[place]
    new = replace(was, **{name: getattr(was, name) + by for name, by in changes.items()})
    return replace(found, lines=(*found.lines[:place], new, *found.lines[place + 1 :]))


def per_unit(found: Distribution, **changes: int) -> Distribution:
    was = found.per_unit[0]
    new = replace(was, **{name: getattr(was, name) + by for name, by in changes.items()})
    return replace(found, per_unit=(new, *found.per_unit[1:]))


def closing(found: Distribution, **changes: Any) -> Distribution:
    return replace(found, closing=replace(found.closing, **changes))


TAMPERED: Mapping[str, tuple[int, Callable[[Distribution], Distribution], str]] = {
    "collections": (
        2,
        lambda d: replace(d, collections=replace(d.collections, interest_micro=1)),
        "available funds",
    ),
    "fee paid": (2, lambda d: line(d, Kind.FEE, paid_micro=-1), "available funds"),
    "fee due": (2, lambda d: line(d, Kind.FEE, due_micro=1), "paid or short"),
    "fee due and short": (2, lambda d: line(d, Kind.FEE, due_micro=1, shortfall_micro=1), "fee"),
    "interest to the residual": (
        2,
        lambda d: line(
            line(d, Kind.INTEREST, paid_micro=-1, shortfall_micro=1),
            Kind.RESIDUAL,
            paid_micro=1,
            due_micro=1,
        ),
        "paid per unit",
    ),
    "interest per unit": (2, lambda d: per_unit(d, interest_paid_micro=1), "paid per unit"),
    "interest due": (2, lambda d: per_unit(d, interest_due_micro=1), "due per unit"),
    "units paid": (2, lambda d: per_unit(d, units=1), "paid per unit"),
    "outstanding before": (
        2,
        lambda d: per_unit(d, outstanding_before_micro=1),
        "balance per unit",
    ),
    "outstanding": (
        2,
        lambda d: replace(
            d, closing=tranche_state(d.closing, "A", outstanding_per_unit_micro=5 * COIN)
        ),
        "balance of A",
    ),
    "write-down": (
        2,
        lambda d: line(d, Kind.WRITE_DOWN, paid_micro=1, due_micro=1),
        "balance of S",
    ),
    "reserve": (2, lambda d: line(d, Kind.RELEASE, paid_micro=1, due_micro=1), "reserve"),
    "reserve and carry": (
        2,
        lambda d: closing(
            tampered_carry(d), reserves={"reserve": d.closing.reserves["reserve"] + 1}
        ),
        "carry of A",
    ),
    "arrears": (2, lambda d: closing(d, fee_arrears={"trustee": 1, "servicer": 0}), "fee of trus"),
    "support": (5, lambda d: closing(d, support_owed={"guarantor": 0}), "support of guarantor"),
    "pool": (
        2,
        lambda d: closing(d, pool=replace(d.closing.pool, balance_micro=POOL)),
        "pool balance",
    ),
    "defaults": (
        2,
        lambda d: closing(d, pool=replace(d.closing.pool, cumulative_defaulted_micro=0)),
        "cumulative defaults",
    ),
    "losses": (
        2,
        lambda d: closing(d, pool=replace(d.closing.pool, cumulative_losses_micro=0)),
        "cumulative losses",
    ),
    "outcome": (
        4,
        lambda d: replace(d, tests=(replace(d.tests[0], passed=True), *d.tests[1:])),
        "is not what",
    ),
    "outcome that held for good": (
        2,
        lambda d: replace(d, tests=(replace(d.tests[0], passed=False), *d.tests[1:])),
        "is not what",
    ),
    "threshold": (
        2,
        lambda d: replace(d, tests=(replace(d.tests[0], threshold=Fraction(1)), *d.tests[1:])),
        "is not what",
    ),
    "waterfall": (2, lambda d: replace(d, mode="rapid"), "follows rapid"),
    "opening shortfall": (
        2,
        lambda d: replace(d, opening=tranche_state(d.opening, "A", interest_shortfall_per_unit=1)),
        "does not open as it was at the closing of period 1",
    ),
    "units between periods": (
        2,
        lambda d: replace(d, opening=tranche_state(d.opening, "B", units=601)),
        "continuity of tranche B",
    ),
    "opening balance": (
        2,
        lambda d: replace(
            d, opening=tranche_state(d.opening, "A", outstanding_per_unit_micro=5 * COIN)
        ),
        "continuity of tranche A",
    ),
    "opening by the terms": (
        1,
        lambda d: replace(d, opening=replace(d.opening, reserves={"reserve": 0})),
        "continuity of reserve",
    ),
}


def tampered_carry(found: Distribution) -> Distribution:
    carry = found.closing.tranches["A"].principal_carry_micro
    return replace(
        found, closing=tranche_state(found.closing, "A", principal_carry_micro=carry - 1)
    )


@pytest.mark.parametrize("what", TAMPERED)
def test_altered_figure_is_found_by_the_sum_it_belongs_to(what: str) -> None:
    number, alter, said = TAMPERED[what]
    altered = list(ALL)
    altered[number - 1] = alter(altered[number - 1])
    assert altered[number - 1] != ALL[number - 1]
    with pytest.raises(IssuanceBug, match=f"period {number}.*{said}"):
        investor_report(STRUCTURE, altered, periods())


# ---- what cannot be reported


def test_report_with_a_gap_is_refused() -> None:
    with refused("/distributions/1", "report.order"):
        investor_report(STRUCTURE, (ALL[0], ALL[2]), periods())


def test_report_of_a_period_without_dates_is_refused() -> None:
    with refused(f"/distributions/{QUARTERS - 1}", "report.dates"):
        investor_report(STRUCTURE, ALL, periods()[:-1])


def test_report_by_the_terms_of_another_deal_is_refused() -> None:
    other = replace(STRUCTURE, tranches=STRUCTURE.tranches[:2])
    with refused("/distributions/0", "report.structure"):
        investor_report(other, ALL[:1], periods())
