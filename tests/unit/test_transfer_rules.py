"""What the service says to a transfer between holders before it is sent."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import FilingState
from issuer.domain.rulebook import transfer_rules as rules
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.state_cures import TO_TRANSFER
from issuer.domain.rulebook.transfer_rules import (
    TRANSFER_RULES,
    HoldingTerms,
    Party,
    TransferCase,
)
from tests.unit.rulebook_cases import H1, H2, ISSUING, TRANSFER, Breach, assert_found

STRANGER = Party("0x00000000000000000000000000000000000057A6", None, None, None, 0)
VAULT = Party("0x0000000000000000000000000000000000007A07", None, None, None, 0)
UNKNOWN_H2 = replace(H2, disclosed=False)
H4 = replace(H2, wallet="0x0000000000000000000000000000000000000a44", investor_id="H4", units=0)
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
        replace(TRANSFER, receiver=STRANGER, holders=2),
        [{"receiver": STRANGER.wallet, "admitted": False}],
    ),
    Breach(
        "into a pledge vault",
        rules.both_sides_are_admitted,
        replace(TRANSFER, receiver=VAULT, holders=2),
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
        "frozen receiver of whom the asker may not know",
        rules.neither_side_is_frozen,
        replace(TRANSFER, receiver=replace(UNKNOWN_H2, status=InvestorStatus.FROZEN)),
        [{"receiver": H2.wallet}],
    ),
    Breach(
        "expired receiver of whom the asker may not know",
        rules.receiver_has_not_expired,
        replace(TRANSFER, receiver=UNKNOWN_H2, utc_day=date(2027, 2, 27)),
        [{"receiver": H2.wallet}],
    ),
    Breach(
        "receiver of whom the asker may not know is left too little",
        rules.holdings_stay_within_the_plan,
        replace(TRANSFER, receiver=replace(UNKNOWN_H2, units=0), units=999, holders=2),
        [{"holder": H2.wallet, "would_hold": 999, "minimum": 1_000}],
    ),
    Breach(
        "receiver expires that very day",
        rules.receiver_has_not_expired,
        replace(TRANSFER, utc_day=date(2027, 2, 27)),
        [{"receiver": "H2", "eligible_until": "2027-02-27"}],
    ),
    Breach(
        "leaves the sender too little",
        rules.holdings_stay_within_the_plan,
        replace(TRANSFER, units=49_001),
        [{"holder": "H1", "would_hold": 999, "minimum": 1_000}],
    ),
    Breach(
        "leaves both too little",
        rules.holdings_stay_within_the_plan,
        replace(TRANSFER, sender=replace(H1, units=1_000), receiver=H4, units=999, holders=2),
        [
            {"holder": "H1", "would_hold": 1, "minimum": 1_000},
            {"holder": "H4", "would_hold": 999, "minimum": 1_000},
        ],
    ),
    Breach(
        "one holder too many",
        rules.holdings_stay_within_the_plan,
        replace(TRANSFER, receiver=H4),
        [{"holders": 3, "cap": 3}],
    ),
    Breach(
        "last day of the lock-up",
        rules.lock_up_has_ended,
        replace(TRANSFER, utc_day=date(2026, 5, 5)),
        [{"lock_up_ends": "2026-05-06", "today": "2026-05-05"}],
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


def test_only_a_state_that_stops_transfers_has_a_cure() -> None:
    assert TO_TRANSFER.keys() & set(OPEN) == set()


@pytest.mark.rule("INV-13", passes=True)
def test_expired_sender_may_leave() -> None:
    assert H1.eligible_until == date(2027, 1, 20)
    assert examine(TRANSFER_RULES, replace(TRANSFER, utc_day=date(2027, 1, 20))) == ()


@pytest.mark.rule("INV-13", passes=True)
def test_receiver_on_its_last_day_of_eligibility_may_receive() -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, utc_day=date(2027, 2, 26))) == ()


@pytest.mark.parametrize("units", [0, 49_001])
def test_transfer_to_oneself_passes(units: int) -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, receiver=H1, units=units)) == ()


@pytest.mark.parametrize("units", [0, 50_000])
def test_transfer_of_nothing_or_of_all_to_somebody_new_passes_at_the_cap(units: int) -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, receiver=H4, units=units)) == ()


@pytest.mark.rule("INV-10", passes=True)
def test_transfer_that_leaves_the_least_holding_passes() -> None:
    assert examine(TRANSFER_RULES, replace(TRANSFER, units=49_000)) == ()


def test_transfer_without_terms_of_holdings_passes() -> None:
    free = replace(TRANSFER, terms=HoldingTerms(0, 200, None), receiver=H4, units=1)
    assert examine(TRANSFER_RULES, free) == ()
