"""What a unit stands for: paid, written down, written up and capitalised, each once and within bounds."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    DENOMINATION,
    H1,
    H4,
    HOLDERS,
    INTEREST,
    ISSUED,
    ISSUER,
    MATURITY,
    PAYER,
    STRANGER,
    Suite,
    named,
    principal_change,
    refused,
)

LOSS, ADDED = 150_000_000, 14_460_273
UINT80 = 2**80 - 1


def figures(suite: Suite) -> tuple[int, int, int]:
    """Per unit: outstanding, written down, capitalised."""
    names = ("outstandingPerUnit", "writtenDownPerUnit", "capitalisedPerUnit")
    outstanding, written_down, capitalised = (int(suite.token.call(name)) for name in names)
    return outstanding, written_down, capitalised


def state(suite: Suite, epoch: int = 1) -> int:
    return int(suite.distributor.call("paymentOf", suite.token, epoch)["state"])


def change(suite: Suite, epoch: int = 1, **changes: int):
    """Declare what moves no coin."""
    return suite.declare(epoch, 0, 0, **changes)


@pytest.fixture
def written_down(recorded):
    """A first payment that was a loss and nothing else, and a second record date."""
    change(recorded, written_down=LOSS)
    recorded.close_epoch(2)
    return recorded


# ---- write-downs


def test_write_down_lowers_what_is_outstanding_per_unit(recorded):
    outcome = recorded.declare(1, INTEREST, 0, written_down=LOSS)
    assert outcome.args("WrittenDown") == {
        "epoch": 1,
        "perUnit": LOSS,
        "from": DENOMINATION,
        "to": DENOMINATION - LOSS,
    }
    assert figures(recorded) == (DENOMINATION - LOSS, LOSS, 0)
    assert recorded.token.call("outstandingPrincipal") == ISSUED * (DENOMINATION - LOSS)
    assert recorded.token.call("totalSupply") == ISSUED
    assert recorded.left() == ISSUED * INTEREST


def test_write_down_of_all_that_is_outstanding_leaves_nothing(recorded):
    change(recorded, written_down=DENOMINATION)
    assert figures(recorded) == (0, DENOMINATION, 0)


def test_write_down_of_more_than_is_outstanding_is_refused(recorded):
    with refused(
        "WriteDownExceedsOutstanding", outstandingPerUnit=DENOMINATION, perUnit=DENOMINATION + 1
    ):
        change(recorded, written_down=DENOMINATION + 1)


def test_write_down_of_what_the_same_payment_repays_is_refused(recorded):
    with refused("WriteDownExceedsOutstanding", outstandingPerUnit=LOSS - 1, perUnit=LOSS):
        recorded.declare(1, 0, DENOMINATION - LOSS + 1, written_down=LOSS)
    recorded.declare(1, 0, DENOMINATION - LOSS, written_down=LOSS)
    assert figures(recorded) == (0, LOSS, 0)


def test_principal_that_was_written_down_is_not_paid(written_down):
    left = DENOMINATION - LOSS
    with refused("PrincipalExceedsOutstanding", outstandingPerUnit=left, perUnit=left + 1):
        written_down.declare(2, 0, left + 1)
    written_down.declare(2, 0, left)
    assert figures(written_down) == (0, LOSS, 0)


# ---- their reversal


def test_write_up_reverses_a_write_down(written_down):
    outcome = change(written_down, 2, written_up=LOSS)
    assert outcome.args("WrittenUp") == {
        "epoch": 2,
        "perUnit": LOSS,
        "from": DENOMINATION - LOSS,
        "to": DENOMINATION,
    }
    assert figures(written_down) == (DENOMINATION, 0, 0)


def test_write_up_beyond_what_was_written_down_is_refused(written_down):
    with refused("WriteUpExceedsWrittenDown", writtenDownPerUnit=LOSS, perUnit=LOSS + 1):
        change(written_down, 2, written_up=LOSS + 1)


def test_write_up_of_nothing_written_down_is_refused(recorded):
    with refused("WriteUpExceedsWrittenDown", writtenDownPerUnit=0, perUnit=1):
        change(recorded, written_up=1)


def test_write_up_is_of_earlier_payments_only(recorded):
    """What the same payment writes down comes after it."""
    with refused("WriteUpExceedsWrittenDown", writtenDownPerUnit=0, perUnit=1):
        change(recorded, written_up=1, written_down=LOSS)


def test_write_up_may_be_repaid_at_the_same_payment(written_down):
    written_down.declare(2, 0, DENOMINATION, written_up=LOSS)
    assert figures(written_down) == (0, 0, 0)


def test_write_up_over_several_payments_ends_at_the_sum_of_write_downs(written_down):
    change(written_down, 2, written_down=5)
    for epoch, amount in ((3, LOSS), (4, 5)):
        written_down.close_epoch(epoch)
        change(written_down, epoch, written_up=amount)
    assert figures(written_down) == (DENOMINATION, 0, 0)
    written_down.close_epoch(5)
    with refused("WriteUpExceedsWrittenDown", writtenDownPerUnit=0, perUnit=1):
        change(written_down, 5, written_up=1)


# ---- capitalised interest


def test_capitalise_raises_what_is_outstanding_above_the_denomination(recorded):
    outcome = change(recorded, capitalised=ADDED)
    assert outcome.args("InterestCapitalised") == {
        "epoch": 1,
        "perUnit": ADDED,
        "from": DENOMINATION,
        "to": DENOMINATION + ADDED,
    }
    assert figures(recorded) == (DENOMINATION + ADDED, 0, ADDED)
    assert recorded.coins(recorded.distributor) == 0


def test_principal_up_to_the_denomination_and_all_that_was_capitalised_is_paid(recorded):
    change(recorded, capitalised=ADDED)
    recorded.close_epoch(2)
    full = DENOMINATION + 2 * ADDED
    with refused("PrincipalExceedsOutstanding", outstandingPerUnit=full, perUnit=full + 1):
        recorded.declare(2, 0, full + 1, capitalised=ADDED)
    recorded.declare(2, 0, full, capitalised=ADDED)
    assert figures(recorded) == (0, 0, 2 * ADDED)
    assert recorded.left(2) == ISSUED * full


def test_capitalised_interest_is_written_down_like_principal(recorded):
    change(recorded, capitalised=ADDED, written_down=DENOMINATION + ADDED)
    assert figures(recorded) == (0, DENOMINATION + ADDED, ADDED)


def test_capitalise_beyond_any_number_is_refused(recorded):
    """Nothing is truncated."""
    with refused("SafeCastOverflowedUintDowncast", bits=80, value=UINT80 + 1):
        change(recorded, capitalised=UINT80 + 1)
    change(recorded, capitalised=UINT80)
    assert figures(recorded) == (DENOMINATION + UINT80, 0, UINT80)


@pytest.mark.parametrize(("denomination", "fits"), [(UINT80, True), (UINT80 + 1, False)])
def test_denomination_that_could_never_be_repaid_is_refused(deployed, denomination, fits):
    if fits:
        assert deployed.new_token(denomination).call("outstandingPerUnit") == denomination
        return
    with refused("SafeCastOverflowedUintDowncast", bits=80, value=denomination):
        deployed.new_token(denomination)


# ---- once, in order, with the payment


def test_change_without_coin_settles_the_epoch_at_once(recorded):
    """No allowance is needed, nobody is paid, and the next record date need not wait."""
    recorded.allow(PAYER, recorded.distributor, 0)
    outcome = change(recorded, written_down=LOSS)
    assert outcome.names == ["WrittenDown", "Declared", "EpochSettled"]
    assert outcome.args("Declared")["amount"] == 0
    assert (state(recorded), recorded.token.call("settledEpoch")) == (3, 1)
    assert recorded.distributor.call("liabilities") == 0
    with refused("UnexpectedState", token=recorded.token, epoch=1, state=3):
        recorded.pay(1, *HOLDERS)


def test_change_without_coin_behind_an_unpaid_epoch_settles_with_it(declared):
    declared.close_epoch(2)
    assert "EpochSettled" not in change(declared, 2, written_down=LOSS).names
    declared.pay(1, *HOLDERS)
    assert declared.token.call("settledEpoch") == 2


def test_change_without_coin_twice_is_refused(recorded):
    change(recorded, written_down=LOSS)
    with refused("UnexpectedState", token=recorded.token, epoch=1, state=3):
        change(recorded, written_down=LOSS)
    assert figures(recorded) == (DENOMINATION - LOSS, LOSS, 0)


@pytest.mark.parametrize("kind", ["capitalised", "written_down", "written_up"])
def test_change_goes_with_the_coin_or_not_at_all(written_down, kind):
    """A declaration whose coin does not come leaves the token as it was."""
    before = figures(written_down)
    written_down.allow(PAYER, written_down.distributor, 0)
    with refused(
        "ERC20InsufficientAllowance", spender=written_down.distributor, allowance=0, needed=ISSUED
    ):
        written_down.declare(2, 1, 0, **{kind: 1})
    assert figures(written_down) == before
    written_down.allow(PAYER, written_down.distributor)
    written_down.declare(2, 1, 0, **{kind: 1})
    assert figures(written_down) != before


@pytest.mark.parametrize("act", ["declare", "skip"])
def test_epoch_before_its_predecessor_is_refused(recorded, act):
    """What one payment leaves outstanding is what the next starts from."""
    recorded.close_epoch(2)
    with refused("EarlierEpochOpen", token=recorded.token, epoch=1):
        getattr(recorded, act)(2)
    recorded.declare(1)
    getattr(recorded, act)(2)
    assert state(recorded, 2) == {"declare": 2, "skip": 4}[act]


def test_epoch_before_one_not_even_recorded_is_refused(active):
    for seconds in (100, 200):
        active.announce(active.now + seconds)
        active.at(active.now + seconds)
    active.mine()
    active.announce(active.now + 300)
    active.record(2)
    with refused("EarlierEpochOpen", token=active.token, epoch=1):
        active.declare(2)


@pytest.mark.parametrize(
    ("epoch", "error", "operands"),
    [
        (1, "PrincipalChangedSince", {"latestEpoch": 1, "given": 1}),
        (0, "PrincipalChangedSince", {"latestEpoch": 1, "given": 0}),
        (3, "EpochNotClosed", {"epoch": 3}),
    ],
)
def test_token_itself_takes_one_change_an_epoch(written_down, epoch, error, operands):
    """Whatever its distributor might ask of it."""
    call = (written_down.distributor.address, written_down.token, "changePrincipal")
    with refused(error, **operands):
        written_down.simulate(*call, epoch, principal_change(written_down=1))
    written_down.simulate(*call, 2, principal_change(written_down=1))


@pytest.mark.parametrize("caller", [PAYER, ADMIN, STRANGER, H1], ids=named)
def test_change_written_to_the_token_directly_is_refused(recorded, caller):
    args = (1, principal_change(written_down=LOSS))
    with refused("UnauthorizedCaller", caller=caller, expected=recorded.distributor):
        recorded.send(caller, recorded.token, "changePrincipal", *args)


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_change_never_asks_the_filing(written_down, act):
    """A loss is one whatever the filing's status."""
    getattr(written_down, act)()
    change(written_down, 2, written_up=1)
    assert figures(written_down) == (DENOMINATION - LOSS + 1, LOSS - 1, 0)


