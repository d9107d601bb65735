import pytest

from tests.contracts.suite import (
    ADMIN,
    APPROVED,
    BUNDLE,
    CAP,
    CAP_B,
    DAY,
    DENOMINATION,
    FILED_TOTAL,
    FILER,
    FILING,
    FIRST_DAY,
    ISSUER,
    MINT_UNTIL,
    MINT_UNTIL_DAY,
    NO_ROLE,
    PAYER,
    REGISTRAR,
    REVOKED,
    STRANGER,
    ZERO,
    named,
    refused,
    unauthorized,
)


def test_approve_makes_every_tranche_mintable_up_to_its_cap(attached):
    outcome = attached.approve_filing()
    assert outcome.names == [
        *["FilingStatusSet"] * 2,
        "FilingStatusChanged",
        *["FilingSet"] * 2,
        "FilingPublished",
    ]
    assert attached.filings.call("filingOf", FILING) == {
        "status": APPROVED,
        "validUntilDay": MINT_UNTIL_DAY,
        "issuanceReported": False,
        "filer": FILER,
        "bundleHash": BUNDLE,
        "filedTotal": FILED_TOTAL,
    }
    for token, cap in ((attached.token, CAP), (attached.token_b, CAP_B)):
        assert token.call("cap") == cap
        assert token.call("bundleHash") == BUNDLE
        assert token.call("mintUntil") == MINT_UNTIL


def test_approve_publishes_the_terms(attached):
    published = attached.approve_filing().args("FilingPublished")
    assert published == {
        "filingId": FILING,
        "bundleHash": BUNDLE,
        "filer": FILER,
        "filedTotal": FILED_TOTAL,
        "validUntilDay": MINT_UNTIL_DAY,
    }


def test_approve_twice_is_refused(approved):
    """P18: what is granted is granted once."""
    with refused("UnexpectedStatus", filingId=FILING, status=APPROVED):
        approved.approve_filing()


def test_approve_after_revocation_is_refused(approved):
    """P18: revocation is absorbing."""
    approved.revoke()
    with refused("UnexpectedStatus", filingId=FILING, status=REVOKED):
        approved.approve_filing()


def test_approve_without_a_filer_is_refused(attached):
    """Its completion could never be reported."""
    with refused("FilerMissing", filingId=FILING):
        attached.approve_filing(filer=ZERO)


def test_approve_with_nothing_attached_is_refused(deployed):
    with refused("NothingAttached", filingId=FILING):
        deployed.approve_filing(caps=())


@pytest.mark.parametrize("caps", [(CAP,), (CAP, CAP_B, 0)])
def test_approve_with_other_caps_than_tranches_is_refused(attached, caps):
    with refused("CapsDoNotMatchTranches", caps=len(caps), tranches=2):
        attached.approve_filing(caps=caps)


def test_approve_one_unit_beyond_the_filed_total_is_refused(attached):
    """P19: the sum of cap times denomination never exceeds what was filed."""
    with refused("FiledTotalExceeded", filedTotal=FILED_TOTAL, granted=FILED_TOTAL + DENOMINATION):
        attached.approve_filing(caps=(CAP, CAP_B + 1))


def test_approve_valid_until_a_second_from_now_passes(attached):
    attached.at((FIRST_DAY + 5) * DAY - 1)
    attached.approve_filing(valid_until_day=FIRST_DAY + 5)


def test_approve_at_the_very_second_of_its_expiry_is_refused(attached):
    attached.at((FIRST_DAY + 5) * DAY)
    with refused("ValidityInPast", validUntilDay=FIRST_DAY + 5):
        attached.approve_filing(valid_until_day=FIRST_DAY + 5)


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, FILER], ids=named)
def test_approve_by_anyone_but_the_regulator_is_refused(attached, caller):
    with unauthorized(caller, attached.filings, "REGULATOR_ROLE"):
        attached.send(
            caller, attached.filings, "approve", FILING, BUNDLE, caller, 1, MINT_UNTIL_DAY, [1, 1]
        )


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, REGISTRAR, PAYER, STRANGER], ids=named)
def test_grant_the_regulators_role_by_anyone_else_is_refused(attached, caller):
    """P21: not even the admin of everything else can make itself a regulator."""
    role = attached.filings.call("REGULATOR_ROLE")
    with refused("AccessControlUnauthorizedAccount", account=caller, neededRole=NO_ROLE):
        attached.send(caller, attached.filings, "grantRole", role, caller)
