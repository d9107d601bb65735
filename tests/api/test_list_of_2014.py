"""The negative list of 2014 switched on in the regime file: what it refuses, the list of 2024 accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.simulator import serve
from tests.support.story import Story

Body = dict[str, Any]

OF_2014 = """
negative_list:
  value: "2014"
  basis: source
  source: AMAC negative list of 2014
"""
#: A beneath-lying asset of which everything is stated and nothing is wrong.
UNIT = {
    "id": "UNIT-1",
    "asset_type": "EV_CHARGING_INCOME",
    "sector": "EV_CHARGING",
    "sector_barred": False,
    "in_dispute": False,
    "transferable": True,
    "liens": [],
    "adds_hidden_government_debt": False,
    "cash_source": "OPERATION",
    "completed": True,
    "legality_opinion": "CLEAN",
}
CITY = {"id": "CITY-INVEST", "kind": "LGFV", "dishonest": False, "unrelated": True}


@pytest.fixture(scope="module")
def under_2014(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("of-2014")
    file = folder / "regime.yaml"
    file.write_text(OF_2014, encoding="utf-8")
    with serve(folder, regime=file) as served:
        story = Story(served).reach("deployed")
        yield story
        story.close()


@pytest.fixture(scope="module")
def under_2024(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("deployed")


def formality(story: Story, body: Body) -> tuple[str, dict[str, Any]]:
    """The state that the formality check leaves a filing in, and what it found by rule."""
    body = {**body, "supersedes": story.prepared["filing"]["id"]} if story.prepared else body
    story.draft(body)
    story.sign()
    story.submit()
    now = story.check_formality()
    found = {each["rule"]: each for each in now["findings"]}
    if now["state"] == "UNDER_REVIEW":
        path = f"/v1/filings/{story.filing}/termination"
        story.client.do("regulator", path, {"reason": "the way is free for the next"})
    return now["state"], found


def owed_by_a_financing_vehicle(body: Body) -> Body:
    body["assets"][0]["obligors"] = [{**CITY, "share": "29.02"}]
    return body


def trust_unit_over_a_financing_vehicle(body: Body) -> Body:
    body["assets"][0] |= {"underlying": ["UNIT-1"]}
    body["assets"][0].pop("obligors")
    body["underlying_assets"] = [{**UNIT, "obligors": [{**CITY, "share": "29.02"}]}]
    return body


def disclosed_subsidy(body: Body) -> Body:
    body = owed_by_a_financing_vehicle(body)
    body["assets"][0]["obligors"][0]["disclosed_subsidy"] = True
    return body


def dishonest_payer(body: Body) -> Body:
    payer = {"id": "FLEET", "kind": "COMPANY", "dishonest": True, "unrelated": True}
    body["assets"][0]["obligors"] = [{**payer, "share": "29.02"}]
    return body


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (owed_by_a_financing_vehicle, {"ABSNL-1", "NEG-06"}),
        (trust_unit_over_a_financing_vehicle, {"ABSNL-8", "NEG-06"}),
    ],
)
def test_filing_that_the_list_of_2014_refuses_is_accepted_under_that_of_2024(
    under_2014: Story, under_2024: Story, change: Callable[[Body], Body], rules: set[str]
) -> None:
    state, found = formality(under_2014, change(under_2014.filing_document()))
    assert (state, set(found)) == ("NOT_ACCEPTED", rules)
    figures = {each["figures"]["negative_list"]["value"] for each in found.values()}
    assert figures == {"2014"}
    assert formality(under_2024, change(under_2024.filing_document())) == ("UNDER_REVIEW", {})


@pytest.mark.parametrize("change", [lambda body: body, disclosed_subsidy, dishonest_payer])
def test_filing_that_the_list_of_2014_lets_pass_is_accepted_under_it(
    under_2014: Story, change: Callable[[Body], Body]
) -> None:
    assert formality(under_2014, change(under_2014.filing_document())) == ("UNDER_REVIEW", {})


def test_dishonest_payer_is_on_the_list_of_2024_only(under_2024: Story) -> None:
    state, found = formality(under_2024, dishonest_payer(under_2024.filing_document()))
    assert (state, set(found)) == ("NOT_ACCEPTED", {"ABSNL-2", "NEG-06"})
