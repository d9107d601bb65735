"""What the contracts of a deal have said since their first block, folded into what it amounts to.

Read from the chain's own logs and kept in memory: whoever can write the database cannot write this.
Each block is read once, so that asking again costs what has happened since, however many holders
there are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from weakref import WeakKeyDictionary

from eth_utils.address import to_checksum_address

from issuer.onchain.gateway import OnChain

_NOBODY = "0x" + "0" * 40
_OF_SETTLEMENT = ("coin", "filingRegistry", "proceedsAccount")
_OF_TOKEN = (
    "denomination",
    "minHolding",
    "maxHolding",
    "holderCap",
    "lockedUntil",
    "maturityDate",
    "rank",
    "filingRegistry",
    "investorRegistry",
    "distributor",
    "settlement",
    "currency",
)
#: What a token says when another takes the place of one that it was created with.
_REPLACED = {"InvestorRegistryReplaced": "investorRegistry", "DistributorReplaced": "distributor"}


@dataclass(frozen=True, slots=True)
class Mint:
    """Units issued against coin, as the settlement contract announced it."""

    wallet: str
    units: int
    price_micro: int


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the registrar last wrote about a wallet; `expiry_day` counts from 1970."""

    index: int
    expiry_day: int
    country: int
    investor_class: int


@dataclass(frozen=True, slots=True)
class Contracts:
    """Where a deal's contracts are. `tokens` maps tranches to their tokens."""

    registry: str
    investors: str
    settlement: str
    distributor: str
    timelock: str
    coin: str
    tokens: Mapping[str, str]
    first_block: int

    def addresses(self) -> list[str]:
        """All of them."""
        deal = (self.investors, self.settlement, self.distributor, self.timelock)
        return [self.registry, self.coin, *deal, *self.tokens.values()]


@dataclass(slots=True)
class History:
    """Keys are (token, wallet) unless a field says otherwise; amounts in units or coin micro-units."""

    #: (token, operation number) -> what was minted under it, to several wallets if in a batch.
    mints: dict[tuple[str, int], tuple[Mint, ...]] = field(default_factory=dict)
    eligibility: dict[tuple[str, str], Eligibility] = field(default_factory=dict)
    #: Wallet -> hash of the document that the registrar relied on.
    evidence: dict[str, str] = field(default_factory=dict)
    frozen: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: Lost wallet -> the one that took its place.
    recovered: dict[str, str] = field(default_factory=dict)
    #: Token -> units that were taken out of existence.
    retired: dict[str, int] = field(default_factory=dict)
    #: By the token's `balanceOf`, asked again whenever units have moved.
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Wallet -> coin that the deal's distributor has paid to it.
    paid_out: dict[str, int] = field(default_factory=dict)
    #: (payer or "" for the coin's issuer, reference) -> (receiver, amount).
    references: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    #: (contract, function) -> what was fixed when the contract was created, or replaced since.
    fixed: dict[tuple[str, str], Any] = field(default_factory=dict)
    #: (token, function) -> the one that was replaced last.
    replaced: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Contract -> whoever may give and take every role in it.
    admins: dict[str, frozenset[str]] = field(default_factory=dict)

    def wallet_now(self, wallet: str) -> str:
        """The wallet of today of whoever had this one."""
        while wallet in self.recovered:  # never in a circle: what was lost takes nobody's place
            wallet = self.recovered[wallet]
        return wallet

    def copy(self) -> History:
        """Another, that can be taken further while this one is being looked at."""
        return History(*(dict(getattr(self, each.name)) for each in fields(self)))


@dataclass(slots=True)
class _Aside:
    """What one reading keeps in mind until it ends."""

    #: (token, wallet) whose units have moved.
    moved: set[tuple[str, str]] = field(default_factory=set)
    #: Transaction -> wallets written in it, of which the registry has yet to say on what evidence.
    written: dict[str, set[str]] = field(default_factory=dict)


class _Reader:
    """One deal's history, taken further each time it is asked for."""

    def __init__(self, chain: OnChain, contracts: Contracts) -> None:
        self._chain, self._contracts = chain, contracts
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._history = History()
        self._block, self._hash = self._contracts.first_block - 1, ""

    def until(self, last: int) -> History:
        """The history up to the latest block, which is `last`."""
        with self._lock:
            if self._block > last or (
                self._hash and self._chain.block_hash(self._block) != self._hash
            ):
                self._forget()  # the chain was wound back: what it had said, it has not
            if last > self._block:
                self._read(last)
            return self._history

    def _read(self, last: int) -> None:
        history, aside = self._history.copy(), _Aside()
        if not history.fixed:
            history.fixed = dict(_fixed(self._chain, self._contracts))
        for event in self._chain.events(self._contracts.addresses(), self._block + 1, last):
            _apply(history, self._contracts, event, aside)
        for token, wallet in aside.moved:
            history.balances[token, wallet] = self._chain.ask(
                "abs_token", token, "balanceOf", wallet
            )
        self._history, self._block = history, last
        self._hash = self._chain.block_hash(last)


