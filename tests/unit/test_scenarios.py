"""What a scenario file may say, and what it is told when it says something else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from issuer.circumvention.bodies import changed
from issuer.circumvention.scenario import load_scenario, parse_scenario
from issuer.domain.errors import InvalidInput
from issuer.examples import circumvention_files

STEP = {"as": "issuer", "post": "/v1/deals/{deal}/offering/open"}
GOOD: dict[str, Any] = {
    "version": 1,
    "id": "CIR-07",
    "title": "Open the offering without a filing",
    "title_zh": "未经备案开放认购",
    "route": "The issuer opens the offering.",
    "attempt": [{**STEP, "refused_by": ["FIL-01"]}],
    "blocked_by": ["FIL-01"],
    "where": "service",
    "twin": {"route": "The issuer waits.", "steps": [{"clock": "2026-02-10T10:00"}]},
}


def test_good_scenario_is_read() -> None:
    found = parse_scenario(GOOD, "good")
    assert found.runs
    assert found.start == "deployed"
    assert found.attempt[0].is_refused


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        ({"id": "FIX-01"}, "/id", "pattern"),
        ({"colour": "red"}, "/colour", "no field"),
        ({"start": "closed"}, "/start", "no stage"),
        ({"blocked_by": ["FIL-1O"]}, "/blocked_by/0", "pattern"),
        ({"blocked_by": ["FIL-09"]}, "", "what blocks it: ['FIL-09']"),
        ({"blocked_by": []}, "", "what blocks it"),
        ({"where": "chain"}, "", "`where` says chain"),
        ({"where": "both"}, "", "`where` says both"),
        ({"where": "nowhere"}, "/where", "service"),
        ({"twin": None}, "", "honest `twin`"),
        ({"twin": {"route": "Nothing.", "steps": []}}, "/twin/steps", "at least 1"),
        ({"attempt": []}, "", "give an `attempt`"),
        ({"attempt": [STEP]}, "", "no step of the attempt"),
        ({"detection": "somebody looks"}, "", "leave `blocked_by`"),
        ({"attempt": ["open"]}, "/attempt/0", "say what is done"),
        ({"attempt": [{"as": "issuer"}]}, "/attempt/0", "say what is done"),
        ({"attempt": [{**STEP, "put": "/v1/x"}]}, "/attempt/0", "say what is done"),
        ({"attempt": [{"post": "/v1/x"}]}, "/attempt/0/as", "required"),
        ({"attempt": [{**STEP, "body": {}, "document": "deal"}]}, "/attempt/0", "either"),
        ({"attempt": [{**STEP, "change": {"id": "x"}}]}, "/attempt/0", "name it"),
        ({"attempt": [{**STEP, "document": "poem"}]}, "/attempt/0/document", "pattern"),
        ({"attempt": [{"wallet": "H1", "send": "transfer"}]}, "/attempt/0/send", "pattern"),
        (
            {"attempt": [{"wallet": "H1", "deploy": "AbsToken", "called": "mine"}]},
            "/attempt/0/deploy",
            "PledgeVault",
        ),
        ({"attempt": [{"clock": "tomorrow"}]}, "/attempt/0/clock", "pattern"),
        ({"attempt": [{"file": {"until": "approved"}}]}, "/attempt/0/file/until", "checked"),
    ],
)
def test_bad_scenario_is_refused_with_its_place(
    change: dict[str, Any], place: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_scenario({**GOOD, **change}, "bad")
    found = [(each.path, each.message) for each in refused.value.complaints]
    assert any(path == place and said in message for path, message in found), found


def test_every_file_is_named_after_its_scenario() -> None:
    files = circumvention_files()
    assert [load_scenario(each).id for each in files] == [each.stem for each in files]


# ---- documents with changes

DOCUMENT: dict[str, Any] = {
    "entity": {"name": "One"},
    "assets": [{"id": "A", "liens": ["x"]}, {"id": "B", "liens": []}],
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("entity.name", "Two"),
        ("entity.scope", "new"),
        ("assets.B.liens", ["y"]),
        ("assets.0.id", "C"),
    ],
)
def test_change_sets_what_its_place_names(place: str, value: Any) -> None:
    found = changed(deepcopy(DOCUMENT), {place: value}, [])
    for part in place.split("."):
        numbers = {"B": 1, "0": 0}
        found = found[numbers[part]] if isinstance(found, list) else found[part]
    assert found == value


def test_change_appends_and_drop_takes_away() -> None:
    found = changed(deepcopy(DOCUMENT), {"assets.+": {"id": "C"}}, ["assets.A", "entity.name"])
    assert [each["id"] for each in found["assets"]] == ["B", "C"]
    assert found["entity"] == {}


@pytest.mark.parametrize(
    "place", ["assets.C.liens", "owner.name", "assets.A.liens.7", "entity.name.x"]
)
def test_change_of_what_is_not_there_is_refused(place: str) -> None:
    with pytest.raises(InvalidInput, match=r"scenario\.place"):
        changed(deepcopy(DOCUMENT), {place: 1}, [])


@pytest.mark.parametrize("place", ["assets.C", "entity.scope"])
def test_drop_of_what_is_not_there_is_refused(place: str) -> None:
    with pytest.raises(InvalidInput, match=r"scenario\.place"):
        changed(deepcopy(DOCUMENT), {}, [place])
