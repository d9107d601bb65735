"""Declaring, paying, setting aside, crediting, settling: every unit of record gets its own, once."""

import pytest
from eth_utils.crypto import keccak

from chain.errors import ContractReverted, RpcError
from scripts import storage_layout
from tests.contracts.suite import (
    ADMIN,
    ALLOTMENTS,
    BURNS_GAS,
    CALLS_BACK,
    DAY,
    DENOMINATION,
    EXPIRY,
    H1,
    H2,
    H3,
    H4,
    HOLDERS,
    INTEREST,
    ISSUED,
    ISSUER,
    PAYER,
    PER_UNIT,
    PRINCIPAL,
    RETURNS_FALSE,
    REVERTS,
    STRANGER,
    TAKES_FEE,
    TRUSTEE,
    UNCLAIMED,
    ZERO,
    Suite,
    call_back,
    named,
    principal_change,
    refused,
    set_manner,
    unauthorized,
)

AMOUNT = PER_UNIT * ISSUED
DUE = {holder: units * PER_UNIT for holder, units in ALLOTMENTS.items()}
DIVERSION_DELAY = 30 * DAY


def owed(suite: Suite) -> int:
    """Still payable, set aside and credited, over all epochs and investors."""
    held = sum(suite.set_aside(holder) + suite.credit(holder) for holder in HOLDERS)
    return held + sum(suite.left(epoch) for epoch in range(1, suite.token.call("epoch")))


@pytest.fixture(autouse=True)
def debts_are_covered(request):
    """P35: after every test here, what is owed is written down and lies in the distributor."""
    states = ("active", "issued", "recorded", "declared", "awkward_recorded", "awkward_declared")
    state = next((name for name in states if name in request.fixturenames), None)
    suite = request.getfixturevalue(state) if state else None
    yield
    if suite is not None:
        debts = owed(suite)
        assert suite.distributor.call("liabilities") == debts
        assert suite.coins(suite.distributor) >= debts


def received(suite: Suite, before: dict[str, int]) -> dict[str, int]:
    return {holder: suite.coins(holder) - coins for holder, coins in before.items()}


def purses(suite: Suite) -> dict[str, int]:
    return {holder: suite.coins(holder) for holder in HOLDERS}


# ---- declare


def test_declare_pulls_exactly_per_unit_times_supply(recorded):
    """P36."""
    before = recorded.coins(PAYER)
    outcome = recorded.declare(1)
    assert outcome.args("Declared") == {
        "token": recorded.token.address,
        "epoch": 1,
        "interestPerUnit": INTEREST,
        "principalPerUnit": PRINCIPAL,
        "amount": AMOUNT,
    }
    assert before - recorded.coins(PAYER) == AMOUNT == recorded.coins(recorded.distributor)
    assert recorded.distributor.call("paymentOf", recorded.token, 1) == {
        "state": 2,
        "declaredAt": outcome.receipt.block_timestamp,
        "interestPerUnit": INTEREST,
        "principalPerUnit": PRINCIPAL,
        "left": AMOUNT,
    }


def test_declare_counts_the_units_of_record_not_those_of_today(issued):
    """P24, P36."""
    issued.close_epoch(1)
    issued.issue(H4, 5_000)
    assert issued.declare(1).args("Declared")["amount"] == AMOUNT


def test_declare_principal_lowers_what_is_outstanding_per_unit(recorded):
    outcome = recorded.declare(1)
    left = DENOMINATION - PRINCIPAL
    assert outcome.args("PrincipalPaid") == {
        "epoch": 1,
        "perUnit": PRINCIPAL,
        "from": DENOMINATION,
        "to": left,
    }
    assert recorded.token.call("outstandingPerUnit") == left
    assert recorded.token.call("totalSupply") == ISSUED


def test_declare_twice_is_refused(declared):
    """P37."""
    with refused("UnexpectedState", token=declared.token, epoch=1, state=2):
        declared.declare(1)


def test_declare_an_epoch_not_recorded_is_refused(declared):
    """P37: neither the open one nor one announced and not yet reached."""
    declared.announce(declared.now + 100)
    for epoch in (0, 2, 3):
        with refused("UnexpectedState", token=declared.token, epoch=epoch, state=0):
            declared.declare(epoch)


def test_declare_a_settled_epoch_is_refused(declared):
    """P37."""
    declared.pay(1, *HOLDERS)
    with refused("UnexpectedState", token=declared.token, epoch=1, state=3):
        declared.declare(1)


