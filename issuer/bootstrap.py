"""The composition root: settings in, a running simulator out. Nothing is built anywhere else."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection

import chain
from chain.artifacts import ArtifactStore
from chain.client import ChainClient
from chain.embedded import EmbeddedBackend
from chain.errors import ErrorDecoder
from chain.evm import Genesis
from chain.permissions import AccountPermissions
from chain.rpc_server import RpcServer
from chain.signer import LocalSigner
from issuer.calendars import PRC_WORKING_DAYS, load_calendar
from issuer.config import Settings
from issuer.domain.errors import ChainUnavailable
from issuer.domain.regime import Regime
from issuer.domain.roles import Actor, Role
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain.gateway import OnChain
from issuer.services.context import Context
from issuer.store import access, deals
from issuer.store.database import Database
from issuer.worker import Worker

ARTIFACTS = Path(chain.__file__).parent / "artifacts"


@dataclass(slots=True)
class Simulator:
    """Database, chain, worker and JSON-RPC, alive together."""

    settings: Settings
    context: Context
    worker: Worker
    backend: EmbeddedBackend
    rpc: RpcServer
    api_keys: Mapping[Role, str] = field(repr=False)

    def start(self) -> None:
        """Let the worker run; the chain can be reached already."""
        self.worker.start()

    def close(self) -> None:
        """Stop in the order in which nothing is lost."""
        self.worker.stop()
        self.rpc.stop()
        self.context.database.close()

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def build(settings: Settings) -> Simulator:
    """Open the database, begin the embedded chain, and bind one to the other.

    Raises `ChainUnavailable` for a database whose chain is gone: a fresh chain under old records
    would be a silent lie.
    """
    file = settings.sqlite_file()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        return _build(settings, database)
    except BaseException:
        database.close()
        raise


def _build(settings: Settings, database: Database) -> Simulator:
    with database.reading() as connection:
        _require_fresh(connection, settings)
    keychain = Keychain(settings.mnemonic)
    accounts = tuple(keychain.address(number) for number in range(settings.accounts))
    backend = EmbeddedBackend(
        Genesis(timestamp=int(settings.start.timestamp()) - 1, funded_accounts=accounts),
        AccountPermissions.only(accounts),
    )
    artifacts = ArtifactStore(ARTIFACTS)
    decoder = ErrorDecoder(artifacts.load(name).abi for name in artifacts.names)
    signers = {
        role: LocalSigner(keychain.key(number), backend.chain_id)
        for role, number in ROLE_ACCOUNTS.items()
    }
    on_chain = OnChain(
        ChainClient(backend, backend.chain_id, decoder),
        artifacts,
        signers,
        lambda payee: settings.payees.get(payee) or keychain.payee_address(payee),
        backend.permissions.permit,
    )
    rpc = RpcServer(backend, settings.host, settings.rpc_port)
    try:
        # Before anything is written: a port that is taken must not use up the database.
        rpc.start()
    except OSError as error:
        raise ChainUnavailable(
            f"cannot listen on {settings.host}:{settings.rpc_port} for JSON-RPC: {error.strerror}."
            " Cure: stop what listens there, or choose another port (--rpc-port).",
            code="port.taken",
        ) from error
    with database.writing() as connection:
        deals.set_meta(connection, "chain_id", str(on_chain.chain_id))
        deals.set_meta(connection, "genesis_hash", on_chain.genesis_hash())
        deals.set_meta(connection, "now", settings.start.isoformat())
        api_keys = _issue_keys(connection)
    wanted = threading.Event()
    context = Context(database, on_chain, Regime(), load_calendar(PRC_WORKING_DAYS), wanted.set)
    worker = Worker(context, wanted)
    return Simulator(settings, context, worker, backend, rpc, api_keys)


def _require_fresh(connection: Connection, settings: Settings) -> None:
    known = deals.get_meta(connection, "genesis_hash")
    if known is not None:
        raise ChainUnavailable(
            f"the database {settings.database} belongs to the embedded chain {known[:18]}…, which"
            " ended with the server that ran it. Cure: start with another database file"
            " (--database), or remove this one.",
            code="chain.lost",
            genesis_hash=known,
        )


def _issue_keys(connection: Connection) -> dict[Role, str]:
    keys: dict[Role, str] = {}
    for role in ROLE_ACCOUNTS:
        keys[role] = f"abs_{role}_{secrets.token_urlsafe(18)}"
        access.add_key(connection, keys[role], Actor(role, f"demonstration {role}"))
    return keys
