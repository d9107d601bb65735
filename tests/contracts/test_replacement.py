"""Another distributor, another registry: what the former may still do, and what the fresh one finds."""

from collections.abc import Iterator

import pytest

from tests.contracts.suite import (
    ADMIN,
    ALLOTMENTS,
    EVIDENCE,
    EXPIRY_DAY,
    H1,
    H2,
    H3,
    HOLDERS,
    PAYER,
    PER_UNIT,
    REGISTRAR,
    STRANGER,
    TRUSTEE,
    UNCLAIMED,
    Contract,
    Suite,
    admission,
    principal_change,
    refused,
)


def fresh_distributor(suite: Suite) -> Contract:
    return suite.deploy("CouponDistributor", suite.coin, ADMIN, PAYER, TRUSTEE, UNCLAIMED)


def fresh_registry(suite: Suite) -> Contract:
    return suite.deploy("InvestorRegistry", ADMIN, REGISTRAR)


def replace_distributor(suite: Suite, fresh: Contract) -> None:
    suite.send(ADMIN, suite.token, "replaceDistributor", fresh)


@pytest.fixture
def replaced(active: Suite) -> Iterator[Suite]:
    """The registrar works through another registry from now on."""
    fresh = fresh_registry(active)
    for token in (active.token, active.token_b):
        active.send(ADMIN, token, "replaceInvestorRegistry", fresh)
        active.send(REGISTRAR, fresh, "admitToken", token)
    former, active.investors = active.investors, fresh
    yield active
    active.investors = former


# ---- the distributor


def test_replace_the_distributor_while_an_epoch_is_unsettled_is_refused(declared):
    """P45: until the last holder is paid."""
    fresh = fresh_distributor(declared)
    for holder in HOLDERS:
        with refused("EpochsUnsettled", count=1):
            replace_distributor(declared, fresh)
        declared.pay(1, holder)
    replace_distributor(declared, fresh)
    assert declared.token.call("distributor") == fresh.address


@pytest.mark.parametrize(("seconds", "passes"), [(-1, True), (0, False), (1, False)])
def test_replace_the_distributor_around_an_announced_instant(active, seconds, passes):
    """P28, P45: an epoch that nobody has recorded yet is closed all the same."""
    fresh = fresh_distributor(active)
    instant = active.now + 3_600
    active.announce(instant)
    active.at(instant + seconds)
    if passes:
        replace_distributor(active, fresh)
        return
    with refused("EpochsUnsettled", count=1):
        replace_distributor(active, fresh)


def test_a_distributor_of_another_coin_announces_nothing(active):
    """P45: with a record date that it could not pay, it could not be replaced any more."""
    other = active.deploy("SettlementCoin", "Other coin", "OTH", ADMIN, ADMIN)
    wrong = active.deploy("CouponDistributor", other, ADMIN, PAYER, TRUSTEE, UNCLAIMED)
    replace_distributor(active, wrong)
    with refused("CoinNotOfTheDeal", tokenCurrency=active.coin, coin=other):
        active.send(PAYER, wrong, "announce", active.token, active.now + 3_600)
    fresh = fresh_distributor(active)
    replace_distributor(active, fresh)
    active.send(PAYER, fresh, "announce", active.token, active.now + 3_600)


def test_the_former_distributor_pays_what_it_holds_and_nothing_else(declared):
    """P45: money set aside is released, whoever distributes now."""
    declared.freeze(H2)
    declared.pay(1, *HOLDERS)
    fresh = fresh_distributor(declared)
    replace_distributor(declared, fresh)
    operands = {"token": declared.token, "distributor": fresh}
    with refused("TokenOfAnotherDistributor", **operands):
        declared.announce(declared.now + 3_600)
    with refused("TokenOfAnotherDistributor", **operands):
        declared.record(2)
    declared.thaw(H2)
    before = declared.coins(H2)
    declared.release(H2)
    assert declared.coins(H2) - before == ALLOTMENTS[H2] * PER_UNIT
    assert declared.distributor.call("liabilities") == declared.coins(declared.distributor) == 0