def test_declare_nothing_is_refused(recorded):
    with refused("NothingToDeclare"):
        recorded.declare(1, 0, 0)


def test_declare_without_approved_coin_is_refused(recorded):
    recorded.allow(PAYER, recorded.distributor, AMOUNT - 1)
    with refused(
        "ERC20InsufficientAllowance",
        spender=recorded.distributor,
        allowance=AMOUNT - 1,
        needed=AMOUNT,
    ):
        recorded.declare(1)


def test_declare_more_principal_than_outstanding_is_refused(recorded):
    """P38."""
    with refused(
        "PrincipalExceedsOutstanding",
        outstandingPerUnit=DENOMINATION,
        perUnit=DENOMINATION + 1,
    ):
        recorded.declare(1, 0, DENOMINATION + 1)


def test_declare_principal_of_two_epochs_beyond_the_denomination_is_refused(declared):
    """P38: the sum over all epochs, for ever."""
    declared.close_epoch(2)
    left = DENOMINATION - PRINCIPAL
    with refused("PrincipalExceedsOutstanding", outstandingPerUnit=left, perUnit=left + 1):
        declared.declare(2, 0, left + 1)


def test_declare_the_last_principal_repays_the_note(declared):
    declared.close_epoch(2)
    declared.declare(2, 0, DENOMINATION - PRINCIPAL)
    assert declared.token.call("outstandingPerUnit") == 0


