"""Simulators at a stage of the example deal, for the tests that drive the whole of it.

Imports are made where they are needed: the unit tests below this folder must not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.story import Story


@pytest.fixture
def story_at(tmp_path: Path) -> Iterator[Callable[[str], Story]]:
    """`story_at("filed")`: a simulator of the test's own, at that stage."""
    from tests.support.simulator import serve
    from tests.support.story import Story

    with ExitStack() as stack:

        def make(stage: str) -> Story:
            folder = tmp_path / f"simulator-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            story = Story(stack.enter_context(serve(folder)))
            stack.callback(story.close)
            return story.reach(stage)

        yield make


@pytest.fixture(scope="module")
def story_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Story]]:
    """`story_of_module("filed")`: a fresh simulator for a module's own fixture to keep."""
    from tests.support.simulator import serve
    from tests.support.story import Story

    with ExitStack() as stack:

        def make(stage: str) -> Story:
            story = Story(stack.enter_context(serve(tmp_path_factory.mktemp(stage))))
            stack.callback(story.close)
            return story.reach(stage)

        yield make


@pytest.fixture(scope="session")
def _standing_stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Story]]:
    from tests.support.simulator import serve
    from tests.support.story import Story

    made: dict[str, Story] = {}
    with ExitStack() as stack:

        def find(stage: str) -> Story:
            if stage not in made:
                story = Story(stack.enter_context(serve(tmp_path_factory.mktemp(stage))))
                stack.callback(story.close)
                made[stage] = story.reach(stage)
            return made[stage]

        yield find


@pytest.fixture
def standing_at(_standing_stories: Callable[[str], Story]) -> Iterator[Callable[[str], Story]]:
    """`standing_at("filed")`: a simulator that all tests share, for those that only read or are refused.

    When the test is over every table and the chain must be as before.
    """
    used: list[tuple[Story, dict[str, str]]] = []

    def find(stage: str) -> Story:
        story = _standing_stories(stage)
        used.append((story, story.served.fingerprint()))
        return story

    yield find
    for story, before in used:
        assert story.served.fingerprint() == before
