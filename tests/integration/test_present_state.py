"""A running deal projected from where it stands: its units, its shortfalls, its reserve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.books import DRY_RUN, pay_period, revenue
from tests.integration.test_shortfall import LEAN
from tests.support.problems import refused
from tests.support.story import DEAL, MICRO, Story, document

PATH = "/v1/projections"
SOLD = 50_000


def projected(story: Story, **changes: Any) -> dict[str, Any]:
    body = {"deal": DEAL, "pool": document("ev-charging.pool.yaml"), **changes}
    found: dict[str, Any] = story.client.do("auditor", PATH, body)
    return found


def running(story_at: Callable[[str], Story]) -> Story:
    """50,000 of 80,000 units sold, and a first payment that did not reach."""
    story = story_at("offering_open")
    story.sell("H1", SOLD)
    story.clock("04-15T18:00")
    story.close_offering()
    story.clock("04-20T10:00")
    story.report_completion()
    return story


def test_the_first_projected_period_is_what_is_then_determined(
    story_at: Callable[[str], Story],
) -> None:
    story = running(story_at)
    sold = projected(story)
    assert (sold["starts"], sold["payments"][0]["payment"]) == ("now", 1)
    assert sold["tranches"][0]["original_micro"] == str(SOLD * 1_000 * MICRO)
    planned = projected(story, **{"from": "plan"})
    assert planned["tranches"][0]["original_micro"] == str(80_000 * 1_000 * MICRO)
    lean = pay_period(story, 1, LEAN // 8)
    (short,) = lean["per_unit"]
    assert int(short["interest_paid_micro"]) < int(short["interest_due_micro"])

    found = projected(story)
    first = found["payments"][0]
    assert [each["payment"] for each in found["payments"]] == [2, 3, 4, 5]
    collected = int(first["collections"]["cash_micro"])
    dates = story.client.do("paying_agent", DRY_RUN, {"period": 2})
    day = dates["determination_on"]
    story.clock(f"{day}T10:00")
    story.collect(revenue(2, collected, day))
    story.determine(2)
    determined = story.client.read("auditor", f"/v1/distributions/{story.distribution}")
    (unit,) = determined["per_unit"]
    senior, residual = first["tranches"]
    assert determined["identity"]["collections_micro"] == first["collections"]["cash_micro"]
    assert int(senior["interest_micro"]) == SOLD * int(unit["interest_paid_micro"])
    unpaid = int(unit["interest_due_micro"]) - int(unit["interest_paid_micro"])
    assert int(senior["interest_shortfall_micro"]) == SOLD * unpaid
    assert int(senior["principal_micro"]) == SOLD * int(unit["principal_paid_micro"])
    assert int(senior["outstanding_micro"]) == SOLD * int(unit["outstanding_after_micro"])
    paid = {
        (each["kind"], each["subject"]): int(each["paid_micro"]) for each in determined["lines"]
    }
    assert int(first["fees_micro"]) == sum(paid["fee", fee] for fee in ("trustee", "servicer"))
    assert int(residual["residual_micro"]) == paid["residual", "S"]
    # What is determined is no longer projected, whether it is paid or not.
    after = projected(story)["payments"]
    assert [each["payment"] for each in after] == [3, 4, 5]
    assert after == found["payments"][1:]


def test_a_deal_all_of_whose_payments_are_determined_has_nothing_left(
    story_at: Callable[[str], Story],
) -> None:
    story = running(story_at)
    for period in range(1, 6):
        pay_period(story, period, 40_000_000 * MICRO)
    body = {"deal": DEAL, "pool": document("ev-charging.pool.yaml")}
    refused(story.client.post("auditor", PATH, body), 409, "projection.nothing_left")
    assert len(projected(story, **{"from": "plan"})["payments"]) == 5
