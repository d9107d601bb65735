"""The two payments: what is expected of each, the steps they have in common, and the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard.hands import ACCEPTED, Wallet
from storyboard.printing import MICRO, money, table
from storyboard.stage import DEAL, DEALS, PAYING_AGENT_ACCOUNT, Stage

RESERVE = 2_000_000 * MICRO


@dataclass(frozen=True)
class Coupon:
    """One payment and every figure expected of it, in micro-units, worked out by hand."""

    number: int
    file: str
    rate: str
    """HKD per CNY."""
    available: int
    steps: dict[str, int]
    pays_on: str
    record: str
    record_at: int
    """The same instant in unix time, as the chain has it."""
    holders: dict[str, tuple[int, int, int, int, str]]
    """Investor: units, interest, principal, total, outcome."""
    outstanding: int
    """Per unit, once it is paid."""
    factor: str

    @property
    def id(self) -> str:
        """Of the distribution."""
        return f"{DEAL}-d{self.number}"


# CNY 19,486,250.37 x 1.073512 = HKD 20,918,723.607199 44; the servicer's 1.5 % = 313,780.854107 98.
# Interest per unit: 1,000 x 0.058 x 91 / 365 = 14.460273 97; x 50,000, 20,000 and 10,000 units.
FIRST = Coupon(
    number=1,
    file="ev-charging.collections.yaml",
    rate="1.073512",
    available=20_918_723_607_199,
    steps={
        "trustee": 50_000_000_000,
        "servicer": 313_780_854_107,
        "A interest": 1_156_821_840_000,
        "reserve": 800_000_000_000,
        "A principal": 16_000_000_000_000,
        "reserve release": 0,
        "S": 2_598_120_913_092,
    },
    pays_on="15 July 2026",
    record="10 July, 18:00",
    record_at=1_783_677_600,
    holders={
        "H1": (50_000, 723_013_650_000, 10**13, 10_723_013_650_000, "PAID"),
        "H2": (20_000, 289_205_460_000, 4 * 10**12, 4_289_205_460_000, "PAID"),
        "H3": (10_000, 144_602_730_000, 2 * 10**12, 2_144_602_730_000, "SET_ASIDE"),
    },
    outstanding=800 * MICRO,
    factor="0.80000000",
)

# CNY 18,612,904.85 x 1.069847 = HKD 19,912,960.415057 95; the servicer's 1.5 % = 298,694.406225 86.
# Interest per unit: 800 x 0.058 x 92 / 365 = 11.695342 47; x 55,000, 15,000 and 10,000 units, for H2
# has sold 5,000 to H1. The reserve is full: what it took in July is left for S.
SECOND = Coupon(
    number=2,
    file="ev-charging.collections-2.yaml",
    rate="1.069847",
    available=19_912_960_415_057,
    steps={
        "trustee": 50_000_000_000,
        "servicer": 298_694_406_225,
        "A interest": 935_627_360_000,
        "reserve": 0,
        "A principal": 16_000_000_000_000,
        "reserve release": 0,
        "S": 2_628_638_648_832,
    },
    pays_on="15 October 2026",
    record="12 October, 18:00",
    record_at=1_791_799_200,
    holders={
        "H1": (55_000, 643_243_810_000, 11 * 10**12, 11_643_243_810_000, "PAID"),
        "H2": (15_000, 175_430_130_000, 3 * 10**12, 3_175_430_130_000, "PAID"),
        "H3": (10_000, 116_953_420_000, 2 * 10**12, 2_116_953_420_000, "PAID"),
    },
    outstanding=600 * MICRO,
    factor="0.60000000",
)


def first_coupon(stage: Stage) -> None:
    """6 to 20 July."""
    story, api = stage.story, stage.api
    told = "reports the collections of April to June, with the FX reference"
    stage.day("6 Jul", "12:00", "servicer", told)
    collect(stage, FIRST)
    stage.day("8 Jul", "10:00", "paying agent", "makes a dry run, then determines the payment")
    determine(stage, FIRST)

    told = "freezes H3: its name is on an updated sanctions list"
    stage.day("9 Jul", "10:00", "enforcement", told)
    name = api.get("registrar", "/v1/investors/H3")["name"]
    body: dict[str, Any] = {"reference": "List update of 9 July 2026", "entries": [name]}
    api.put("enforcement", "/v1/sanctions", body)
    said = stage.try_to_transfer("H3", "H1", 1)
    story.expect(f"H3 cannot send: {said}", said.startswith("ERC7943CannotSend"), said)

    stage.day("10 Jul", "18:00", "paying agent", "closes the record date at 18:00")
    close_record_date(stage, FIRST)

    stage.day("13 Jul", "11:00", "H2", "sells 5,000 units to H1, after the record date")
    said = stage.transfer("H2", "H1", 5_000)
    story.equal("the transfer", said, ACCEPTED)
    position = stage.agree()
    story.expect(
        f"outstanding per unit HKD {money(position['outstanding_per_unit_micro'])}; what H1 bought,"
        f" ex payment, HKD {money(position['ex_payment_per_unit_micro'])}",
        position["ex_payment_per_unit_micro"] == str(FIRST.outstanding),
        position,
    )

    stage.day("15 Jul", "10:00", "paying agent", "declares and pays")
    pay(stage, FIRST)
    accounts = stage.books()
    story.equal(
        "reserve in the books = coin on the deal's account, µ",
        (accounts["reserve"], coin_of_the_deal(stage)),
        (RESERVE, RESERVE),
    )

    told = "clears H3, which then collects with its own API key"
    stage.day("20 Jul", "10:00", "enforcement", told)
    _release(stage)


def collect(stage: Stage, coupon: Coupon) -> None:
    """The servicer reports: renminbi becomes coin at the stated rate."""
    path = f"/v1/deals/{DEAL}/collections"
    batches = stage.api.send_file("oracle", path, DEALS / coupon.file)["batches"]
    batch = next(each for each in batches if each["period"] == coupon.number)
    cny = int(batch["cny_fen"])
    stage.story.note(f"CNY {cny // 100:,}.{cny % 100:02d} × {coupon.rate}, {batch['fx_reference']}")
    stage.story.equal("available funds, µ", int(batch["coin_micro"]), coupon.available)
    stage.story.note(f"fraction of a micro-unit dropped: {batch['dropped_micro']}")


def determine(stage: Stage, coupon: Coupon) -> None:
    """Dry run, then the same for good; the record date is announced on chain."""
    story, api = stage.story, stage.api
    path, body = f"/v1/deals/{DEAL}/distributions", {"period": coupon.number}
    dry = api.post("paying_agent", f"{path}/dry-run", body)
    found = {_label(line): int(line["paid_micro"]) for line in dry["lines"]}
    rows = [
        (str(line["step"]), _label(line), int(line["paid_micro"]), money(line["paid_micro"]))
        for line in dry["lines"]
    ]
    table(f"Priority of payments, {coupon.pays_on}", ("step", "pays", ">µ", ">HKD"), rows)
    story.equal("every step, to the micro-unit", found, coupon.steps)
    identity(stage, dry["identity"])
    api.post("paying_agent", path, body)
    determined = api.get("paying_agent", f"/v1/distributions/{coupon.id}")
    story.equal("the determination equals the dry run", determined["lines"], dry["lines"])
    story.equal(
        f"record date announced on chain ({coupon.record}), unix time",
        stage.ledger.token("recordAt"),
        coupon.record_at,
    )


def close_record_date(stage: Stage, coupon: Coupon) -> None:
    """Whoever holds at that instant is paid."""
    stage.api.post("paying_agent", f"/v1/distributions/{coupon.id}/record")
    holders = stage.api.get("paying_agent", f"/v1/distributions/{coupon.id}")["holders"]
    snapshot = {holder["investor"]: holder["units"] for holder in holders}
    expected = {name: figures[0] for name, figures in coupon.holders.items()}
    told = ", ".join(f"{name} {units:,}" for name, units in snapshot.items())
    stage.story.equal(f"holders of record: {told}", snapshot, expected)


def pay(stage: Stage, coupon: Coupon) -> None:
    """Declared and paid: the holders' table, and what is outstanding afterwards."""
    story, api, ledger = stage.story, stage.api, stage.ledger
    before = {name: ledger.coin_of(wallet.address) for name, wallet in stage.wallets.items()}
    operation = api.post("paying_agent", f"/v1/distributions/{coupon.id}/payment")
    for sent in operation["commands"]:
        story.note(f"block {sent['block_number']}: {sent['description']}, {sent['gas_used']:,} gas")
    paid = api.get("paying_agent", f"/v1/distributions/{coupon.id}")
    _holders_table(stage, coupon, paid["holders"], before)
    identity(stage, paid["identity"])
    outstanding = ledger.token("outstandingPerUnit")
    story.equal("outstanding per unit on chain, µ", outstanding, coupon.outstanding)
    story.equal("factor", stage.agree()["factor"], coupon.factor)


