"""What a deal's plan says of holdings, from the deal file to the holders' wallets."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.story import DEAL, Story, document, investor_document

LOCK_UP_DAYS = 40
"""After the closing on 15 April 2026: until 25 May, 00:00 UTC, which is 08:00 in Hong Kong."""


@pytest.fixture
def active(story_at: Callable[[str], Story]) -> Story:
    """The example deal with a least holding of HKD 1,000,000 and a lock-up, sold and reported."""
    story, deal = story_at("fresh"), document("ev-charging.yaml")
    deal["offering"] |= {"min_holding": "1000000", "lock_up_days": LOCK_UP_DAYS}
    story.client.do("operator", "/v1/deals", deal)
    story.stage = "registered"
    return story.reach("active")


def asked(story: Story, units: int) -> tuple[list[str], str | None, str | None]:
    """A transfer from H3 to H2: rules found, the token's code in the dry run, its error in the act."""
    sender, receiver = (investor_document(each)["wallet"] for each in ("H3", "H2"))
    body = {"deal": DEAL, "tranche": "A", "sender": sender, "receiver": receiver, "units": units}
    check: dict[str, Any] = story.client.do("H3", "/v1/checks/transfer", body)
    refusal = check["chain_refusal"]
    assert check["allowed"] is (refusal is None)
    said = story.ledger.refusal(18, "abs_token:A", "transfer", receiver, units)
    rules = [each["rule"] for each in check["findings"]]
    return rules, refusal["code"] if refusal else None, said


def test_terms_of_the_deal_bind_its_holders_here_and_on_chain(active: Story) -> None:
    token = {
        name: active.ledger.read("abs_token:A", name)
        for name in ("minHolding", "holderCap", "holderCount")
    }
    assert token == {"minHolding": 1_000, "holderCap": 200, "holderCount": 3}
    active.clock("05-25T07:59")
    assert asked(active, 9_000) == (["INV-11"], "transfer.locked_up", "TransfersLockedUntil")
    active.clock("05-25T08:00")
    assert asked(active, 9_000) == ([], None, None)
    assert asked(active, 10_000) == ([], None, None)
    assert asked(active, 9_001) == (["INV-10"], "transfer.holding_too_small", "HoldingBelowMinimum")
    found = active.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert found["agrees"] is True
