"""Projects of other people: a folder outside the repository with tests that use the plugin."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

_OF_THIS_RUN = ("PYTHONPATH", "PYTEST_", "ABS_")


def run_tests(
    folder: Path,
    code: str,
    *options: str,
    python: str = sys.executable,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Write `code` into a project in `folder` and run pytest there, as its owner would."""
    (folder / "test_flows.py").write_text(code, encoding="utf-8")
    # Nothing of the run that we are in: neither its options nor its import path.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OF_THIS_RUN)}
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *options]
    return subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=inherited | (environment or {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """How many tests passed, failed and so on, from the last line."""
    *_, last = done.stdout.strip().splitlines() or [""]
    return {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|errors?)", last)}


def sections(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Test name -> what the plugin's section of its failure says."""
    failures = re.split(r"^_{3,} (\w+) _{3,}$", done.stdout, flags=re.MULTILINE)
    found = {}
    for name, text in zip(failures[1::2], failures[2::2], strict=True):
        _, _, section = text.partition(" abs-sim ---")
        found[name] = section.partition("\n")[2].partition("\n======")[0]
    return {name: section for name, section in found.items() if section}
