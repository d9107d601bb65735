"""A slip of the pen is answered with what was written, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.deal import parse_deal
from issuer.documents.loan_tape import parse_loan_tape
from issuer.documents.pool import load_pool, parse_pool
from issuer.documents.text import read_file
from issuer.domain.errors import Complaint, InvalidInput

DEALS = Path(__file__).parents[2] / "scripts/deals"
DEAL = read_file(DEALS / "ev-charging.yaml")
POOL = read_file(DEALS / "ev-charging.pool.yaml")


def complaints(read: Callable[[], object]) -> tuple[Complaint, ...]:
    with pytest.raises(InvalidInput) as refused:
        read()
    return refused.value.complaints


def with_step(number: int, step: Mapping[str, Any]) -> dict[str, Any]:
    steps = [*DEAL["waterfall"]]
    steps[number] = step
    return {**DEAL, "waterfall": steps}


def test_a_version_as_text_is_told_to_lose_its_quotes() -> None:
    for document in (DEAL, POOL):
        assert document["version"] == 1
    (found,) = complaints(lambda: parse_deal({**DEAL, "version": "1"}, "deal"))
    assert (found.path, found.message) == ("/version", "must be 1, without quotes: correct it")


def test_a_misspelt_step_is_named() -> None:
    found = complaints(lambda: parse_deal(with_step(4, {"pay_principle": "A"}), "deal"))[0]
    assert found.path == "/waterfall/4"
    assert "'pay_principle'" in found.message
    assert "pay_principal" in found.message


def test_an_unknown_kind_of_asset_is_named_with_those_there_are() -> None:
    asset = {**POOL["assets"][0], "kind": "foo"}
    (found,) = complaints(lambda: parse_pool({**POOL, "assets": [asset]}, "pool"))
    assert found.path == "/assets/0"
    assert "'foo'" in found.message
    assert "capacity" in found.message


def test_a_tranche_misnamed_in_a_step_is_complained_of_once() -> None:
    (found,) = complaints(lambda: parse_deal(with_step(2, {"pay_interest": "Q"}), "deal"))
    assert (found.path, found.rule) == ("/waterfall/2/pay_interest", "deal.unknown.tranche")
    steps = [each for each in DEAL["waterfall"] if each != {"pay_interest": "A"}]
    (found,) = complaints(lambda: parse_deal({**DEAL, "waterfall": steps}, "deal"))
    assert "`pay_interest`" in found.message  # a step forgotten is still told


@pytest.mark.parametrize(
    ("tape", "rule", "said"),
    [
        ("", "tape.empty", "the file is empty"),
        (" \n\n", "tape.empty", "id,balance,rate,remaining"),
        ("id;balance;rate;remaining\nL;1;5;12\n", "tape.separator", "commas"),
        ("id\tbalance\nL\t1\n", "tape.separator", "commas"),
        ("id;borrower_name\nL;x\n", "TOK-08", "person"),
    ],
)
def test_a_tape_that_is_none_says_why(tape: str, rule: str, said: str) -> None:
    found = complaints(lambda: parse_loan_tape(tape))[0]
    assert found.rule == rule
    assert said in found.message


def test_a_tape_that_is_not_there_is_named_by_the_pool_file(tmp_path: Path) -> None:
    file = tmp_path / "own.pool.yaml"
    file.write_text(
        'version: 1\ndeal: d\nsynthetic: true\nfx_rate: "1"\ntape: gone.csv\nassumptions: {}\n',
        "utf-8",
    )
    (found,) = complaints(lambda: load_pool(file))
    assert found.path == "/tape"
    assert "'gone.csv'" in found.message
    (tmp_path / "gone.csv").write_text("id,balance,rate,remaining\nL,1,5,12\n", "utf-8")
    assert len(load_pool(file).assets) == 1
