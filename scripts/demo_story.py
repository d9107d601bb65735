"""The chapters of the demo: the storyboard of one deal, with its dates, actors and figures."""

from __future__ import annotations

from typing import Any

from demo_client import (
    KEYS,
    MICRO,
    ROOT,
    Api,
    Ledger,
    Story,
    Wallet,
    artifact,
    console,
    money,
    rules_of,
)
from eth_account import Account
from eth_account.messages import encode_typed_data
from rich.table import Table

from issuer.documents.text import read_file

DEALS = ROOT / "scripts" / "deals"
DEAL = "ev-charging"
ATTESTERS = ("legal_representative", "actual_controller", "directors", "arranger", "counsel")
FIRST_ATTESTER, FIRST_INVESTOR, ISSUER_ACCOUNT = 11, 16, 4


def deploy(story: Story, api: Api, ledger: Ledger) -> dict[str, Any]:
    """9 and 10 February."""
    story.day("9 Feb", "operator", "registers the deal and deploys its contracts")
    api.file("operator", "/v1/deals", DEALS / "ev-charging.yaml")
    operation = api.post("operator", f"/v1/deals/{DEAL}/deployment")
    deployment: dict[str, Any] = api.get("operator", f"/v1/deals/{DEAL}/deployment")
    ledger.learn(deployment["contracts"])
    for each in deployment["contracts"]:
        story.note(f"{each['name']:<22} {each['address']}  code {each['code_hash'][:18]}…")
    gas = sum(command["gas_used"] for command in operation["commands"])
    story.note(f"{len(operation['commands'])} transactions, {gas:,} gas")
    token = ledger.token.functions
    story.equal("supply, read from the chain", token.totalSupply().call(), 0)
    story.equal("cap, read from the chain", token.cap().call(), 0)

    api.clock("02-10T10:00")
    story.day("10 Feb", "issuer", "asks to mint, without a filing")
    body = {"tranche": "A", "investor": "H1", "units": 50_000}
    answer = api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    told = f"the service refuses ({answer.status_code}): {answer.json()['detail']}"
    story.expect(told, answer.status_code == 409 and rules_of(answer) == ["FIL-01"], answer.text)
    issuer, h1 = Wallet(ledger, ISSUER_ACCOUNT), Wallet(ledger, FIRST_INVESTOR)
    direct = ledger.contract("dvp_settlement").functions.issue(
        ledger.token.address, h1.address, 50_000, bytes(32), 1
    )
    said = ledger.refusal(direct, issuer.address)
    story.expect(
        f"the chain, asked directly with the issuer's key: {said}",
        said.startswith("FilingNotApproved"),
        said,
    )
    return deployment


def sign_and(api: Api, prepared: dict[str, Any], then: str) -> dict[str, Any]:
    """Every responsible role signs the bundle hash (EIP-712); then the filer goes on."""
    filing = prepared["filing"]["id"]
    for offset, role in enumerate(ATTESTERS):
        key = Account.from_key(KEYS.key(FIRST_ATTESTER + offset))
        signed = key.sign_message(encode_typed_data(full_message=prepared["to_sign"][role]))
        body = {"role": role, "signature": "0x" + signed.signature.hex().removeprefix("0x")}
        api.post("filer", f"/v1/filings/{filing}/attestations", body)
    answer: dict[str, Any] = api.post("filer", f"/v1/filings/{filing}/{then}")
    return answer


