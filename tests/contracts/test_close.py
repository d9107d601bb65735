"""A filing closed: its notes are repaid in full, every payment settled, and nothing begins again."""

import pytest

from tests.contracts.suite import (
    ALLOTMENT_B,
    APPROVED,
    BUNDLE,
    CAP,
    CLOSED,
    DENOMINATION,
    FILING,
    H1,
    H2,
    H3,
    HOLDERS,
    ISSUED,
    ISSUER,
    MINT_UNTIL_DAY,
    NO_STATUS,
    PAYER,
    PURSE,
    REVERTS,
    REVOKED,
    STRANGER,
    SUSPENDED,
    named,
    principal_change,
    refused,
    set_manner,
    unauthorized,
)


def record(suite, token):
    """Hold a record date of this tranche; the epoch it closes."""
    epoch, record_at = token.call("epoch"), suite.now + 3_600
    suite.send(PAYER, suite.distributor, "announce", token, record_at)
    suite.at(record_at)
    suite.send(PAYER, suite.distributor, "record", token, epoch)
    return epoch


def repay(suite, token):
    """Pay back all principal of a tranche in one payment."""
    epoch = record(suite, token)
    suite.send(PAYER, suite.distributor, "declare", token, epoch, 0, principal_change(DENOMINATION))
    return suite.send(PAYER, suite.distributor, "pay", token, epoch, HOLDERS)


@pytest.fixture
def repaid(active):
    for token in (active.token, active.token_b):
        repay(active, token)
    return active


@pytest.fixture
def closed(repaid):
    repaid.close()
    return repaid


def test_close_once_all_is_repaid_reaches_every_tranche(repaid):
    outcome = repaid.close()
    assert outcome.names == ["FilingStatusSet", "FilingStatusSet", "FilingStatusChanged"]
    changed = {"filingId": FILING, "from": APPROVED, "to": CLOSED}
    assert outcome.args("FilingStatusChanged") == changed
    assert repaid.filings.call("filingOf", FILING)["status"] == CLOSED
    for token in (repaid.token, repaid.token_b):
        assert token.call("filingStatus") == CLOSED
        assert token.call("outstandingPrincipal") == 0


# ---- what stands in the way


@pytest.mark.parametrize("caller", [STRANGER, H1, PAYER, ISSUER], ids=named)
def test_close_by_anyone_but_the_regulator_is_refused(repaid, caller):
    """P13, P21: a holder's key must not end what the service still keeps running."""
    with unauthorized(caller, repaid.filings, "REGULATOR_ROLE"):
        repaid.close(by=caller)


def test_close_before_the_issuance_is_reported_is_refused(issued):
    with refused("IssuanceNotReported", filingId=FILING):
        issued.close()


def test_close_with_principal_outstanding_is_refused(active):
    owed = ISSUED * DENOMINATION
    assert active.token.call("outstandingPrincipal") == owed
    with refused("PrincipalOutstanding", token=active.token, outstanding=owed):
        active.close()


def test_close_with_one_tranche_repaid_and_another_not_is_refused(active):
    repay(active, active.token)
    owed = ALLOTMENT_B * DENOMINATION
    with refused("PrincipalOutstanding", token=active.token_b, outstanding=owed):
        active.close()


def test_close_while_the_last_payment_is_on_its_way_is_refused(active):
    repay(active, active.token_b)
    record(active, active.token)
    active.declare(1, 0, DENOMINATION)
    active.pay(1, H1, H2)
    with refused("EpochUnsettled", token=active.token, epoch=1):
        active.close()
    active.pay(1, H3)
    active.close()


def test_close_with_a_record_date_announced_is_refused(repaid):
    repaid.announce(repaid.now + 3_600)
    with refused("EpochUnsettled", token=repaid.token, epoch=2):
        repaid.close()


def test_close_with_a_record_date_neither_declared_nor_skipped_is_refused(repaid):
    record(repaid, repaid.token)
    with refused("EpochUnsettled", token=repaid.token, epoch=2):
        repaid.close()
    repaid.skip(2)
    repaid.close()


@pytest.mark.parametrize(("before", "status"), [("suspend", SUSPENDED), ("revoke", REVOKED)])
def test_close_of_a_filing_that_is_not_approved_is_refused(repaid, before, status):
    getattr(repaid, before)()
    with refused("UnexpectedStatus", filingId=FILING, status=status):
        repaid.close()


def test_close_of_an_unknown_filing_is_refused(attached):
    with refused("UnexpectedStatus", filingId=FILING, status=NO_STATUS):
        attached.close()


# ---- afterwards


def test_mint_and_transfer_after_closing_are_refused_for_ever(closed):
    for act in (lambda: closed.issue(H1, 1), lambda: closed.transfer(H1, H2, 1)):
        with refused("FilingClosed", filingId=FILING):
            act()
    assert closed.token.call("canTransfer", H1, H2, 1) is False


def test_announce_a_record_date_after_closing_is_refused(closed):
    """There is nothing left that could be paid to its holders."""
    with refused("FilingClosed", filingId=FILING):
        closed.announce(closed.now + 3_600)


@pytest.mark.parametrize(
    "act",
    [
        "suspend",
        "lift",
        "revoke",
        "begin_amendment",
        "cancel_amendment",
        "amend",
        "report",
        "close",
    ],
)
def test_every_move_after_closing_is_refused(closed, act):
    """Nothing leads out of Closed, not even the regulator's own key."""
    with refused("UnexpectedStatus", filingId=FILING, status=CLOSED):
        getattr(closed, act)()


@pytest.mark.parametrize(("end", "error"), [("close", "FilingClosed"), ("revoke", "FilingRevoked")])
def test_a_filing_that_is_over_is_over_in_the_token_too(repaid, end, error):
    """P18: the token takes nothing more, even from its own register."""
    getattr(repaid, end)()
    for function, args in (
        ("setFilingStatus", (APPROVED,)),
        ("setFiling", (BUNDLE, CAP, MINT_UNTIL_DAY)),
    ):
        with refused(error, filingId=FILING):
            repaid.simulate(repaid.filings.address, repaid.token, function, *args)


def test_money_set_aside_is_released_after_closing(active):
    """P43: what a holder is owed outlives the filing."""
    repay(active, active.token_b)
    active.freeze(H3)
    repay(active, active.token)
    held = active.set_aside(H3)
    active.close()
    active.thaw(H3)
    released = active.release(H3).args("Released")
    assert released["amount"] == held == 10_000 * DENOMINATION


def test_credit_is_collected_after_closing_and_a_tranche_without_units_owes_nothing(
    awkward_offering,
):
    """P43, with a coin that refused one holder; nobody had bought a unit of the other tranche."""
    suite = awkward_offering
    suite.issue(H1, 3)
    suite.issue(H2, 2)
    for token in (suite.token, suite.token_b):
        suite.send(ISSUER, token, "closeOffering")
    suite.report()
    set_manner(suite, H2, REVERTS)
    repay(suite, suite.token)
    suite.close()
    set_manner(suite, H2, 0)
    suite.collect(H2)
    assert suite.coins(H2) == PURSE
    assert suite.distributor.call("liabilities") == 0
