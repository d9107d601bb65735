"""Freezes and forced transfers: enforcement's key alone, and only within the rules of eligibility."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    EXPIRY,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    REGISTRAR,
    REGULATOR,
    STRANGER,
    ZERO,
    named,
    refused,
    unauthorized,
)

EVERYTHING = 2**256 - 1


def test_freeze_an_address_and_thaw_it_again(active):
    outcome = active.freeze(H1)
    assert outcome.args("AddressFrozen")["isFrozen"] is True
    assert active.token.call("isFrozen", H1) is True
    active.thaw(H1)
    active.transfer(H1, H2, 1)


def test_freeze_on_one_tranche_leaves_the_other_alone(active):
    active.freeze(H1)
    assert active.token_b.call("isFrozen", H1) is False


def test_freeze_survives_the_registrar(active):
    """P13: what enforcement froze, a renewed registration does not thaw."""
    active.freeze(H1)
    active.register(H1)
    assert active.token.call("isFrozen", H1) is True


def test_set_frozen_tokens_overwrites(active):
    active.freeze_units(H1, 100)
    outcome = active.freeze_units(H1, 30)
    assert outcome.args("Frozen") == {"account": H1, "amount": 30}
    assert active.token.call("getFrozenTokens", H1) == 30


@pytest.mark.parametrize("units", [50_001, EVERYTHING])
def test_set_frozen_tokens_beyond_the_balance_is_kept_as_given(active, units):
    active.freeze_units(H1, units)
    assert active.token.call("getFrozenTokens", H1) == units
    assert active.units(H1) == 50_000


def test_set_frozen_tokens_of_a_stranger_waits_for_its_first_units(active):
    active.freeze_units(H4, 60)
    active.transfer(H1, H4, 100)
    active.transfer(H4, H1, 40)
    with refused("ERC7943InsufficientUnfrozenBalance", account=H4, amount=1, unfrozen=0):
        active.transfer(H4, H1, 1)


def test_set_frozen_tokens_of_a_stranger_gives_the_number_it_keeps(active):
    """What is frozen belongs to the investor's number, so there has to be one."""
    active.freeze_units(STRANGER, 5)
    number = active.index(STRANGER)
    assert number == 5
    assert active.token.call("canReceive", STRANGER) is False
    active.register(STRANGER)
    assert active.index(STRANGER) == number
    assert active.token.call("getFrozenTokens", STRANGER) == 5


@pytest.mark.parametrize("name", [None, "token", "distributor"])
def test_set_frozen_tokens_of_what_cannot_be_registered_is_refused(active, name):
    account = ZERO if name is None else getattr(active, name)
    with refused("WalletBarred", wallet=account):
        active.freeze_units(account, 5)
    assert active.index(account) == active.token.call("getFrozenTokens", account) == 0


def test_force_moves_units_without_consent(active):
    outcome = active.force(H1, H4, 500)
    assert outcome.names == ["Transfer", "ForcedTransfer"]
    assert outcome.args("ForcedTransfer") == {"from": H1, "to": H4, "amount": 500}
    assert (active.units(H1), active.units(H4)) == (49_500, 500)


def test_force_of_frozen_units_thaws_exactly_what_it_takes(active):
    """The events come in the standard's order: Frozen, Transfer, ForcedTransfer."""
    active.freeze_units(H3, 8_000)
    outcome = active.force(H3, H4, 5_000)
    assert outcome.names == ["Frozen", "Transfer", "ForcedTransfer"]
    assert outcome.args("Frozen") == {"account": H3, "amount": 5_000}
    assert active.units(H3) == active.token.call("getFrozenTokens", H3) == 5_000


def test_force_of_unfrozen_units_leaves_the_freeze_alone(active):
    active.freeze_units(H3, 8_000)
    outcome = active.force(H3, H4, 2_000)
    assert outcome.names == ["Transfer", "ForcedTransfer"]
    assert active.token.call("getFrozenTokens", H3) == 8_000


@pytest.mark.parametrize("units", [0, 1, 10_000])
def test_force_from_a_holder_frozen_beyond_its_balance_keeps_the_excess(active, units):
    """An order may freeze more than is held; taking some units does not end it for the rest."""
    active.freeze_units(H3, 30_000)
    active.force(H3, H4, units)
    assert active.token.call("getFrozenTokens", H3) == 30_000 - units


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
def test_force_from_a_holder_who_may_not_send_passes(active, situation):
    getattr(active, situation)(H1)
    active.force(H1, H4, 50_000)
    assert active.units(H4) == 50_000


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_force_works_while_transfers_are_stopped(active, act):
    getattr(active, act)()
    active.force(H1, H4, 1)
    assert active.units(H4) == 1


def test_force_works_before_transfers_open(issued):
    issued.force(H1, H4, 1)
    assert issued.units(H4) == 1


@pytest.mark.parametrize("units", [0, 1, 50_000])
def test_force_to_the_same_wallet_is_refused(active, units):
    """P10: it would only thaw units, unseen."""
    active.freeze_units(H1, 50_000)
    with refused("ForcedTransferToSelf", account=H1):
        active.force(H1, H1, units)
    assert active.token.call("getFrozenTokens", H1) == 50_000


@pytest.mark.parametrize("target", [STRANGER, ZERO])
def test_force_to_an_unregistered_wallet_is_refused(active, target):
    """P9."""
    with refused("ERC7943CannotReceive", account=target):
        active.force(H1, target, 1)


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
def test_force_to_a_wallet_that_may_not_receive_is_refused(active, situation):
    """P9."""
    getattr(active, situation)(H2)
    with refused("ERC7943CannotReceive", account=H2):
        active.force(H1, H2, 1)


def test_force_to_an_expired_wallet_is_refused(active):
    """P9."""
    active.at(EXPIRY)
    with refused("ERC7943CannotReceive", account=H2):
        active.force(H1, H2, 1)


def test_force_beyond_the_balance_is_refused(active):
    active.freeze_units(H3, 8_000)
    with refused("ERC20InsufficientBalance", sender=H3, balance=10_000, needed=10_001):
        active.force(H3, H4, 10_001)
    assert active.token.call("getFrozenTokens", H3) == 8_000


def test_force_from_nobody_is_refused(active):
    with refused("ERC20InvalidSender", sender=ZERO):
        active.force(ZERO, H1, 1)


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, REGISTRAR, REGULATOR, H1], ids=named)
@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("setAddressFrozen", [H1, True]),
        ("setFrozenTokens", [H1, 1]),
        ("forcedTransfer", [H1, H2, 1]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_enforcement_by_any_other_key_is_refused(active, caller, function, args):
    with unauthorized(caller, active.token, "ENFORCEMENT_ROLE"):
        active.send(caller, active.token, function, *args)
