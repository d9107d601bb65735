"""A deal that pays by what is reported: kinds of cash, the pool, fixings, a sponsor. Over HTTP and chain.

Every figure is worked out here by hand from the terms in `tests/support/loans.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from issuer.onchain.commands import digest
from tests.integration.books import (
    COIN,
    PAYING_AGENT,
    accounts,
    coin_at,
    require_books_follow_chain,
)
from tests.integration.forger import Forger
from tests.support.loans import (
    COLLECTIONS,
    DISTRIBUTIONS,
    FIXINGS,
    INDEX,
    SPONSOR,
    SUPPORT,
    LoanStory,
    batch,
    fixing,
    pool_report,
    report_body,
    support_body,
)
from tests.support.problems import malformed, refused
from tests.support.simulator import address_of, serve
from tests.support.stages import Rewinder
from tests.support.story import DEAL, Story, offer

MICRO = 10**6
UNITS = 80_000
OPERATOR = 0
ENDS = date(2026, 6, 30)


@pytest.fixture(scope="module")
def _active(tmp_path_factory: pytest.TempPathFactory, chain_kind: str) -> Iterator[Rewinder]:
    with serve(tmp_path_factory.mktemp("loans"), chain_kind) as served:
        story = LoanStory(served)
        yield Rewinder(story.reach("active"))
        story.close()


@pytest.fixture
def story(_active: Rewinder) -> LoanStory:
    """The notes are issued, and nothing is reported yet."""
    found = _active.rewind()
    assert isinstance(found, LoanStory)
    return found


def first_quarter(story: LoanStory, day: date) -> None:
    """Principal enough, and too little interest."""
    story.report(
        batch(1, "INTEREST", "1000000", day),
        batch(1, "PRINCIPAL", "16000000", day),
        pools=(pool_report(1, day, "80000000", defaulted="1000000"),),
    )
    story.fix(1, "4.75")


def lines(found: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(each["kind"], each["subject"]): int(each["paid_micro"]) for each in found["lines"]}


def payee(story: LoanStory, name: str) -> int:
    return coin_at(story, story.served.simulator.context.chain.payee_account(name))


# ---- three periods


def test_sponsor_stands_in_is_repaid_and_defaults_switch_the_waterfall(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    story.stand_in(1, "500000", day)
    dry = story.dry_run(1)
    assert (dry["fixings"], dry["support_micro"]) == ({INDEX: "4.75"}, {SPONSOR: "500000000000"})
    assert dry["collections"] == {
        "revenue_micro": "0",
        "interest_micro": str(1_100_000 * MICRO),
        "principal_micro": str(17_600_000 * MICRO),
        "recoveries_micro": "0",
        "defaulted_micro": str(1_100_000 * MICRO),
        "losses_micro": "0",
        "pool_micro": str(88_000_000 * MICRO),
    }
    paid = story.pay_period(1, bought="800000")
    # 4.75 % and 1.50 % are more than the cap of 6 %, for 91 days.
    interest = 1_000 * MICRO * 6 * 91 // (100 * 365) * UNITS
    servicer = 18_700_000 * MICRO * 15 // 1000
    lacking = interest - (1_100_000 * MICRO - 50_000 * MICRO - servicer)
    assert lines(paid) == {
        ("fee", "trustee"): 50_000 * MICRO,
        ("fee", "servicer"): servicer,
        ("support", SPONSOR): lacking,
        ("interest", "A"): interest,
        ("top_up", "reserve"): 800_000 * MICRO,
        ("principal", "A"): 16_000_000 * MICRO,
        ("purchase", "originator"): 800_000 * MICRO,
        ("support_repaid", SPONSOR): 0,
        ("release", "reserve"): 0,
        ("residual", "S"): 0,
    }
    assert payee(story, "originator") == 800_000 * MICRO
    assert accounts(story)[f"support:{SPONSOR}"] == 500_000 * MICRO - lacking
    agree(story)

    day = story.over(2)
    story.report(
        batch(2, "INTEREST", "2000000", day),
        batch(2, "PRINCIPAL", "16000000", day),
        batch(2, "RECOVERIES", "100000", day),
        pools=(pool_report(2, day, "64000000", losses="900000"),),
    )
    story.fix(2, "4.30")
    # What was not needed in the first period can still be stood in with.
    left = 500_000 * MICRO - lacking
    assert story.dry_run(2)["support_micro"] == {SPONSOR: str(left)}
    paid = lines(story.pay_period(2, bought="1710000"))
    interest = 800 * MICRO * 58 * 92 // (1000 * 365) * UNITS
    servicer = (2_200_000 + 17_600_000 + 110_000) * MICRO * 15 // 1000
    rest = 2_200_000 * MICRO - 50_000 * MICRO - servicer - interest
    assert paid["interest", "A"] == interest
    assert paid["support", SPONSOR] == 0
    assert paid["support_repaid", SPONSOR] == lacking
    assert paid["purchase", "originator"] == (17_600_000 + 110_000 - 16_000_000) * MICRO
    assert paid["residual", "S"] == rest - lacking
    assert payee(story, SPONSOR) == lacking
    residual = paid["residual", "S"]  # the originator's too
    assert payee(story, "originator") == 2_510_000 * MICRO + residual
    agree(story)

    day = story.over(3)
    story.report(
        batch(3, "INTEREST", "2000000", day),
        batch(3, "PRINCIPAL", "10000000", day),
        pools=(pool_report(3, day, "48000000", defaulted="6000000"),),
    )
    story.fix(3, "4.30")
    found = story.pay_period(3)
    assert found["waterfall"] == "rapid"
    (test,) = found["tests"]
    assert (test["numerator_micro"], test["passed"]) == (str(7_700_000 * MICRO), False)
    paid = lines(found)
    interest = 600 * MICRO * 58 * 92 // (1000 * 365) * UNITS
    fees = 50_000 * MICRO + 13_200_000 * MICRO * 15 // 1000
    assert paid["principal", "A"] == 13_200_000 * MICRO - fees - interest
    assert ("purchase", "originator") not in paid
    agree(story)
    tell(story)


def agree(story: LoanStory) -> None:
    """Books, coin, rows, chain and log say the same."""
    require_books_follow_chain(story)
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert found["differences"] == []
    assert story.client.read("auditor", "/v1/audit/verification")["flaws"] == []


def tell(story: LoanStory) -> None:
    """The investor report says what was reported."""
    path = f"/v1/deals/{DEAL}/investor-report"
    periods = story.client.read("auditor", path)["periods"]
    assert [each["fixings"][0]["rate"] for each in periods] == ["19/400", "43/1000", "43/1000"]
    pool = periods[1]["pool"]
    assert (pool["closing_micro"], pool["losses_micro"]) == ("70400000000000", "990000000000")
    sponsor = periods[1]["sponsors"][0]
    assert sponsor["owed_before_micro"] == sponsor["repaid_micro"]
    page = story.client.get("auditor", f"{path}?format=html").text
    assert "Hong Kong Association of Banks" in page
    assert "4.75 %" in page
    rows = story.client.get("auditor", f"{path}?format=csv&table=fixings").text.splitlines()
    assert rows[0] == "period,index,rate,fixed_on,source"
    assert rows[1] == "1,HIBOR-3M,19/400,2026-04-15,Hong Kong Association of Banks"


# ---- what is missing


def test_determining_without_a_fixing_is_refused_until_it_is_entered(story: LoanStory) -> None:
    day = story.over(1)
    story.report(batch(1, "INTEREST", "3000000", day), pools=(pool_report(1, day, "80000000"),))
    for path in (f"{DISTRIBUTIONS}/dry-run", DISTRIBUTIONS):
        answer = story.client.post("paying_agent", path, {"period": 1})
        problem = refused(answer, 409, "fixing.missing")
        assert (problem["period"], problem["indices"]) == (1, [INDEX])
        assert "paying agent enters" in problem["detail"]
    story.fix(2, "4.30")  # of another period
    refused(story.client.post("paying_agent", DISTRIBUTIONS, {"period": 1}), 409, "fixing.missing")
    story.fix(1, "4.30")
    assert story.determine()["state"] == "confirmed"


def test_determining_without_a_pool_report_is_refused_until_it_is_made(story: LoanStory) -> None:
    day = story.over(1)
    story.report(batch(1, "INTEREST", "3000000", day))
    story.fix(1, "4.30")
    for path in (f"{DISTRIBUTIONS}/dry-run", DISTRIBUTIONS):
        answer = story.client.post("paying_agent", path, {"period": 1})
        assert refused(answer, 409, "pool_report.missing")["period"] == 1
    story.report(pools=(pool_report(1, day, "80000000"),))
    assert story.determine()["state"] == "confirmed"


# ---- pool reports


def test_pool_report_is_corrected_until_its_period_is_determined(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    corrected = pool_report(1, day, "79999999.99", defaulted="2000000", losses="0.01")
    (shown,) = story.report(pools=(corrected,))["pool_reports"]
    # 7,999,999,999 fen at 1.1 are 87,999,999.989 HKD.
    assert (shown["pool_micro"], shown["losses_micro"]) == ("87999999989000", "11000")
    assert story.client.read(None, COLLECTIONS)["pool_reports"] == [shown]
    assert story.dry_run(1)["collections"]["defaulted_micro"] == str(2_200_000 * MICRO)
    story.determine()
    story.served.settle()
    before = story.served.fingerprint()
    late = story.client.post("oracle", COLLECTIONS, report_body(pools=(corrected,)))
    problem = refused(late, 409, "distribution.exists")
    assert "with a later one" in problem["detail"]
    assert story.served.fingerprint() == before
    assert story.client.read("auditor", "/v1/audit/verification")["flaws"] == []


def test_pool_report_that_cannot_be_is_refused(story: LoanStory) -> None:
    day = story.on(ENDS)
    ahead = story.client.post("oracle", COLLECTIONS, report_body(pools=(pool_report(2, day, "1"),)))
    problem = refused(ahead, 422, "input.invalid")
    (complaint,) = problem["complaints"]
    assert (complaint["path"], complaint["rule"]) == (
        "/pool_reports/0/period",
        "collections.future",
    )
    lost = pool_report(1, day, "80000000", defaulted="1000", losses="1000.01")
    answer = story.client.post("oracle", COLLECTIONS, report_body(pools=(lost,)))
    (complaint,) = refused(answer, 422, "input.invalid")["complaints"]
    assert (complaint["path"], complaint["rule"]) == (
        "/pool_reports/0/losses",
        "pool_report.losses",
    )
    assert "1,000.01 are lost of 1,000.00" in complaint["message"]
    for changes, path in (
        ({"closing_balance": "-1"}, "/pool_reports/0/closing_balance"),
        ({"fx": {"rate": "1.1"}}, "/pool_reports/0/fx/rate_date"),
    ):
        body = report_body(pools=(pool_report(1, day, "1") | changes,))
        malformed(story.client.post("oracle", COLLECTIONS, body), path)
    later = pool_report(1, date(2026, 7, 1), "1")
    answer = story.client.post("oracle", COLLECTIONS, report_body(pools=(later,)))
    (complaint,) = refused(answer, 422, "input.invalid")["complaints"]
    assert complaint["path"] == "/pool_reports/0/fx/rate_date"
    twice = report_body(pools=(pool_report(1, day, "1"), pool_report(1, day, "2")))
    refused(story.client.post("oracle", COLLECTIONS, twice), 422, "input.invalid")
    assert story.client.read(None, COLLECTIONS)["pool_reports"] == []
    # Losses may come long after the defaults, which is all that is asked.
    same = pool_report(1, day, "80000000", defaulted="1000", losses="1000")
    assert len(story.report(pools=(same,))["pool_reports"]) == 1


def test_correction_that_leaves_later_losses_without_their_defaults_is_refused(
    story: LoanStory,
) -> None:
    day = story.over(2)
    story.report(
        pools=(
            pool_report(1, day, "90000000", defaulted="1000"),
            pool_report(2, day, "80000000", losses="1000"),
        )
    )
    fewer = report_body(pools=(pool_report(1, day, "90000000", defaulted="999"),))
    answer = story.client.post("oracle", COLLECTIONS, fewer)
    (complaint,) = refused(answer, 422, "input.invalid")["complaints"]
    assert (complaint["path"], complaint["rule"]) == ("/pool_reports", "pool_report.losses")
    assert "by period 2" in complaint["message"]


# ---- fixings


def test_fixing_is_corrected_until_its_period_is_determined(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    story.fix(1, "-0.05", source="corrected")
    (shown,) = story.client.read(None, FIXINGS)
    assert (shown["rate"], shown["source"]) == ("-0.05", "corrected")
    # -0.05 % and 1.50 % for 91 days.
    due = story.dry_run(1)["per_unit"][0]["interest_due_micro"]
    assert int(due) == 1_000 * MICRO * 145 * 91 // (10_000 * 365)
    story.determine()
    late = story.client.post("paying_agent", FIXINGS, fixing(1, "4.75"))
    refused(late, 409, "distribution.exists")
    assert story.client.read(None, FIXINGS) == [shown]


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"index": "SHIBOR-3M"}, "/index", "fixing.unknown"),
        ({"fixed_on": "2026-12-31"}, "/fixed_on", "fixing.future"),
        ({"period": 6}, "/period", "period.unknown"),
        ({"rate": "4,25"}, "/rate", "schema.value_error"),
        ({"rate": 4.25}, "/rate", "schema.value_error"),
        ({"source": " "}, "/source", "schema.string_pattern_mismatch"),
    ],
)
def test_fixing_that_cannot_be_is_refused(
    story: LoanStory, changes: dict[str, Any], path: str, rule: str
) -> None:
    answer = story.client.post("paying_agent", FIXINGS, fixing(1, "4.25") | changes)
    (complaint,) = refused(answer, 422, "input.invalid")["complaints"]
    assert (complaint["path"], complaint["rule"]) == (path, rule)
    assert story.client.read(None, FIXINGS) == []


# ---- support


def test_support_arrives_as_coin_once_and_for_periods_to_come(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    story.stand_in(2, "300000", day, "for-the-second")
    answer = story.stand_in(1, "200000", day)
    assert [(each["reference"], each["state"]) for each in answer["payments"]] == [
        ("SIM-IN-1", "AVAILABLE"),
        ("for-the-second", "AVAILABLE"),
    ]
    assert story.client.read(None, SUPPORT)["payments"] == answer["payments"]
    assert story.dry_run(1)["support_micro"] == {SPONSOR: str(200_000 * MICRO)}
    assert accounts(story)[f"support:{SPONSOR}"] == 500_000 * MICRO
    body = support_body(1, "1", day)
    refused(story.client.post("paying_agent", SUPPORT, body), 409, "support.exists")
    story.determine()
    late = story.client.post("paying_agent", SUPPORT, body | {"reference": "late"})
    refused(late, 409, "distribution.exists")
    agree(story)


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"sponsor": "nobody"}, "/sponsor", "support.unknown"),
        ({"received_on": "2026-12-31"}, "/received_on", "support.future"),
        ({"amount": "0"}, "/amount", "support.range"),
        ({"period": 6}, "/period", "period.unknown"),
        ({"reference": " "}, "/reference", "schema.string_pattern_mismatch"),
    ],
)
def test_support_that_cannot_be_is_refused(
    story: LoanStory, changes: dict[str, Any], path: str, rule: str
) -> None:
    body = support_body(1, "1", ENDS) | {"received_on": "2026-04-20"} | changes
    answer = story.client.post("paying_agent", SUPPORT, body)
    (complaint,) = refused(answer, 422, "input.invalid")["complaints"]
    assert (complaint["path"], complaint["rule"]) == (path, rule)
    assert story.client.read(None, SUPPORT)["payments"] == []


def test_support_before_the_deal_is_deployed_is_refused(
    story_at: Callable[[str], Story],
) -> None:
    answer = story_at("registered").client.post("paying_agent", SUPPORT, support_body(1, "1", ENDS))
    refused(answer, 409, "deal.not_deployed")


def test_support_on_its_way_is_waited_for(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    story.served.settle()
    story.served.simulator.worker.stop()
    answer = story.client.post("paying_agent", SUPPORT, support_body(1, "1", day), wait=0)
    (payment,) = answer.json()["payments"]
    assert (answer.status_code, payment["state"]) == (202, "ARRIVING")
    waiting = story.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
    assert refused(waiting, 409, "support.arriving")["references"] == ["SIM-IN-1"]
    story.served.simulator.worker.start()
    story.served.settle()
    assert story.determine()["state"] == "confirmed"


def test_support_that_the_coin_refuses_is_held_and_counts_for_nothing(story: LoanStory) -> None:
    day = story.over(1)
    first_quarter(story, day)
    # Somebody has used up the reference on chain.
    used = bytes.fromhex(digest(f"{DEAL}:support:SIM-IN-1")[2:])
    assert story.ledger.send(OPERATOR, COIN, "issue", address_of(30), 1, used)
    body = support_body(1, "500000", day)
    answer = story.client.post("paying_agent", SUPPORT, body).json()
    assert answer["operation"]["state"] == "refused"
    assert [each["state"] for each in answer["payments"]] == ["HELD"]
    assert story.dry_run(1)["support_micro"] == {SPONSOR: "0"}
    # It may be entered once more, and another of its own arrives.
    again = story.client.post("paying_agent", SUPPORT, body).json()
    assert again["operation"]["state"] == "refused"
    story.stand_in(1, "500000", day, "SIM-IN-2")
    assert story.dry_run(1)["support_micro"] == {SPONSOR: "500000000000"}
    agree(story)


def test_while_the_filing_is_suspended_nothing_is_bought_until_it_is_lifted(
    story: LoanStory,
) -> None:
    day = story.over(1)
    first_quarter(story, day)
    story.stand_in(1, "500000", day)
    filing = f"/v1/filings/{story.filing}"
    story.determine()
    story.buy(1, "800000")
    story.client.do("regulator", f"{filing}/suspension", {"reason": "a reason"})
    story.on(story.period(1).record_at, "18:00")
    story.record()
    story.on(story.period(1).payment)
    story.pay()
    assert payee(story, "originator") == 0
    assert accounts(story)["purchase:originator"] == 800_000 * MICRO
    assert payee(story, "trustee") == 50_000 * MICRO
    agree(story)
    story.client.do("regulator", f"{filing}/suspension/lift", {"reason": "a reason"})
    day = story.over(2)
    story.report(
        batch(2, "INTEREST", "2000000", day),
        batch(2, "PRINCIPAL", "15000000", day),
        pools=(pool_report(2, day, "64000000"),),
    )
    story.fix(2, "4.30")
    paid = lines(story.pay_period(2, bought="500000"))
    assert paid["purchase", "originator"] == 500_000 * MICRO
    # With what was held of the first period, and the residual, which is the originator's too.
    assert payee(story, "originator") == 1_300_000 * MICRO + paid["residual", "S"]
    agree(story)


def suspended_with_a_purchase(story: LoanStory) -> None:
    """HKD 800,000 are set aside in the first period, 500,000 spent, and the seller is not paid."""
    day = story.over(1)
    first_quarter(story, day)
    story.stand_in(1, "500000", day)
    story.determine()
    story.buy(1, "500000")
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension", {"reason": "a reason"})
    story.on(story.period(1).record_at, "18:00")
    story.record()
    story.on(story.period(1).payment)
    story.pay()
    assert accounts(story)["purchase:originator"] == 800_000 * MICRO


def repay_all(story: LoanStory) -> dict[tuple[str, str], int]:
    """So much has defaulted in the second period that all cash repays the notes; nothing is bought."""
    day = story.over(2)
    story.report(
        batch(2, "INTEREST", "4000000", day),
        batch(2, "PRINCIPAL", "80000000", day),
        pools=(pool_report(2, day, "10000000", defaulted="6000000"),),
    )
    story.fix(2, "4.30")
    found = story.pay_period(2)
    assert found["waterfall"] == "rapid"
    assert ("purchase", "originator") not in lines(found)
    return lines(found)


def lift(story: LoanStory) -> None:
    path = f"/v1/filings/{story.filing}/suspension/lift"
    story.client.do("regulator", path, {"reason": "a reason"})


def test_seller_gets_what_was_held_at_a_payment_that_buys_nothing(story: LoanStory) -> None:
    suspended_with_a_purchase(story)
    lift(story)
    paid = repay_all(story)
    assert payee(story, "originator") == 500_000 * MICRO + paid["residual", "S"]
    assert accounts(story)["purchase:originator"] == 300_000 * MICRO
    agree(story)


def test_price_that_was_held_to_the_end_goes_to_the_seller_and_only_the_rest_to_the_residual(
    story: LoanStory,
) -> None:
    suspended_with_a_purchase(story)
    repay_all(story)
    assert payee(story, "originator") == 0
    lift(story)
    filing = f"/v1/filings/{story.filing}"
    story.client.do("paying_agent", f"{filing}/maturity")
    story.client.do("paying_agent", f"{filing}/final-payment")
    out = {
        each["entry_id"]: -int(each["amount_micro"])
        for each in story.client.read("auditor", f"/v1/deals/{DEAL}/ledger/postings")
        if each["account"] == "purchase:originator" and int(each["amount_micro"]) < 0
    }
    assert out == {
        f"paid:{DEAL}:final-1:sold:originator": 500_000 * MICRO,
        f"paid:{DEAL}:final-1:purchase:originator": 300_000 * MICRO,
    }
    agree(story)
    refused(
        story.client.post("paying_agent", f"{filing}/final-payment"), 409, "filing.nothing_left"
    )
    assert story.client.do("issuer", f"{filing}/closure")["state"] == "CLOSED"


def test_nothing_more_is_bought_for_a_payment_that_the_chain_has_stopped(story: LoanStory) -> None:
    """The coin pays a seller once under a payment's reference: what it sells later waits for the next."""
    day = story.over(1)
    story.report(
        batch(1, "INTEREST", "4000000", day),
        batch(1, "PRINCIPAL", "16000000", day),
        pools=(pool_report(1, day, "80000000"),),
    )
    story.fix(1, "4.30")
    story.determine()
    story.buy(1, "300000")
    story.on(story.period(1).record_at, "18:00")
    story.record()
    story.on(story.period(1).payment)
    path = f"/v1/distributions/{story.distribution}"
    paid = lines(story.client.read("paying_agent", path))
    before_the_residual = {
        ("interest", "A"),
        ("principal", "A"),
        ("fee", "trustee"),
        ("fee", "servicer"),
    }
    kept = sum(paid[each] for each in before_the_residual) + 300_000 * MICRO
    assert paid["residual", "S"] > 0
    with story.served.simulator.worker.paused():
        assert story.client.post("paying_agent", f"{path}/payment", wait=0).status_code == 202
        moved = coin_at(story, address_of(PAYING_AGENT)) - kept
        assert story.ledger.send(PAYING_AGENT, COIN, "transfer", address_of(30), moved)
    story.served.settle()
    assert story.client.read("paying_agent", path)["state"] == "RECORDED"
    assert payee(story, "originator") == 300_000 * MICRO
    assert story.ledger.send(30, COIN, "transfer", address_of(PAYING_AGENT), moved)
    body = offer("p2", "1", balance="1")
    answer = story.client.post("issuer", f"/v1/deals/{DEAL}/purchases", body)
    assert "first attempt" in refused(answer, 409, "purchase.not_between")["detail"]
    story.pay()
    assert payee(story, "originator") == 300_000 * MICRO + paid["residual", "S"]
    agree(story)


