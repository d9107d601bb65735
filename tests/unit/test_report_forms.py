"""The investor report as JSON, CSV and a page: the same amounts in each, and nothing that acts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from issuer.domain.money import format_micro
from issuer.domain.report.model import Report
from issuer.domain.rulebook.filing_rules import DISCLAIMER
from issuer.reporting.page import as_html
from issuer.reporting.paper import Paper
from issuer.reporting.plain import as_plain
from issuer.reporting.tables import Table, as_csv
from tests.support.reported import QUARTERS, paper

HOSTILE = """<script>alert("1")</script>' onload='x'&amp;"""


class Page(HTMLParser):
    """Checks that what is opened is closed, in order, and keeps what it reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def rows(table: Table, of: Paper | None = None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(of or paper(), table))))


def amounts(found: Any) -> Iterator[tuple[str, Any]]:
    """Every amount of money in plain values, wherever it is."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name.endswith("_micro"):
                yield name, value
            else:
                yield from amounts(value)
    elif isinstance(found, list):
        for each in found:
            yield from amounts(each)


# ---- JSON


def test_json_has_every_amount_as_text_of_whole_micro_units() -> None:
    found = list(amounts(json.loads(json.dumps(as_plain(paper())))))
    assert len(found) > 1_000
    for name, value in found:
        assert value is None or re.fullmatch(r"-?\d+", value), name


def test_json_keys_are_those_that_clients_go_by() -> None:
    plain = as_plain(paper(4))
    assert set(plain) == {"version", "heading", "periods"}
    (period,) = plain["periods"]
    assert set(period) == {
        *(
            "number",
            "dates",
            "waterfall",
            "fixings",
            "collections",
            "support_micro",
            "available_micro",
        ),
        *("paid_micro", "lines", "tranches", "fees", "reserves", "sponsors", "pool", "tests"),
        "identities",
    }
    assert (period["number"], period["waterfall"]) == (4, "rapid")
    assert period["dates"]["payment"] == "2027-04-15"
    assert (period["dates"]["days"], period["dates"]["year_fraction"]) == (90, "18/73")
    assert period["tests"][0]["threshold"] == "3/50"
    assert period["tests"][0]["passed"] is False
    cash = period["collections"]
    kinds = ("interest_micro", "principal_micro", "recoveries_micro", "revenue_micro")
    assert int(cash["cash_micro"]) == sum(int(cash[kind]) for kind in kinds)


def test_json_of_identities_adds_up() -> None:
    for period in as_plain(paper())["periods"]:
        for each in period["identities"]:
            for side in ("left", "right"):
                total = sum(int(term["amount_micro"]) for term in each[side])
                assert total == int(each["sum_micro"])


# ---- CSV


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (Table.LINES, "lines"),
        (Table.TRANCHES, "tranches"),
        (Table.FEES, "fees"),
        (Table.RESERVES, "reserves"),
        (Table.SPONSORS, "sponsors"),
        (Table.TESTS, "tests"),
    ],
)
def test_csv_parses_back_to_what_json_says(table: Table, name: str) -> None:
    expected = [
        {
            "period": str(period["number"]),
            **{key: "" if value is None else str(value) for key, value in row.items()},
        }
        for period in as_plain(paper())["periods"]
        for row in period[name]
    ]
    assert expected
    assert rows(table) == expected


def test_csv_of_periods_and_pool_has_one_row_for_each() -> None:
    for row, period in zip(rows(Table.PERIODS), paper().report.periods, strict=True):
        assert int(row["available_micro"]) == period.available_micro
        assert int(row["recoveries_micro"]) == period.collections.recoveries_micro
        assert row["payment"] == period.dates.payment.isoformat()
    for row, period in zip(rows(Table.POOL), paper().report.periods, strict=True):
        assert period.pool is not None
        assert int(row["closing_micro"]) == period.pool.closing_micro


def test_csv_of_identities_adds_up_side_by_side() -> None:
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows(Table.IDENTITIES):
        key = (row["period"], row["name"], row["subject"])
        sums[key] += int(row["amount_micro"]) * (1 if row["side"] == "left" else -1)
    assert len(sums) == sum(len(each.identities) for each in paper().report.periods)
    assert set(sums.values()) == {0}


