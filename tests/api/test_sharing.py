"""What leaves the deal: the export for overseas regulators (FIL-19), and listings (INV-09)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import refused, refused_by
from tests.support.story import ALLOTMENT, DEAL, PRICE_MICRO, Story, investor_document

EXPORT = f"/v1/deals/{DEAL}/export"
LISTINGS = f"/v1/deals/{DEAL}/listings"


@pytest.fixture(scope="module")
def paid(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("paid")


def as_csv(story: Story, path: str, **headers: str) -> list[dict[str, str]]:
    sent = {"X-API-Key": story.client.keys["overseas_regulator"], **headers}
    answer = story.client.http.get(path, headers=sent)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.rule("FIL-19", passes=True)
def test_export_holds_filing_holders_events_mints_and_payments(paid: Story) -> None:
    found = paid.client.read("overseas_regulator", EXPORT)
    assert found["filing"]["state"] == "ACTIVE"
    assert [each["code"] for each in found["events"]] == ["EV-01"]
    holders = {each["wallet"]: each for each in found["holders"]}
    for investor, units in ALLOTMENT.items():
        document = investor_document(investor)
        line = holders[document["wallet"]]
        assert (line["units"], line["country"]) == (units, document["residency"])
        assert line["investor_class"] == document["investor_class"]
    assert sum(each["units"] for each in found["mints"]) == sum(ALLOTMENT.values())
    assert all(each["transaction_hash"] and each["block_number"] for each in found["mints"])
    assert {each["outcome"] for each in found["payments"]} == {"PAID"}
    assert len(found["payments"]) == len(ALLOTMENT)


def test_export_names_nobody(paid: Story) -> None:
    text = paid.client.get("overseas_regulator", EXPORT).text
    for investor in ALLOTMENT:
        assert investor_document(investor)["name"] not in text


@pytest.mark.parametrize(
    ("path", "headers"), [(EXPORT, {"Accept": "text/csv"}), (f"{EXPORT}?format=csv", {})]
)
def test_export_as_csv_says_the_same(paid: Story, path: str, headers: dict[str, str]) -> None:
    rows = as_csv(paid, path, **headers)
    whole = paid.client.read("overseas_regulator", EXPORT)
    by_record: dict[str, list[Any]] = {}
    for row in rows:
        by_record.setdefault(row["record"], []).append(row)
    assert {name: len(found) for name, found in by_record.items()} == {
        "filing": 1,
        "event": 1,
        "holder": len(whole["holders"]),
        "mint": len(whole["mints"]),
        "payment": len(whole["payments"]),
    }
    assert [(r["wallet"], int(r["units"])) for r in by_record["holder"]] == [
        (each["wallet"], each["units"]) for each in whole["holders"]
    ]
    assert by_record["mint"][0]["amount_micro"] == str(ALLOTMENT["H1"] * PRICE_MICRO)


def test_export_is_entered_in_the_log(paid: Story) -> None:
    as_csv(paid, f"{EXPORT}?format=csv")
    row = paid.client.read("auditor", "/v1/audit?limit=1000")[-1]
    assert (row["act"], row["role"], row["subject"]) == ("export_deal", "overseas_regulator", DEAL)
    assert row["facts"]["form"] == "csv"


def test_export_of_a_deal_without_contracts_is_empty(story_at: Callable[[str], Story]) -> None:
    found = story_at("registered").client.read("overseas_regulator", EXPORT)
    assert (found["filing"], found["holders"], found["mints"]) == (None, [], [])


def test_export_of_no_deal_is_not_found(standing_at: Callable[[str], Story]) -> None:
    answer = standing_at("admitted").client.get("overseas_regulator", "/v1/deals/none/export")
    refused(answer, 404, "deal.not_found")


@pytest.mark.rule("FIL-19")
def test_export_from_a_register_that_lacks_a_holder_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("issued")
    with story.served.simulator.context.database.writing() as connection:
        wallet = investor_document("H2")["wallet"]
        connection.exec_driver_sql("DELETE FROM holding WHERE wallet = ?", (wallet,))
    problem = refused_by(story.client.get("overseas_regulator", EXPORT), "FIL-19")
    assert problem["findings"][0]["facts"] == {
        "tranche": "A",
        "in_register": 60_000,
        "on_chain": 80_000,
    }


@pytest.mark.rule("INV-09", passes=True)
def test_listing_for_professional_investors_is_recorded_once(paid: Story) -> None:
    body = {"venue": "Example Professional Exchange", "retail": False}
    assert paid.client.do("issuer", LISTINGS, body)["venue"] == body["venue"]
    row = paid.client.read("auditor", "/v1/audit?limit=1000")[-1]
    assert (row["act"], row["facts"]) == ("list_notes", {"venue": body["venue"]})
    refused(paid.client.post("issuer", LISTINGS, body), 409, "deal.listed")


@pytest.mark.rule("INV-09")
def test_listing_for_retail_investors_is_refused(standing_at: Callable[[str], Story]) -> None:
    body = {"venue": "Example Licensed Platform", "retail": True}
    refused_by(standing_at("admitted").client.post("issuer", LISTINGS, body), "INV-09")
