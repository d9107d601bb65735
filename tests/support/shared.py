"""Costly runs that several tests look at: made once, whichever worker of pytest-xdist comes first."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest


def once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[], CompletedProcess[str]]
) -> CompletedProcess[str]:
    """What `make` gives; whoever comes second waits for it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's own, in which each worker has one
    kept = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            done = make()
            kept.write_text(json.dumps([done.args, done.returncode, done.stdout, done.stderr]))
    return CompletedProcess(*json.loads(kept.read_text()))
