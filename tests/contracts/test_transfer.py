"""Secondary transfers: who may send, who may receive, and that the views say the same."""

import pytest

from chain.deployer import contract_address
from chain.errors import ContractReverted
from tests.contracts.suite import (
    DAY,
    ENFORCEMENT,
    EXPIRY,
    FILING,
    FIRST_DAY,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    REGISTRAR,
    STRANGER,
    ZERO,
    refused,
)

EVERYTHING = 2**256 - 1


def test_transfer_between_eligible_holders_moves_units(active):
    outcome = active.transfer(H1, H4, 1_000)
    assert outcome.names == ["Transfer"]
    assert outcome.args("Transfer") == {"from": H1, "to": H4, "value": 1_000}
    assert (active.units(H1), active.units(H4)) == (49_000, 1_000)
    assert active.token.call("totalSupply") == 80_000


def test_transfer_from_by_an_allowed_spender_moves_units(active):
    active.let_spend(H1, STRANGER, 1_000)
    active.transfer_from(STRANGER, H1, H4, 400)
    assert active.units(H4) == 400
    assert active.token.call("allowance", H1, STRANGER) == 600


def test_transfer_from_beyond_the_allowance_is_refused(active):
    active.let_spend(H1, STRANGER, 399)
    with refused("ERC20InsufficientAllowance", spender=STRANGER, allowance=399, needed=400):
        active.transfer_from(STRANGER, H1, H4, 400)


# ---- the filing's part


def test_transfer_before_the_issuance_is_reported_is_refused(issued):
    with refused("TransfersLocked"):
        issued.transfer(H1, H2, 1)


def test_transfer_while_suspended_is_refused(active):
    """P13."""
    active.suspend()
    with refused("FilingSuspended", filingId=FILING):
        active.transfer(H1, H2, 1)


def test_transfer_after_revocation_is_refused(active):
    active.revoke()
    with refused("FilingRevoked", filingId=FILING):
        active.transfer(H1, H2, 1)


# ---- the receiver's part


@pytest.mark.parametrize("units", [0, 1])
def test_transfer_to_a_stranger_is_refused(active, units):
    """P9, P11: nothing is easier for having no amount."""
    with refused("ERC7943CannotReceive", account=STRANGER):
        active.transfer(H1, STRANGER, units)


def test_transfer_to_nobody_is_refused(active):
    with refused("ERC20InvalidReceiver", receiver=ZERO):
        active.transfer(H1, ZERO, 1)


@pytest.mark.parametrize("name", ["token", "coin", "distributor", "dvp", "filings", "investors"])
def test_transfer_to_a_contract_of_the_deal_is_refused(active, name):
    """P7: none of them can be registered, so none of them can hold a unit."""
    contract = getattr(active, name)
    with refused("ERC7943CannotReceive", account=contract):
        active.transfer(H1, contract, 1)


def test_pledge_to_an_unregistered_vault_is_refused(active):
    """CIR-01: the vault is not an eligible holder; nobody looks for vaults."""
    vault = active.deploy("PledgeVault", active.token)
    active.let_spend(H1, vault, 100)
    with refused("ERC7943CannotReceive", account=vault):
        active.send(H1, vault, "pledge", 100)
    assert vault.call("totalSupply") == 0


def test_transfer_to_an_address_registered_before_its_code_follows_the_same_rule(active):
    """P15: rules ask who is registered, never whether there is code."""
    nonce = active.client.next_nonce(STRANGER)
    future = contract_address(STRANGER, nonce)
    active.register(future)
    active.transfer(H1, future, 5)
    vault = active.deploy("PledgeVault", active.token, by=STRANGER)
    assert vault.address == future
    active.transfer(H1, vault, 5)
    assert active.units(vault) == 10


def test_transfer_one_second_before_the_receiver_expires_passes(active):
    """P8."""
    active.at(EXPIRY - 1)
    active.transfer(H1, H2, 1)


def test_transfer_at_the_very_second_the_receiver_expires_is_refused(active):
    """P8."""
    active.at(EXPIRY)
    with refused("ERC7943CannotReceive", account=H2):
        active.transfer(H1, H2, 1)


