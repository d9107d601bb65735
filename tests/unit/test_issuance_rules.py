"""The service's gate before a mint: the last draw of the example passes, and what stops it."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.filing import Filing, FilingEvent
from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import FilingState
from issuer.domain.roles import Role
from issuer.domain.rulebook import issuance_rules as rules
from issuer.domain.rulebook.issuance_rules import GATE_RULES, RECIPIENT_RULES, GateCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    GATE,
    HASH,
    ISSUING,
    OTHER_HASH,
    RECIPIENT,
    Breach,
    assert_found,
)

DUE = date(2026, 4, 14)


def gate(**changes: object) -> GateCase:
    """The good case, its filing changed."""
    return replace(GATE, filing=replace(ISSUING, **changes))


def event(code: str, due_on: date, reported_on: date | None = None) -> FilingEvent:
    return FilingEvent(code, date(2026, 4, 9), Role.AUDITOR, due_on, reported_on)


GATE_BREACHES = [
    Breach(
        "no filing",
        rules.filing_comes_first,
        replace(GATE, filing=None),
        [{"deal": "ev-charging", "filing": None}],
    ),
    Breach(
        "offering not opened",
        rules.filing_comes_first,
        gate(state=FilingState.FILED),
        [{"filing": "ev-charging-2", "state": "FILED"}],
    ),
    Breach(
        "no approval, whatever the state says",
        rules.filing_comes_first,
        gate(approval=None),
        [{"filing": "ev-charging-2", "state": "ISSUING", "approval": None}],
    ),
    Breach(
        "stored materials altered",
        rules.materials_are_those_approved,
        replace(GATE, recomputed_hash=OTHER_HASH),
        [{"approved_hash": HASH, "recomputed_hash": OTHER_HASH}],
    ),
    Breach(
        "stored materials gone",
        rules.materials_are_those_approved,
        replace(GATE, recomputed_hash=None),
        [{"approved_hash": HASH, "recomputed_hash": None}],
    ),
    Breach(
        "not published",
        rules.filing_is_published,
        gate(published_on=None),
        [{"filing": "ev-charging-2", "published": False}],
    ),
    Breach(
        "published before it was decided",
        rules.filing_is_published,
        gate(published_on=date(2026, 3, 15)),
        [
            {
                "filing": "ev-charging-2",
                "published_on": "2026-03-15",
                "decided_on": "2026-03-16",
            }
        ],
    ),
    Breach(
        "completion report a day late",
        rules.completion_is_reported,
        gate(events=(event("EV-01", date(2026, 4, 13)),)),
        [{"event": "EV-01", "due_on": "2026-04-13"}],
    ),
    Breach(
        "event report a day late",
        rules.events_are_reported,
        gate(events=(event("EV-09", date(2026, 4, 13)),)),
        [{"event": "EV-09", "due_on": "2026-04-13"}],
    ),
    Breach(
        "on the day of expiry",
        rules.filing_has_not_expired,
        replace(GATE, utc_day=date(2027, 3, 16)),
        [{"valid_until": "2027-03-16", "utc_day": "2027-03-16"}],
    ),
    Breach(
        "one unit over the cap",
        rules.within_the_filed_total,
        replace(GATE, units=10_001),
        [{"tranche": "A", "cap_units": 80_000, "minted_units": 70_000, "asked_units": 10_001}],
    ),
    Breach(
        "tranche that was not filed",
        rules.within_the_filed_total,
        replace(GATE, tranche_id="B", minted=0, units=1),
        [{"tranche": "B", "cap_units": 0, "minted_units": 0, "asked_units": 1}],
    ),
    Breach(
        "security endangered since the approval",
        rules.no_prohibition_has_arisen,
        gate(security_determination="ADVERSE"),
        [{"filing": "ev-charging-2", "determination": "ADVERSE"}],
    ),
    Breach(
        "material change that the materials do not show",
        rules.materials_show_every_change,
        gate(events=(replace(event("EV-02", DUE, DUE), amend_by=DUE),)),
        [{"event": "EV-02", "noted_on": "2026-04-09"}],
    ),
    Breach(
        "prohibited circumstance not yet reported",
        rules.no_prohibition_has_arisen,
        gate(events=(event("EV-04", DUE),)),
        [{"filing": "ev-charging-2", "event": "EV-04"}],
    ),
    Breach(
        "prohibited circumstance reported and not cleared",
        rules.no_prohibition_has_arisen,
        gate(events=(event("EV-04", DUE, DUE),)),
        [{"filing": "ev-charging-2", "event": "EV-04"}],
    ),
    Breach(
        "determination erased, but in the log",
        rules.no_prohibition_has_arisen,
        replace(GATE, logged_determination="ADVERSE"),
        [{"filing": "ev-charging-2", "determination": "ADVERSE"}],
    ),
]

RECIPIENT_BREACHES = [
    Breach(
        "never admitted",
        rules.recipient_is_admitted,
        replace(RECIPIENT, status=None, eligible_until=None),
        [{"investor": "H3", "admitted": False}],
    ),
    Breach(
        "one micro-unit below the minimum",
        rules.subscription_reaches_the_minimum,
        replace(RECIPIENT, invested_micro=1_069_999_999_999),
        [
            {
                "investor": "H3",
                "invested_micro": 1_069_999_999_999,
                "minimum_micro": 1_070_000_000_000,
            }
        ],
    ),
    Breach(
        "frozen",
        rules.recipient_is_not_frozen,
        replace(RECIPIENT, status=InvestorStatus.FROZEN),
        [{"investor": "H3", "status": "FROZEN"}],
    ),
    Breach(
        "eligible until that very day",
        rules.recipient_has_not_expired,
        replace(RECIPIENT, utc_day=date(2027, 3, 2)),
        [{"investor": "H3", "eligible_until": "2027-03-02"}],
    ),
]

BREACHES = GATE_BREACHES + RECIPIENT_BREACHES


@pytest.mark.rule("FIL-17", passes=True)
def test_last_draw_of_the_example_passes_and_reaches_the_cap_exactly() -> None:
    assert ISSUING.approval is not None
    assert GATE.minted + GATE.units == ISSUING.approval.cap_of("A")
    assert examine(GATE_RULES, GATE) == ()
    assert examine(RECIPIENT_RULES, RECIPIENT) == ()


@pytest.mark.parametrize("breach", GATE_BREACHES, ids=str)
def test_mint_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(GATE_RULES, breach)


@pytest.mark.parametrize("breach", RECIPIENT_BREACHES, ids=str)
def test_recipient_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(RECIPIENT_RULES, breach)


@pytest.mark.parametrize("state", [state for state in FilingState if state != "ISSUING"])
def test_mint_outside_the_offering_is_refused(state: FilingState) -> None:
    assert [each.rule for each in examine(GATE_RULES, gate(state=state))] == ["FIL-01"]


def test_mint_under_a_draft_is_refused_for_want_of_a_filing_only() -> None:
    case = replace(GATE, filing=Filing("ev-charging-2", "ev-charging"), recomputed_hash=None)
    assert [each.rule for each in examine(GATE_RULES, case)] == ["FIL-01"]


@pytest.mark.parametrize(
    "noted",
    [
        event("EV-09", DUE),
        event("EV-01", DUE),
        event("EV-09", date(2026, 4, 10), reported_on=date(2026, 4, 13)),
    ],
)
@pytest.mark.rule("FIL-12", passes=True)
def test_event_on_its_last_day_or_reported_late_does_not_stop_the_mint(
    noted: FilingEvent,
) -> None:
    assert examine(GATE_RULES, gate(events=(noted,))) == ()


@pytest.mark.rule("FIL-14", passes=True)
def test_last_day_of_validity_is_the_one_before_expiry() -> None:
    assert examine(GATE_RULES, replace(GATE, utc_day=date(2027, 3, 15))) == ()


@pytest.mark.rule("INV-10", passes=True)
def test_subscription_of_exactly_the_minimum_is_accepted() -> None:
    case = replace(RECIPIENT, invested_micro=RECIPIENT.minimum_micro)
    assert examine(RECIPIENT_RULES, case) == ()


@pytest.mark.rule("INV-13", passes=True)
def test_recipient_on_its_last_day_of_eligibility_is_accepted() -> None:
    assert examine(RECIPIENT_RULES, replace(RECIPIENT, utc_day=date(2027, 3, 1))) == ()


@pytest.mark.parametrize(
    ("state", "cure"),
    [
        (FilingState.SUSPENDED, "Remove the cause of the suspension"),
        (FilingState.REVOKED, "None: revocation is final"),
        (FilingState.FILED, "Have the issuer open the offering"),
        (FilingState.UNDER_REVIEW, "Complete the filing"),
    ],
)
def test_mint_is_told_the_cure_of_the_state_that_the_filing_is_in(
    state: FilingState, cure: str
) -> None:
    (finding,) = examine((rules.filing_comes_first,), gate(state=state))
    assert finding.cure.startswith(cure)


@pytest.mark.parametrize(
    ("arisen", "cure"),
    [
        (gate(events=(event("EV-04", DUE),)), "Remove the circumstance"),
        (gate(events=(event("EV-04", DUE, DUE),)), "Remove the circumstance"),
        (gate(security_determination="ADVERSE"), "None while the determination stands"),
    ],
)
def test_mint_is_told_the_cure_of_the_circumstance_that_arose(arisen: GateCase, cure: str) -> None:
    (finding,) = examine((rules.no_prohibition_has_arisen,), arisen)
    assert finding.cure.startswith(cure)
    # What the rule says of itself holds for circumstances; a determination is the exception.
    assert rules.no_prohibition_has_arisen.cure.startswith("Remove the circumstance")
