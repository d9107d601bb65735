import pytest

from tests.contracts.suite import (
    ADMIN,
    APPROVED,
    DAY,
    DENOMINATION,
    ENFORCEMENT,
    EVIDENCE,
    FILED_TOTAL,
    FILER,
    FILING,
    H1,
    H2,
    H4,
    ISSUER,
    NO_STATUS,
    PAYER,
    REGISTRAR,
    REGULATOR,
    REVOKED,
    STRANGER,
    SUSPENDED,
    Contract,
    Suite,
    admission,
    named,
    principal_change,
    refused,
    unauthorized,
)


def test_suspend_reaches_every_tranche_in_one_transaction(active):
    """P20."""
    outcome = active.suspend()
    assert outcome.names == ["FilingStatusSet", "FilingStatusSet", "FilingStatusChanged"]
    assert active.filings.call("filingOf", FILING)["status"] == SUSPENDED
    for token in (active.token, active.token_b):
        assert token.call("filingStatus") == SUSPENDED


def test_suspend_keeps_the_cap(offering):
    cap = offering.token.call("cap")
    offering.suspend()
    assert offering.token.call("cap") == cap


def test_lift_ends_the_suspension(active):
    active.suspend()
    outcome = active.lift()
    assert outcome.args("FilingStatusChanged") == {
        "filingId": FILING,
        "from": SUSPENDED,
        "to": APPROVED,
    }
    active.transfer(H1, H2, 1)


@pytest.mark.parametrize("suspended_before", [False, True])
def test_revoke_ends_minting_and_transfers_for_ever(active, suspended_before):
    """P18: revocation sets a flag and a cap of nothing."""
    if suspended_before:
        active.suspend()
    outcome = active.revoke()
    assert outcome.names == ["FilingStatusSet", "FilingStatusSet", "FilingStatusChanged"]
    assert outcome.args("FilingStatusChanged")["from"] == (
        SUSPENDED if suspended_before else APPROVED
    )
    for token in (active.token, active.token_b):
        assert token.call("filingStatus") == REVOKED
        assert token.call("cap") == 0
    with refused("FilingRevoked", filingId=FILING):
        active.transfer(H1, H2, 1)


def test_suspend_before_approval_is_refused(attached):
    with refused("UnexpectedStatus", filingId=FILING, status=NO_STATUS):
        attached.suspend()


def test_suspend_twice_is_refused(active):
    active.suspend()
    with refused("UnexpectedStatus", filingId=FILING, status=SUSPENDED):
        active.suspend()


def test_lift_without_suspension_is_refused(active):
    with refused("UnexpectedStatus", filingId=FILING, status=APPROVED):
        active.lift()


@pytest.mark.parametrize("act", ["suspend", "lift", "revoke"])
def test_every_move_after_revocation_is_refused(active, act):
    """P18, P21: nothing leads out of REVOKED, not even the regulator's own key."""
    active.revoke()
    with refused("UnexpectedStatus", filingId=FILING, status=REVOKED):
        getattr(active, act)()


def test_revoke_before_approval_is_refused(attached):
    with refused("UnexpectedStatus", filingId=FILING, status=NO_STATUS):
        attached.revoke()


@pytest.mark.parametrize("act", ["suspend", "lift", "revoke"])
@pytest.mark.parametrize("caller", [ADMIN, ISSUER, FILER], ids=named)
def test_suspend_lift_or_revoke_by_anyone_but_the_regulator_is_refused(active, act, caller):
    """P13, P21: each status has one writer."""
    with unauthorized(caller, active.filings, "REGULATOR_ROLE"):
        active.send(caller, active.filings, act, FILING)


@pytest.mark.parametrize(
    ("function", "args"), [("setFilingStatus", [APPROVED]), ("openTransfers", [])]
)
def test_a_status_written_to_the_token_directly_is_refused(active, function, args):
    """P13."""
    with refused("UnauthorizedCaller", caller=REGULATOR, expected=active.filings):
        active.send(REGULATOR, active.token, function, *args)