def test_csv_without_rows_has_its_columns() -> None:
    without = replace(paper().report.periods[0], tests=())
    text = as_csv(replace(paper(), report=Report((without,))), Table.TESTS)
    assert text.startswith("period,id,numerator_micro,")
    assert len(text.splitlines()) == 1


def test_csv_of_a_name_that_a_spreadsheet_would_carry_out_is_kept_a_text() -> None:
    first = paper().report.periods[0]
    formula = replace(first.tranches[0], name="=cmd()", written_down_micro=-5)
    changed = replace(paper(), report=Report((replace(first, tranches=(formula,)),)))
    (row,) = rows(Table.TRANCHES, changed)
    assert row["name"] == "'=cmd()"
    assert row["written_down_micro"] == "-5"


# ---- the page


def test_page_is_well_formed_and_needs_nothing_from_anywhere() -> None:
    html = as_html(paper())
    page = Page(html)
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == page.tags["iframe"] == 0
    named = {name for name, _ in page.attributes}
    assert not {"src", "href", "srcset", "style"} & named
    assert not any(name.startswith("on") for name in named)
    assert "http" not in html
    assert "@import" not in html
    assert set(re.findall(r"url\((.*?)\)", html)) <= {f"#fill{n}" for n in range(8)}
    assert "@page { size: A4" in html


def test_page_says_whose_it_is_and_that_it_is_invented() -> None:
    page = Page(as_html(paper(3)))
    assert "Example Auto Loan Notes 2026-1: investor report, period 3" in page.text
    assert f"{DISCLAIMER}." in page.text
    assert "Synthetic. This deal is invented" in page.text
    assert "Projected dates." not in page.text
    assert "Projected dates." in Page(as_html(paper(QUARTERS))).text
    assert "Synthetic." not in Page(as_html(paper(synthetic=False))).text


def test_page_has_every_amount_of_the_period_exactly() -> None:
    page = Page(as_html(paper(5)))
    assert page.tags["section"] == 3
    (period,) = paper(5).shown
    for line in period.lines:
        assert format_micro(line.due_micro) in page.text
    for each in period.tranches:
        assert format_micro(each.closing_micro) in page.text
        assert each.factor in page.text
    assert "The waterfall “rapid” was followed" in page.text
    assert "FAILED" in page.text


def test_page_has_a_chart_of_cash_balances_factors_and_each_test() -> None:
    page = Page(as_html(paper()))
    captions = [
        "Where the money went (HKDS)",
        "Outstanding (HKDS)",
        "Factors since the issue",
        "Test cumulative-default (× failed)",
        "Test over-collateral (× failed)",
    ]
    assert page.tags["figure"] == len(captions)
    for caption in captions:
        assert page.text.count(caption) == 2  # above the picture, and in it for those who hear it
    dates = [each.dates.payment for each in paper().report.periods]
    paid = paper().report.periods[0].tranches[0].principal_paid_micro
    assert f"Principal, {dates[0]}: {format_micro(paid)} HKDS" in page.text


def test_page_of_a_period_does_not_change_when_later_ones_are_added() -> None:
    early = replace(paper(3), report=Report(paper().report.periods[:3]))
    assert as_html(early) == as_html(paper(3))


def test_page_shows_hostile_names_as_text() -> None:
    first, *others = paper().report.periods
    changed = replace(
        first,
        tranches=tuple(replace(each, name=HOSTILE, id=HOSTILE) for each in first.tranches),
        lines=tuple(replace(each, payee=HOSTILE, subject=HOSTILE) for each in first.lines),
        tests=tuple(replace(each, id=HOSTILE) for each in first.tests),
        waterfall=HOSTILE,
    )
    hostile = paper(deal=HOSTILE, name=HOSTILE, issuer=HOSTILE, coin=HOSTILE, based_on=HOSTILE)
    page = Page(as_html(replace(hostile, report=Report((changed, *others)))))
    plain = Page(as_html(paper()))
    assert page.tags["script"] == 0
    assert page.text.count(HOSTILE) > 20
    assert {name for name, _ in page.attributes} == {name for name, _ in plain.attributes}
