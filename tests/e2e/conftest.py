"""The demonstration, run once for all tests that look at what it prints."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.commands import ROOT
from tests.support.shared import once


def _run_demo() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A run of the demonstration as a user runs it."""
    return once(tmp_path_factory, "demo", _run_demo)
