"""What a filing is: where it stands, its clock, its approval, its events.

What moves it is in `issuer/domain/moves.py`, which states and moves there are in `lifecycle.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.errors import Finding
from issuer.domain.events import COMPLETION, PROHIBITION
from issuer.domain.lifecycle import FilingState
from issuer.domain.roles import Role

ADVERSE = "ADVERSE"
#: The issuance is not complete: what changes now changes what is being sold (FIL-13).
_BEFORE_ISSUANCE = frozenset({FilingState.FILED, FilingState.ISSUING})


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

    def due_on(self, limit: int, calendar: HolidayCalendar) -> date | None:
        """The last day of a review of `limit` working days; None while the clock stands still."""
        if self.running_since is None:
            return None
        left = limit - self.days_used
        return calendar.add_business_days(self.running_since, left, allow_projected=True).date


@dataclass(frozen=True, slots=True)
class Supplement:
    """What the regulator asked for, and until when it may be answered."""

    materials: tuple[str, ...]
    note: str
    asked_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Pause:
    """Why the review stands still, at whose word: a consultation, or its suspension."""

    by: Role
    reason: str
    since: date


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
class Amendment:
    """A published filing on its way through review again: what it was, and where approval leads.

    `state`, `version` and `approval` are what a cancellation goes back to.
    """

    state: FilingState
    version: int
    approval: Approval
    resumes: FilingState
    since: date


@dataclass(frozen=True, slots=True)
class FilingEvent:
    """A reportable event (codes EV-01 to EV-12): when known, by when due, when reported.

    A material change before the issuance is also amended by `amend_by` (FIL-13). `about` is what it
    happened to, where there may be several, such as the distribution that was not paid. `cleared_on` is
    when the regulator closed the matter; a prohibited circumstance stands until then (NEG-07).
    """

    code: str
    noted_on: date
    noted_by: Role
    due_on: date
    reported_on: date | None = None
    report_hash: str | None = None
    about: str | None = None
    amend_by: date | None = None
    amended_on: date | None = None
    cleared_on: date | None = None

    def is_overdue(self, today: date) -> bool:
        """Unreported, and its last day has passed."""
        return self.reported_on is None and today > self.due_on

    @property
    def is_open(self) -> bool:
        """Known, reported or not, and not cleared. The completion is a duty, and no matter to clear."""
        return self.code != COMPLETION and self.cleared_on is None

    @property
    def awaits_amendment(self) -> bool:
        """The materials do not say it yet."""
        return self.amend_by is not None and self.amended_on is None


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as it stands. `version` is the bundle that counts: the one submitted last, unless its
    amendment was taken back. `findings` are why it was not accepted, `ended_because` why it was terminated
    or revoked: both are published. `suspended_in` is the state in which it was suspended, or expired.
    `amendment` is set from the amendment's submission until it is published, cancelled or terminated.
    `superseded_by` is the deal's latest filing that names this one, and may have ended too.
    """

    id: str
    deal_id: str
    state: FilingState = FilingState.DRAFT
    version: int = 1
    supersedes: str | None = None
    submitted_on: date | None = None
    review: ReviewClock = ReviewClock()
    supplement: Supplement | None = None
    pause: Pause | None = None
    amendment: Amendment | None = None
    approval: Approval | None = None
    published_on: date | None = None
    suspended_in: FilingState | None = None
    events: tuple[FilingEvent, ...] = ()
    security_determination: str | None = None
    findings: tuple[Finding, ...] = ()
    ended_because: str | None = None
    superseded_by: str | None = field(default=None, compare=False)

    def overdue_events(self, today: date) -> tuple[FilingEvent, ...]:
        """Events whose report is late."""
        return tuple(event for event in self.events if event.is_overdue(today))

    @property
    def open_events(self) -> tuple[FilingEvent, ...]:
        """Events that the regulator has not cleared."""
        return tuple(event for event in self.events if event.is_open)

    @property
    def completion(self) -> FilingEvent | None:
        """The completion report, once it falls due (EV-01)."""
        return next((event for event in self.events if event.code == COMPLETION), None)

    @property
    def is_completion_reported(self) -> bool:
        """The filer has reported the completed issuance."""
        return self.completion is not None and self.completion.reported_on is not None

    @property
    def is_before_issuance(self) -> bool:
        """Published, and what is offered not yet issued: suspended and amended ones as well."""
        return self.amendment is not None or (self.suspended_in or self.state) in _BEFORE_ISSUANCE

    def changes_to_amend(self) -> tuple[FilingEvent, ...]:
        """Material changes that the materials do not show, as long as that matters."""
        if not self.is_before_issuance:
            return ()
        return tuple(event for event in self.events if event.awaits_amendment)

    def overdue_amendments(self, today: date) -> tuple[FilingEvent, ...]:
        """Those whose amendment is late."""
        return tuple(
            event for event in self.changes_to_amend() if event.amend_by and today > event.amend_by
        )

    @property
    def prohibitions(self) -> tuple[FilingEvent, ...]:
        """Prohibited circumstances that the regulator has not cleared, reported or not (NEG-07)."""
        return tuple(
            event for event in self.events if event.code == PROHIBITION and event.cleared_on is None
        )

    @property
    def is_prohibited(self) -> bool:
        """A prohibited circumstance or an adverse determination stands against it (NEG-07)."""
        return self.security_determination == ADVERSE or bool(self.prohibitions)
