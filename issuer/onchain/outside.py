"""The chain as anybody meets it who leaves the service aside: its JSON-RPC endpoint, and a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

import chain
from chain.abi import encode_arguments
from chain.artifacts import Artifact, ArtifactStore, encode_creation
from chain.client import Call, ChainClient, encode_call
from chain.deployer import contract_address
from chain.errors import ContractReverted, ErrorDecoder
from chain.http_backend import HttpBackend
from chain.receipts import Receipt
from chain.signer import LocalSigner
from issuer.domain.errors import NotFound
from issuer.onchain.refusals import refused

_GAS = 6_000_000
_MINED_WITHIN_SECONDS = 30.0


class Outside:
    """Contracts go by the names they were learned under, keys are whoever's they are."""

    def __init__(self, rpc_url: str) -> None:
        self._backend = HttpBackend(rpc_url)
        decoder = ErrorDecoder(each.abi for each in _artifacts().values())
        self._client = ChainClient(self._backend, self._backend.chain_id, decoder)
        self._book: dict[str, tuple[str, Any]] = {}

    def learn(self, name: str, address: str, artifact: str) -> None:
        """Take a contract over into the address book."""
        self._book[name] = (address, _artifacts()[artifact].abi)

    @property
    def book(self) -> Mapping[str, str]:
        """Contract name -> address."""
        return {name: address for name, (address, _) in self._book.items()}

    def read(self, name: str, function: str, *arguments: Any) -> Any:
        """What a contract says of itself."""
        address, abi = self._contract(name)
        return self._client.call(address, abi, function, arguments)

    def _contract(self, name: str) -> tuple[str, Any]:
        if name not in self._book:
            raise NotFound("contract", name)
        return self._book[name]

    def parameters(self, name: str, function: str) -> Sequence[str]:
        """The types of a function's parameters, in order; `NotFound` for one it has not."""
        if "(" in function:
            inside = function.partition("(")[2].rstrip(")")
            return inside.split(",") if inside else ()
        for entry in self._contract(name)[1]:
            if (entry["type"], entry.get("name")) == ("function", function):
                return [each["type"] for each in entry["inputs"]]
        raise NotFound("function", f"{name}.{function}")

    def constructor(self, artifact: str) -> Sequence[str]:
        """The same for what creates a contract."""
        for entry in _artifacts()[artifact].abi:
            if entry["type"] == "constructor":
                return [each["type"] for each in entry["inputs"]]
        return ()

    def ask(self, sender: str, name: str, function: str, arguments: Sequence[Any]) -> None:
        """Would it pass? By eth_call: nothing is sent. Raises `ChainRefused`."""
        with refused(f"{name}.{function}", of_units=name.startswith("abs_token")):
            self._client.simulate(self._call(sender, name, function, arguments))

    def send(self, key: bytes, name: str, function: str, arguments: Sequence[Any]) -> bool:
        """Sign and send without asking first, by eth_sendRawTransaction: did it succeed?"""
        signer = LocalSigner(key, self._client.chain_id)
        return self._mined(signer, self._call(signer.address, name, function, arguments)).succeeded

    def deploy(self, key: bytes, artifact: str, arguments: Sequence[Any], name: str) -> None:
        """Create a contract and learn it as `name`. Raises `ChainRefused`."""
        signer = LocalSigner(key, self._client.chain_id)
        found = _artifacts()[artifact]
        call = Call(signer.address, None, encode_creation(found, list(arguments)), artifact)
        with refused(f"deploy {artifact}"):
            self._client.simulate(call)
        made = self._mined(signer, call).contract_address
        self.learn(name, made or "", artifact)

    def next_contract(self, sender: str) -> str:
        """Where the sender's next contract will be: known before there is one."""
        return contract_address(sender, self._client.next_nonce(sender))

    def close(self) -> None:
        """Close the connections."""
        self._backend.close()

    def _call(self, sender: str, name: str, function: str, arguments: Sequence[Any]) -> Call:
        address, abi = self._contract(name)
        if "(" in function:
            # What the contract has not may still be asked of it.
            inputs = [{"type": each} for each in self.parameters(name, function)]
            data = keccak(text=function)[:4] + encode_arguments(inputs, arguments)
        else:
            data = encode_call(abi, function, arguments)
        return Call(sender, address, data, f"{name}.{function}")

    def _mined(self, signer: LocalSigner, call: Call) -> Receipt:
        nonce = self._client.next_nonce(signer.address)
        sent = self._client.send(self._client.sign(call, signer, nonce, _GAS).raw)
        try:
            return self._client.confirm(sent, _MINED_WITHIN_SECONDS)
        except ContractReverted:
            failed = self._client.receipt(sent)
            if failed is None:
                raise
            return failed


@cache
def _artifacts() -> Mapping[str, Artifact]:
    store = ArtifactStore(Path(chain.__file__).parent / "artifacts")
    return {each.name: each for each in store.load_all()}
