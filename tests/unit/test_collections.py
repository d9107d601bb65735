"""Revenue batches: converted exactly, or held."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.collections import (
    CollectionBatch,
    CollectionsHeldError,
    FxConversion,
    available_funds,
    convert,
    held_reason,
)
from issuer.domain.errors import InvalidInput

FX = FxConversion(Fraction("1.073512"), "FX-1", date(2026, 7, 6), "OUT-1")
BATCH = CollectionBatch("q2", 1, 1_948_625_037, FX, date(2026, 7, 6))


def test_convert_floors_and_shows_the_fraction() -> None:
    conversion = convert(BATCH)
    assert conversion.coin_micro == 20_918_723_607_199
    assert conversion.dropped == Fraction(44, 100)


def test_convert_without_a_fraction_drops_nothing() -> None:
    assert convert(replace(BATCH, fx=replace(FX, rate=Fraction(1)))).dropped == 0
    assert convert(replace(BATCH, cny_fen=0)).coin_micro == 0


@pytest.mark.parametrize(
    "fx",
    [
        None,
        replace(FX, reference=None),
        replace(FX, reference="  "),
        replace(FX, outward_reference=None),
        replace(FX, outward_reference=""),
    ],
)
def test_batch_without_references_is_held(fx: FxConversion | None) -> None:
    batch = replace(BATCH, fx=fx)
    assert "add" in (held_reason(batch) or "")
    with pytest.raises(CollectionsHeldError) as refusal:
        convert(batch)
    assert refusal.value.error_code == "collections.held"
    assert refusal.value.facts["rule"] == "SET-09"


@pytest.mark.parametrize(
    "batch",
    [
        replace(BATCH, cny_fen=-1),
        replace(BATCH, cny_fen=2**63),
        replace(BATCH, fx=replace(FX, rate=Fraction(0))),
        replace(BATCH, fx=replace(FX, rate=Fraction(-1))),
    ],
)
def test_batch_out_of_range_refused(batch: CollectionBatch) -> None:
    with pytest.raises(InvalidInput) as refusal:
        convert(batch)
    assert refusal.value.complaints[0].rule == "collections.range"


def test_available_funds_are_the_converted_batches_of_the_period() -> None:
    held = replace(BATCH, id="held", fx=None)
    later = replace(BATCH, id="later", period=2)
    funds = available_funds([BATCH, held, later, replace(BATCH, id="more", cny_fen=100)], 1)
    assert funds.coin_micro == 20_918_723_607_199 + 1_073_512
    assert [batch.id for batch, _ in funds.converted] == ["q2", "more"]
    assert funds.held == (held,)
    assert available_funds([], 1).coin_micro == 0