# ---- what else depends on it


@pytest.mark.parametrize(
    ("changes", "price"),
    [({"written_down": LOSS}, DENOMINATION - LOSS), ({"capitalised": ADDED}, DENOMINATION + ADDED)],
)
def test_units_issued_after_a_change_cost_what_is_outstanding(issued, changes, price):
    issued.close_epoch(1)
    change(issued, **changes)
    before = issued.coins(H4)
    issued.issue(H4, 5_000)
    assert before - issued.coins(H4) == 5_000 * price


def test_transfers_move_as_many_units_as_before(written_down):
    written_down.transfer(H1, H4, 50_000)
    assert (written_down.units(H1), written_down.units(H4)) == (0, 50_000)


def test_skip_leaves_what_is_outstanding(written_down):
    written_down.skip(2)
    assert figures(written_down) == (DENOMINATION - LOSS, LOSS, 0)


# ---- units on which nothing is outstanding


def retire(suite: Suite):
    return suite.send(ISSUER, suite.token, "retire", (H1,))


def test_retire_takes_units_that_are_repaid(written_down):
    written_down.declare(2, 0, DENOMINATION, written_up=LOSS)
    held = written_down.units(H1)
    assert retire(written_down).args("UnitsRetired") == {"holder": H1, "units": held}
    assert written_down.units(H1) == 0
    assert written_down.token.call("totalSupply") == ISSUED - held


def test_retire_of_units_written_down_waits_for_the_maturity(written_down):
    """P18: up to then the loss may be reversed, for those who hold the units."""
    written_down.declare(2, 0, DENOMINATION - LOSS)
    written_down.at(MATURITY - 1)
    with refused("WriteDownReversible", writtenDownPerUnit=LOSS):
        retire(written_down)
    written_down.at(MATURITY)
    assert retire(written_down).names == ["Transfer", "UnitsRetired"]
