"""Commands that read files answer fast, because they load neither the database nor the server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.commands import ROOT

DEAL = "scripts/deals/ev-charging.yaml"
PROGRAM = """
import sys
from api.cli import main
sys.argv[0] = "abs-sim"
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
heavy = ("sqlalchemy", "fastapi", "eth_account")
print("loaded", *(name for name in heavy if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], ""),
        (["explain", "FIL-01"], ""),
        (["check", "deal", DEAL], ""),
        (["project", DEAL], ""),
        (["compare", DEAL], ""),
        (["circumvent"], "sqlalchemy fastapi eth_account"),
    ],
)
def test_only_commands_that_need_the_database_load_it(arguments: list[str], loaded: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1].split()[1:] == loaded.split()