def test_declare_beyond_any_number_is_refused(recorded):
    """P38: nothing is truncated."""
    with refused("Panic", code=0x11, meaning="arithmetic overflow or underflow"):
        recorded.declare(1, 2**255, 0)


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, STRANGER], ids=named)
@pytest.mark.parametrize(
    ("function", "args"),
    [("record", [1]), ("declare", [1, 1, principal_change(1)]), ("skip", [1])],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_declare_by_anyone_but_the_payer_is_refused(recorded, caller, function, args):
    with unauthorized(caller, recorded.distributor, "PAYER_ROLE"):
        recorded.send(caller, recorded.distributor, function, recorded.token, *args)


def test_declare_in_a_coin_that_takes_a_fee_is_refused(awkward_recorded):
    """P34."""
    set_manner(awkward_recorded, awkward_recorded.distributor, TAKES_FEE)
    with refused("FundingIncomplete", expected=AMOUNT, received=AMOUNT - AMOUNT // 100):
        awkward_recorded.declare(1)


def test_declare_in_a_coin_that_adds_something_is_refused(awkward_recorded):
    """P34: exactly the amount arrives, neither less nor more."""
    suite = awkward_recorded
    call_back(suite, suite.distributor, suite.coin, "issue", suite.distributor, 1)
    with refused("FundingIncomplete", expected=AMOUNT, received=AMOUNT + 1):
        suite.declare(1)


def test_record_a_token_of_another_distributor_is_refused(active):
    foreign = active.new_token(distributor=STRANGER)
    with refused("TokenOfAnotherDistributor", token=foreign, distributor=STRANGER):
        active.send(PAYER, active.distributor, "record", foreign, 1)


def test_record_a_token_in_another_coin_is_refused(active):
    foreign = active.new_token(currency=STRANGER)
    with refused("CoinNotOfTheDeal", tokenCurrency=STRANGER, coin=active.coin):
        active.send(PAYER, active.distributor, "record", foreign, 1)


def test_distributor_of_a_coin_without_code_is_refused(deployed):
    """P33."""
    with refused("NotAContract", coin=STRANGER):
        deployed.deploy("CouponDistributor", STRANGER, ADMIN, PAYER, TRUSTEE, UNCLAIMED)


def test_distributor_without_an_account_for_what_is_never_claimed_is_refused(deployed):
    """P44."""
    with refused("UnclaimedAccountMissing"):
        deployed.deploy("CouponDistributor", deployed.coin, ADMIN, PAYER, TRUSTEE, ZERO)


# ---- pay


@pytest.mark.parametrize("caller", [PAYER, STRANGER], ids=named)
def test_pay_gives_every_holder_units_times_per_unit(declared, caller):
    """P32: whoever calls."""
    before = purses(declared)
    outcome = declared.pay(1, *HOLDERS, by=caller)
    assert received(declared, before) == DUE
    assert outcome.args("HoldersPaid") == {
        "token": declared.token.address,
        "epoch": 1,
        "amount": AMOUNT,
        "left": 0,
    }
    assert outcome.names[-1] == "EpochSettled"
    assert declared.token.call("settledEpoch") == 1
    assert declared.distributor.call("paymentOf", declared.token, 1)["state"] == 3
    assert declared.coins(declared.distributor) == declared.distributor.call("liabilities") == 0


def test_pay_in_parts_pays_the_same(declared):
    """P32."""
    before = purses(declared)
    for holder in (H3, H1, H2):
        assert declared.token.call("settledEpoch") == 0
        declared.pay(1, holder)
        assert declared.is_paid(holder)
    assert received(declared, before) == DUE
    assert declared.token.call("settledEpoch") == 1


def test_pay_skips_the_paid_the_repeated_the_unknown_and_nobody(declared):
    """P1, P30: one odd entry never spoils a list, nor takes anybody's place."""
    before = purses(declared)
    declared.pay(1, H1)
    declared.pay(1, H1, H2, H2, STRANGER, ZERO, H4, declared.token, H1, by=STRANGER)
    assert received(declared, before) == {H1: DUE[H1], H2: DUE[H2], H3: 0}
    assert declared.left() == DUE[H3]
    assert declared.distributor.call("isPaid", declared.token, 1, 0) is False
    assert declared.is_paid(H4) is False
    declared.pay(1, H3)
    assert received(declared, before) == DUE


def test_pay_never_marks_number_0(declared):
    """P1: read from the very slot that keeps the marks of the first 256 numbers."""
    declared.pay(1, ZERO, STRANGER, H1, ZERO, H3)
    (slot,) = (
        int(place.partition(".")[0])
        for place, what in storage_layout.checked_in()["CouponDistributor"].items()
        if what.startswith("_paid:")
    )
    for key in (int(declared.token.address, 16), 1, 0):
        slot = int.from_bytes(keccak(key.to_bytes(32, "big") + slot.to_bytes(32, "big")), "big")
    stored = declared.client.backend.request(
        "eth_getStorageAt", [declared.distributor.address, hex(slot), "latest"]
    )
    assert int(stored, 16) == 1 << declared.index(H1) | 1 << declared.index(H3)
    assert declared.distributor.call("isPaid", declared.token, 1, 0) is False


def test_pay_of_nobody_changes_nothing(declared):
    declared.pay(1)
    assert declared.left() == AMOUNT


def test_pay_to_the_holder_of_record_after_a_sale(declared):
    """P29."""
    before = purses(declared)
    declared.transfer(H1, H4, 50_000)
    declared.pay(1, *HOLDERS, H4)
    assert received(declared, before) == DUE


def test_pay_before_declaration_is_refused(recorded):
    with refused("UnexpectedState", token=recorded.token, epoch=1, state=1):
        recorded.pay(1, H1)


def test_pay_before_the_record_date_is_refused(active):
    with refused("UnexpectedState", token=active.token, epoch=1, state=0):
        active.pay(1, H1)


def test_pay_after_settlement_is_refused(declared):
    declared.pay(1, *HOLDERS)
    with refused("UnexpectedState", token=declared.token, epoch=1, state=3):
        declared.pay(1, H1)


def test_pay_to_an_expired_holder_passes(declared):
    """P29: who may no longer receive units is still paid."""
    before = purses(declared)
    declared.at(EXPIRY)
    declared.pay(1, *HOLDERS, by=STRANGER)
    assert received(declared, before) == DUE


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_pay_never_asks_the_filing(declared, act):
    """P39."""
    before = purses(declared)
    getattr(declared, act)()
    declared.pay(1, *HOLDERS)
    assert received(declared, before) == DUE


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_declare_never_asks_the_filing(recorded, act):
    """P39: payments to holders go on when mint and transfers stop."""
    getattr(recorded, act)()
    recorded.declare(1)
    recorded.pay(1, *HOLDERS)


def test_pay_with_donated_coin_around_pays_the_same(declared):
    """P35: a micro-unit from anybody bricks nothing, and is owed to nobody."""
    declared.fund(declared.distributor, 1)
    declared.pay(1, *HOLDERS)
    assert declared.token.call("settledEpoch") == 1
    assert declared.coins(declared.distributor) == 1
    assert declared.distributor.call("liabilities") == 0


def test_pay_of_two_tranches_keeps_their_money_apart(declared):
    """P6: bits and debts are kept per token."""
    declared.pay(1, H1)
    suite, b = declared, declared.token_b
    record_at = suite.now + 100
    suite.send(PAYER, suite.distributor, "announce", b, record_at)
    suite.at(record_at)
    suite.send(PAYER, suite.distributor, "record", b, 1)
    suite.send(PAYER, suite.distributor, "declare", b, 1, 7, principal_change())
    before = suite.coins(H1)
    suite.send(STRANGER, suite.distributor, "pay", b, 1, [H1, H2])
    assert suite.coins(H1) - before == 7 * 5_000
    assert b.call("settledEpoch") == 1
    assert suite.left() == DUE[H2] + DUE[H3]


# ---- set aside and released


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
def test_pay_by_the_payer_sets_aside_what_may_not_be_paid(declared, situation):
    """P29, P40: and it counts as settled, so that nobody blocks the next record date."""
    getattr(declared, situation)(H2)
    before = purses(declared)
    outcome = declared.pay(1, *HOLDERS)
    assert outcome.args("SetAside") == {
        "token": declared.token.address,
        "epoch": 1,
        "index": declared.index(H2),
        "wallet": H2,
        "amount": DUE[H2],
    }
    assert received(declared, before) == DUE | {H2: 0}
    assert declared.set_aside(H2) == DUE[H2] == declared.coins(declared.distributor)
    assert declared.is_paid(H2) is True
    assert declared.token.call("settledEpoch") == 1


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
def test_pay_by_a_stranger_leaves_such_a_holder_unpaid_and_unmarked(declared, situation):
    """P40."""
    getattr(declared, situation)(H2)
    declared.pay(1, *HOLDERS, by=STRANGER)
    assert declared.is_paid(H2) is False
    assert declared.left() == DUE[H2]
    assert declared.set_aside(H2) == 0
    declared.thaw(H2)
    declared.register(H2)
    before = declared.coins(H2)
    declared.pay(1, H2, by=STRANGER)
    assert declared.coins(H2) - before == DUE[H2]


@pytest.mark.parametrize(("seconds", "diverted"), [(-1, False), (0, True)])
def test_pay_by_a_stranger_diverts_after_thirty_days(declared, seconds, diverted):
    """P40: not one second before."""
    declared.freeze(H2)
    declared_at = declared.distributor.call("paymentOf", declared.token, 1)["declaredAt"]
    declared.at(declared_at + DIVERSION_DELAY + seconds)
    declared.pay(1, H2, by=STRANGER)
    assert declared.is_paid(H2) is diverted
    assert declared.set_aside(H2) == (DUE[H2] if diverted else 0)


def test_release_once_cleared_pays_the_investors_wallet(declared):
    """P43: anyone may ask; only the investor's own wallet is paid."""
    declared.freeze(H2)
    declared.pay(1, H2)
    declared.thaw(H2)
    before, index = declared.coins(H2), declared.index(H2)
    outcome = declared.release(H2, by=STRANGER)
    assert outcome.args("Released") == {
        "token": declared.token.address,
        "index": index,
        "wallet": H2,
        "amount": DUE[H2],
    }
    assert declared.coins(H2) - before == DUE[H2]
    assert declared.coins(STRANGER) == declared.set_aside(H2) == 0


def test_release_of_two_epochs_pays_their_sum(declared):
    declared.freeze(H2)
    declared.pay(1, *HOLDERS)
    declared.close_epoch(2)
    declared.declare(2, 1, 0)
    declared.pay(2, *HOLDERS)
    declared.thaw(H2)
    before = declared.coins(H2)
    declared.release(H2)
    assert declared.coins(H2) - before == DUE[H2] + 20_000


@pytest.mark.parametrize("situation", ["freeze", "find_ineligible"])
@pytest.mark.parametrize("caller", [STRANGER, PAYER, H2], ids=named)
def test_release_before_clearance_is_refused(declared, situation, caller):
    """P43."""
    getattr(declared, situation)(H2)
    declared.pay(1, H2)
    with refused("HolderNotCleared", wallet=H2):
        declared.release(H2, by=caller)


@pytest.mark.parametrize("act", ["release", "collect"])
def test_release_or_collect_with_nothing_held_is_refused(declared, act):
    for wallet, index in ((STRANGER, 0), (H1, 1)):
        with refused("NothingHeld", token=declared.token, index=index):
            getattr(declared, act)(wallet)


def test_release_twice_is_refused(declared):
    """P32."""
    declared.freeze(H2)
    declared.pay(1, H2)
    declared.thaw(H2)
    declared.release(H2)
    with refused("NothingHeld", token=declared.token, index=declared.index(H2)):
        declared.release(H2)


# ---- a coin that refuses a recipient


@pytest.mark.parametrize("manner", [REVERTS, RETURNS_FALSE, BURNS_GAS])
def test_pay_through_a_refusing_coin_credits_the_refused_and_pays_the_others(
    awkward_declared, manner
):
    """P33, P42: one bad recipient never costs another anything."""
    suite = awkward_declared
    set_manner(suite, H1, manner)
    before = purses(suite)
    outcome = suite.pay(1, *HOLDERS)
    assert outcome.args("Credited")["amount"] == DUE[H1] == suite.credit(H1)
    assert received(suite, before) == DUE | {H1: 0}
    assert suite.token.call("settledEpoch") == 1


@pytest.mark.parametrize("manner", [REVERTS, RETURNS_FALSE, BURNS_GAS])
def test_pay_by_a_stranger_through_a_refusing_coin_leaves_the_refused_unmarked(
    awkward_declared, manner
):
    """P40."""
    suite = awkward_declared
    set_manner(suite, H1, manner)
    suite.pay(1, *HOLDERS, by=STRANGER)
    assert (suite.is_paid(H1), suite.credit(H1), suite.left()) == (False, 0, DUE[H1])
    set_manner(suite, H1, 0)
    before = suite.coins(H1)
    suite.pay(1, H1, by=STRANGER)
    assert suite.coins(H1) - before == DUE[H1]


def test_pay_by_a_stranger_listing_the_refused_twice_marks_nothing(awkward_declared):
    """P30, P40."""
    set_manner(awkward_declared, H1, REVERTS)
    awkward_declared.pay(1, H1, H1, by=STRANGER)
    assert (awkward_declared.is_paid(H1), awkward_declared.left()) == (False, AMOUNT)


def test_collect_once_the_coin_accepts_pays_the_investors_wallet(awkward_declared):
    """P43."""
    suite = awkward_declared
    set_manner(suite, H1, REVERTS)
    suite.pay(1, *HOLDERS)
    with refused("CoinRefused", wallet=H1, amount=DUE[H1]):
        suite.collect(H1)
    set_manner(suite, H1, 0)
    before = suite.coins(H1)
    outcome = suite.collect(H1)
    assert outcome.args("Collected")["wallet"] == H1
    assert suite.coins(H1) - before == DUE[H1]
    with refused("NothingHeld", token=suite.token, index=suite.index(H1)):
        suite.collect(H1)


def test_collect_by_a_frozen_holder_is_refused(awkward_declared):
    """P43."""
    set_manner(awkward_declared, H1, REVERTS)
    awkward_declared.pay(1, H1)
    set_manner(awkward_declared, H1, 0)
    awkward_declared.freeze(H1)
    with refused("HolderNotCleared", wallet=H1):
        awkward_declared.collect(H1)


def test_pay_with_every_recipient_failing_completes(awkward_declared):
    """P42."""
    for holder, manner in zip(HOLDERS, (BURNS_GAS, REVERTS, BURNS_GAS), strict=True):
        set_manner(awkward_declared, holder, manner)
    awkward_declared.pay(1, *HOLDERS)
    assert [awkward_declared.credit(holder) for holder in HOLDERS] == list(DUE.values())


def test_pay_through_a_coin_that_moves_another_amount_is_refused(awkward_declared):
    """P34: what left the distributor must be what it paid."""
    suite = awkward_declared
    call_back(suite, H1, suite.coin, "issue", suite.distributor, 1)
    with refused("PaidAmountMismatch", expected=DUE[H1], actual=DUE[H1] - 1):
        suite.pay(1, H1)


def test_pay_with_too_little_gas_is_refused(declared):
    """P42."""
    with refused("TooLittleGas"):
        declared.pay(1, *HOLDERS, gas=500_000)


@pytest.mark.parametrize("gas", range(100_000, 800_000, 50_000))
def test_pay_with_any_gas_never_diverts_a_good_holder(declared, gas):
    """P42: a caller's choice of gas makes a payment happen or not, never a refusal of it."""
    try:
        declared.pay(1, H1, H2, gas=gas)
    except (ContractReverted, RpcError):
        assert declared.left() == AMOUNT
    else:
        assert declared.left() == DUE[H3]
    assert declared.credit(H1) == declared.credit(H2) == 0


# ---- a coin that calls back


REENTRIES = {
    "pay": lambda suite: ("pay", suite.token, 1, [H1]),
    "release": lambda suite: ("release", suite.token, H2),
    "collect": lambda suite: ("collect", suite.token, H3),
    "declare": lambda suite: ("declare", suite.token, 2, 1, principal_change()),
    "skip": lambda suite: ("skip", suite.token, 2),
}


@pytest.mark.parametrize("inner", REENTRIES)
@pytest.mark.parametrize("entry", ["pay", "release", "collect"])
def test_reentry_through_the_coin_pays_nobody_twice(awkward_declared, entry, inner):
    """P31: H1 unpaid, H2 with money set aside, H3 with credit; the coin even is a payer."""
    suite = awkward_declared
    suite.close_epoch(2)
    suite.send(
        ADMIN, suite.distributor, "grantRole", suite.distributor.call("PAYER_ROLE"), suite.coin
    )
    suite.freeze(H2)
    set_manner(suite, H3, REVERTS)
    suite.pay(1, H2, H3)
    suite.thaw(H2)
    set_manner(suite, H3, 0)
    before = purses(suite)
    target = {"pay": H1, "release": H2, "collect": H3}[entry]
    call_back(suite, target, suite.distributor, *REENTRIES[inner](suite))
    suite.send(STRANGER, suite.distributor, *REENTRIES[entry](suite))
    nothing = dict.fromkeys(HOLDERS, 0)
    assert received(suite, before) == nothing | {target: DUE[target]}
    assert suite.distributor.call("paymentOf", suite.token, 2)["state"] == 1
    for holder in HOLDERS:
        set_manner(suite, holder, 0)
    for rest in {"pay", "release", "collect"} - {entry}:
        suite.send(STRANGER, suite.distributor, *REENTRIES[rest](suite))
    assert received(suite, before) == DUE


@pytest.mark.parametrize("inner", ["declare", "skip"])
def test_reentry_during_declare_declares_once(awkward_recorded, inner):
    """P31, P37."""
    suite = awkward_recorded
    suite.send(
        ADMIN, suite.distributor, "grantRole", suite.distributor.call("PAYER_ROLE"), suite.coin
    )
    args = (1, 1, principal_change()) if inner == "declare" else (1,)
    call_back(suite, suite.distributor, suite.distributor, inner, suite.token, *args)
    suite.declare(1)
    assert suite.left() == AMOUNT
    assert suite.distributor.call("paymentOf", suite.token, 1)["state"] == 2


def test_reentry_by_every_recipient_of_one_list_pays_each_once(awkward_declared):
    """P31."""
    suite = awkward_declared
    before = purses(suite)
    for holder in HOLDERS:
        set_manner(suite, holder, CALLS_BACK)
    call_back(suite, H1, suite.distributor, "pay", suite.token, 1, list(HOLDERS))
    suite.pay(1, *HOLDERS, by=STRANGER)
    assert received(suite, before) == DUE


# ---- settling


def test_settle_waits_for_the_oldest_epoch(declared):
    """P25: paid out of order, settled as a prefix."""
    declared.close_epoch(2)
    declared.declare(2, 5, 0)
    assert "EpochSettled" not in declared.pay(2, *HOLDERS).names
    assert declared.token.call("settledEpoch") == 0
    assert declared.token.call("balanceAt", H1, 2) == 50_000
    outcome = declared.pay(1, *HOLDERS)
    settled = [event.args["epoch"] for event in outcome.events if event.name == "EpochSettled"]
    assert settled == [1, 2]
    assert declared.token.call("settledEpoch") == 2


def test_skip_settles_an_epoch_without_payment(recorded):
    """P25."""
    assert recorded.skip(1).names == ["Skipped", "EpochSettled"]
    assert recorded.token.call("settledEpoch") == 1
    with refused("UnexpectedState", token=recorded.token, epoch=1, state=4):
        recorded.declare(1)


def test_skip_behind_an_unpaid_epoch_settles_with_it(declared):
    """P25."""
    declared.close_epoch(2)
    declared.skip(2)
    assert declared.token.call("settledEpoch") == 0
    declared.pay(1, *HOLDERS)
    assert declared.token.call("settledEpoch") == 2


def test_skip_a_declared_epoch_is_refused(declared):
    with refused("UnexpectedState", token=declared.token, epoch=1, state=2):
        declared.skip(1)


def test_settle_eight_epochs_in_one_payment(active):
    """P25, P27: the longest chain that can build up."""
    for epoch in range(1, 9):
        active.close_epoch(epoch)
        active.declare(epoch, epoch, 0)
    for epoch in range(8, 0, -1):
        active.pay(epoch, *HOLDERS)
    assert active.token.call("settledEpoch") == 8
    assert active.coins(active.distributor) == 0
