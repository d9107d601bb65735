"""Whoever moves a filing, however often: units are never minted without review and approval.

A machine tries every move, in every role, whether it is allowed or not; now and then it is steered to one
that is, or the paths that are drawn blindly would end before they are approved.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from issuer.calendars import PRC_WORKING_DAYS, load_calendar
from issuer.domain import moves as states
from issuer.domain.errors import NotPermitted, StateConflict
from issuer.domain.filing import Approval, Filing
from issuer.domain.lifecycle import (
    ABSORBING,
    EFFECTS,
    MINTABLE,
    MOVES,
    Effect,
    FilingState,
    MoveName,
)
from issuer.domain.regime import Regime
from issuer.domain.roles import Role

S, M = FilingState, MoveName
TODAY = date(2026, 4, 14)
CALENDAR = load_calendar(PRC_WORKING_DAYS)
REGIME = Regime()
#: None is the service itself, when the chain has confirmed.
EVERYBODY: tuple[Role | None, ...] = (*Role, None)
ACTORS = {name: sorted(MOVES[name].roles) or [None] for name in M}
#: Moves that end a filing, or send it round again: steered paths take them seldom.
_ENDS = {M.NOT_ACCEPT, M.WITHDRAW, M.TERMINATE, M.REVOKE, M.TIME_OUT_SUPPLEMENT, M.CANCEL_AMENDMENT}


def an_approval(version: int) -> Approval:
    caps = (("A", 80_000),)
    return Approval(version, f"0x{version:064x}", date(2027, 4, 14), 10**14, caps, TODAY)


def fitting(filing: Filing) -> list[MoveName]:
    """The moves that the table allows this filing."""
    amended = filing.amendment is not None
    return [
        name
        for name, move in MOVES.items()
        if filing.state in move.origins and move.amending in (None, amended)
    ]


#: What the service calls where a move does more than change the state, by its own role.
CALLS: Mapping[MoveName, Callable[[Filing], Filing]] = {
    M.SUBMIT: lambda f: states.submit(f, TODAY),
    M.ACCEPT: lambda f: states.accept(f, TODAY),
    M.NOT_ACCEPT: lambda f: states.not_accept(f, ()),
    M.REQUEST_SUPPLEMENT: lambda f: states.request_supplement(
        f, ("M-13",), "", TODAY, CALENDAR, REGIME
    ),
    M.ANSWER_SUPPLEMENT: lambda f: states.answer_supplement(f, f.version + 1, TODAY),
    M.APPROVE: lambda f: states.approve(f, an_approval(f.version)),
    M.PUBLISH: lambda f: states.publish(f, TODAY),
    M.AMEND: lambda f: states.amend(f, f.version + 1, TODAY),
    M.CANCEL_AMENDMENT: states.cancel_amendment,
}


def attempt(filing: Filing, name: MoveName, role: Role | None) -> Filing:
    """The filing after the move as the service makes it, or as it was if that was refused."""
    try:
        return _made(filing, name, role)
    except (NotPermitted, StateConflict):
        return filing


def _made(filing: Filing, name: MoveName, role: Role | None) -> Filing:
    states.apply_move(filing, name, role)  # refused before anything else is done
    if name in CALLS:
        return CALLS[name](filing)
    if name in (M.CONSULT, M.SUSPEND_REVIEW) and role is not None:
        return states.pause_review(filing, name, role, "a reason", TODAY, CALENDAR)
    if name in (M.CONCLUDE_CONSULTATION, M.RESUME_REVIEW) and role is not None:
        return states.continue_review(filing, name, role, TODAY)
    if name in (M.WITHDRAW, M.TERMINATE, M.TIME_OUT_SUPPLEMENT) and role is not None:
        return states.end(filing, name, role)
    return states.apply_move(filing, name, role)


class Paths(RuleBasedStateMachine):
    """One filing's history."""

    def __init__(self) -> None:
        super().__init__()
        self.filing = Filing("ev-charging-f1", "ev-charging")
        #: Versions that the regulator has taken up for review, and those of them it has approved.
        self.reviewed: set[int] = set()
        self.approved: set[int] = set()
        self.ended: Filing | None = None

    def _try(self, name: MoveName, role: Role | None) -> None:
        before = self.filing
        self.filing = attempt(before, name, role)
        if self.filing == before:
            return
        move = MOVES[name]
        assert before.state in move.origins
        assert self.filing.state in move.targets
        assert role in move.roles if role else not move.roles
        if self.filing.state is S.UNDER_REVIEW:
            self.reviewed.add(self.filing.version)
        if name is M.APPROVE:
            assert self.filing.version in self.reviewed
            self.approved.add(self.filing.version)
        if self.filing.state in ABSORBING and self.ended is None:
            self.ended = self.filing

    @rule(name=st.sampled_from(M), role=st.sampled_from(EVERYBODY))
    def try_anything(self, name: MoveName, role: Role | None) -> None:
        self._try(name, role)

    @precondition(lambda self: self.ended is None)
    @rule(number=st.integers(0, 10**6))
    def take_an_allowed_move(self, number: int) -> None:
        names = fitting(self.filing)
        onward = [name for name in names if name not in _ENDS] or names
        name = onward[number % len(onward)]
        roles = ACTORS[name]
        self._try(name, roles[number // 100 % len(roles)])

    @rule(adverse=st.booleans())
    def another_authority_determines(self, adverse: bool) -> None:
        if self.ended is None:
            said = "ADVERSE" if adverse else "NONE"
            self.filing = replace(self.filing, security_determination=said)

    @rule(code=st.sampled_from(["EV-02", "EV-04", "EV-09"]))
    def somebody_notes_an_event(self, code: str) -> None:
        if self.ended is None and len(self.filing.events) < 3:
            self.filing = states.note_event(self.filing, code, Role.AUDITOR, TODAY, TODAY)

    @invariant()
    def units_are_minted_only_under_the_approval_of_a_reviewed_version(self) -> None:
        if self.filing.state in MINTABLE:
            approval = self.filing.approval
            assert approval is not None
            assert approval.version == self.filing.version
            assert self.filing.version in self.reviewed & self.approved
            assert self.filing.published_on is not None

    @invariant()
    def what_has_ended_stays_as_it_ended_and_never_mints(self) -> None:
        if self.ended is not None:
            assert self.filing == self.ended
            assert EFFECTS[self.filing.state].mint is Effect.NEVER

    @invariant()
    def what_is_being_amended_mints_nothing(self) -> None:
        if self.filing.amendment is not None:
            assert not EFFECTS[self.filing.state].mint.lets_through
            assert self.filing.amendment.version in self.approved

    @invariant()
    def what_was_stopped_knows_where_it_was(self) -> None:
        stopped = self.filing.state in (S.SUSPENDED, S.EXPIRED)
        assert stopped is (self.filing.suspended_in is not None)


TestPaths = Paths.TestCase
TestPaths.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_ended_filing_refuses_every_move_by_everybody() -> None:
    for state in ABSORBING:
        ended = Filing("ev-charging-f1", "ev-charging", state, approval=an_approval(1))
        for name in M:
            for role in EVERYBODY:
                assert attempt(ended, name, role) == ended


def test_approved_filing_never_opens_without_the_confirmation_of_the_chain() -> None:
    approved = Filing("ev-charging-f1", "ev-charging", S.APPROVED, approval=an_approval(1))
    for name in M:
        for role in Role:
            assert attempt(approved, name, role) == approved


def _walked(numbers: list[int]) -> Filing:
    paths = Paths()
    for number in numbers:
        if paths.ended is None:
            paths.take_an_allowed_move(number)
    return paths.filing


def test_paths_are_steered_far_enough_to_reach_the_offering_and_the_end() -> None:
    walks = st.lists(st.integers(0, 10**6), min_size=12, max_size=40)
    quickly = settings(max_examples=3000, database=None, derandomize=True, deadline=None)
    for state in (*MINTABLE, S.CLOSED):
        assert find(walks, lambda walk, state=state: _walked(walk).state is state, settings=quickly)
