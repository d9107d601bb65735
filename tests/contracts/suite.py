"""The whole suite on the embedded chain: a different key for every role, and words for every act.

A test names who acts, on what, and how: `suite.send(ISSUER, suite.dvp, "issue", ...)`. Time belongs
to the test: `suite.at(instant)` gives the next block's second, to simulations and transactions alike.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chain.artifacts import Artifact, ArtifactStore, encode_creation
from chain.client import Call, ChainClient, Fees, encode_call
from chain.embedded import EmbeddedBackend
from chain.errors import ContractReverted, ErrorDecoder, RpcError
from chain.events import Event, EventDecoder
from chain.evm import Genesis
from chain.receipts import Receipt
from chain.reverts import revert_bytes
from chain.signer import LocalSigner

CHAIN_ID = 131277322940537
GAS = 8_000_000
DAY = 86_400
ZERO = "0x" + "00" * 20
NO_ROLE = bytes(32)

STORE = ArtifactStore(Path(__file__).resolve().parents[2] / "chain" / "artifacts")
ARTIFACTS = {artifact.name: artifact for artifact in STORE.load_all()}
DECODER = ErrorDecoder(artifact.abi for artifact in ARTIFACTS.values())
EVENTS = EventDecoder(artifact.abi for artifact in ARTIFACTS.values())

ROLE_KEYS = {
    name: LocalSigner(number.to_bytes(32, "big"), CHAIN_ID)
    for number, name in enumerate(
        (
            "deployer",
            "admin",
            "regulator",
            "filer",
            "registrar",
            "issuer",
            "payer",
            "enforcement",
            "coin issuer",
            "proceeds",
            "stranger",
            "H1",
            "H2",
            "H3",
            "H4",
            "trustee",
            "unclaimed",
        ),
        start=1,
    )
}
_SIGNERS = {signer.address: signer for signer in ROLE_KEYS.values()}
ROLE_ADDRESSES = {name: signer.address for name, signer in ROLE_KEYS.items()}
DEPLOYER, ADMIN, REGULATOR, FILER, REGISTRAR, ISSUER, PAYER, ENFORCEMENT = list(_SIGNERS)[:8]
COIN_ISSUER, PROCEEDS, STRANGER, H1, H2, H3, H4, TRUSTEE, UNCLAIMED = list(_SIGNERS)[8:]
HOLDERS = (H1, H2, H3)

FIRST_DAY = 20_454
"""1 January 2026."""
GENESIS = FIRST_DAY * DAY
MINT_UNTIL_DAY = FIRST_DAY + 180
EXPIRY_DAY = FIRST_DAY + 300
MINT_UNTIL = MINT_UNTIL_DAY * DAY
EXPIRY = EXPIRY_DAY * DAY
MATURITY = (FIRST_DAY + 5 * 365) * DAY
RECORD_AT = (FIRST_DAY + 90) * DAY + 9 * 3_600

FILING = b"filing 2026-001".ljust(32, b"\0")
SENIOR = b"A".ljust(32, b"\0")
MEZZANINE = b"B".ljust(32, b"\0")
BUNDLE = b"\xb1" * 32
AMENDED_BUNDLE = b"\xb2" * 32
EVIDENCE = b"\xe1" * 32
REPORT = b"\xa1" * 32

DENOMINATION = 1_000_000_000
"""HKD 1,000 in coin micro-units."""
CAP, CAP_B = 100_000, 10_000
FILED_TOTAL = (CAP + CAP_B) * DENOMINATION
ALLOTMENTS = {H1: 50_000, H2: 20_000, H3: 10_000}
ISSUED = sum(ALLOTMENTS.values())
ALLOTMENT_B = 5_000
PURSE = 200_000 * DENOMINATION
"""What every investor and the payer hold in coin, and allow to be pulled."""

INTEREST, PRINCIPAL = 12_345_678, 100_000_000
PER_UNIT = INTEREST + PRINCIPAL

NO_STATUS, APPROVED, SUSPENDED, REVOKED, AMENDING, CLOSED = range(6)
"""`IFilingRegistry.Status`."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A deployed contract; `call` reads it as the next block would."""

    address: str
    artifact: Artifact
    client: ChainClient

    def call(self, function: str, *args: Any) -> Any:
        return self.client.call(self.address, self.artifact.abi, function, plain(args))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A transaction that succeeded, and the events it left."""

    receipt: Receipt
    events: tuple[Event, ...]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]

    def args(self, name: str, source: Contract | None = None) -> dict[str, Any]:
        """Arguments of the one event of this name, from this contract if one is given."""
        (event,) = (
            event
            for event in self.events
            if event.name == name and (source is None or event.address == source.address)
        )
        return dict(event.args)


def plain(value: Any) -> Any:
    """Contracts become addresses, however deep they stand."""
    if isinstance(value, Contract):
        return value.address
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@contextmanager
def refused(error: str, /, **operands: Any) -> Iterator[None]:
    """The block is refused with exactly this error and exactly these operands.

    `Suite.send` has by then sent the call as a real transaction, seen that it failed and changed
    nothing, and simulated it to hear why.
    """
    with pytest.raises(ContractReverted) as caught:
        yield
    found = (caught.value.error_name, dict(caught.value.operands))
    assert found == (error, {name: plain(value) for name, value in operands.items()})


def named(value: Any) -> str | None:
    """For pytest's `ids`: the role behind an address."""
    names = {address: name for name, address in ROLE_ADDRESSES.items()}
    return names.get(value) if isinstance(value, str) else None


