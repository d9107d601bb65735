"""The filing: its states, the moves between them, and its clocks.

States and moves are those of rulebook section 9, as data: read `MOVES` as a table. APPROVED is the
regulator's decision; FILED means published, with the anchor confirmed on chain. "Filed" never means
"submitted".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.errors import Finding, NotPermitted, StateConflict
from issuer.domain.regime import Basis, Regime
from issuer.domain.roles import ANYBODY, Role


class FilingState(StrEnum):
    """Where a filing stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    TERMINATED = "TERMINATED"
    WITHDRAWN = "WITHDRAWN"
    APPROVED = "APPROVED"
    FILED = "FILED"
    ISSUING = "ISSUING"
    ISSUED_REPORT_DUE = "ISSUED_REPORT_DUE"
    ACTIVE = "ACTIVE"
    EVENT_REPORTED = "EVENT_REPORTED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class MoveName(StrEnum):
    """What moves a filing."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    NOT_ACCEPT = "not_accept"
    REQUEST_SUPPLEMENT = "request_supplement"
    ANSWER_SUPPLEMENT = "answer_supplement"
    TIME_OUT_SUPPLEMENT = "time_out_supplement"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    PUBLISH = "publish"
    OPEN_OFFERING = "open_offering"
    CLOSE_OFFERING = "close_offering"
    REPORT_COMPLETION = "report_completion"
    REPORT_EVENT = "report_event"
    CLEAR_EVENT = "clear_event"
    SUSPEND = "suspend"
    SUSPEND_OVERDUE = "suspend_overdue"
    LIFT = "lift"
    REVOKE = "revoke"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. No `roles` means the service itself, when the chain has confirmed."""

    name: MoveName
    origins: frozenset[FilingState]
    target: FilingState
    roles: frozenset[Role]
    basis: Basis
    source: str


_S = FilingState
_ANYONE = ANYBODY
_SELF: frozenset[Role] = frozenset()
_REG = frozenset({Role.REGULATOR})
_FILER = frozenset({Role.FILER})
_ISSUER = frozenset({Role.ISSUER})


def _row(
    name: MoveName,
    origins: set[FilingState],
    target: FilingState,
    roles: frozenset[Role],
    basis: Basis,
    source: str,
) -> Move:
    return Move(name, frozenset(origins), target, roles, basis, source)


# fmt: off
_TABLE = (
    _row(MoveName.SUBMIT, {_S.DRAFT}, _S.SUBMITTED, _FILER, Basis.TEXT, "FIL-01, FIL-03"),
    _row(MoveName.ACCEPT, {_S.SUBMITTED}, _S.UNDER_REVIEW, _REG, Basis.ANALOGY, "art. 19"),
    _row(MoveName.NOT_ACCEPT, {_S.SUBMITTED}, _S.NOT_ACCEPTED, _REG, Basis.SOURCE, "FIL-06"),
    _row(MoveName.REQUEST_SUPPLEMENT, {_S.UNDER_REVIEW}, _S.SUPPLEMENT_REQUESTED, _REG,
         Basis.ANALOGY, "FIL-07, art. 19"),
    _row(MoveName.ANSWER_SUPPLEMENT, {_S.SUPPLEMENT_REQUESTED}, _S.UNDER_REVIEW, _FILER,
         Basis.ANALOGY, "FIL-07, art. 19"),
    _row(MoveName.TIME_OUT_SUPPLEMENT, {_S.SUPPLEMENT_REQUESTED}, _S.TERMINATED, _ANYONE,
         Basis.ANALOGY, "FIL-07, guideline 1, 2.12"),
    _row(MoveName.WITHDRAW,
         {_S.DRAFT, _S.SUBMITTED, _S.UNDER_REVIEW, _S.SUPPLEMENT_REQUESTED},
         _S.WITHDRAWN, _FILER, Basis.ANALOGY, "guideline 1, 2.12"),
    _row(MoveName.APPROVE, {_S.UNDER_REVIEW}, _S.APPROVED, _REG, Basis.TEXT, "FIL-01, FIL-09"),
    _row(MoveName.PUBLISH, {_S.APPROVED}, _S.FILED, _SELF, Basis.TEXT, "FIL-09"),
    _row(MoveName.OPEN_OFFERING, {_S.FILED}, _S.ISSUING, _ISSUER, Basis.DESIGN, "lifecycle"),
    _row(MoveName.CLOSE_OFFERING, {_S.ISSUING}, _S.ISSUED_REPORT_DUE, _ISSUER, Basis.DESIGN,
         "lifecycle"),
    _row(MoveName.REPORT_COMPLETION, {_S.ISSUED_REPORT_DUE}, _S.ACTIVE, _FILER, Basis.TEXT,
         "FIL-11, EV-01"),
    _row(MoveName.REPORT_EVENT, {_S.ACTIVE}, _S.EVENT_REPORTED, _FILER, Basis.TEXT, "FIL-12"),
    _row(MoveName.CLEAR_EVENT, {_S.EVENT_REPORTED}, _S.ACTIVE, _REG, Basis.DESIGN, "lifecycle"),
    _row(MoveName.SUSPEND,
         {_S.FILED, _S.ISSUING, _S.ISSUED_REPORT_DUE, _S.ACTIVE, _S.EVENT_REPORTED},
         _S.SUSPENDED, _REG, Basis.DESIGN, "guideline 1, 2.11 in spirit"),
    _row(MoveName.SUSPEND_OVERDUE,
         {_S.FILED, _S.ISSUING, _S.ISSUED_REPORT_DUE, _S.ACTIVE, _S.EVENT_REPORTED},
         _S.SUSPENDED, _ANYONE, Basis.DESIGN, "FIL-11, FIL-12"),
    # The target is the state the filing was suspended in; see `apply_move`.
    _row(MoveName.LIFT, {_S.SUSPENDED}, _S.ACTIVE, _REG, Basis.ANALOGY, "resumed on application"),
    _row(MoveName.REVOKE,
         {_S.FILED, _S.ISSUING, _S.ISSUED_REPORT_DUE, _S.ACTIVE, _S.EVENT_REPORTED, _S.SUSPENDED},
         _S.REVOKED, _REG, Basis.DESIGN, "false materials, NEG confirmed, fraud"),
    _row(MoveName.EXPIRE, {_S.FILED, _S.ISSUING}, _S.EXPIRED, _ANYONE, Basis.ANALOGY, "FIL-14"),
)
# fmt: on

