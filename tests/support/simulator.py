"""A simulator as its users meet it: a database file, a chain and a worker, served over HTTP.

Nothing here is a stand-in. `serve` runs the application under uvicorn on a free loopback port,
`Client` speaks HTTP to it with one API key for each party, and `Ledger` speaks JSON-RPC to its chain
with wallets of its own, as any web3 client would.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from sqlalchemy import select

from api.loopback import Loopback
from chain.abi import decode_arguments, find_function
from chain.artifacts import Artifact, ArtifactStore
from chain.client import encode_call
from chain.errors import ErrorDecoder
from issuer.bootstrap import ARTIFACTS, Simulator, build
from issuer.config import DEMO_MNEMONIC, Settings
from issuer.keys import Keychain
from issuer.onchain.backends import Node
from issuer.store.tables import metadata

WAIT_SECONDS = 20
GAS = 3_000_000
#: More demonstration accounts than any test has wallets.
_ACCOUNTS = 100
#: Kept answers are no part of the deal: a refused request claims its key and gives it back.
NOT_OF_THE_DEAL = frozenset({"idempotency"})

#: So many rows are shown by a comparison that fails; more would hide what differs.
_FEW = 6


@dataclass(frozen=True, slots=True)
class Served:
    """A running simulator and where it listens."""

    simulator: Simulator
    url: str

    @property
    def rpc_url(self) -> str:
        """JSON-RPC of the embedded chain."""
        return self.simulator.rpc_url

    @property
    def keys(self) -> dict[str, str]:
        """One API key for each role but investor."""
        return {role.value: key for role, key in self.simulator.api_keys.items()}

    def settle(self) -> None:
        """Return when the worker has nothing left to do and the register is up to date, also with the
        anchor of the log, for which the worker does not wait on a node.
        """
        self.simulator.worker.drain()
        if isinstance(self.simulator.backend, Node):
            self.simulator.backend.let_mine()
            self.simulator.worker.drain()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, and how far the chain is: equal before and after a refusal."""
        with self.simulator.context.database.reading() as connection:
            found = {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
                if table.name not in NOT_OF_THE_DEAL
            }
        found["chain"] = [self.simulator.context.chain.head()]
        return found

    def fingerprint(self) -> dict[str, str]:
        """`tables`, one short text for each: cheap to keep and to compare."""
        return {
            name: repr(rows)
            if len(rows) < _FEW
            else f"{len(rows)} rows, {hashlib.sha256(repr(rows).encode()).hexdigest()[:16]}"
            for name, rows in self.tables().items()
        }


@contextmanager
def node_settings(backend: str) -> Iterator[dict[str, Any]]:
    """What makes a simulator stand on a fresh chain of this kind: `embedded` or `anvil`."""
    if backend == "embedded":
        yield {"rpc_port": 0}
        return
    from chain.anvil import Anvil, AnvilOptions

    with Anvil(AnvilOptions(int(Settings().start.timestamp()) - 1)) as node:
        yield {"rpc_url": node.url}


@contextmanager
def serve(folder: Path, backend: str = "embedded", **settings: Any) -> Iterator[Served]:
    """Build a fresh simulator on a database file in `folder` and serve it until the block ends."""
    database = f"sqlite:///{folder / 'abs-sim.db'}"
    with (
        node_settings(backend) as chain,
        build(Settings(database=database, **{**chain, **settings})) as simulator,
        Loopback() as loopback,
    ):
        yield Served(simulator, loopback.url_of(simulator))


