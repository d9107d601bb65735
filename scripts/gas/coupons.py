"""Costs of coupons. A recipient who has no coin yet costs 17,100 more: "first", else "steady"."""

from scripts.gas.cost import CROWD, GAS, Cost, Costs, cost, lone_tranche
from scripts.gas.units import admit, held, mint, mint_batch
from tests.contracts.suite import (
    H1,
    H2,
    H3,
    PAYER,
    REVERTS,
    STRANGER,
    Stages,
    Suite,
    make_suite,
    set_manner,
)


def _held_by_the_crowd() -> Suite:
    suite = lone_tranche()
    suite.fund(PAYER)
    suite.allow(PAYER, suite.distributor)
    admit(suite, CROWD)
    mint_batch(suite, CROWD)
    for wallet in (H1, H2, H3):
        mint(suite, wallet)
    return suite


def _push(suite: Suite, epoch: int, size: int) -> Cost:
    return cost(suite.pay(epoch, *CROWD[:size], gas=GAS), size)


def _claim(suite: Suite, epoch: int, wallet: str) -> Cost:
    return cost(suite.pay(epoch, wallet, by=STRANGER))


def paying() -> Costs:
    """Epoch 1 pays wallets that have no coin, epoch 2 the same wallets."""
    suite = _held_by_the_crowd()
    suite.close_epoch(1)
    suite.declare(1)
    with suite.anchor():
        yield "coupon push to 100, first, each", _push(suite, 1, 100)
    yield "coupon push to 250, first, each", _push(suite, 1, 250)
    yield "coupon claim, first", _claim(suite, 1, H1)
    suite.pay(1, H2)
    yield "coupon claim, the last one, which settles the epoch", _claim(suite, 1, H3)
    record_at = suite.now + 3_600
    yield "announce a record date", cost(suite.announce(record_at))
    suite.at(record_at)
    yield "record", cost(suite.record(2))
    yield "declare interest and principal", cost(suite.declare(2))
    with suite.anchor():
        yield "coupon push to 100, steady, each", _push(suite, 2, 100)
    with suite.anchor():
        yield "coupon claim, before any neighbour", _claim(suite, 2, H1)
    yield "coupon push to 250, steady, each", _push(suite, 2, 250)
    yield "coupon claim, steady", _claim(suite, 2, H1)


def holding_back() -> Costs:
    """What could not be paid when its time came, paid later."""
    suite = held()
    for account in (PAYER, H1, H2):
        suite.fund(account)
    suite.allow(PAYER, suite.distributor)
    for wallet in (H1, H2):
        suite.freeze(wallet)
    suite.close_epoch(1)
    suite.declare(1)
    suite.pay(1, H2)
    yield "pay one holder who may not be paid: set aside", cost(suite.pay(1, H1))
    suite.thaw(H1)
    yield "release", cost(suite.release(H1))
    awkward = Stages(make_suite("AwkwardCoin")).reach("declared")
    for wallet in (H1, H2):
        set_manner(awkward, wallet, REVERTS)
    awkward.pay(1, H1, H2)
    set_manner(awkward, H1, 0)
    yield "collect", cost(awkward.collect(H1))
