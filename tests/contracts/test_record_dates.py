"""Announcing and closing record dates, and what the token remembers of them."""

from collections.abc import Callable

import pytest

from tests.contracts.suite import (
    ADMIN,
    DAY,
    H1,
    H2,
    H3,
    H4,
    ISSUED,
    ISSUER,
    PAYER,
    RECORD_AT,
    STRANGER,
    ZERO,
    Suite,
    named,
    refused,
    unauthorized,
)

EVERYBODY = (H1, H2, H3, H4)


def snapshot_of(suite: Suite) -> dict[str, int]:
    return {holder: suite.units(holder) for holder in EVERYBODY}


def at_epoch(suite: Suite, epoch: int) -> dict[str, int]:
    return {holder: suite.token.call("balanceAt", holder, epoch) for holder in EVERYBODY}


# ---- announce


def test_announce_states_the_instant(active):
    outcome = active.announce(RECORD_AT)
    assert outcome.args("RecordDateAnnounced") == {"epoch": 1, "recordAt": RECORD_AT}
    assert active.token.call("recordAt") == RECORD_AT


@pytest.mark.parametrize("seconds", [-1, 0])
def test_announce_an_instant_not_in_the_future_is_refused(active, seconds):
    """P28: a record date is never chosen knowing who holds at it."""
    active.at(RECORD_AT)
    with refused("RecordDateNotInFuture", recordAt=RECORD_AT + seconds, now_=RECORD_AT):
        active.announce(RECORD_AT + seconds)


@pytest.mark.parametrize("instant", [RECORD_AT + 366 * DAY + 1, 2**32 - 1])
def test_announce_more_than_a_year_ahead_is_refused(active, instant):
    """What is announced cannot be taken back: no slip puts every payment off for longer."""
    active.at(RECORD_AT)
    with refused("RecordDateTooFar", recordAt=instant, latest=RECORD_AT + 366 * DAY):
        active.announce(instant)


def test_announce_a_year_ahead(active):
    active.at(RECORD_AT)
    active.announce(RECORD_AT + 366 * DAY)
    assert active.token.call("recordAt") == RECORD_AT + 366 * DAY


def test_announce_twice_is_refused(active):
    active.announce(RECORD_AT)
    with refused("RecordDateAlreadyAnnounced", recordAt=RECORD_AT):
        active.announce(RECORD_AT + 1)


def test_announce_with_no_units_outstanding_is_refused(offering):
    """P27."""
    with refused("NoUnitsOutstanding"):
        offering.announce(RECORD_AT)


def test_announce_after_the_instant_closes_the_epoch_first(active):
    """P28: the state change at or after the instant closes it, whichever it is."""
    active.announce(RECORD_AT)
    active.at(RECORD_AT)
    outcome = active.announce(RECORD_AT + 100)
    assert outcome.names == ["EpochClosed", "RecordDateAnnounced"]
    assert outcome.args("EpochClosed") == {"epoch": 1, "supply": ISSUED}
    active.record(1)


def test_announce_a_ninth_unsettled_epoch_is_refused(active):
    """P27: at most eight closed epochs wait for payment."""
    for epoch in range(1, 9):
        active.close_epoch(epoch)
    with refused("TooManyOpenEpochs", unsettled=8):
        active.announce(active.now + 3_600)
    active.skip(1)
    active.announce(active.now + 3_600)


# ---- the boundary


@pytest.mark.parametrize(("seconds", "at_close"), [(-1, 49_000), (0, 50_000), (1, 50_000)])
def test_transfer_around_the_instant_counts_only_before_it(active, seconds, at_close):
    """P28: one second before, the buyer holds at the record date; at and after it, the seller."""
    active.announce(RECORD_AT)
    active.at(RECORD_AT + seconds)
    active.transfer(H1, H4, 1_000)
    active.at(RECORD_AT + 60)
    active.record(1)
    assert active.units(H1) == 49_000
    assert active.token.call("balanceAt", H1, 1) == at_close
    assert active.token.call("balanceAt", H4, 1) == 50_000 - at_close
    assert active.token.call("supplyAt", 1) == ISSUED


