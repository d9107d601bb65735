"""docs/files.md shows files that load; docs/file-keys.md lists the keys that the models have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer.documents.collections import load_collections
from issuer.documents.comparison import load_assumptions
from issuer.documents.deal import load_deal
from issuer.documents.loan_tape import load_loan_tape
from issuer.documents.pool import load_pool
from issuer.documents.pool_assets import KINDS
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.errors import InvalidInput
from issuer.services.projections import project_once
from scripts import file_keys

TEXT = (Path(__file__).parents[2] / "docs/files.md").read_text("utf-8")
SHOWN = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
LOADS: dict[str, Callable[[Path], object]] = {
    "small.yaml": load_deal,
    "small.pool.yaml": load_pool,
    "tape.pool.yaml": load_pool,
    "loans.csv": load_loan_tape,
    "small.collections.yaml": load_collections,
    "small.comparison.yaml": load_assumptions,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SHOWN.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_every_block_is_a_file_that_is_tried() -> None:
    assert TEXT.count("```") == 2 * len(SHOWN)
    assert set(SHOWN) == set(LOADS)


@pytest.mark.parametrize("name", LOADS)
def test_a_file_that_is_shown_loads_and_spoilt_is_refused(folder: Path, name: str) -> None:
    file = folder / name
    assert LOADS[name](file)
    file.write_text(SHOWN[name].replace("version:", "versoin:").replace("id,", "di,"), "utf-8")
    with pytest.raises(InvalidInput):
        LOADS[name](file)


def test_the_deal_shown_is_projected_from_both_pools(folder: Path) -> None:
    deal = load_deal(folder / "small.yaml")
    for name in ("small.pool.yaml", "tape.pool.yaml"):
        pool = load_pool(folder / name)
        assert len(project_once(deal, pool, OverridesDocument()).projection.distributions) == 4
    assert pool.tape_hash


def test_every_kind_of_asset_is_shown(folder: Path) -> None:
    assert {each.kind for each in load_pool(folder / "small.pool.yaml").assets} == set(KINDS)


def test_a_decimal_without_quotes_is_the_text_that_was_written(folder: Path) -> None:
    quoted = folder / "quoted.yaml"
    quoted.write_text(SHOWN["small.yaml"].replace("rate: 5.80", 'rate: "5.80"'), "utf-8")
    assert load_deal(quoted) == load_deal(folder / "small.yaml")
    quoted.write_text(SHOWN["small.yaml"].replace("rate: 5.80", "rate: 5"), "utf-8")
    with pytest.raises(InvalidInput, match="in quotes"):
        load_deal(quoted)


def test_the_keys_are_those_of_the_models() -> None:
    written = file_keys.FILE.read_text("utf-8")
    assert written == file_keys.document(), "run `python -m scripts.file_keys`"
