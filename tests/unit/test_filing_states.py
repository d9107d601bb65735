"""The filing's table of moves, triple by triple, and its clocks in the Spring Festival of 2026."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from issuer.calendars import PRC_WORKING_DAYS, load_calendar
from issuer.domain import filing as states
from issuer.domain.errors import Finding, NotPermitted, StateConflict
from issuer.domain.filing import (
    ENDED,
    MINTABLE,
    MOVES,
    Approval,
    Filing,
    FilingEvent,
    FilingState,
    MoveName,
    ReviewClock,
    apply_move,
)
from issuer.domain.regime import Regime
from issuer.domain.roles import ANYBODY, Role

S = FilingState
CALENDAR = load_calendar(PRC_WORKING_DAYS)
REGIME = Regime()
EVERYBODY: tuple[Role | None, ...] = (*Role, None)
HASH = "0x" + "5a" * 32
APPROVAL = Approval(2, HASH, date(2027, 3, 16), 10**14, (("A", 80_000),), date(2026, 3, 16))

ACCEPTED, ASKED, ANSWERED = date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 24)


def filing(state: FilingState = S.DRAFT, **changes: object) -> Filing:
    return Filing("ev-charging-2", "ev-charging", state, **changes)  # type: ignore[arg-type]


def under_review() -> Filing:
    return states.accept(states.submit(filing(), ACCEPTED), ACCEPTED)


def supplement_asked() -> Filing:
    return states.request_supplement(
        under_review(), ("M-13",), "which fields leave", ASKED, CALENDAR, REGIME
    )


# --- the table


@pytest.mark.parametrize("name", MoveName)
def test_move_from_each_state_by_each_role_is_what_the_table_says(name: MoveName) -> None:
    move = MOVES[name]
    for state, role in product(FilingState, EVERYBODY):
        if (role not in move.roles) if role else move.roles:
            with pytest.raises(NotPermitted) as forbidden:
                apply_move(filing(state), name, role)
            assert forbidden.value.error_code == "role.missing"
            assert forbidden.value.facts == {
                "move": name.value,
                "allowed_roles": sorted(move.roles),
            }
        elif state not in move.origins:
            with pytest.raises(StateConflict) as conflict:
                apply_move(filing(state), name, role)
            assert conflict.value.error_code == "filing.illegal_move"
            assert conflict.value.facts == {
                "move": name.value,
                "state": state.value,
                "allowed_from": sorted(move.origins),
            }
        else:
            assert apply_move(filing(state), name, role).state is move.target


def test_table_has_a_row_for_every_move_and_every_state_is_reached() -> None:
    assert set(MOVES) == set(MoveName)
    assert {S.DRAFT} | {move.target for move in MOVES.values()} == set(FilingState)
    assert all(move.origins and move.source for move in MOVES.values())


def test_table_no_move_leaves_a_filing_that_has_ended() -> None:
    assert all(not move.origins & ENDED for move in MOVES.values())
    assert all(state in ENDED for state in S if not any(state in m.origins for m in MOVES.values()))


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        (MoveName.SUBMIT, {Role.FILER}),
        (MoveName.ANSWER_SUPPLEMENT, {Role.FILER}),
        (MoveName.APPROVE, {Role.REGULATOR}),
        (MoveName.NOT_ACCEPT, {Role.REGULATOR}),
        (MoveName.PUBLISH, set()),
        (MoveName.OPEN_OFFERING, {Role.ISSUER}),
        (MoveName.REPORT_COMPLETION, {Role.FILER}),
        (MoveName.LIFT, {Role.REGULATOR}),
        (MoveName.REVOKE, {Role.REGULATOR}),
        (MoveName.EXPIRE, set(ANYBODY)),
        (MoveName.SUSPEND_OVERDUE, set(ANYBODY)),
    ],
)
def test_table_gives_the_move_to_these_roles(name: MoveName, roles: set[Role]) -> None:
    assert MOVES[name].roles == roles


def test_table_units_are_minted_only_while_issuing() -> None:
    assert {S.ISSUING} == MINTABLE


# --- the example's year


def test_filing_of_the_example_ends_active() -> None:
    answered = states.answer_supplement(supplement_asked(), 2, ANSWERED)
    approved = states.approve(answered, APPROVAL)
    filed = states.publish(approved, date(2026, 3, 16))
    issuing = apply_move(filed, MoveName.OPEN_OFFERING, Role.ISSUER)
    closed = apply_move(issuing, MoveName.CLOSE_OFFERING, Role.ISSUER)
    active = apply_move(closed, MoveName.REPORT_COMPLETION, Role.FILER)
    assert [each.state for each in (answered, approved, filed, issuing, closed, active)] == [
        S.UNDER_REVIEW,
        S.APPROVED,
        S.FILED,
        S.ISSUING,
        S.ISSUED_REPORT_DUE,
        S.ACTIVE,
    ]
    assert (active.version, active.submitted_on) == (2, date(2026, 2, 12))
    assert active.approval == APPROVAL
    assert active.published_on == date(2026, 3, 16)


def test_filing_not_accepted_keeps_its_findings() -> None:
    finding = Finding("FIL-03", "statement", {"material": "M-10"}, "text", "source", "cure")
    refused = states.not_accept(states.submit(filing(), date(2026, 2, 11)), (finding,))
    assert refused.state is S.NOT_ACCEPTED
    assert refused.findings == (finding,)


def test_approval_gives_no_units_to_a_tranche_it_does_not_name() -> None:
    assert (APPROVAL.cap_of("A"), APPROVAL.cap_of("B")) == (80_000, 0)


# --- the review clock


def test_clock_stops_while_the_supplement_is_awaited() -> None:
    asked = supplement_asked()
    assert asked.review == ReviewClock(days_used=1, running_since=None)
    assert asked.review.used_on(ANSWERED, CALENDAR) == 1
    answered = states.answer_supplement(asked, 2, ANSWERED)
    assert answered.review == ReviewClock(days_used=1, running_since=ANSWERED)
    assert answered.supplement is None


def test_clock_after_the_answer_counts_the_working_saturday_of_february() -> None:
    answered = states.answer_supplement(supplement_asked(), 2, ANSWERED)
    assert answered.review.used_on(date(2026, 2, 27), CALENDAR) == 1 + 3
    assert answered.review.used_on(date(2026, 2, 28), CALENDAR) == 1 + 4
    assert answered.review.used_on(date(2026, 3, 1), CALENDAR) == 1 + 4
    assert answered.review.used_on(date(2026, 3, 16), CALENDAR) == 1 + 15


@pytest.mark.parametrize(
    ("day", "used"),
    [
        (date(2026, 2, 12), 0),  # the day of acceptance does not count
        (date(2026, 2, 13), 1),
        (date(2026, 2, 14), 2),  # a Saturday worked to make up for the festival
        (date(2026, 2, 15), 2),  # 15 to 23 February are holidays
        (date(2026, 2, 23), 2),
        (date(2026, 2, 24), 3),
    ],
)
def test_clock_running_over_the_festival_counts_working_days_only(day: date, used: int) -> None:
    assert under_review().review.used_on(day, CALENDAR) == used


def test_clock_past_the_published_holidays_runs_on() -> None:
    clock = ReviewClock(0, date(2026, 12, 31))
    assert clock.used_on(date(2027, 1, 8), CALENDAR) == 6  # weekends only are known by then


def test_clock_that_never_ran_stands_at_what_was_used() -> None:
    assert ReviewClock(7).used_on(ANSWERED, CALENDAR) == 7


def test_supplement_is_due_thirty_working_days_after_it_was_asked() -> None:
    supplement = supplement_asked().supplement
    assert supplement is not None
    assert (supplement.materials, supplement.asked_on) == (("M-13",), ASKED)
    # 14 February, then 24 to 28 February with its Saturday, four weeks of March, 30 March to 2 April.
    assert supplement.due_on == date(2026, 4, 2)


# --- suspension


@pytest.mark.parametrize("state", sorted(MOVES[MoveName.SUSPEND].origins))
@pytest.mark.parametrize(
    ("name", "role"),
    [(MoveName.SUSPEND, Role.REGULATOR), (MoveName.SUSPEND_OVERDUE, Role.INVESTOR)],
)
def test_lift_returns_to_the_state_suspended_in(
    state: FilingState, name: MoveName, role: Role
) -> None:
    suspended = apply_move(filing(state), name, role)
    assert (suspended.state, suspended.suspended_in) == (S.SUSPENDED, state)
    lifted = apply_move(suspended, MoveName.LIFT, Role.REGULATOR)
    assert (lifted.state, lifted.suspended_in) == (state, None)


@pytest.mark.parametrize("role", [Role.FILER, Role.ISSUER, Role.REGISTRAR, Role.OPERATOR])
def test_lift_by_anybody_but_the_regulator_is_not_permitted(role: Role) -> None:
    with pytest.raises(NotPermitted):
        apply_move(filing(S.SUSPENDED, suspended_in=S.ACTIVE), MoveName.LIFT, role)


def test_revoked_while_suspended_forgets_where_it_was() -> None:
    suspended = filing(S.SUSPENDED, suspended_in=S.ISSUING)
    revoked = apply_move(suspended, MoveName.REVOKE, Role.REGULATOR)
    assert (revoked.state, revoked.suspended_in) == (S.REVOKED, None)


# --- events


def test_event_is_overdue_the_day_after_it_was_due() -> None:
    noted = states.note_event(
        filing(S.ACTIVE), "EV-09", Role.AUDITOR, date(2026, 7, 6), date(2026, 7, 9)
    )
    assert noted.overdue_events(date(2026, 7, 9)) == ()
    assert [each.code for each in noted.overdue_events(date(2026, 7, 10))] == ["EV-09"]


def test_event_reported_is_never_overdue() -> None:
    noted = states.note_event(
        filing(S.ACTIVE), "EV-09", Role.AUDITOR, date(2026, 7, 6), date(2026, 7, 9)
    )
    reported = states.report_event(noted, "EV-09", HASH, date(2026, 7, 20))
    assert reported.overdue_events(date(2026, 8, 1)) == ()
    assert reported.events == (
        replace(noted.events[0], reported_on=date(2026, 7, 20), report_hash=HASH),
    )


def test_event_report_closes_the_oldest_of_its_code_only() -> None:
    first = FilingEvent("EV-06", date(2026, 7, 1), Role.ORACLE, date(2026, 7, 6))
    other = FilingEvent("EV-09", date(2026, 7, 1), Role.ORACLE, date(2026, 7, 6))
    second = FilingEvent("EV-06", date(2026, 7, 2), Role.ORACLE, date(2026, 7, 7))
    noted = filing(S.ACTIVE, events=(other, first, second))
    reported = states.report_event(noted, "EV-06", HASH, date(2026, 7, 3))
    assert [each.reported_on for each in reported.events] == [None, date(2026, 7, 3), None]
    assert [each.code for each in reported.overdue_events(date(2026, 8, 1))] == ["EV-09", "EV-06"]


def test_event_nobody_noted_is_entered_as_reported_by_the_filer() -> None:
    day = date(2026, 8, 3)
    reported = states.report_event(filing(S.ACTIVE), "EV-02", HASH, day)
    assert reported.events == (FilingEvent("EV-02", day, Role.FILER, day, day, HASH),)
