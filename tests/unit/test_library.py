"""The library of deals: each file is well-formed, marked as synthetic, and projects in every scenario."""

from __future__ import annotations

from fractions import Fraction

import pytest

from issuer.documents.deal import load_deal
from issuer.documents.pool import load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.analytics.outcome import Outcome
from issuer.domain.deal import Deal
from issuer.domain.money import MICRO_PER_COIN
from issuer.domain.regime import Regime
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import examine
from issuer.domain.serviceable import beyond_the_service
from issuer.examples import example_file, library_deals
from issuer.services.projections import Projected, project_once

MILLION_YUAN = 1_070_000 * MICRO_PER_COIN
"""In coin, at the rate of the pool files."""


def deal_of(name: str) -> Deal:
    return load_deal(example_file(f"{name}.yaml"))


def projected(name: str, scenario: str | None = None) -> Projected:
    pool = load_pool(example_file(f"{name}.pool.yaml"))
    return project_once(deal_of(name), pool, OverridesDocument(scenario=scenario))


def scenarios() -> list[tuple[str, str | None]]:
    names = {
        each: load_pool(example_file(f"{each}.pool.yaml")).scenarios for each in library_deals()
    }
    return [(name, each) for name, own in names.items() for each in (None, *own)]


def of(found: Projected, tranche: str) -> Outcome:
    return next(each for each in found.outcomes if each.tranche == tranche)


def short(found: Projected) -> set[str]:
    """The tranches that are not paid all they are owed."""
    return {
        each.tranche for each in found.outcomes if each.loss_micro or each.interest_unpaid_micro
    }


def test_there_is_a_deal_for_every_class() -> None:
    classes = {deal_of(name).asset_class for name in library_deals()}
    assert classes == {
        "TOLL_RIGHT",
        "AUTO_LEASE",
        "AUTO_LOAN",
        "FINANCE_LEASE",
        "PV_INCOME",
        "EV_CHARGING_INCOME",
        "TRADE_RECEIVABLE",
        "CRE_RENT",
    }


@pytest.mark.parametrize("name", library_deals())
def test_deal_of_the_library_is_synthetic_lawful_and_can_be_issued_here(name: str) -> None:
    deal = deal_of(name)
    assert (deal.id, deal.synthetic) == (name, True)
    assert "assumption" in deal.based_on
    assert examine(DEAL_RULES, DealCase(deal, Regime())) == ()
    assert beyond_the_service(deal) == []
    assert load_pool(example_file(f"{name}.pool.yaml")).document.synthetic


@pytest.mark.parametrize(("name", "scenario"), scenarios())
def test_every_scenario_is_projected_and_the_base_case_pays_every_class(
    name: str, scenario: str | None
) -> None:
    found = projected(name, scenario)
    if scenario is None:
        assert short(found) == set()
    else:
        assert found.projection.distributions != projected(name).projection.distributions


@pytest.mark.parametrize(
    ("name", "scenario", "expected"),
    [
        # Losses climb from the most junior class; support keeps the seniors whole.
        ("ev-charging", "low-use", set()),
        ("ev-charging", "collapse", {"A"}),
        ("lianxu-tolls", "stress", set()),
        ("lianxu-tolls", "collapse", {"A4", "A5"}),
        ("guanshen-tolls", "stress", set()),
        ("guanshen-tolls", "no-guarantee", {"A"}),
        ("herald-auto-leases", "stress", set()),
        ("herald-auto-leases", "collapse", {"B"}),
        ("driver-auto-loans", "stress", set()),
        ("driver-auto-loans", "collapse", {"A", "B"}),
        ("lionbridge-truck-leases", "stress", set()),
        ("lionbridge-truck-leases", "shortfall", set()),
        ("lionbridge-truck-leases", "no-support", {"A2", "A3", "A4", "A5", "A6", "A7"}),
        ("gcl-solar", "stress", set()),
        ("gcl-solar", "curtailed", {"A"}),
        ("trade-receivables", "stress", set()),
        ("trade-receivables", "collapse", {"B"}),
        ("office-rents", "stress", set()),
        ("office-rents", "empty", {"A", "B"}),
    ],
)
def test_losses_fall_where_the_terms_put_them(name: str, scenario: str, expected: set[str]) -> None:
    assert short(projected(name, scenario)) == expected


def test_sizes_are_the_published_ones() -> None:
    published = {  # million yuan: the sources are named in each file's `based_on`
        "lianxu-tolls": {"A1": 106, "A2": 116, "A3": 327, "A4": 207, "A5": 240, "S": 126},
        "guanshen-tolls": {"A": 580},
        "herald-auto-leases": {"A": 1982, "B": 215, "S": 303},
        "driver-auto-loans": {"A": 3512, "B": 150, "S": Fraction(633, 2)},
    }
    for name, sizes in published.items():
        deal = deal_of(name)
        for tranche, size in sizes.items():
            assert deal.tranche(tranche).original_micro == size * MILLION_YUAN, (name, tranche)
    lorries = deal_of("lionbridge-truck-leases")
    series = sum(each.original_micro for each in lorries.tokenised)
    assert (len(lorries.tokenised), series) == (7, 382 * MILLION_YUAN)
    assert lorries.tranche("A1").rate == Fraction(68, 1000)
    cars = deal_of("driver-auto-loans")
    assert [each.rate for each in cars.tokenised] == [Fraction(495, 10_000), Fraction(52, 1000)]


def test_average_lives_of_the_car_leases_are_the_published_ones() -> None:
    """FX-AUTO-2: class A 0.78 years, class B 1.81."""
    found = projected("herald-auto-leases", "as-published")
    lives = [of(found, each).average_life for each in ("A", "B")]
    assert [round(float(each or 0), 2) for each in lives] == [0.77, 1.81]


def test_toll_notes_are_paid_two_hundred_million_yuan_each_half_year() -> None:
    for paid in projected("guanshen-tolls").projection.distributions:
        # The yield was rounded, so the last payment is some thousand coins less.
        assert abs(paid.of("A").declared_micro - 200 * MILLION_YUAN) < 10_000 * MICRO_PER_COIN


def test_car_loans_are_called_after_about_the_scheduled_26_months() -> None:
    assert projected("driver-auto-loans").projection.called in range(24, 29)