def identity(stage: Stage, sums: dict[str, Any]) -> None:
    """The line under the table."""
    came = [
        int(sums[f"{name}_micro"]) for name in ("collections", "reserve_before", "carry_before")
    ]
    went = [int(sums[f"{name}_micro"]) for name in ("paid", "reserve_after", "carry_after")]
    told = f"{' + '.join(f'{n:,}' for n in came)} = {' + '.join(f'{n:,}' for n in went)}"
    holds = sum(came) == sum(went) and sums["holds"]
    stage.story.expect(f"identity: {told}", holds, (sum(came), sum(went)))
    stage.story.note(
        "collections + reserve before + carry before = paid or held + reserve after + carry after"
    )


def coin_of_the_deal(stage: Stage) -> int:
    """What lies on the deal's account, on chain."""
    return stage.ledger.coin_of(Wallet(stage.ledger, PAYING_AGENT_ACCOUNT).address)


def _label(line: dict[str, Any]) -> str:
    named = line["kind"] in ("interest", "principal", "release")
    return f"{line['subject']} {line['kind']}" if named else str(line["subject"])


def _holders_table(
    stage: Stage, coupon: Coupon, holders: list[dict[str, Any]], before: dict[str, int]
) -> None:
    """Per holder: units, interest, principal, total, what has become of it; and the wallets."""
    found, arrived = {}, {}
    for holder in holders:
        name = holder["investor"]
        amounts = [int(holder[f"{part}_micro"]) for part in ("interest", "principal", "total")]
        found[name] = (holder["units"], *amounts, holder["outcome"])
        arrived[name] = stage.ledger.coin_of(stage.wallets[name].address) - before[name]
    table(
        f"Payment of {coupon.pays_on} to the holders of {coupon.record}",
        ("holder", ">units", ">interest µ", ">principal µ", ">total µ", "outcome"),
        [(name, *figures) for name, figures in found.items()],
    )
    stage.story.equal("every holder, to the micro-unit", found, coupon.holders)
    expected = {
        name: figures[3] if figures[4] == "PAID" else 0 for name, figures in coupon.holders.items()
    }
    stage.story.equal("and the coin is in the wallets of those who are paid", arrived, expected)


