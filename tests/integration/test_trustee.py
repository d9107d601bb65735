"""The trustee's notices, with two classes of tokens: whom the cash reaches, here and on chain."""

from __future__ import annotations

from typing import Any

from issuer.domain.roles import Role
from issuer.onchain.commands import digest
from tests.integration.books import (
    DRY_RUN,
    PAYING_AGENT,
    pay_period,
    require_books_follow_chain,
    revenue,
    shown,
)
from tests.integration.two_classes import HOLDINGS, UNITS, TellOf, TwoClasses, terms
from tests.support.problems import refused
from tests.support.story import DEAL, MICRO, Story

NOTICE = {"notice_hash": "0x" + "0b" * 32}
FILING_ID = f"{DEAL}-f1"
FILING = f"/v1/filings/{FILING_ID}"
DEFAULT, WAIVER = f"{FILING}/default", f"{FILING}/default/waiver"
ACCELERATION, RESCISSION = f"{FILING}/acceleration", f"{FILING}/acceleration/rescission"
DETERMINE = f"/v1/deals/{DEAL}/distributions"
FACE = 1_000 * MICRO

_FEES = [{"pay_fee": "trustee"}, {"pay_fee": "servicer"}]
_END = [{"release": "reserve"}, {"pay_residual": "S"}]


def turbo(tranche: str) -> dict[str, Any]:
    return {"pay_principal": {"tranches": [tranche], "mode": "available"}}


NORMAL = [
    *(*_FEES, {"pay_interest": "A"}, {"pay_interest": "B"}, {"top_up": "reserve"}),
    *({"pay_principal": "A"}, {"pay_principal": "B"}, *_END),
]
AFTER = {
    "after_default": [
        *(*_FEES, {"pay_interest": "A"}, {"pay_interest": "B"}, turbo("A"), turbo("B"), *_END)
    ],
    "after_acceleration": [
        *(*_FEES, {"pay_interest": "A"}, turbo("A"), {"pay_interest": "B"}, turbo("B"), *_END)
    ],
}


def deal(**others: Any) -> dict[str, Any]:
    """Both classes are repaid in five quarters; `others` are its other waterfalls."""
    return terms({}, {"principal_schedule": ["200"] * 5}, NORMAL) | {"other_waterfalls": others}


def give(story: Story, path: str) -> Any:
    return story.client.do("trustee", path, NOTICE)


def standing(story: Story) -> str:
    return str(story.client.read(None, f"{FILING}/standing")["standing"])


def outstanding(story: TwoClasses) -> dict[str, int]:
    return {name: story.on_chain(name)[0] for name in UNITS}


def up_to_record(story: Story, period: int, coin: int) -> dict[str, Any]:
    """The period determined and its holders recorded, with this revenue."""
    dates: dict[str, Any] = story.client.do("paying_agent", DRY_RUN, {"period": period})
    story.clock(f"{dates['determination_on']}T10:00")
    story.collect(revenue(period, coin * MICRO, dates["determination_on"]))
    story.determine(period)
    story.clock(dates["record_at"][:16])
    story.record()
    return dates


def declaring(story: Story, tranche: str, epoch: int, interest: int, principal: int) -> str | None:
    """What the distributor says to a declaration by the paying agent's key, past the service."""
    token = story.ledger.address(f"abs_token:{tranche}")
    call = ("declare", token, epoch, interest, (0, 0, principal, 0))
    return story.ledger.refusal(PAYING_AGENT, "coupon_distributor", *call)


def test_accelerated_deal_pays_all_cash_to_the_senior_class_and_then_the_junior(
    tell_of: TellOf,
) -> None:
    story = tell_of(deal(**AFTER))
    first = pay_period(story, 1, 40_000_000 * MICRO)
    assert (first["standing"], first["waterfall"]) == ("performing", "normal")
    assert outstanding(story) == {"A": 800 * MICRO, "B": 800 * MICRO}
    assert standing(story) == "performing"

    operation = give(story, DEFAULT)
    assert [each["signer"] for each in operation["commands"]] == ["trustee"]
    assert standing(story) == "defaulted"
    give(story, ACCELERATION)
    assert standing(story) == "accelerated"
    story.require_agreement()

    before = story.coin_of("H3")
    dates = up_to_record(story, 2, 30_000_000)
    # Whoever goes past the service with the paying agent's key meets the same order.
    assert declaring(story, "B", 2, 1, 0) == "SeniorOutstanding"
    assert declaring(story, "B", 2, 0, 1) == "SeniorOutstanding"
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    second = shown(story)
    assert (second["state"], second["standing"]) == ("PAID", "accelerated")
    assert second["waterfall"] == "after_acceleration"
    senior, junior = story.of("A", second), story.of("B", second)
    assert junior["payable_micro"] == 0
    # Fees and interest of A, then all that divides by the units, until less than a micro-unit each is left.
    left = 30_000_000 * MICRO - 50_000 * MICRO - 450_000 * MICRO
    left -= senior["interest_paid_micro"] * UNITS["A"]
    assert senior["principal_paid_micro"] == left // UNITS["A"]
    assert story.coin_of("H3") == before
    assert outstanding(story)["B"] == 800 * MICRO
    story.require_agreement()
    require_books_follow_chain(story)

    third = pay_period(story, 3, 50_000_000 * MICRO)
    assert third["waterfall"] == "after_acceleration"
    assert outstanding(story) == {"A": 0, "B": 0}
    due = story.of("B", third)["payable_micro"]
    assert due > 800 * MICRO  # and the interest of two quarters
    assert story.coin_of("H3") == before + HOLDINGS["B"]["H3"] * due
    story.require_agreement()
    require_books_follow_chain(story)
    # What was determined can be computed anew, each period by the standing of its day.
    report = story.client.read("auditor", f"/v1/deals/{DEAL}/investor-report")
    assert [each["waterfall"] for each in report["periods"]] == [
        *("normal", "after_acceleration", "after_acceleration")
    ]