def file(story: Story, api: Api, ledger: Ledger, deployment: dict[str, Any]) -> None:
    """11 February to 16 March."""
    document = read_file(DEALS / "ev-charging.filing.yaml")
    document["plan"]["chain_id"] = deployment["chain_id"]
    document["plan"]["contracts"] = [
        {name: each[name] for name in ("name", "address", "code_hash")}
        for each in deployment["contracts"]
        if not each["shared"]
    ]
    without = [m for m in document["materials"] if m["code"] != "M-10"]

    api.clock("02-11T10:00")
    story.day("11 Feb", "filer", "submits without the security assessment (M-10)")
    draft = api.post("filer", f"/v1/deals/{DEAL}/filings", {**document, "materials": without})
    sign_and(api, draft, "submission")
    checked = api.post("regulator", f"/v1/filings/{draft['filing']['id']}/formality-check")
    finding = checked["findings"][0] if checked["findings"] else {}
    story.equal("the regulator's formality check", checked["state"], "NOT_ACCEPTED")
    story.expect(
        f"{finding.get('rule')}, {finding.get('facts', {}).get('material')}: {finding.get('cure')}",
        [f["rule"] for f in checked["findings"]] == ["FIL-03"],
        checked["findings"],
    )

    api.clock("02-12T10:00")
    story.day("12 Feb", "filer", "files anew, complete, superseding the first")
    draft = api.post(
        "filer", f"/v1/deals/{DEAL}/filings", {**document, "supersedes": draft["filing"]["id"]}
    )
    filing = draft["filing"]["id"]
    story.note(f"{filing}, bundle hash {draft['bundle_hash']}, signed by {len(ATTESTERS)} roles")
    sign_and(api, draft, "submission")
    checked = api.post("regulator", f"/v1/filings/{filing}/formality-check")
    story.equal("the regulator takes it up", checked["state"], "UNDER_REVIEW")

    api.clock("02-13T15:00")
    story.day("13 Feb", "regulator", "asks for a supplement to M-13")
    asked = api.post(
        "regulator",
        f"/v1/filings/{filing}/supplement-request",
        {"materials": ["M-13"], "note": "State the de-identification of each exported field."},
    )
    clock = asked["review"]
    story.expect(
        f"the review clock stops after {clock['days_used']} working day; answer due by"
        f" {asked['supplement']['due_on']}",
        asked["state"] == "SUPPLEMENT_REQUESTED" and clock["running_since"] is None,
        asked,
    )

    api.clock("02-24T10:00")
    story.day("24 Feb", "filer", "answers; 15 to 23 February were public holidays")
    data_export = next(m for m in document["materials"] if m["code"] == "M-13")
    changed = {**data_export, "content": data_export["content"] + "\nEvery field: hashed pile ids."}
    prepared = api.post("filer", f"/v1/filings/{filing}/versions", {"materials": [changed]})
    answered = sign_and(api, prepared, "supplement")
    story.equal("under review again", answered["state"], "UNDER_REVIEW")
    story.equal("version, whose hash all roles have signed", answered["version"], 2)

    api.clock("03-16T11:00")
    story.day("16 Mar", "regulator", "approves version 2")
    api.post(
        "regulator",
        f"/v1/filings/{filing}/approval",
        {"version": 2, "bundle_hash": prepared["bundle_hash"]},
    )
    filed = api.get("regulator", f"/v1/filings/{filing}")
    story.equal("published and anchored", filed["state"], "FILED")
    token = ledger.token.functions
    story.equal("cap on chain, units", token.cap().call(), 80_000)
    story.equal(
        "approved hash on chain",
        "0x" + token.bundleHash().call().hex(),
        prepared["bundle_hash"],
    )
    story.equal("valid for 12 months, until", filed["approval"]["valid_until"], "2027-03-16")


def admit(story: Story, api: Api, ledger: Ledger) -> None:
    """18 March."""
    api.clock("03-18T10:00")
    story.day("18 Mar", "registrar", "decides on six investors")
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
        answer = api.call("registrar", "POST", f"/v1/deals/{DEAL}/investors", document)
        if not expected[name]:
            story.expect(
                f"{name}, {document['name']}: admitted",
                answer.status_code == 202 and answer.json()["state"] == "confirmed",
                answer.text,
            )
            body = {"role": "investor", "name": document["name"], "investor": name}
            api.keys[name] = api.post("operator", "/v1/simulation/api-keys", body)["key"]
            continue
        refused = answer.json()
        cure = refused["findings"][0]["cure"] if refused.get("findings") else ""
        story.expect(
            f"{name}: refused by {', '.join(rules_of(answer))}. {cure}",
            answer.status_code == 409 and rules_of(answer) == expected[name],
            answer.text,
        )


