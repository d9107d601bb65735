"""What each move makes of a filing. Where it is allowed, and to whom, is the table in `lifecycle.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.errors import Finding, NotPermitted, StateConflict
from issuer.domain.events import event_kind
from issuer.domain.filing import (
    Amendment,
    Approval,
    Filing,
    FilingEvent,
    Pause,
    ReviewClock,
    Supplement,
)
from issuer.domain.lifecycle import MOVES, TRANSFERABLE, FilingState, Move, MoveName
from issuer.domain.regime import Regime
from issuer.domain.roles import Role
from issuer.domain.ways import way_to

#: What callers ask for by another name than the move has.
_ASKED_FOR = dict.fromkeys((MoveName.ACCEPT, MoveName.NOT_ACCEPT), "the formality check")

_STOPPED = frozenset({FilingState.SUSPENDED, FilingState.EXPIRED})


def apply_move(filing: Filing, name: MoveName, role: Role | None) -> Filing:
    """Move a filing, or refuse naming the move and the states it is allowed from.

    `role` None is the service itself, acting on a confirmed fact of the chain.
    """
    move = MOVES[name]
    allowed = not move.roles if role is None else role in move.roles
    if not allowed:
        raise NotPermitted(
            f"{name} is not for the role {role or 'service'}",
            move=name.value,
            allowed_roles=sorted(move.roles),
        )
    require_origin(filing, name)
    _require_fitting(filing, move, role)
    target = _target(filing, move)
    stopped_in = filing.state if target in _STOPPED else None
    if filing.amendment is not None and target is FilingState.EXPIRED:
        stopped_in = filing.amendment.resumes
    return replace(filing, state=target, suspended_in=stopped_in)


def require_origin(filing: Filing, name: MoveName) -> None:
    """The filing stands where the move begins."""
    origins = sorted(MOVES[name].origins)
    if filing.state not in origins:
        asked_for = _ASKED_FOR.get(name, name.value)
        why = f"{asked_for} is allowed from {', '.join(origins)}. {way_to(filing, origins)}"
        raise _illegal(filing, name, why, allowed_from=origins)


def _require_fitting(filing: Filing, move: Move, role: Role | None) -> None:
    """What the table says beside state and role."""
    if move.amending is not None and move.amending is not (filing.amendment is not None):
        instead = (
            "it is not being amended. Cure: withdraw it instead"
            if move.amending
            else "it is being amended. Cure: cancel the amendment (cancel_amendment) instead"
        )
        raise _illegal(
            filing,
            move.name,
            f"{move.name} is not for it: {instead}",
            allowed_from=sorted(move.origins),
        )
    asked_by = filing.pause.by if filing.pause else None
    if move.name is MoveName.RESUME_REVIEW and role is Role.FILER is not asked_by:
        raise NotPermitted(
            f"the review of {filing.id} was suspended by the {asked_by or 'regulator'}, not at the"
            " filer's request: the regulator alone resumes it",
            move=move.name.value,
            allowed_roles=[Role.REGULATOR.value],
        )


def _target(filing: Filing, move: Move) -> FilingState:
    """Where the move leads this filing."""
    amendment = filing.amendment
    match move.name:
        case MoveName.LIFT:
            return _reported_meanwhile(filing, filing.suspended_in or move.target)
        case MoveName.CANCEL_AMENDMENT if amendment is not None:
            return amendment.state
        case MoveName.PUBLISH if amendment is not None:
            return amendment.resumes
        case MoveName.TERMINATE | MoveName.TIME_OUT_SUPPLEMENT if amendment is not None:
            return FilingState.REVOKED
    return move.target


def _reported_meanwhile(filing: Filing, state: FilingState) -> FilingState:
    """Where reports made, and events cleared, have led what was suspended in this state."""
    if state is FilingState.ISSUED_REPORT_DUE and filing.is_completion_reported:
        state = FilingState.ACTIVE
    return _by_events(filing) if state in TRANSFERABLE else state


def _by_events(filing: Filing) -> FilingState:
    """EVENT_REPORTED while an event that was reported is open, else ACTIVE."""
    reported = any(event.reported_on for event in filing.open_events)
    return FilingState.EVENT_REPORTED if reported else FilingState.ACTIVE


def follow_events(filing: Filing) -> Filing:
    """The state after what is open now: the filer's report has led on, the regulator's clearance back."""
    if filing.state not in TRANSFERABLE or filing.state is _by_events(filing):
        return filing
    if filing.state is FilingState.ACTIVE:
        return apply_move(filing, MoveName.REPORT_EVENT, Role.FILER)
    return apply_move(filing, MoveName.CLEAR_EVENT, Role.REGULATOR)


def _illegal(filing: Filing, name: MoveName, why: str, **facts: object) -> StateConflict:
    return StateConflict(
        f"filing {filing.id} is {filing.state}; {why}",
        code="filing.illegal_move",
        move=name.value,
        state=filing.state.value,
        **facts,
    )


def submit(filing: Filing, today: date) -> Filing:
    """The filer submits; needs signatures only."""
    return replace(apply_move(filing, MoveName.SUBMIT, Role.FILER), submitted_on=today)


def accept(filing: Filing, today: date) -> Filing:
    """The formality check passed: the review clock starts."""
    moved = apply_move(filing, MoveName.ACCEPT, Role.REGULATOR)
    return replace(moved, review=ReviewClock(0, today))


def not_accept(filing: Filing, findings: tuple[Finding, ...]) -> Filing:
    """The formality check failed: final, with the reasons kept."""
    return replace(apply_move(filing, MoveName.NOT_ACCEPT, Role.REGULATOR), findings=findings)


def request_supplement(
    filing: Filing,
    materials: tuple[str, ...],
    note: str,
    today: date,
    calendar: HolidayCalendar,
    regime: Regime,
) -> Filing:
    """The regulator asks; the review clock stops and the answer gets a due date (FIL-07)."""
    moved = apply_move(filing, MoveName.REQUEST_SUPPLEMENT, Role.REGULATOR)
    due_on = calendar.add_business_days(today, regime.supplement_answer_days, allow_projected=True)
    return replace(
        moved,
        review=filing.review.stop(today, calendar),
        supplement=Supplement(materials, note, today, due_on.date),
    )


def answer_supplement(filing: Filing, version: int, today: date) -> Filing:
    """The filer answers with a new version of the bundle; the clock runs on."""
    moved = apply_move(filing, MoveName.ANSWER_SUPPLEMENT, Role.FILER)
    return replace(
        moved,
        version=version,
        supplement=None,
        review=ReviewClock(filing.review.days_used, today),
        events=_amended(filing.events, today) if filing.amendment else filing.events,
    )


def pause_review(
    filing: Filing, name: MoveName, role: Role, reason: str, today: date, calendar: HolidayCalendar
) -> Filing:
    """A consultation begins, or the review is suspended: the clock stops."""
    moved = apply_move(filing, name, role)
    review = filing.review.stop(today, calendar)
    return replace(moved, review=review, pause=Pause(role, reason, today))


def continue_review(filing: Filing, name: MoveName, role: Role, today: date) -> Filing:
    """The consultation is concluded, or the review resumed: the clock runs on."""
    moved = apply_move(filing, name, role)
    return replace(moved, review=ReviewClock(filing.review.days_used, today), pause=None)


def approve(filing: Filing, approval: Approval) -> Filing:
    """The regulator's decision on the version under review; binding once published and anchored."""
    approved = apply_move(filing, MoveName.APPROVE, Role.REGULATOR)
    if approval.version != filing.version:
        raise StateConflict(
            f"filing {filing.id} stands at version {filing.version}, not {approval.version}",
            code="filing.version_stale",
            version=filing.version,
        )
    return replace(approved, approval=approval)


