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
REFUSED = {**STEP, "refused_by": ["FIL-01"]}
GOOD: dict[str, Any] = {
    "version": 1,
    "id": "CIR-07",
    "title": "Open the offering without a filing",
    "title_zh": "未经备案开放认购",
    "route": "The issuer opens the offering.",
    "attempt": [REFUSED],
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
        ({"id": "FIX-01"}, "/id", "such as CIR-99"),
        ({"id": "MY-01"}, "/id", "such as CIR-99, or the id of the rule"),
        ({"id": "INV-99"}, "/id", "goes from INV-01 to INV-13"),
        ({"colour": "red"}, "/colour", "no field"),
        ({"start": "closed"}, "/start", "no stage"),
        ({"blocked_by": ["FIL-1O"]}, "/blocked_by/0", "FIL (Filing) goes from FIL-01"),
        ({"blocked_by": ["CIR-01"]}, "/blocked_by/0", "is a route, which refuses nothing"),
        ({"attempt": [{**STEP, "refused_by": ["INV-99"]}]}, "/attempt/0/refused_by/0", "INV-13"),
        ({"attempt": [{**REFUSED, "as": "isuer"}]}, "/attempt/0/as", "filer, regulator"),
        ({"before": [STEP, {**STEP, "as": "H9"}]}, "/before/1/as", "H1, H2, H3"),
        ({"twin": {"route": "So.", "steps": [{**STEP, "as": "H"}]}}, "/twin/steps/0/as", "nobody"),
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
        ({"attempt": [{**STEP, "document": "poem"}]}, "/attempt/0/document", "write it as"),
        ({"attempt": [{"wallet": "H1", "send": "transfer"}]}, "/attempt/0/send", "write it as"),
        (
            {"attempt": [{"wallet": "H1", "deploy": "AbsToken", "called": "mine"}]},
            "/attempt/0/deploy",
            "PledgeVault",
        ),
        ({"attempt": [{"clock": "tomorrow"}]}, "/attempt/0/clock", "write it as"),
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


@pytest.mark.parametrize("who", ["issuer", "nobody", "H1", "H9"])
def test_scenario_by_whom_there_is_or_whom_it_admits_itself_is_read(who: str) -> None:
    admission = {
        "as": "registrar",
        "post": "/v1/deals/{deal}/investors",
        "document": "investors/H1",
        "change": {"id": "H9"},
    }
    found = parse_scenario(
        {**GOOD, "id": "CIR-99", "before": [admission], "attempt": [{**REFUSED, "as": who}]}, "good"
    )
    assert found.id == "CIR-99"


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
