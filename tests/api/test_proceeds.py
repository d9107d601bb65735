"""The proceeds: to the filed uses, with a reference, and never twice (SET-10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.integration.books import require_books_follow_chain
from tests.support.problems import malformed, refused, refused_by
from tests.support.story import DEAL, Story, document

PROCEEDS = f"/v1/deals/{DEAL}/proceeds"
USES = [each["purpose"] for each in document("ev-charging.filing.yaml")["plan"]["uses"]]
PILES, _, _, LOAN = USES
MILLION = 10**12


def use(
    story: Story, amount: str, reference: str = "SIM-SAFE-1", use: str = LOAN
) -> httpx.Response:
    body = {"use": use, "amount": amount, "inbound_reference": reference}
    return story.client.post("issuer", PROCEEDS, body)


def shown(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = story.client.read("auditor", PROCEEDS)
    return found


@pytest.fixture(scope="module")
def active(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("active")


@pytest.fixture
def story(story_at: Callable[[str], Story]) -> Story:
    return story_at("active")


def test_proceeds_go_to_the_filed_uses_until_they_are_used_up(story: Story) -> None:
    assert use(story, "3000000").json()["amount_micro"] == str(3 * MILLION)
    assert use(story, "2000000", "SIM-SAFE-2").status_code == 201
    assert use(story, "44000000", "SIM-SAFE-3", PILES).status_code == 201
    found = shown(story)
    assert found["net_micro"] == str(76 * MILLION)
    used = {each["use"]: each["used_micro"] for each in found["uses"]}
    assert (used[LOAN], used[PILES]) == (str(5 * MILLION), str(44 * MILLION))
    # What investors paid, less the reserve and the uses.
    assert found["balance_micro"] == str(80 * MILLION - 1_200_000 * 10**6 - 49 * MILLION)
    assert len(found["transfers"]) == 3
    finding = refused_by(use(story, "0.000001", "SIM-SAFE-4"), "SET-10")["findings"][0]
    assert finding["facts"]["limit"] == "filed for the use"
    require_books_follow_chain(story)
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]
    assert story.client.read("auditor", "/v1/audit/verification")["flaws"] == []


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"use": "Mining rigs"}, {"use": "Mining rigs", "filed_uses": USES}),
        ({"reference": ""}, {"use": LOAN, "inbound_reference": None}),
        ({"reference": "  "}, {"use": LOAN, "inbound_reference": None}),
    ],
)
def test_transfer_outside_the_filing_is_refused_and_not_kept(
    active: Story, changes: dict[str, str], facts: dict[str, Any]
) -> None:
    before = active.served.fingerprint()
    (finding,) = refused_by(use(active, "1", **changes), "SET-10")["findings"]
    assert finding["facts"] == facts
    assert active.served.fingerprint() == before


@pytest.mark.parametrize("amount", ["0", "-1", "1e6"])
def test_transfer_of_no_amount_is_malformed(active: Story, amount: str) -> None:
    malformed(use(active, amount), "/amount")


def test_same_inbound_reference_twice_is_refused(story: Story) -> None:
    assert use(story, "1").status_code == 201
    refused(use(story, "1"), 409, "proceeds.exists")


@pytest.mark.parametrize("stage", ["registered", "issued"])
def test_proceeds_are_not_used_before_the_offering_is_closed(
    standing_at: Callable[[str], Story], stage: str
) -> None:
    story = standing_at(stage)
    refused(use(story, "1"), 409, "proceeds.not_now")
    assert shown(story)["transfers"] == []


def test_transfer_that_somebody_has_changed_since_is_found(story: Story) -> None:
    assert use(story, "1").status_code == 201
    with story.served.simulator.context.database.writing() as connection:
        connection.exec_driver_sql("UPDATE proceeds_transfer SET amount_micro = 2000000")
    assert not story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]
    flaws = story.client.read("auditor", "/v1/audit/verification")["flaws"]
    assert any("proceeds" in each["what"] for each in flaws)
