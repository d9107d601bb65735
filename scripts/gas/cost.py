"""A measured cost, and the chains that costs are measured on.

Keys, addresses and instants are fixed, so the same contracts give the same gas to the last unit. Every
measurement is a transaction of its own in a block of its own: all that it touches is cold.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from eth_account import Account

from tests.contracts.suite import (
    ADMIN,
    CAP,
    DENOMINATION,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    REGISTRAR,
    SENIOR,
    Outcome,
    Suite,
    make_suite,
)

GAS = 16_000_000
"""What a batch may use: the most that mainnet lets one transaction have is 16.78 million."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Gas of one transaction, and among how many it is shared."""

    gas: int
    among: int = 1

    @property
    def each(self) -> float:
        """Gas for one of those who share it."""
        return self.gas / self.among


Costs = Iterator[tuple[str, Cost]]
Scene = Callable[[], Costs]


def cost(outcome: Outcome, among: int = 1) -> Cost:
    """What this transaction used."""
    return Cost(outcome.receipt.gas_used, among)


def creation(suite: Suite, name: str, *args: object) -> Cost:
    """What it uses to create this contract; it stays."""
    suite.deploy(name, *args)
    latest = suite.client.backend.request("eth_getBlockByNumber", ["latest", False])
    return Cost(int(latest["gasUsed"], 16))


def _crowd() -> Iterator[str]:
    """Wallets without a zero byte, which would make a list of them cheaper than most."""
    for number in count(10**6):
        wallet: str = Account.from_key(number.to_bytes(32, "big")).address
        if 0 not in bytes.fromhex(wallet[2:]):
            yield wallet


CROWD = tuple(islice(_crowd(), 250))
"""Holders by the hundred; they never sign anything."""

UNITS = 50
"""Held by each of the crowd."""


def lone_tranche() -> Suite:
    """A filed deal of one tranche, its offering open; H1 to H4 may hold, nobody holds.

    The issuer's key is the settlement: a mint costs here what the token asks for it, without the coin.
    """
    suite = make_suite()
    suite.investors = suite.deploy("InvestorRegistry", ADMIN, REGISTRAR)
    suite.token = suite.new_token(settlement=ISSUER)
    suite.send(REGISTRAR, suite.investors, "admitToken", suite.token)
    suite.attach(SENIOR, suite.token)
    suite.approve_filing(caps=(CAP,), filed_total=CAP * DENOMINATION)
    for wallet in (H1, H2, H3, H4):
        suite.register(wallet)
    suite.send(ISSUER, suite.token, "openOffering")
    return suite


def open_transfers(suite: Suite) -> None:
    """The offering is closed and reported."""
    suite.send(ISSUER, suite.token, "closeOffering")
    suite.report()