MOVES: dict[MoveName, Move] = {row.name: row for row in _TABLE}

MINTABLE = frozenset({FilingState.ISSUING})
#: A filing in one of these is over; a deal may be filed anew, naming the one it supersedes.
ENDED = frozenset({_S.NOT_ACCEPTED, _S.TERMINATED, _S.WITHDRAWN, _S.EXPIRED, _S.REVOKED})


@dataclass(frozen=True, slots=True)
class ReviewClock:
    """Working days of review used; the clock stops while a supplement is awaited."""

    days_used: int = 0
    running_since: date | None = None

    def stop(self, today: date, calendar: HolidayCalendar) -> ReviewClock:
        """The clock with the days up to `today` counted in."""
        return ReviewClock(self.used_on(today, calendar), None)

    def used_on(self, today: date, calendar: HolidayCalendar) -> int:
        """Working days of review up to and including `today`."""
        if self.running_since is None:
            return self.days_used
        # Past the horizon days are projected: a clock that raised would never run out.
        passed = calendar.business_days_between(self.running_since, today, allow_projected=True)
        return self.days_used + passed.days


@dataclass(frozen=True, slots=True)
class Supplement:
    """What the regulator asked for, and until when it may be answered."""

    materials: tuple[str, ...]
    note: str
    asked_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved: one version's hash, up to a total and a cap per tranche."""

    version: int
    bundle_hash: str
    valid_until: date
    filed_total_micro: int
    caps: tuple[tuple[str, int], ...]
    decided_on: date

    def cap_of(self, tranche_id: str) -> int:
        """Units of the tranche that may ever be minted."""
        return dict(self.caps).get(tranche_id, 0)


@dataclass(frozen=True, slots=True)
class FilingEvent:
    """A reportable event (codes EV-01 to EV-12): when known, by when due, when reported."""

    code: str
    noted_on: date
    noted_by: Role
    due_on: date
    reported_on: date | None = None
    report_hash: str | None = None

    def is_overdue(self, today: date) -> bool:
        """Unreported, and its last day has passed."""
        return self.reported_on is None and today > self.due_on


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as it stands. `version` counts the bundles submitted; `findings` are why it was not
    accepted.
    """

    id: str
    deal_id: str
    state: FilingState = FilingState.DRAFT
    version: int = 1
    supersedes: str | None = None
    submitted_on: date | None = None
    review: ReviewClock = ReviewClock()
    supplement: Supplement | None = None
    approval: Approval | None = None
    published_on: date | None = None
    suspended_in: FilingState | None = None
    events: tuple[FilingEvent, ...] = ()
    security_determination: str | None = None
    findings: tuple[Finding, ...] = ()

    def overdue_events(self, today: date) -> tuple[FilingEvent, ...]:
        """Events whose report is late."""
        return tuple(event for event in self.events if event.is_overdue(today))


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
    if filing.state not in move.origins:
        origins = sorted(move.origins)
        raise StateConflict(
            f"filing {filing.id} is {filing.state}; {name} is allowed from {', '.join(origins)}",
            code="filing.illegal_move",
            move=name.value,
            state=filing.state.value,
            allowed_from=origins,
        )
    target = move.target
    if name is MoveName.LIFT and filing.suspended_in is not None:
        target = filing.suspended_in
    suspended_in = filing.state if target is FilingState.SUSPENDED else None
    return replace(filing, state=target, suspended_in=suspended_in)


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
    )


def approve(filing: Filing, approval: Approval) -> Filing:
    """The regulator's decision; binding once published and anchored."""
    return replace(apply_move(filing, MoveName.APPROVE, Role.REGULATOR), approval=approval)


def publish(filing: Filing, today: date) -> Filing:
    """The anchor is confirmed on chain."""
    return replace(apply_move(filing, MoveName.PUBLISH, None), published_on=today)


def note_event(filing: Filing, code: str, role: Role, today: date, due_on: date) -> Filing:
    """Somebody knows of a reportable event; the filer's time runs."""
    return replace(filing, events=(*filing.events, FilingEvent(code, today, role, due_on)))


def report_event(filing: Filing, code: str, report_hash: str, today: date) -> Filing:
    """The filer reports: closes the oldest open event of that code, or brings up a new one."""
    events = list(filing.events)
    for position, event in enumerate(events):
        if event.code == code and event.reported_on is None:
            events[position] = replace(event, reported_on=today, report_hash=report_hash)
            break
    else:
        events.append(FilingEvent(code, today, Role.FILER, today, today, report_hash))
    return replace(filing, events=tuple(events))
