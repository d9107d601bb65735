"""What the service says to a transfer between holders before it is sent."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.filing import FilingState
from issuer.domain.investor import InvestorStatus
from issuer.domain.rulebook import transfer_rules as rules
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.transfer_rules import TRANSFER_RULES, Party, TransferCase
from tests.unit.rulebook_cases import H1, H2, ISSUING, TRANSFER, Breach, assert_found

STRANGER = Party("0x00000000000000000000000000000000000057A6", None, None, None)
VAULT = Party("0x0000000000000000000000000000000000007A07", None, None, None)
OPEN = (FilingState.ACTIVE, FilingState.EVENT_REPORTED)


def in_state(state: FilingState) -> TransferCase:
    return replace(TRANSFER, filing=replace(ISSUING, state=state))


BREACHES = [
    Breach("no filing", rules.deal_is_active, replace(TRANSFER, filing=None), [{"state": None}]),
    Breach(
        "offering still open",
        rules.deal_is_active,
        in_state(FilingState.ISSUING),
        [{"state": "ISSUING"}],
    ),
    Breach(
        "to a stranger",
        rules.both_sides_are_admitted,
        replace(TRANSFER, receiver=STRANGER),
        [{"receiver": STRANGER.wallet, "admitted": False}],
    ),
    Breach(
        "into a pledge vault",
        rules.both_sides_are_admitted,
        replace(TRANSFER, receiver=VAULT),
        [{"receiver": VAULT.wallet, "admitted": False}],
    ),
    Breach(
        "from a stranger",
        rules.both_sides_are_admitted,
        replace(TRANSFER, sender=STRANGER),
        [{"sender": STRANGER.wallet, "admitted": False}],
    ),
    Breach(
        "frozen sender",
        rules.neither_side_is_frozen,
        replace(TRANSFER, sender=replace(H1, status=InvestorStatus.FROZEN)),
        [{"sender": "H1", "status": "FROZEN"}],
    ),
    Breach(
        "frozen receiver",
        rules.neither_side_is_frozen,
        replace(TRANSFER, receiver=replace(H2, status=InvestorStatus.FROZEN)),
        [{"receiver": "H2", "status": "FROZEN"}],
    ),
    Breach(
        "receiver expires that very day",
        rules.receiver_has_not_expired,
        replace(TRANSFER, utc_day=date(2027, 2, 27)),
        [{"receiver": "H2", "eligible_until": "2027-02-27"}],
    ),
]


def test_transfer_of_the_example_passes() -> None:
    assert examine(TRANSFER_RULES, TRANSFER) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_transfer_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(TRANSFER_RULES, breach)


@pytest.mark.parametrize("state", FilingState)
def test_transfer_in_each_state_passes_only_when_active(state: FilingState) -> None:
    assert (examine(TRANSFER_RULES, in_state(state)) == ()) is (state in OPEN)


def test_expired_sender_may_leave() -> None:
    assert H1.eligible_until == date(2027, 1, 20)
    assert examine(TRANSFER_RULES, replace(TRANSFER, utc_day=date(2027, 1, 20))) == ()


def test_receiver_on_its_last_day_of_eligibility_may_receive() -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, utc_day=date(2027, 2, 26))) == ()


def test_transfer_to_oneself_passes() -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, receiver=H1)) == ()