def test_deal_in_default_pays_interest_to_all_and_principal_by_rank(tell_of: TellOf) -> None:
    story = tell_of(deal(**AFTER))
    give(story, DEFAULT)
    dates = up_to_record(story, 1, 30_000_000)
    assert declaring(story, "B", 1, 1, 1) == "SeniorOutstanding"
    assert declaring(story, "B", 1, 1, 0) != "SeniorOutstanding"
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    paid = shown(story)
    assert paid["waterfall"] == "after_default"
    assert story.of("B", paid)["interest_paid_micro"] > 0
    assert story.of("B", paid)["principal_paid_micro"] == 0
    assert outstanding(story)["A"] < 600 * MICRO
    story.require_agreement()
    # Waived: the next payment follows the normal order again.
    give(story, WAIVER)
    assert pay_period(story, 2, 30_000_000 * MICRO)["waterfall"] == "normal"
    story.require_agreement()


def test_classes_of_one_rank_share_what_an_acceleration_leaves(tell_of: TellOf) -> None:
    alike = [
        *(*_FEES, {"pay_interest": {"tranches": ["A", "B"], "sharing": "pro_rata"}}),
        {"pay_principal": {"tranches": ["A", "B"], "mode": "available", "sharing": "pro_rata"}},
        *_END,
    ]
    shared = deal(after_acceleration=alike)
    shared["tranches"][1]["pari_passu_with"] = "A"
    story = tell_of(shared)
    give(story, DEFAULT)
    give(story, ACCELERATION)
    paid = pay_period(story, 1, 40_000_000 * MICRO)
    assert (paid["state"], paid["waterfall"]) == ("PAID", "after_acceleration")
    left = outstanding(story)
    assert 0 < left["A"] < FACE
    assert abs(left["A"] - left["B"]) <= 1
    story.require_agreement()
    require_books_follow_chain(story)


def test_determining_what_the_standing_forbids_is_refused_until_the_notice_is_taken_back(
    tell_of: TellOf,
) -> None:
    story = tell_of(deal())
    dates = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    story.clock(f"{dates['determination_on']}T10:00")
    story.collect(revenue(1, 40_000_000 * MICRO, dates["determination_on"]))
    for notice, stands in ((DEFAULT, "defaulted"), (ACCELERATION, "accelerated")):
        give(story, notice)
        answer = story.client.post("paying_agent", DETERMINE, {"period": 1})
        problem = refused(answer, 409, "distribution.senior_outstanding")
        assert (problem["standing"], problem["tranche"], problem["senior"]) == (stands, "B", "A")
        kind = "default" if stands == "defaulted" else "acceleration"
        assert f"give the deal's terms a waterfall `after_{kind}`" in problem["detail"]
        assert story.client.read("auditor", DETERMINE) == []
        dry = story.client.post("paying_agent", DRY_RUN, {"period": 1})
        assert refused(dry, 409, "distribution.senior_outstanding")["detail"] == problem["detail"]
    give(story, RESCISSION)
    give(story, WAIVER)
    paid = pay_from_here(story, dates)
    assert (paid["state"], paid["standing"]) == ("PAID", "performing")
    story.require_agreement()


def pay_from_here(story: Story, dates: dict[str, Any]) -> dict[str, Any]:
    story.determine(1)
    story.clock(dates["record_at"][:16])
    story.record()
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    return shown(story)


def test_notice_that_would_stop_a_payment_midway_is_refused_until_it_is_paid(
    tell_of: TellOf,
) -> None:
    story = tell_of(deal(**AFTER))
    dates = up_to_record(story, 1, 40_000_000)
    problem = refused(story.client.post("trustee", DEFAULT, NOTICE), 409, "distribution.under_way")
    assert problem["distribution"] == story.distribution
    assert standing(story) == "performing"
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    give(story, DEFAULT)
    assert standing(story) == "defaulted"


def test_notice_and_payment_past_the_service_leave_the_senior_paid_and_the_junior_waiting(
    tell_of: TellOf,
) -> None:
    """The trustee's own key on chain, after the determination: the chain holds the order."""
    story = tell_of(deal(**AFTER))
    dates = up_to_record(story, 1, 40_000_000)
    trustee_past_the_service(story)
    story.clock(f"{dates['payment_on']}T10:00")
    path = f"/v1/distributions/{story.distribution}"
    asked = story.client.post("paying_agent", f"{path}/payment").json()
    assert asked["state"] == "refused"
    assert asked["error"]["code"] == "distribution.senior_outstanding"
    assert outstanding(story) == {"A": 800 * MICRO, "B": FACE}
    assert story.client.read("auditor", path)["state"] == "RECORDED"
    story.require_agreement()
    give(story, WAIVER)
    story.pay()
    assert shown(story)["state"] == "PAID"
    assert outstanding(story) == {"A": 800 * MICRO, "B": 800 * MICRO}
    story.require_agreement()
    require_books_follow_chain(story)


def trustee_past_the_service(story: Story) -> None:
    chain = story.served.simulator.context.chain
    distributor = story.ledger.address("coupon_distributor")
    notice = NOTICE["notice_hash"]
    name = "coupon_distributor"
    chain.transact(Role.TRUSTEE, name, distributor, "declareDefault", digest(FILING_ID), notice)
    assert standing(story) == "defaulted"
