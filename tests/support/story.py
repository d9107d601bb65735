"""The example deal, brought to a stage of its life over HTTP.

`Story.reach("filed")` carries out every step up to that stage, on the dates of the storyboard. Each
step is also a method of its own, for tests that leave the beaten path.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from issuer.documents.text import read_file
from issuer.testing.wallet_proofs import wallet_proof
from tests.support.simulator import Client, Ledger, Served, key_of, private_key

DEALS = Path(__file__).resolve().parents[2] / "scripts" / "deals"
DEAL = "ev-charging"
MICRO = 1_000_000
PRICE_MICRO = 1_000 * MICRO
#: Attester role -> number of its demonstration account; they sign in this order.
ATTESTERS = MappingProxyType(
    {
        "legal_representative": 11,
        "actual_controller": 12,
        "directors": 13,
        "arranger": 14,
        "counsel": 15,
    }
)
#: Investor id -> number of the demonstration account of its wallet.
WALLETS = MappingProxyType(
    {"H1": 16, "H2": 17, "H3": 18, "mainland-resident": 19, "hk-shell": 20, "stale-evidence": 21}
)
STRANGER = 25
ALLOTMENT = MappingProxyType({"H1": 50_000, "H2": 20_000, "H3": 10_000})

STAGES = (
    "fresh",
    "registered",
    "deployed",
    "drafted",
    "submitted",
    "under_review",
    "filed",
    "admitted",
    "offering_open",
    "issued",
    "active",
    "collected",
    "determined",
    "recorded",
    "paid",
)


@cache
def _file(name: str) -> dict[str, Any]:
    return read_file(DEALS / name)


def document(name: str) -> dict[str, Any]:
    """A copy of an example file: `ev-charging.yaml`, `ev-charging.filing.yaml` and so on."""
    return copy.deepcopy(_file(name))


def investor_document(investor: str, **changes: Any) -> dict[str, Any]:
    """A copy of an investor of the example file, by id, with changes.

    Under another id or with another wallet it is signed anew, by the wallet's own key.
    """
    listed = document("ev-charging.investors.yaml")["investors"]
    found: dict[str, Any] = next(each for each in listed if each["id"] == investor) | changes
    if {"id", "wallet"} & changes.keys() and "wallet_proof" not in changes:
        found["wallet_proof"] = wallet_proof(found["id"], found["wallet"], key_of(found["wallet"]))
    return found


def offer(name: str = "p1", price: str = "500000", **changes: Any) -> dict[str, Any]:
    """Assets offered for the first payment: one of the register's kind, with changes."""
    asset = document("ev-charging.filing.yaml")["assets"][0] | {
        "id": f"EVC-{name}",
        "balance": "500000",
        "obligors": [],
        "dispersed_payers": True,
        "revenue_history": [],
        "rate": "6.00",
        "months": 36,
        "location": "Suzhou",
    }
    assets = [asset | changes]
    return {"id": name, "period": 1, "seller": "originator", "price": price, "assets": assets}


def instant(when: str) -> str:
    """`07-10T18:00` of 2026, or a full local time such as `2027-03-16T08:00`, in Hong Kong."""
    full = when if when.startswith("20") else f"2026-{when}"
    return f"{full}:00+08:00" if full.count(":") == 1 else f"{full}+08:00"


