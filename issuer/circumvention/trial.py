"""A scenario tried, and its honest twin done. Both are judged by what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from issuer.circumvention.acts import Refusal, perform, told
from issuer.circumvention.scenario import Scenario, Step
from issuer.circumvention.world import Reach, World
from issuer.domain.errors import IssuanceError
from issuer.testing.stages import Stages


@dataclass(frozen=True, slots=True)
class Met:
    """A step of the attempt, and the refusal it met."""

    told: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a scenario: the refusals met, the faults found, the twin's own faults."""

    scenario: Scenario
    met: tuple[Met, ...] = ()
    faults: tuple[str, ...] = ()
    twin_faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Was it blocked by the rules it names, without any effect, and did the twin pass?"""
        return not self.faults and not self.twin_faults


class TrialCourt:
    """Tries scenarios, each on a simulator at its stage that no other has touched."""

    def __init__(self, stages: Stages, reach: Reach) -> None:
        self._stages = stages
        self._reach = reach

    def hear(self, scenario: Scenario) -> Verdict:
        """Try a scenario, then its twin. One that cannot run has nothing to be judged by."""
        if not scenario.attempt or scenario.twin is None:
            return Verdict(scenario)
        met: list[Met] = []
        with self._world(scenario) as world:
            faults = _all(_tried(scenario, world, met))
        with self._world(scenario) as world:
            twin_faults = _all(_lawful((*scenario.before, *scenario.twin.steps), world))
        return Verdict(scenario, tuple(met), tuple(faults), tuple(twin_faults))

    @contextmanager
    def _world(self, scenario: Scenario) -> Iterator[World]:
        deal, _ = self._stages.take(scenario.start)
        world = World(deal, self._reach)
        try:
            yield world
        finally:
            world.close()
            self._stages.give_back(deal)


def _all(found: Iterator[str]) -> list[str]:
    """Every fault; a scenario that speaks of what is not there has one more."""
    faults: list[str] = []
    try:
        faults.extend(found)
    except IssuanceError as error:
        faults.append(f"cannot be tried: {error.message}")
    return faults


def _lawful(steps: Sequence[Step], world: World) -> Iterator[str]:
    """Carry out what must pass, up to the first step that does not."""
    for step in steps:
        if refusal := perform(step, world):
            yield f"{told(step)}: {_by(refusal)}"
            return


def _tried(scenario: Scenario, world: World, met: list[Met]) -> Iterator[str]:
    for fault in _lawful(scenario.before, world):
        yield fault
        return
    before = world.evidence()
    for step in scenario.attempt:
        refusal = perform(step, world)
        if unexpected := _fault(step, refusal):
            yield f"{told(step)}: {unexpected}"
        if refusal and step.is_refused:
            met.append(Met(told(step), refusal))
    after = world.evidence()
    for fact in sorted({*before, *after, *scenario.comes_to}):
        expected = scenario.comes_to.get(fact, before.get(fact, 0))
        if (found := after.get(fact, 0)) != expected:
            yield f"{fact}: {before.get(fact, 0)} has become {found}, expected {expected}"


def _fault(step: Step, refusal: Refusal | None) -> str | None:
    match refusal:
        case None:
            return "nothing refused it" if step.is_refused else None
        case _ if not step.is_refused:
            return _by(refusal)
        case _ if missing := sorted(set(step.refused_by) - set(refusal.rules)):
            return f"{_by(refusal)}, not by {', '.join(missing)}"
        case _ if step.refused_as not in (None, refusal.code):
            return f"{_by(refusal)}, not as {step.refused_as}"
    return None


def _by(refusal: Refusal) -> str:
    named = ", ".join(refusal.rules) or "no rule"
    return f"refused by {refusal.gate} ({refusal.said}: {named})"
