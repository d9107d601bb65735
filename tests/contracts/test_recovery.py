"""A lost wallet is given up for a fresh one: the investor stays who it is, on every tranche."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    ALLOTMENT_B,
    ALLOTMENTS,
    ENFORCEMENT,
    EVIDENCE,
    H1,
    H2,
    H3,
    H4,
    PAYER,
    PER_UNIT,
    REGISTRAR,
    REVERTS,
    STRANGER,
    TRUSTEE,
    UNCLAIMED,
    ZERO,
    Outcome,
    Suite,
    principal_change,
    refused,
    set_manner,
    unauthorized,
)

DUE = ALLOTMENTS[H1] * PER_UNIT
FRESH, FRESHER = STRANGER, UNCLAIMED
"""Two wallets that nobody has registered."""


def give_up(suite: Suite, wallet: str) -> None:
    for token in (suite.token, suite.token_b):
        suite.send(ENFORCEMENT, token, "setAddressFrozen", wallet, True)


def take_up(suite: Suite, wallet: str) -> None:
    for token in (suite.token, suite.token_b):
        suite.send(ENFORCEMENT, token, "setAddressFrozen", wallet, False)


def recover(suite: Suite, lost: str = H1, fresh: str = FRESH, order: bytes = EVIDENCE) -> Outcome:
    return suite.send(REGISTRAR, suite.investors, "recover", lost, fresh, order)


def replace(suite: Suite, lost: str, fresh: str) -> None:
    give_up(suite, lost)
    recover(suite, lost, fresh)
    take_up(suite, fresh)


def test_recover_moves_the_whole_word_on_every_tranche(active):
    """P46: units, number, eligibility and freezes go; a tombstone stays."""
    active.freeze_units(H1, 700)
    give_up(active, H1)
    outcome = recover(active)
    frozen = ["Frozen", "Frozen"]  # in the one tranche where units are
    assert outcome.names == [
        *("Transfer", *frozen, "WalletRecovered"),
        *("Transfer", "WalletRecovered", "InvestorRecovered"),
    ]
    for token, units in ((active.token, ALLOTMENTS[H1]), (active.token_b, ALLOTMENT_B)):
        assert outcome.args("Transfer", token) == {"from": H1, "to": FRESH, "value": units}
        assert outcome.args("WalletRecovered", token)["index"] == 1
        assert (token.call("balanceOf", H1), token.call("balanceOf", FRESH)) == (0, units)
        assert (token.call("indexOf", H1), token.call("indexOf", FRESH)) == (0, 1)
        assert token.call("isBarred", H1) is token.call("isFrozen", FRESH) is True
        assert token.call("eligibilityOf", FRESH) == token.call("eligibilityOf", H2)
        assert token.call("eligibilityOf", H1)["expiryDay"] == 0
    assert active.token.call("getFrozenTokens", FRESH) == 700
    assert active.token.call("getFrozenTokens", H1) == 0


def test_recover_leaves_supply_and_holders_of_record_as_they_were(recorded):
    """P24, P46."""
    give_up(recorded, H1)
    recover(recorded)
    found = {each: recorded.token.call("balanceAt", each, 1) for each in (H1, FRESH, H2, H3)}
    assert found == {H1: 0, FRESH: 50_000, H2: 20_000, H3: 10_000}
    assert recorded.token.call("supplyAt", 1) == recorded.token.call("totalSupply") == 80_000


def test_the_wallet_given_up_is_nobodys_for_ever(active):
    """P7, P46: it is neither registered, thawed, paid nor given as a fresh one again."""
    replace(active, H1, FRESH)
    with refused("WalletBarred", wallet=H1):
        active.register(H1)
    for act in (active.freeze, active.thaw):
        with refused("WalletBarred", wallet=H1):
            act(H1)
    give_up(active, H2)
    with refused("WalletBarred", wallet=H1):
        recover(active, H2, H1)
    with refused("InvestorUnknown", wallet=H1):
        recover(active, H1, FRESHER)


def test_nobody_spends_from_the_wallet_given_up_nor_on_its_word_from_the_fresh_one(active):
    """P12, P46: an allowance is an address's, and does not follow."""
    active.let_spend(H1, H4, 100)
    replace(active, H1, FRESH)
    with refused("ERC7943CannotSend", account=H1):
        active.transfer_from(H4, H1, H2, 1)
    with refused("ERC20InsufficientAllowance", spender=H4, allowance=0, needed=1):
        active.transfer_from(H4, FRESH, H2, 1)
    active.transfer(FRESH, H2, 50_000)


