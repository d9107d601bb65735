"""Simulators that the tests of one module share, each test leaving what it changed as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.simulator import serve
from tests.support.story import Story


@pytest.fixture(scope="module")
def shared_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Story]]:
    """`shared_at("offering_open")`: one simulator at that stage for all tests of the module."""
    made: dict[str, Story] = {}
    with ExitStack() as stack:

        def find(stage: str) -> Story:
            if stage not in made:
                folder: Path = tmp_path_factory.mktemp(stage)
                story = Story(stack.enter_context(serve(folder)))
                stack.callback(story.close)
                made[stage] = story.reach(stage)
            return made[stage]

        yield find
