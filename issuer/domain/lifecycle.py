"""Where a filing may stand, what each state lets through, and who may move it where.

All of it is data, after rulebook section 9: read `EFFECTS` and `MOVES` as tables; `docs/lifecycle.md` is
made from them. APPROVED is the regulator's decision; FILED means published, with the anchor confirmed
on chain. "Filed" never means "submitted".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from issuer.domain.regime import Basis
from issuer.domain.roles import ANYBODY, Role


class FilingState(StrEnum):
    """Where a filing stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    CONSULTING = "CONSULTING"
    REVIEW_SUSPENDED = "REVIEW_SUSPENDED"
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
    MATURED = "MATURED"
    CLOSED = "CLOSED"


_S = FilingState


class Effect(StrEnum):
    """How far a state lets something through."""

    YES = "yes"
    AGAINST_COIN = "against coin, up to the cap"
    SET_ASIDE = "to verified holders, else set aside"
    RETAINED_HELD = "to verified holders, else set aside; the retained piece is held"
    WIND_DOWN = "by the priority of payments only"
    MANDATORY = "mandatory"
    IF_ALLOWED = "if the regulator allows it"
    DONE = "done"
    UNLESS_STOPPED = "yes, unless the regime stops them"
    NO = "no"
    NEVER = "never"
    NONE_ISSUED = "none issued"

    @property
    def lets_through(self) -> bool:
        """Does anything pass?"""
        return self not in (Effect.NO, Effect.NEVER, Effect.NONE_ISSUED, Effect.DONE)


@dataclass(frozen=True, slots=True)
class Effects:
    """One row of the table: what a state does."""

    mint: Effect
    transfers: Effect
    coupons: Effect
    redemption: Effect


_E = Effect
_BEFORE = Effects(_E.NO, _E.NONE_ISSUED, _E.NONE_ISSUED, _E.NONE_ISSUED)
_OVER = Effects(_E.NEVER, _E.NONE_ISSUED, _E.NONE_ISSUED, _E.NONE_ISSUED)

#: What each state does. A filing being amended lets through what its review state does: nothing.
EFFECTS: dict[FilingState, Effects] = {
    _S.DRAFT: _BEFORE,
    _S.SUBMITTED: _BEFORE,
    _S.UNDER_REVIEW: _BEFORE,
    _S.SUPPLEMENT_REQUESTED: _BEFORE,
    _S.CONSULTING: _BEFORE,
    _S.REVIEW_SUSPENDED: _BEFORE,
    _S.APPROVED: _BEFORE,
    _S.FILED: _BEFORE,
    _S.NOT_ACCEPTED: _OVER,
    _S.TERMINATED: _OVER,
    _S.WITHDRAWN: _OVER,
    _S.EXPIRED: Effects(_E.NO, _E.NO, _E.SET_ASIDE, _E.YES),
    _S.ISSUING: Effects(_E.AGAINST_COIN, _E.NO, _E.NO, _E.NO),
    _S.ISSUED_REPORT_DUE: Effects(_E.NO, _E.NO, _E.SET_ASIDE, _E.YES),
    _S.ACTIVE: Effects(_E.NO, _E.YES, _E.SET_ASIDE, _E.YES),
    _S.EVENT_REPORTED: Effects(_E.NO, _E.UNLESS_STOPPED, _E.SET_ASIDE, _E.YES),
    _S.SUSPENDED: Effects(_E.NO, _E.NO, _E.RETAINED_HELD, _E.IF_ALLOWED),
    _S.REVOKED: Effects(_E.NEVER, _E.NO, _E.WIND_DOWN, _E.MANDATORY),
    _S.MATURED: Effects(_E.NEVER, _E.NO, _E.DONE, _E.DONE),
    _S.CLOSED: Effects(_E.NEVER, _E.NO, _E.NO, _E.DONE),
}

MINTABLE = frozenset(state for state, each in EFFECTS.items() if each.mint.lets_through)
TRANSFERABLE = frozenset(state for state, each in EFFECTS.items() if each.transfers.lets_through)
#: States in which payments to holders are determined and made.
PAYING = frozenset(state for state, each in EFFECTS.items() if each.coupons.lets_through)