def test_support_that_nobody_needed_goes_back_when_the_notes_are_repaid(story: LoanStory) -> None:
    day = story.over(1)
    # So much has defaulted that all cash repays the notes, and there is enough of it.
    story.report(
        batch(1, "INTEREST", "4000000", day),
        batch(1, "PRINCIPAL", "80000000", day),
        pools=(pool_report(1, day, "10000000", defaulted="6000000"),),
    )
    story.fix(1, "4.30")
    story.stand_in(1, "500000", day)
    assert story.pay_period(1)["waterfall"] == "rapid"
    assert payee(story, SPONSOR) == 0
    filing = f"/v1/filings/{story.filing}"
    story.client.do("paying_agent", f"{filing}/maturity")
    early = story.client.post("issuer", f"{filing}/closure")
    left = refused(early, 409, "filing.money_left")["left_micro"]
    assert left == {f"support:{SPONSOR}": str(500_000 * MICRO)}
    story.client.do("paying_agent", f"{filing}/final-payment")
    assert payee(story, SPONSOR) == 500_000 * MICRO
    agree(story)
    assert story.client.do("issuer", f"{filing}/closure")["state"] == "CLOSED"


# ---- tampering

FORGED = {
    "kind": ("collection_batch", "UPDATE collection_batch SET of = 'PRINCIPAL'", "collections"),
    "pool": ("pool_report", "UPDATE pool_report SET defaulted_fen = 0", "pool report"),
    "pool-removed": ("pool_report", "DELETE FROM pool_report", "pool report"),
    "fixing": ("fixing", "UPDATE fixing SET rate = '1/20'", "fixing"),
    "fixing-removed": ("fixing", "DELETE FROM fixing", "fixing"),
    "support": (
        "support_payment",
        "UPDATE support_payment SET amount_micro = amount_micro + 1",
        "support",
    ),
    "support-invented": (
        "support_payment",
        (
            "INSERT INTO support_payment SELECT deal_id, 'invented', sponsor, period, amount_micro,"
            " received_on, state FROM support_payment"
        ),
        "support",
    ),
}
#: What has arrived, and is told not to have; the log does not follow how far coin is.
WITHHELD = {
    "batch": ("collection_batch", "UPDATE collection_batch SET state = 'HELD'"),
    "support": ("support_payment", "UPDATE support_payment SET state = 'HELD'"),
}


