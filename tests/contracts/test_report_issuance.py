import pytest

from tests.contracts.suite import (
    FILER,
    FILING,
    H1,
    H2,
    H4,
    ISSUER,
    MINT_UNTIL,
    REGULATOR,
    REPORT,
    ZERO,
    named,
    refused,
)


@pytest.fixture
def closed(issued):
    for token in (issued.token, issued.token_b):
        issued.send(ISSUER, token, "closeOffering")
    return issued


def test_report_after_every_offering_closed_opens_transfers(closed):
    outcome = closed.report()
    assert outcome.names == ["TransfersOpened", "TransfersOpened", "IssuanceReported"]
    assert outcome.args("IssuanceReported") == {"filingId": FILING, "reportHash": REPORT}
    assert closed.filings.call("filingOf", FILING)["issuanceReported"] is True
    assert closed.token.call("transfersOpen") is True
    closed.transfer(H1, H2, 1)


def test_report_while_one_offering_is_open_is_refused(issued):
    issued.send(ISSUER, issued.token, "closeOffering")
    with refused("OfferingNotClosed", token=issued.token_b):
        issued.report()
    assert issued.token.call("transfersOpen") is False


def test_report_before_any_offering_opened_is_refused(approved):
    with refused("OfferingNotClosed", token=approved.token):
        approved.report()


def test_report_twice_is_refused(active):
    with refused("IssuanceAlreadyReported", filingId=FILING):
        active.report()


def test_report_while_suspended_is_refused(closed):
    closed.suspend()
    with refused("UnexpectedStatus", filingId=FILING, status=2):
        closed.report()


def test_report_after_revocation_is_refused(closed):
    closed.revoke()
    with refused("UnexpectedStatus", filingId=FILING, status=3):
        closed.report()


@pytest.mark.parametrize("caller", [ISSUER, REGULATOR], ids=named)
def test_report_by_anyone_but_the_filer_is_refused(closed, caller):
    with refused("NotTheFiler", caller=caller, filer=FILER):
        closed.report(by=caller)


def test_report_of_an_unknown_filing_is_refused(deployed):
    with refused("NotTheFiler", caller=FILER, filer=ZERO):
        deployed.report()


def test_report_by_the_key_that_takes_the_place_of_the_lost_one(closed):
    outcome = closed.replace_filer(H4)
    assert outcome.args("FilerReplaced") == {"filingId": FILING, "former": FILER, "fresh": H4}
    with refused("NotTheFiler", caller=FILER, filer=H4):
        closed.report()
    closed.report(by=H4)
    assert closed.token.call("transfersOpen") is True


def test_replace_filer_with_nobody_is_refused(closed):
    with refused("FilerMissing", filingId=FILING):
        closed.replace_filer(ZERO)


def test_replace_filer_before_approval_is_refused(deployed):
    with refused("UnexpectedStatus", filingId=FILING, status=0):
        deployed.replace_filer(H4)


def test_open_offering_twice_is_refused(offering):
    with refused("OfferingAlreadyOpened", offering=1):
        offering.send(ISSUER, offering.token, "openOffering")


def test_reopen_a_closed_offering_is_refused(closed):
    with refused("OfferingAlreadyOpened", offering=2):
        closed.send(ISSUER, closed.token, "openOffering")


def test_close_an_offering_twice_is_refused(closed):
    with refused("OfferingNotOpen", offering=2):
        closed.send(ISSUER, closed.token, "closeOffering")


def test_a_tranche_that_is_never_opened_does_not_keep_the_other_from_being_reported(onboarded):
    """Its offering cannot be opened any more once the filing's validity has run out."""
    for act in ("openOffering", "closeOffering"):
        onboarded.send(ISSUER, onboarded.token, act)
    onboarded.at(MINT_UNTIL)
    with refused("FilingExpired", filingId=FILING, mintUntil=MINT_UNTIL):
        onboarded.send(ISSUER, onboarded.token_b, "openOffering")
    with refused("OfferingNotClosed", token=onboarded.token_b):
        onboarded.report()
    outcome = onboarded.send(ISSUER, onboarded.token_b, "closeOffering")
    assert outcome.args("OfferingClosed") == {"supply": 0}
    with refused("OfferingAlreadyOpened", offering=2):
        onboarded.send(ISSUER, onboarded.token_b, "openOffering")
    onboarded.report()
    assert onboarded.token.call("transfersOpen") is True


def test_close_offering_states_the_supply(issued):
    outcome = issued.send(ISSUER, issued.token, "closeOffering")
    assert outcome.args("OfferingClosed") == {"supply": 80_000}
