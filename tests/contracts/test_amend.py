"""A filing amended before its issue is completed: minting stops, and goes on under new terms or old."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    AMENDED_BUNDLE,
    AMENDING,
    APPROVED,
    BUNDLE,
    CAP,
    CAP_B,
    DAY,
    DENOMINATION,
    FILED_TOTAL,
    FILER,
    FILING,
    H4,
    ISSUED,
    ISSUER,
    MINT_UNTIL,
    MINT_UNTIL_DAY,
    NO_STATUS,
    REVOKED,
    SUSPENDED,
    named,
    refused,
    unauthorized,
)

MORE, MORE_TOTAL = (CAP + 1, CAP_B), FILED_TOTAL + DENOMINATION


@pytest.fixture
def amending(issued):
    issued.begin_amendment()
    return issued


# ---- the filer has amended, the regulator takes it up


def test_begin_amendment_reaches_every_tranche_in_one_transaction(issued):
    outcome = issued.begin_amendment()
    assert outcome.names == ["FilingStatusSet", "FilingStatusSet", "FilingStatusChanged"]
    assert issued.filings.call("filingOf", FILING)["status"] == AMENDING
    for token in (issued.token, issued.token_b):
        assert token.call("filingStatus") == AMENDING


def test_mint_while_being_amended_is_refused(amending):
    with refused("FilingBeingAmended", filingId=FILING):
        amending.issue(H4, 1)


def test_open_offering_while_being_amended_is_refused(approved):
    approved.begin_amendment()
    with refused("FilingBeingAmended", filingId=FILING):
        approved.send(ISSUER, approved.token, "openOffering")


def test_begin_amendment_of_an_expired_filing_passes(issued):
    """FIL-14: that is how an approval is renewed."""
    issued.at(MINT_UNTIL)
    with refused("FilingExpired", filingId=FILING, mintUntil=MINT_UNTIL):
        issued.issue(H4, 1)
    issued.begin_amendment()
    issued.amend()
    issued.issue(H4, 1, bundle_hash=AMENDED_BUNDLE)


def test_begin_amendment_with_one_offering_closed_is_refused(issued):
    issued.send(ISSUER, issued.token_b, "closeOffering")
    with refused("OfferingIsClosed", token=issued.token_b):
        issued.begin_amendment()


def test_begin_amendment_of_a_reported_issuance_is_refused(active):
    with refused("OfferingIsClosed", token=active.token):
        active.begin_amendment()


@pytest.mark.parametrize(
    ("before", "status"),
    [("suspend", SUSPENDED), ("revoke", REVOKED), ("begin_amendment", AMENDING)],
)
def test_begin_amendment_of_a_filing_that_is_not_approved_is_refused(issued, before, status):
    getattr(issued, before)()
    with refused("UnexpectedStatus", filingId=FILING, status=status):
        issued.begin_amendment()


def test_begin_amendment_of_an_unknown_filing_is_refused(attached):
    with refused("UnexpectedStatus", filingId=FILING, status=NO_STATUS):
        attached.begin_amendment()


@pytest.mark.parametrize("act", ["begin_amendment", "cancel_amendment"])
@pytest.mark.parametrize("caller", [FILER, ISSUER, ADMIN], ids=named)
def test_begin_or_cancel_amendment_by_anyone_but_the_regulator_is_refused(issued, act, caller):
    """P13, P21: the filer asks; its key neither keeps a suspension off nor frees what is stopped."""
    if act == "cancel_amendment":
        issued.begin_amendment()
    with unauthorized(caller, issued.filings, "REGULATOR_ROLE"):
        getattr(issued, act)(by=caller)


# ---- the filer thinks better of it


def test_cancel_amendment_goes_back_to_the_very_terms(issued):
    before = issued.filings.call("filingOf", FILING)
    issued.begin_amendment()
    outcome = issued.cancel_amendment()
    changed = {"filingId": FILING, "from": AMENDING, "to": APPROVED}
    assert outcome.args("FilingStatusChanged") == changed
    assert issued.filings.call("filingOf", FILING) == before
    issued.issue(H4, CAP - ISSUED)


def test_cancel_amendment_does_not_renew_an_expired_approval(amending):
    amending.at(MINT_UNTIL)
    amending.cancel_amendment()
    with refused("FilingExpired", filingId=FILING, mintUntil=MINT_UNTIL):
        amending.issue(H4, 1)


def test_cancel_amendment_that_was_not_begun_is_refused(issued):
    with refused("UnexpectedStatus", filingId=FILING, status=APPROVED):
        issued.cancel_amendment()


# ---- the regulator decides


def test_amend_publishes_and_grants_the_new_terms(amending):
    outcome = amending.amend(caps=MORE, filed_total=MORE_TOTAL)
    assert outcome.names == [
        *["FilingStatusSet"] * 2,
        "FilingStatusChanged",
        *["FilingSet"] * 2,
        "FilingPublished",
    ]
    terms = {
        "bundleHash": AMENDED_BUNDLE,
        "filer": FILER,
        "filedTotal": MORE_TOTAL,
        "validUntilDay": MINT_UNTIL_DAY + 90,
    }
    assert outcome.args("FilingPublished") == {"filingId": FILING} | terms
    found = amending.filings.call("filingOf", FILING)
    assert found == {"status": APPROVED, "issuanceReported": False} | terms
    for token, cap in zip((amending.token, amending.token_b), MORE, strict=True):
        assert token.call("cap") == cap
        assert token.call("bundleHash") == AMENDED_BUNDLE
        assert token.call("mintUntil") == MINT_UNTIL + 90 * DAY


def test_mint_under_amended_terms_counts_what_was_minted_before(amending):
    amending.amend(caps=MORE, filed_total=MORE_TOTAL)
    left = CAP + 1 - ISSUED
    with refused("CapExceeded", cap=CAP + 1, supplyAfter=CAP + 2):
        amending.issue(H4, left + 1, bundle_hash=AMENDED_BUNDLE)
    amending.issue(H4, left, bundle_hash=AMENDED_BUNDLE)


def test_mint_under_amended_terms_with_the_former_hash_is_refused(amending):
    """CIR-15: what was approved first is approved no more."""
    amending.amend()
    with refused("BundleHashMismatch", approved=AMENDED_BUNDLE, given=BUNDLE):
        amending.issue(H4, 1)


def test_amend_down_to_what_is_minted_passes(amending):
    amending.amend(caps=(ISSUED, CAP_B))
    with refused("CapExceeded", cap=ISSUED, supplyAfter=ISSUED + 1):
        amending.issue(H4, 1, bundle_hash=AMENDED_BUNDLE)


@pytest.mark.parametrize("cap", [ISSUED - 1, 0])
def test_amend_below_what_is_minted_passes_and_stops_minting(amending, cap):
    """P22: it takes no unit from anybody, and no mint ends with more units than the cap."""
    amending.amend(caps=(cap, CAP_B))
    assert amending.token.call("totalSupply") == ISSUED
    with refused("CapExceeded", cap=cap, supplyAfter=ISSUED + 1):
        amending.issue(H4, 1, bundle_hash=AMENDED_BUNDLE)


def test_amend_one_unit_beyond_the_filed_total_is_refused(amending):
    """P19."""
    with refused("FiledTotalExceeded", filedTotal=FILED_TOTAL, granted=MORE_TOTAL):
        amending.amend(caps=MORE)


def test_amend_at_the_very_second_of_its_expiry_is_refused(amending):
    day = MINT_UNTIL_DAY - 1
    amending.at(day * DAY)
    with refused("ValidityInPast", validUntilDay=day):
        amending.amend(valid_until_day=day)


def test_amend_with_other_caps_than_tranches_is_refused(amending):
    with refused("CapsDoNotMatchTranches", caps=1, tranches=2):
        amending.amend(caps=(CAP,))


def test_amend_what_the_filer_does_not_amend_is_refused(issued):
    with refused("UnexpectedStatus", filingId=FILING, status=APPROVED):
        issued.amend()


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, FILER], ids=named)
def test_amend_by_anyone_but_the_regulator_is_refused(amending, caller):
    """P21: the filer asks, the regulator grants."""
    with unauthorized(caller, amending.filings, "REGULATOR_ROLE"):
        amending.send(caller, amending.filings, "amend", FILING, BUNDLE, 1, MINT_UNTIL_DAY, [1, 1])


def test_revoke_while_being_amended_is_final(amending):
    amending.revoke()
    assert amending.token.call("filingStatus") == REVOKED
    for act in (amending.amend, amending.cancel_amendment, amending.begin_amendment):
        with refused("UnexpectedStatus", filingId=FILING, status=REVOKED):
            act()


@pytest.mark.parametrize("act", ["suspend", "lift", "approve_filing", "report", "close"])
def test_every_other_move_while_being_amended_is_refused(amending, act):
    with refused("UnexpectedStatus", filingId=FILING, status=AMENDING):
        getattr(amending, act)()


def test_attach_a_tranche_while_being_amended_is_refused(amending):
    """What is filed decides which tranches there are; another one is another filing."""
    other = amending.new_token()
    with refused("UnexpectedStatus", filingId=FILING, status=AMENDING):
        amending.attach(b"\x01" * 32, other)


def test_amendment_of_one_filing_leaves_another_alone(issued):
    other, filing = issued.new_token(), b"\x09" * 32
    issued.attach(b"\x01" * 32, other, filing)
    issued.approve_filing(filing=filing, filed_total=DENOMINATION, caps=(1,))
    issued.begin_amendment()
    assert issued.token.call("filingStatus") == AMENDING
    assert other.call("filingStatus") == APPROVED
    assert issued.filings.call("filingOf", b"\x0a" * 32)["status"] == NO_STATUS