def test_the_fresh_distributor_goes_on_with_the_next_epoch(declared):
    """P25, P45: what another has settled is nothing it waits for."""
    declared.pay(1, *HOLDERS)
    fresh = fresh_distributor(declared)
    replace_distributor(declared, fresh)
    declared.allow(PAYER, fresh)
    instant = declared.now + 3_600
    declared.send(PAYER, fresh, "announce", declared.token, instant)
    declared.at(instant)
    declared.send(PAYER, fresh, "record", declared.token, 2)
    declared.send(PAYER, fresh, "declare", declared.token, 2, 3, principal_change())
    before = declared.coins(H1)
    declared.send(STRANGER, fresh, "pay", declared.token, 2, list(HOLDERS))
    assert declared.coins(H1) - before == 3 * ALLOTMENTS[H1]
    assert declared.token.call("settledEpoch") == 2


def test_the_fresh_distributor_cannot_declare_an_epoch_that_was_settled(declared):
    """P37, P45."""
    declared.pay(1, *HOLDERS)
    fresh = fresh_distributor(declared)
    replace_distributor(declared, fresh)
    with refused("EpochIsSettled", epoch=1):
        declared.send(PAYER, fresh, "record", declared.token, 1)


def test_a_registered_wallet_is_never_made_the_distributor(active):
    """P7, P45: whoever distributes is nobody's wallet."""
    with refused("WalletAlreadyRegistered", wallet=H1):
        active.send(ADMIN, active.token, "replaceDistributor", H1)
    fresh = fresh_distributor(active)
    replace_distributor(active, fresh)
    with refused("WalletBarred", wallet=fresh):
        active.register(fresh)


# ---- the registry


def test_the_former_registry_writes_nothing_from_that_block_on(active):
    """P49."""
    former, fresh = active.investors, fresh_registry(active)
    active.send(ADMIN, active.token, "replaceInvestorRegistry", fresh)
    with refused("UnauthorizedCaller", caller=former, expected=fresh):
        active.find_ineligible(H1)
    assert active.token_b.call("canSend", H1) is True, "nor on the tranche it still had"
    with refused("UnauthorizedCaller", caller=former, expected=fresh):
        active.send(REGISTRAR, former, "setInvestors", [admission(H1)], EVIDENCE)


def test_a_replaced_registry_leaves_every_word_as_it_was(active):
    """P49: units, numbers, eligibility and freezes."""
    active.freeze(H1)
    active.freeze_units(H2, 500)
    views = ("balanceOf", "indexOf", "eligibilityOf", "isFrozen", "getFrozenTokens")
    before = [[active.token.call(view, each) for view in views] for each in HOLDERS]
    active.send(ADMIN, active.token, "replaceInvestorRegistry", fresh_registry(active))
    assert [[active.token.call(view, each) for view in views] for each in HOLDERS] == before


def test_the_fresh_registry_restricts_any_wallet_under_its_number(replaced):
    """P3, P49."""
    index = replaced.index(H3)
    replaced.find_ineligible(H3)
    assert replaced.index(H3) == index
    with refused("ERC7943CannotSend", account=H3):
        replaced.transfer(H3, H1, 1)
    replaced.register(H3, expiry_day=EXPIRY_DAY)
    replaced.transfer(H3, H1, 1)


def test_the_fresh_registry_thaws_nobody(replaced):
    """P13, P49."""
    replaced.freeze(H1)
    replaced.register(H1)
    with refused("ERC7943CannotSend", account=H1):
        replaced.transfer(H1, H2, 1)


def test_the_fresh_registry_is_no_investor(replaced):
    """P7, P49."""
    with refused("WalletBarred", wallet=replaced.investors):
        replaced.register(replaced.investors)
