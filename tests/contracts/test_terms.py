"""What the filed plan says of holdings: the least one, how many holders, and from when units move."""

from collections.abc import Iterator

import pytest

from chain.errors import ContractReverted
from tests.contracts.suite import (
    CAP,
    DAY,
    FILER,
    FIRST_DAY,
    H1,
    H2,
    H3,
    H4,
    HOLDERS,
    ISSUER,
    REGISTRAR,
    REPORT,
    STRANGER,
    Suite,
    refused,
)

FILING = b"filing 2026-002".ljust(32, b"\0")
LEAST, MOST_HOLDERS = 100, 3
UNLOCKED = (FIRST_DAY + 40) * DAY


@pytest.fixture
def bound(onboarded: Suite) -> Iterator[Suite]:
    """A tranche of another filing, its offering open: 100 units or none, three holders, a lock-up."""
    suite, senior = onboarded, onboarded.token
    suite.token = suite.new_token(min_holding=LEAST, holder_cap=MOST_HOLDERS, locked_until=UNLOCKED)
    suite.send(REGISTRAR, suite.investors, "admitToken", suite.token)
    for holder in (*HOLDERS, H4):
        suite.register(holder)
    suite.attach(b"C".ljust(32, b"\0"), suite.token, FILING)
    suite.approve_filing(filing=FILING, caps=(CAP,))
    suite.send(ISSUER, suite.token, "openOffering")
    yield suite
    suite.token = senior


@pytest.fixture
def locked(bound: Suite) -> Suite:
    """1,000 units with each of H1, H2 and H3; the issuance reported, a day before the lock-up ends."""
    for holder in HOLDERS:
        bound.issue(holder, 1_000)
    bound.send(ISSUER, bound.token, "closeOffering")
    bound.send(FILER, bound.filings, "reportIssuance", FILING, REPORT)
    bound.at(UNLOCKED - DAY)
    bound.mine()
    return bound


@pytest.fixture
def trading(locked: Suite) -> Suite:
    locked.at(UNLOCKED)
    locked.mine()
    return locked


def holders(suite: Suite) -> int:
    """As the token counts them, and as its balances show."""
    count = int(suite.token.call("holderCount"))
    assert count == sum(suite.units(each) > 0 for each in (*HOLDERS, H4, STRANGER))
    return count


def test_terms_are_shown_and_final(bound):
    shown = {name: bound.token.call(name) for name in ("minHolding", "holderCap", "lockedUntil")}
    assert shown == {"minHolding": LEAST, "holderCap": MOST_HOLDERS, "lockedUntil": UNLOCKED}
    assert holders(bound) == 0


def test_terms_of_nothing_bind_nobody(active):
    for name in ("minHolding", "holderCap", "lockedUntil"):
        assert active.token.call(name) == 0
    active.transfer(H1, H4, 1)
    active.transfer(H1, H2, 49_999)
    assert [active.units(each) for each in (H1, H2, H4)] == [0, 69_999, 1]


def test_holders_are_not_counted_where_no_cap_asks_for_it(active):
    """P16: the count costs a slot of its own, in every transfer that a holder joins or leaves by."""
    active.transfer(H1, H4, 1)
    assert active.token.call("holderCount") == 0


# ---- the offering


def test_mint_of_the_least_holding_passes_and_so_does_one_unit_more(bound):
    bound.issue(H1, LEAST)
    bound.issue(H1, 1)
    assert (bound.units(H1), holders(bound)) == (LEAST + 1, 1)


def test_mint_below_the_least_holding_is_refused(bound):
    with refused("HoldingBelowMinimum", account=H1, minimum=LEAST, wouldHold=LEAST - 1):
        bound.issue(H1, LEAST - 1)


def test_mint_to_a_holder_beyond_the_cap_is_refused(bound):
    """INV-10, P16: whoever holds already may still buy."""
    for holder in HOLDERS:
        bound.issue(holder, LEAST)
    with refused("HolderCapReached", cap=MOST_HOLDERS):
        bound.issue(H4, LEAST)
    bound.issue(H3, LEAST)
    assert holders(bound) == MOST_HOLDERS


# ---- the lock-up


@pytest.mark.parametrize("units", [0, 1_000])
def test_transfer_one_second_before_the_lock_up_ends_is_refused(locked, units):
    """INV-11, P11: reported or not; nothing is easier for having no amount."""
    locked.at(UNLOCKED - 1)
    with refused("TransfersLockedUntil", instant=UNLOCKED):
        locked.transfer(H1, H2, units)


def test_transfer_at_the_very_second_the_lock_up_ends_passes(locked):
    locked.at(UNLOCKED)
    locked.transfer(H1, H2, 1_000)


def test_transfer_after_the_lock_up_but_before_the_report_is_refused(bound):
    bound.issue(H1, LEAST)
    bound.at(UNLOCKED)
    with refused("TransfersLocked"):
        bound.transfer(H1, H2, LEAST)


