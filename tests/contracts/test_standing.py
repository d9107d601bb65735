"""Default and acceleration: what the trustee declares about a deal, and whom it puts first."""

import pytest

from chain.errors import ContractReverted
from tests.contracts.suite import (
    CAP,
    DENOMINATION,
    FILING,
    H1,
    HOLDERS,
    ISSUER,
    MATURITY,
    PAYER,
    REGISTRAR,
    STRANGER,
    TRUSTEE,
    Contract,
    Outcome,
    Suite,
    principal_change,
    refused,
)

NOTICE = b"\xd1" * 32
PERFORMING, DEFAULTED, ACCELERATED = range(3)
MOVES = {
    "declareDefault": (PERFORMING, DEFAULTED),
    "waiveDefault": (DEFAULTED, PERFORMING),
    "accelerate": (DEFAULTED, ACCELERATED),
    "rescindAcceleration": (ACCELERATED, DEFAULTED),
}


def move(suite: Suite, act: str, notice: bytes = NOTICE, filing: bytes = FILING) -> Outcome:
    return suite.send(TRUSTEE, suite.distributor, act, filing, notice)


def bring_to(suite: Suite, standing: int) -> None:
    for act in ("declareDefault", "accelerate")[:standing]:
        move(suite, act)


def record(suite: Suite, token: Contract, epoch: int = 1) -> None:
    instant = suite.now + 3_600
    suite.send(PAYER, suite.distributor, "announce", token, instant)
    suite.at(instant)
    suite.send(PAYER, suite.distributor, "record", token, epoch)


def declare(suite: Suite, token: Contract, interest: int, principal: int, epoch: int = 1) -> None:
    change = principal_change(principal)
    suite.send(PAYER, suite.distributor, "declare", token, epoch, interest, change)


@pytest.fixture
def both(recorded: Suite) -> Suite:
    """Epoch 1 of the senior and of the mezzanine tranche recorded, nothing declared."""
    record(recorded, recorded.token_b)
    return recorded


# ---- the moves


@pytest.mark.parametrize("standing", [PERFORMING, DEFAULTED, ACCELERATED])
@pytest.mark.parametrize("act", MOVES)
def test_standing_moves_from_where_the_act_begins_only(active, standing, act):
    """P13: there are four moves and no others."""
    bring_to(active, standing)
    start, end = MOVES[act]
    if standing != start:
        with refused("UnexpectedStanding", filingId=FILING, standing=standing):
            move(active, act)
        return
    changed = {"filingId": FILING, "from": start, "to": end, "noticeHash": NOTICE}
    assert move(active, act).args("StandingChanged") == changed
    assert active.distributor.call("standingOf", FILING) == end


@pytest.mark.parametrize("act", MOVES)
def test_standing_without_the_hash_of_a_notice_is_refused(active, act):
    bring_to(active, MOVES[act][0])
    with refused("NoticeHashMissing"):
        move(active, act, bytes(32))


def test_standing_lifts_no_halt_and_halts_nothing(active):
    """P13: transfers go on in default; a suspension goes on after its waiver."""
    move(active, "declareDefault")
    active.transfer(H1, HOLDERS[1], 1)
    active.suspend()
    move(active, "waiveDefault")
    with refused("FilingSuspended", filingId=FILING):
        active.transfer(H1, HOLDERS[1], 1)


# ---- whose turn it is


@pytest.mark.parametrize("standing", [PERFORMING, DEFAULTED, ACCELERATED])
@pytest.mark.parametrize(("interest", "principal"), [(5, 0), (0, 5), (5, 5)])
def test_junior_is_declared_what_its_standing_allows(both, standing, interest, principal):
    """P39: in default no principal before the senior has its own; accelerated, no coin at all."""
    bring_to(both, standing)
    barred = standing == ACCELERATED or (standing == DEFAULTED and principal != 0)
    if barred:
        with refused("SeniorOutstanding", senior=both.token, standing=standing):
            declare(both, both.token_b, interest, principal)
        return
    declare(both, both.token_b, interest, principal)


@pytest.mark.parametrize("standing", [DEFAULTED, ACCELERATED])
def test_senior_is_declared_whatever_the_standing(both, standing):
    """P39."""
    bring_to(both, standing)
    declare(both, both.token, 5, 5)