def unauthorized(caller: str, contract: Contract, role: str) -> Any:
    """Refused by the access check of this role."""
    return refused(
        "AccessControlUnauthorizedAccount", account=caller, neededRole=contract.call(role)
    )


@dataclass
class Suite:
    """One deal: two tranches, their registries, the coin, the settlement and the distributor."""

    client: ChainClient
    coin: Contract
    filings: Contract
    investors: Contract
    dvp: Contract
    distributor: Contract
    token: Contract = field(init=False)
    token_b: Contract = field(init=False)
    _references: Iterator[int] = field(default_factory=lambda: count(1))

    # ---- chain

    @property
    def now(self) -> int:
        """The latest block's timestamp."""
        return int(self._latest_block()["timestamp"], 16)

    def at(self, instant: int) -> None:
        """The next transaction is mined at this very second; calls before it see it too."""
        self.client.backend.request("evm_setNextBlockTimestamp", [hex(instant)])

    def mine(self) -> None:
        """An empty block."""
        self.client.backend.request("evm_mine", [])

    def snapshot(self) -> str:
        return str(self.client.backend.request("evm_snapshot", []))

    def revert(self, snapshot: str) -> None:
        assert self.client.backend.request("evm_revert", [snapshot]) is True

    @contextmanager
    def anchor(self) -> Iterator[None]:
        """Whatever happens inside is undone: one example of a property test, one of several tries."""
        snapshot = self.snapshot()
        yield
        self.revert(snapshot)

    def deploy(self, name: str, *args: Any, by: str = DEPLOYER) -> Contract:
        return deploy(self.client, name, *args, by=by)

    def send(
        self, sender: str, contract: Contract, function: str, *args: Any, gas: int = GAS
    ) -> Outcome:
        """Send a transaction. A refused one must change nothing; why it was refused is raised."""
        data = encode_call(contract.artifact.abi, function, plain(args))
        call = Call(sender, contract.address, data, function)
        before = self.snapshot()
        receipt = _transact(self.client, call, gas)
        if receipt.succeeded:
            decoded = (EVENTS.decode(log) for log in receipt.logs)
            return Outcome(receipt, tuple(event for event in decoded if event is not None))
        after = self._state_root()
        self.revert(before)
        with self.anchor():
            # Without fees, a transaction that does nothing changes its sender's nonce, and no more.
            _transact(self.client, Call(sender, sender, b""), 21_000)
            assert (self._state_root(), ()) == (after, receipt.logs)
        self._simulate(call, gas)  # in the same second, on the same state: it says why
        raise AssertionError(f"{function} failed, but its simulation did not")

    def simulate(self, sender: str, contract: Contract, function: str, *args: Any) -> None:
        """What `send` would be told, from any address, a contract's too; nothing is mined."""
        data = encode_call(contract.artifact.abi, function, plain(args))
        self._simulate(Call(sender, contract.address, data, function), GAS)

    def _simulate(self, call: Call, gas: int) -> None:
        try:
            message = {**call.to_json(), "gas": hex(gas)}
            self.client.backend.request("eth_call", [message, "latest"])
        except RpcError as error:
            revert_data = revert_bytes(error)
            if revert_data is None:
                raise
            raise DECODER.reverted(revert_data) from error

    def _state_root(self) -> str:
        return str(self._latest_block()["stateRoot"])

    def _latest_block(self) -> dict[str, Any]:
        block: dict[str, Any] = self.client.backend.request(
            "eth_getBlockByNumber", ["latest", False]
        )
        return block

    # ---- the regulator, the filer

    def new_token(
        self,
        denomination: int = DENOMINATION,
        *,
        min_holding: int = 0,
        max_holding: int = 0,
        holder_cap: int = 0,
        locked_until: int = 0,
        rank: int = 1,
        **parties: Any,
    ) -> Contract:
        """A further tranche of this deal, attached and admitted nowhere yet."""
        holding = (min_holding, max_holding, holder_cap, locked_until)
        terms = (denomination, *holding, MATURITY, rank)
        of_the_deal = {
            "filingRegistry": self.filings,
            "investorRegistry": self.investors,
            "distributor": self.distributor,
            "settlement": self.dvp,
            "currency": self.coin,
            "admin": ADMIN,
            "issuer": ISSUER,
            "enforcement": ENFORCEMENT,
        }
        return self.deploy("AbsToken", "Toll notes", "TOLL", terms, of_the_deal | parties)

    def attach(self, tranche: bytes, token: Contract, filing: bytes = FILING) -> Outcome:
        return self.send(REGULATOR, self.filings, "attach", filing, tranche, token)

    def approve_filing(self, caps: tuple[int, ...] = (CAP, CAP_B), **other: Any) -> Outcome:
        terms = {
            "filing": FILING,
            "bundle_hash": BUNDLE,
            "filer": FILER,
            "filed_total": FILED_TOTAL,
            "valid_until_day": MINT_UNTIL_DAY,
        } | other
        return self.send(REGULATOR, self.filings, "approve", *terms.values(), list(caps))

    def suspend(self) -> Outcome:
        return self.send(REGULATOR, self.filings, "suspend", FILING)

    def lift(self) -> Outcome:
        return self.send(REGULATOR, self.filings, "lift", FILING)

    def revoke(self) -> Outcome:
        return self.send(REGULATOR, self.filings, "revoke", FILING)

    def begin_amendment(self, by: str = REGULATOR) -> Outcome:
        return self.send(by, self.filings, "beginAmendment", FILING)

    def cancel_amendment(self, by: str = REGULATOR) -> Outcome:
        return self.send(by, self.filings, "cancelAmendment", FILING)

    def amend(self, caps: tuple[int, ...] = (CAP, CAP_B), **other: Any) -> Outcome:
        terms = {
            "filing": FILING,
            "bundle_hash": AMENDED_BUNDLE,
            "filed_total": FILED_TOTAL,
            "valid_until_day": MINT_UNTIL_DAY + 90,
        } | other
        return self.send(REGULATOR, self.filings, "amend", *terms.values(), list(caps))

    def close(self, by: str = REGULATOR) -> Outcome:
        return self.send(by, self.filings, "close", FILING)

    def replace_filer(self, fresh: str) -> Outcome:
        return self.send(REGULATOR, self.filings, "replaceFiler", FILING, fresh)

    def report(self, by: str = FILER) -> Outcome:
        return self.send(by, self.filings, "reportIssuance", FILING, REPORT)

    # ---- the registrar, the enforcement

    def register(self, wallet: Any, expiry_day: int = EXPIRY_DAY) -> Outcome:
        eligibility = {"expiryDay": expiry_day, "country": 344, "class": 2}
        return self.send(REGISTRAR, self.investors, "setInvestor", wallet, eligibility, EVIDENCE)

    def find_ineligible(self, wallet: str) -> Outcome:
        return self.register(wallet, expiry_day=0)

    def freeze(self, wallet: str) -> Outcome:
        return self.send(ENFORCEMENT, self.token, "setAddressFrozen", wallet, True)

    def thaw(self, wallet: str) -> Outcome:
        return self.send(ENFORCEMENT, self.token, "setAddressFrozen", wallet, False)

    def freeze_units(self, wallet: str, units: int) -> Outcome:
        return self.send(ENFORCEMENT, self.token, "setFrozenTokens", wallet, units)

    def force(self, source: str, target: str, units: int) -> Outcome:
        return self.send(ENFORCEMENT, self.token, "forcedTransfer", source, target, units)

    # ---- the coin

    def fund(self, account: Any, amount: int = PURSE) -> Outcome:
        if self.coin.artifact.name == "AwkwardCoin":
            return self.send(STRANGER, self.coin, "issue", account, amount)
        reference = next(self._references).to_bytes(32, "big")
        return self.send(COIN_ISSUER, self.coin, "issue", account, amount, reference)

    def allow(self, owner: str, spender: Contract, amount: int = PURSE) -> Outcome:
        return self.send(owner, self.coin, "approve", spender, amount)

    def coins(self, account: Any) -> int:
        return int(self.coin.call("balanceOf", account))

    # ---- the issuer, the holders

    def issue(
        self,
        investor: Any,
        units: int,
        token: Contract | None = None,
        *,
        bundle_hash: bytes = BUNDLE,
        operation: int | None = None,
        by: str = ISSUER,
    ) -> Outcome:
        token = token or self.token
        if operation is None:
            operation = token.call("operationCount") + 1
        return self.send(by, self.dvp, "issue", token, investor, units, bundle_hash, operation)

    def transfer(self, source: str, target: Any, units: int) -> Outcome:
        return self.send(source, self.token, "transfer", target, units)

    def transfer_from(self, spender: str, source: str, target: Any, units: int) -> Outcome:
        return self.send(spender, self.token, "transferFrom", source, target, units)

    def let_spend(self, owner: str, spender: Any, units: int) -> Outcome:
        return self.send(owner, self.token, "approve", spender, units)

    def units(self, holder: Any) -> int:
        return int(self.token.call("balanceOf", holder))

    # ---- the payer, and anyone

    def announce(self, record_at: int) -> Outcome:
        return self.send(PAYER, self.distributor, "announce", self.token, record_at)

    def record(self, epoch: int) -> Outcome:
        return self.send(PAYER, self.distributor, "record", self.token, epoch)

    def close_epoch(self, epoch: int) -> None:
        """Announce a record date an hour away, and close it at that very second."""
        record_at = self.now + 3_600
        self.announce(record_at)
        self.at(record_at)
        self.record(epoch)

    def declare(
        self, epoch: int, interest: int = INTEREST, principal: int = PRINCIPAL, **others: int
    ) -> Outcome:
        change = principal_change(principal, **others)
        return self.send(PAYER, self.distributor, "declare", self.token, epoch, interest, change)

    def skip(self, epoch: int) -> Outcome:
        return self.send(PAYER, self.distributor, "skip", self.token, epoch)

    def pay(self, epoch: int, *holders: Any, by: str = PAYER, gas: int = GAS) -> Outcome:
        return self.send(by, self.distributor, "pay", self.token, epoch, holders, gas=gas)

    def release(self, wallet: Any, by: str = STRANGER) -> Outcome:
        return self.send(by, self.distributor, "release", self.token, wallet)

    def collect(self, wallet: Any, by: str = STRANGER) -> Outcome:
        return self.send(by, self.distributor, "collect", self.token, wallet)

    def index(self, wallet: Any) -> int:
        return int(self.token.call("indexOf", wallet))

    def left(self, epoch: int = 1) -> int:
        return int(self.distributor.call("paymentOf", self.token, epoch)["left"])

    def set_aside(self, wallet: str) -> int:
        return int(self.distributor.call("setAsideOf", self.token, self.index(wallet)))

    def credit(self, wallet: str) -> int:
        return int(self.distributor.call("creditOf", self.token, self.index(wallet)))

    def is_paid(self, wallet: str, epoch: int = 1) -> bool:
        return bool(self.distributor.call("isPaid", self.token, epoch, self.index(wallet)))


