"""Simulators that are rewound: built once for each stage, returned to for every test.

Database and chain go back together, so every test finds the stage as if it had just been reached.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from issuer.worker import Worker
from tests.support.simulator import serve
from tests.support.story import Story


class Rewinder:
    """One story, kept as it is now."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._simulator = story.served.simulator
        self._said: dict[str, Any] = copy.deepcopy(self._remembered())
        self._snapshot = self._simulator.snapshot()

    def rewind(self) -> Story:
        """The story as it was then."""
        # A test may have stopped the worker, or taken something away from it.
        self._simulator.worker.stop()
        self._simulator.restore(self._snapshot)
        self._simulator.worker = Worker(self._simulator.context, self._simulator.worker._wanted)
        self._simulator.worker.start()
        for name, value in copy.deepcopy(self._said).items():
            setattr(self.story.client if name == "keys" else self.story, name, value)
        self.story.served.settle()
        return self.story

    def _remembered(self) -> dict[str, Any]:
        names = ("stage", "deployment", "prepared", "distribution")
        return {name: getattr(self.story, name) for name in names} | {
            "keys": self.story.client.keys
        }


@pytest.fixture(scope="session")
def _rewinders(
    tmp_path_factory: pytest.TempPathFactory, chain_kind: str
) -> Iterator[Callable[[str], Rewinder]]:
    made: dict[str, Rewinder] = {}
    with ExitStack() as stack:

        def find(stage: str) -> Rewinder:
            if stage not in made:
                story = Story(
                    stack.enter_context(serve(tmp_path_factory.mktemp(stage), chain_kind))
                )
                stack.callback(story.close)
                made[stage] = Rewinder(story.reach(stage))
            return made[stage]

        yield find


@pytest.fixture
def story_at(_rewinders: Callable[[str], Rewinder]) -> Callable[[str], Story]:
    """`story_at("filed")`: a simulator at that stage, which the test may do with as it likes."""
    return lambda stage: _rewinders(stage).rewind()
