"""INV-02 at the door: nobody in mainland China is offered the notes, and the log says who asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.problems import refused
from tests.support.simulator import Client, serve
from tests.support.story import DEAL, Story, investor_document

FROM = "X-Client-Country"
#: What investors are offered: who asks, how, where, with what.
OFFERED: list[tuple[str | None, str, str, Any]] = [
    (None, "GET", "/v1/deals", None),
    (None, "GET", f"/v1/deals/{DEAL}", None),
    ("H1", "GET", f"/v1/deals/{DEAL}", None),
    ("H1", "GET", f"/v1/deals/{DEAL}/subscriptions", None),
    ("H1", "POST", f"/v1/deals/{DEAL}/subscriptions", {"tranche": "A", "units": 2_000}),
    ("H1", "POST", "/v1/checks/subscription", {"deal": DEAL, "tranche": "A", "units": 2_000}),
    ("H1", "POST", "/v1/checks/transfer", {}),
    ("H1", "POST", "/v1/projections", {}),
    ("H1", "POST", "/v1/comparisons", {}),
    ("registrar", "POST", f"/v1/deals/{DEAL}/investors", investor_document("hk-shell")),
    ("registrar", "POST", f"/v1/deals/{DEAL}/investors/checks", investor_document("hk-shell")),
    ("registrar", "PUT", "/v1/investors/H1", investor_document("H1")),
]


@pytest.fixture(scope="module")
def story(story_of_module: Callable[[str], Story]) -> Story:
    return story_of_module("admitted")


def ask(
    story: Story, who: str | None, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    if who is not None:
        headers["X-API-Key"] = story.client.keys[who]
    return story.client.http.request(method, path, json=body, headers=headers)


def last_row(story: Story) -> Any:
    rows = story.client.read("auditor", "/v1/audit?limit=1000")
    return rows[-1]


@pytest.mark.parametrize(("who", "method", "path", "body"), OFFERED)
@pytest.mark.rule("INV-02")
def test_request_from_the_mainland_is_blocked_and_logged(
    story: Story, who: str | None, method: str, path: str, body: Any
) -> None:
    answer = ask(story, who, method, path, body, **{FROM: "CN"})
    problem = refused(answer, 451, "access.blocked")
    (finding,) = problem["findings"]
    assert (finding["rule"], finding["facts"]) == ("INV-02", {"country": "CN"})
    row = last_row(story)
    assert row["act"] == "access_blocked"
    assert row["facts"] == {"country": "CN", "rule": "INV-02", "route": f"{method} {path}"}
    assert row["role"] == ("registrar" if who == "registrar" else "investor")


@pytest.mark.parametrize(("who", "method", "path", "body"), OFFERED)
@pytest.mark.parametrize("country", ["HK", "TW", "XX"])
@pytest.mark.rule("INV-02", passes=True)
def test_request_from_elsewhere_is_not_a_matter_of_place(
    story: Story, who: str | None, method: str, path: str, body: Any, country: str
) -> None:
    before = last_row(story)["seq"]
    answer = ask(story, who, method, path, body, **{FROM: country})
    assert answer.status_code != 451
    acts = [each["act"] for each in story.client.read("auditor", f"/v1/audit?since={before}")]
    assert "access_blocked" not in acts


def test_country_that_the_client_puts_before_the_proxys_hides_nothing(story: Story) -> None:
    path = f"/v1/deals/{DEAL}"
    refused(ask(story, None, "GET", path, **{FROM: "HK, cn"}), 451, "access.blocked")
    headers = [(FROM, "HK"), (FROM, "CN")]
    refused(story.client.http.get(path, headers=headers), 451, "access.blocked")


@pytest.mark.parametrize("who", ["filer", "regulator", "other_authority", "oracle", "auditor"])
def test_party_whose_place_is_in_the_mainland_reads_the_deal_there(story: Story, who: str) -> None:
    assert ask(story, who, "GET", f"/v1/deals/{DEAL}", **{FROM: "CN"}).status_code == 200


def test_unknown_key_from_the_mainland_is_nobodys(story: Story) -> None:
    headers = {FROM: "CN", "X-API-Key": "abs_filer_nobody-has-issued-this"}
    answer = story.client.http.get(f"/v1/deals/{DEAL}", headers=headers)
    refused(answer, 451, "access.blocked")
    assert last_row(story)["actor"] == "unidentified"


def test_filings_stay_public_in_the_mainland(story: Story) -> None:
    # FIL-09: the result of a filing is published; it is no offer.
    for path in (f"/v1/deals/{DEAL}/filings", f"/v1/filings/{story.filing}"):
        assert ask(story, None, "GET", path, **{FROM: "CN"}).status_code == 200


def test_blocked_request_may_be_made_again_from_elsewhere_under_its_key(story: Story) -> None:
    path = f"/v1/deals/{DEAL}/investors/checks"
    headers = {"Idempotency-Key": "from here and there"}
    body = investor_document("hk-shell")
    answer = ask(story, "registrar", "POST", path, body, **headers, **{FROM: "CN"})
    refused(answer, 451, "access.blocked")
    assert ask(story, "registrar", "POST", path, body, **headers, **{FROM: "HK"}).is_success


def test_log_with_blocked_requests_is_intact(story: Story) -> None:
    ask(story, None, "GET", "/v1/deals", **{FROM: "CN"})
    assert story.client.read("auditor", "/v1/audit/verification")["intact"]


def test_address_on_a_mainland_network_is_blocked_without_a_proxy(tmp_path: Path) -> None:
    with serve(tmp_path, mainland_networks=["203.0.113.0/24", "127.0.0.0/8"]) as served:
        client = Client(served.url, served.keys)
        problem = refused(client.get(None, "/v1/deals"), 451, "access.blocked")
        assert problem["findings"][0]["facts"] == {"network": "127.0.0.0/8"}
        assert client.get("regulator", "/v1/deals").status_code == 200
        client.close()


def test_proxy_may_name_its_header_otherwise(tmp_path: Path) -> None:
    with serve(tmp_path, country_header="CF-IPCountry") as served:
        client = Client(served.url, served.keys)
        assert client.http.get("/v1/deals", headers={FROM: "CN"}).status_code == 200
        answer = client.http.get("/v1/deals", headers={"CF-IPCountry": "CN"})
        refused(answer, 451, "access.blocked")
        client.close()
