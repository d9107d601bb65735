"""What can be projected and not yet be issued: each need is named, and the shipped deal has none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents.deal import load_deal
from issuer.domain.serviceable import beyond_the_service
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, of
from issuer.domain.waterfall.structure import (
    Floating,
    Reserve,
    Sponsor,
    Structure,
)

DEAL = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
TERMS = DEAL.structure
SENIOR, FIRST_LOSS = TERMS.tranches
POOL = of(Measure.POOL)


def with_step(step: do.Step) -> Structure:
    return replace(TERMS, waterfall=(step, *TERMS.waterfall))


def paths(structure: Structure) -> list[str]:
    found = beyond_the_service(replace(DEAL, structure=structure))
    assert {complaint.rule for complaint in found} <= {"deal.beyond_service"}
    return [complaint.path for complaint in found]


def test_shipped_deal_can_be_issued() -> None:
    assert paths(TERMS) == []


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        pytest.param(with_step(do.PutBack(("A",), (1,))), "/waterfall", id="put-back"),
    ],
)
def test_what_the_service_lacks_is_named_with_its_place(structure: Structure, path: str) -> None:
    assert paths(structure) == [path]


@pytest.mark.parametrize(
    "structure",
    [
        pytest.param(with_step(do.WriteDown(("S", "A"), Amount(plus_micro=1))), id="write-down"),
        pytest.param(with_step(do.WriteUp(("A", "S"), Amount(plus_micro=1))), id="write-up"),
        pytest.param(with_step(do.Capitalise(("A",))), id="capitalised"),
        pytest.param(
            replace(
                TERMS,
                tranches=(replace(SENIOR, rate=Floating("HIBOR-3M", Fraction(1, 100))), FIRST_LOSS),
            ),
            id="floating",
        ),
        pytest.param(replace(TERMS, reserves=(Reserve("reserve", POOL, 0),)), id="by-the-pool"),
        pytest.param(
            with_step(do.PayPrincipal(("A",), limit=of(Measure.PRINCIPAL_COLLECTIONS))),
            id="by-principal-collections",
        ),
        pytest.param(
            replace(TERMS, sponsors=(Sponsor("parent", "originator"),)), id="with-a-sponsor"
        ),
    ],
)
def test_what_is_reported_can_be_issued(structure: Structure) -> None:
    assert paths(structure) == []
