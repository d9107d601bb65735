"""Whoever moves a filing, however often: units are never minted without review and approval."""

from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.errors import NotPermitted, StateConflict
from issuer.domain.filing import MINTABLE, MOVES, Filing, FilingState, MoveName, apply_move
from issuer.domain.roles import Role

LENGTH = 30
ABSORBING = frozenset(
    {
        FilingState.NOT_ACCEPTED,
        FilingState.TERMINATED,
        FilingState.WITHDRAWN,
        FilingState.EXPIRED,
        FilingState.REVOKED,
    }
)

moves = st.sampled_from(MoveName)
#: None is the service itself, when the chain has confirmed.
roles = st.sampled_from((*Role, None))


def attempt(filing: Filing, name: MoveName, role: Role | None) -> Filing:
    """The filing after the move, or as it was if that was refused."""
    try:
        return apply_move(filing, name, role)
    except (NotPermitted, StateConflict):
        return filing


@st.composite
def paths(draw: st.DrawFn) -> list[Filing]:
    """A filing's history. Half of the attempts are legal moves: the rest alone would lead nowhere."""
    filing = Filing("ev-charging-1", "ev-charging")
    history = [filing]
    for _ in range(draw(st.integers(0, LENGTH))):
        legal = [name for name in MoveName if filing.state in MOVES[name].origins]
        if legal and draw(st.booleans()):
            name = draw(st.sampled_from(legal))
            role = draw(st.sampled_from(sorted(MOVES[name].roles) or [None]))
        else:
            name, role = draw(moves), draw(roles)
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


@given(st.lists(st.tuples(moves, roles), max_size=LENGTH), st.sampled_from(sorted(ABSORBING)))
def test_ended_filing_refuses_every_sequence_of_moves(
    attempts: list[tuple[MoveName, Role | None]], state: FilingState
) -> None:
    ended = Filing("ev-charging-1", "ev-charging", state)
    filing = ended
    for name, role in attempts:
        filing = attempt(filing, name, role)
    assert filing == ended


@given(st.lists(st.tuples(moves, st.sampled_from(Role)), max_size=LENGTH))
def test_offering_never_opens_without_the_confirmation_of_the_chain(
    attempts: list[tuple[MoveName, Role]],
) -> None:
    filing = Filing("ev-charging-1", "ev-charging", FilingState.APPROVED)
    for name, role in attempts:
        filing = attempt(filing, name, role)
    assert filing.state in {FilingState.APPROVED, FilingState.WITHDRAWN}
