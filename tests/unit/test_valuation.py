"""Present value, durations and DSCR of a projected deal, against the sums done by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from issuer.documents.deal import load_deal
from issuer.documents.pool import load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.waterfall.distribution import Kind
from issuer.services.measures import measure
from issuer.services.projections import Projected, project_once
from tests.support.story import DEALS

DEAL = load_deal(DEALS / "ev-charging.yaml")
POOL = load_pool(DEALS / "ev-charging.pool.yaml")
FACE = 80_000_000
# What class A is paid, and how many days after 15 April 2026.
FLOWS = [
    (91, 17_156_821.84),
    (183, 16_935_627.36),
    (275, 16_701_720.48),
    (365, 16_457_643.76),
    (456, 16_231_364.32),
]


def projected(**overrides: str) -> Projected:
    return project_once(DEAL, POOL, OverridesDocument.model_validate(overrides))


def test_present_value_discounts_every_payment_to_closing() -> None:
    senior, _ = measure(projected(), Fraction(8, 100)).valuations
    worth = sum(amount / 1.08 ** (days / 365) for days, amount in FLOWS)
    assert senior.present_value_percent == pytest.approx(100 * worth / FACE)


def test_durations_are_those_at_the_yield_at_par() -> None:
    found = projected()
    senior, _ = measure(found, Fraction(0)).valuations
    growth = 1 + (measure(found, Fraction(0)).valuations[0].yield_at_par or 0)
    worths = [(days / 365, amount / growth ** (days / 365)) for days, amount in FLOWS]
    macaulay = sum(years * worth for years, worth in worths) / FACE
    assert senior.macaulay == pytest.approx(macaulay)
    assert senior.modified == pytest.approx(macaulay / growth)
    assert senior.present_value_percent == pytest.approx(100 * sum(a for _, a in FLOWS) / FACE)


def test_a_tranche_that_is_paid_nothing_is_worth_nothing_and_has_no_duration() -> None:
    _, junior = measure(projected(scenario="collapse"), Fraction(8, 100)).valuations
    assert (junior.present_value_percent, junior.macaulay, junior.modified) == (0, None, None)


def test_coverage_is_cash_after_fees_over_what_the_terms_make_due() -> None:
    found = projected(scenario="collapse")
    coverage = measure(found, Fraction(0)).coverage
    assert coverage is not None
    # Two reports: what comes in less the trustee's 50,000 and the servicer's 1.5 %. Class A is due a
    # fifth, and interest on what is outstanding: 5,686,340 more than planned, for 92 days at 5.80 %,
    # to the micro-unit of each of 80,000 units. The principal it is behind with is not in it.
    first, second = found.projection.distributions[:2]
    fees = [50_000_000_000 + each.collections_micro * 15 // 1000 for each in (first, second)]
    assert coverage.periods[0] == Fraction(first.collections_micro - fees[0], 17_156_821_840_000)
    outstanding = 80_000_000 * 10**6 - first.total(Kind.PRINCIPAL, "A")
    assert outstanding == 69_686_340 * 10**6
    interest = outstanding // 80_000 * 58 * 92 // (1000 * 365) * 80_000
    assert coverage.periods[1] == Fraction(
        second.collections_micro - fees[1], 16_000_000 * 10**6 + interest
    )
    assert coverage.periods[1] < Fraction(second.collections_micro - fees[1], 16_935_627_360_000)
    assert coverage.minimum == coverage.periods[1]


def test_without_a_schedule_that_makes_principal_due_there_is_no_coverage() -> None:
    found = projected()
    senior, junior = DEAL.structure.tranches
    unscheduled = replace(senior, principal_schedule=())
    structure = replace(DEAL.structure, tranches=(unscheduled, junior))
    assert measure(found, Fraction(0)).coverage is not None
    free = replace(found, deal=replace(DEAL, structure=structure))
    assert measure(free, Fraction(0)).coverage is None