@pytest.fixture(scope="module")
def _ready(_active: Rewinder) -> Rewinder:
    story = _active.rewind()
    assert isinstance(story, LoanStory)
    day = story.over(1)
    first_quarter(story, day)
    story.stand_in(1, "500000", day)
    story.served.settle()
    return Rewinder(story)


@pytest.fixture
def ready(_ready: Rewinder) -> LoanStory:
    """The first period is about to be determined."""
    found = _ready.rewind()
    assert isinstance(found, LoanStory)
    return found


@pytest.mark.parametrize(("table", "statement", "named"), FORGED.values(), ids=FORGED)
def test_forged_report_is_named_and_nothing_is_determined_by_it(
    ready: LoanStory, table: str, statement: str, named: str
) -> None:
    forger = Forger(ready.served)
    with forger.tampering(table):
        forger.write(statement)
        flaws = ready.client.read("auditor", "/v1/audit/verification")["flaws"]
        assert any(each["what"].startswith(f"{named} {DEAL}/") for each in flaws)
        answer = ready.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
        code = "reconciliation.mismatch" if named == "support" else "collections.altered"
        refused(answer, 409, code)
    assert ready.determine()["state"] == "confirmed"


@pytest.mark.parametrize(("table", "statement"), WITHHELD.values(), ids=WITHHELD)
def test_arrived_coin_that_is_forged_to_be_held_is_a_difference_and_nothing_is_determined(
    ready: LoanStory, table: str, statement: str
) -> None:
    forger = Forger(ready.served)
    with forger.tampering(table):
        forger.write(statement)
        answer = ready.client.post("paying_agent", DISTRIBUTIONS, {"period": 1})
        refused(answer, 409, "reconciliation.mismatch")
    assert ready.determine()["state"] == "confirmed"


