"""The composition root: settings in, a running simulator out. Nothing is built anywhere else."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from sqlalchemy.exc import DatabaseError

import chain
from chain.artifacts import ArtifactStore
from chain.client import ChainClient
from chain.embedded import EmbeddedBackend
from chain.errors import ErrorDecoder, NodeUnavailable
from chain.reserved import Reserved
from chain.rpc_server import RpcServer
from chain.signer import LocalSigner
from issuer.calendars import PRC_WORKING_DAYS, load_calendar
from issuer.config import DEMO_MNEMONIC, Settings
from issuer.documents.regime import load_regime
from issuer.domain.errors import ChainUnavailable
from issuer.domain.roles import Actor, Role
from issuer.files import copied_files, sole_user
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain.backends import LOCAL_CHAIN_IDS, Node, open_embedded, time_travels
from issuer.onchain.gateway import OnChain
from issuer.services import binding
from issuer.services.context import Context
from issuer.store import access, audit
from issuer.store.database import Database
from issuer.worker import Worker

ARTIFACTS = Path(chain.__file__).parent / "artifacts"


@dataclass(slots=True)
class Snapshot:
    """Rows, chain and clock at one instant, to return to as often as wanted.

    `permitted` is who may send to the embedded chain; None for a node, which decides that itself.
    """

    rows: sqlite3.Connection
    chain: str
    permitted: frozenset[str] | None = None


@dataclass(slots=True)
class Simulator:
    """Database, chain, worker and JSON-RPC, alive together."""

    settings: Settings
    context: Context
    worker: Worker
    backend: EmbeddedBackend | Node
    rpc_url: str
    api_keys: Mapping[Role, str] = field(repr=False)
    _resources: ExitStack = field(repr=False)

    def start(self) -> None:
        """Let the worker run; the chain can be reached already."""
        self.worker.start()

    def close(self) -> None:
        """Stop in the order in which nothing is lost."""
        try:
            self.worker.stop()
        finally:
            # Whatever stopping came to, the files and the ports are for whoever comes next.
            self._resources.close()

    def snapshot(self) -> Snapshot:
        """Keep rows, chain and clock as they are, once nothing is on its way."""
        self.worker.drain()
        with self.worker.paused():
            rows = sqlite3.connect(":memory:", check_same_thread=False)
            with closing(sqlite3.connect(self._database_file(), timeout=30)) as source:
                source.backup(rows)
            permitted = None
            if isinstance(self.backend, EmbeddedBackend):
                permitted = self.backend.permissions.allowed()
            else:
                self.backend.let_mine()
            return Snapshot(rows, self.backend.request("evm_snapshot", []), permitted)

    def restore(self, snapshot: Snapshot) -> None:
        """Return to a snapshot; whatever was on its way is gone with the rest."""
        with self.worker.paused():
            if isinstance(self.backend, Node):
                self.backend.empty_queue()
            else:
                self.backend.permissions.replace(snapshot.permitted)
            self.backend.request("evm_revert", [snapshot.chain])
            snapshot.chain = self.backend.request("evm_snapshot", [])
            with closing(sqlite3.connect(self._database_file(), timeout=30)) as target:
                snapshot.rows.backup(target)
            self.worker.forget()

    def _database_file(self) -> Path:
        file = self.settings.sqlite_file()
        if file is None:
            raise ValueError("snapshots need a database in a file")
        return file

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
    """Open the database and its chain, which must belong together, and let clients in.

    Raises `ChainUnavailable` where they do not, where the node is not the one that is meant, or where
    another simulator has them open: two would sign with the same keys.
    """
    with ExitStack() as stack:
        stack.enter_context(sole_user(settings.lock_file()))
        wanted = threading.Event()
        context, backend = _open(settings, stack, wanted.set)
        bound = binding.is_bound(context.database)
        if bound:
            binding.require_same_chain(context)
        else:
            _require_unused(settings, context)
        # Before anything is written: a port that is taken must not use up the database.
        rpc_url = _serve_chain(settings, context, backend, stack)
        if bound:
            binding.resume(context)
        else:
            binding.bind(context, settings.start)
        api_keys = _issue_keys(context)
        worker = Worker(context, wanted)
        return Simulator(settings, context, worker, backend, rpc_url, api_keys, stack.pop_all())
    raise AssertionError("unreachable")


@contextmanager
def look(settings: Settings) -> Iterator[Context]:
    """Open copies of a database and its chain, whether or not a simulator is using them.

    Nothing is written beside them, and what is read stands still. A node's chain cannot be copied:
    it is read as it was at the block that was its last when the database was copied.
    """
    with ExitStack() as stack:
        file = settings.sqlite_file()
        if file is None:
            yield _open(settings, stack, lambda: None)[0]
            return
        if not file.exists():
            raise ChainUnavailable(
                f"there is no database {file}. Cure: say which one (--database), or which contracts on"
                " which node (--rpc-url URL AbsToken=0x…)",
                code="database.missing",
            )
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="abs-sim-")))
        try:
            with copied_files(settings, folder):
                copied = settings.model_copy(update={"database": f"sqlite:///{folder / file.name}"})
                context, backend = _open(copied, stack, lambda: None)
                if isinstance(backend, Node):
                    backend.hold_still()
        except ChainUnavailable as error:
            # Its reader has never heard of the copies.
            message = error.message.replace(str(folder), str(file.parent))
            raise ChainUnavailable(message, code=error.error_code, **error.facts) from error
        yield context


@contextmanager
def look_at_node(settings: Settings) -> Iterator[OnChain]:
    """A node's chain, without a database and without keys: whatever is asked of it is only read."""
    if settings.rpc_url is None:
        raise ChainUnavailable(
            "whose contracts are to be verified? Cure: give the node they are on (--rpc-url)",
            code="chain.not_given",
        )
    node = Node(settings.rpc_url, settings.chain_id)
    try:
        node.hold_still()
        yield _on_chain(settings, node, Keychain(settings.mnemonic), {})
    finally:
        node.close()