def test_transfer_at_the_instant_falls_after_it(active):
    """P28."""
    active.announce(RECORD_AT)
    active.at(RECORD_AT)
    active.transfer(H1, H4, 1)
    assert active.token.call("epoch") == 2
    assert at_epoch(active, 1) == {H1: 50_000, H2: 20_000, H3: 10_000, H4: 0}


@pytest.mark.parametrize("act", ["issue", "force"])
def test_issue_or_force_at_the_instant_falls_after_it(issued, act):
    """P24, P28."""
    issued.announce(RECORD_AT)
    issued.at(RECORD_AT)
    if act == "issue":
        issued.issue(H4, 1_000)
    else:
        issued.force(H1, H4, 1_000)
    issued.record(1)
    assert at_epoch(issued, 1) == {H1: 50_000, H2: 20_000, H3: 10_000, H4: 0}
    assert issued.token.call("supplyAt", 1) == ISSUED


def test_record_at_the_very_second_closes_the_epoch(active):
    active.announce(RECORD_AT)
    active.at(RECORD_AT)
    outcome = active.record(1)
    assert outcome.names == ["EpochClosed", "Recorded"]
    assert outcome.args("Recorded")["supply"] == ISSUED
    assert (active.token.call("epoch"), active.token.call("recordAt")) == (2, 0)


def test_record_one_second_early_is_refused(active):
    active.announce(RECORD_AT)
    active.at(RECORD_AT - 1)
    with refused("RecordDateNotReached", recordAt=RECORD_AT, now_=RECORD_AT - 1):
        active.record(1)


@pytest.mark.parametrize("epoch", [1, 2, 2**16 - 1])
def test_record_what_was_not_announced_is_refused(active, epoch):
    with refused("RecordDateNotAnnounced"):
        active.record(epoch)


def test_record_another_epoch_than_the_announced_is_refused(active):
    active.announce(RECORD_AT)
    active.at(RECORD_AT)
    with refused("RecordDateNotAnnounced"):
        active.record(2)


def test_record_twice_is_refused(recorded):
    with refused("UnexpectedState", token=recorded.token, epoch=1, state=1):
        recorded.record(1)


# ---- memory


def _sell(suite: Suite) -> None:
    suite.transfer(H1, H4, 50_000)


def _buy(suite: Suite) -> None:
    suite.transfer(H2, H1, 20_000)


def _seize(suite: Suite) -> None:
    suite.freeze(H2)
    suite.force(H2, H4, 20_000)


def _lapse(suite: Suite) -> None:
    suite.find_ineligible(H1)
    suite.freeze(H3)


def _bounce(suite: Suite) -> None:
    suite.transfer(H1, H2, 100)
    suite.transfer(H2, H1, 100)
    suite.transfer(H1, H1, 100)
    suite.transfer_from(STRANGER, H1, H2, 0)


@pytest.mark.parametrize("later", [_sell, _buy, _seize, _lapse, _bounce])
def test_balance_at_after_later_events_equals_the_snapshot(recorded, later: Callable):
    """P24, P29: the holder of record stays it, through sale, force, freeze and loss of eligibility."""
    closed = snapshot_of(recorded)
    later(recorded)
    recorded.mine()
    assert at_epoch(recorded, 1) == closed
    assert sum(closed.values()) == recorded.token.call("supplyAt", 1)


def test_balance_at_after_further_issues_equals_the_snapshot(issued):
    """P24: units issued after the closing are not in it; supplyAt is fixed at the record date."""
    issued.close_epoch(1)
    closed = snapshot_of(issued)
    issued.issue(H4, 3_000)
    issued.issue(H1, 2_000)
    issued.close_epoch(2)
    assert at_epoch(issued, 1) == closed
    assert at_epoch(issued, 2) == closed | {H4: 3_000, H1: 52_000}
    assert issued.token.call("supplyAt", 1) == ISSUED
    assert issued.token.call("supplyAt", 2) == ISSUED + 5_000


