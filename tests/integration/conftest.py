"""Simulators that are rewound: built once for each stage, returned to for every test.

Database and chain go back together, so every test finds the stage as if it had just been reached.
"""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
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
        file = self._simulator.settings.sqlite_file()
        assert file is not None
        self._file = file
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._file)) as source:
            source.backup(self._database)
        self._snapshot = self._simulator.backend.request("evm_snapshot", [])

    def rewind(self) -> Story:
        """The story as it was then, with a worker that remembers nothing."""
        worker = self._simulator.worker
        worker.stop()
        assert self._simulator.backend.request("evm_revert", [self._snapshot]) is True
        self._snapshot = self._simulator.backend.request("evm_snapshot", [])
        with closing(sqlite3.connect(self._file, timeout=30)) as target:
            self._database.backup(target)
        for name, value in copy.deepcopy(self._said).items():
            setattr(self.story.client if name == "keys" else self.story, name, value)
        self._simulator.worker = Worker(self._simulator.context, worker._wanted)
        self._simulator.worker.start()
        self.story.served.settle()
        return self.story

    def _remembered(self) -> dict[str, Any]:
        names = ("stage", "deployment", "prepared", "distribution")
        return {name: getattr(self.story, name) for name in names} | {
            "keys": self.story.client.keys
        }

    def close(self) -> None:
        self._database.close()


@pytest.fixture(scope="session")
def _rewinders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Rewinder]]:
    made: dict[str, Rewinder] = {}
    with ExitStack() as stack:

        def find(stage: str) -> Rewinder:
            if stage not in made:
                story = Story(stack.enter_context(serve(tmp_path_factory.mktemp(stage))))
                stack.callback(story.close)
                made[stage] = Rewinder(story.reach(stage))
                stack.callback(made[stage].close)
            return made[stage]

        yield find


@pytest.fixture
def story_at(_rewinders: Callable[[str], Rewinder]) -> Callable[[str], Story]:
    """`story_at("filed")`: a simulator at that stage, which the test may do with as it likes."""
    return lambda stage: _rewinders(stage).rewind()
