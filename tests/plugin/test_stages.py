"""A stage is what it is, whichever other stages were taken before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from issuer.store import outbox
from issuer.testing.deal import ExampleDeal
from issuer.testing.stages import Stages


def seen(deal: ExampleDeal) -> dict[str, Any]:
    """What was done, when it is, and who holds what."""
    with deal.service.context.database.reading() as connection:
        done = [(each.kind, each.state) for each in outbox.of_deal(connection, deal.id)]
    return {
        "done": sorted(done),
        "now": deal.clock.now,
        "filing": deal.filing.state,
        "units": {investor: deal.units_of(investor) for investor in ("H1", "H2", "H3")},
        "coin": {investor: deal.coin_of(investor) for investor in ("H1", "H2", "H3")},
    }


def look(folder: Path, passing: Sequence[str], stage: str) -> dict[str, Any]:
    """What is seen at `stage` after something has been done at each of those before."""
    folder.mkdir()
    with Stages(folder, "embedded") as stages:
        for each in passing:
            before, _ = stages.take(each)
            before.supply_coin("H1", 1, f"at {each}")
            stages.give_back(before)
        deal, mark = stages.take(stage)
        found = seen(deal)
        assert len(mark.operations) == len(found["done"])
        # It can be moved on from there.
        deal.supply_coin("H1", 7, "a deposit")
        assert deal.coin_of("H1") == found["coin"]["H1"] + 7
        stages.give_back(deal)
        return found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return look(tmp_path_factory.mktemp("stages") / "alone", (), "issued")


@pytest.mark.parametrize("passing", [("deployed", "issued"), ("active", "deployed")])
def test_a_stage_is_the_same_after_others(
    tmp_path: Path, alone: dict[str, Any], passing: Sequence[str]
) -> None:
    assert alone["units"] == {"H1": 50_000, "H2": 20_000, "H3": 10_000}
    assert look(tmp_path / "after", passing, "issued") == alone
