"""Checking a file from the command line: everything that is wrong, each with place and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import ROOT, run

DEALS = ROOT / "scripts" / "deals"
FILES = {
    "deal": "ev-charging.yaml",
    "filing": "ev-charging.filing.yaml",
    "investors": "ev-charging.investors.yaml",
    "collections": "ev-charging.collections.yaml",
}


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "place", "rule"),
    [
        ("deal", "units: 80000", "units: -80000", "/tranches/0/units", "schema."),
        ("filing", "code: M-16", "code: M-17", "/materials/15/code", "schema."),
        ("investors", "residency: SG", "residency: XX", "/investors/1/residency", "schema."),
        ("collections", '"19486250.37"', "1.5e7", "/batches/0/cny", "schema."),
        ("collections", "batches:", "batches: [", "/", "yaml.syntax"),
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


def test_checking_a_good_file_says_so() -> None:
    done = run("check", "deal", DEALS / FILES["deal"])
    assert (done.returncode, done.stdout) == (0, "ev-charging.yaml is well-formed.\n")


@pytest.mark.parametrize("arguments", [("deal", "nowhere.yaml"), ("poem", "nowhere.yaml")])
def test_checking_what_does_not_exist_is_refused(arguments: tuple[str, str]) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert arguments[0] == "deal" or "poem" in done.stderr
    assert "Traceback" not in done.stderr