def test_balance_at_for_eight_epochs_equals_each_snapshot(active):
    """P24, P27: with a sale in every epoch, and holders who do nothing for eight of them."""
    snapshots = {}
    for epoch in range(1, 9):
        active.transfer(H1, H4, epoch)
        active.close_epoch(epoch)
        snapshots[epoch] = snapshot_of(active)
    active.transfer(H1, H2, 7)
    for epoch, expected in snapshots.items():
        assert at_epoch(active, epoch) == expected
        assert active.token.call("supplyAt", epoch) == ISSUED


@pytest.mark.parametrize("view", ["balanceAt", "supplyAt"])
@pytest.mark.parametrize("holder", [H1, STRANGER], ids=named)
@pytest.mark.parametrize("epoch", [0, 2, 3, 2**16 - 1])
def test_view_of_an_epoch_not_closed_is_refused(recorded, view, holder, epoch):
    """P26: for touched holders and strangers alike."""
    args = (holder, epoch) if view == "balanceAt" else (epoch,)
    with refused("EpochNotClosed", epoch=epoch):
        recorded.token.call(view, *args)


@pytest.mark.parametrize("holder", [H1, STRANGER], ids=named)
def test_view_of_a_settled_epoch_is_refused(recorded, holder):
    """P26."""
    recorded.skip(1)
    with refused("EpochIsSettled", epoch=1):
        recorded.token.call("balanceAt", holder, 1)
    with refused("EpochIsSettled", epoch=1):
        recorded.token.call("supplyAt", 1)


def test_view_of_a_closed_epoch_answers_for_strangers(recorded):
    """P26: one unknown holder in a list never spoils it."""
    assert recorded.token.call("balanceAt", STRANGER, 1) == 0


# ---- who


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, STRANGER], ids=named)
def test_announce_by_anyone_but_the_payer_is_refused(active, caller):
    with unauthorized(caller, active.distributor, "PAYER_ROLE"):
        active.send(caller, active.distributor, "announce", active.token, RECORD_AT)


@pytest.mark.parametrize(
    ("function", "args"),
    [("announceRecordDate", [RECORD_AT]), ("closeEpoch", [1]), ("settle", [1])],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("caller", [PAYER, ISSUER, ADMIN], ids=named)
def test_record_date_written_to_the_token_directly_is_refused(active, caller, function, args):
    """P25: epochs are announced, closed and settled by the distributor alone."""
    with refused("UnauthorizedCaller", caller=caller, expected=active.distributor):
        active.send(caller, active.token, function, *args)


def test_list_of_holders_is_answered_whoever_is_in_it(recorded):
    """P26: strangers, nobody, the token itself and the same one twice stand in nobody's way."""
    recorded.freeze(H2)
    listed = [ZERO, STRANGER, recorded.token.address, H1, H2, H1]
    words = recorded.token.call("holdersAt", listed, 1)
    may_be_paid = 1 << 104
    of_h1 = 50_000 | 1 << 80 | may_be_paid
    assert list(words) == [0, 0, 0, of_h1, 20_000 | 2 << 80, of_h1]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_acts_of_every_kind_around_the_instant_fall_on_its_two_sides(issued, seconds):
    """P24, P28: a sale, a seizure and an issue in blocks before, at and after it."""
    instant = issued.now + 3_600
    issued.announce(instant)
    issued.at(instant + seconds)
    issued.force(H1, H2, 500)
    issued.at(max(issued.now + 1, instant + 1))
    issued.issue(H3, 10)
    issued.record(1)
    before = seconds < 0
    found = [issued.token.call("balanceAt", each, 1) for each in (H1, H2, H3)]
    assert found == [49_500 if before else 50_000, 20_500 if before else 20_000, 10_000]
    assert issued.token.call("supplyAt", 1) == 80_000
