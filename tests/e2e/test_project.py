"""Projecting a deal from the command line: tables for people, JSON for programs, one clear refusal."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest
import rfc8785

from issuer.documents.deal import DealDocument
from tests.support.commands import ROOT, run
from tests.support.story import document

DEALS = ROOT / "scripts" / "deals"
DEAL = DEALS / "ev-charging.yaml"
LOANS = DEALS / "trade-receivables.yaml"


def said(text: str, *, beginning: str, place: int = 0) -> list[str]:
    """The words of the first line that begins so, or of a later one."""
    found = [line for line in text.splitlines() if line.startswith(beginning)]
    return found[place].split()


def test_projecting_the_example_prints_payments_and_outcomes() -> None:
    done = run("project", DEAL)
    assert (done.returncode, done.stderr) == (0, "")
    # Interest of the first payment: 80,000,000 x 5.80 % x 91 / 365.
    assert said(done.stdout, beginning="2026-07-15")[1:] == [
        *("20,846,839.10", "A", "1,156,821.84", "16,000,000.00", "64,000,000.00", "0.80000000"),
    ]
    assert said(done.stdout, beginning="2027-07-15*")[-1] == "0.00000000"
    assert "* projected: past the published holidays" in done.stdout
    assert "an invented pool, base case" in done.stdout


def test_worth_durations_and_coverage_are_printed_with_how_they_are_counted() -> None:
    done = run("project", DEAL, "--discount-rate", "5.9273")
    header, figures = (said(done.stdout, beginning=word, place=1) for word in ("tranche", "A "))
    assert header[-7:] == ["PV", "at", "5.9273", "%,", "%", "of", "face"]
    assert figures[1:3] == ["0.750684", "5.9273%"]
    # Modified is Macaulay over one yield more, and at its yield at par a note is worth its face.
    macaulay, modified, worth = map(float, figures[3:])
    assert abs(modified - macaulay / 1.059273) < 1e-5
    assert abs(worth - 100) < 1e-3
    # The least: (19,877,804.71 - 50,000 - 1.5 %) / (16,000,000 + 935,627.36 of interest).
    least = (19_877_804.71 * 0.985 - 50_000) / 16_935_627.36
    assert said(done.stdout, beginning="DSCR ")[:5] == [
        *("DSCR", f"{int(least * 1e6) / 1e6:.6f}", "at", "least", "(2026-10-15),"),
    ]
    for name in ("WAL:", "yield:", "duration:", "PV:", "DSCR:", "loss:", "deal:", "pool:"):
        assert said(done.stdout, beginning=name)


@pytest.mark.parametrize("options", [[], ["--scenario", "collapse"]])
def test_no_line_is_wider_than_a_hundred_columns(options: list[str]) -> None:
    lines = run("project", DEAL, *options).stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert all(line == line.rstrip() for line in lines)


def test_what_goes_wrong_is_told_beside_the_payment() -> None:
    done = run("project", DEAL, "--scenario", "collapse")
    assert done.returncode == 0
    assert "  2026-07-15  A short 5,686,340.00" in done.stdout.splitlines()
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


def test_the_same_again_gives_the_same_bytes_and_says_what_it_was_made_of(tmp_path: Path) -> None:
    asked = ("project", DEAL, "--json", "--scenario", "collapse")
    first = run(*asked)
    assert first.stdout == run(*asked).stdout
    found = json.loads(first.stdout)
    assert found["overrides"] == {"scenario": "collapse"}
    assert found["discount_rate"] == "8"
    whole = DealDocument.model_validate(document("ev-charging.yaml"))
    canonical = rfc8785.dumps(whole.model_dump(mode="json"))
    made = found["made_of"]
    assert made["deal_hash"] == "0x" + hashlib.sha256(canonical).hexdigest()
    assert made["simulator"] == version("abs-issuance-simulator")
    assert made["tape_hash"] is None
    other = tmp_path / "other.yaml"
    pool = (DEALS / "ev-charging.pool.yaml").read_text("utf-8")
    other.write_text(pool.replace("1512000", "1512001"), "utf-8")
    changed = json.loads(run(*asked, "--pool", other).stdout)["made_of"]
    assert changed["deal_hash"] == made["deal_hash"]
    assert changed["pool_hash"] != made["pool_hash"]


def test_a_grid_prints_every_pair() -> None:
    done = run(
        "project",
        LOANS,
        "--tranche",
        "B",
        "--grid",
        "cdr=0,82",
        "severity=0,90",
        "--measure",
        "loss",
    )
    assert done.returncode == 0
    assert done.stdout.startswith("LOSS of B, per cent of its face")
    rows = [line.replace("│", " ").split() for line in done.stdout.splitlines() if "│" in line]
    assert [row[0] for row in rows] == ["0", "82"]
    assert rows[0][1:] == ["0.0000", "0.0000"]
    assert float(rows[1][1]) < float(rows[1][2])
    lives = run("project", LOANS, "--grid", "cdr=0,5", "severity=0,90").stdout
    assert {len(each.partition(".")[2]) for each in lives.split() if each[:2] == "0."} == {6}


def test_breakeven_names_the_last_percentage_that_is_borne() -> None:
    done = run("project", DEAL, "--breakeven", "revenue", "--tranche", "A")
    assert done.returncode == 0
    assert done.stdout == "A is paid in full down to revenue 82.18 per cent.\n"
    lost = run("project", DEAL, "--cdr", "1", "--breakeven", "revenue")
    assert (lost.returncode, lost.stdout) == (2, "")
    assert "no asset of this pool defaults: stress `revenue` instead" in lost.stderr
    junior = ("--tranche", "B", "--breakeven", "severity")
    lost = run("project", LOANS, "--cdr", "82", *junior, "--scenario", "collapse")
    assert lost.stdout.startswith("B is paid in full up to severity ")


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--cpr", "x"], "/cpr"),
        (["--cpr", "1", "--psa", "1"], "/"),
        (
            ["--scenario", "boom"],
            "/scenario",
        ),
        (["--grid", "cpr", "cdr=0"], "/grid"),
        (["--grid", "rain=1", "cdr=0"], "/grid"),
        (["--grid", "cdr=1", "cdr=0"], "/grid"),
        (["--grid", "cpr=1,2", "cdr=0"], "/grid"),
        (["--breakeven", "psa"], "/breakeven"),
        (["--breakeven", "cdr"], "/breakeven"),
        (["--cpr", "10"], "/cpr"),
        (["--psa", "150"], "/psa"),
        (["--severity", "10"], "/severity"),
        (["--cdr", "101"], "/cdr"),
        (["--severity", "100.5"], "/severity"),
        (["--cpr", "-5"], "/cpr"),
        (["--scenario", "no such!"], "/scenario"),
        (["--json", "--breakeven", "cdr"], "/json"),
        (["--html", "x.html", "--grid", "cpr=0", "cdr=0"], "/html"),
        (["--html", "no/such/folder/x.html"], "/html"),
        (["--discount-rate", "-1"], "/discount-rate"),
        (["--tranche", "A"], "/tranche"),
        (["--tranche", "A", "--json"], "/tranche"),
        (["--measure", "loss"], "/measure"),
        (["--measure", "loss", "--breakeven", "cdr"], "/measure"),
        (["--discount-rate", "5", "--breakeven", "revenue"], "/discount-rate"),
    ],
)
def test_a_wrong_option_is_refused_with_its_place(options: list[str], place: str) -> None:
    done = run("project", DEAL, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is refused" in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[1].split()[0] == place
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "default"),
    [
        ("project", "DEAL.pool.yaml"),
        ("project", "the first"),
        ("serve", "8545"),
        ("deploy", "DEAL.json"),
    ],
)
def test_help_names_the_defaults(command: str, default: str) -> None:
    shown = " ".join(run(command, "--help").stdout.replace("│", " ").split())
    assert any(default in said.partition("]")[0] for said in shown.split("[default: ")[1:])


@pytest.mark.parametrize(
    ("axes", "place"),
    [
        (("cpr=1,x", "cdr=0"), "/cpr"),
        (("cpr=1,1", "cdr=0"), "/rows"),
        (("revenue=1", "cdr=0"), "/grid"),
    ],
)
def test_a_wrong_axis_of_a_pool_of_loans_is_refused_with_its_place(
    axes: tuple[str, str], place: str
) -> None:
    done = run("project", LOANS, "--grid", *axes)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1].split()[0] == place


def test_a_deal_without_a_pool_file_is_told_which_one_is_missing(tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    alone.write_text(DEAL.read_text("utf-8"), "utf-8")
    done = run("project", alone)
    assert done.returncode == 2
    assert done.stderr.startswith("command line is refused")
    given = run("project", alone, "--pool", DEALS / "ev-charging.pool.yaml")
    assert given.returncode == 0


def test_a_tranche_that_is_owed_nothing_has_no_breakeven() -> None:
    done = run("project", DEAL, "--breakeven", "revenue", "--tranche", "S")
    assert (done.returncode, done.stdout) == (2, "")
    assert "use one of the notes (A)" in done.stderr


def test_prepayment_by_psa_is_per_cent_of_the_benchmark_and_named_so() -> None:
    leases = DEALS / "herald-auto-leases.yaml"
    done = run("project", leases, "--psa", "150")
    assert "an invented pool, 150 PSA," in done.stdout.splitlines()[0]
    # Class A waits less the faster the leases are prepaid, and one and a half PSA hardly differs from none.
    lives = [
        float(said(run("project", leases, *speed).stdout, beginning="A ", place=1)[1])
        for speed in ((), ("--psa", "1.5"), ("--psa", "150"))
    ]
    assert lives[0] > lives[1] > lives[2]
    assert lives[0] - lives[1] < (lives[0] - lives[2]) / 50


def test_a_class_that_is_repaid_is_told_no_further() -> None:
    lines = run("project", DEALS / "lionbridge-truck-leases.yaml").stdout.splitlines()
    repaid = [line for line in lines if "  A1  " in line]
    assert len(repaid) == 1
    assert "0.00000000" in repaid[0]
    assert sum("  A7  " in line for line in lines) == 7


@pytest.mark.parametrize("scenario", [(), ("--scenario", "stress")])
def test_a_page_is_written_where_a_note_gets_next_to_nothing_and_says_where(
    tmp_path: Path, scenario: tuple[str, ...]
) -> None:
    page = tmp_path / "p.html"
    done = run("project", DEALS / "herald-auto-leases.yaml", "--html", page, *scenario)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Written to {page}.\n", "")
    assert "Breakeven cdr of B" in page.read_text("utf-8")
    with_json = run("project", DEAL, "--html", page, "--json")
    assert json.loads(with_json.stdout)["deal"] == "ev-charging"
    assert with_json.stderr == f"Written to {page}.\n"


def test_what_is_left_in_a_reserve_is_told_beside_what_was_paid() -> None:
    lines = run("project", DEAL, "--scenario", "collapse").stdout.splitlines()
    assert "left in reserve               2,000,000.00" in lines
    totals = [line.split()[-1] for line in lines if line.startswith(("all in ", "all out "))]
    assert totals == ["63,908,208.35"] * 2
    assert not any(
        line.startswith("left in reserve") for line in run("project", DEAL).stdout.splitlines()
    )


def test_a_grid_of_one_stress_is_told_how_to_write_one() -> None:
    done = run("project", DEAL, "--grid", "cpr=0,5")
    assert done.returncode == 2
    assert "cdr=0,1,2" in done.stderr