def publish(filing: Filing, today: date) -> Filing:
    """The anchor is confirmed on chain."""
    return replace(apply_move(filing, MoveName.PUBLISH, None), published_on=today, amendment=None)


def undo_approval(filing: Filing) -> Filing:
    """The chain did not take the approval: the filing is under review as before."""
    before = filing.amendment.approval if filing.amendment else None
    return replace(filing, state=FilingState.UNDER_REVIEW, approval=before)


def end(filing: Filing, name: MoveName, role: Role, reason: str | None = None) -> Filing:
    """Withdrawn, terminated or out of time; one that had been published is revoked."""
    moved = apply_move(filing, name, role)
    approval = filing.amendment.approval if filing.amendment else filing.approval
    return replace(
        moved,
        approval=approval,
        pause=None,
        supplement=None,
        amendment=None,
        ended_because=reason,
    )


def amend(filing: Filing, version: int, today: date) -> Filing:
    """The filer submits a new version of what was published: under review again, nothing minted."""
    moved = apply_move(filing, MoveName.AMEND, Role.FILER)
    if filing.approval is None:
        raise _illegal(filing, MoveName.AMEND, "it has no approval to amend")
    resumes = filing.suspended_in or filing.state
    amendment = Amendment(filing.state, filing.version, filing.approval, resumes, today)
    return replace(
        moved,
        version=version,
        amendment=amendment,
        review=ReviewClock(0, today),
        events=_amended(filing.events, today),
    )