def issue(story: Story, api: Api, ledger: Ledger, wallets: dict[str, Wallet]) -> None:
    """13 to 20 April."""
    api.clock("04-13T10:00")
    story.day("13 Apr", "issuer", "opens the offering; coin against tokens, atomically")
    api.post("issuer", f"/v1/deals/{DEAL}/offering/open")
    for name, units in (("H1", 50_000), ("H2", 20_000), ("H3", 10_000)):
        if name == "H3":
            api.clock("04-14T10:00")
        subscribed = subscribe(api, ledger, wallets[name], name, units)
        api.post(
            "issuer",
            f"/v1/deals/{DEAL}/issuances",
            {"tranche": "A", "investor": name, "units": units},
        )
        wallet = wallets[name].address
        held = ledger.token.functions.balanceOf(wallet).call()
        left = ledger.coin.functions.balanceOf(wallet).call()
        story.expect(
            f"{name}: {units:,} units for HKD {money(subscribed['price_micro'])}; on chain {held:,}"
            f" units, coin left {left}",
            (held, left) == (units, 0),
            (held, left),
        )
    issuer = Wallet(ledger, ISSUER_ACCOUNT)
    proceeds = ledger.coin.functions.balanceOf(issuer.address).call()
    story.equal("supply on chain", ledger.token.functions.totalSupply().call(), 80_000)
    story.equal("proceeds on the issuer's account, µ", proceeds, 80_000_000 * MICRO)
    subscribe(api, ledger, wallets["H1"], "H1", 1)
    body = {"tranche": "A", "investor": "H1", "units": 1}
    answer = api.call("issuer", "POST", f"/v1/deals/{DEAL}/issuances", body)
    told = f"one more unit: refused by {', '.join(rules_of(answer))}"
    story.expect(told, rules_of(answer) == ["FIL-17"], answer.text)
    token = ledger.token.functions
    direct = ledger.contract("dvp_settlement").functions.issue(
        ledger.token.address, wallets["H1"].address, 1, token.bundleHash().call(), 4
    )
    said = ledger.refusal(direct, issuer.address)
    story.expect(f"and by the chain on its own: {said}", said.startswith("CapExceeded"), said)

    api.clock("04-15T18:00")
    story.day("15 Apr", "issuer", "closes the offering; the reserve is funded from the proceeds")
    api.post("issuer", f"/v1/deals/{DEAL}/offering/close")
    filing = api.get("filer", f"/v1/deals/{DEAL}/filings")[-1]
    story.equal("the filing", filing["state"], "ISSUED_REPORT_DUE")
    due = filing["events"][0]["due_on"]
    story.note(f"completion report EV-01 due by {due}")
    said = ledger.refusal(token.transfer(wallets["H2"].address, 1), wallets["H1"].address)
    story.expect(f"transfers are still locked: {said}", said.startswith("TransfersLocked"), said)

    api.clock("04-20T10:00")
    story.day("20 Apr", "filer", "reports the completed issuance (EV-01)")
    report = {"code": "EV-01", "report": "80,000 units issued on 13 and 14 April 2026."}
    active = api.post("filer", f"/v1/filings/{filing['id']}/reports", report)
    story.equal("the deal", active["state"], "ACTIVE")
    story.equal("transfers open on chain", token.transfersOpen().call(), True)