def _open(
    settings: Settings, stack: ExitStack, committed: Callable[[], None]
) -> tuple[Context, EmbeddedBackend | Node]:
    regime = load_regime(settings.regime)  # before anything is written
    file = settings.sqlite_file()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = _open_database(settings, committed)
    stack.callback(database.close)
    keychain = Keychain(settings.mnemonic)
    backend = _open_chain(settings, keychain, database)
    stack.callback(backend.close)
    signers = {
        role: LocalSigner(keychain.key(number), backend.chain_id)
        for role, number in ROLE_ACCOUNTS.items()
    }
    # The key that anchors the log vouches for the rows too: it is in no database.
    database.seal_rows_with(signers[Role.AUDITOR].seal)
    on_chain = _on_chain(settings, backend, keychain, signers)
    calendar = load_calendar(PRC_WORKING_DAYS)
    return Context(database, on_chain, regime, calendar), backend


def _on_chain(
    settings: Settings,
    backend: EmbeddedBackend | Node,
    keychain: Keychain,
    signers: Mapping[Role, LocalSigner],
) -> OnChain:
    artifacts = ArtifactStore(ARTIFACTS)
    decoder = ErrorDecoder(artifacts.load(name).abi for name in artifacts.names)
    embedded = isinstance(backend, EmbeddedBackend)
    return OnChain(
        ChainClient(backend, backend.chain_id, decoder),
        artifacts,
        signers,
        lambda payee: settings.payees.get(payee) or keychain.payee_address(payee),
        backend.permissions.permit if isinstance(backend, EmbeddedBackend) else backend.permit,
        is_embedded=embedded,
        time_travels=embedded or time_travels(backend),
    )