def cancel_amendment(filing: Filing) -> Filing:
    """The filing is again what it was, and what was to be amended still is."""
    moved = apply_move(filing, MoveName.CANCEL_AMENDMENT, Role.FILER)
    if filing.amendment is None or filing.is_prohibited:
        raise StateConflict(
            f"a prohibited circumstance stands against filing {filing.id}, which is being amended: it"
            " does not go back to what it was (NEG-07)",
            code="filing.determination_adverse",
        )
    return _as_before(moved, filing.amendment)


def undo_amendment(filing: Filing) -> Filing:
    """The chain did not take the amendment: the filing is what it was."""
    before = filing.amendment
    if before is None:
        return filing
    stopped_in = before.resumes if before.state in _STOPPED else None
    found = replace(filing, state=before.state, suspended_in=stopped_in)
    return _as_before(found, before)


def undo_cancellation(filing: Filing, before: Filing) -> Filing:
    """The chain did not cancel the amendment: it goes on as it was `before`, clocks and all."""
    amended_on = {number: event.amended_on for number, event in enumerate(before.events)}
    events = tuple(
        replace(event, amended_on=amended_on.get(number, event.amended_on))
        for number, event in enumerate(filing.events)
    )
    determined = filing.security_determination
    return replace(before, events=events, security_determination=determined)


def _as_before(filing: Filing, before: Amendment) -> Filing:
    events = tuple(
        replace(event, amended_on=None)
        if event.amended_on is not None and event.amended_on >= before.since
        else event
        for event in filing.events
    )
    return replace(
        filing,
        version=before.version,
        approval=before.approval,
        amendment=None,
        supplement=None,
        pause=None,
        review=ReviewClock(),
        events=events,
    )


def _amended(events: tuple[FilingEvent, ...], today: date) -> tuple[FilingEvent, ...]:
    return tuple(
        replace(event, amended_on=today) if event.awaits_amendment else event for event in events
    )


def note_event(
    filing: Filing, code: str, role: Role, today: date, due_on: date, about: str | None = None
) -> Filing:
    """Somebody knows of a reportable event; the filer's time runs."""
    amend_by = due_on if _is_to_amend(filing, code) else None
    noted = FilingEvent(code, today, role, due_on, about=about, amend_by=amend_by)
    return replace(filing, events=(*filing.events, noted))


def take_back(filing: Filing, reached: frozenset[FilingState], before: FilingState) -> Filing:
    """The chain did not take what led to `reached`: wherever the filing has come to since, that is what
    it is, or goes back to when a suspension, an expiry or an amendment is over.
    """

    def was(state: FilingState) -> FilingState:
        return before if state in reached else state

    amendment = filing.amendment
    return replace(
        filing,
        state=was(filing.state),
        suspended_in=filing.suspended_in and was(filing.suspended_in),
        amendment=amendment
        and replace(amendment, state=was(amendment.state), resumes=was(amendment.resumes)),
    )


def clear_events(filing: Filing, cleared: tuple[FilingEvent, ...], today: date) -> Filing:
    """The regulator closes these matters: a prohibited circumstance stands no more (NEG-07)."""
    events = tuple(
        # Two reports of one day may be equal, and are two.
        replace(event, cleared_on=today) if any(event is each for each in cleared) else event
        for event in filing.events
    )
    return follow_events(replace(filing, events=events))


def report_event(
    filing: Filing, code: str, report_hash: str, today: date, amend_by: date | None = None
) -> Filing:
    """The filer reports: closes the oldest open event of that code, or brings up a new one.

    `amend_by` is until when a material change is amended if nobody has noted it before.
    """
    events = list(filing.events)
    for position, event in enumerate(events):
        if event.code == code and event.reported_on is None:
            events[position] = replace(event, reported_on=today, report_hash=report_hash)
            break
    else:
        due = amend_by if _is_to_amend(filing, code) else None
        events.append(FilingEvent(code, today, Role.FILER, today, today, report_hash, amend_by=due))
    return replace(filing, events=tuple(events))


def _is_to_amend(filing: Filing, code: str) -> bool:
    return event_kind(code).material and filing.is_before_issuance