class MoveName(StrEnum):
    """What moves a filing."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    NOT_ACCEPT = "not_accept"
    REQUEST_SUPPLEMENT = "request_supplement"
    ANSWER_SUPPLEMENT = "answer_supplement"
    TIME_OUT_SUPPLEMENT = "time_out_supplement"
    CONSULT = "consult"
    CONCLUDE_CONSULTATION = "conclude_consultation"
    SUSPEND_REVIEW = "suspend_review"
    RESUME_REVIEW = "resume_review"
    WITHDRAW = "withdraw"
    TERMINATE = "terminate"
    APPROVE = "approve"
    PUBLISH = "publish"
    OPEN_OFFERING = "open_offering"
    AMEND = "amend"
    CANCEL_AMENDMENT = "cancel_amendment"
    CLOSE_OFFERING = "close_offering"
    REPORT_COMPLETION = "report_completion"
    REPORT_EVENT = "report_event"
    CLEAR_EVENT = "clear_event"
    SUSPEND = "suspend"
    SUSPEND_OVERDUE = "suspend_overdue"
    LIFT = "lift"
    REVOKE = "revoke"
    EXPIRE = "expire"
    MATURE = "mature"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. No `roles` means the service itself, when the chain has confirmed.

    `returns` moves go back to where the filing was interrupted; `target` is where they usually lead. A
    lift leads on from there to what was reported, and back to what was cleared, while it was suspended.
    `amending` says whether the move is for filings being amended only (True), never for them (False),
    or for all; `amended` is where it leads a filing being amended, if elsewhere.
    """

    name: MoveName
    origins: frozenset[FilingState]
    target: FilingState
    roles: frozenset[Role]
    basis: Basis
    source: str
    returns: frozenset[FilingState] = frozenset()
    amending: bool | None = None
    amended: frozenset[FilingState] = frozenset()

    @property
    def targets(self) -> frozenset[FilingState]:
        """Every state that the move may lead to."""
        return self.returns | self.amended | ({self.target} if not self.returns else frozenset())

    def targets_from(self, origin: FilingState) -> frozenset[FilingState]:
        """Those that it may lead to from there: nothing is amended before its review has begun."""
        if origin in BEING_AMENDED:
            return self.targets
        return self.returns or frozenset({self.target})


_ANYONE = ANYBODY
_SELF: frozenset[Role] = frozenset()
_REG = frozenset({Role.REGULATOR})
_FILER = frozenset({Role.FILER})
_ISSUER = frozenset({Role.ISSUER})
_AUTHORITIES = frozenset({Role.REGULATOR, Role.OTHER_AUTHORITY})

#: In the regulator's hands, and not yet decided.
REVIEWED = frozenset({_S.UNDER_REVIEW, _S.SUPPLEMENT_REQUESTED, _S.CONSULTING, _S.REVIEW_SUSPENDED})
#: Where a filing being amended may stand: its amendment begins under review.
BEING_AMENDED = REVIEWED | {_S.APPROVED}
#: Published, and not over.
IN_FORCE = frozenset({_S.FILED, _S.ISSUING, _S.ISSUED_REPORT_DUE, _S.ACTIVE, _S.EVENT_REPORTED})
#: What was published may be amended until the issuance is complete (FIL-13, FIL-14).
AMENDABLE = frozenset({_S.FILED, _S.ISSUING, _S.EXPIRED})
#: The next version is prepared, and signed.
PREPARING = AMENDABLE | {_S.SUPPLEMENT_REQUESTED}
_OFFERED = frozenset({_S.FILED, _S.ISSUING})


def _row(
    name: MoveName,
    origins: set[FilingState] | frozenset[FilingState],
    target: FilingState,
    roles: frozenset[Role],
    basis: Basis,
    source: str,
    returns: frozenset[FilingState] = frozenset(),
    amending: bool | None = None,
    amended: frozenset[FilingState] = frozenset(),
) -> Move:
    return Move(name, frozenset(origins), target, roles, basis, source, returns, amending, amended)