def deploy(client: ChainClient, name: str, *args: Any, by: str = DEPLOYER) -> Contract:
    """Create a contract from its artifact."""
    artifact = ARTIFACTS[name]
    data = encode_creation(artifact, plain(args))
    sent = _transact(client, Call(by, None, data, f"create {name}"), 10_000_000)
    receipt = client.confirm(sent.transaction_hash)
    assert receipt.contract_address is not None
    return Contract(receipt.contract_address, artifact, client)


def _transact(client: ChainClient, call: Call, gas: int) -> Receipt:
    nonce = client.next_nonce(call.sender)
    sent = client.send(client.sign(call, _SIGNERS[call.sender], nonce, gas).raw)
    receipt = client.receipt(sent)
    assert receipt is not None
    return receipt


def make_suite(coin_name: str = "SettlementCoin", **terms: int) -> Suite:
    """A fresh chain with the whole suite on it, both tranches admitted, nothing attached.

    `terms` are those of the first tranche; the second binds its holders to nothing.
    """
    backend = EmbeddedBackend(Genesis(GENESIS, tuple(_SIGNERS)))
    client = ChainClient(backend, CHAIN_ID, DECODER, Fees(0, 0))
    coin_args = ("Simulated HKD", "sHKD", ADMIN, COIN_ISSUER)
    coin = deploy(client, coin_name, *(coin_args if coin_name == "SettlementCoin" else ()))
    filings = deploy(client, "FilingRegistry", REGULATOR)
    suite = Suite(
        client=client,
        coin=coin,
        filings=filings,
        investors=deploy(client, "InvestorRegistry", ADMIN, REGISTRAR),
        dvp=deploy(client, "DvpSettlement", coin, filings, ADMIN, ISSUER, PROCEEDS),
        distributor=deploy(client, "CouponDistributor", coin, ADMIN, PAYER, TRUSTEE, UNCLAIMED),
    )
    suite.token, suite.token_b = suite.new_token(**terms), suite.new_token(rank=2)
    for token in (suite.token, suite.token_b):
        suite.send(REGISTRAR, suite.investors, "admitToken", token)
    return suite


