"""The parties of a simulator as a scenario meets them: API keys, wallets, names, and what they have."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import httpx

from issuer.bootstrap import Simulator
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.roles import Role
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain import commands
from issuer.onchain.outside import Outside
from issuer.testing.deal import ExampleDeal

#: Where a simulator's API listens; it is served on the first call.
Reach = Callable[[Simulator], str]

TOKEN = commands.token_name("A")
_NOBODY = "0x" + "0" * 40
_WAIT_SECONDS = 20
#: People of no role: numbers of their demonstration accounts.
_OTHERS = {"stranger": 25, "accomplice": 26}
_PAYEES = ("trustee", "servicer", "originator")


class World:
    """One simulator, reached from outside. Close it."""

    def __init__(self, deal: ExampleDeal, reach: Reach) -> None:
        self.deal = deal
        self.simulator = deal.service.simulator
        # Only plain HTTP is spoken: httpx would spend a tenth of a second on loading certificates.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        url = reach(self.simulator)
        self._http = httpx.Client(base_url=url, timeout=60, verify=no_certificates)
        self._api_keys: dict[str, str] = {
            role.value: key for role, key in self.simulator.api_keys.items()
        }
        self.chain = Outside(self.simulator.rpc_url)
        self._wallets = deal.wallets
        self._called: list[str] = []

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self.chain.close()

    # ---- the API

    def request(
        self, who: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        """A request in somebody's name, answered when the chain has confirmed what it wants there."""
        sent = {"Prefer": f"wait={_WAIT_SECONDS}", **headers}
        if who != "nobody":
            sent["X-API-Key"] = self._api_key(who)
        return self._http.request(method, path, json=body, headers=sent)

    def read(self, who: str, path: str) -> Any:
        """What must be readable."""
        return self.request(who, "GET", path).raise_for_status().json()

    def _api_key(self, who: str) -> str:
        if who not in self._api_keys:
            asked = {"role": "investor", "name": who, "investor": who}
            path = "/v1/simulation/api-keys"
            answer = self.request("operator", "POST", path, asked).raise_for_status()
            self._api_keys[who] = answer.json()["key"]
        return self._api_keys[who]

    # ---- the chain

    def learn(self) -> None:
        """Take new contracts over into the address book, as the API publishes them.

        Those of another deal than the example are called by its id: `second/abs_token:A`. What is known
        stays: the address book of the API may be what somebody has altered.
        """
        for deal_id in self.read("operator", "/v1/deals"):
            for each in self.read("operator", f"/v1/deals/{deal_id}/deployment")["contracts"]:
                own = deal_id == self.deal.id or each["shared"]
                name = each["name"] if own else f"{deal_id}/{each['name']}"
                if name not in self.chain.book:
                    self.chain.learn(name, each["address"], each["artifact"])

    def deploy(self, wallet: str, artifact: str, arguments: Sequence[Any], called: str) -> None:
        """Deploy a contract with somebody's key. Raises `ChainRefused`."""
        self.chain.deploy(self.key(wallet), artifact, arguments, called)
        self._called.append(called)

    def account(self, who: str) -> str:
        """The address of a role, an investor, a contract, somebody of no role; its own for an address."""
        if who.startswith("0x"):
            return who
        if who == "nobody":
            return _NOBODY
        if who in self.chain.book:
            return self.chain.book[who]
        if who in _OTHERS:
            return _address(self._mnemonic, _OTHERS[who])
        if who in self._wallets:
            return self._wallets[who]
        if who in (*Role, *_PAYEES):
            return self.deal.account(who)
        raise unknown("account", who)

    def key(self, who: str) -> bytes:
        """The private key of whoever has one."""
        if key := self.key_of(self.account(who)):
            return key
        raise unknown("key", who)

    def key_of(self, address: str) -> bytes | None:
        """The private key of an address; None for one that has none here, such as a contract's."""
        for number in range(self.simulator.settings.accounts):
            if _address(self._mnemonic, number) == address:
                return _keychain(self._mnemonic).key(number)
        return None

    def is_role(self, who: str) -> bool:
        """Is it one of those whose transactions are the service's to number?"""
        return who in {role.value for role in ROLE_ACCOUNTS}

    def name_of(self, value: Any) -> Any:
        """What everybody calls an address."""
        return self._names().get(value, value) if isinstance(value, str) else value

    def filing(self, deal_id: str | None = None) -> dict[str, Any]:
        """The latest filing of a deal, as the API shows it."""
        deal_id = deal_id or self.deal.id
        found: list[dict[str, Any]] = self.read("regulator", f"/v1/deals/{deal_id}/filings")
        if not found:
            raise unknown("filing of", deal_id)
        return found[-1]

    def _names(self) -> dict[str, str]:
        people = (*ROLE_ACCOUNTS, *self._wallets, *_OTHERS, *self.chain.book, "nobody")
        return {self.account(who): str(who) for who in people}

    @property
    def _mnemonic(self) -> str:
        return self.simulator.settings.mnemonic

    # ---- what everybody has

    def evidence(self) -> dict[str, str | int]:
        """What an attempt may not alter: states by the API, units and coin by the contracts themselves."""
        deal = self.deal.id
        self.deal.service.settle()
        deals = self.read("auditor", "/v1/deals")
        found: dict[str, str | int] = {"deals": ", ".join(deals)}
        if deal not in deals:
            return found
        filings = self.read("regulator", f"/v1/deals/{deal}/filings")
        found["filing"] = filings[-1]["state"] if filings else "none"
        self.learn()
        if TOKEN not in self.chain.book:
            return found
        admitted = self.read("registrar", f"/v1/deals/{deal}/investors")
        found["admitted"] = ", ".join(each["id"] for each in admitted)
        return found | dict(self._balances())

    def _balances(self) -> Iterator[tuple[str, int]]:
        token = self.chain.read
        supply = token(TOKEN, "totalSupply")
        yield "supply", supply
        yield "cap", token(TOKEN, "cap")
        coin = commands.coin_name(self.deal.terms)
        holders = (*self._wallets, *_OTHERS, *self._called)
        for who in holders:
            units = token(TOKEN, "balanceOf", self.account(who))
            supply -= units
            yield f"units of {who}", units
        yield "units elsewhere", supply
        for who in (*holders, *_PAYEES):
            yield f"coin of {who}", token(coin, "balanceOf", self.account(who))


def unknown(what: str, name: str) -> InvalidInput:
    """A scenario speaks of something that is not there."""
    complaint = Complaint("", "scenario.unknown", f"there is no {what} {name!r} here")
    return InvalidInput("scenario", [complaint])


@cache
def _keychain(mnemonic: str) -> Keychain:
    return Keychain(mnemonic)


@cache
def _address(mnemonic: str, number: int) -> str:
    return _keychain(mnemonic).address(number)
