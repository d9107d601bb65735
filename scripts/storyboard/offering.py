"""13 to 20 April: units against coin, a document altered behind the service's back, the closing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from storyboard.hands import rules_of
from storyboard.printing import MICRO, money
from storyboard.stage import COIN, DEAL, Stage

ALTERED = "M-04"
APPRAISED, PRETENDED = b"HKD 112,000,000", b"HKD 212,000,000"


def sell(stage: Stage) -> None:
    """13 April."""
    stage.day("13 Apr", "10:00", "issuer", "opens the offering; coin against tokens, atomically")
    stage.api.post("issuer", f"/v1/deals/{DEAL}/offering/open")
    for name, units in (("H1", 50_000), ("H2", 20_000)):
        price = _subscribe_and_pay_in(stage, name, units)
        _issue(stage, name, units, price)


def sell_with_an_altered_document(stage: Stage) -> None:
    """14 April: the database cannot vouch for itself."""
    story = stage.story
    stage.day(
        "14 Apr",
        "10:00",
        "somebody",
        "with the database file in hand raises what the assets are worth",
    )
    stored = _replace_document(stage, APPRAISED, PRETENDED)
    story.expect(
        f'{ALTERED}, underlying assets: "{APPRAISED.decode()}" now reads "{PRETENDED.decode()}";'
        " the service was not asked",
        PRETENDED in stored,
        stored,
    )

    story.row("14 Apr", "issuer", "asks to mint H3's 10,000 units, subscribed and paid in")
    price = _subscribe_and_pay_in(stage, "H3", 10_000)
    body = {"tranche": "A", "investor": "H3", "units": 10_000}
    answer = stage.api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    finding = (answer.json().get("findings") or [{}])[0]
    facts = finding.get("facts", {})
    approved, recomputed = facts.get("approved_hash"), facts.get("recomputed_hash", "")
    story.expect(
        f"the service refuses ({answer.status_code}) by {finding.get('rule')}:"
        f" {finding.get('statement')}",
        (answer.status_code, rules_of(answer)) == (409, ["FIL-05"]),
        answer.text,
    )
    story.note(f"approved    {approved}")
    story.note(f"recomputed  {recomputed}")
    story.note(f"cure: {finding.get('cure')}")
    on_chain = "0x" + stage.ledger.token("bundleHash").hex()
    story.expect(
        "the approved hash is the one on chain; the recomputed one is another",
        approved == on_chain != recomputed,
        (approved, on_chain, recomputed),
    )
    said = stage.try_to_mint("H3", 10_000, bytes.fromhex(recomputed[2:]), operation=3)
    told = f"the chain, asked directly with the issuer's key and that hash: {said}"
    story.expect(told, said.startswith("BundleHashMismatch"), said)

    story.row("14 Apr", "somebody", "puts the document back as it was; the issuer asks again")
    stored = _replace_document(stage, PRETENDED, APPRAISED)
    story.expect(f"{ALTERED} reads as it was approved", APPRAISED in stored, stored)
    _issue(stage, "H3", 10_000, price)


def sell_no_more(stage: Stage) -> None:
    """14 April: the filed total is reached."""
    story, ledger = stage.story, stage.ledger
    story.row("14 Apr", "issuer", "has issued the filed total, and asks for one unit more")
    proceeds = ledger.coin_of(stage.issuer.address)
    story.equal("supply on chain", ledger.token("totalSupply"), 80_000)
    story.equal("proceeds on the issuer's account, µ", proceeds, 80_000_000 * MICRO)
    _subscribe(stage, "H1", 1)
    body = {"tranche": "A", "investor": "H1", "units": 1}
    answer = stage.api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    told = f"one more unit: refused by {', '.join(rules_of(answer))}"
    story.expect(told, rules_of(answer) == ["FIL-17"], answer.text)
    said = stage.try_to_mint("H1", 1, ledger.token("bundleHash"), operation=4)
    story.expect(f"and by the chain on its own: {said}", said.startswith("CapExceeded"), said)


def close(stage: Stage) -> None:
    """15 and 20 April."""
    story, api = stage.story, stage.api
    stage.day(
        "15 Apr", "18:00", "issuer", "closes the offering; the reserve is funded from the proceeds"
    )
    api.post("issuer", f"/v1/deals/{DEAL}/offering/close")
    filing = api.get("filer", f"/v1/filings/{stage.filing}")
    story.equal("the filing", filing["state"], "ISSUED_REPORT_DUE")
    story.note(f"completion report EV-01 due by {filing['events'][0]['due_on']}")
    said = stage.try_to_transfer("H1", "H2", 1)
    story.expect(f"transfers are still locked: {said}", said.startswith("TransfersLocked"), said)

    stage.day("20 Apr", "10:00", "filer", "reports the completed issuance (EV-01)")
    report = {"code": "EV-01", "report": "80,000 units issued on 13 and 14 April 2026."}
    active = api.post("filer", f"/v1/filings/{stage.filing}/reports", report)
    story.equal("the deal", active["state"], "ACTIVE")
    story.equal("transfers open on chain", stage.ledger.token("transfersOpen"), True)


def _subscribe_and_pay_in(stage: Stage, name: str, units: int) -> int:
    """The investor subscribes, is given coin by its bank, and approves the price with its own key."""
    subscribed = _subscribe(stage, name, units)
    price = int(subscribed["price_micro"])
    wallet = stage.wallets[name]
    deposit = {
        "deal": DEAL,
        "wallet": wallet.address,
        "amount": str(price // MICRO),
        "reference": f"deposit {subscribed['id']}",
    }
    stage.api.post("operator", "/v1/simulation/coin", deposit)
    wallet.sends(COIN, "approve", subscribed["pay_to"], price)
    return price


def _subscribe(stage: Stage, name: str, units: int) -> dict[str, Any]:
    body = {"tranche": "A", "units": units}
    subscribed: dict[str, Any] = stage.api.post(name, f"/v1/deals/{DEAL}/subscriptions", body)
    return subscribed


def _issue(stage: Stage, name: str, units: int, price: int) -> None:
    body = {"tranche": "A", "investor": name, "units": units}
    stage.api.post("issuer", f"/v1/deals/{DEAL}/issuances", body)
    wallet = stage.wallets[name].address
    held, left = stage.ledger.token("balanceOf", wallet), stage.ledger.coin_of(wallet)
    stage.story.expect(
        f"{name}: {units:,} units for HKD {money(price)}; on chain {held:,} units, coin left {left}",
        (held, left) == (units, 0),
        (held, left),
    )


def _replace_document(stage: Stage, old: bytes, new: bytes) -> bytes:
    """Change a stored document in the database file itself; what is stored now."""
    select = "SELECT content FROM material WHERE filing_id = ? AND version = 2 AND code = ?"
    update = "UPDATE material SET content = ? WHERE filing_id = ? AND version = 2 AND code = ?"
    document = (stage.filing, ALTERED)
    with closing(sqlite3.connect(stage.database, timeout=30)) as file, file:
        (stored,) = file.execute(select, document).fetchone()
        file.execute(update, (stored.replace(old, new), *document))
        (now_stored,) = file.execute(select, document).fetchone()
    return bytes(now_stored)
