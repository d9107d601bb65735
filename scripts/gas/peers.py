"""Costs of what others are made of, measured beside ours: the same chain, wallets and amounts."""

from scripts.gas.cost import CROWD, GAS, UNITS, Cost, Costs, cost, creation
from tests.contracts.suite import (
    ADMIN,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    PAYER,
    PER_UNIT,
    REGISTRAR,
    STRANGER,
    Contract,
    Suite,
    make_suite,
)

HUNDRED = list(CROWD[:100])
AMOUNT = UNITS * PER_UNIT
"""Of coin, to each holder: what our coupon pays it."""


def plain_token() -> Costs:
    """OpenZeppelin's ERC-20."""
    suite = make_suite()
    yield "deploy", creation(suite, "PlainToken")
    yield from _costs_of_units(suite, suite.deploy("PlainToken"))


def allowlist_token() -> Costs:
    """OpenZeppelin's ERC-20, roles and pause, with a list of who may hold."""
    suite = make_suite()
    parties = (ADMIN, ISSUER, REGISTRAR)
    yield "deploy", creation(suite, "AllowlistToken", *parties)
    token = suite.deploy("AllowlistToken", *parties)
    yield "allowlist 1", _allow(suite, token, H1)
    listed = suite.send(REGISTRAR, token, "setAllowedBatch", HUNDRED, True, gas=GAS)
    yield "allowlist 100, each", cost(listed, 100)
    for wallet in (H2, H3, H4):
        _allow(suite, token, wallet)
    yield from _costs_of_units(suite, token)
    yield "freeze", cost(suite.send(REGISTRAR, token, "setAllowed", H1, False))


def _allow(suite: Suite, token: Contract, wallet: str) -> Cost:
    return cost(suite.send(REGISTRAR, token, "setAllowed", wallet, True))


def _costs_of_units(suite: Suite, token: Contract) -> Costs:
    suite.send(ISSUER, token, "mint", H1, 1_000)
    yield "mint to a new holder", cost(suite.send(ISSUER, token, "mint", H2, UNITS))
    yield "mint to a holder", cost(suite.send(ISSUER, token, "mint", H2, UNITS))
    batch = suite.send(ISSUER, token, "mintBatch", HUNDRED, [UNITS] * 100, gas=GAS)
    yield "mint to 100 new holders, each", cost(batch, 100)
    yield "transfer to a holder", cost(suite.send(H1, token, "transfer", H2, UNITS))
    yield "transfer to a new holder", cost(suite.send(H1, token, "transfer", H4, UNITS))
    yield "approve", cost(suite.send(H1, token, "approve", STRANGER, 1_000))
    moved = suite.send(STRANGER, token, "transferFrom", H1, H2, UNITS)
    yield "transferFrom to a holder", cost(moved)


def floor() -> Costs:
    """Payment inside the coin itself: no payer contract, no rule, no record."""
    suite = make_suite()
    coin = suite.deploy("FloorCoin")
    suite.send(PAYER, coin, "issue", PAYER, AMOUNT * 1_000)
    payments = [int(wallet, 16) | AMOUNT << 160 for wallet in HUNDRED]
    for kind in ("first", "steady"):
        paid = suite.send(PAYER, coin, "pay", payments, gas=GAS)
        yield f"coupon push to 100, {kind}, each", cost(paid, 100)


def push_loop() -> Costs:
    """A loop over transfers of our coin, told from outside whom to pay what."""
    suite = make_suite()
    loop = suite.deploy("PushLoop")
    suite.fund(loop)
    for kind in ("first", "steady"):
        paid = suite.send(STRANGER, loop, "pay", suite.coin, HUNDRED, [AMOUNT] * 100, gas=GAS)
        yield f"coupon push to 100, {kind}, each", cost(paid, 100)
