"""Many investors under one operation: each pays its own price, or none gets a unit."""

import pytest

from chain.client import Call, encode_call
from tests.contracts.suite import (
    ADMIN,
    BUNDLE,
    CAP,
    DENOMINATION,
    FILING,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    MINT_UNTIL,
    PROCEEDS,
    PURSE,
    REVERTS,
    STRANGER,
    Outcome,
    Suite,
    allotment,
    refused,
    set_manner,
    unauthorized,
)


def issue_to(suite: Suite, *allotments: tuple[str, int], operation: int = 1) -> Outcome:
    words = [allotment(wallet, units) for wallet, units in allotments]
    return suite.send(ISSUER, suite.dvp, "issueBatch", suite.token, words, BUNDLE, operation)


def nothing_happened(suite: Suite) -> bool:
    untouched = all(suite.units(each) == 0 and suite.coins(each) == PURSE for each in (H1, H2, H3))
    return untouched and suite.token.call("operationCount") == 0


def test_issue_batch_gives_each_its_units_for_its_price(offering):
    """P23, P50: one operation number for all, one investor twice."""
    outcome = issue_to(offering, (H1, 300), (H2, 200), (H1, 1))
    assert outcome.names.count("UnitsIssued") == 3
    assert [offering.units(each) for each in (H1, H2)] == [301, 200]
    assert offering.coins(H1) == PURSE - 301 * DENOMINATION
    assert offering.coins(PROCEEDS) == 501 * DENOMINATION
    assert offering.token.call("totalSupply") == 501
    assert offering.token.call("operationCount") == 1


def test_issue_batch_up_to_the_cap_passes_and_one_unit_more_is_refused(offering):
    """P17: counted together."""
    with refused("CapExceeded", cap=CAP, supplyAfter=CAP + 1):
        issue_to(offering, (H1, CAP // 2), (H2, CAP // 2), (H3, 1))
    assert nothing_happened(offering)
    issue_to(offering, (H1, CAP // 2), (H2, CAP // 2))


def test_issue_batch_with_one_ineligible_investor_issues_to_nobody(offering):
    """P9, P50."""
    offering.find_ineligible(H2)
    with refused("ERC7943CannotReceive", account=H2):
        issue_to(offering, (H1, 1), (H2, 1), (H3, 1))
    assert nothing_happened(offering)


def test_issue_batch_with_one_investor_who_cannot_pay_issues_to_nobody(offering):
    """P50."""
    offering.allow(H3, offering.dvp, DENOMINATION - 1)
    operands = {"spender": offering.dvp, "allowance": DENOMINATION - 1, "needed": DENOMINATION}
    with refused("ERC20InsufficientAllowance", **operands):
        issue_to(offering, (H1, 1), (H2, 1), (H3, 1))
    assert nothing_happened(offering)


def test_issue_batch_in_a_coin_that_refuses_the_proceeds_issues_to_nobody(awkward_offering):
    """P50."""
    set_manner(awkward_offering, PROCEEDS, REVERTS)
    with refused("Error", message="recipient refused"):
        issue_to(awkward_offering, (H1, 1), (H2, 1))
    assert nothing_happened(awkward_offering)


@pytest.mark.parametrize("words", [(), ((H1, 1), (H2, 0))], ids=["nobody", "no units for one"])
def test_issue_batch_of_nothing_is_refused(offering, words):
    with refused("NothingToIssue"):
        issue_to(offering, *words)


@pytest.mark.parametrize("bit", [240, 247, 255])
def test_issue_batch_with_a_bit_outside_the_fields_is_refused(offering, bit):
    """P5."""
    dirty = allotment(H1, 1) | 1 << bit
    with refused("UnusedBitsSet", word=dirty):
        offering.send(ISSUER, offering.dvp, "issueBatch", offering.token, [dirty], BUNDLE, 1)


@pytest.mark.parametrize("operation", [0, 2, 2**16 + 1])
def test_issue_batch_out_of_turn_is_refused(offering, operation):
    """P23."""
    with refused("OperationOutOfSequence", expected=1, given=operation):
        issue_to(offering, (H1, 1), operation=operation)


def test_issue_batch_after_the_filings_expiry_is_refused(offering):
    """P17."""
    offering.at(MINT_UNTIL)
    with refused("FilingExpired", filingId=FILING, mintUntil=MINT_UNTIL):
        issue_to(offering, (H1, 1))


@pytest.mark.parametrize("caller", [ADMIN, STRANGER, H4])
def test_issue_batch_by_anyone_but_the_issuer_is_refused(offering, caller):
    """P50."""
    with unauthorized(caller, offering.dvp, "ISSUER_ROLE"):
        offering.send(
            caller, offering.dvp, "issueBatch", offering.token, [allotment(H1, 1)], BUNDLE, 1
        )


def test_mint_batch_directly_by_the_issuer_is_refused(offering):
    """P50: no unit without coin."""
    with refused("UnauthorizedCaller", caller=ISSUER, expected=offering.dvp):
        offering.send(ISSUER, offering.token, "mintBatch", [allotment(H1, 1)], BUNDLE, 1)


def test_issue_batch_beyond_any_number_of_units_is_refused(offering):
    """P4: units that do not fit their field are not cut to it."""
    whole = 2**80 - 1
    with refused("FieldOverflow", value=2**80, max=whole):
        offering.client.simulate(
            Call(
                offering.dvp.address,
                offering.token.address,
                encode_call(
                    offering.token.artifact.abi,
                    "mintBatch",
                    [[allotment(H1, whole), allotment(H2, 1)], BUNDLE, 1],
                ),
            )
        )
