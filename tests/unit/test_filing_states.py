"""The filing's table of moves, triple by triple, and its clocks in the Spring Festival of 2026."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from issuer.calendars import PRC_WORKING_DAYS, load_calendar
from issuer.domain import moves as states
from issuer.domain.errors import Finding, NotPermitted, StateConflict
from issuer.domain.filing import (
    Amendment,
    Approval,
    Filing,
    FilingEvent,
    Pause,
    ReviewClock,
)
from issuer.domain.lifecycle import (
    ABSORBING,
    EFFECTS,
    ENDED,
    MINTABLE,
    MOVES,
    PAYING,
    TRANSFERABLE,
    Effect,
    FilingState,
    MoveName,
)
from issuer.domain.moves import apply_move
from issuer.domain.regime import Regime
from issuer.domain.roles import ANYBODY, Role

S = FilingState
CALENDAR = load_calendar(PRC_WORKING_DAYS)
REGIME = Regime()
EVERYBODY: tuple[Role | None, ...] = (*Role, None)
HASH = "0x" + "5a" * 32
APPROVAL = Approval(2, HASH, date(2027, 3, 16), 10**14, (("A", 80_000),), date(2026, 3, 16))

AMENDMENT = Amendment(S.ISSUING, 2, APPROVAL, S.ISSUING, date(2026, 4, 14))
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


def standing(state: FilingState, *, amended: bool) -> Filing:
    """A filing in a state, as a filing may be there: what was suspended or expired knows where."""
    stopped_in = S.ISSUING if state in (S.SUSPENDED, S.EXPIRED) else None
    return filing(
        state,
        suspended_in=stopped_in,
        amendment=AMENDMENT if amended else None,
        pause=Pause(Role.FILER, "at its own request", ACCEPTED),
    )


@pytest.mark.parametrize("amended", [False, True], ids=["filed first", "amended"])
@pytest.mark.parametrize("name", MoveName)
def test_move_from_each_state_by_each_role_is_what_the_table_says(
    name: MoveName, amended: bool
) -> None:
    move = MOVES[name]
    for state, role in product(FilingState, EVERYBODY):
        before = standing(state, amended=amended)
        if (role not in move.roles) if role else move.roles:
            with pytest.raises(NotPermitted) as forbidden:
                apply_move(before, name, role)
            assert forbidden.value.error_code == "role.missing"
            assert forbidden.value.facts == {
                "move": name.value,
                "allowed_roles": sorted(move.roles),
            }
        elif state not in move.origins or move.amending not in (None, amended):
            with pytest.raises(StateConflict) as conflict:
                apply_move(before, name, role)
            assert conflict.value.error_code == "filing.illegal_move"
            assert conflict.value.facts == {
                "move": name.value,
                "state": state.value,
                "allowed_from": sorted(move.origins),
            }
        else:
            after = apply_move(before, name, role)
            assert after.state in move.targets
            assert not amended or not move.amended or after.state in move.amended
            assert amended or move.returns or after.state is move.target


def test_table_has_a_row_for_every_move_and_every_state_is_reached() -> None:
    assert set(MOVES) == set(MoveName)
    assert {S.DRAFT}.union(*(move.targets for move in MOVES.values())) == set(FilingState)
    assert all(move.origins and move.source for move in MOVES.values())


def test_table_no_move_leaves_a_filing_that_has_ended_but_the_amendment_of_an_expired_one() -> None:
    assert {S.NOT_ACCEPTED, S.TERMINATED, S.WITHDRAWN, S.REVOKED, S.CLOSED} == ABSORBING
    assert [name for name, move in MOVES.items() if move.origins & ENDED] == [MoveName.AMEND]


def test_effects_are_stated_for_every_state() -> None:
    assert set(EFFECTS) == set(FilingState)
    assert {S.ISSUING} == MINTABLE
    assert {S.ACTIVE, S.EVENT_REPORTED} == TRANSFERABLE
    assert {
        S.ISSUED_REPORT_DUE,
        S.ACTIVE,
        S.EVENT_REPORTED,
        S.SUSPENDED,
        S.REVOKED,
        S.EXPIRED,
    } == PAYING


def test_effects_never_mint_where_a_filing_is_over_for_good() -> None:
    for state in ABSORBING | {S.MATURED}:
        assert EFFECTS[state].mint is Effect.NEVER


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
        (MoveName.CONSULT, {Role.REGULATOR, Role.OTHER_AUTHORITY}),
        (MoveName.CONCLUDE_CONSULTATION, {Role.REGULATOR, Role.OTHER_AUTHORITY}),
        (MoveName.SUSPEND_REVIEW, {Role.REGULATOR, Role.FILER}),
        (MoveName.TERMINATE, {Role.REGULATOR}),
        (MoveName.AMEND, {Role.FILER}),
        (MoveName.CANCEL_AMENDMENT, {Role.FILER}),
        (MoveName.MATURE, {Role.ISSUER, Role.PAYING_AGENT}),
        (MoveName.CLOSE, {Role.ISSUER}),
    ],
)
def test_table_gives_the_move_to_these_roles(name: MoveName, roles: set[Role]) -> None:
    assert MOVES[name].roles == roles


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


def reported_event(code: str = "EV-09") -> FilingEvent:
    day = date(2026, 7, 6)
    return FilingEvent(code, day, Role.FILER, day, day, HASH)


@pytest.mark.parametrize("state", sorted(MOVES[MoveName.SUSPEND].origins))
@pytest.mark.parametrize(
    ("name", "role"),
    [(MoveName.SUSPEND, Role.REGULATOR), (MoveName.SUSPEND_OVERDUE, Role.INVESTOR)],
)
def test_lift_returns_to_the_state_suspended_in(
    state: FilingState, name: MoveName, role: Role
) -> None:
    events = (reported_event(),) if state is S.EVENT_REPORTED else ()
    suspended = apply_move(filing(state, events=events), name, role)
    assert (suspended.state, suspended.suspended_in) == (S.SUSPENDED, state)
    lifted = apply_move(suspended, MoveName.LIFT, Role.REGULATOR)
    assert (lifted.state, lifted.suspended_in) == (state, None)


NOTED = FilingEvent("EV-03", date(2026, 7, 6), Role.AUDITOR, date(2026, 7, 9))
CLEARED = replace(reported_event("EV-05"), cleared_on=date(2026, 7, 8))


@pytest.mark.parametrize(
    ("before", "events", "after"),
    [
        (S.ISSUED_REPORT_DUE, (), S.ISSUED_REPORT_DUE),
        (S.ISSUED_REPORT_DUE, (reported_event(),), S.ISSUED_REPORT_DUE),
        (S.ISSUED_REPORT_DUE, (reported_event("EV-01"),), S.ACTIVE),
        (S.ISSUED_REPORT_DUE, (reported_event("EV-01"), NOTED, CLEARED), S.ACTIVE),
        (S.ISSUED_REPORT_DUE, (reported_event("EV-01"), reported_event()), S.EVENT_REPORTED),
        (S.ACTIVE, (reported_event(),), S.EVENT_REPORTED),
        (S.EVENT_REPORTED, (CLEARED,), S.ACTIVE),
        (S.ISSUING, (reported_event(),), S.ISSUING),
    ],
)
def test_lift_leads_to_where_reports_and_clearances_have_led_meanwhile(
    before: FilingState, events: tuple[FilingEvent, ...], after: FilingState
) -> None:
    suspended = filing(S.SUSPENDED, suspended_in=before, events=events)
    lifted = apply_move(suspended, MoveName.LIFT, Role.REGULATOR)
    assert (lifted.state, lifted.suspended_in) == (after, None)


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


def test_state_follows_the_events_that_are_reported_and_open() -> None:
    day, same = date(2026, 7, 8), (reported_event(), reported_event())
    active = filing(S.ACTIVE, events=(NOTED,))
    assert states.follow_events(active) == active
    told = states.follow_events(replace(active, events=(NOTED, *same)))
    assert told.state is S.EVENT_REPORTED
    assert [each.code for each in told.open_events] == ["EV-03", "EV-09", "EV-09"]
    # Equal as they are, they are two.
    one = states.clear_events(told, told.open_events[1:2], day)
    assert (one.state, len(one.open_events)) == (S.EVENT_REPORTED, 2)
    both = states.clear_events(one, one.open_events[1:], day)
    assert (both.state, both.open_events) == (S.ACTIVE, (NOTED,))


def test_completion_is_no_event_that_is_open() -> None:
    active = filing(S.ACTIVE, events=(reported_event("EV-01"),))
    assert (active.is_completion_reported, active.open_events) == (True, ())
    assert states.follow_events(active) == active


# --- the review stands still


@pytest.mark.parametrize(
    ("begin", "end", "state"),
    [
        (MoveName.CONSULT, MoveName.CONCLUDE_CONSULTATION, S.CONSULTING),
        (MoveName.SUSPEND_REVIEW, MoveName.RESUME_REVIEW, S.REVIEW_SUSPENDED),
    ],
)
def test_review_that_is_paused_does_not_count(
    begin: MoveName, end: MoveName, state: FilingState
) -> None:
    day = date(2026, 2, 24)
    paused = states.pause_review(under_review(), begin, Role.REGULATOR, "why", ASKED, CALENDAR)
    assert (paused.state, paused.review) == (state, ReviewClock(1, None))
    assert paused.pause == Pause(Role.REGULATOR, "why", ASKED)
    assert paused.review.due_on(20, CALENDAR) is None
    resumed = states.continue_review(paused, end, Role.REGULATOR, day)
    assert (resumed.state, resumed.pause) == (S.UNDER_REVIEW, None)
    assert resumed.review == ReviewClock(1, day)


def test_review_is_due_twenty_working_days_after_it_began() -> None:
    assert under_review().review.due_on(20, CALENDAR) == date(2026, 3, 18)
    answered = states.answer_supplement(supplement_asked(), 2, ANSWERED)
    assert answered.review.due_on(20, CALENDAR) == date(2026, 3, 20)


def test_review_suspended_by_the_regulator_is_not_resumed_by_the_filer() -> None:
    by_regulator = states.pause_review(
        under_review(), MoveName.SUSPEND_REVIEW, Role.REGULATOR, "why", ASKED, CALENDAR
    )
    with pytest.raises(NotPermitted, match="the regulator alone resumes it"):
        states.continue_review(by_regulator, MoveName.RESUME_REVIEW, Role.FILER, ASKED)
    by_filer = states.pause_review(
        under_review(), MoveName.SUSPEND_REVIEW, Role.FILER, "why", ASKED, CALENDAR
    )
    for role in (Role.FILER, Role.REGULATOR):
        resumed = states.continue_review(by_filer, MoveName.RESUME_REVIEW, role, ASKED)
        assert resumed.state is S.UNDER_REVIEW


# --- amendment

CHANGED, CHANGE_DUE = date(2026, 4, 10), date(2026, 4, 15)


def published(state: FilingState = S.ISSUING, **changes: object) -> Filing:
    return filing(state, version=2, approval=APPROVAL, published_on=date(2026, 3, 16), **changes)


def changed() -> Filing:
    return states.note_event(published(), "EV-12", Role.AUDITOR, CHANGED, CHANGE_DUE)


@pytest.mark.parametrize(
    ("before", "resumes"),
    [
        (published(S.FILED), S.FILED),
        (published(S.ISSUING), S.ISSUING),
        (published(S.EXPIRED, suspended_in=S.FILED), S.FILED),
        (published(S.EXPIRED, suspended_in=S.ISSUING), S.ISSUING),
    ],
    ids=["filed", "issuing", "expired", "expired while issuing"],
)
def test_amendment_goes_through_review_back_to_the_offering_or_to_what_it_was(
    before: Filing, resumes: FilingState
) -> None:
    day = date(2026, 4, 14)
    amended = states.amend(before, 3, day)
    assert (amended.state, amended.version, amended.approval) == (S.UNDER_REVIEW, 3, APPROVAL)
    assert amended.review == ReviewClock(0, day)
    cancelled = states.cancel_amendment(amended)
    assert cancelled == before
    assert states.undo_cancellation(cancelled, amended) == amended
    assert states.undo_amendment(amended) == before
    again = replace(APPROVAL, version=3)
    approved = states.approve(amended, again)
    assert states.undo_approval(approved) == amended
    filed = states.publish(approved, day)
    assert (filed.state, filed.approval, filed.amendment) == (resumes, again, None)


def test_amendment_is_not_withdrawn_and_what_is_not_amended_is_not_cancelled() -> None:
    with pytest.raises(StateConflict, match="cancel the amendment"):
        states.end(states.amend(published(), 3, CHANGED), MoveName.WITHDRAW, Role.FILER)
    with pytest.raises(StateConflict, match="not being amended"):
        states.cancel_amendment(under_review())


def test_amendment_terminated_or_out_of_time_is_revoked_under_the_old_approval() -> None:
    amended = states.amend(published(), 3, CHANGED)
    ended = states.end(amended, MoveName.TERMINATE, Role.REGULATOR, "false material")
    assert (ended.state, ended.approval, ended.amendment) == (S.REVOKED, APPROVAL, None)
    assert ended.ended_because == "false material"
    asked = states.request_supplement(amended, ("M-13",), "more", CHANGED, CALENDAR, REGIME)
    late = states.end(asked, MoveName.TIME_OUT_SUPPLEMENT, Role.INVESTOR)
    assert (late.state, late.supplement) == (S.REVOKED, None)


def test_amendment_of_what_has_no_approval_is_refused() -> None:
    with pytest.raises(StateConflict, match="no approval"):
        states.amend(filing(S.FILED), 2, CHANGED)


def test_approval_of_another_version_than_the_one_under_review_is_refused() -> None:
    with pytest.raises(StateConflict) as stale:
        states.approve(under_review(), APPROVAL)
    assert stale.value.error_code == "filing.version_stale"


def test_material_change_before_the_issuance_is_to_be_amended_as_well() -> None:
    (event,) = changed().changes_to_amend()
    assert event.amend_by == CHANGE_DUE
    reported = states.report_event(changed(), "EV-12", HASH, CHANGED)
    assert reported.overdue_amendments(CHANGE_DUE) == ()
    assert [each.code for each in reported.overdue_amendments(date(2026, 4, 16))] == ["EV-12"]
    amended = states.amend(reported, 3, CHANGE_DUE)
    assert amended.changes_to_amend() == ()
    # Who takes the amendment back owes it as before.
    cancelled = states.cancel_amendment(amended)
    assert cancelled.changes_to_amend() == reported.changes_to_amend()
    assert states.undo_cancellation(cancelled, amended) == amended
    known = states.note_event(cancelled, "EV-09", Role.AUDITOR, CHANGE_DUE, CHANGE_DUE)
    going_on = states.undo_cancellation(known, amended)
    assert going_on == replace(amended, events=(*amended.events, known.events[-1]))


def test_material_change_reported_by_the_filer_unasked_is_to_be_amended_as_well() -> None:
    reported = states.report_event(published(), "EV-02", HASH, CHANGED, CHANGE_DUE)
    assert [each.amend_by for each in reported.changes_to_amend()] == [CHANGE_DUE]


def test_material_change_after_the_issuance_is_reported_only() -> None:
    noted = states.note_event(published(S.ACTIVE), "EV-12", Role.AUDITOR, CHANGED, CHANGE_DUE)
    assert noted.changes_to_amend() == ()
    other = states.note_event(published(), "EV-09", Role.AUDITOR, CHANGED, CHANGE_DUE)
    assert other.changes_to_amend() == ()


def test_material_change_while_amending_is_shown_by_the_next_supplement() -> None:
    amended = states.amend(published(), 3, CHANGED)
    noted = states.note_event(amended, "EV-08", Role.AUDITOR, CHANGED, CHANGE_DUE)
    asked = states.request_supplement(noted, ("M-05",), "the new chain", CHANGED, CALENDAR, REGIME)
    assert asked.changes_to_amend() != ()
    assert states.answer_supplement(asked, 4, CHANGE_DUE).changes_to_amend() == ()


@pytest.mark.parametrize("day", [CHANGED, date(2026, 4, 12)])
def test_amendment_is_not_cancelled_once_a_prohibited_circumstance_has_arisen(day: date) -> None:
    amended = states.amend(published(), 3, CHANGED)
    prohibited = states.note_event(amended, "EV-04", Role.AUDITOR, day, CHANGE_DUE)
    for each in (prohibited, replace(amended, security_determination="ADVERSE")):
        with pytest.raises(StateConflict, match="NEG-07"):
            states.cancel_amendment(each)
    earlier = states.note_event(published(), "EV-04", Role.AUDITOR, date(2026, 4, 9), CHANGE_DUE)
    with pytest.raises(StateConflict, match="NEG-07"):
        states.cancel_amendment(states.amend(earlier, 3, CHANGED))
    cleared = states.clear_events(earlier, earlier.prohibitions, CHANGED)
    assert states.cancel_amendment(states.amend(cleared, 3, CHANGED)) == cleared