def _open_database(settings: Settings, committed: Callable[[], None]) -> Database:
    try:
        return Database(settings.database, committed)
    except DatabaseError as error:
        raise ChainUnavailable(
            f"the database {settings.database} cannot be opened ({error.orig}). Cure: make room on its"
            " disk, put back a copy of it with the chain that was beside it, or start with another"
            " database file (--database).",
            code="database.unreadable",
        ) from error


def _open_chain(
    settings: Settings, keychain: Keychain, database: Database
) -> EmbeddedBackend | Node:
    if settings.rpc_url is not None:
        node = Node(settings.rpc_url, settings.chain_id)
        if node.chain_id not in LOCAL_CHAIN_IDS:
            _require_own_keys(keychain, node)
        return node
    file = settings.chain_file()
    _require_pair(settings, file, database)
    accounts = [keychain.address(number) for number in range(settings.accounts)]
    try:
        return open_embedded(file, int(settings.start.timestamp()) - 1, accounts)
    except NodeUnavailable as error:
        raise ChainUnavailable(str(error), code="chain.unreadable") from error


def _require_own_keys(keychain: Keychain, node: Node) -> None:
    if keychain.address(0) == Keychain(DEMO_MNEMONIC).address(0):
        raise ChainUnavailable(
            f"the demonstration keys are published, and chain {node.chain_id} at {node.shown_url} is"
            " no local chain: whoever reads the documentation could mint there. Cure: give a mnemonic"
            f" of your own (ABS_MNEMONIC), whose accounts 0 to {max(ROLE_ACCOUNTS.values())} are funded.",
            code="keys.demonstration",
            chain_id=node.chain_id,
        )


def _require_pair(settings: Settings, file: Path | None, database: Database) -> None:
    """A used database has its chain file beside it."""
    if binding.is_bound(database) and not (file is not None and file.exists()):
        raise ChainUnavailable(
            f"the database {settings.database} belongs to an embedded chain, and its file"
            f" {file or ''} is not there. Cure: put the file back, start with another database file"
            " (--database), or remove this one.",
            code="chain.lost",
        )


def _require_unused(settings: Settings, context: Context) -> None:
    """Nothing has happened yet to a database and a chain that have never met."""
    with context.database.reading() as connection:
        if audit.last(connection) is not None:
            raise ChainUnavailable(
                f"the database {settings.database} has a past, and does not say on which chain: it was"
                " altered. Cure: put it back from a copy, or start with another file (--database).",
                code="database.altered",
            )
    if settings.rpc_url is None and context.chain.head()[0] > 0:
        raise ChainUnavailable(
            f"{settings.chain_file()} holds a chain, and the database {settings.database} beside it is"
            " new. Cure: put the chain's database back, start with another database file"
            " (--database), or remove that file.",
            code="database.lost",
        )


def _serve_chain(
    settings: Settings, context: Context, backend: EmbeddedBackend | Node, stack: ExitStack
) -> str:
    """Where clients reach the chain."""
    if isinstance(backend, Node):
        return backend.shown_url
    # An anchor of this chain is of this database's log: that it has one is proof that the log was anchored.
    own = Reserved(backend, [context.chain.account_of(Role.AUDITOR)])
    rpc = RpcServer(own, settings.host, settings.rpc_port)
    try:
        rpc.start()
    except OSError as error:
        raise ChainUnavailable(
            f"cannot listen on {settings.host}:{settings.rpc_port} for JSON-RPC: {error.strerror}."
            " Cure: stop what listens there, or choose another port (--rpc-port).",
            code="port.taken",
        ) from error
    stack.callback(rpc.stop)
    return rpc.url


def _issue_keys(context: Context) -> dict[Role, str]:
    keys: dict[Role, str] = {}
    with context.database.writing() as connection:
        for role in Role:
            if role is Role.INVESTOR:
                continue  # an investor's key names the investor
            keys[role] = f"abs_{role}_{secrets.token_urlsafe(18)}"
            access.add_key(connection, keys[role], Actor(role, f"demonstration {role}"))
    return keys
