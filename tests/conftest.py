"""Simulators at a stage of the example deal, for the tests that drive the whole of it.

Imports are made where they are needed: the unit tests below this folder must not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.support.story import Story


# How long an example takes says nothing about the code on a machine that others use too.
settings.register_profile("abs", deadline=None)
settings.load_profile("abs")


@pytest.fixture(scope="session")
def chain_kind(pytestconfig: pytest.Config) -> str:
    """`embedded`, or `anvil` when the tests are run with `--abs-backend anvil`."""
    return str(pytestconfig.getoption("abs_backend"))


@pytest.fixture
def story_at(tmp_path: Path, chain_kind: str) -> Iterator[Callable[[str], Story]]:
    """`story_at("filed")`: a simulator of the test's own, at that stage."""
    from tests.support.simulator import serve
    from tests.support.story import Story

    with ExitStack() as stack:

        def make(stage: str) -> Story:
            folder = tmp_path / f"simulator-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            story = Story(stack.enter_context(serve(folder, chain_kind)))
            stack.callback(story.close)
            return story.reach(stage)

        yield make


@pytest.fixture(scope="module")
def story_of_module(
    tmp_path_factory: pytest.TempPathFactory, chain_kind: str
) -> Iterator[Callable[[str], Story]]:
    """`story_of_module("filed")`: a fresh simulator for a module's own fixture to keep."""
    from tests.support.simulator import serve
    from tests.support.story import Story

    with ExitStack() as stack:

        def make(stage: str) -> Story:
            story = Story(stack.enter_context(serve(tmp_path_factory.mktemp(stage), chain_kind)))
            stack.callback(story.close)
            return story.reach(stage)

        yield make


@dataclass
class _Standing:
    """Simulators that stand still, by stage, each with what it was like when it was made."""

    make: Callable[[str], Story]
    stories: dict[str, tuple[Story, dict[str, str]]] = field(default_factory=dict)

    def at(self, stage: str) -> Story:
        if stage not in self.stories:
            story = self.make(stage)
            self.stories[stage] = story, story.served.fingerprint()
        return self.stories[stage][0]

    def check(self, stage: str) -> None:
        """A story that has moved is no good to anybody else."""
        story, before = self.stories[stage]
        now = story.served.fingerprint()
        if now != before:
            del self.stories[stage]
        assert now == before, f"the simulator at {stage!r} was changed"


@pytest.fixture(scope="session")
def _standing(tmp_path_factory: pytest.TempPathFactory, chain_kind: str) -> Iterator[_Standing]:
    from tests.support.simulator import serve
    from tests.support.story import Story

    with ExitStack() as stack:

        def make(stage: str) -> Story:
            story = Story(stack.enter_context(serve(tmp_path_factory.mktemp(stage), chain_kind)))
            stack.callback(story.close)
            return story.reach(stage)

        yield _Standing(make)


@pytest.fixture
def standing_at(_standing: _Standing) -> Iterator[Callable[[str], Story]]:
    """`standing_at("filed")`: a simulator that all tests share, for those that only read or are refused.

    When the test is over every table and the chain must be as before.
    """
    used: set[str] = set()

    def find(stage: str) -> Story:
        used.add(stage)
        return _standing.at(stage)

    yield find
    for stage in used:
        _standing.check(stage)
