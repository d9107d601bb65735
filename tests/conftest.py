"""Simulators at a stage of the example deal, for the tests that drive the whole of it.

Imports are made where they are needed: the unit tests below this folder must not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.support.stages import Stages
    from tests.support.story import Story

# How long an example takes says nothing about the code on a machine that others use too.
settings.register_profile("abs", deadline=None)
settings.load_profile("abs")


@pytest.fixture(scope="session")
def chain_kind(pytestconfig: pytest.Config) -> str:
    """`embedded`, or `anvil` when the tests are run with `--abs-backend anvil`."""
    return str(pytestconfig.getoption("abs_backend"))


@pytest.fixture(scope="session")
def _stages(tmp_path_factory: pytest.TempPathFactory, chain_kind: str) -> Iterator[Stages]:
    from tests.support.stages import Stages

    with Stages(tmp_path_factory.mktemp("stages"), chain_kind) as stages:
        yield stages


@pytest.fixture
def story_at(_stages: Stages) -> Iterator[Callable[[str], Story]]:
    """`story_at("filed")`: a simulator at that stage, which the test may do with as it likes."""
    with ExitStack() as stack:
        yield lambda stage: stack.enter_context(_stages.lent(stage))


@pytest.fixture(scope="module")
def story_of_module(_stages: Stages) -> Iterator[Callable[[str], Story]]:
    """`story_of_module("filed")`: a simulator for a module's own fixture to keep."""
    with ExitStack() as stack:
        yield lambda stage: stack.enter_context(_stages.lent(stage))


@pytest.fixture
def standing_at(_stages: Stages) -> Iterator[Callable[[str], Story]]:
    """`standing_at("filed")`: a simulator that others use too, for tests that only read or are refused.

    When the test is over every table and the chain must be as before.
    """
    shown: dict[str, Story] = {}
    with ExitStack() as stack:

        def find(stage: str) -> Story:
            if stage not in shown:
                shown[stage] = stack.enter_context(_stages.shown(stage))
            return shown[stage]

        yield find
