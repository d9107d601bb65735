"""The demonstration, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys

from tests.support.commands import ROOT


def test_running_the_demo_comes_out_as_expected_and_prints_the_holders_totals() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/demo.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step came out as expected" in done.stdout
    assert "✗" not in done.stdout
    for total in ("10,723,013,650,000", "4,289,205,460,000", "2,144,602,730,000"):
        assert total in done.stdout