@pytest.mark.parametrize(
    ("table", "statement", "named"),
    [each for each in FORGED.values() if "pool_report" in each[0] or "fixing" in each[0]],
    ids=[name for name in FORGED if name.startswith(("pool", "fixing"))],
)
def test_figures_determined_by_what_is_forged_since_are_not_paid(
    ready: LoanStory, table: str, statement: str, named: str
) -> None:
    ready.determine()
    ready.clock("07-10T18:00")
    forger = Forger(ready.served)
    path = f"/v1/distributions/{ready.distribution}/record"
    with forger.tampering(table):
        forger.write(statement)
        answer = ready.client.post("paying_agent", path)
        # The cap hides a higher fixing from the figures, but not from the log.
        code = "collections.altered" if "1/20" in statement else "distribution.altered"
        refused(answer, 409, code)
    assert ready.record()["state"] == "confirmed"


def test_support_on_chain_that_differs_is_a_difference(ready: LoanStory) -> None:
    path = f"/v1/deals/{DEAL}/reconciliation"
    assert ready.client.read("auditor", path)["differences"] == []
    forger = Forger(ready.served)
    forger.write("UPDATE support_payment SET amount_micro = amount_micro - 1")
    found = ready.client.read("auditor", path)["differences"]
    assert {each["what"] for each in found} == {"arrival", "postings"}
