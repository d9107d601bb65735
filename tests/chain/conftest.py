"""A chain with one contract on it, made once and snapshotted for every test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chain.artifacts import Artifact, ArtifactStore, encode_creation
from chain.client import Call, ChainClient, encode_call
from chain.embedded import EmbeddedBackend
from chain.errors import ErrorDecoder
from chain.evm import Genesis
from chain.permissions import AccountPermissions
from chain.receipts import Receipt
from chain.signer import LocalSigner, SignedTransaction

FIXTURES = Path(__file__).parent / "fixtures"
CHAIN_ID = 131277322940537
T0 = 1_600_000_000
"""Genesis instant: years before the wall clock."""

LIMIT = 1_000


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compiler: needs node and the npm Solidity compiler")


@dataclass(frozen=True)
class World:
    """What a test works with: the chain, its client, a funded key, the specimen contract."""

    backend: EmbeddedBackend
    client: ChainClient
    signer: LocalSigner
    artifact: Artifact
    specimen: str

    def call_to(self, function: str, *args: Any) -> Call:
        data = encode_call(self.artifact.abi, function, args)
        return Call(self.signer.address, self.specimen, data, function)

    def read(self, function: str, *args: Any, **options: Any) -> Any:
        return self.client.call(self.specimen, self.artifact.abi, function, args, **options)

    def sign(self, function: str, *args: Any, gas: int | None = 500_000) -> SignedTransaction:
        nonce = self.client.next_nonce(self.signer.address)
        return self.client.sign(self.call_to(function, *args), self.signer, nonce, gas)

    def transact(self, function: str, *args: Any, gas: int | None = 500_000) -> Receipt:
        return self.client.confirm(self.client.send(self.sign(function, *args, gas=gas).raw))


def make_world(permissions: AccountPermissions | None = None) -> World:
    signer = LocalSigner("0x" + "11" * 32, CHAIN_ID)
    backend = EmbeddedBackend(Genesis(T0, (signer.address,)), permissions)
    store = ArtifactStore(FIXTURES / "artifacts")
    decoder = ErrorDecoder(artifact.abi for artifact in store.load_all())
    client = ChainClient(backend, CHAIN_ID, decoder)
    artifact = store.load("Specimen")
    creation = Call(signer.address, None, encode_creation(artifact, [LIMIT]), "create")
    signed = client.sign(creation, signer, 0, 2_000_000)
    created = client.confirm(client.send(signed.raw)).contract_address
    assert created is not None
    return World(backend, client, signer, artifact, created)


@pytest.fixture(scope="session")
def session_world() -> World:
    return make_world()


@pytest.fixture
def world(session_world: World) -> Iterator[World]:
    snapshot = session_world.backend.request("evm_snapshot", [])
    yield session_world
    assert session_world.backend.request("evm_revert", [snapshot]) is True