def _release(stage: Stage) -> None:
    """What was set aside for H3 reaches it once it is cleared, and not before."""
    story, api, ledger = stage.story, stage.api, stage.ledger
    path, body = f"/v1/distributions/{FIRST.id}/releases", {"investor": "H3"}
    frozen = api.call("H3", "POST", path, body)
    refused = (frozen.json().get("error") or {}).get("error")
    story.expect(f"not before it is cleared: {refused}", refused == "HolderNotCleared", frozen.text)
    h3 = stage.wallets["H3"].address
    before = ledger.coin_of(h3)
    api.put("enforcement", "/v1/sanctions", {"reference": "List of 20 July 2026", "entries": []})
    api.post("enforcement", "/v1/investors/H3/clearance", {"reason": "removed from the list"})
    api.post("H3", path, body)
    story.equal("H3 is paid, µ", ledger.coin_of(h3) - before, FIRST.holders["H3"][3])
    distributor = "coupon_distributor"
    held = ledger.coin_of(ledger.address(distributor))
    story.equal("nothing is left with the distributor, µ", held, 0)
    story.equal("and it owes nothing, µ", ledger.read(distributor, "liabilities"), 0)
    outcome = api.get("H3", f"/v1/distributions/{FIRST.id}")["holders"][0]["outcome"]
    story.equal("H3's payment in the database", outcome, "RELEASED")
