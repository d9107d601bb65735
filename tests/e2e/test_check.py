"""Checking a file from the command line: everything that is wrong, each with place and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from issuer.examples import example_names
from tests.support.commands import ROOT, run

DEALS = ROOT / "scripts" / "deals"
FILES = {
    "deal": "ev-charging.yaml",
    "filing": "ev-charging.filing.yaml",
    "investors": "ev-charging.investors.yaml",
    "collections": "ev-charging.collections.yaml",
    "pool": "ev-charging.pool.yaml",
}


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "place", "rule"),
    [
        ("deal", "units: 80000", "units: -80000", "/tranches/0/units", "schema."),
        ("filing", "code: M-16", "code: M-17", "/materials/15/code", "schema."),
        ("investors", "residency: SG", "residency: XX", "/investors/1/residency", "schema."),
        ("collections", '"19486250.37"', "1.5e7", "/batches/0/cny", "schema."),
        ("collections", "batches:", "batches: [", "/", "yaml.syntax"),
        ("pool", 'capacity: "1512000"', "capacity: 1.5e6", "/assets/0/capacity", "schema."),
    ],
)
def test_checking_a_bad_file_names_file_place_and_rule(
    tmp_path: Path, kind: str, right: str, wrong: str, place: str, rule: str
) -> None:
    text = (DEALS / FILES[kind]).read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / f"bad-{kind}.yaml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = run("check", kind, file)
    assert (done.returncode, done.stdout) == (2, "")
    first, *complaints = done.stderr.splitlines()
    assert f"{file.name} is refused" in first
    assert any(line.split()[0] == place and f"({rule}" in line for line in complaints), complaints
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", example_names())
def test_checking_any_example_file_says_that_it_is_good(name: str) -> None:
    words = name.removesuffix(".yaml").split(".")
    kind = words[1].partition("-")[0] if len(words) > 1 else "deal"
    done = run("check", kind, DEALS / name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name} is well-formed.\n")
    assert "✗" not in done.stdout


def test_checking_a_deal_tells_what_the_rulebook_says_by_chapter() -> None:
    done = run("check", "deal", DEALS / FILES["deal"])
    assert done.returncode == 0
    first, *chapters = [line for line in done.stdout.splitlines() if line]
    assert first == "ev-charging.yaml is well-formed."
    assert [line.partition("  ")[0] for line in chapters] == [
        "✓ Investors",
        "✓ Settlement and money",
        "✓ What a token may represent",
    ]
    assert "SET-01, SET-02, SET-03" in chapters[1]


def edited(tmp_path: Path, kind: str, right: str, wrong: str) -> Path:
    text = (DEALS / FILES[kind]).read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / f"own-{kind}.yaml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return file


def test_checking_a_deal_that_the_rulebook_forbids_says_why_and_what_cures(tmp_path: Path) -> None:
    done = run("check", "deal", edited(tmp_path, "deal", "licence: FRS01", "licence: FRS99"))
    assert (done.returncode, done.stderr) == (1, "")
    for part in (
        "✗ Settlement and money  passed: SET-01, SET-02, SET-04",
        "SET-03  A fiat stablecoin used in settlement",
        "found   coin: HKDS, licence: FRS99, licences: FRS01, FRS02",
        "figure  licences_live_from = FRS01 2026-04-10, FRS02 2026-07-01 (unverified: ",
        "basis   source: Cap 656",
        "cure    Use a coin issued under one of the licences",
    ):
        assert part in done.stdout


def test_checking_under_one_s_own_regime_flags_what_it_takes(tmp_path: Path) -> None:
    deal = edited(tmp_path, "deal", "licence: FRS01", "licence: null")
    assert run("check", "deal", deal).returncode == 1
    regime = tmp_path / "lenient.yaml"
    regime.write_text("settlement: {value: lenient}")
    assert run("check", "regime", regime).returncode == 0
    done = run("check", "deal", deal, "--regime", regime)
    assert done.returncode == 0
    assert (
        "! SET-05: no licensed issuer stands behind HKDS: professional investors only"
        in done.stdout
    )


def test_checking_collections_that_name_a_person_refuses_without_repeating(tmp_path: Path) -> None:
    done = run(
        "check", "collections", edited(tmp_path, "collections", "2026-q2", "driver-13800138000")
    )
    assert done.returncode == 1
    assert "looks_like: mobile number" in done.stdout
    assert "13800138000" not in done.stdout


@pytest.mark.parametrize("arguments", [("deal", "nowhere.yaml"), ("poem", "nowhere.yaml")])
def test_checking_what_does_not_exist_is_refused(arguments: tuple[str, str]) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert arguments[0] == "deal" or "poem" in done.stderr
    assert "Traceback" not in done.stderr