def admission(wallet: str, expiry_day: int = EXPIRY_DAY, country: int = 344, kind: int = 2) -> int:
    """An entry of a batch of admissions, in one word: see Packed.sol."""
    return int(wallet, 16) | expiry_day << 160 | country << 176 | kind << 192


def allotment(wallet: str, units: int) -> int:
    """An entry of a batch of mints, in one word: see Packed.sol."""
    return int(wallet, 16) | units << 160


def principal_change(
    paid: int = 0, capitalised: int = 0, written_up: int = 0, written_down: int = 0
) -> dict[str, int]:
    """`IAbsToken.PrincipalChange`."""
    return {
        "capitalised": capitalised,
        "writtenUp": written_up,
        "paid": paid,
        "writtenDown": written_down,
    }


# ---- the states of a deal's life, each from the one before it


def _attach(suite: Suite) -> None:
    suite.attach(SENIOR, suite.token)
    suite.attach(MEZZANINE, suite.token_b)


def _approve(suite: Suite) -> None:
    suite.approve_filing()


def _onboard(suite: Suite) -> None:
    for investor in (*HOLDERS, H4):
        suite.register(investor)
        suite.fund(investor)
        suite.allow(investor, suite.dvp)
    suite.fund(PAYER)
    suite.allow(PAYER, suite.distributor)