class Story:
    """One served simulator and how far its deal is."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.client = Client(served.url, served.keys)
        self.ledger = Ledger(served.rpc_url)
        self.stage = "fresh"
        self.deployment: dict[str, Any] = {}
        #: What the latest draft or prepared version answered: `filing`, `bundle_hash`, `to_sign`.
        self.prepared: dict[str, Any] = {}
        self.distribution = f"{DEAL}-d1"

    def close(self) -> None:
        """Close the connections; the server is its owner's to stop."""
        self.client.close()
        self.ledger.close()

    # ---- stages

    def reach(self, stage: str) -> Story:
        """Carry out the steps that lead from here to `stage`; returns itself."""
        for each in STAGES[STAGES.index(self.stage) + 1 : STAGES.index(stage) + 1]:
            self._steps()[each]()
            self.stage = each
        self.served.settle()
        return self

    def _steps(self) -> dict[str, Callable[[], Any]]:
        return {
            "registered": self.register,
            "deployed": self.deploy,
            "drafted": lambda: (self.clock("02-12T10:00"), self.draft()),
            "submitted": lambda: (self.sign(), self.submit()),
            "under_review": self.check_formality,
            "filed": lambda: (self.clock("03-02T11:00"), self.approve()),
            "admitted": lambda: (self.clock("03-18T10:00"), self.admit_all()),
            "offering_open": lambda: (self.clock("04-13T10:00"), self.open_offering()),
            "issued": self.issue_all,
            "active": self._become_active,
            "collected": lambda: (self.clock("07-06T12:00"), self.collect()),
            "determined": lambda: (self.clock("07-08T10:00"), self.determine()),
            "recorded": lambda: (self.clock("07-10T18:00"), self.record()),
            "paid": lambda: (self.clock("07-15T10:00"), self.pay()),
        }

    # ---- the clock

    def clock(self, when: str) -> None:
        """Move the clock to an instant in Hong Kong time, such as `07-10T18:00`."""
        self.client.do("operator", "/v1/simulation/clock", {"now": instant(when)})

    # ---- before the filing

    def register(self) -> Any:
        """The operator registers the deal."""
        return self.client.do("operator", "/v1/deals", document("ev-charging.yaml"))

    def deploy(self) -> Any:
        """The operator deploys its contracts."""
        operation = self.client.do("operator", f"/v1/deals/{DEAL}/deployment")
        self.deployment = self.client.read(None, f"/v1/deals/{DEAL}/deployment")
        self.ledger.learn(self.deployment["contracts"])
        return operation

    # ---- the filing

    @property
    def filing(self) -> str:
        """Id of the latest filing."""
        return str(self.prepared["filing"]["id"])

    def filing_now(self) -> Any:
        """The latest filing as it stands."""
        return self.client.read(None, f"/v1/filings/{self.filing}")

    def filing_document(self) -> dict[str, Any]:
        """The example filing, its plan naming this chain and the deployed contracts."""
        found = document("ev-charging.filing.yaml")
        found["plan"]["chain_id"] = self.deployment["chain_id"]
        found["plan"]["contracts"] = [
            {name: each[name] for name in ("name", "address", "code_hash")}
            for each in self.deployment["contracts"]
            if not each["shared"]
        ]
        return found

    def draft(self, body: dict[str, Any] | None = None) -> Any:
        """The filer drafts a filing."""
        path = f"/v1/deals/{DEAL}/filings"
        self.prepared = self.client.do("filer", path, body or self.filing_document())
        return self.prepared

    def prepare(self, materials: list[dict[str, Any]]) -> Any:
        """The filer prepares the next version."""
        body = {"materials": materials}
        self.prepared = self.client.do("filer", f"/v1/filings/{self.filing}/versions", body)
        return self.prepared

    def signature(self, role: str, number: int | None = None) -> str:
        """The EIP-712 signature of what is prepared, by the role's key or another account's."""
        message = encode_typed_data(full_message=self.prepared["to_sign"][role])
        key = private_key(ATTESTERS[role] if number is None else number)
        return "0x" + bytes(Account.sign_message(message, key).signature).hex()

    def sign(self, roles: Iterable[str] = tuple(ATTESTERS)) -> None:
        """The attesters sign what is prepared."""
        for role in roles:
            body = {"role": role, "signature": self.signature(role)}
            self.client.do("filer", f"/v1/filings/{self.filing}/attestations", body)

    def submit(self) -> Any:
        """The filer submits."""
        return self.client.do("filer", f"/v1/filings/{self.filing}/submission")

    def check_formality(self) -> Any:
        """The regulator takes the filing up, or does not."""
        return self.client.do("regulator", f"/v1/filings/{self.filing}/formality-check")

    def request_supplement(self, materials: Iterable[str] = ("M-13",)) -> Any:
        """The regulator asks for more."""
        body = {"materials": list(materials), "note": "State how each field is de-identified."}
        return self.client.do("regulator", f"/v1/filings/{self.filing}/supplement-request", body)

    def approval_body(self) -> dict[str, Any]:
        """What the regulator sends to approve what is prepared."""
        return {
            "version": self.prepared["version"],
            "bundle_hash": self.prepared["bundle_hash"],
        }

    def approve(self) -> Any:
        """The regulator approves what was prepared last; confirmed on chain, it is FILED."""
        path = f"/v1/filings/{self.filing}/approval"
        return self.client.do("regulator", path, self.approval_body())

    # ---- investors

    def admit(self, investor: str) -> Any:
        """The registrar admits an investor, and the operator gives it an API key of its own."""
        operation = self.client.do(
            "registrar", f"/v1/deals/{DEAL}/investors", investor_document(investor)
        )
        self.give_key(investor)
        return operation

    def give_key(self, investor: str) -> None:
        """An API key for an investor on the register."""
        body = {"role": "investor", "name": investor, "investor": investor}
        answer = self.client.do("operator", "/v1/simulation/api-keys", body)
        self.client.keys[investor] = answer["key"]

    def admit_all(self) -> None:
        """H1, H2 and H3."""
        for investor in ALLOTMENT:
            self.admit(investor)

    # ---- the offering

    def open_offering(self) -> Any:
        """The issuer opens the offering."""
        return self.client.do("issuer", f"/v1/deals/{DEAL}/offering/open")

    def subscribe(self, investor: str, units: int) -> Any:
        """An investor subscribes with its own key."""
        body = {"tranche": "A", "units": units}
        return self.client.do(investor, f"/v1/deals/{DEAL}/subscriptions", body)

    def supply_coin(self, wallet: str, whole: int, reference: str) -> Any:
        """The coin's bank supplies a wallet."""
        body = {"deal": DEAL, "wallet": wallet, "amount": str(whole), "reference": reference}
        return self.client.do("operator", "/v1/simulation/coin", body)

    def pay_in(self, investor: str, subscription: dict[str, Any]) -> None:
        """The investor is given the price in coin and approves it with its own wallet."""
        price = int(subscription["price_micro"])
        wallet = investor_document(investor)["wallet"]
        self.supply_coin(wallet, price // MICRO, f"deposit {subscription['id']}")
        self.approve_coin(investor, price)

    def approve_coin(self, investor: str, amount_micro: int) -> None:
        """An investor lets the settlement contract pull coin."""
        spender = self.ledger.address("dvp_settlement")
        number = WALLETS[investor]
        assert self.ledger.send(number, "settlement_coin:HKDS", "approve", spender, amount_micro), (
            "the coin refused the approval"
        )

    def issue(self, investor: str, units: int) -> Any:
        """The issuer issues what was subscribed."""
        return self.client.do(
            "issuer", f"/v1/deals/{DEAL}/issuances", self.issuance_body(investor, units)
        )

    @staticmethod
    def issuance_body(investor: str, units: int) -> dict[str, Any]:
        """What the issuer sends to issue units of class A."""
        return {"tranche": "A", "investor": investor, "units": units}

    def sell(self, investor: str, units: int) -> Any:
        """Subscribed, paid in and issued."""
        self.pay_in(investor, self.subscribe(investor, units))
        return self.issue(investor, units)

    def issue_all(self) -> None:
        """50,000, 20,000 and 10,000 units."""
        for investor, units in ALLOTMENT.items():
            self.sell(investor, units)

    def close_offering(self) -> Any:
        """The issuer closes the offering."""
        return self.client.do("issuer", f"/v1/deals/{DEAL}/offering/close")

    def report_completion(self) -> Any:
        """The filer reports the completed issuance (EV-01)."""
        body = {"code": "EV-01", "report": "80,000 units issued."}
        return self.client.do("filer", f"/v1/filings/{self.filing}/reports", body)

    def _become_active(self) -> None:
        self.clock("04-15T18:00")
        self.close_offering()
        self.clock("04-20T10:00")
        self.report_completion()

    # ---- cash

    def collect(self, body: dict[str, Any] | None = None) -> Any:
        """The oracle reports the collections of the example."""
        return self.client.do(
            "oracle",
            f"/v1/deals/{DEAL}/collections",
            body or document("ev-charging.collections.yaml"),
        )

    def determine(self, period: int = 1) -> Any:
        """The paying agent determines a period."""
        path = f"/v1/deals/{DEAL}/distributions"
        operation = self.client.do("paying_agent", path, {"period": period})
        self.distribution = str(operation["subject"])
        return operation

    def record(self) -> Any:
        """The paying agent closes the record date."""
        return self.client.do("paying_agent", f"/v1/distributions/{self.distribution}/record")

    def pay(self) -> Any:
        """The paying agent declares and pays."""
        return self.client.do("paying_agent", f"/v1/distributions/{self.distribution}/payment")

    def coin_of(self, investor: str) -> int:
        """Coin in an investor's wallet, in micro-units."""
        wallet = investor_document(investor)["wallet"]
        return int(self.ledger.read("settlement_coin:HKDS", "balanceOf", wallet))

    def units_of(self, investor: str) -> int:
        """Units in an investor's wallet, by the token itself."""
        wallet = investor_document(investor)["wallet"]
        return int(self.ledger.read("abs_token:A", "balanceOf", wallet))
