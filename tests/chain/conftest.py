"""A chain with one contract on it, made once and snapshotted for every test.

`world` is on the embedded chain. A test marked `everywhere` gets it on each kind of chain in turn: so
is everything marked that must be the same on all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chain.anvil import Anvil, AnvilOptions
from chain.artifacts import Artifact, ArtifactStore, encode_creation
from chain.backends import Backend
from chain.client import Call, ChainClient, encode_call
from chain.embedded import EmbeddedBackend
from chain.errors import ErrorDecoder
from chain.evm import GENESIS_BALANCE, Genesis
from chain.permissions import AccountPermissions
from chain.receipts import Receipt
from chain.signer import LocalSigner, SignedTransaction

FIXTURES = Path(__file__).parent / "fixtures"
CHAIN_ID = 131277322940537
T0 = 1_600_000_000
"""Genesis instant: years before the wall clock."""

KEY = "0x" + "11" * 32
LIMIT = 1_000
MINED_WITHIN = 10.0


@dataclass(frozen=True)
class World:
    """What a test works with: the chain, its client, a funded key, the specimen contract."""

    backend: Backend
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

    def send(self, signed: SignedTransaction) -> Receipt:
        return self.client.confirm(self.client.send(signed.raw), MINED_WITHIN)

    def transact(self, function: str, *args: Any, gas: int | None = 500_000) -> Receipt:
        return self.send(self.sign(function, *args, gas=gas))

    def ask(self, method: str, *params: Any) -> Any:
        return self.backend.request(method, list(params))

    def latest_timestamp(self) -> int:
        return int(self.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def make_world(permissions: AccountPermissions | None = None) -> World:
    signer = LocalSigner(KEY, CHAIN_ID)
    return world_on(EmbeddedBackend(Genesis(T0, (signer.address,)), permissions))


def world_on(backend: Backend) -> World:
    """The specimen on this chain, by the first transaction of a key that has been funded."""
    signer = LocalSigner(KEY, backend.chain_id)
    store = ArtifactStore(FIXTURES / "artifacts")
    decoder = ErrorDecoder(artifact.abi for artifact in store.load_all())
    client = ChainClient(backend, backend.chain_id, decoder)
    artifact = store.load("Specimen")
    creation = Call(signer.address, None, encode_creation(artifact, [LIMIT]), "create")
    signed = client.sign(creation, signer, 0, 2_000_000)
    created = client.confirm(client.send(signed.raw), MINED_WITHIN).contract_address
    assert created is not None
    return World(backend, client, signer, artifact, created)


@pytest.fixture(scope="session")
def session_embedded_world() -> World:
    return make_world()


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil(AnvilOptions(T0)) as node:
        yield node


@pytest.fixture(scope="session")
def session_anvil_world(anvil: Anvil) -> World:
    address = LocalSigner(KEY, anvil.backend.chain_id).address
    anvil.backend.request("anvil_setBalance", [address, hex(GENESIS_BALANCE)])
    return world_on(anvil.backend)


everywhere = pytest.mark.parametrize(
    "world", ["embedded", pytest.param("anvil", marks=pytest.mark.anvil)], indirect=True
)
only_anvil = pytest.mark.parametrize(
    "world", [pytest.param("anvil", marks=pytest.mark.anvil)], indirect=True
)


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    on = getattr(request, "param", "embedded")
    standing: World = request.getfixturevalue(f"session_{on}_world")
    snapshot = standing.ask("evm_snapshot")
    yield standing
    assert standing.ask("evm_revert", snapshot) is True
    if on == "anvil":
        standing.ask("anvil_dropAllTransactions")  # its pool is not part of a snapshot