@pytest.mark.parametrize("standing", [DEFAULTED, ACCELERATED])
def test_junior_has_its_turn_once_the_senior_is_repaid(both, standing):
    """P39: to the last micro-unit, and not one before."""
    bring_to(both, standing)
    declare(both, both.token, 0, DENOMINATION - 1)
    both.pay(1, *HOLDERS)
    with refused("SeniorOutstanding", senior=both.token, standing=standing):
        declare(both, both.token_b, 0, 1)
    record(both, both.token, 2)
    declare(both, both.token, 0, 1, epoch=2)
    declare(both, both.token_b, 1, 1)


@pytest.mark.parametrize("standing", [DEFAULTED, ACCELERATED])
def test_losses_and_capitalised_interest_are_declared_whatever_the_standing(both, standing):
    """P39: they move no coin."""
    bring_to(both, standing)
    change = principal_change(capitalised=3, written_down=2)
    both.send(PAYER, both.distributor, "declare", both.token_b, 1, 0, change)
    assert both.token_b.call("outstandingPerUnit") == DENOMINATION + 1


@pytest.mark.parametrize("standing", [DEFAULTED, ACCELERATED])
def test_a_loss_that_may_be_reversed_does_not_let_the_junior_pass(both, standing):
    """P39: it moves no coin; written down and up again, the senior's books would be as before."""
    bring_to(both, standing)
    refusal = {"senior": both.token, "standing": standing}
    lost = principal_change(0, written_down=DENOMINATION)
    both.send(PAYER, both.distributor, "declare", both.token, 1, 0, lost)
    assert both.token.call("outstandingPrincipal") == 0
    with refused("SeniorOutstanding", **refusal):
        declare(both, both.token_b, 0, 1)
    both.at(MATURITY)
    declare(both, both.token_b, 0, 1)


def test_tranches_of_one_rank_do_not_wait_for_each_other(both):
    """P39."""
    filing = b"\x09" * 32
    twins = [both.new_token(rank=1) for _ in range(2)]
    for number, token in enumerate(twins):
        both.send(REGISTRAR, both.investors, "admitToken", token)
        both.attach(bytes([number]) * 32, token, filing)
    both.register(H1)
    both.approve_filing(filing=filing, filed_total=2 * CAP * DENOMINATION, caps=(CAP, CAP))
    for token in twins:
        both.send(ISSUER, token, "openOffering")
        both.issue(H1, 1, token)
        record(both, token)
    for act in ("declareDefault", "accelerate"):
        move(both, act, filing=filing)
    for token in twins:
        declare(both, token, 1, 1)
    assert both.distributor.call("standingOf", FILING) == PERFORMING, "the other deal goes on"
    declare(both, both.token_b, 1, 1)


# ---- what was declared before


@pytest.mark.parametrize("standing", [DEFAULTED, ACCELERATED])
def test_what_was_declared_before_is_paid_in_parts_around_a_default(both, standing):
    """P39: the junior's coupon too."""
    declare(both, both.token_b, 5, 5)
    declare(both, both.token, 5, 5)
    both.pay(1, HOLDERS[0])
    bring_to(both, standing)
    for token in (both.token, both.token_b):
        both.send(STRANGER, both.distributor, "pay", token, 1, list(HOLDERS))
        assert both.distributor.call("paymentOf", token, 1)["left"] == 0
        assert token.call("settledEpoch") == 1


def test_a_payment_is_the_same_under_every_halt_at_once(declared):
    """P39: paused, suspended, revoked, accelerated, replaced registrar: between two parts of it."""
    due = {holder: declared.units(holder) for holder in HOLDERS}
    per_unit = declared.left() // sum(due.values())
    before = {holder: declared.coins(holder) for holder in HOLDERS}
    declared.pay(1, HOLDERS[0], by=STRANGER)
    declared.send(PAYER, declared.distributor, "announce", declared.token, declared.now + 3_600)
    bring_to(declared, ACCELERATED)
    declared.suspend()
    declared.pay(1, HOLDERS[1], by=STRANGER)
    declared.revoke()
    declared.pay(1, HOLDERS[2], by=STRANGER)
    assert {holder: declared.coins(holder) - before[holder] for holder in HOLDERS} == {
        holder: units * per_unit for holder, units in due.items()
    }


def test_refused_declaration_takes_no_coin_and_changes_no_principal(both):
    """P37."""
    bring_to(both, ACCELERATED)
    purse = both.coins(PAYER)
    with pytest.raises(ContractReverted):
        declare(both, both.token_b, 5, 5)
    assert both.coins(PAYER) == purse
    assert both.token_b.call("outstandingPerUnit") == DENOMINATION
