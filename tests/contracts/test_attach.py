import pytest

from tests.contracts.suite import (
    CAP,
    DEPLOYER,
    FILING,
    ISSUER,
    MEZZANINE,
    REGULATOR,
    SENIOR,
    ZERO,
    named,
    refused,
    unauthorized,
)

OTHER_FILING = b"\x02" * 32
ZERO_FILING = bytes(32)


def test_attach_a_fresh_token_ties_it_to_the_filing(deployed):
    outcome = deployed.attach(SENIOR, deployed.token)
    assert outcome.names == ["FilingAttached", "TokenAttached"]
    assert outcome.args("TokenAttached") == {
        "filingId": FILING,
        "tranche": SENIOR,
        "token": deployed.token.address,
    }
    assert deployed.token.call("filingId") == FILING
    assert deployed.filings.call("tokenOf", FILING, SENIOR) == deployed.token.address
    assert deployed.filings.call("tokensOf", FILING) == (deployed.token.address,)


def test_attach_alone_grants_nothing(attached):
    assert attached.token.call("cap") == 0
    with refused("FilingNotApproved"):
        attached.send(ISSUER, attached.token, "openOffering")


def test_attach_a_token_to_a_second_tranche_is_refused(attached):
    """P19: a token belongs to one filing and one tranche, for ever."""
    with refused("FilingAlreadyAttached", filingId=FILING):
        attached.attach(b"\x03" * 32, attached.token)


def test_attach_a_token_to_a_second_filing_is_refused(attached):
    """P19."""
    with refused("FilingAlreadyAttached", filingId=FILING):
        attached.attach(SENIOR, attached.token, OTHER_FILING)


def test_attach_to_a_taken_tranche_is_refused(attached):
    """P19: a tranche of a filing is one token, for ever."""
    with refused("TrancheAlreadyAttached", filingId=FILING, tranche=SENIOR, token=attached.token):
        attached.attach(SENIOR, attached.new_token())


def test_attach_a_token_of_another_registry_is_refused(deployed):
    foreign = deployed.new_token(filingRegistry=ISSUER)
    with refused("TokenOfAnotherRegistry", token=foreign, registry=ISSUER):
        deployed.attach(SENIOR, foreign)


def test_attach_after_approval_is_refused(approved):
    """P48: what was approved never grows by another tranche."""
    with refused("UnexpectedStatus", filingId=FILING, status=1):
        approved.attach(b"\x03" * 32, approved.new_token())


def test_attach_a_ninth_tranche_is_refused(deployed):
    """P19: at most eight, so that a suspension always fits one transaction."""
    for number in range(8):
        deployed.attach(bytes([number]) * 32, deployed.new_token())
    with refused("TooManyTranches", filingId=FILING):
        deployed.attach(MEZZANINE, deployed.token)


@pytest.mark.parametrize("caller", [ISSUER, DEPLOYER], ids=named)
def test_attach_by_anyone_but_the_regulator_is_refused(deployed, caller):
    with unauthorized(caller, deployed.filings, "REGULATOR_ROLE"):
        deployed.send(caller, deployed.filings, "attach", FILING, SENIOR, deployed.token)


def test_attach_by_writing_the_token_directly_is_refused(deployed):
    with refused("UnauthorizedCaller", caller=REGULATOR, expected=deployed.filings):
        deployed.send(REGULATOR, deployed.token, "attachFiling", FILING)


def test_grant_by_writing_the_token_directly_is_refused(attached):
    """P21: the approval reaches a token through the registry, or not at all."""
    with refused("UnauthorizedCaller", caller=REGULATOR, expected=attached.filings):
        attached.send(REGULATOR, attached.token, "setFiling", FILING, CAP, 60_000)
    assert attached.filings.call("filingOf", FILING)["filer"] == ZERO


def test_attach_to_the_filing_zero_is_refused(deployed):
    """P19: 0 is how a token says that it is attached to nothing."""
    with refused("FilingIdMissing"):
        deployed.attach(SENIOR, deployed.token, ZERO_FILING)
    assert int.from_bytes(deployed.filings.call("filingIdOf", deployed.token), "big") == 0


def test_attach_tells_the_filing_of_a_token(attached):
    assert attached.filings.call("filingIdOf", attached.token) == FILING
