"""What the demo has in its hands: the HTTP API, the chain's JSON-RPC, and wallets of its own."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from chain.artifacts import ArtifactStore, encode_creation
from chain.client import Call, ChainClient, encode_call
from chain.errors import ContractReverted, ErrorDecoder
from chain.http_backend import HttpBackend
from chain.signer import LocalSigner
from issuer.keys import Keychain
from issuer.onchain.gateway import FilingStatus

ROOT = Path(__file__).resolve().parents[2]
#: The published keys of the demonstration, which Anvil and Hardhat use too.
KEYS = Keychain("test test test test test test test test test test test junk")
GAS = 3_000_000
WAIT_SECONDS = 20
ACCEPTED = "accepted"


class Api:
    """The HTTP API with one key for each role."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        # Only plain HTTP is spoken: httpx would spend a tenth of a second on loading certificates.
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.http = httpx.Client(base_url=url, timeout=60, verify=no_certificates)
        self.keys = dict(keys)

    def call(self, role: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request, answered when the chain has confirmed what it wants there."""
        headers = {"X-API-Key": self.keys[role], "Prefer": f"wait={WAIT_SECONDS}"}
        return self.http.request(method, path, json=body, headers=headers)

    def post(self, role: str, path: str, body: Any = None) -> Any:
        """A request that is expected to pass; an operation must end confirmed."""
        return _passed(self.call(role, "POST", path, body), role)

    def put(self, role: str, path: str, body: Any) -> Any:
        """The same for what replaces something."""
        return _passed(self.call(role, "PUT", path, body), role)

    def get(self, role: str, path: str) -> Any:
        """A reading that is expected to pass."""
        return _passed(self.call(role, "GET", path), role)

    def send_file(self, role: str, path: str, file: Path) -> Any:
        """Send a YAML file as it is."""
        headers = {
            "X-API-Key": self.keys[role],
            "Content-Type": "application/yaml",
            "Prefer": f"wait={WAIT_SECONDS}",
        }
        return _passed(self.http.post(path, content=file.read_bytes(), headers=headers), role)


def _passed(answer: httpx.Response, role: str) -> Any:
    asked = f"{answer.request.method} {answer.request.url.path} as {role}"
    if answer.is_error:
        raise SystemExit(f"{asked}: {answer.status_code} {answer.text}")
    content = answer.json()
    for each in content if isinstance(content, list) else [content]:
        if isinstance(each, dict) and each.get("commands") and each["state"] != "confirmed":
            raise SystemExit(f"{asked}: {each['state']} {each['error']}")
    return content


def rules_of(answer: httpx.Response) -> list[str]:
    """The rules a refusal names."""
    return list(dict.fromkeys(f["rule"] for f in answer.json().get("findings", [])))


class Ledger:
    """The chain, reached by JSON-RPC; contracts go by their names in the deal's address book."""

    def __init__(self, rpc_url: str) -> None:
        self.artifacts = ArtifactStore(ROOT / "chain" / "artifacts")
        self.backend = HttpBackend(rpc_url)
        decoder = ErrorDecoder(each.abi for each in self.artifacts.load_all())
        self.client = ChainClient(self.backend, self.backend.chain_id, decoder)
        self._book: dict[str, tuple[str, Any]] = {}

    def learn(self, name: str, address: str, artifact: str) -> None:
        """Take a contract over into the address book."""
        self._book[name] = (address, self.artifacts.load(artifact).abi)

    def address(self, name: str) -> str:
        """Where a contract is."""
        return self._book[name][0]

    def read(self, name: str, function: str, *arguments: Any) -> Any:
        """What a contract says of itself."""
        address, abi = self._book[name]
        return self.client.call(address, abi, function, arguments)

    def token(self, function: str, *arguments: Any) -> Any:
        """What the notes of class A say."""
        return self.read("abs_token:A", function, *arguments)

    def filing_status(self) -> str:
        """Of the filing, as the notes of class A have been told."""
        return FilingStatus(self.token("filingStatus")).name

    def coin_of(self, address: str) -> int:
        """Micro-units of the Hong Kong dollar coin."""
        return int(self.read("settlement_coin:HKDS", "balanceOf", address))

    def call_to(self, sender: str, name: str, function: str, arguments: Any) -> Call:
        """A transaction to be."""
        address, abi = self._book[name]
        return Call(sender, address, encode_call(abi, function, arguments), function)


class Wallet:
    """A key of the demonstration's own: nobody else can sign for it."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self.ledger = ledger
        self.signer = LocalSigner(KEYS.key(number), ledger.client.chain_id)
        self.address = self.signer.address

    def tries(self, name: str, function: str, *arguments: Any) -> str:
        """What the chain would say to a transaction (eth_call): accepted, or the error."""
        try:
            self.ledger.client.simulate(
                self.ledger.call_to(self.address, name, function, arguments)
            )
        except ContractReverted as refused:
            return _told(refused)
        return ACCEPTED

    def sends(self, name: str, function: str, *arguments: Any) -> str:
        """Sign here and send: what the chain says to it, in a block."""
        try:
            self._send(self.ledger.call_to(self.address, name, function, arguments))
        except ContractReverted as refused:
            return _told(refused)
        return ACCEPTED

    def deploys(self, artifact: str, *arguments: Any) -> str:
        """Put a contract on chain; its address."""
        data = encode_creation(self.ledger.artifacts.load(artifact), arguments)
        return str(self._send(Call(self.address, None, data, artifact)).contract_address)

    def _send(self, call: Call) -> Any:
        client = self.ledger.client
        signed = client.sign(call, self.signer, client.next_nonce(self.address), GAS)
        return client.confirm(client.send(signed.raw), WAIT_SECONDS)


def _told(refused: ContractReverted) -> str:
    listed = ", ".join(f"{name}={_short(value)}" for name, value in refused.operands.items())
    return f"{refused.error_name}({listed})"


def _short(value: Any) -> str:
    return f"0x{value.hex()[:16]}…" if isinstance(value, bytes) else str(value)
