"""Projections over HTTP: the same as at the command line, for any key, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from api.answers.projections import ProjectionView
from issuer.documents.deal import load_deal
from issuer.documents.pool import load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.documents.text import read_file
from issuer.domain.errors import InvalidInput
from issuer.services.measures import measure, provenance
from issuer.services.projections import MAX_WORK, Start, project_once, require_bounded
from tests.support.problems import malformed, refused
from tests.support.story import DEAL, DEALS, Story, document

PATH = "/v1/projections"
POOL = document("ev-charging.pool.yaml")


@pytest.fixture
def story(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("admitted")


def asked(**changes: Any) -> dict[str, Any]:
    return {"deal": DEAL, "pool": POOL, **changes}


@pytest.mark.parametrize("who", ["H1", "auditor", "oracle", "operator"])
def test_any_key_is_told_what_the_command_line_tells(story: Story, who: str) -> None:
    answer = story.client.do(who, PATH, asked(overrides={"scenario": "collapse", "revenue": "70"}))
    overrides = OverridesDocument.model_validate({"scenario": "collapse", "revenue": "70"})
    deal = load_deal(DEALS / "ev-charging.yaml")
    pool = load_pool(DEALS / "ev-charging.pool.yaml")
    found = project_once(deal, pool, overrides)
    made_of = provenance(read_file(DEALS / "ev-charging.yaml"), pool)
    view = ProjectionView.of(found, measure(found, Fraction(8, 100)), made_of)
    assert answer == view.model_dump(mode="json")


def test_without_a_key_nothing_is_projected(story: Story) -> None:
    refused(story.client.http.post(PATH, json=asked()), 401, "api_key.missing")


def test_a_deal_that_is_not_registered_may_be_sent_whole(story: Story) -> None:
    deal = {**document("ev-charging.yaml"), "id": "another"}
    answer = story.client.do("filer", PATH, asked(deal=deal, pool={**POOL, "deal": "another"}))
    assert answer["deal"] == "another"
    assert answer["tranches"][0]["loss_micro"] == "0"
    refused(story.client.get("auditor", "/v1/deals/another"), 404, "deal.not_found")


def test_a_deal_that_there_is_not_is_not_projected(story: Story) -> None:
    answer = story.client.post("filer", PATH, asked(deal="nothing"))
    refused(answer, 404, "deal.not_found")


def with_asset(**changes: Any) -> dict[str, Any]:
    return {**POOL, "assets": [{**POOL["assets"][0], **changes}]}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"pool": with_asset(price="x")}, "/pool/assets/0/price"),
        ({"pool": with_asset(price={"2026-04-01": 1})}, "/pool/assets/0/price/2026-04-01"),
        ({"pool": with_asset(kind="bond")}, "/pool/assets/0"),
        ({"pool": with_asset(seasonality=["1"])}, "/pool/assets/0/seasonality"),
        ({"pool": with_asset(first_due="2026-03-01")}, "/pool/assets/0/next_due"),
        ({"pool": {**POOL, "deal": "other"}}, "/pool/deal"),
        ({"pool": {**POOL, "fx_rate": "0"}}, "/pool/fx_rate"),
        ({"pool": {**POOL, "assets": None, "tape": "/etc/hosts"}}, "/pool/tape"),
        ({"pool": {**POOL, "assumptions": {"cdr": "200"}}}, "/pool/assumptions/cdr"),
        (
            {"pool": {**POOL, "assumptions": {"support": {"nobody": "1"}}}},
            "/pool/assumptions/support/nobody",
        ),
        ({"overrides": {"cdr": 1}}, "/overrides/cdr"),
        ({"overrides": {"cdr": "1"}}, "/overrides/cdr"),
        ({"overrides": {"scenario": "boom"}}, "/overrides/scenario"),
        ({"scenario": "collapse"}, ""),
        ({"cpr": "5"}, ""),
        ({"overrides": {"weather": "rain"}}, "/overrides/weather"),
        ({"discount_rate": "-8"}, "/discount_rate"),
        ({"deal": {**document("ev-charging.yaml"), "currency": "XXY"}}, "/deal/currency"),
        ({"deal": {**document("ev-charging.yaml"), "tranches": []}}, "/deal"),
        ({"deal": "no id"}, "/deal"),
    ],
)
def test_a_wrong_body_is_refused_where_it_is_wrong(
    story: Story, changes: dict[str, Any], place: str
) -> None:
    answer = story.client.post("filer", PATH, asked(**changes))
    if place == "/deal" and isinstance(changes["deal"], dict):
        problem = refused(answer, 422, "input.invalid")
        assert all(each["path"].startswith("/deal/") for each in problem["complaints"])
    else:
        malformed(answer, place)


def test_a_body_of_yaml_is_read_as_json_is(story: Story) -> None:
    deal = (DEALS / "ev-charging.yaml").read_text("utf-8")
    pool = (DEALS / "ev-charging.pool.yaml").read_text("utf-8")

    def under(name: str, text: str) -> str:
        return f"{name}:\n" + "".join(f"  {line}\n" for line in text.splitlines())

    body = (under("deal", deal) + under("pool", pool)).encode()
    answer = story.client.send_text("filer", PATH, body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == story.client.do("filer", PATH, asked())


def test_what_would_take_too_long_is_refused_before_it_is_begun(story: Story) -> None:
    loan = {"kind": "loan", "balance": "1000", "rate": "5", "remaining": 15}
    # Five quarters are 15 months: MAX_WORK / 15 loans are as many as may be, and one more is not.
    most = MAX_WORK // 15
    start = Start.by_plan(load_deal(DEALS / "ev-charging.yaml"))
    require_bounded([15] * most, start)
    long_lived = {
        **POOL,
        "assets": [{**loan, "id": f"L{n}", "remaining": 1200} for n in range(417)],
    }
    assert 416 * 1200 <= MAX_WORK < 417 * 1200
    answer = story.client.post("filer", PATH, asked(pool=long_lived))
    (complaint,) = malformed(answer, "/pool/assets")["complaints"]
    assert complaint["rule"] == "projection.work"
    assert "500,400 steps" in complaint["message"]
    for payments, scenarios in (([15] * (most + 1), 1), ([15] * most, 2)):
        with pytest.raises(InvalidInput, match="representative lines"):
            require_bounded(payments, start, scenarios)
    enough = {**long_lived, "assets": long_lived["assets"][:20]}
    assert story.client.post("filer", PATH, asked(pool=enough)).status_code == 200


def test_assets_bought_later_count_as_well(story: Story) -> None:
    bought = {"purchases": {"rate": "5", "months": 1200}}
    loans = [
        {"kind": "loan", "balance": "1000", "rate": "5", "remaining": 1200, "id": f"L{n}"}
        for n in range(412)
    ]
    # Five payments buy five more: 417 assets of 1,200 payments.
    answer = story.client.post(
        "filer", PATH, asked(pool={**POOL, "assets": loans, "assumptions": bought})
    )
    malformed(answer, "/pool/assets")


def test_a_deal_without_units_is_projected_by_plan_and_has_no_present(story: Story) -> None:
    assert story.client.do("filer", PATH, asked())["starts"] == "plan"
    refused(
        story.client.post("filer", PATH, asked(**{"from": "now"})), 409, "distribution.no_units"
    )
    whole = asked(deal=document("ev-charging.yaml"), **{"from": "now"})
    malformed(story.client.post("filer", PATH, whole), "/from")
    malformed(story.client.post("filer", PATH, asked(**{"from": "today"})), "/from")
