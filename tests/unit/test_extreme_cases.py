"""Every deal of the library in every case of its pool file, at rates beyond what anybody assumes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from api.answers.projections import TotalsView
from issuer.documents.deal import load_deal
from issuer.documents.pool import load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.analytics.valuation import Valuation
from issuer.services.measures import measure
from issuer.services.projections import Projected, project_once
from tests.support.story import DEALS

LOANS = ["driver-auto-loans", "herald-auto-leases", "lionbridge-truck-leases", "trade-receivables"]
REVENUE = ["ev-charging", "gcl-solar", "guanshen-tolls", "lianxu-tolls", "office-rents"]
HARSH = [
    {"cpr": "45", "cdr": "45", "severity": "100"},
    {"cpr": "100", "severity": "0"},
    {"cdr": "100", "severity": "45"},
]


def projected(name: str, **overrides: str | None) -> Projected:
    deal, pool = load_deal(DEALS / f"{name}.yaml"), load_pool(DEALS / f"{name}.pool.yaml")
    return project_once(deal, pool, OverridesDocument.model_validate(overrides))


def cases(name: str) -> list[str | None]:
    return [None, *load_pool(DEALS / f"{name}.pool.yaml").scenarios]


def valued(found: Projected) -> tuple[Valuation, ...]:
    return measure(found, Fraction(8, 100)).valuations


@pytest.mark.parametrize(
    ("name", "stress"),
    [(name, stress) for name in LOANS for stress in HARSH]
    + [(name, {"revenue": share}) for name in REVENUE for share in ("0", "0.01", "45")],
)
def test_every_tranche_is_measured_however_little_it_gets(
    name: str, stress: dict[str, str]
) -> None:
    for scenario in cases(name):
        found = projected(name, scenario=scenario, **stress)
        assert [each.tranche for each in valued(found)] == [each.tranche for each in found.outcomes]


def test_what_is_repaid_next_to_nothing_has_no_yield_and_no_duration() -> None:
    found = projected("herald-auto-leases", cdr="45")
    named = {each.tranche: each for each in valued(found)}
    paid = {each.tranche: each.principal_micro + each.interest_micro for each in found.outcomes}
    lost = named["B"]
    assert 0 < paid["B"] < 230_050_000 * 10**6 // 100
    assert (lost.yield_at_par, lost.macaulay, lost.modified) == (None, None, None)
    assert lost.present_value_percent is not None
    assert named["A"].yield_at_par is not None


def test_a_residual_piece_kept_for_a_token_sum_has_no_yield_and_no_worth_in_per_cent() -> None:
    deal, pool = (
        load_deal(DEALS / "guanshen-tolls.yaml"),
        load_pool(DEALS / "guanshen-tolls.pool.yaml"),
    )
    senior, junior = deal.structure.tranches
    token = replace(deal.structure, tranches=(senior, replace(junior, units=1)))
    found = project_once(replace(deal, structure=token), pool, OverridesDocument())
    note, kept = valued(found)
    assert found.outcomes[1].residual_micro > 60_000_000 * 10**6
    assert kept == Valuation("S", None, None, None, None)
    assert note == valued(projected("guanshen-tolls"))[0]


def test_at_a_negative_yield_there_is_no_modified_duration() -> None:
    senior, _ = valued(projected("ev-charging", scenario="collapse"))
    assert senior.yield_at_par is not None
    assert -0.3 < senior.yield_at_par < -0.29
    assert senior.macaulay is not None
    assert senior.modified is None


@pytest.mark.parametrize("name", LOANS + REVENUE)
def test_all_cash_that_came_in_is_told_where_it_went(name: str) -> None:
    for scenario in cases(name):
        totals = TotalsView.of(projected(name, scenario=scenario).projection).model_dump()
        amounts = {key: int(amount) for key, amount in totals.items()}
        came_in = [
            amounts.pop(f"{key}_micro") for key in ("collections", "opening_reserve", "support")
        ]
        assert sum(came_in) == sum(amounts.values()) > 0


@pytest.mark.parametrize("name", ["driver-auto-loans", "office-rents", "trade-receivables"])
def test_no_reserve_is_kept_while_a_note_takes_a_loss(name: str) -> None:
    deal = load_deal(DEALS / f"{name}.yaml")
    assert deal.structure.reserves[0].final_payment == deal.schedule.payments
    losses = []
    for stress in ({"revenue": "45"},) if name in REVENUE else ({"cdr": "82"}, {"cdr": "100"}):
        found = projected(name, **stress)
        losses.append(sum(each.loss_micro or 0 for each in found.outcomes))
        assert found.projection.closing.reserve_micro == 0
    assert any(losses)
