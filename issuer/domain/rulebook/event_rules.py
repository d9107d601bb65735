"""EV-01 to EV-12 as rules, made of the table of events: each is reported in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from issuer.domain.events import COMPLETION, EVENTS, EventKind
from issuer.domain.rulebook.clock_rules import ClockCase
from issuer.domain.rulebook.rule import Facts, Rule, rule


def _reported_in_time(code: str) -> Callable[[ClockCase], Iterator[Facts]]:
    def reported_in_time(case: ClockCase) -> Iterator[Facts]:
        """No event of this code is known and overdue."""
        for event in case.filing.overdue_events(case.today):
            if event.code == code:
                about = {"about": event.about} if event.about else {}
                noted, due = event.noted_on.isoformat(), event.due_on.isoformat()
                yield {"event": code, "noted_on": noted, "due_on": due, **about}

    return reported_in_time


def _then(kind: EventKind) -> str:
    """What is left to the regulator: there is nothing to clear about a completed issuance."""
    if kind.code == COMPLETION:
        return "the regulator then lifts a suspension"
    return "the regulator then clears the matter"


def _rule_of(kind: EventKind) -> Rule[ClockCase]:
    return rule(
        kind.code,
        f"The filer reports {kind.what}, in time.",
        f"{kind.what_zh}的，应及时报告。",
        basis=kind.basis,
        source=kind.source,
        cure=f"Have the filer report it all the same ({kind.code}); {_then(kind)}.",
        figures=(kind.days,),
    )(_reported_in_time(kind.code))


EVENT_RULES: tuple[Rule[ClockCase], ...] = tuple(_rule_of(kind) for kind in EVENTS.values())
