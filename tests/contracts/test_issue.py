"""Primary issue: coin against units through the settlement, behind the filing's gate."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    BUNDLE,
    CAP,
    DENOMINATION,
    FILING,
    H1,
    H2,
    H4,
    HOLDERS,
    ISSUED,
    ISSUER,
    MINT_UNTIL,
    PRINCIPAL,
    PROCEEDS,
    PURSE,
    RETURNS_FALSE,
    ROLE_ADDRESSES,
    STRANGER,
    TAKES_FEE,
    allotment,
    call_back,
    deploy,
    named,
    refused,
    set_manner,
    unauthorized,
)

OTHER_BUNDLE = b"\xb2" * 32


def test_issue_to_an_eligible_investor_moves_both_legs(offering):
    """P50: the settlement holds neither asset, before or after."""
    outcome = offering.issue(H1, 50_000)
    price = 50_000 * DENOMINATION
    assert outcome.args("UnitsIssued") == {
        "token": offering.token.address,
        "investor": H1,
        "units": 50_000,
        "price": price,
        "operation": 1,
    }
    assert offering.units(H1) == offering.token.call("totalSupply") == 50_000
    assert offering.coins(H1) == PURSE - price
    assert offering.coins(PROCEEDS) == price
    assert offering.units(offering.dvp) == offering.coins(offering.dvp) == 0
    assert offering.token.call("operationCount") == 1


def test_issue_up_to_the_cap_passes(issued):
    """P17."""
    issued.issue(H4, CAP - ISSUED)
    assert issued.token.call("totalSupply") == issued.token.call("cap") == CAP


def test_issue_one_unit_beyond_the_cap_is_refused(issued):
    """P17."""
    with refused("CapExceeded", cap=CAP, supplyAfter=CAP + 1):
        issued.issue(H4, CAP - ISSUED + 1)


def test_issue_without_a_filing_is_refused(deployed):
    """P17: a token attached to nothing cannot be minted."""
    deployed.register(H1)
    with refused("FilingNotApproved"):
        deployed.issue(H1, 1)


def test_issue_before_approval_is_refused(attached):
    """P17: attached is not approved."""
    with refused("FilingNotApproved"):
        attached.issue(H1, 1)


def test_issue_one_second_before_the_filing_expires_passes(offering):
    """P17."""
    offering.at(MINT_UNTIL - 1)
    offering.issue(H1, 1)
    assert offering.now == MINT_UNTIL - 1


def test_issue_at_the_very_second_of_the_filings_expiry_is_refused(offering):
    """P17: the expiry binds with no transaction by anybody."""
    offering.at(MINT_UNTIL)
    with refused("FilingExpired", filingId=FILING, mintUntil=MINT_UNTIL):
        offering.issue(H1, 1)


def test_issue_while_suspended_is_refused(offering):
    """P13, P17."""
    offering.suspend()
    with refused("FilingSuspended", filingId=FILING):
        offering.issue(H1, 1)
    offering.lift()
    offering.issue(H1, 1)


def test_issue_after_revocation_is_refused(offering):
    """P18."""
    offering.revoke()
    with refused("FilingRevoked", filingId=FILING):
        offering.issue(H1, 1)


def test_issue_on_changed_materials_is_refused(offering):
    """P17: the hash recomputed from the materials must be the one approved."""
    with refused("BundleHashMismatch", approved=BUNDLE, given=OTHER_BUNDLE):
        offering.issue(H1, 1, bundle_hash=OTHER_BUNDLE)


def test_issue_before_the_offering_opens_is_refused(onboarded):
    with refused("OfferingNotOpen", offering=0):
        onboarded.issue(H1, 1)


def test_issue_after_the_offering_closed_is_refused(active):
    with refused("OfferingNotOpen", offering=2):
        active.issue(H4, 1)


@pytest.mark.parametrize("given", [0, 2, 3, 5, 2**16 + 4, 2**256 - 1])
def test_issue_with_a_replayed_or_skipped_operation_is_refused(issued, given):
    """P23: after three operations the fourth is next, and nothing else."""
    with refused("OperationOutOfSequence", expected=4, given=given):
        issued.issue(H4, 1, operation=given)


def test_issue_replayed_after_success_is_refused(offering):
    """P23."""
    offering.issue(H1, 10, operation=1)
    with refused("OperationOutOfSequence", expected=2, given=1):
        offering.issue(H1, 10, operation=1)


def test_issue_refused_uses_up_no_operation_number(offering):
    """P23."""
    with refused("ERC7943CannotReceive", account=STRANGER):
        offering.issue(STRANGER, 1, operation=1)
    offering.issue(H1, 1, operation=1)


def _is_unregistered(suite):
    return STRANGER


def _is_frozen(suite):
    suite.freeze(H1)
    return H1


def _is_found_ineligible(suite):
    suite.find_ineligible(H1)
    return H1


def _is_expired(suite):
    soon = suite.now // 86_400 + 1
    suite.register(H1, expiry_day=soon)
    suite.at(soon * 86_400)
    return H1


@pytest.mark.parametrize(
    "situation", [_is_unregistered, _is_frozen, _is_found_ineligible, _is_expired]
)
def test_issue_to_an_ineligible_investor_is_refused(offering, situation):
    """P9: nobody ineligible ever gains a unit by an issue."""
    investor = situation(offering)
    with refused("ERC7943CannotReceive", account=investor):
        offering.issue(investor, 1)


def test_issue_one_second_before_the_investor_expires_passes(offering):
    """P8."""
    soon = offering.now // 86_400 + 1
    offering.register(H1, expiry_day=soon)
    offering.at(soon * 86_400 - 1)
    offering.issue(H1, 1)


def test_issue_beyond_the_allowance_leaves_both_legs_alone(offering):
    """P50: no unit without its price."""
    price = 5 * DENOMINATION
    offering.allow(H1, offering.dvp, price - 1)
    with refused(
        "ERC20InsufficientAllowance", spender=offering.dvp, allowance=price - 1, needed=price
    ):
        offering.issue(H1, 5)


def test_issue_beyond_the_purse_leaves_both_legs_alone(offering):
    """P50."""
    price = 5 * DENOMINATION
    offering.send(H1, offering.coin, "transfer", STRANGER, PURSE - price + 1)
    with refused("ERC20InsufficientBalance", sender=H1, balance=price - 1, needed=price):
        offering.issue(H1, 5)


def test_issue_of_no_units_is_refused(offering):
    with refused("NothingToIssue"):
        offering.issue(H1, 0)


def test_issue_of_units_on_which_nothing_is_outstanding_is_refused(issued):
    """They would cost no coin, and share in whatever is written up again."""
    issued.close_epoch(1)
    issued.declare(1, 0, 0, written_down=DENOMINATION - 1)
    assert issued.issue(H4, 10).args("UnitsIssued")["price"] == 10
    issued.close_epoch(2)
    issued.declare(2, 0, 0, written_down=1)
    with refused("NothingToIssue"):
        issued.issue(H4, 10)
    batch = (issued.token, [allotment(H4, 10)], BUNDLE, 5)
    with refused("NothingToIssue"):
        issued.send(ISSUER, issued.dvp, "issueBatch", *batch)


@pytest.mark.parametrize("units", [(0,), (10, 0)])
def test_batch_with_an_entry_of_no_units_is_refused(offering, units):
    entries = [allotment(wallet, each) for wallet, each in zip(HOLDERS, units, strict=False)]
    with refused("NothingToIssue"):
        offering.send(ISSUER, offering.dvp, "issueBatch", offering.token, entries, BUNDLE, 1)


def test_issue_against_the_coin_of_another_deal_is_refused(offering):
    other = offering.new_token(currency=STRANGER)
    with refused("CoinNotOfTheDeal", tokenCurrency=STRANGER, coin=offering.coin):
        offering.issue(H1, 1, other)


@pytest.mark.parametrize("caller", [ADMIN, STRANGER, H1], ids=named)
def test_issue_by_anyone_but_the_issuer_is_refused(offering, caller):
    with unauthorized(caller, offering.dvp, "ISSUER_ROLE"):
        offering.issue(H1, 1, by=caller)


@pytest.mark.parametrize("caller", ROLE_ADDRESSES.values(), ids=ROLE_ADDRESSES)
def test_mint_directly_by_any_key_is_refused(offering, caller):
    """P17, P21: units are created by the settlement, against coin, and by nobody else."""
    with refused("UnauthorizedCaller", caller=caller, expected=offering.dvp):
        offering.send(caller, offering.token, "mint", caller, 1, BUNDLE, 1)


def test_issue_after_a_repayment_is_priced_at_what_is_outstanding(issued):
    issued.close_epoch(1)
    issued.declare(1)
    outcome = issued.issue(H4, 10)
    assert outcome.args("UnitsIssued")["price"] == 10 * (DENOMINATION - PRINCIPAL)


def test_issue_of_each_tranche_counts_its_own_operations(issued):
    """P23: B has seen one operation, A three."""
    assert issued.token.call("operationCount") == 3
    assert issued.token_b.call("operationCount") == 1


def test_issue_in_a_coin_that_takes_a_fee_is_refused(awkward_offering):
    """P50: the price arrives whole, or no unit exists."""
    set_manner(awkward_offering, PROCEEDS, TAKES_FEE)
    price = 100 * DENOMINATION
    with refused("PaymentIncomplete", expected=price, received=price - price // 100):
        awkward_offering.issue(H1, 100)


def test_issue_in_a_coin_that_says_no_is_refused(awkward_offering):
    """P50: a false answer is a refusal."""
    set_manner(awkward_offering, PROCEEDS, RETURNS_FALSE)
    with refused("SafeERC20FailedOperation", token=awkward_offering.coin):
        awkward_offering.issue(H1, 100)


def test_issue_reentered_by_its_coin_happens_once(awkward_offering):
    """P50: even a coin that holds the issuer's role gets no second issue inside the first."""
    suite = awkward_offering
    role = suite.dvp.call("ISSUER_ROLE")
    suite.send(ADMIN, suite.dvp, "grantRole", role, suite.coin)
    again = (suite.token, H2, 7, BUNDLE, 2)
    call_back(suite, PROCEEDS, suite.dvp, "issue", *again)
    assert suite.issue(H1, 5).names.count("UnitsIssued") == 1
    assert (suite.units(H1), suite.units(H2)) == (5, 0)
    suite.send(ISSUER, suite.dvp, "issue", *again)
    assert suite.units(H2) == 7


def test_issue_of_a_pretended_token_takes_no_coin(offering):
    """P50: a stolen issuer's key cannot turn an investor's allowance into nothing."""
    pretended = deploy(
        offering.client, "PretendToken", offering.coin, offering.dvp.address, DENOMINATION
    )
    with refused("TokenNotFiled", token=pretended.address):
        offering.send(ISSUER, offering.dvp, "issue", pretended, H1, 1_000, BUNDLE, 1)
    assert offering.coins(H1) == PURSE