def test_suspend_and_revoke_reach_eight_tokens_in_every_state(onboarded):
    """P20: eight tranches in different states of offering and epoch; neither call can fail."""
    suite, filing = onboarded, b"\x08" * 32
    tokens = [suite.new_token() for _ in range(8)]
    for number, token in enumerate(tokens):
        suite.attach(bytes([number]) * 32, token, filing)
    suite.approve_filing(filing=filing, filed_total=FILED_TOTAL, caps=(10,) * 8)
    for token in tokens[2:]:
        suite.send(ISSUER, token, "openOffering")
    for token in tokens[4:]:
        suite.send(ISSUER, token, "closeOffering")
    suite.send(REGULATOR, suite.filings, "suspend", filing)
    assert [token.call("filingStatus") for token in tokens] == [SUSPENDED] * 8
    outcome = suite.send(REGULATOR, suite.filings, "revoke", filing)
    assert outcome.names.count("FilingStatusSet") == 8
    assert [token.call("filingStatus") for token in tokens] == [REVOKED] * 8


def test_suspend_and_revoke_reach_eight_tokens_in_every_epoch_state(onboarded):
    """P20: paused, announced, due, recorded, declared, partly paid, skipped, and eight unsettled."""
    suite, filing = onboarded, b"\x08" * 32
    tokens = eight_issued(suite, filing)
    announce = [PAYER, suite.distributor, "announce"]
    instant = suite.now + DAY
    for token in tokens[1:7]:
        suite.send(*announce, token, instant)
    suite.at(instant)
    for token in tokens[3:7]:
        suite.send(PAYER, suite.distributor, "record", token, 1)
    for token in tokens[4:6]:
        suite.send(PAYER, suite.distributor, "declare", token, 1, 1, principal_change(1))
    suite.send(STRANGER, suite.distributor, "pay", tokens[5], 1, [H1])
    suite.send(PAYER, suite.distributor, "skip", tokens[6], 1)
    for epoch in range(1, 9):
        suite.send(*announce, tokens[7], suite.now + 10)
        suite.at(suite.now + 10)
        suite.send(PAYER, suite.distributor, "record", tokens[7], epoch)
    suite.send(*announce, tokens[1], suite.now + DAY)
    for token in tokens:
        suite.send(ENFORCEMENT, token, "pause")
    assert [token.call("epoch") for token in tokens] == [1, 2, 2, 2, 2, 2, 2, 9]
    suite.send(REGULATOR, suite.filings, "suspend", filing)
    suite.send(REGULATOR, suite.filings, "lift", filing)
    suite.send(REGULATOR, suite.filings, "suspend", filing)
    suite.send(REGULATOR, suite.filings, "revoke", filing)
    assert [token.call("filingStatus") for token in tokens] == [REVOKED] * 8
    assert [token.call("cap") for token in tokens] == [0] * 8


def eight_issued(suite: Suite, filing: bytes) -> list[Contract]:
    """Eight tranches of another filing, units of each with H1 and H2, under a registry of their own."""
    registry = suite.deploy("InvestorRegistry", ADMIN, REGISTRAR)
    tokens = [suite.new_token(investorRegistry=registry) for _ in range(8)]
    for number, token in enumerate(tokens):
        suite.send(REGISTRAR, registry, "admitToken", token)
        suite.attach(bytes([number]) * 32, token, filing)
    words = [admission(each) for each in (H1, H2)]
    suite.send(REGISTRAR, registry, "setInvestors", words, EVIDENCE)
    suite.approve_filing(filing=filing, filed_total=FILED_TOTAL, caps=(10,) * 8)
    for token in tokens:
        suite.send(ISSUER, token, "openOffering")
        for investor in (H1, H2):
            suite.issue(investor, 2, token)
    return tokens


def test_suspend_and_revoke_pass_in_every_epoch_state(declared):
    """P20: with one epoch unpaid, another recorded and a third announced."""
    declared.close_epoch(2)
    declared.announce(declared.now + 3_600)
    declared.suspend()
    declared.revoke()
    assert declared.token.call("filingStatus") == REVOKED


def test_suspension_of_one_filing_leaves_another_alone(active):
    other, filing = active.new_token(), b"\x09" * 32
    active.attach(b"\x01" * 32, other, filing)
    active.approve_filing(filing=filing, filed_total=DENOMINATION, caps=(1,))
    active.send(REGULATOR, active.filings, "suspend", filing)
    active.transfer(H1, H4, 1)
    assert other.call("filingStatus") == SUSPENDED
