"""Make docs/lifecycle.md of the tables in `issuer/domain/lifecycle.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from issuer.domain.events import EVENTS
from issuer.domain.lifecycle import EFFECTS, MOVES, FilingState, Move
from issuer.domain.roles import ANYBODY

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "lifecycle.md"

HEAD = """\
# The life of a filing

Made of the tables in `issuer/domain/lifecycle.py` by `python scripts/lifecycle.py`; edit those.
"""


def document() -> str:
    """The whole document."""
    return "\n".join((HEAD, *_states(), "", *_moves(), "", *_diagram(), "", *_events(), ""))


def _states() -> Iterator[str]:
    yield "## What each state lets through\n"
    yield "| State | Mint | Transfers | Coupons | Redemption |"
    yield "|---|---|---|---|---|"
    for state, each in EFFECTS.items():
        yield _row(state, each.mint, each.transfers, each.coupons, each.redemption)


def _moves() -> Iterator[str]:
    yield "## Moves\n"
    yield "A filing being amended is one that was published and is under review again. What is reported or"
    yield "cleared while a filing is suspended counts when it is lifted: a completion report (EV-01) leads"
    yield "on to ACTIVE, or to EVENT_REPORTED if a reported event is open. A late report bars the lift.\n"
    yield "| Move | From | To | Who | Basis | Source |"
    yield "|---|---|---|---|---|---|"
    for move in MOVES.values():
        origins = ", ".join(_in_order(move.origins)) + _only(move)
        yield _row(move.name, origins, _to(move), _who(move), move.basis, move.source)


def _only(move: Move) -> str:
    return {None: "", True: " (being amended)", False: " (not being amended)"}[move.amending]


def _to(move: Move) -> str:
    if move.returns:
        return f"what it was: {', '.join(_in_order(move.returns))}"
    if move.amended:
        return f"{move.target}; being amended: {' or '.join(_in_order(move.amended))}"
    return move.target


def _who(move: Move) -> str:
    if not move.roles:
        return "the service, when the chain has confirmed"
    if move.roles == ANYBODY:
        return "anybody, when the time has passed"
    return ", ".join(sorted(role.replace("_", " ") for role in move.roles))


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {FilingState.DRAFT}"
    for move in MOVES.values():
        for origin in _in_order(move.origins):
            for target in _in_order(move.targets_from(origin)):
                yield f"    {origin} --> {target}: {move.name}"
    yield "```"


def _events() -> Iterator[str]:
    yield "## Events that are reported\n"
    yield "| Code | What | 中文 | Days | Basis | Source | Besides |"
    yield "|---|---|---|---|---|---|---|"
    for kind in EVENTS.values():
        besides = "amendment before the issuance" if kind.material else ""
        besides = "suspends at once" if kind.prohibited else besides
        yield _row(
            kind.code,
            kind.what,
            kind.what_zh,
            f"`{kind.days}`",
            kind.basis,
            kind.source,
            besides or "–",
        )


def _in_order(states: frozenset[FilingState]) -> list[FilingState]:
    return [state for state in FilingState if state in states]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(f"wrote {DOCUMENT}")