# ---- the sender's part


def test_transfer_by_an_expired_holder_to_an_eligible_one_passes(active):
    """P12: an expired holder may leave."""
    active.register(H4, expiry_day=FIRST_DAY + 350)
    active.at(EXPIRY)
    assert active.token.call("canReceive", H1) is False
    active.transfer(H1, H4, 50_000)
    assert active.units(H4) == 50_000


def test_transfer_to_a_frozen_wallet_is_refused(active):
    active.freeze(H2)
    with refused("ERC7943CannotReceive", account=H2):
        active.transfer(H1, H2, 1)


@pytest.mark.parametrize("units", [0, 1])
def test_transfer_by_a_frozen_wallet_is_refused(active, units):
    """P12."""
    active.freeze(H1)
    with refused("ERC7943CannotSend", account=H1):
        active.transfer(H1, H2, units)


@pytest.mark.parametrize("units", [0, 1])
def test_transfer_by_a_holder_found_ineligible_is_refused(active, units):
    """P12."""
    active.find_ineligible(H1)
    with refused("ERC7943CannotSend", account=H1):
        active.transfer(H1, H2, units)


def test_transfer_from_a_frozen_owner_is_refused(active):
    """P12: an allowance given before the freeze is worth nothing during it."""
    active.let_spend(H1, STRANGER, 10)
    active.freeze(H1)
    with refused("ERC7943CannotSend", account=H1):
        active.transfer_from(STRANGER, H1, H2, 1)


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
def test_approve_by_an_owner_who_may_not_send_is_refused(active, situation):
    """P12: spending is not even prepared; taking an allowance back always works."""
    active.let_spend(H1, STRANGER, 10)
    getattr(active, situation)(H1)
    with refused("ERC7943CannotSend", account=H1):
        active.let_spend(H1, STRANGER, 20)
    active.let_spend(H1, STRANGER, 0)
    assert active.token.call("allowance", H1, STRANGER) == 0


def test_approve_by_an_expired_owner_passes(active):
    active.register(H4, expiry_day=FIRST_DAY + 350)
    active.at(EXPIRY)
    active.let_spend(H1, STRANGER, 10)
    active.transfer_from(STRANGER, H1, H4, 10)
    assert active.units(H4) == 10


def test_transfer_beyond_the_balance_is_refused(active):
    with refused("ERC20InsufficientBalance", sender=H3, balance=10_000, needed=10_001):
        active.transfer(H3, H1, 10_001)


def test_transfer_of_unfrozen_units_passes(active):
    active.freeze_units(H3, 4_000)
    active.transfer(H3, H1, 6_000)
    assert active.units(H3) == 4_000


def test_transfer_beyond_the_unfrozen_units_is_refused(active):
    active.freeze_units(H3, 4_000)
    with refused("ERC7943InsufficientUnfrozenBalance", account=H3, amount=6_001, unfrozen=6_000):
        active.transfer(H3, H1, 6_001)


def test_transfer_with_more_frozen_than_held_is_refused(active):
    active.freeze_units(H3, EVERYTHING)
    with refused("ERC7943InsufficientUnfrozenBalance", account=H3, amount=1, unfrozen=0):
        active.transfer(H3, H1, 1)


# ---- nothing moves


@pytest.mark.parametrize("units", [0, 1, 50_000])
def test_transfer_to_oneself_changes_nothing(active, units):
    """P10."""
    active.transfer(H1, H1, units)
    assert (active.units(H1), active.token.call("totalSupply")) == (50_000, 80_000)
    active.close_epoch(1)
    assert active.token.call("balanceAt", H1, 1) == 50_000


def test_transfer_to_oneself_beyond_the_balance_is_refused(active):
    """P10."""
    with refused("ERC20InsufficientBalance", sender=H1, balance=50_000, needed=50_001):
        active.transfer(H1, H1, 50_001)


