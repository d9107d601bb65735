"""The investor report over HTTP: one content in three forms, for those who may read distributions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from issuer.domain.rulebook.filing_rules import DISCLAIMER
from tests.support.problems import refused
from tests.support.story import ALLOTMENT, DEAL, Story, investor_document

REPORT = f"/v1/deals/{DEAL}/investor-report"
#: The residual of the worked example's first period.
RESIDUAL = "2598120913092"


@pytest.fixture
def recorded(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("recorded")


def test_report_tells_the_worked_example_to_the_micro_unit(recorded: Story) -> None:
    found = recorded.client.read("auditor", REPORT)
    (period,) = found["periods"]
    assert found["heading"]["synthetic"] is True
    assert found["heading"]["disclaimer"] == f"{DISCLAIMER}."
    assert period["collections"]["cash_micro"] == "20918723607199"
    assert period["dates"]["payment"] == "2026-07-15"
    senior, junior = period["tranches"]
    assert (senior["closing_micro"], senior["factor"]) == (str(64_000_000 * 10**6), "0.80000000")
    assert senior["interest_paid_micro"] == "1156821840000"
    assert junior["residual_micro"] == RESIDUAL
    assert all(each["left"] and each["right"] for each in period["identities"])


def test_report_names_no_holder(recorded: Story) -> None:
    for form in ("json", "html", "csv"):
        text = recorded.client.get("H1", f"{REPORT}?format={form}").text
        for investor in ALLOTMENT:
            document = investor_document(investor)
            assert document["name"] not in text
            assert document["wallet"] not in text


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/json"),
        ("", "application/json", "application/json"),
        ("", "text/csv", "text/csv"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("?format=json", "text/html", "application/json"),
        ("?format=csv", "text/html", "text/csv"),
        ("?format=html", "application/json", "text/html"),
    ],
)
def test_form_is_the_one_asked_for(
    recorded: Story, query: str, accept: str, media_type: str
) -> None:
    sent = {"X-API-Key": recorded.client.keys["paying_agent"], "Accept": accept}
    answer = recorded.client.http.get(f"{REPORT}{query}", headers=sent)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media_type


def test_tables_of_csv_say_what_json_says(recorded: Story) -> None:
    (period,) = recorded.client.read("issuer", REPORT)["periods"]
    for table in ("lines", "tranches", "fees", "reserves"):
        answer = recorded.client.get("issuer", f"{REPORT}?format=csv&table={table}")
        assert f'filename="{DEAL}-{table}.csv"' in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows == [
            {"period": "1", **{name: str(value) for name, value in row.items()}}
            for row in period[table]
        ]


def test_page_may_load_nothing_and_shows_the_amounts(recorded: Story) -> None:
    answer = recorded.client.get("H2", f"{REPORT}?format=html&period=1")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for shown in ("EV Charging Income Notes 2026-1", f"{DISCLAIMER}.", "2,598,120.913092"):
        assert shown.replace("'", "&#x27;") in answer.text


def test_report_is_the_same_whenever_it_is_asked_for(recorded: Story) -> None:
    asked = [recorded.client.get(who, f"{REPORT}?format=html").content for who in ("H1", "auditor")]
    assert asked[0] == asked[1]


def test_report_of_a_period_not_yet_determined_is_refused(recorded: Story) -> None:
    problem = refused(
        recorded.client.get("auditor", f"{REPORT}?period=2"), 409, "report.not_determined"
    )
    assert (problem["period"], problem["determined"]) == (2, 1)


def test_report_before_anything_is_determined_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    answer = standing_at("admitted").client.get("auditor", REPORT)
    assert refused(answer, 409, "report.not_determined")["determined"] == 0


@pytest.mark.parametrize("query", ["?period=99", "?period=0", "?period=-1"])
def test_report_of_a_period_that_the_deal_does_not_have_is_refused(
    recorded: Story, query: str
) -> None:
    problem = refused(recorded.client.get("auditor", f"{REPORT}{query}"), 422, "input.invalid")
    assert [each["rule"] for each in problem["complaints"]] == ["period.unknown"]


@pytest.mark.parametrize("query", ["?format=pdf", "?format=csv&table=holders", "?period=first"])
def test_report_in_a_form_that_there_is_not_is_refused(recorded: Story, query: str) -> None:
    refused(recorded.client.get("auditor", f"{REPORT}{query}"), 422, "input.invalid")


def test_report_of_an_unknown_deal_is_refused(recorded: Story) -> None:
    answer = recorded.client.get("auditor", "/v1/deals/none/investor-report")
    refused(answer, 404, "deal.not_found")


@pytest.mark.parametrize("who", ["filer", "oracle", "overseas_regulator", "operator"])
def test_report_for_a_role_that_may_not_read_distributions_is_refused(
    recorded: Story, who: str
) -> None:
    refused(recorded.client.get(who, REPORT), 403, "role.missing")


def test_report_without_a_key_is_refused(recorded: Story) -> None:
    refused(recorded.client.get(None, REPORT), 401, "api_key.missing")
