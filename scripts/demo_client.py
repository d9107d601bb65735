"""What the demo has in its hands: the HTTP API, the chain's JSON-RPC, and wallets of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from rich.console import Console
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError

from chain.errors import ErrorDecoder
from issuer.config import DEMO_MNEMONIC
from issuer.keys import Keychain

ROOT = Path(__file__).resolve().parents[1]
KEYS = Keychain(DEMO_MNEMONIC)
MICRO = 1_000_000
GAS = 3_000_000

console = Console(width=108, highlight=False)


class Story:
    """Prints the steps and counts what did not come out as expected."""

    def __init__(self) -> None:
        self.surprises = 0

    def day(self, date: str, who: str, what: str) -> None:
        """A row of the storyboard begins."""
        console.print(f"\n[bold cyan]{date:<12}[/][bold]{who}[/] {what}")

    def expect(self, told: str, holds: bool, found: Any = "") -> None:
        """One outcome, beside what was expected of it."""
        if holds:
            console.print(f"  [green]✓[/] {told}")
            return
        self.surprises += 1
        console.print(f"  [bold red]✗ {told}[/]  found: {found}")

    def equal(self, told: str, found: Any, expected: Any) -> None:
        """One figure or word, to the last digit."""
        if found == expected and isinstance(found, int | str | bool):
            shown = f"{found:,}" if type(found) is int else str(found)
            told = f"{told}: [bold]{shown}[/]"
        self.expect(told, found == expected, f"{found!r}, expected {expected!r}")

    def note(self, text: str) -> None:
        """What a reader may want to know besides."""
        console.print(f"    [dim]{text}[/]")


class Api:
    """The HTTP API with one key for each role."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.keys = dict(keys)

    def call(self, role: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request, answered when the chain has confirmed what it wants there."""
        headers = {"X-API-Key": self.keys[role], "Prefer": "wait=20"}
        return self.http.request(method, path, json=body, headers=headers)

    def post(self, role: str, path: str, body: Any = None) -> Any:
        """A request that is expected to pass; an operation must end confirmed."""
        answer = self.call(role, "POST", path, body)
        if answer.is_error:
            raise SystemExit(f"POST {path} as {role}: {answer.status_code} {answer.text}")
        content = answer.json()
        for each in content if isinstance(content, list) else [content]:
            if isinstance(each, dict) and each.get("commands") and each["state"] != "confirmed":
                raise SystemExit(f"POST {path} as {role}: {each['state']} {each['error']}")
        return content

    def get(self, role: str, path: str) -> Any:
        """A reading that is expected to pass."""
        answer = self.call(role, "GET", path)
        answer.raise_for_status()
        return answer.json()

    def file(self, role: str, path: str, file: Path) -> Any:
        """Send a YAML file as it is."""
        answer = self.http.post(
            path,
            content=file.read_bytes(),
            headers={
                "X-API-Key": self.keys[role],
                "Content-Type": "application/yaml",
                "Prefer": "wait=20",
            },
        )
        if answer.is_error:
            raise SystemExit(f"{file.name}: {answer.status_code} {answer.json()['detail']}")
        return answer.json()

    def clock(self, when: str) -> None:
        """Move the simulated clock; the chain's time follows."""
        self.post("operator", "/v1/simulation/clock", {"now": f"2026-{when}:00+08:00"})


class Ledger:
    """The chain, reached by JSON-RPC as any web3 client reaches it."""

    def __init__(self, rpc_url: str) -> None:
        # web3 asks for the chain id before every call; once is enough.
        self.web3 = Web3(HTTPProvider(rpc_url, cache_allowed_requests=True))
        self._abis = {name: artifact(name)["abi"] for name in _CONTRACTS}
        self._errors = ErrorDecoder(self._abis.values())
        self._book: dict[str, str] = {}
        self._contracts: dict[str, Any] = {}

    def learn(self, contracts: list[dict[str, Any]]) -> None:
        """Take over the address book that the deployment answered."""
        self._book = {each["name"]: each["address"] for each in contracts}

    def contract(self, name: str) -> Any:
        """A contract of the address book; web3 takes a while to make one, so each is made once."""
        if name not in self._contracts:
            abi = self._abis[_CONTRACTS_OF[name.partition(":")[0]]]
            address = Web3.to_checksum_address(self._book[name])
            self._contracts[name] = self.web3.eth.contract(address, abi=abi)
        return self._contracts[name]

    @property
    def token(self) -> Any:
        """The notes of class A."""
        return self.contract("abs_token:A")

    @property
    def coin(self) -> Any:
        """The Hong Kong dollar coin."""
        return self.contract("settlement_coin:HKDS")

    def refusal(self, function: Any, sender: str) -> str:
        """What the chain answers to a call that it must refuse: the error and its operands."""
        try:
            function.call({"from": sender, "gas": GAS})
        except ContractCustomError as error:
            decoded = self._errors.decode(bytes.fromhex(str(error.data)[2:]))
            listed = ", ".join(f"{name}={value}" for name, value in decoded.args.items())
            return f"{decoded.name}({listed})"
        return "accepted"


class Wallet:
    """An investor's own key: nobody else can sign for it."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self.account = Account.from_key(KEYS.key(number))
        self.address = str(self.account.address)
        self.ledger = ledger

    def send(self, transaction: Any) -> Any:
        """Sign here, send raw, wait for the receipt."""
        eth = self.ledger.web3.eth
        built = transaction.build_transaction(
            {
                "from": self.address,
                "nonce": eth.get_transaction_count(self.address),
                "gas": GAS,
                "maxFeePerGas": 0,
                "maxPriorityFeePerGas": 0,
            }
        )
        raw = self.account.sign_transaction(built).raw_transaction
        return eth.wait_for_transaction_receipt(eth.send_raw_transaction(raw))


_CONTRACTS = (
    "AbsToken",
    "SettlementCoin",
    "DvpSettlement",
    "CouponDistributor",
    "FilingRegistry",
    "InvestorRegistry",
    "PledgeVault",
)
_CONTRACTS_OF = {
    "abs_token": "AbsToken",
    "settlement_coin": "SettlementCoin",
    "dvp_settlement": "DvpSettlement",
    "coupon_distributor": "CouponDistributor",
}


def artifact(name: str) -> Any:
    """A compiled contract."""
    return json.loads((ROOT / "chain" / "artifacts" / f"{name}.json").read_text())


def rules_of(answer: httpx.Response) -> list[str]:
    """The rules a refusal names."""
    return list(dict.fromkeys(f["rule"] for f in answer.json().get("findings", [])))


def money(micro: int | str) -> str:
    """Micro-units for people."""
    whole, part = divmod(int(micro), MICRO)
    return f"{whole:,}.{part:06d}"
