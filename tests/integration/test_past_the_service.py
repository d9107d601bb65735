"""What holders of a role do on chain by themselves: batches, and parts replaced. The service reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.address import to_canonical_address

from chain.client import encode_call
from issuer.documents.hashes import document_hash
from issuer.store import investors
from tests.integration.books import STRANGER
from tests.integration.test_gates import (
    DVP,
    ISSUER,
    UNITS,
    differing,
    paid_in,
    supply,
    wallet,
)
from tests.integration.test_recovery import REGISTRAR, REGISTRY, TOKEN, differences
from tests.integration.test_timelock import by_timelock
from tests.support.simulator import address_of, artifact
from tests.support.story import PRICE_MICRO, Story

StoryAt = Callable[[str], Story]


def packed(investor: str, above: int) -> int:
    """A batch's word: see contracts/token/Packed.sol."""
    return int.from_bytes(to_canonical_address(wallet(investor)), "big") | above << 160


def admit_in_batch(story: Story, *investors: str, evidence: str) -> None:
    """As eligible as they are on chain already, on this evidence."""
    words = []
    for each in investors:
        now = story.ledger.read(TOKEN, "eligibilityOf", wallet(each))
        words.append(packed(each, now["expiryDay"] | now["country"] << 16 | now["class"] << 32))
    assert story.ledger.send(REGISTRAR, REGISTRY, "setInvestors", words, evidence)


def document_of(story: Story, investor: str) -> str:
    """The hash of what the service relied on when it admitted the investor."""
    with story.served.simulator.context.database.reading() as connection:
        return document_hash(investors.get_document(connection, investor))


def test_admit_in_a_batch_enters_its_evidence_for_every_wallet_of_it(story_at: StoryAt) -> None:
    story = story_at("admitted")
    admit_in_batch(story, "H1", "H2", evidence=document_of(story, "H1"))
    (found,) = differences(story)
    assert (found["subject"], found["what"]) == ("investor H2", "evidence")
    assert found["on_chain"] == document_of(story, "H1")
    admit_in_batch(story, "H2", evidence=document_of(story, "H2"))
    assert differences(story) == []


def test_issue_in_a_batch_past_the_service_shows_every_mint_of_it(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    paid_in(story, "H1", UNITS)
    paid_in(story, "H2", UNITS)
    allotments = [packed("H1", UNITS), packed("H2", UNITS)]
    token, digest = story.ledger.address(TOKEN), story.ledger.read(TOKEN, "bundleHash")
    issue = (token, allotments, digest, 1)
    assert story.ledger.send(ISSUER, DVP, "issueBatch", *issue)
    assert supply(story) == 2 * UNITS
    minted = {each["what"]: each for each in differences(story)}["mint"]
    price = UNITS * PRICE_MICRO
    assert minted["subject"] == "subscription of operation 1 in A"
    assert minted["on_chain"] == ", ".join(
        f"{UNITS} units to {wallet(each)} for {price}" for each in ("H1", "H2")
    )


@pytest.mark.parametrize(
    ("replace", "part"),
    [
        ("replaceInvestorRegistry", "investorRegistry"),
        ("replaceDistributor", "distributor"),
    ],
)
def test_replace_a_part_of_the_deal_is_shown_and_stops_issuing(
    story_at: StoryAt, replace: str, part: str
) -> None:
    story = story_at("offering_open")
    paid_in(story, "H1", UNITS)
    assert differences(story) == []
    by_timelock(story, encode_call(artifact("AbsToken").abi, replace, (address_of(STRANGER),)))
    (found,) = differences(story)
    shown = f"{part} (which the timelock has replaced; cure: have it put the former one back"
    assert found["subject"] == f"contract {TOKEN}"
    assert found["what"].startswith(shown)
    assert found["on_chain"] == address_of(STRANGER)
    assert differing(story, "H1", UNITS) == {found["what"]}
