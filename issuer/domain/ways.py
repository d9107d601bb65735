"""What leads on from where a filing stands: said where a move is refused for its state."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from issuer.domain.filing import Filing
from issuer.domain.lifecycle import ABSORBING, AMENDABLE, MOVES, FilingState, Move, MoveName

#: What is done when a filing goes well. That something leads there by a halt or an end cures nothing.
_ONWARD = (
    MoveName.SUBMIT,
    MoveName.ACCEPT,
    MoveName.REQUEST_SUPPLEMENT,
    MoveName.ANSWER_SUPPLEMENT,
    MoveName.CONCLUDE_CONSULTATION,
    MoveName.RESUME_REVIEW,
    MoveName.APPROVE,
    MoveName.PUBLISH,
    MoveName.OPEN_OFFERING,
    MoveName.CLOSE_OFFERING,
    MoveName.REPORT_COMPLETION,
    MoveName.LIFT,
    MoveName.AMEND,
    MoveName.MATURE,
)
_FILED_ANEW = frozenset({FilingState.NOT_ACCEPTED, FilingState.TERMINATED, FilingState.WITHDRAWN})
#: More steps than these are not listed: the first of them says enough.
_LISTED = 3
ANEW = "withdraw it and draft a filing anew, naming it as the one superseded"


def may_be_withdrawn(filing: Filing) -> bool:
    """Before the approval of what was never published."""
    return filing.amendment is None and filing.state in MOVES[MoveName.WITHDRAW].origins


def way_to(filing: Filing, wanted: Iterable[FilingState]) -> str:
    """What brings the filing to one of these states, by whom; or that nothing does."""
    states = frozenset(wanted)
    steps = _shortest(filing, states)
    if steps:
        listed = [_by_whom(MOVES[name]) for name in steps]
        if len(listed) > _LISTED:
            return f"Cure: the next step on the way there is {listed[0]}"
        return f"Cure: what leads there is {', then '.join(listed)}"
    if filing.state in _FILED_ANEW:
        if filing.superseded_by is not None:
            return f"Cure: go on with {filing.superseded_by}, which supersedes this filing"
        return "Cure: file anew, naming this filing as the one superseded"
    if filing.state in ABSORBING:
        return "Cure: none, the filing is at its end"
    if FilingState.DRAFT in states and may_be_withdrawn(filing):
        return f"Cure: {ANEW}"
    return "Cure: none, nothing that is done next leads there"


def _by_whom(move: Move) -> str:
    if not move.roles:
        return f"{move.name} by the service, once the chain has confirmed"
    return f"{move.name} by the {' or the '.join(sorted(each.value for each in move.roles))}"


def _shortest(filing: Filing, wanted: frozenset[FilingState]) -> tuple[MoveName, ...]:
    ways: deque[tuple[FilingState, tuple[MoveName, ...]]] = deque([(filing.state, ())])
    seen = {filing.state}
    while ways:
        state, steps = ways.popleft()
        for name, target in _onward(filing, state, amended=MoveName.AMEND in steps):
            if target in wanted:
                return (*steps, name)
            if target not in seen:
                seen.add(target)
                ways.append((target, (*steps, name)))
    return ()


def _onward(
    filing: Filing, state: FilingState, *, amended: bool
) -> Iterator[tuple[MoveName, FilingState]]:
    stopped_in = filing.suspended_in or filing.state
    for name in _ONWARD:
        move = MOVES[name]
        if state not in move.origins:
            continue
        if name is MoveName.LIFT:
            yield name, stopped_in
        elif name is MoveName.PUBLISH and filing.amendment:
            yield name, filing.amendment.resumes
        elif name is MoveName.PUBLISH and amended and stopped_in in AMENDABLE:
            yield name, stopped_in
        else:
            yield name, move.target
