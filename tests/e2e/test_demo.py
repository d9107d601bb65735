"""The demonstration, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys

from tests.support.commands import ROOT

SAID = (
    # Before there is a filing, and with it
    "FilingNotApproved()",
    "FIL-03, M-10",
    "published and anchored: FILED",
    # A document altered in the database
    "the service refuses (409) by FIL-05",
    "BundleHashMismatch(approved=0x",
    "M-04 reads as it was approved",
    "H3: 10,000 units for HKD 10,000,000.000000",
    "CapExceeded(cap=80000, supplyAfter=80001)",
    # The first coupon, to the micro-unit
    "10,723,013,650,000",
    "4,289,205,460,000",
    "2,144,602,730,000",
    "HolderNotCleared",
    # Suspended: no mint, no transfer, and a coupon all the same
    "the filing: SUSPENDED",
    "a mint: the service refuses (409) by FIL-01, state SUSPENDED",
    "the chain, asked directly with the issuer's key: FilingSuspended(filingId=0x",
    "a transfer to H2: refused. Dry run FIL-01, canTransfer False, chain",
    "11,643,243,810,000",
    "3,175,430,130,000",
    "2,116,953,420,000",
    "the originator's residual is held, µ: 2,628,638,648,832",
    "it has July's only, on chain, µ: 2,598,120,913,092",
    # And back
    "and with the report taken note of: ACTIVE",
    "H1 54,000=54,000, H2 15,000=15,000, H3 11,000=11,000",
    "identity: 42,031,684,022,256 = 34,092,449,200,000 + 3,310,596,173,424 + 4,628,638,648,832",
    "Every step came out as expected",
)

ONE_WRONG_FIGURE = """
import sys

sys.path.insert(0, "scripts")
import demo
import storyboard.tell

storyboard.tell.CHAPTERS = (lambda stage: stage.story.equal("a figure", 1, 2),)
sys.exit(demo.main())
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_demo_comes_out_as_expected_in_every_chapter(
    demo: subprocess.CompletedProcess[str],
) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "✗" not in demo.stdout
    assert [said for said in SAID if said not in demo.stdout] == []
    assert demo.stderr == ""


def test_one_wrong_figure_makes_the_demo_fail_and_shows_what_the_server_said() -> None:
    done = run("-c", ONE_WRONG_FIGURE)
    assert done.returncode == 1
    assert "✗ a figure  found: 1, expected 2" in done.stdout
    assert "Every step came out as expected" not in done.stdout
    assert "What the server said" in done.stderr
