"""The page of a projection: every case, nothing fetched, charts that can be read aloud, the same again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.commands import run
from tests.support.story import DEALS

DEAL = DEALS / "ev-charging.yaml"
LOANS = """\
version: 1
deal: ev-charging
synthetic: true
fx_rate: "1"
tape: loans.csv
assumptions: {cpr: "6", cdr: "1", clean_up_call: "30"}
"""
TAPE = "id,balance,rate,remaining,age\n" + "".join(
    f"L{number},1000000,9,16,0\n" for number in range(100)
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "page.html"
    done = run("project", DEAL, "--html", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Written to {file}.\n", "")
    return file.read_text("utf-8")


def words(page: str) -> str:
    """Its text, without what is only for the eye."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def rows(page: str) -> Iterator[list[str]]:
    for row in re.findall(r"<tr>(.*?)</tr>", page):
        yield [unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<td.*?</td>", row)]


def test_every_case_of_the_pool_file_is_there_with_its_figures(page: str) -> None:
    found = list(rows(page))
    senior = ["A", "0.750684", "0.736529", "0.695316", "5.9273 %", "98.5852", "0.00", "0.00"]
    assert ["base", *senior] in found
    # A tenth less is charged, and class A is still paid all of it in time.
    assert ["low-use", *senior] in found
    (collapse,) = (row for row in found if row[:2] == ["collapse", "A"])
    assert collapse[-2:] == ["23,499,821.12", "0.00"]
    assert ["First case with a loss of A", "collapse"] in found
    assert ["Breakeven revenue of A", "paid in full down to 82.18 %"] in found
    assert ["DSCR, base", "1.153168 at least, 1.230756 on average"] in found


def test_lines_of_a_payment_stay_on_one_sheet_and_charts_know_tranches_by_their_ids(
    page: str,
) -> None:
    groups = re.findall(r'<tbody class="group">(.*?)</tbody>', page)
    # Five payments in each of three cases, every one with its date and both tranches.
    assert len(groups) == 5 * 3
    for group in groups:
        senior, junior = rows(group)
        assert senior[0].startswith("20")
        assert (senior[2], junior[0], junior[2]) == ("A", "", "S")
    assert "tbody.group { break-inside: avoid; }" in page
    assert page.count("</svg>A, ") == 2 * 3


def test_an_amount_that_a_test_compares_is_in_coin(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert run("project", DEALS / "trade-receivables.yaml", "--html", file).returncode == 0
    failed = [row for row in rows(file.read_text("utf-8")) if row[1:2] == ["revolving"]]
    # All of class A, 200 million.
    assert failed[0][2:4] == ["200000000.000000", "at most 0.000000"]


def test_nothing_is_fetched_or_run(page: str) -> None:
    assert not re.search(r"<(script|link|img|iframe)|\b(src|href)=|@import|url\((?!#)", page)


def test_every_chart_has_a_title_and_says_what_it_shows(page: str) -> None:
    charts = re.findall(r'<svg viewBox.*?role="img">.*?</svg>', page, re.DOTALL)
    # Three that compare the cases, and three of each: cash, balances, factors.
    assert len(charts) == 3 + 3 * 3
    for chart in charts:
        found = ElementTree.fromstring(chart)  # noqa: S314 - the page that was just written
        assert [each.tag for each in found][:2] == ["title", "desc"]
        assert found[0].text
        assert re.search(r": [0-9.]+.* at .+, [0-9.]+.* at ", found[1].text or "")


def test_the_page_names_what_it_was_made_of_and_is_the_same_again(
    page: str, tmp_path: Path
) -> None:
    made = json.loads(run("project", DEAL, "--json").stdout)["made_of"]
    said = words(page)
    for each in ("deal_hash", "pool_hash", "simulator"):
        assert made[each] in said
    again = tmp_path / "again.html"
    run("project", DEAL, "--html", again)
    assert again.read_text("utf-8") == page


def test_a_pool_of_loans_breaks_even_in_defaults_and_names_its_tape(tmp_path: Path) -> None:
    pool, file = tmp_path / "loans.yaml", tmp_path / "page.html"
    pool.write_text(LOANS, "utf-8")
    (tmp_path / "loans.csv").write_text(TAPE, "utf-8")
    done = run("project", DEAL, "--pool", pool, "--html", file, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    page = file.read_text("utf-8")
    assert found["made_of"]["tape_hash"] in words(page)
    (borne,) = (row for row in rows(page) if row[:1] == ["Breakeven cdr of A"])
    assert borne[1].startswith("paid in full up to ")
    (bought,) = (row for row in rows(page) if row[:1] == ["Pool bought back, base"])
    assert bought[1] == f"with payment {found['called']}"
    # One case: nothing to compare, so only its own charts.
    assert page.count('role="img"') == 3