# ---- the least holding


@pytest.mark.parametrize("kept", [0, LEAST, LEAST + 1])
def test_transfer_that_leaves_nothing_or_enough_passes(trading, kept):
    trading.transfer(H1, H2, 1_000 - kept)
    assert trading.units(H1) == kept


@pytest.mark.parametrize("kept", [1, LEAST - 1])
def test_transfer_that_leaves_the_sender_too_little_is_refused(trading, kept):
    with refused("HoldingBelowMinimum", account=H1, minimum=LEAST, wouldHold=kept):
        trading.transfer(H1, H2, 1_000 - kept)


def test_transfer_that_gives_the_receiver_too_little_is_refused(trading):
    trading.transfer(H3, H2, 1_000)
    with refused("HoldingBelowMinimum", account=H3, minimum=LEAST, wouldHold=LEAST - 1):
        trading.transfer(H1, H3, LEAST - 1)
    trading.transfer(H1, H3, LEAST)


def test_transfer_from_obeys_the_terms_too(trading):
    trading.let_spend(H1, STRANGER, 1_000)
    with refused("HoldingBelowMinimum", account=H1, minimum=LEAST, wouldHold=1):
        trading.transfer_from(STRANGER, H1, H2, 999)


# ---- the cap on holders


def test_transfer_to_a_holder_beyond_the_cap_is_refused(trading):
    """P16."""
    with refused("HolderCapReached", cap=MOST_HOLDERS):
        trading.transfer(H1, H4, LEAST)


def test_transfer_of_a_whole_holding_to_somebody_new_passes_at_the_cap(trading):
    """P16: one leaves as the other joins."""
    trading.transfer(H1, H4, 1_000)
    assert holders(trading) == MOST_HOLDERS


def test_transfer_to_somebody_new_passes_once_a_holder_has_left(trading):
    trading.transfer(H1, H2, 1_000)
    assert holders(trading) == MOST_HOLDERS - 1
    trading.transfer(H2, H4, LEAST)
    assert holders(trading) == MOST_HOLDERS


@pytest.mark.parametrize(("target", "units"), [(H4, 0), (H1, 0), (H1, 1), (H1, 1_000)])
def test_transfer_of_nothing_or_to_oneself_changes_no_count(trading, target, units):
    """P10, P11."""
    trading.transfer(H1, target, units)
    assert (trading.units(H1), holders(trading)) == (1_000, MOST_HOLDERS)


# ---- enforcement stands above the terms


def test_forced_transfer_passes_against_every_term_and_is_counted(locked):
    """Before the lock-up ends, to a fourth holder, leaving both with too little."""
    locked.force(H1, H4, 1)
    assert holders(locked) == MOST_HOLDERS + 1
    locked.force(H1, H4, 999)
    assert holders(locked) == MOST_HOLDERS
    locked.force(H4, H3, 0)
    assert holders(locked) == MOST_HOLDERS


def test_holding_that_a_forced_transfer_left_too_small_can_only_grow_or_go(trading):
    trading.force(H1, H2, 950)
    trading.transfer(H1, H1, 20)
    with refused("HoldingBelowMinimum", account=H1, minimum=LEAST, wouldHold=49):
        trading.transfer(H1, H2, 1)
    with refused("HoldingBelowMinimum", account=H1, minimum=LEAST, wouldHold=51):
        trading.transfer(H2, H1, 1)
    with trading.anchor():
        trading.transfer(H2, H1, 50)
        assert holders(trading) == MOST_HOLDERS
    trading.transfer(H1, H2, 50)
    assert holders(trading) == MOST_HOLDERS - 1


def test_more_holders_than_the_cap_may_trade_but_never_become_more(trading):
    """P16: a forced transfer may go beyond it, and nobody else."""
    trading.register(STRANGER)
    trading.force(H1, H4, 500)
    trading.transfer(H1, H2, 100)
    with refused("HolderCapReached", cap=MOST_HOLDERS):
        trading.transfer(H1, STRANGER, 200)
    trading.transfer(H1, STRANGER, 400)
    assert holders(trading) == MOST_HOLDERS + 1


# ---- the views


@pytest.mark.parametrize("day", [UNLOCKED - 1, UNLOCKED])
def test_can_transfer_agrees_with_transfer_under_every_term(locked, day):
    locked.force(H3, H2, 950)
    locked.at(day)
    for source in (H1, H2, H3, H4):
        for target in (H1, H2, H3, H4):
            for units in (0, 1, 50, LEAST, 901, 950, 1_000):
                promised = locked.token.call("canTransfer", source, target, units)
                case = (source, target, units)
                assert passes(locked, *case) is promised, case


def passes(suite: Suite, source: str, target: str, units: int) -> bool:
    try:
        suite.simulate(source, suite.token, "transfer", target, units)
    except ContractReverted:
        return False
    return True
