"""Comparing a deal's two forms from the command line: a table, JSON, a page, one clear refusal."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.story import DEALS

DEAL = DEALS / "ev-charging.yaml"
MINE = """\
version: 1
currency: HKD
traditional:
  settlement_business_days: {value: 3}
"""


def row(text: str, name: str) -> list[str]:
    """The figures of a row of the table."""
    (found,) = (line for line in text.splitlines() if line.startswith(name))
    return found.removeprefix(name).split()


def test_comparing_the_example_prints_both_forms() -> None:
    done = run("compare", DEAL)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 100
    # Shipped: 3 per cent of 80 million; 8,000 a payment, and 200 for each of 20 holders.
    assert row(done.stdout, "issue: arranging, HKD") == ["2,400,000.00", "2,400,000.00"]
    assert row(done.stdout, "ongoing: paying agent, HKD") == ["40,000.00", "-"]
    assert row(done.stdout, "ongoing: bank charges, HKD") == ["20,000.00", "-"]
    assert row(done.stdout, "all costs, HKD") == ["4,960,600.00", "4,920,464.00"]
    assert row(done.stdout, "trade to notes, longest") == ["4.00", "days", "12", "s"]
    assert row(done.stdout, "least transfer, HKD") == ["1,070,000.00", "1,000.00"]
    assert row(done.stdout, "most holders") == ["74", "200"]


def test_json_carries_every_assumption_and_is_the_same_again(tmp_path: Path) -> None:
    first = run("compare", DEAL, "--json")
    assert first.stdout == run("compare", DEAL, "--json").stdout
    found = json.loads(first.stdout)
    assert found["cash_micro"] == "83483177760000"
    assert found["tokens"]["cost_micro"] == "4920464000000"
    assert set(found["assumptions"]) == {"traditional", "tokens", "market"}
    assert found["assumptions"]["tokens"]["set_up"]["basis"] == "source"
    assert all(
        each["source"] for figures in found["assumptions"].values() for each in figures.values()
    )
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE, "utf-8")
    changed = json.loads(run("compare", DEAL, "--json", "--assumptions", mine).stdout)
    days = changed["assumptions"]["traditional"]["settlement_business_days"]
    assert days == {"value": "3", "basis": "design", "source": "set in mine.yaml"}
    waiting = [each["traditional"]["waiting_micro"]["trades"] for each in (found, changed)]
    assert int(waiting[0]) < int(waiting[1])
    assert changed["tokens"] == found["tokens"]


class Reader(HTMLParser):
    """What a page fetches or runs, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        assert tag not in {"script", "link", "img", "iframe"}
        assert not any(name in {"src", "href"} or name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_page_stands_alone_and_says_what_it_was_made_of(tmp_path: Path) -> None:
    page, again = tmp_path / "page.html", tmp_path / "again.html"
    assert run("compare", DEAL, "--html", page).returncode == 0
    run("compare", DEAL, "--html", again)
    assert page.read_bytes() == again.read_bytes()
    reader = Reader()
    reader.feed(page.read_text("utf-8"))
    said = " ".join(reader.said)
    made = json.loads(run("compare", DEAL, "--json").stdout)["made_of"]
    for wanted in (made["deal_hash"], made["pool_hash"], "comparison.yaml", "base case"):
        assert wanted in said
    assert "Yicai on real-world-asset issues in Hong Kong" in said
    assert reader.elements.count("figure") == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scenario", "boom"], "use one of (low-use, collapse)"),
        (["--assumptions", "none.yaml"], "cannot be read"),
        (["--html", "no/such/folder/page.html"], "cannot be written"),
        (["--pool", "none.yaml"], "cannot be read"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(options: list[str], said: str) -> None:
    done = run("compare", DEAL, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_what_is_wrong_with_a_file_of_assumptions(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE, "utf-8")
    assert run("check", "comparison", mine).returncode == 0
    mine.write_text(MINE.replace("value: 3", "value: 99"), "utf-8")
    done = run("check", "comparison", mine)
    assert done.returncode == 2
    assert "/traditional/settlement_business_days/value" in done.stderr
