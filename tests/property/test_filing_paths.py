"""Whoever moves a filing, however often: units are never minted without review and approval."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from issuer.domain.errors import NotPermitted, StateConflict
from issuer.domain.filing import MINTABLE, MOVES, Filing, FilingState, MoveName, apply_move
from issuer.domain.roles import Role

LENGTH = 20
T = TypeVar("T")
ABSORBING = frozenset(
    {
        FilingState.NOT_ACCEPTED,
        FilingState.TERMINATED,
        FilingState.WITHDRAWN,
        FilingState.EXPIRED,
        FilingState.REVOKED,
    }
)

#: None is the service itself, when the chain has confirmed.
_EVERYBODY: tuple[Role | None, ...] = (*Role, None)
_EVERY_MOVE = tuple(MoveName)
_LEGAL = {state: [m for m in MoveName if state in MOVES[m].origins] for state in FilingState}
_ONWARD = {s: [m for m in legal if MOVES[m].target not in ABSORBING] for s, legal in _LEGAL.items()}
_ACTORS = {name: sorted(MOVES[name].roles) or [None] for name in MoveName}

attempts = st.lists(st.integers(0, 10**6), min_size=12, max_size=LENGTH)


def attempt(filing: Filing, name: MoveName, role: Role | None) -> Filing:
    """The filing after the move, or as it was if that was refused."""
    try:
        return apply_move(filing, name, role)
    except (NotPermitted, StateConflict):
        return filing


def pick(options: Sequence[T], number: int) -> T:
    return options[number % len(options)]


@st.composite
def paths(draw: st.DrawFn) -> list[Filing]:
    """A filing's history, steered: moves drawn blindly are refused or end it before it is approved.

    One number stands for an attempt: which move, by whom, and whether it is made a legal one.
    """
    filing = Filing("ev-charging-1", "ev-charging")
    history = [filing]
    for number in draw(attempts):
        steer, number = number % 10, number // 10
        options = _ONWARD[filing.state] if steer > 1 else _LEGAL[filing.state]
        name = pick(options if steer and options else _EVERY_MOVE, number)
        role = pick(_ACTORS[name] if steer else _EVERYBODY, number // len(_EVERY_MOVE))
        filing = attempt(filing, name, role)
        history.append(filing)
    return history


@given(paths())
def test_path_to_the_offering_passes_review_and_approval_in_order(path: list[Filing]) -> None:
    seen = [filing.state for filing in path]
    for place, state in enumerate(seen):
        if state in MINTABLE:
            before = seen[:place]
            assert before.index(FilingState.UNDER_REVIEW) < before.index(FilingState.APPROVED)
            assert before.index(FilingState.APPROVED) < before.index(FilingState.FILED)


@given(paths())
def test_path_that_has_ended_stays_where_it_ended(path: list[Filing]) -> None:
    ends = [place for place, filing in enumerate(path) if filing.state in ABSORBING]
    if ends:
        assert all(filing == path[ends[0]] for filing in path[ends[0] :])


@given(paths())
def test_path_suspended_remembers_where_it_was(path: list[Filing]) -> None:
    for filing in path:
        assert (filing.state is FilingState.SUSPENDED) is (filing.suspended_in is not None)


@given(attempts, st.sampled_from(sorted(ABSORBING)))
def test_ended_filing_refuses_every_sequence_of_moves(
    numbers: list[int], state: FilingState
) -> None:
    ended = Filing("ev-charging-1", "ev-charging", state)
    for number in numbers:
        name = pick(_EVERY_MOVE, number)
        assert attempt(ended, name, pick(_ACTORS[name], number // len(_EVERY_MOVE))) == ended
        assert attempt(ended, name, pick(_EVERYBODY, number // len(_EVERY_MOVE))) == ended


@given(attempts)
def test_offering_never_opens_without_the_confirmation_of_the_chain(numbers: list[int]) -> None:
    filing = Filing("ev-charging-1", "ev-charging", FilingState.APPROVED)
    for number in numbers:
        filing = attempt(
            filing, pick(_EVERY_MOVE, number), pick(tuple(Role), number // len(_EVERY_MOVE))
        )
    assert filing.state in {FilingState.APPROVED, FilingState.WITHDRAWN}


def test_paths_are_steered_far_enough_to_reach_the_offering() -> None:
    quickly = settings(phases=[Phase.generate], max_examples=1000, database=None)
    found = find(paths(), lambda path: path[-1].state in MINTABLE, settings=quickly)
    assert FilingState.APPROVED in {filing.state for filing in found}
