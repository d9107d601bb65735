"""P45, P49: parts of a deal are replaced by its timelock, from the announcement to what follows."""

from typing import Any

from chain.client import encode_call
from tests.contracts.suite import (
    ADMIN,
    DAY,
    EVIDENCE,
    EXPIRY_DAY,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    NO_ROLE,
    PAYER,
    PER_UNIT,
    PRINCIPAL,
    REGISTRAR,
    REGULATOR,
    REVERTS,
    STRANGER,
    TRUSTEE,
    UNCLAIMED,
    Contract,
    Outcome,
    Suite,
    principal_change,
    refused,
    set_manner,
    unauthorized,
)

DELAY = 10 * DAY
ALONE, SALT = bytes(32), b"\x5a" * 32


def hand_over(suite: Suite) -> Contract:
    """The deal's timelock becomes the tokens' only admin."""
    timelock = suite.deploy("DealTimelock", DELAY, ISSUER, TRUSTEE, REGULATOR)
    for token in (suite.token, suite.token_b):
        suite.send(ADMIN, token, "grantRole", NO_ROLE, timelock)
        suite.send(ADMIN, token, "revokeRole", NO_ROLE, ADMIN)
    return timelock


def act(suite: Suite, function: str, fresh: Contract) -> tuple[Any, ...]:
    """The same of both tokens, as the timelock takes it."""
    tokens = [suite.token.address, suite.token_b.address]
    data = encode_call(suite.token.artifact.abi, function, (fresh.address,))
    return (tokens, [0, 0], [data, data], ALONE, SALT)


def propose(suite: Suite, timelock: Contract, what: tuple[Any, ...], by: str = ISSUER) -> int:
    """When it may be carried out."""
    suite.send(by, timelock, "scheduleBatch", *what, DELAY)
    return suite.now + DELAY


def carry_out(
    suite: Suite, timelock: Contract, what: tuple[Any, ...], by: str = TRUSTEE
) -> Outcome:
    return suite.send(by, timelock, "executeBatch", *what)


def replace(suite: Suite, timelock: Contract, function: str, fresh: Contract) -> Outcome:
    what = act(suite, function, fresh)
    suite.at(propose(suite, timelock, what))
    return carry_out(suite, timelock, what)


def fresh_registry(suite: Suite, timelock: Contract) -> Contract:
    return suite.deploy("InvestorRegistry", timelock, REGISTRAR)


def fresh_distributor(suite: Suite, timelock: Contract) -> Contract:
    return suite.deploy("CouponDistributor", suite.coin, timelock, PAYER, TRUSTEE, UNCLAIMED)


def eligibility(expiry_day: int = EXPIRY_DAY) -> dict[str, int]:
    return {"expiryDay": expiry_day, "country": 344, "class": 2}


def test_regulator_cancels_what_was_announced(active: Suite) -> None:
    timelock = hand_over(active)
    before = active.token.call("investorRegistry")
    what = act(active, "replaceInvestorRegistry", fresh_registry(active, timelock))
    ready = propose(active, timelock, what)
    operation = timelock.call("hashOperationBatch", *what)
    with unauthorized(TRUSTEE, timelock, "CANCELLER_ROLE"):
        active.send(TRUSTEE, timelock, "cancel", operation)
    active.send(REGULATOR, timelock, "cancel", operation)
    active.at(ready)
    with refused(
        "TimelockUnexpectedOperationState",
        operationId=operation,
        expectedStates=(1 << 2).to_bytes(32, "big"),
    ):
        carry_out(active, timelock, what)
    assert active.token.call("investorRegistry") == before


# ---- the investor registry (P49)


def test_replaced_registry_writes_nothing_and_the_fresh_one_restricts_whoever_is_there(
    active: Suite,
) -> None:
    timelock = hand_over(active)
    index, units = active.index(H1), active.units(H1)
    active.freeze(H2)
    former, fresh = active.investors, fresh_registry(active, timelock)
    replace(active, timelock, "replaceInvestorRegistry", fresh)

    with refused("UnauthorizedCaller", caller=former, expected=fresh):
        active.register(H1)
    with refused("UnauthorizedCaller", caller=former, expected=fresh):
        active.send(REGISTRAR, former, "recover", H2, STRANGER, EVIDENCE)
    assert active.token.call("isFrozen", H2) is True

    for token in (active.token, active.token_b):
        active.send(REGISTRAR, fresh, "admitToken", token)
    assert active.token.call("canReceive", H1) is True
    active.send(REGISTRAR, fresh, "setInvestor", H1, eligibility(expiry_day=0), EVIDENCE)
    assert active.token.call("canReceive", H1) is False
    assert (active.index(H1), active.units(H1)) == (index, units)

    # A freeze is the token's: the fresh registry's word does not lift it.
    active.send(REGISTRAR, fresh, "setInvestor", H2, eligibility(), EVIDENCE)
    assert active.token.call("canSend", H2) is False
    # Numbers go on where they were.
    last = max(active.index(holder) for holder in (H1, H2, H3, H4))
    active.send(REGISTRAR, fresh, "setInvestor", STRANGER, eligibility(), EVIDENCE)
    assert active.index(STRANGER) == last + 1


# ---- the distributor (P45)


def test_distributor_is_not_replaced_while_a_payment_is_unsettled(declared: Suite) -> None:
    timelock = hand_over(declared)
    what = act(declared, "replaceDistributor", fresh_distributor(declared, timelock))
    declared.at(propose(declared, timelock, what))
    with refused("EpochsUnsettled", count=1):
        carry_out(declared, timelock, what)
    declared.pay(1, H1, H2, H3)
    carry_out(declared, timelock, what)


def test_replaced_distributor_pays_what_it_holds_and_the_fresh_one_pays_what_follows(
    awkward_declared: Suite,
) -> None:
    suite = awkward_declared
    timelock = hand_over(suite)
    set_manner(suite, H2, REVERTS)
    suite.find_ineligible(H3)
    suite.pay(1, H1, H2, H3)
    held = {H2: suite.credit(H2), H3: suite.set_aside(H3)}
    assert held == {H2: 20_000 * PER_UNIT, H3: 10_000 * PER_UNIT}
    former, fresh = suite.distributor, fresh_distributor(suite, timelock)
    replace(suite, timelock, "replaceDistributor", fresh)

    with refused("TokenOfAnotherDistributor", token=suite.token, distributor=fresh):
        suite.announce(suite.now + DAY)
    record_at = suite.now + DAY
    suite.send(PAYER, fresh, "announce", suite.token, record_at)
    suite.at(record_at)
    suite.send(PAYER, fresh, "record", suite.token, 2)

    set_manner(suite, H2, 0)
    suite.register(H3)
    for holder, pay in ((H2, suite.collect), (H3, suite.release)):
        before = suite.coins(holder)
        pay(holder)
        assert suite.coins(holder) - before == held[holder]
    assert suite.coins(former) == 0

    suite.allow(PAYER, fresh)
    suite.send(PAYER, fresh, "declare", suite.token, 2, 1, principal_change(PRINCIPAL))
    before = suite.coins(H1)
    suite.send(PAYER, fresh, "pay", suite.token, 2, (H1, H2, H3))
    assert suite.coins(H1) - before == 50_000 * (1 + PRINCIPAL)
    assert suite.token.call("settledEpoch") == 2
