"""The stages of the story: played once in each process of pytest, copied, and wound back for every test.

On the embedded chain a stage is two files: whoever wants a simulator there costs the copying of them and
a start. It is given back after the test, and wound back in milliseconds for the next one. The chain of a
node cannot be copied: there each simulator plays the story up to its stage.
"""

from __future__ import annotations

import copy
import itertools
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from issuer.files import copied_files
from issuer.worker import Worker
from tests.support.simulator import serve
from tests.support.story import STAGES, Story

EMBEDDED = "embedded"
_REMEMBERED = ("stage", "deployment", "prepared", "distribution")


class Rewinder:
    """One story, kept as it is now."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._simulator = story.served.simulator
        self._said = _said(story)
        self._keys, self._book = dict(story.client.keys), dict(story.ledger.book)
        self._snapshot = self._simulator.snapshot()
        self._fingerprint = story.served.fingerprint()
        self._may_have_moved = False

    def rewind(self) -> Story:
        """The story as it was then, to be moved on."""
        # A test may have stopped the worker, or taken something away from it.
        self.rest()
        self._simulator.restore(self._snapshot)
        self._simulator.worker = Worker(self._simulator.context, self._simulator.worker._wanted)
        self._simulator.worker.start()
        _say(self.story, self._said)
        self.story.client.keys, self.story.ledger.book = dict(self._keys), dict(self._book)
        self.story.served.settle()
        self._may_have_moved = True
        return self.story

    def rest(self) -> None:
        """Nothing runs on behind the next test."""
        self._simulator.worker.stop()

    def unmoved(self) -> Story:
        """The story as it was then, to be looked at."""
        if self._may_have_moved:
            self.rewind()
            self._may_have_moved = False
        return self.story

    def require_unmoved(self) -> None:
        """Every table and the chain are as they were then."""
        now, then = self.story.served.fingerprint(), self._fingerprint
        assert now == then, f"the simulator at {self.story.stage!r} was changed"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A stage's files, what the story knew there, and the API keys of its investors."""

    folder: Path
    said: dict[str, Any]
    keys: dict[str, str]


class Stages:
    """Simulators at any stage, lent to one borrower at a time; their files lie in `folder`."""

    def __init__(self, folder: Path, chain_kind: str) -> None:
        self._folder = folder
        self._chain_kind = chain_kind
        self._resources = ExitStack()
        #: As far as anybody has come: the stages from the first on.
        self._kept: list[_Kept] = []
        self._free: dict[str, list[Rewinder]] = defaultdict(list)
        self._numbers = itertools.count()

    @contextmanager
    def lent(self, stage: str) -> Iterator[Story]:
        """A simulator that has just reached `stage`, to do with as one likes until the block ends."""
        found = self._take(stage)
        try:
            yield found.rewind()
        finally:
            found.rest()
        # One that could not be brought to rest is not lent again.
        self._free[stage].append(found)

    @contextmanager
    def shown(self, stage: str) -> Iterator[Story]:
        """The same for those who only read or are refused: `AssertionError` unless it stays as it was."""
        found = self._take(stage)
        yield found.unmoved()
        found.require_unmoved()
        self._free[stage].append(found)

    def _take(self, stage: str) -> Rewinder:
        return self._free[stage].pop() if self._free[stage] else Rewinder(self._make(stage))

    def __enter__(self) -> Stages:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    def _make(self, stage: str) -> Story:
        folder = self._folder / f"{stage}-{next(self._numbers)}"
        folder.mkdir()
        if self._chain_kind != EMBEDDED:
            return self._served(folder).reach(stage)
        wanted = STAGES.index(stage)
        story = self._taken_up(folder, self._kept[: wanted + 1])
        for each in STAGES[len(self._kept) : wanted + 1]:
            self._keep(story.reach(each))
        return story

    def _taken_up(self, folder: Path, kept: list[_Kept]) -> Story:
        """A simulator at the last of these stages; a new one if there is none."""
        if not kept:
            return self._served(folder)
        shutil.copytree(kept[-1].folder, folder, dirs_exist_ok=True)
        story = self._served(folder)
        _say(story, kept[-1].said)
        story.client.keys |= kept[-1].keys
        story.ledger.learn(story.deployment.get("contracts", []))
        return story

    def _keep(self, story: Story) -> None:
        folder = self._folder / f"kept-{story.stage}"
        folder.mkdir()
        simulator = story.served.simulator
        with simulator.worker.paused(), copied_files(simulator.settings, folder):
            pass
        keys = {who: key for who, key in story.client.keys.items() if who not in story.served.keys}
        self._kept.append(_Kept(folder, _said(story), keys))

    def _served(self, folder: Path) -> Story:
        story = Story(self._resources.enter_context(serve(folder, self._chain_kind)))
        self._resources.callback(story.close)
        return story


def _said(story: Story) -> dict[str, Any]:
    return copy.deepcopy({name: getattr(story, name) for name in _REMEMBERED})


def _say(story: Story, said: dict[str, Any]) -> None:
    for name, value in copy.deepcopy(said).items():
        setattr(story, name, value)