# ---- what was due is due still, once


@pytest.mark.parametrize("chain", [(FRESH,), (FRESH, FRESHER), (FRESH, FRESHER, TRUSTEE)])
@pytest.mark.parametrize("moves", [False, True])
def test_an_unpaid_coupon_is_paid_once_to_the_wallet_of_now(declared, chain, moves):
    """P29, P46, P47: from wallet to wallet, with or without units moved in between."""
    wallets = (H1, *chain)
    for lost, fresh in zip(wallets, chain, strict=False):
        replace(declared, lost, fresh)
        if moves:
            declared.transfer(fresh, H2, 1_000)
    before = {wallet: declared.coins(wallet) for wallet in wallets}
    declared.pay(1, *wallets, *reversed(wallets), by=STRANGER)
    declared.pay(1, *wallets)
    got = {wallet: declared.coins(wallet) - coins for wallet, coins in before.items()}
    assert got == dict.fromkeys(wallets, 0) | {chain[-1]: DUE}


def test_a_paid_coupon_is_not_payable_after_a_recovery(declared):
    """P47."""
    declared.pay(1, H1)
    replace(declared, H1, FRESH)
    left = declared.left()
    declared.pay(1, H1, FRESH)
    assert (declared.coins(FRESH), declared.left()) == (0, left)
    assert declared.is_paid(FRESH) is True


def test_the_wallet_given_up_is_passed_over_however_it_is_listed(declared):
    """P30, P47: it has no number: paying it neither fails nor sets anything aside."""
    replace(declared, H1, FRESH)
    declared.pay(1, H1, H2)
    assert declared.set_aside(H1) == declared.credit(H1) == 0
    assert declared.is_paid(FRESH) is False
    assert declared.left() == DUE + ALLOTMENTS[H3] * PER_UNIT


def test_a_fresh_wallet_still_frozen_has_its_payment_set_aside(declared):
    """P43, P46: until the enforcement has thawed it; then it is released to it."""
    give_up(declared, H1)
    recover(declared)
    declared.pay(1, FRESH)
    with refused("HolderNotCleared", wallet=FRESH):
        declared.release(FRESH)
    take_up(declared, FRESH)
    declared.release(FRESH)
    assert declared.coins(FRESH) == DUE


def test_money_set_aside_before_is_released_to_the_wallet_of_now_only(declared):
    """P6, P43: it belongs to the number."""
    declared.freeze(H1)
    declared.pay(1, H1)
    replace(declared, H1, FRESH)
    with refused("NothingHeld", token=declared.token, index=0):
        declared.release(H1)
    declared.release(FRESH)
    assert declared.coins(FRESH) == DUE


def test_credit_from_before_is_collected_by_the_wallet_of_now_only(awkward_declared):
    """P6, P43."""
    suite = awkward_declared
    set_manner(suite, H1, REVERTS)
    suite.pay(1, H1)
    replace(suite, H1, FRESH)
    with refused("NothingHeld", token=suite.token, index=0):
        suite.collect(H1)
    suite.collect(FRESH)
    assert suite.coins(FRESH) == DUE


def test_history_of_several_record_dates_follows_through_a_chain(active):
    """P6, P24: units move between record dates that all wait for their payment."""
    snapshots = []
    owner = H1
    for epoch, fresh in enumerate((FRESH, FRESHER, TRUSTEE), start=1):
        active.transfer(owner, H2, 1_000 * epoch)
        snapshots.append(active.units(owner))
        active.close_epoch(epoch)
        active.transfer(H2, owner, 1)
        replace(active, owner, fresh)
        owner = fresh
    found = [active.token.call("balanceAt", owner, epoch) for epoch in (1, 2, 3)]
    assert found == snapshots
    for lost in (H1, FRESH, FRESHER):
        assert [active.token.call("balanceAt", lost, epoch) for epoch in (1, 2, 3)] == [0, 0, 0]


