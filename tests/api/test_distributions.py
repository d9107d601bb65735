"""Collections in, coupons out: the worked example to the micro-unit, and every refusal around it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import malformed, refused, refused_by, refused_on_chain
from tests.support.story import DEAL, Story, document, investor_document

COLLECTIONS = f"/v1/deals/{DEAL}/collections"
DISTRIBUTIONS = f"/v1/deals/{DEAL}/distributions"
DRY_RUN = f"{DISTRIBUTIONS}/dry-run"
AVAILABLE = "20918723607199"
REASON = {"reason": "a reason"}


def at(story: Story, step: str = "") -> str:
    return f"/v1/distributions/{story.distribution}{step}"


def batch(**changes: Any) -> dict[str, Any]:
    """The collections file of the example with its one batch changed; `fx=None` leaves fx out."""
    found = document("ev-charging.collections.yaml")
    found["batches"][0].update(changes)
    return found


# ---- collections


@pytest.fixture
def collected(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("collected")


def test_reporting_collections_brings_in_the_coin_to_the_micro_unit(collected: Story) -> None:
    (found,) = collected.client.read(None, COLLECTIONS)["batches"]
    assert (found["state"], found["coin_micro"]) == ("AVAILABLE", AVAILABLE)
    assert found["dropped_micro"] == "0.440000"


def test_reporting_a_batch_twice_is_refused(collected: Story) -> None:
    answer = collected.client.post("oracle", COLLECTIONS, batch())
    assert refused(answer, 409, "collections.exists")["batch"] == "2026-q2"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"received_on": "2026-07-07"}, "collections.future"),
        ({"received_on": "2026-03-31"}, "collections.before_period"),
        ({"period": 2, "received_on": "2026-06-30"}, "collections.before_period"),
        ({"period": 6}, "period.unknown"),
        (
            {"fx": {**batch()["batches"][0]["fx"], "rate_date": "2026-07-07"}},
            "collections.future",
        ),
    ],
)
def test_reporting_a_batch_with_a_wrong_date_or_period_is_refused(
    collected: Story, changes: dict[str, Any], rule: str
) -> None:
    answer = collected.client.post("oracle", COLLECTIONS, batch(id="another", **changes))
    problem = refused(answer, 422, "input.invalid")
    assert [each["rule"] for each in problem["complaints"]] == [rule]


def test_reporting_collections_of_another_deal_is_refused(collected: Story) -> None:
    answer = collected.client.post("oracle", COLLECTIONS, {**batch(), "deal": "another"})
    malformed(answer, "/deal")


def test_reporting_collections_that_name_a_person_is_refused_and_nothing_is_kept(
    collected: Story,
) -> None:
    before = collected.served.fingerprint()
    answer = collected.client.post("oracle", COLLECTIONS, batch(id="driver-13800138000"))
    (finding,) = refused_by(answer, "TOK-08")["findings"]
    assert finding["facts"] == {"place": "/batches/0/id", "looks_like": "mobile number"}
    assert "13800138000" not in answer.text
    assert collected.served.fingerprint() == before


def test_reporting_the_same_batch_twice_in_one_file_is_refused(collected: Story) -> None:
    body = batch(id="twin")
    body["batches"] *= 2
    refused(collected.client.post("oracle", COLLECTIONS, body), 422, "input.invalid")


def test_batch_without_its_exchange_is_held_until_it_is_completed(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("active")
    story.clock("07-08T10:00")
    complete = {
        **batch(),
        "batches": [batch(id=each)["batches"][0] for each in ("no-rate", "no-reference", "no-out")],
    }
    held = copy.deepcopy(complete)
    del held["batches"][0]["fx"]
    del held["batches"][1]["fx"]["reference"]
    del held["batches"][2]["fx"]["outward_reference"]
    answer = story.collect(held)
    assert answer["operation"] is None
    for each in answer["batches"]:
        assert (each["state"], each["coin_micro"]) == ("HELD", None)
    dry = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    assert dry["identity"]["collections_micro"] == "0"
    # Completed, not changed: another amount would be another batch.
    other = story.client.post("oracle", COLLECTIONS, batch(id="no-rate", cny="19486250.38"))
    refused(other, 409, "collections.exists")
    for each in story.collect(complete)["batches"]:
        assert (each["state"], each["coin_micro"]) == ("AVAILABLE", AVAILABLE)


# ---- dry run and determination


def test_determining_before_its_day_is_refused(collected: Story) -> None:
    answer = collected.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
    assert refused(answer, 409, "date.too_early")["from_date"] == "2026-07-08"


def test_determining_a_later_period_first_is_refused(collected: Story) -> None:
    answer = collected.client.post("paying_agent", DISTRIBUTIONS, {"period": 2})
    assert refused(answer, 409, "distribution.out_of_order")["period"] == 1


@pytest.mark.parametrize("period", [0, -1, 6, 1.0, "1", 2**70])
def test_determining_a_period_that_does_not_exist_is_refused(collected: Story, period: Any) -> None:
    for path in (DISTRIBUTIONS, DRY_RUN):
        malformed(collected.client.post("paying_agent", path, {"period": period}), "/period")


def test_dry_run_changes_nothing_and_says_what_the_example_says(collected: Story) -> None:
    dry = collected.client.do("paying_agent", DRY_RUN, {"period": 1})
    assert [(line["subject"], line["kind"], line["paid_micro"]) for line in dry["lines"]] == [
        ("trustee", "fee", "50000000000"),
        ("servicer", "fee", "313780854107"),
        ("A", "interest", "1156821840000"),
        ("reserve", "top_up", "800000000000"),
        ("A", "principal", "16000000000000"),
        ("reserve", "release", "0"),
        ("S", "residual", "2598120913092"),
    ]
    assert dry["identity"]["holds"] is True
    assert dry["projected"] is False
    assert [dry["determination_on"], dry["payment_on"]] == ["2026-07-08", "2026-07-15"]
    assert dry["record_at"] == "2026-07-10T18:00:00+08:00"
    again = collected.client.do("paying_agent", DRY_RUN, {"period": 1})
    assert again == dry


def test_dry_run_before_any_unit_is_issued_is_refused(standing_at: Callable[[str], Story]) -> None:
    story = standing_at("offering_open")
    answer = story.client.post("paying_agent", DRY_RUN, {"period": 1})
    refused(answer, 409, "distribution.no_units")


def test_determining_fixes_what_the_dry_run_said(story_at: Callable[[str], Story]) -> None:
    story = story_at("collected")
    story.clock("07-08T10:00")
    dry = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    story.determine()
    found = story.client.read("paying_agent", at(story))
    for name in ("lines", "per_unit", "identity"):
        assert found[name] == dry[name]
    assert story.ledger.read("abs_token:A", "recordAt") == 1_783_677_600
    # What comes in now belongs to a later period.
    late = story.client.post("oracle", COLLECTIONS, batch(id="late"))
    refused(late, 409, "distribution.exists")
    twice = story.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
    refused(twice, 409, "distribution.exists")


def test_determining_after_the_record_date_is_refused(story_at: Callable[[str], Story]) -> None:
    story = story_at("collected")
    story.clock("07-10T18:00")
    answer = story.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
    assert refused(answer, 409, "date.too_late")["until"] == "2026-07-10T18:00:00+08:00"


# ---- record date and payment


def test_closing_the_record_date_before_it_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("determined")
    answer = story.client.post("paying_agent", at(story, "/record"))
    problem = refused(answer, 409, "distribution.record_date_not_reached")
    assert problem["record_at"] == 1_783_677_600


def test_paying_before_the_record_date_is_closed_is_refused(
    standing_at: Callable[[str], Story],
) -> None:
    story = standing_at("determined")
    answer = story.client.post("paying_agent", at(story, "/payment"))
    assert refused(answer, 409, "distribution.illegal_move")["allowed_from"] == ["RECORDED"]


@pytest.fixture
def recorded(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("recorded")


def test_closing_the_record_date_twice_is_refused(recorded: Story) -> None:
    answer = recorded.client.post("paying_agent", at(recorded, "/record"))
    assert refused(answer, 409, "distribution.illegal_move")["allowed_from"] == ["DETERMINED"]


def test_paying_before_the_payment_date_is_refused(recorded: Story) -> None:
    answer = recorded.client.post("paying_agent", at(recorded, "/payment"))
    assert refused(answer, 409, "date.too_early")["from_date"] == "2026-07-15"


def test_releasing_what_is_not_held_is_refused(recorded: Story) -> None:
    answer = recorded.client.post("H1", at(recorded, "/releases"), {"investor": "H1"})
    refused(answer, 409, "distribution.nothing_held")


def test_holders_of_record_are_seen_whole_by_the_agent_and_singly_by_each_investor(
    recorded: Story,
) -> None:
    whole = recorded.client.read("paying_agent", at(recorded))["holders"]
    assert {each["investor"]: each["units"] for each in whole} == {
        "H1": 50_000,
        "H2": 20_000,
        "H3": 10_000,
    }
    for line in whole:
        assert recorded.client.read(line["investor"], at(recorded))["holders"] == [line]


def test_selling_after_the_record_date_keeps_the_payment_and_shows_the_ex_amount(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("recorded")
    story.clock("07-13T11:00")
    buyer = investor_document("H1")["wallet"]
    assert story.ledger.send(17, "abs_token:A", "transfer", buyer, 5_000)
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["outstanding_per_unit_micro"] == "1000000000"
    assert position["ex_payment_per_unit_micro"] == "800000000"
    assert position["agrees"] is True
    story.clock("07-15T10:00")
    story.pay()
    assert story.coin_of("H2") == 4_289_205_460_000
    assert story.coin_of("H1") == 10_723_013_650_000


def test_dry_run_after_a_transfer_shows_the_holders_of_now(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("collected")
    buyer = investor_document("H1")["wallet"]
    # The investors do it between themselves: the service learns of it from the chain only.
    assert story.ledger.send(17, "abs_token:A", "transfer", buyer, 5_000)
    dry = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    found = {each["investor"]: each["units"] for each in dry["holders"]}
    assert found == {"H1": 55_000, "H2": 15_000, "H3": 10_000}


def test_paying_with_too_little_on_the_account_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("recorded")
    story.clock("07-15T10:00")
    # Somebody with the paying agent's key has moved a micro-unit away.
    elsewhere = investor_document("hk-shell")["wallet"]
    reserve_and_more = 2_000_000_000_001
    assert story.ledger.send(5, "settlement_coin:HKDS", "transfer", elsewhere, reserve_and_more)
    problem = refused_by(story.client.post("paying_agent", at(story, "/payment")), "SET-08")
    assert problem["findings"][0]["cure"]
    assert story.client.read("paying_agent", at(story))["state"] == "RECORDED"


# ---- a holder that is frozen, and is cleared


@pytest.fixture(scope="module")
def frozen(story_of_module: Callable[[str], Story]) -> Story:
    """Paid on 15 July; H3 was frozen on 9 July."""
    story = story_of_module("determined")
    story.clock("07-09T10:00")
    body = {"reference": "a list", "entries": [investor_document("H3")["name"]]}
    story.client.do("enforcement", "/v1/sanctions", body, method="PUT")
    story.clock("07-10T18:00")
    story.record()
    story.clock("07-15T10:00")
    story.pay()
    story.served.settle()
    return story


def test_paying_pays_each_holder_to_the_micro_unit_and_sets_the_frozen_ones_aside(
    frozen: Story,
) -> None:
    paid = frozen.client.read("paying_agent", at(frozen))
    assert paid["state"] == "PAID"
    found = {each["investor"]: (each["total_micro"], each["outcome"]) for each in paid["holders"]}
    assert found == {
        "H1": ("10723013650000", "PAID"),
        "H2": ("4289205460000", "PAID"),
        "H3": ("2144602730000", "SET_ASIDE"),
    }
    assert [frozen.coin_of(each) for each in found] == [10_723_013_650_000, 4_289_205_460_000, 0]
    assert frozen.ledger.read("abs_token:A", "outstandingPerUnit") == 800_000_000
    ledger = frozen.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
    assert sum(int(total) for total in ledger.values()) == 0
    assert ledger["reserve"] == "2000000000000"


def test_paying_twice_is_refused(frozen: Story) -> None:
    answer = frozen.client.post("paying_agent", at(frozen, "/payment"))
    refused(answer, 409, "distribution.illegal_move")


def test_releasing_before_the_holder_is_cleared_is_refused_on_chain(frozen: Story) -> None:
    for who in ("H3", "paying_agent"):
        answer = frozen.client.post(who, at(frozen, "/releases"), {"investor": "H3"})
        refused_on_chain(answer, "distribution.holder_not_cleared", "HolderNotCleared")
    assert frozen.coin_of("H3") == 0


def test_releasing_for_another_investor_is_not_found(frozen: Story) -> None:
    answer = frozen.client.post("H1", at(frozen, "/releases"), {"investor": "H3"})
    refused(answer, 404, "payment.not_found")


def test_releasing_once_the_holder_is_cleared_pays_it_and_leaves_nothing(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("determined")
    story.client.do("enforcement", "/v1/investors/H3/freeze", REASON)
    story.clock("07-10T18:00")
    story.record()
    story.clock("07-15T10:00")
    story.pay()
    story.client.do("enforcement", "/v1/investors/H3/clearance", REASON)
    release = {"investor": "H3"}
    story.client.do("H3", at(story, "/releases"), release)
    assert story.coin_of("H3") == 2_144_602_730_000
    distributor = story.ledger.address("coupon_distributor")
    assert story.ledger.read("settlement_coin:HKDS", "balanceOf", distributor) == 0
    assert story.ledger.read("coupon_distributor", "liabilities") == 0
    (line,) = story.client.read("H3", at(story))["holders"]
    assert line["outcome"] == "RELEASED"
    again = story.client.post("H3", at(story, "/releases"), release)
    refused(again, 409, "distribution.nothing_held")


# ---- whose filing it is


@pytest.mark.rule("FIL-06")
def test_holders_of_a_revoked_filing_are_paid_and_no_other_filing_takes_its_place(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("recorded")
    story.client.do("regulator", f"/v1/filings/{story.filing}/revocation", REASON)
    body = {**story.filing_document(), "supersedes": story.filing}
    problem = refused_by(story.client.post("filer", f"/v1/deals/{DEAL}/filings", body), "FIL-06")
    assert problem["findings"][0]["facts"] == {
        "published_filing": story.filing,
        "state": "REVOKED",
    }
    story.clock("07-15T10:00")
    assert story.pay()["state"] == "confirmed"
    assert story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["agrees"]