def subscribe(api: Api, ledger: Ledger, wallet: Wallet, name: str, units: int) -> dict[str, Any]:
    """The investor subscribes, is given coin by its bank, and approves the price with its own key."""
    answer: dict[str, Any] = api.post(
        name, f"/v1/deals/{DEAL}/subscriptions", {"tranche": "A", "units": units}
    )
    price = int(answer["price_micro"])
    body = {
        "deal": DEAL,
        "wallet": wallet.address,
        "amount": str(price // MICRO),
        "reference": f"deposit {answer['id']}",
    }
    if units > 1:
        api.post("operator", "/v1/simulation/coin", body)
        wallet.send(ledger.coin.functions.approve(answer["pay_to"], price))
    return answer


def transfer(story: Story, api: Api, ledger: Ledger, wallets: dict[str, Wallet]) -> None:
    """6 May."""
    api.clock("05-06T11:00")
    story.day("6 May", "H1", "transfers with its own key, through JSON-RPC")
    token = ledger.token.functions
    h1, h2 = wallets["H1"], wallets["H2"]
    first = h1.send(token.transfer(h2.address, 1_000))["status"]
    back = h2.send(token.transfer(h1.address, 1_000))["status"]
    story.equal("1,000 units to H2 and back, status of both", (first, back), (1, 1))
    stranger = Wallet(ledger, 25)
    for told, receiver in (("a stranger", stranger.address), ("a pledge vault", vault(ledger, h1))):
        body = {
            "deal": DEAL,
            "tranche": "A",
            "sender": h1.address,
            "receiver": receiver,
            "units": 100,
        }
        check = api.post("H1", "/v1/checks/transfer", body)
        rules = [finding["rule"] for finding in check["findings"]]
        can = token.canTransfer(h1.address, receiver, 100).call()
        status = h1.send(token.transfer(receiver, 100))["status"]
        said = ledger.refusal(token.transfer(receiver, 100), h1.address)
        attempt = " (attempt CIR-01)" if "vault" in told else ""
        story.expect(
            f"to {told}{attempt}: refused. Dry run {', '.join(rules)}, canTransfer {can}, chain {said}",
            (status, can, rules) == (0, False, ["INV-01"])
            and said.startswith("ERC7943CannotReceive"),
            (status, can, rules, said),
        )
    pledge = ledger.web3.eth.contract(receiver, abi=artifact("PledgeVault")["abi"])
    h1.send(token.approve(receiver, 100))
    said = ledger.refusal(pledge.functions.pledge(100), h1.address)
    story.expect(
        f"nor can the vault pull them: {said}", said.startswith("ERC7943CannotReceive"), said
    )
    h1.send(token.approve(receiver, 0))
    agree(story, api)


def vault(ledger: Ledger, owner: Wallet) -> Any:
    """A real vault contract, deployed by the holder."""
    compiled = artifact("PledgeVault")
    contract = ledger.web3.eth.contract(
        abi=compiled["abi"], bytecode=compiled["bytecode"]["object"]
    )
    return owner.send(contract.constructor(ledger.token.address))["contractAddress"]


def agree(story: Story, api: Api) -> dict[str, Any]:
    """Register and chain, side by side."""
    position: dict[str, Any] = api.get("auditor", f"/v1/deals/{DEAL}/tranches/A")
    lines = ", ".join(
        f"{holder['investor']} {holder['units_in_register']:,}={holder['units_on_chain']:,}"
        for holder in position["holders"]
        if holder["units_on_chain"]
    )
    story.expect(f"database and chain agree: {lines}", position["agrees"], position)
    return position


def determine(story: Story, api: Api, ledger: Ledger) -> str:
    """6 to 8 July."""
    api.clock("07-06T12:00")
    story.day(
        "6 Jul", "servicer", "reports the collections of April to June, with the FX reference"
    )
    reported = api.file(
        "oracle", f"/v1/deals/{DEAL}/collections", DEALS / "ev-charging.collections.yaml"
    )
    batch = reported["batches"][0]
    story.note(f"CNY {int(batch['cny_fen']) / 100:,.2f} × 1.073512, {batch['fx_reference']}")
    story.equal("available funds, µ", batch["coin_micro"], "20918723607199")
    story.note(f"fraction of a micro-unit dropped: {batch['dropped_micro']}")

    api.clock("07-08T10:00")
    story.day("8 Jul", "paying agent", "makes a dry run, then determines the payment")
    dry = api.post("paying_agent", f"/v1/deals/{DEAL}/distributions/dry-run", {"period": 1})
    expected = {
        "trustee": 50_000_000_000,
        "servicer": 313_780_854_107,
        "A interest": 1_156_821_840_000,
        "reserve": 800_000_000_000,
        "A principal": 16_000_000_000_000,
        "S": 2_598_120_913_092,
    }
    table = Table("step", "pays", "µ", "HKD", title="Priority of payments, 15 July 2026")
    table.columns[2].justify = table.columns[3].justify = "right"
    found = {}
    for line in dry["lines"]:
        of_tranche = line["kind"] in ("interest", "principal")
        label = f"{line['subject']} {line['kind']}" if of_tranche else line["subject"]
        found[label] = int(line["paid_micro"])
        table.add_row(
            str(line["step"]), label, f"{int(line['paid_micro']):,}", money(line["paid_micro"])
        )
    console.print(table)
    story.equal("every step, to the micro-unit", found, expected)
    identity(story, dry["identity"])
    operation = api.post("paying_agent", f"/v1/deals/{DEAL}/distributions", {"period": 1})
    distribution: str = operation["subject"]
    determined = api.get("paying_agent", f"/v1/distributions/{distribution}")
    story.equal("the determination equals the dry run", determined["lines"], dry["lines"])
    recorded_at = ledger.token.functions.recordAt().call()
    story.equal(
        "record date announced on chain (10 July, 18:00), unix time", recorded_at, 1_783_677_600
    )
    return distribution


def identity(story: Story, sums: dict[str, Any]) -> None:
    """The line under the table."""
    names = (
        "collections",
        "reserve_before",
        "carry_before",
        "paid",
        "reserve_after",
        "carry_after",
    )
    amounts = {name: int(sums[f"{name}_micro"]) for name in names}
    told = (
        f"{amounts['collections']:,} + {amounts['reserve_before']:,} + {amounts['carry_before']:,}"
        f" = {amounts['paid']:,} + {amounts['reserve_after']:,} + {amounts['carry_after']:,}"
    )
    came = amounts["collections"] + amounts["reserve_before"] + amounts["carry_before"]
    went = amounts["paid"] + amounts["reserve_after"] + amounts["carry_after"]
    story.expect(f"identity: {told}", came == went and sums["holds"], (came, went))
    story.note("collections + reserve before + carry before = paid + reserve after + carry after")


def pay(
    story: Story, api: Api, ledger: Ledger, wallets: dict[str, Wallet], distribution: str
) -> None:
    """9 to 20 July."""
    token, h3 = ledger.token.functions, wallets["H3"]
    api.clock("07-09T10:00")
    story.day("9 Jul", "enforcement", "freezes H3: its name is on an updated sanctions list")
    name = api.get("registrar", "/v1/investors/H3")["name"]
    body = {"reference": "List update of 9 July 2026", "entries": [name]}
    api.call("enforcement", "PUT", "/v1/sanctions", body).raise_for_status()
    said = ledger.refusal(token.transfer(wallets["H1"].address, 1), h3.address)
    story.expect(f"H3 cannot send: {said}", said.startswith("ERC7943CannotSend"), said)

    api.clock("07-10T18:00")
    story.day("10 Jul", "paying agent", "closes the record date at 18:00")
    api.post("paying_agent", f"/v1/distributions/{distribution}/record")
    holders = api.get("paying_agent", f"/v1/distributions/{distribution}")["holders"]
    snapshot = {holder["investor"]: holder["units"] for holder in holders}
    story.equal("holders of record", snapshot, {"H1": 50_000, "H2": 20_000, "H3": 10_000})

    api.clock("07-13T11:00")
    story.day("13 Jul", "H2", "sells 5,000 units to H1, after the record date")
    sold = wallets["H2"].send(token.transfer(wallets["H1"].address, 5_000))["status"]
    story.equal("the transfer passes, status", sold, 1)
    position = agree(story, api)
    story.expect(
        f"outstanding per unit HKD {money(position['outstanding_per_unit_micro'])}; what H1 bought,"
        f" ex payment, HKD {money(position['ex_payment_per_unit_micro'])}",
        position["ex_payment_per_unit_micro"] == str(800 * MICRO),
        position,
    )

    api.clock("07-15T10:00")
    story.day("15 Jul", "paying agent", "declares and pays")
    before = {n: ledger.coin.functions.balanceOf(w.address).call() for n, w in wallets.items()}
    operation = api.post("paying_agent", f"/v1/distributions/{distribution}/payment")
    for command in operation["commands"]:
        story.note(
            f"block {command['block_number']}: {command['description']},"
            f" {command['gas_used']:,} gas"
        )
    paid = api.get("paying_agent", f"/v1/distributions/{distribution}")
    payment_table(story, ledger, wallets, before, paid)
    identity(story, paid["identity"])
    story.equal("outstanding per unit on chain, µ", token.outstandingPerUnit().call(), 800 * MICRO)
    position = agree(story, api)
    story.equal("factor", position["factor"], "0.80000000")
    books(story, api, ledger)

    api.clock("07-20T10:00")
    story.day("20 Jul", "enforcement, H3", "H3 is cleared, and collects with its own API key")
    frozen = api.call(
        "H3", "POST", f"/v1/distributions/{distribution}/releases", {"investor": "H3"}
    )
    refused = frozen.json().get("error") or {}
    story.expect(
        f"not before it is cleared: {refused.get('error')}",
        refused.get("error") == "HolderNotCleared",
        frozen.text,
    )
    body = {"reference": "List update of 20 July 2026", "entries": []}
    api.call("enforcement", "PUT", "/v1/sanctions", body).raise_for_status()
    api.post("enforcement", "/v1/investors/H3/clearance", {"reason": "removed from the list"})
    api.post("H3", f"/v1/distributions/{distribution}/releases", {"investor": "H3"})
    story.equal(
        "H3 is paid, µ",
        ledger.coin.functions.balanceOf(h3.address).call() - before["H3"],
        2_144_602_730_000,
    )
    distributor = ledger.contract("coupon_distributor")
    held = ledger.coin.functions.balanceOf(distributor.address).call()
    story.equal("nothing is left with the distributor, µ", held, 0)
    story.equal("and it owes nothing, µ", distributor.functions.liabilities().call(), 0)
    outcome = api.get("H3", f"/v1/distributions/{distribution}")["holders"][0]["outcome"]
    story.equal("H3's payment in the database", outcome, "RELEASED")


def payment_table(
    story: Story,
    ledger: Ledger,
    wallets: dict[str, Wallet],
    before: dict[str, int],
    paid: dict[str, Any],
) -> None:
    """Per holder: units, interest, principal, total, and what has become of it."""
    table = Table(
        "holder",
        "units",
        "interest µ",
        "principal µ",
        "total µ",
        "outcome",
        title="Payment of 15 July 2026 to the holders of 10 July, 18:00",
    )
    for column in table.columns[1:5]:
        column.justify = "right"
    found = {}
    for holder in paid["holders"]:
        name = holder["investor"]
        figures = [int(holder[f"{part}_micro"]) for part in ("interest", "principal", "total")]
        arrived = ledger.coin.functions.balanceOf(wallets[name].address).call() - before[name]
        found[name] = (*figures, holder["outcome"], arrived)
        row = [f"{figure:,}" for figure in figures]
        table.add_row(name, f"{holder['units']:,}", *row, holder["outcome"])
    console.print(table)
    story.equal(
        "every holder to the micro-unit, and the coin is in the wallets",
        found,
        {
            "H1": (723_013_650_000, 10**13, 10_723_013_650_000, "PAID", 10_723_013_650_000),
            "H2": (289_205_460_000, 4 * 10**12, 4_289_205_460_000, "PAID", 4_289_205_460_000),
            "H3": (144_602_730_000, 2 * 10**12, 2_144_602_730_000, "SET_ASIDE", 0),
        },
    )


def books(story: Story, api: Api, ledger: Ledger) -> None:
    """The books against the coin on chain."""
    accounts = {k: int(v) for k, v in api.get("auditor", f"/v1/deals/{DEAL}/ledger").items()}
    story.equal("the postings add up to zero", sum(accounts.values()), 0)
    agent = Wallet(ledger, 5).address
    on_chain = ledger.coin.functions.balanceOf(agent).call()
    story.equal(
        "reserve in the books = coin on the deal's account, µ",
        (accounts["reserve"], on_chain),
        (2_000_000 * MICRO, 2_000_000 * MICRO),
    )


def tell(connection: dict[str, Any]) -> int:
    """The whole storyboard; the number of surprises."""
    story = Story()
    console.rule("[bold]An overseas ABS issuance, from filing to coupon")
    api = Api(connection["url"], connection["api_keys"])
    ledger = Ledger(connection["rpc_url"])
    console.print(f"API {connection['url']}, JSON-RPC {connection['rpc_url']}", style="dim")
    wallets = {
        name: Wallet(ledger, FIRST_INVESTOR + offset)
        for offset, name in enumerate(("H1", "H2", "H3"))
    }
    deployment = deploy(story, api, ledger)
    file(story, api, ledger, deployment)
    admit(story, api, ledger)
    issue(story, api, ledger, wallets)
    transfer(story, api, ledger, wallets)
    distribution = determine(story, api, ledger)
    pay(story, api, ledger, wallets, distribution)
    api.http.close()
    return story.surprises