_M = MoveName
# fmt: off
_TABLE = (
    _row(_M.SUBMIT, {_S.DRAFT}, _S.SUBMITTED, _FILER, Basis.TEXT, "FIL-01, FIL-03"),
    _row(_M.ACCEPT, {_S.SUBMITTED}, _S.UNDER_REVIEW, _REG, Basis.ANALOGY, "art. 19"),
    _row(_M.NOT_ACCEPT, {_S.SUBMITTED}, _S.NOT_ACCEPTED, _REG, Basis.SOURCE, "FIL-06"),
    _row(_M.REQUEST_SUPPLEMENT, {_S.UNDER_REVIEW}, _S.SUPPLEMENT_REQUESTED, _REG,
         Basis.ANALOGY, "FIL-07, art. 19"),
    _row(_M.ANSWER_SUPPLEMENT, {_S.SUPPLEMENT_REQUESTED}, _S.UNDER_REVIEW, _FILER,
         Basis.ANALOGY, "FIL-07, art. 19"),
    # What was published cannot be as if it had never been: ending its amendment revokes it.
    _row(_M.TIME_OUT_SUPPLEMENT, {_S.SUPPLEMENT_REQUESTED}, _S.TERMINATED, _ANYONE,
         Basis.ANALOGY, "FIL-07, guideline 1, 2.12", amended=frozenset({_S.REVOKED})),
    _row(_M.CONSULT, {_S.UNDER_REVIEW}, _S.CONSULTING, _AUTHORITIES, Basis.ANALOGY,
         "FIL-08, art. 19"),
    _row(_M.CONCLUDE_CONSULTATION, {_S.CONSULTING}, _S.UNDER_REVIEW, _AUTHORITIES,
         Basis.ANALOGY, "FIL-08, art. 19"),
    _row(_M.SUSPEND_REVIEW, {_S.UNDER_REVIEW}, _S.REVIEW_SUSPENDED, _REG | _FILER,
         Basis.ANALOGY, "guideline 1, 2.11"),
    # The filer resumes only what was suspended at its own request; see `apply_move`.
    _row(_M.RESUME_REVIEW, {_S.REVIEW_SUSPENDED}, _S.UNDER_REVIEW, _REG | _FILER,
         Basis.ANALOGY, "guideline 1, 2.11"),
    _row(_M.WITHDRAW, {_S.DRAFT, _S.SUBMITTED} | REVIEWED, _S.WITHDRAWN, _FILER,
         Basis.ANALOGY, "guideline 1, 2.12", amending=False),
    _row(_M.TERMINATE, {_S.DRAFT, _S.SUBMITTED} | REVIEWED, _S.TERMINATED, _REG,
         Basis.ANALOGY, "guideline 1, 2.12", amended=frozenset({_S.REVOKED})),
    _row(_M.APPROVE, {_S.UNDER_REVIEW}, _S.APPROVED, _REG, Basis.TEXT, "FIL-01, FIL-09"),
    _row(_M.PUBLISH, {_S.APPROVED}, _S.FILED, _SELF, Basis.TEXT, "FIL-09", amended=_OFFERED),
    _row(_M.OPEN_OFFERING, {_S.FILED}, _S.ISSUING, _ISSUER, Basis.DESIGN, "lifecycle"),
    _row(_M.AMEND, AMENDABLE, _S.UNDER_REVIEW, _FILER, Basis.ANALOGY,
         "FIL-13, FIL-14; guideline 1, 2.9 and 2.10"),
    # Not while the authorities are looking into it: they finish first.
    _row(_M.CANCEL_AMENDMENT, {_S.UNDER_REVIEW, _S.SUPPLEMENT_REQUESTED}, _S.FILED, _FILER,
         Basis.DESIGN, "FIL-13", returns=AMENDABLE, amending=True),
    _row(_M.CLOSE_OFFERING, {_S.ISSUING}, _S.ISSUED_REPORT_DUE, _ISSUER, Basis.DESIGN,
         "lifecycle"),
    # While suspended as well: the report is kept then, and the lift leads to where it would have led.
    _row(_M.REPORT_COMPLETION, {_S.ISSUED_REPORT_DUE}, _S.ACTIVE, _FILER, Basis.TEXT,
         "FIL-11, EV-01"),
    _row(_M.REPORT_EVENT, {_S.ACTIVE}, _S.EVENT_REPORTED, _FILER, Basis.TEXT, "FIL-12"),
    _row(_M.CLEAR_EVENT, {_S.EVENT_REPORTED}, _S.ACTIVE, _REG, Basis.DESIGN, "lifecycle"),
    _row(_M.SUSPEND, IN_FORCE, _S.SUSPENDED, _REG, Basis.DESIGN,
         "NEG-07; guideline 1, 2.11 in spirit"),
    _row(_M.SUSPEND_OVERDUE, IN_FORCE, _S.SUSPENDED, _ANYONE, Basis.DESIGN,
         "FIL-11, FIL-12, FIL-13"),
    _row(_M.LIFT, {_S.SUSPENDED}, _S.ACTIVE, _REG, Basis.ANALOGY, "resumed on application",
         returns=IN_FORCE),
    _row(_M.REVOKE, IN_FORCE | {_S.SUSPENDED}, _S.REVOKED, _REG, Basis.DESIGN,
         "false materials, NEG confirmed, fraud"),
    _row(_M.EXPIRE, {_S.FILED, _S.ISSUING}, _S.EXPIRED, _ANYONE, Basis.ANALOGY, "FIL-14"),
    _row(_M.MATURE, {_S.ACTIVE, _S.EVENT_REPORTED}, _S.MATURED,
         frozenset({Role.ISSUER, Role.PAYING_AGENT}), Basis.DESIGN, "lifecycle"),
    # With no money of the deal left: what the notes no longer need is paid out, and holders have theirs.
    _row(_M.CLOSE, {_S.MATURED}, _S.CLOSED, _ISSUER, Basis.DESIGN, "lifecycle"),
)
# fmt: on

MOVES: dict[MoveName, Move] = {row.name: row for row in _TABLE}

#: States that no move leaves.
ABSORBING = frozenset(
    state for state in FilingState if all(state not in move.origins for move in MOVES.values())
)
#: A filing in one of these is over. If it was never published, the deal may be filed anew, naming it.
ENDED = ABSORBING | {_S.EXPIRED}
