"""Explaining rules from the command line."""

from __future__ import annotations

from issuer.domain.rulebook.catalogue import ALL_RULES, CHAPTERS, chapter_of
from issuer.domain.rulebook.routes import ROUTES
from tests.support.commands import run


def test_explaining_a_rule_tells_all_that_is_known_of_it() -> None:
    done = run("explain", "neg-3")
    assert done.returncode == 0
    for part in (
        "NEG-03  In the last three years",
        "刑事犯罪",
        "basis   text, the regime's own text",
        "source  Announcement [2026] No. 1",
        "figure  conviction_years = 3 (text: ",
        "checked when a filing is accepted",
        "cure    Wait until the years that count have passed",
    ):
        assert part in done.stdout


def test_explaining_a_route_names_what_blocks_it() -> None:
    assert "blocked by INV-01: " in run("explain", "CIR-01").stdout
    assert "detection only" in run("explain", "CIR-22").stdout


def test_explaining_nothing_in_particular_lists_the_table_by_chapter() -> None:
    done = run("explain")
    assert done.returncode == 0
    assert all(each.id in done.stdout for each in (*ALL_RULES, *ROUTES))
    chapters = {chapter_of(each.id) for each in (*ALL_RULES, *ROUTES)}
    assert all(CHAPTERS[each] in done.stdout for each in chapters)


def test_explaining_an_unknown_rule_names_the_nearest() -> None:
    done = run("explain", "FILL-17")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "rule.not_found there is no rule 'FILL-17': the nearest is FIL-17\n"


def test_explaining_what_is_no_id_at_all_names_the_chapters() -> None:
    done = run("explain", "XYZ")
    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.split())
    assert told.endswith(f"the chapters are {', '.join(CHAPTERS)}")
