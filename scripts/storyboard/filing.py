"""9 February to 18 March: the contracts, the filing and its approval, the investors."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from issuer.documents.text import read_file
from storyboard.hands import KEYS, rules_of
from storyboard.stage import DEAL, DEALS, FIRST_ATTESTER, Stage

ATTESTERS = ("legal_representative", "actual_controller", "directors", "arranger", "counsel")


def deploy(stage: Stage) -> None:
    """9 and 10 February."""
    story, api, ledger = stage.story, stage.api, stage.ledger
    story.row("9 Feb", "operator", "registers the deal and deploys its contracts")
    api.send_file("operator", "/v1/deals", DEALS / "ev-charging.yaml")
    operation = api.post("operator", f"/v1/deals/{DEAL}/deployment")
    for each in api.get("operator", f"/v1/deals/{DEAL}/deployment")["contracts"]:
        ledger.learn(each["name"], each["address"], each["artifact"])
        story.note(f"{each['name']:<22} {each['address']}  code {each['code_hash'][:18]}…")
    gas = sum(command["gas_used"] for command in operation["commands"])
    story.note(f"{len(operation['commands'])} transactions, {gas:,} gas")
    story.equal("supply, read from the chain", ledger.token("totalSupply"), 0)
    story.equal("cap, read from the chain", ledger.token("cap"), 0)

    stage.day("10 Feb", "10:00", "issuer", "asks to mint, without a filing")
    body = {"tranche": "A", "investor": "H1", "units": 50_000}
    answer = api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    told = f"the service refuses ({answer.status_code}): {answer.json()['detail']}"
    story.expect(told, answer.status_code == 409 and rules_of(answer) == ["FIL-01"], answer.text)
    said = stage.try_to_mint("H1", 50_000, bytes(32), operation=1)
    told = f"the chain, asked directly with the issuer's key: {said}"
    story.expect(told, said.startswith("FilingNotApproved"), said)


def file(stage: Stage) -> None:
    """11 February to 16 March."""
    document = _document(stage.api.get("filer", f"/v1/deals/{DEAL}/deployment"))
    not_accepted = _file_incomplete(stage, document)
    draft = _file_anew(stage, document, not_accepted)
    stage.filing = draft["filing"]["id"]
    bundle_hash = _supplement(stage, document)
    _approve(stage, bundle_hash)


def admit(stage: Stage) -> None:
    """18 March."""
    stage.day("18 Mar", "10:00", "registrar", "decides on six investors")
    expected = {
        "H1": [],
        "H2": [],
        "H3": [],
        "mainland-resident": ["INV-01"],
        "hk-shell": ["INV-04"],
        "stale-evidence": ["INV-13"],
    }
    for document in read_file(DEALS / "ev-charging.investors.yaml")["investors"]:
        name = document["id"]
        answer = stage.api.call("registrar", "POST", f"/v1/deals/{DEAL}/investors", document)
        if not expected[name]:
            stage.story.expect(
                f"{name}, {document['name']}: admitted",
                answer.status_code == 202 and answer.json()["state"] == "confirmed",
                answer.text,
            )
            body = {"role": "investor", "name": document["name"], "investor": name}
            key = stage.api.post("operator", "/v1/simulation/api-keys", body)["key"]
            stage.api.keys[name] = key
            continue
        refused = answer.json()
        cure = refused["findings"][0]["cure"] if refused.get("findings") else ""
        stage.story.expect(
            f"{name}: refused by {', '.join(rules_of(answer))}. {cure}",
            answer.status_code == 409 and rules_of(answer) == expected[name],
            answer.text,
        )


def _document(deployment: dict[str, Any]) -> dict[str, Any]:
    """The filing's file, with the addresses and code hashes of the deployment in its plan (M-05)."""
    document: dict[str, Any] = read_file(DEALS / "ev-charging.filing.yaml")
    document["plan"]["chain_id"] = deployment["chain_id"]
    document["plan"]["contracts"] = [
        {name: each[name] for name in ("name", "address", "code_hash")}
        for each in deployment["contracts"]
        if not each["shared"]
    ]
    return document


