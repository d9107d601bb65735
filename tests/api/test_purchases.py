"""A revolving period: assets bought with what a payment has set aside, by the filed criteria."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.books import require_books_follow_chain
from tests.integration.forger import Forger
from tests.support.problems import refused, refused_by
from tests.support.story import DEAL, MICRO, Story, document, offer

PURCHASES = f"/v1/deals/{DEAL}/purchases"
SET_ASIDE = 800_000 * MICRO
BUYING = {"payee": "originator", "limit": "800000", "until_payment": 1}


class Revolving(Story):
    """The example deal with a step that buys assets, and the criteria filed with it."""

    def register(self) -> Any:
        deal = document("ev-charging.yaml")
        deal["waterfall"].insert(-1, {"purchase": BUYING})
        return self.client.do("operator", "/v1/deals", deal)

    def filing_document(self) -> dict[str, Any]:
        found = super().filing_document()
        found["plan"]["revolving"] = {
            "ends_on": "2026-07-14",
            "asset_types": ["EV_CHARGING_INCOME"],
            "min_rate": "5.50",
            "max_months": 48,
            "max_balance": "600000",
            "locations": ["Suzhou"],
        }
        return found

    def balances(self) -> dict[str, str]:
        found: dict[str, str] = self.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
        return found

    def bought(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.read("auditor", PURCHASES)
        return found


@pytest.fixture
def story(story_at: Callable[[str], Story]) -> Iterator[Revolving]:
    found = Revolving(story_at("fresh").served)
    yield found
    found.close()


@pytest.mark.rule("AC-4")
@pytest.mark.rule("TOK-06")
def test_assets_are_bought_by_the_filed_criteria_with_the_cash_set_aside(story: Revolving) -> None:
    story.reach("collected")
    post = story.client.post
    refused(post("issuer", PURCHASES, offer()), 409, "purchase.not_between")
    story.reach("recorded")
    assert story.balances()["purchase:originator"] == str(SET_ASIDE)
    too_long = refused_by(post("issuer", PURCHASES, offer(months=49)), "AC-4")["findings"][0]
    assert too_long["facts"] == {
        "asset": "EVC-p1",
        "criterion": "max_months",
        "found": 49,
        "filed": 48,
    }
    assert "plan.revolving" in too_long["cure"]
    refused_by(post("issuer", PURCHASES, offer(legality_opinion="QUALIFIED")), "ABSNL-7")
    refused_by(post("issuer", PURCHASES, offer(id="EVC-DISTRICT-01")), "AC-7")
    assert story.bought() == []
    made = post("issuer", PURCHASES, offer())
    assert made.status_code == 201, made.text
    assert made.json()["price_micro"] == str(500_000 * MICRO)
    refused_by(post("issuer", PURCHASES, offer("p2", "300000.000001", balance="400000")), "TOK-06")
    refused(post("issuer", PURCHASES, offer()), 409, "purchase.exists")
    assert [each["id"] for each in story.bought()] == ["p1"]
    before = int(story.balances().get("payees:originator", "0"))
    story.clock("07-15T10:00")
    refused_by(post("issuer", PURCHASES, offer("p3", "1", balance="1")), "AC-4")
    story.pay()
    # The seller is paid for what it sold; the rest stays set aside.
    assert story.balances()["purchase:originator"] == str(SET_ASIDE - 500_000 * MICRO)
    assert int(story.balances()["payees:originator"]) >= before + 500_000 * MICRO
    refused(post("issuer", PURCHASES, offer("p4", "1", balance="1")), 409, "purchase.not_between")
    require_books_follow_chain(story)
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]
    assert story.client.read("auditor", "/v1/audit/verification")["flaws"] == []


def test_a_purchase_altered_in_the_database_is_found_and_not_paid(story: Revolving) -> None:
    story.reach("recorded")
    assert story.client.post("issuer", PURCHASES, offer()).status_code == 201
    with story.served.simulator.context.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE asset_purchase SET document = replace(document, '\"500000\"', '\"900000\"')"
        )
    flaws = story.client.read("auditor", "/v1/audit/verification")["flaws"]
    assert any(f"purchase {DEAL}/p1" in each["what"] for each in flaws)
    story.clock("07-15T10:00")
    path = f"/v1/distributions/{story.distribution}/payment"
    refused(story.client.post("paying_agent", path), 409, "collections.altered")


def test_a_purchase_that_nobody_made_is_not_paid(story: Revolving) -> None:
    story.reach("recorded")
    assert story.client.post("issuer", PURCHASES, offer()).status_code == 201
    story.clock("07-15T10:00")
    path = f"/v1/distributions/{story.distribution}/payment"
    forger = Forger(story.served)
    with forger.tampering("asset_purchase"):
        forger.write(
            "INSERT INTO asset_purchase SELECT deal_id, 'p2', bought_on,"
            " replace(replace(document, '\"500000\"', '\"300000\"'), '\"p1\"', '\"p2\"'), recorded_at"
            " FROM asset_purchase"
        )
        answer = refused(story.client.post("paying_agent", path), 409, "collections.altered")
        assert f"purchase {DEAL}/p2 is in the database, and was never entered" in answer["detail"]
    with forger.tampering("posting"):
        forger.write(
            "UPDATE posting SET amount_micro = 100000000000 WHERE account = 'purchase:originator'"
        )
        refused(story.client.post("paying_agent", path), 409, "purchase.altered")
    story.pay()
    assert story.balances()["purchase:originator"] == str(SET_ASIDE - 500_000 * MICRO)
