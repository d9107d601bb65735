"""EV-01 to EV-12: each is a rule of its own, made from one table, and reported in time."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.events import EVENTS, event_kind
from issuer.domain.filing import FilingEvent
from issuer.domain.regime import Basis, Regime
from issuer.domain.roles import Role
from issuer.domain.rulebook.clock_rules import ClockCase
from issuer.domain.rulebook.event_rules import EVENT_RULES
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import CLOCKS, Breach, assert_found

DUE = date(2026, 4, 14)


def known(code: str, today: date, reported_on: date | None = None) -> ClockCase:
    """An event noted on 9 April and due on the 14th."""
    event = FilingEvent(code, date(2026, 4, 9), Role.AUDITOR, DUE, reported_on)
    return replace(CLOCKS, today=today, filing=replace(CLOCKS.filing, events=(event,)))


BREACHES = [
    Breach(
        "a day late",
        rule,
        known(rule.id, date(2026, 4, 15)),
        [{"event": rule.id, "noted_on": "2026-04-09", "due_on": "2026-04-14"}],
    )
    for rule in EVENT_RULES
]


def test_events_have_twelve_codes_in_order() -> None:
    assert [rule.id for rule in EVENT_RULES] == [f"EV-{n:02d}" for n in range(1, 13)]
    assert [rule.id for rule in EVENT_RULES] == list(EVENTS)


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_event_reported_late_is_found_by_its_own_rule_alone(breach: Breach) -> None:
    assert_found(EVENT_RULES, breach)


@pytest.mark.parametrize("code", EVENTS)
def test_event_is_in_time_on_its_last_day_and_once_it_is_reported(code: str) -> None:
    assert examine(EVENT_RULES, known(code, DUE)) == ()
    assert examine(EVENT_RULES, known(code, date(2026, 5, 1), date(2026, 4, 30))) == ()


def test_event_finding_names_what_it_is_about() -> None:
    event = FilingEvent("EV-06", date(2026, 4, 9), Role.INVESTOR, DUE, about="ev-charging-d1")
    filing = replace(CLOCKS.filing, events=(event,))
    (found,) = examine(EVENT_RULES, replace(CLOCKS, today=date(2026, 4, 15), filing=filing))
    assert (found.rule, found.facts["about"]) == ("EV-06", "ev-charging-d1")


def test_events_are_due_in_days_of_the_regime() -> None:
    assert {kind.days for kind in EVENTS.values()} <= set(Regime.__dataclass_fields__)
    assert EVENTS["EV-01"].days == "completion_report_days"


def test_events_are_shown_with_the_basis_they_have() -> None:
    by_basis = {
        basis: [code for code, kind in EVENTS.items() if kind.basis is basis] for basis in Basis
    }
    assert by_basis[Basis.ANALOGY] == ["EV-02", "EV-03", "EV-10"]
    assert by_basis[Basis.TEXT] == ["EV-01", "EV-06", "EV-07", "EV-09"]
    assert by_basis[Basis.DESIGN] == ["EV-04", "EV-05", "EV-08", "EV-11", "EV-12"]


def test_events_that_are_material_or_prohibited() -> None:
    assert [code for code, kind in EVENTS.items() if kind.material] == ["EV-02", "EV-08", "EV-12"]
    assert [code for code, kind in EVENTS.items() if kind.prohibited] == ["EV-04"]


@pytest.mark.parametrize("code", ["EV-00", "EV-13", "ev-02", "EV-2", "nothing", ""])
def test_event_with_an_unknown_code_is_refused_by_name(code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        event_kind(code)
    (complaint,) = refusal.value.complaints
    assert (complaint.path, complaint.rule) == ("/code", "event.unknown")
    assert repr(code) in complaint.message
    assert "EV-12" in complaint.message
