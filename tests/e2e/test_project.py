"""Projecting a deal from the command line: tables for people, JSON for programs, one clear refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import ROOT, run

DEALS = ROOT / "scripts" / "deals"
DEAL = DEALS / "ev-charging.yaml"


def said(text: str, *, beginning: str) -> list[str]:
    """The words of the line that begins so."""
    (found,) = (line for line in text.splitlines() if line.startswith(beginning))
    return found.split()


def test_projecting_the_example_prints_payments_and_outcomes() -> None:
    done = run("project", DEAL)
    assert (done.returncode, done.stderr) == (0, "")
    # Interest of the first payment: 80,000,000 x 5.80 % x 91 / 365.
    assert said(done.stdout, beginning="2026-07-15")[1:] == [
        *("20,846,839.10", "A", "1,156,821.84", "16,000,000.00", "64,000,000.00", "0.80000000"),
    ]
    assert said(done.stdout, beginning="2027-07-15")[-2:] == ["0.00000000", "projected"]
    assert said(done.stdout, beginning="A ")[1] == "0.750684"
    assert "an invented pool, base case" in done.stdout


def test_what_goes_wrong_is_told_beside_the_payment() -> None:
    done = run("project", DEAL, "--scenario", "collapse")
    assert done.returncode == 0
    assert "A short 5,686,340.00" in " ".join(said(done.stdout, beginning="2026-07-15"))
    assert "scenario collapse" in done.stdout


def test_json_says_the_same_to_the_micro_unit() -> None:
    done = run("project", DEAL, "--json", "--revenue", "90")
    found = json.loads(done.stdout)
    assert (done.returncode, found["deal"], found["synthetic"]) == (0, "ev-charging", True)
    assert found["overrides"] == {"revenue": "90"}
    assert [each["projected"] for each in found["payments"]] == [False, False, True, True, True]
    first = found["payments"][0]
    # 1,512,000 kWh x 12 % x CNY 1.18 x (30 x 101 + 31 x 100 + 30 x 99) % x 90 % x HKD 1.07.
    assert first["collections"]["revenue_micro"] == "18762155193600"
    assert first["tranches"][0]["interest_micro"] == "1156821840000"
    assert [each["tranche"] for each in found["tranches"]] == ["A", "S"]
    assert found["tranches"][0]["loss_micro"] == "0"
    assert found["tranches"][1]["loss_micro"] is None


def test_a_grid_prints_every_pair() -> None:
    done = run("project", DEAL, "--grid", "revenue=100,80", "cdr=0,1", "--measure", "loss")
    assert done.returncode == 0
    assert done.stdout.startswith("LOSS of A, per cent of its face")
    rows = [line.replace("│", " ").split() for line in done.stdout.splitlines() if "│" in line]
    assert rows == [["100", "0.0000", "0.0000"], ["80", "2.8864", "2.8864"]]
    lives = run("project", DEAL, "--grid", "revenue=100,80", "cdr=0,1").stdout
    assert "0.750684" in lives


def test_breakeven_names_the_last_percentage_that_is_borne() -> None:
    done = run("project", DEAL, "--breakeven", "revenue", "--tranche", "A")
    assert done.returncode == 0
    assert done.stdout == "A is paid in full down to revenue 82.18 per cent.\n"
    lost = run("project", DEAL, "--scenario", "collapse", "--breakeven", "cdr")
    assert lost.stdout == "A is not paid in full at any cdr.\n"


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--cpr", "x"], "/cpr"),
        (["--cpr", "1", "--psa", "1"], "/"),
        (["--scenario", "boom"], "/scenarios"),
        (["--grid", "cpr", "cdr=0"], "/grid"),
        (["--grid", "rain=1", "cdr=0"], "/grid"),
        (["--grid", "cdr=1", "cdr=0"], "/grid"),
        (["--grid", "cpr=1,x", "cdr=0"], "/cpr"),
        (["--grid", "cpr=1,1", "cdr=0"], "/rows"),
        (["--breakeven", "psa"], "/breakeven"),
        (["--cdr", "101"], "/assumptions/rate"),
    ],
)
def test_a_wrong_option_is_refused_with_its_place(options: list[str], place: str) -> None:
    done = run("project", DEAL, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is refused" in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[1].split()[0] == place
    assert "Traceback" not in done.stderr


def test_a_deal_without_a_pool_file_is_told_which_one_is_missing(tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    alone.write_text(DEAL.read_text("utf-8"), "utf-8")
    done = run("project", alone)
    assert done.returncode == 2
    assert done.stderr.startswith("alone.pool.yaml is refused")
    given = run("project", alone, "--pool", DEALS / "ev-charging.pool.yaml")
    assert given.returncode == 0


def test_a_tranche_that_is_owed_nothing_has_no_breakeven() -> None:
    done = run("project", DEAL, "--breakeven", "revenue", "--tranche", "S")
    assert (done.returncode, done.stdout) == (2, "")
    assert "use one of the notes (A)" in done.stderr