def test_the_same_number_in_two_tranches_is_marked_in_one_only(declared):
    """P6: H1 is number 1 in both; after a recovery too."""
    replace(declared, H1, FRESH)
    b = declared.token_b
    record_at = declared.now + 100
    declared.send(PAYER, declared.distributor, "announce", b, record_at)
    declared.at(record_at)
    declared.send(PAYER, declared.distributor, "record", b, 1)
    declared.send(PAYER, declared.distributor, "declare", b, 1, 7, principal_change())
    declared.pay(1, FRESH)
    assert b.call("indexOf", FRESH) == declared.index(FRESH) == 1
    assert declared.distributor.call("isPaid", b, 1, 1) is False
    before = declared.coins(FRESH)
    declared.send(STRANGER, declared.distributor, "pay", b, 1, [FRESH])
    assert declared.coins(FRESH) - before == 7 * ALLOTMENT_B


# ---- refusals


def test_recover_of_a_wallet_frozen_on_one_tranche_only_is_refused(active):
    """P46: all tranches or none."""
    active.freeze(H1)
    with refused("WalletNotFrozen", wallet=H1):
        recover(active)
    assert (active.units(H1), active.units(FRESH)) == (50_000, 0)


@pytest.mark.parametrize("fresh", [H2, H4, H1])
def test_recover_to_a_registered_wallet_is_refused(active, fresh):
    """P46: nobody's units are merged with another's."""
    give_up(active, H1)
    with refused("WalletAlreadyRegistered", wallet=fresh):
        recover(active, H1, fresh)


@pytest.mark.parametrize("name", [None, "token", "coin", "distributor", "dvp", "investors"])
def test_recover_to_a_contract_of_the_deal_is_refused(active, name):
    """P7, P46."""
    fresh = ZERO if name is None else getattr(active, name).address
    give_up(active, H1)
    with refused("WalletBarred", wallet=fresh):
        recover(active, H1, fresh)


def test_recover_to_a_wallet_registered_on_a_later_tranche_only_is_refused(active):
    """P46: the fresh wallet is unknown everywhere, or nothing moves."""
    late = active.new_token()
    active.send(ENFORCEMENT, late, "setFrozenTokens", FRESH, 1)
    active.send(REGISTRAR, active.investors, "admitToken", late)
    active.register(H1)
    give_up(active, H1)
    active.send(ENFORCEMENT, late, "setAddressFrozen", H1, True)
    with refused("WalletAlreadyRegistered", wallet=FRESH):
        recover(active)
    assert active.units(H1) == 50_000


def test_recover_passes_over_a_tranche_that_does_not_know_the_investor(active):
    """P48: one admitted later admits nobody by itself."""
    late = active.new_token()
    active.send(REGISTRAR, active.investors, "admitToken", late)
    give_up(active, H1)
    assert recover(active).names.count("WalletRecovered") == 2
    assert late.call("indexOf", FRESH) == 0


@pytest.mark.parametrize("how", ["registered", "barred"])
def test_recover_to_a_wallet_taken_on_a_tranche_that_does_not_know_the_investor_is_refused(
    active, how
):
    """P46, P48: else no later word about the investor could be the same on every tranche."""
    late = active.new_token(settlement=FRESH if how == "barred" else active.dvp)
    active.send(REGISTRAR, active.investors, "admitToken", late)
    if how == "registered":
        active.send(ENFORCEMENT, late, "setFrozenTokens", FRESH, 1)
    give_up(active, H1)
    error = "WalletBarred" if how == "barred" else "WalletAlreadyRegistered"
    with refused(error, wallet=FRESH):
        recover(active)


def test_recover_of_a_wallet_nobody_knows_is_refused(active):
    with refused("InvestorUnknown", wallet=FRESH):
        recover(active, FRESH, FRESHER)


def test_recover_without_an_order_is_refused(active):
    give_up(active, H1)
    with refused("OrderHashMissing"):
        recover(active, order=bytes(32))


@pytest.mark.parametrize("caller", [ADMIN, ENFORCEMENT, H1])
def test_recover_by_anyone_but_the_registrar_is_refused(active, caller):
    """P46."""
    give_up(active, H1)
    with unauthorized(caller, active.investors, "REGISTRAR_ROLE"):
        active.send(caller, active.investors, "recover", H1, FRESH, EVIDENCE)
    with refused("UnauthorizedCaller", caller=caller, expected=active.investors):
        active.send(caller, active.token, "recover", H1, FRESH)
