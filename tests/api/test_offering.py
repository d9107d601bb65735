"""The offering: subscriptions, units against coin, and the close."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.problems import malformed, refused, refused_by, refused_on_chain
from tests.support.story import ALLOTMENT, DEAL, PRICE_MICRO, Story, investor_document

SUBSCRIBE = f"/v1/deals/{DEAL}/subscriptions"
ISSUE = f"/v1/deals/{DEAL}/issuances"
OPEN = f"/v1/deals/{DEAL}/offering/open"
CLOSE = f"/v1/deals/{DEAL}/offering/close"


# ---- before it is open


@pytest.mark.rule("FIL-01")
def test_issuing_without_a_filing_is_refused_here_and_on_chain(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("deployed")
    answer = story.client.post("issuer", ISSUE, story.issuance_body("H1", 50_000))
    problem = refused_by(answer, "FIL-01")
    assert problem["findings"][0]["facts"] == {"deal": DEAL, "filing": None}
    wallet = investor_document("H1")["wallet"]
    token = story.ledger.address("abs_token:A")
    said = story.ledger.refusal(4, "dvp_settlement", "issue", token, wallet, 50_000, bytes(32), 1)
    assert said == "FilingNotApproved"


def test_opening_the_offering_without_a_filing_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    refused(standing_at("deployed").client.post("issuer", OPEN), 409, "filing.missing")


def test_opening_the_offering_before_its_day_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    problem = refused(standing_at("admitted").client.post("issuer", OPEN), 409, "date.too_early")
    assert (problem["from_date"], problem["today"]) == ("2026-04-13", "2026-03-18")


def test_issuing_before_the_offering_is_open_is_refused_as_the_dry_run_said(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("admitted")
    answer = story.client.post("issuer", ISSUE, story.issuance_body("H1", 50_000))
    findings = refused_by(answer, "FIL-01")["findings"]
    dry = story.client.do("issuer", "/v1/checks/mint", {"deal": DEAL, "tranche": "A", "units": 1})
    assert (dry["allowed"], dry["findings"]) == (False, findings)


# ---- open


@pytest.fixture
def opened(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("offering_open")


def test_opening_the_offering_twice_is_refused(opened: Story) -> None:
    refused(opened.client.post("issuer", OPEN), 409, "filing.illegal_move")


@pytest.mark.parametrize("tranche", ["Z", "S"])
@pytest.mark.parametrize(("who", "path"), [("H1", SUBSCRIBE), ("issuer", ISSUE)])
def test_asking_for_units_of_a_tranche_that_is_not_sold_is_not_found(
    opened: Story, who: str, path: str, tranche: str
) -> None:
    # S is the piece that the originator keeps: it has no token.
    body = {"tranche": tranche, "units": 2_000}
    if path == ISSUE:
        body["investor"] = "H1"
    refused(opened.client.post(who, path, body), 404, "tranche.not_found")


def test_subscribing_for_more_than_the_tranche_is_refused(opened: Story) -> None:
    body = {"tranche": "A", "units": 80_001}
    malformed(opened.client.post("H1", SUBSCRIBE, body), "/units")


def test_issuing_what_nobody_has_subscribed_is_refused(opened: Story) -> None:
    answer = opened.client.post("issuer", ISSUE, opened.issuance_body("H1", 50_000))
    problem = refused(answer, 409, "subscription.missing")
    assert (problem["investor"], problem["units"]) == ("H1", 50_000)


def test_closing_the_offering_with_nothing_issued_is_refused(opened: Story) -> None:
    refused(opened.client.post("issuer", CLOSE), 409, "offering.nothing_issued")


def test_supplying_coin_twice_for_one_deposit_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("deployed")
    wallet = investor_document("H1")["wallet"]
    story.supply_coin(wallet, 1, "deposit 1")
    body = {"deal": DEAL, "wallet": wallet, "amount": "1", "reference": "deposit 1"}
    answer = story.client.post("operator", "/v1/simulation/coin", body)
    refused(answer, 409, "coin.reference_used")
    assert story.coin_of("H1") == 1_000_000


@pytest.mark.rule("INV-10")
def test_subscribing_for_less_than_the_minimum_is_refused_as_the_dry_run_said(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    small = {"tranche": "A", "units": 1_069}
    dry = story.client.do("H1", "/v1/checks/subscription", {"deal": DEAL, **small})
    findings = refused_by(story.client.post("H1", SUBSCRIBE, small), "INV-10")["findings"]
    assert (dry["allowed"], dry["findings"]) == (False, findings)
    # What is open may never be paid: it does not count towards the minimum.
    at_least = story.subscribe("H1", 1_070)
    refused_by(story.client.post("H1", SUBSCRIBE, small), "INV-10")
    assert len(story.client.read("H1", SUBSCRIBE)) == 1
    # Once the investor holds the minimum, any further number counts towards it.
    story.pay_in("H1", at_least)
    story.issue("H1", 1_070)
    assert story.sell("H1", 1_069)["state"] == "confirmed"


@pytest.mark.rule("INV-12")
def test_subscribing_while_frozen_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("offering_open")
    story.client.do("enforcement", "/v1/investors/H1/freeze", {"reason": "a matter"})
    body = {"tranche": "A", "units": 2_000}
    refused_by(story.client.post("H1", SUBSCRIBE, body), "INV-12")
    story.client.do("enforcement", "/v1/investors/H1/clearance", {"reason": "settled"})
    assert story.subscribe("H1", 2_000)["state"] == "OPEN"


@pytest.mark.rule("INV-13")
def test_subscribing_with_evidence_that_has_expired_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    story.clock("2027-01-20T07:59")
    assert story.subscribe("H1", 2_000)["state"] == "OPEN"
    story.clock("2027-01-20T08:00")
    body = {"tranche": "A", "units": 2_000}
    refused_by(story.client.post("H1", SUBSCRIBE, body), "INV-13")


# ---- withdrawn


def withdrawal(subscription: str) -> str:
    return f"{SUBSCRIBE}/{subscription}/withdrawal"


@pytest.mark.parametrize("who", ["H1", "issuer"])
def test_withdrawing_an_open_subscription_ends_it_and_nothing_is_issued_on_it(
    story_at: Callable[[str], Story], who: str
) -> None:
    story = story_at("offering_open")
    # The way out of one that is stuck, such as that of an investor frozen meanwhile.
    path = withdrawal(story.subscribe("H1", 2_000)["id"])
    story.client.do("enforcement", "/v1/investors/H1/freeze", {"reason": "a matter"})
    assert story.client.do(who, path)["state"] == "WITHDRAWN"
    problem = refused(story.client.post(who, path), 409, "subscription.not_open")
    assert problem["state"] == "WITHDRAWN"
    story.client.do("enforcement", "/v1/investors/H1/clearance", {"reason": "settled"})
    answer = story.client.post("issuer", ISSUE, story.issuance_body("H1", 2_000))
    refused(answer, 409, "subscription.missing")
    # The investor may ask again, and what was withdrawn stands in nobody's way.
    assert story.sell("H1", 2_000)["state"] == "confirmed"
    states = [each["state"] for each in story.client.read("H1", SUBSCRIBE)]
    assert states == ["WITHDRAWN", "ISSUED"]
    assert story.client.read("auditor", "/v1/audit/verification")["flaws"] == []
    rows = story.client.read("auditor", "/v1/audit?limit=1000")
    (actor,) = [each["actor"] for each in rows if each["act"] == "withdraw_subscription"]
    assert actor.endswith(who)


def test_withdrawing_the_subscription_of_another_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    path = withdrawal(story.subscribe("H1", 2_000)["id"])
    refused(story.client.post("H2", path), 403, "subscription.not_own")
    assert story.client.read("H1", SUBSCRIBE)[0]["state"] == "OPEN"


@pytest.mark.parametrize("deal", [DEAL, "another"])
def test_withdrawing_a_subscription_that_there_is_not_is_not_found(
    standing_at: Callable[[str], Story], deal: str
) -> None:
    path = f"/v1/deals/{deal}/subscriptions/{DEAL}-s9/withdrawal"
    kind = "subscription" if deal == DEAL else "deal"
    refused(standing_at("offering_open").client.post("issuer", path), 404, f"{kind}.not_found")


@pytest.mark.rule("SET-08")
def test_issuing_without_approved_coin_is_refused_on_chain_and_passes_at_the_next_attempt(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    subscription = story.subscribe("H1", 50_000)
    price = int(subscription["price_micro"])
    assert price == 50_000 * PRICE_MICRO
    story.supply_coin(investor_document("H1")["wallet"], 50_000_000, "a deposit")
    body = story.issuance_body("H1", 50_000)
    first = refused_on_chain(
        story.client.post("issuer", ISSUE, body), "coin.not_approved", "ERC20InsufficientAllowance"
    )
    assert first["error"]["rule"] == "SET-08"
    assert story.client.read("H1", SUBSCRIBE)[0]["state"] == "OPEN"
    assert (story.units_of("H1"), story.coin_of("H1")) == (0, price)

    story.approve_coin("H1", price)
    second = story.client.do("issuer", ISSUE, body)
    assert second["id"] != first["id"]
    assert second["subject"] == first["subject"] == subscription["id"]
    assert story.client.read("H1", SUBSCRIBE)[0]["state"] == "ISSUED"
    assert (story.units_of("H1"), story.coin_of("H1")) == (50_000, 0)


def test_issuing_without_enough_coin_is_refused_on_chain(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    subscription = story.subscribe("H1", 50_000)
    story.supply_coin(investor_document("H1")["wallet"], 49_999_999, "a deposit")
    story.approve_coin("H1", int(subscription["price_micro"]))
    answer = story.client.post("issuer", ISSUE, story.issuance_body("H1", 50_000))
    refused_on_chain(answer, "coin.insufficient_balance", "ERC20InsufficientBalance")
    assert (story.units_of("H1"), story.coin_of("H1")) == (0, 49_999_999_000_000)


# ---- issued


@pytest.fixture
def issued(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("issued")


def test_issuing_moves_units_and_coin_and_is_in_register_and_books(issued: Story) -> None:
    position = issued.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert (position["supply"], position["cap"], position["agrees"]) == (80_000, 80_000, True)
    assert {each["investor"]: each["units_on_chain"] for each in position["holders"]} == dict(
        ALLOTMENT
    )
    for investor, units in ALLOTMENT.items():
        assert (issued.units_of(investor), issued.coin_of(investor)) == (units, 0)
    ledger = issued.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
    assert sum(int(total) for total in ledger.values()) == 0


def test_issuing_the_same_subscription_twice_is_refused(issued: Story) -> None:
    # The cap is reached as well, but no fewer units would help.
    answer = issued.client.post("issuer", ISSUE, issued.issuance_body("H1", 50_000))
    problem = refused(answer, 409, "subscription.already_issued")
    assert "no open subscription of H1 for 50000 units of tranche A is left" in problem["detail"]
    body = {"deal": DEAL, "tranche": "A", "units": 50_000, "investor": "H1"}
    check = issued.client.do("issuer", "/v1/checks/mint", body)
    assert (check["refusal"]["code"], check["findings"]) == ("subscription.already_issued", [])


@pytest.mark.rule("FIL-17")
def test_issuing_one_unit_more_than_filed_is_refused_here_and_on_chain(issued: Story) -> None:
    answer = issued.client.post("issuer", ISSUE, issued.issuance_body("H1", 1))
    facts = refused_by(answer, "FIL-17")["findings"][0]["facts"]
    assert facts == {"tranche": "A", "cap_units": 80_000, "minted_units": 80_000, "asked_units": 1}
    args = (
        issued.ledger.address("abs_token:A"),
        investor_document("H1")["wallet"],
        1,
        issued.ledger.read("abs_token:A", "bundleHash"),
        4,
    )
    assert issued.ledger.refusal(4, "dvp_settlement", "issue", *args) == "CapExceeded"


def test_withdrawing_a_subscription_that_is_issued_is_refused(issued: Story) -> None:
    (found,) = issued.client.read("H1", SUBSCRIBE)
    problem = refused(
        issued.client.post("H1", withdrawal(found["id"])), 409, "subscription.not_open"
    )
    assert problem["state"] == "ISSUED"


def test_subscriptions_are_seen_by_their_own_investor_only(issued: Story) -> None:
    assert len(issued.client.read("issuer", SUBSCRIBE)) == 3
    for investor in ALLOTMENT:
        found = issued.client.read(investor, SUBSCRIBE)
        assert [each["investor"] for each in found] == [investor]


# ---- closed


def test_closing_the_offering_funds_the_reserve_and_lets_the_completion_report_fall_due(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("active")
    ledger = story.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
    assert ledger["reserve"] == "1200000000000"
    event = story.filing_now()["events"][0]
    assert (event["code"], event["noted_on"], event["reported_on"]) == (
        "EV-01",
        "2026-04-15",
        "2026-04-20",
    )
    refused(story.client.post("issuer", CLOSE), 409, "filing.illegal_move")
    answer = story.client.post("issuer", ISSUE, story.issuance_body("H1", 1))
    refused_by(answer, "FIL-01", "FIL-17")


def test_transferring_before_the_completion_report_is_refused_here_and_on_chain(
    issued: Story,
) -> None:
    sender, receiver = (investor_document(each)["wallet"] for each in ("H1", "H2"))
    body = {"deal": DEAL, "tranche": "A", "sender": sender, "receiver": receiver, "units": 1}
    check = issued.client.do("H1", "/v1/checks/transfer", body)
    assert check["allowed"] is False
    assert check["chain_refusal"]["code"] == "transfer.locked"
    assert issued.ledger.refusal(16, "abs_token:A", "transfer", receiver, 1) == "TransfersLocked"


@pytest.mark.rule("INV-01")
def test_transferring_to_a_stranger_is_refused_as_the_dry_run_said(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("active")
    sender = investor_document("H1")["wallet"]
    stranger = investor_document("hk-shell")["wallet"]
    body = {"deal": DEAL, "tranche": "A", "sender": sender, "receiver": stranger, "units": 100}
    check = story.client.do("H1", "/v1/checks/transfer", body)
    assert [each["rule"] for each in check["findings"]] == ["INV-01"]
    assert check["chain_refusal"]["code"] == "transfer.receiver_not_eligible"
    said = story.ledger.refusal(16, "abs_token:A", "transfer", stranger, 100)
    assert said == "ERC7943CannotReceive"
    friend = {**body, "receiver": investor_document("H2")["wallet"]}
    assert story.client.do("H1", "/v1/checks/transfer", friend)["allowed"] is True
