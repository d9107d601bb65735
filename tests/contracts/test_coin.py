"""The simulated coin: each payment reference moves money once."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    COIN_ISSUER,
    H1,
    H2,
    ISSUER,
    PAYER,
    PURSE,
    STRANGER,
    named,
    refused,
    unauthorized,
)

REFERENCE = b"FPS 20260105-17".ljust(32, b"\0")


def test_issue_coin_against_money_received(deployed):
    outcome = deployed.send(COIN_ISSUER, deployed.coin, "issue", H1, 5_000_000, REFERENCE)
    assert outcome.args("Issued") == {
        "to": H1,
        "amount": 5_000_000,
        "paymentReference": REFERENCE,
    }
    assert deployed.coins(H1) == 5_000_000
    assert deployed.coin.call("decimals") == 6


def test_issue_coin_twice_under_one_reference_is_refused(deployed):
    deployed.send(COIN_ISSUER, deployed.coin, "issue", H1, 1, REFERENCE)
    with refused("ReferenceAlreadyUsed", paymentReference=REFERENCE):
        deployed.send(COIN_ISSUER, deployed.coin, "issue", H2, 2, REFERENCE)


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, PAYER, STRANGER], ids=named)
def test_issue_coin_by_anyone_but_the_coins_issuer_is_refused(deployed, caller):
    with unauthorized(caller, deployed.coin, "COIN_ISSUER_ROLE"):
        deployed.send(caller, deployed.coin, "issue", caller, 1, REFERENCE)


def test_transfer_with_reference_moves_coin_once(onboarded):
    send = ("transferWithReference", H2, 700, REFERENCE)
    outcome = onboarded.send(H1, onboarded.coin, *send)
    assert outcome.args("PaidWithReference")["amount"] == 700
    assert (onboarded.coins(H1), onboarded.coins(H2)) == (PURSE - 700, PURSE + 700)
    assert onboarded.coin.call("isReferenceUsed", H1, REFERENCE) is True
    with refused("ReferenceAlreadyUsed", paymentReference=REFERENCE):
        onboarded.send(H1, onboarded.coin, *send)


def test_transfer_with_the_reference_of_another_payer_passes(onboarded):
    for payer in (H1, H2):
        onboarded.send(payer, onboarded.coin, "transferWithReference", STRANGER, 1, REFERENCE)
    assert onboarded.coins(STRANGER) == 2


def test_transfer_with_reference_beyond_the_purse_uses_no_reference_up(onboarded):
    with refused("ERC20InsufficientBalance", sender=H1, balance=PURSE, needed=PURSE + 1):
        onboarded.send(H1, onboarded.coin, "transferWithReference", H2, PURSE + 1, REFERENCE)
    assert onboarded.coin.call("isReferenceUsed", H1, REFERENCE) is False
