"""docs/gas.md says what is checked in, and what is aimed at is something that is measured."""

import pytest

from scripts.gas import tables
from scripts.gas.cost import Cost
from scripts.gas.page import DOCUMENT, document
from scripts.gas.recorded import RECORDED
from scripts.gas.snapshot import COMMAND, read, read_code_bytes
from scripts.gas.targets import TARGETS, Target, value_of


def test_page_is_what_the_checked_in_costs_give():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), f"run `{COMMAND}`"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.entry)
def test_page_shows_each_target_and_whether_it_is_met(target):
    value = value_of(target, tables.ours(read()), read_code_bytes())
    verdict = "yes" if value <= target.at_most else f"no, by {value - target.at_most:,.0f}"
    row = f"| {target.entry} | {target.at_most:,} {target.unit} | {value:,.0f} | {verdict} |"
    assert row in document()
    if not target.met(value):
        assert target.buys, "say in scripts/gas/targets.py what the last gas buys"
        assert target.buys in document()


@pytest.mark.parametrize(("value", "met"), [(100, True), (100.01, False)])
def test_target_is_met_up_to_its_figure(value, met):
    assert Target("move", 100).met(value) is met


@pytest.mark.parametrize("peer", RECORDED, ids=lambda peer: peer.name)
def test_recorded_figures_stand_beside_something_measured(peer):
    assert {*peer.gas} <= {*tables.ours(read()), "deploy"}
    assert {*peer.remarks} <= {*peer.gas}
    shown = document()
    for entry, gas in peer.gas.items():
        assert f"| {gas:,} (" in shown, entry


def test_table_compares_what_both_have_and_nothing_else():
    others = {"A": {"move": Cost(20_000)}, "B": {}}
    table = tables.beside(("move",), {"move": Cost(1_000_000, 100)}, others, ())
    assert table.rows == (("move", "10,000", "20,000 (0.50)", "–"),)