def _http(url: str) -> httpx.Client:
    # Only plain HTTP is spoken: httpx would spend a tenth of a second on loading certificates.
    return httpx.Client(base_url=url, timeout=60, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class Client:
    """The HTTP API with the key of each party: `who` is a role, or an investor's id."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        self.http = _http(url)
        self.keys = dict(keys)

    def call(
        self,
        who: str | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        wait: int = WAIT_SECONDS,
        idempotency_key: str | None = None,
    ) -> httpx.Response:
        """One request with a JSON body; `who` None sends no key. The answer may be a refusal."""
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        if who is not None:
            headers["X-API-Key"] = self.keys[who]
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self.http.request(method, path, json=body, headers=headers)

    def get(self, who: str | None, path: str) -> httpx.Response:
        """Read; the answer may be a refusal."""
        return self.call(who, "GET", path)

    def post(self, who: str | None, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Ask for something; the answer may be a refusal."""
        return self.call(who, "POST", path, body, **options)

    def put(self, who: str | None, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Replace something; the answer may be a refusal."""
        return self.call(who, "PUT", path, body, **options)

    def send_text(
        self, who: str, path: str, text: str | bytes, content_type: str = "application/yaml"
    ) -> httpx.Response:
        """Send a body as it stands."""
        headers = {
            "X-API-Key": self.keys[who],
            "Content-Type": content_type,
            "Prefer": f"wait={WAIT_SECONDS}",
        }
        return self.http.post(path, content=text, headers=headers)

    def read(self, who: str | None, path: str) -> Any:
        """Read what must be readable."""
        answer = self.get(who, path)
        assert answer.status_code == 200, f"GET {path} as {who}: {answer.text}"
        return answer.json()

    def do(self, who: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """Ask for what must be granted, by the service and by the chain."""
        answer = self.call(who, method, path, body)
        assert answer.is_success, f"{method} {path} as {who}: {answer.text}"
        content = answer.json()
        for each in content if isinstance(content, list) else [content]:
            if isinstance(each, dict) and "commands" in each:
                assert each["state"] == "confirmed", f"{path} as {who}: {each['error']}"
        return content

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


@cache
def keychain() -> Keychain:
    """The demonstration keys; deriving the seed is slow, so it is done once a process."""
    return Keychain(DEMO_MNEMONIC)


@cache
def private_key(number: int) -> bytes:
    """Private key of a demonstration account."""
    return keychain().key(number)


@cache
def address_of(number: int) -> str:
    """Address of a demonstration account."""
    return keychain().address(number)


def key_of(address: str) -> bytes:
    """Private key of the demonstration account at an address."""
    return next(private_key(each) for each in range(_ACCOUNTS) if address_of(each) == address)


@cache
def artifact(name: str) -> Artifact:
    """A compiled contract."""
    return ArtifactStore(ARTIFACTS).load(name)


@cache
def _errors() -> ErrorDecoder:
    store = ArtifactStore(ARTIFACTS)
    return ErrorDecoder(store.load(name).abi for name in store.names)


class Ledger:
    """The chain by JSON-RPC over HTTP. Contracts go by their name in the address book."""

    def __init__(self, url: str) -> None:
        self.http = _http(url)
        self.book: dict[str, tuple[str, Artifact]] = {}

    def learn(self, contracts: list[dict[str, Any]]) -> None:
        """Take over an address book as `GET /v1/deals/{deal}/deployment` answers it."""
        for each in contracts:
            self.book[each["name"]] = (each["address"], artifact(each["artifact"]))

    def address(self, name: str) -> str:
        """Where a contract is."""
        return self.book[name][0]

    def ask(self, method: str, *params: Any) -> Any:
        """One JSON-RPC request; the answer's `result`, or its `error` as an `AssertionError`."""
        answer = self._request(method, *params)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def read(self, name: str, function: str, *args: Any) -> Any:
        """The value of a view function."""
        address, made_from = self.book[name]
        entry = find_function(made_from.abi, function, len(args))
        data = "0x" + encode_call(made_from.abi, function, args).hex()
        output = self.ask("eth_call", {"to": address, "data": data}, "latest")
        values = decode_arguments(entry["outputs"], bytes.fromhex(output[2:]))
        return values[0] if len(values) == 1 else values

    def send(self, number: int, name: str, function: str, *args: Any) -> bool:
        """Sign with a demonstration account and send; whether the transaction succeeded."""
        address, made_from = self.book[name]
        sender = address_of(number)
        transaction = {
            "type": 2,
            "chainId": int(self.ask("eth_chainId"), 16),
            "nonce": int(self.ask("eth_getTransactionCount", sender, "latest"), 16),
            "gas": GAS,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "to": address,
            "value": 0,
            "data": encode_call(made_from.abi, function, args),
        }
        signed = Account.sign_transaction(transaction, private_key(number))
        sent = self.ask("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())
        # Anvil mines a moment after it has taken a transaction.
        while (receipt := self.ask("eth_getTransactionReceipt", sent)) is None:
            pass
        return int(receipt["status"], 16) == 1

    def refusal(self, number: int, name: str, function: str, *args: Any) -> str | None:
        """The name of the error with which the chain refuses a call; None if it would pass."""
        address, made_from = self.book[name]
        data = "0x" + encode_call(made_from.abi, function, args).hex()
        message = {"from": address_of(number), "to": address, "data": data, "gas": hex(GAS)}
        answer = self._request("eth_call", message, "latest")
        if "error" not in answer:
            return None
        return _errors().decode(bytes.fromhex(str(answer["error"]["data"])[2:])).name

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def _request(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return self.http.post("/", json=body).json()