def _open(suite: Suite) -> None:
    for token in (suite.token, suite.token_b):
        suite.send(ISSUER, token, "openOffering")


def _issue(suite: Suite) -> None:
    for investor, units in ALLOTMENTS.items():
        suite.issue(investor, units)
    suite.issue(H1, ALLOTMENT_B, suite.token_b)


def _activate(suite: Suite) -> None:
    for token in (suite.token, suite.token_b):
        suite.send(ISSUER, token, "closeOffering")
    suite.report()


def _record(suite: Suite) -> None:
    suite.announce(RECORD_AT)
    suite.at(RECORD_AT)
    suite.record(1)


def _declare(suite: Suite) -> None:
    suite.declare(1)


STEPS: dict[str, Callable[[Suite], None]] = {
    "attached": _attach,
    "approved": _approve,
    "onboarded": _onboard,
    "offering": _open,
    "issued": _issue,
    "active": _activate,
    "recorded": _record,
    "declared": _declare,
}


class Stages:
    """Brings one chain to a state by snapshots: each state is built once and returned to.

    Snapshots nest, so going back to an earlier state forgets the later ones; they are built again
    when a test asks for them, and every test finds the same chain whatever ran before it.
    """

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._snapshots = [suite.snapshot()]

    def reach(self, state: str) -> Suite:
        """The suite in this state, or freshly deployed."""
        steps = list(STEPS.values())[: 0 if state == "deployed" else [*STEPS].index(state) + 1]
        del self._snapshots[len(steps) + 1 :]
        self._suite.revert(self._snapshots[-1])
        self._snapshots[-1] = self._suite.snapshot()
        for step in steps[len(self._snapshots) - 1 :]:
            step(self._suite)
            self._snapshots.append(self._suite.snapshot())
        return self._suite


# ---- manners of the coin that misbehaves

REVERTS, RETURNS_FALSE, BURNS_GAS, TAKES_FEE, CALLS_BACK = range(1, 6)


def set_manner(suite: Suite, recipient: Any, manner: int) -> None:
    """How the awkward coin treats transfers to this recipient from now on; 0 is honest."""
    suite.send(STRANGER, suite.coin, "setManner", recipient, manner)


def call_back(suite: Suite, recipient: Any, contract: Contract, function: str, *args: Any) -> None:
    """A transfer to this recipient makes the awkward coin call this function first."""
    set_manner(suite, recipient, CALLS_BACK)
    data = encode_call(contract.artifact.abi, function, plain(args))
    suite.send(STRANGER, suite.coin, "setCallback", contract, data)