@pytest.mark.parametrize("target", [H1, H2, H4])
def test_transfer_from_a_victim_of_nothing_never_alters_an_entitlement(recorded, target):
    """P11: anybody may move zero units of anybody; it must mean nothing, closed or open epoch."""
    recorded.announce(recorded.now + 100)
    for second in (50, 100, 150):
        recorded.at(recorded.now + second)
        recorded.transfer_from(STRANGER, H1, target, 0)
    recorded.record(2)
    for epoch in (1, 2):
        assert recorded.token.call("balanceAt", H1, epoch) == 50_000
        assert recorded.token.call("balanceAt", H2, epoch) == 20_000
        assert recorded.token.call("balanceAt", H4, epoch) == 0
        assert recorded.token.call("supplyAt", epoch) == 80_000


# ---- the views


def _nothing_special(suite):
    pass


def _frozen(suite):
    suite.freeze(H1)


def _ineligible(suite):
    suite.find_ineligible(H2)


def _partly_frozen(suite):
    suite.freeze_units(H1, 49_999)
    suite.freeze_units(H2, EVERYTHING)


def _expired(suite):
    suite.register(H4, expiry_day=FIRST_DAY + 350)
    suite.at(EXPIRY)


def _frozen_before_registration(suite):
    suite.freeze(STRANGER)
    suite.register(STRANGER)


def _suspended(suite):
    suite.suspend()


def _revoked(suite):
    suite.revoke()


@pytest.mark.parametrize(
    "situation",
    [
        _nothing_special,
        _frozen,
        _ineligible,
        _partly_frozen,
        _expired,
        _frozen_before_registration,
        _suspended,
        _revoked,
    ],
)
def test_can_transfer_agrees_with_transfer_in_every_case(active, situation):
    """The view and the refusal come from one place: neither promises what the other denies."""
    situation(active)
    for source in (H1, H2, H4, STRANGER):
        for target in (H1, H2, H4, STRANGER, ZERO):
            for units in (0, active.units(source), active.units(source) + 1):
                promised = active.token.call("canTransfer", source, target, units)
                case = (source, target, units)
                assert _passes(active, *case) is promised, case


def test_can_transfer_agrees_with_transfer_while_locked(issued):
    assert issued.token.call("canTransfer", H1, H2, 1) is False
    assert not _passes(issued, H1, H2, 1)


def _passes(suite, source, target, units):
    try:
        suite.simulate(source, suite.token, "transfer", target, units)
    except ContractReverted:
        return False
    return True


def test_views_of_an_empty_token_answer_for_any_address(deployed):
    """Views of ERC-7943 never revert, for whatever address and amount."""
    _ask_everything(deployed)


def test_views_of_a_token_in_use_answer_for_any_address(declared):
    _ask_everything(declared)


def _ask_everything(suite):
    suite.freeze_units(H1, EVERYTHING)
    suite.freeze("0x" + "ff" * 20)
    addresses = (ZERO, "0x" + "00" * 19 + "01", "0x" + "ff" * 20, suite.token, H1)
    for address in addresses:
        for view in ("canSend", "canReceive", "canBePaid", "isFrozen"):
            assert suite.token.call(view, address) in (True, False)
        assert suite.token.call("getFrozenTokens", address) >= 0
        assert suite.token.call("indexOf", address) >= 0
        for other in addresses:
            for units in (0, EVERYTHING):
                assert suite.token.call("canTransfer", address, other, units) in (True, False)


def test_views_say_no_for_strangers(active):
    for view in ("canSend", "canReceive", "canBePaid"):
        assert active.token.call(view, STRANGER) is False
        assert active.token.call(view, ZERO) is False
        assert active.token.call(view, H1) is True


@pytest.mark.parametrize("caller", [ISSUER, REGISTRAR, ENFORCEMENT, STRANGER])
def test_transfer_from_without_an_allowance_is_refused_whatever_the_role(active, caller):
    with refused("ERC20InsufficientAllowance", spender=caller, allowance=0, needed=1):
        active.transfer_from(caller, H1, H2, 1)


def test_transfer_follows_the_day_not_the_transaction_count(active):
    """P8: an investor lapses while nobody does anything."""
    active.register(H2, expiry_day=FIRST_DAY + 10)
    assert active.token.call("canReceive", H2) is True
    active.at((FIRST_DAY + 10) * DAY)
    assert active.token.call("canReceive", H2) is False
    assert active.investors.call("isVerified", H2) is False