def _fixed(chain: OnChain, contracts: Contracts) -> Iterator[tuple[tuple[str, str], Any]]:
    """Read once: they never change, or a token says which it replaced."""
    asked = [
        ("dvp_settlement", contracts.settlement, _OF_SETTLEMENT),
        ("coupon_distributor", contracts.distributor, ("coin", "unclaimedAccount")),
        *(("abs_token", token, _OF_TOKEN) for token in contracts.tokens.values()),
    ]
    for name, address, functions in asked:
        for function in functions:
            yield (address, function), chain.ask(name, address, function)


def _apply(history: History, contracts: Contracts, event: Any, aside: _Aside) -> None:
    if event.name in ("RoleGranted", "RoleRevoked"):
        _role_moved(history, event)
    elif event.address == contracts.coin:
        _coin_said(history, contracts.distributor, event.name, event.args)
    elif event.address in contracts.tokens.values():
        _token_said(history, event, aside)
    elif event.name == "UnitsIssued":
        key = event.args["token"], event.args["operation"]
        mint = Mint(*(event.args[name] for name in ("investor", "units", "price")))
        history.mints[key] = (*history.mints.get(key, ()), mint)
    elif event.address == contracts.investors:
        _registry_said(history, event, aside)


def _registry_said(history: History, event: Any, aside: _Aside) -> None:
    match event.name:
        case "InvestorSet" | "InvestorsSet":
            # Who is in a batch, the tokens have said just before, in the same transaction.
            for wallet in aside.written.pop(event.transaction_hash, ()):
                history.evidence[wallet] = _hex(event.args["evidenceHash"])
        case "InvestorRecovered":
            lost, fresh = event.args["lost"], event.args["fresh"]
            history.recovered[lost] = fresh
            if lost in history.evidence:
                history.evidence[fresh] = history.evidence.pop(lost)


def _role_moved(history: History, event: Any) -> None:
    if any(event.args["role"]):
        return  # not the admin's, which is zero
    others = history.admins.get(event.address, frozenset()) - {event.args["account"]}
    granted = {event.args["account"]} if event.name == "RoleGranted" else set()
    history.admins[event.address] = others | granted


def _coin_said(history: History, distributor: str, name: str, args: Any) -> None:
    match name:
        case "Transfer" if args["from"] == distributor:
            before = history.paid_out.get(args["to"], 0)
            history.paid_out[args["to"]] = before + args["value"]
        case "Issued":
            history.references["", _hex(args["paymentReference"])] = (args["to"], args["amount"])
        case "PaidWithReference":
            key = args["from"], _hex(args["paymentReference"])
            history.references[key] = (args["to"], args["amount"])


def _token_said(history: History, event: Any, aside: _Aside) -> None:
    token, args = event.address, event.args
    match event.name:
        case "Transfer":
            parties = (args["from"], args["to"])
            aside.moved.update((token, wallet) for wallet in parties if wallet != _NOBODY)
        case "EligibilitySet":
            admitted = dict(_admitted(word) for word in args["admitted"])
            history.eligibility |= {(token, wallet): each for wallet, each in admitted.items()}
            aside.written.setdefault(event.transaction_hash, set()).update(admitted)
        case "AddressFrozen":
            history.frozen[token, args["account"]] = args["isFrozen"]
        case "WalletRecovered":
            lost, fresh = args["lost"], args["fresh"]
            if (token, lost) in history.eligibility:
                history.eligibility[token, fresh] = history.eligibility.pop((token, lost))
            history.frozen[token, fresh] = True  # until enforcement thaws it
        case "UnitsRetired":
            history.retired[token] = history.retired.get(token, 0) + args["units"]
        case "InvestorRegistryReplaced" | "DistributorReplaced":
            key = token, _REPLACED[event.name]
            history.fixed[key], history.replaced[key] = args["fresh"], args["former"]


def _admitted(word: int) -> tuple[str, Eligibility]:
    """A wallet and what the token wrote of it, from one word: see contracts/token/Packed.sol."""
    wallet = to_checksum_address((word & (1 << 160) - 1).to_bytes(20, "big"))
    expiry_day, country = word >> 160 & 0xFFFF, word >> 176 & 0xFFFF
    return wallet, Eligibility(word >> 200 & 0xFFFFFF, expiry_day, country, word >> 192 & 0xFF)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


#: Readers by chain, and by the contracts they read. They live as long as the chain's client does.
_READERS: WeakKeyDictionary[OnChain, dict[tuple[Any, ...], _Reader]] = WeakKeyDictionary()


def history_of(chain: OnChain, contracts: Contracts, last: int) -> History:
    """What the contracts have said up to the latest block, `last`."""
    key = (*contracts.addresses(), contracts.first_block)
    readers = _READERS.setdefault(chain, {})
    return readers.setdefault(key, _Reader(chain, contracts)).until(last)