def _sign_and(stage: Stage, prepared: dict[str, Any], then: str) -> dict[str, Any]:
    """Every responsible role signs the bundle hash (EIP-712); then the filer goes on."""
    filing = prepared["filing"]["id"]
    for offset, role in enumerate(ATTESTERS):
        key = Account.from_key(KEYS.key(FIRST_ATTESTER + offset))
        signed = key.sign_message(encode_typed_data(full_message=prepared["to_sign"][role]))
        body = {"role": role, "signature": "0x" + signed.signature.hex().removeprefix("0x")}
        stage.api.post("filer", f"/v1/filings/{filing}/attestations", body)
    answer: dict[str, Any] = stage.api.post("filer", f"/v1/filings/{filing}/{then}")
    return answer


def _file_incomplete(stage: Stage, document: dict[str, Any]) -> str:
    story, api = stage.story, stage.api
    stage.day("11 Feb", "10:00", "filer", "submits without the security assessment (M-10)")
    without = [m for m in document["materials"] if m["code"] != "M-10"]
    draft = api.post("filer", f"/v1/deals/{DEAL}/filings", {**document, "materials": without})
    filing: str = draft["filing"]["id"]
    _sign_and(stage, draft, "submission")
    checked = api.post("regulator", f"/v1/filings/{filing}/formality-check")
    finding = checked["findings"][0] if checked["findings"] else {}
    story.equal("the regulator's formality check", checked["state"], "NOT_ACCEPTED")
    story.expect(
        f"{finding.get('rule')}, {finding.get('facts', {}).get('material')}: {finding.get('cure')}",
        [f["rule"] for f in checked["findings"]] == ["FIL-03", "M-10"],
        checked["findings"],
    )
    return filing


def _file_anew(stage: Stage, document: dict[str, Any], superseded: str) -> dict[str, Any]:
    stage.day("12 Feb", "10:00", "filer", "files anew, complete, superseding the first")
    body = {**document, "supersedes": superseded}
    draft: dict[str, Any] = stage.api.post("filer", f"/v1/deals/{DEAL}/filings", body)
    filing = draft["filing"]["id"]
    stage.story.note(
        f"{filing}, bundle hash {draft['bundle_hash']}, signed by {len(ATTESTERS)} roles"
    )
    _sign_and(stage, draft, "submission")
    checked = stage.api.post("regulator", f"/v1/filings/{filing}/formality-check")
    stage.story.equal("the regulator takes it up", checked["state"], "UNDER_REVIEW")
    return draft


def _supplement(stage: Stage, document: dict[str, Any]) -> str:
    """The regulator asks, the filer answers with version 2; its bundle hash."""
    story, api = stage.story, stage.api
    stage.day("13 Feb", "15:00", "regulator", "asks for a supplement to M-13")
    asked = api.post(
        "regulator",
        f"/v1/filings/{stage.filing}/supplement-request",
        {"materials": ["M-13"], "note": "State the de-identification of each exported field."},
    )
    clock = asked["review"]
    story.expect(
        f"the review clock stops after {clock['days_used']} working day; answer due by"
        f" {asked['supplement']['due_on']}",
        asked["state"] == "SUPPLEMENT_REQUESTED" and clock["running_since"] is None,
        asked,
    )

    stage.day("24 Feb", "10:00", "filer", "answers; 15 to 23 February were public holidays")
    data_export = next(m for m in document["materials"] if m["code"] == "M-13")
    changed = {**data_export, "content": data_export["content"] + "\nEvery field: hashed pile ids."}
    body = {"materials": [changed]}
    prepared = api.post("filer", f"/v1/filings/{stage.filing}/versions", body)
    answered = _sign_and(stage, prepared, "supplement")
    story.equal("under review again", answered["state"], "UNDER_REVIEW")
    story.equal("version, whose hash all roles have signed", answered["version"], 2)
    bundle_hash: str = prepared["bundle_hash"]
    return bundle_hash


def _approve(stage: Stage, bundle_hash: str) -> None:
    story, api, ledger = stage.story, stage.api, stage.ledger
    stage.day("16 Mar", "11:00", "regulator", "approves version 2")
    body = {"version": 2, "bundle_hash": bundle_hash}
    api.post("regulator", f"/v1/filings/{stage.filing}/approval", body)
    filed = api.get("regulator", f"/v1/filings/{stage.filing}")
    story.equal("published and anchored", filed["state"], "FILED")
    story.equal("cap on chain, units", ledger.token("cap"), 80_000)
    story.equal("approved hash on chain", "0x" + ledger.token("bundleHash").hex(), bundle_hash)
    story.equal("valid for 12 months, until", filed["approval"]["valid_until"], "2027-03-16")
