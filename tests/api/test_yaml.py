"""A file posted as it is, and the same content as JSON, are one request."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.problems import malformed
from tests.support.story import DEAL, DEALS, Story, document

DEAL_FILE = (DEALS / "ev-charging.yaml").read_bytes()
COLLECTIONS_FILE = (DEALS / "ev-charging.collections.yaml").read_bytes()


@pytest.mark.parametrize(
    "content_type",
    ["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8", "Application/YAML"],
)
def test_registering_a_deal_from_yaml_stores_what_json_would(
    story_at: Callable[[str], Story], content_type: str
) -> None:
    story = story_at("fresh")
    renamed = DEAL_FILE.replace(b"id: ev-charging", b"id: from-yaml", 1)
    answer = story.client.send_text("operator", "/v1/deals", renamed, content_type)
    assert answer.status_code == 201, answer.text
    story.register()
    from_yaml = story.client.read(None, "/v1/deals/from-yaml")
    from_json = story.client.read(None, f"/v1/deals/{DEAL}")
    assert {**from_yaml, "id": DEAL} == from_json


def test_registering_a_deal_keeps_decimals_and_dates_as_they_were_written(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("fresh")
    unquoted = DEAL_FILE.replace(b'rate: "5.80"', b"rate: 5.80").replace(
        b'denomination: "1000"', b'denomination: "1000.00"'
    )
    assert story.client.send_text("operator", "/v1/deals", unquoted).status_code == 201
    stored = story.client.read(None, f"/v1/deals/{DEAL}")
    assert stored["tranches"][0]["rate"] == "5.80"
    assert stored["tranches"][0]["denomination"] == "1000.00"
    assert stored["schedule"]["closing"] == "2026-04-15"
    assert stored["schedule"]["record_time"] == "18:00"


def test_reporting_collections_from_yaml_brings_in_what_json_would(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    path = f"/v1/deals/{DEAL}/collections"
    assert story.client.send_text("oracle", path, COLLECTIONS_FILE).status_code == 202
    body = document("ev-charging.collections.yaml")
    body["batches"][0]["id"] = "the-same-as-json"
    batches = story.collect(body)["batches"]
    from_yaml, from_json = ({**each, "id": ""} for each in batches)
    assert from_yaml == from_json
    assert from_yaml["cny_fen"] == "1948625037"
    assert from_yaml["coin_micro"] == "20918723607199"
    assert from_yaml["dropped_micro"] == "0.440000"


def test_posting_yaml_with_a_wrong_field_complains_as_json_would(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("admitted")
    changed = COLLECTIONS_FILE.replace(b'cny: "19486250.37"', b'cny: "19486250.375"')
    path = f"/v1/deals/{DEAL}/collections"
    from_yaml = malformed(story.client.send_text("oracle", path, changed), "/batches/0/cny")
    body = document("ev-charging.collections.yaml")
    body["batches"][0]["cny"] = "19486250.375"
    assert malformed(story.client.post("oracle", path, body), "/batches/0/cny") == from_yaml
