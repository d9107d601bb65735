"""Deals of two classes of tokens, for tests that make their terms themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.two_classes import TellOf, TwoClasses
from tests.support.simulator import serve


@pytest.fixture
def tell_of(tmp_path: Path, chain_kind: str) -> Iterator[TellOf]:
    """The deal of these terms, issued and active."""
    with ExitStack() as stack:

        def tell(deal: dict[str, Any]) -> TwoClasses:
            story = TwoClasses(stack.enter_context(serve(tmp_path, chain_kind)), deal)
            stack.callback(story.close)
            story.reach("active")
            return story

        yield tell
