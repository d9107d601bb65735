"""3 August to 2 November: a material event, the filing suspended, a coupon all the same, and back."""

from __future__ import annotations

from storyboard.hands import ACCEPTED, KEYS, rules_of
from storyboard.payments import (
    FIRST,
    RESERVE,
    SECOND,
    close_record_date,
    coin_of_the_deal,
    collect,
    determine,
    pay,
)
from storyboard.printing import money
from storyboard.stage import DEAL, Stage
from storyboard.transfers import refused


def suspend(stage: Stage) -> None:
    """3 August."""
    story, api, path = stage.story, stage.api, f"/v1/filings/{stage.filing}"
    told = "notes a material event: the title to the piles of one district is in dispute"
    stage.day("3 Aug", "10:00", "servicer", told)
    event = api.post("oracle", f"{path}/events", {"code": "EV-05"})["events"][-1]
    story.equal("the event", event["code"], "EV-05")
    story.equal("the filer reports it by", event["due_on"], "2026-08-06")

    story.row("3 Aug", "filer", "reports it the same day")
    report = {"code": "EV-05", "report": "A third party claims the piles of district 02 in court."}
    reported = api.post("filer", f"{path}/reports", report)
    story.equal("the filing", reported["state"], "EVENT_REPORTED")

    story.row("3 Aug", "regulator", "suspends the filing: nothing is minted, nothing moves")
    reason = {"reason": "The title to part of the assets is in dispute."}
    api.post("regulator", f"{path}/suspension", reason)
    story.equal("the filing", stage.state_of_filing(), "SUSPENDED")
    story.equal("suspended on chain", stage.ledger.filing_status(), "SUSPENDED")
    _nothing_is_minted(stage)
    h2 = stage.wallets["H2"].address
    refused(stage, "a transfer to H2", h2, "FIL-01", "FilingSuspended")


def second_coupon(stage: Stage) -> None:
    """8 to 15 October: holders are paid while the filing is suspended, the originator is not."""
    story = stage.story
    told = "reports the collections of July to September, with the FX reference"
    stage.day("8 Oct", "12:00", "servicer", told)
    collect(stage, SECOND)
    stage.day("9 Oct", "10:00", "paying agent", "makes a dry run, then determines the payment")
    determine(stage, SECOND)
    stage.day("12 Oct", "18:00", "paying agent", "closes the record date at 18:00")
    close_record_date(stage, SECOND)

    stage.day(
        "15 Oct", "10:00", "paying agent", "declares and pays, although the filing is suspended"
    )
    story.equal("the filing", stage.state_of_filing(), "SUSPENDED")
    pay(stage, SECOND)
    residual = SECOND.steps["S"]
    accounts = stage.books()
    story.equal("the originator's residual is held, µ", accounts["residual:S"], residual)
    originator = stage.ledger.coin_of(KEYS.payee_address("originator"))
    story.equal("it has July's only, on chain, µ", originator, FIRST.steps["S"])
    story.equal(
        "reserve and residual in the books = coin on the deal's account, µ",
        (accounts["reserve"] + accounts["residual:S"], coin_of_the_deal(stage)),
        (RESERVE + residual, RESERVE + residual),
    )


def lift(stage: Stage) -> None:
    """2 November."""
    story, api, path = stage.story, stage.api, f"/v1/filings/{stage.filing}"
    stage.day("2 Nov", "10:00", "regulator", "lifts the suspension: the claim was withdrawn")
    api.post("regulator", f"{path}/suspension/lift", {"reason": "The claim was withdrawn."})
    story.equal("the filing is what it was before", stage.state_of_filing(), "EVENT_REPORTED")
    cleared = api.post("regulator", f"{path}/event-clearance", {"all": True})
    story.equal("and with the report taken note of", cleared["state"], "ACTIVE")
    story.equal("approved on chain", stage.ledger.filing_status(), "APPROVED")

    story.row("2 Nov", "H1", "sells 1,000 units to H3")
    story.equal("the transfer", stage.transfer("H1", "H3", 1_000), ACCEPTED)
    stage.agree()
    held = money(stage.books()["residual:S"])
    story.note(f"still held for the originator: HKD {held}; it goes out with the next payment")


def _nothing_is_minted(stage: Stage) -> None:
    story = stage.story
    body = {"tranche": "A", "investor": "H1", "units": 1}
    answer = stage.api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    finding = (answer.json().get("findings") or [{}])[0]
    state = finding.get("facts", {}).get("state")
    story.expect(
        f"a mint: the service refuses ({answer.status_code}) by {finding.get('rule')}, state {state}",
        "FIL-01" in rules_of(answer) and state == "SUSPENDED",
        answer.text,
    )
    said = stage.try_to_mint("H1", 1, stage.ledger.token("bundleHash"), operation=4)
    story.expect(
        f"and the chain, asked directly with the issuer's key: {said}",
        said.startswith("FilingSuspended"),
        said,
    )
