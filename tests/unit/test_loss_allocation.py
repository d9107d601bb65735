"""Losses and recoveries over tranches: published figures, both roundings, and the way back."""

from dataclasses import replace
from typing import Any

import pytest

from issuer.domain.analytics import loss_allocation
from issuer.domain.analytics.loss_allocation import (
    Bearer,
    Line,
    Rounding,
    WrittenDown,
    allocate_loss,
    write_up,
)
from issuer.domain.errors import IssuanceBug
from tests.support.refused import refused

UP, DOWN = Rounding.UP, Rounding.DOWN
#: USD million, senior first: a worked question of drjackthetutor.com (2783405).
TRANCHES = [
    Bearer("senior", 50),
    Bearer("sub_high", 100),
    Bearer("sub_mid", 150),
    Bearer("sub_low", 200),
]
NOTES = [Bearer("A", 90, units=9), Bearer("B", 30, units=10)]


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize(
    ("loss", "published"),
    [(100, (0, 0, 0, 100)), (250, (0, 0, 50, 200)), (400, (0, 50, 150, 200))],
)
def test_allocate_loss_junior_first_as_published(
    loss: int, published: tuple[int, ...], rounding: Rounding
) -> None:
    found = allocate_loss(loss, TRANCHES, rounding)
    assert tuple(line.amount for line in found.lines) == published
    assert (found.remainder, found.uncovered) == (0, 0)


@pytest.mark.parametrize("rounding", Rounding)
def test_allocate_loss_beyond_all_tranches_is_uncovered(rounding: Rounding) -> None:
    found = allocate_loss(503, TRANCHES, rounding)
    assert [line.amount for line in found.lines] == [50, 100, 150, 200]
    assert (found.remainder, found.uncovered) == (0, 3)
    assert allocate_loss(5, [], rounding).uncovered == 5


def test_allocate_loss_up_covers_it_and_carries_the_rest() -> None:
    found = allocate_loss(13, NOTES, UP)
    assert found.lines == (Line("A", 0, 0, 0, 0), Line("B", 2, 20, 13, 7))
    assert (found.remainder, found.uncovered) == (0, 0)


def test_allocate_loss_takes_the_carry_first() -> None:
    after = [NOTES[0], Bearer("B", 10, units=10, carry=7)]
    assert allocate_loss(7, after, UP).lines[1] == Line("B", 0, 0, 7, 0)
    found = allocate_loss(20, after, UP)
    assert found.lines == (Line("A", 1, 9, 3, 6), Line("B", 1, 10, 17, 0))


def test_allocate_loss_down_leaves_the_rest_for_the_next() -> None:
    found = allocate_loss(13, NOTES, DOWN)
    assert found.lines == (Line("A", 0, 0, 0, 0), Line("B", 1, 10, 10, 0))
    assert (found.remainder, found.uncovered) == (3, 0)


def test_allocate_loss_down_leaves_nothing_to_a_senior_while_a_junior_stands() -> None:
    found = allocate_loss(29, NOTES, DOWN)
    assert [line.amount for line in found.lines] == [0, 20]
    assert found.remainder == 9
    exhausted = allocate_loss(39, NOTES, DOWN)
    assert [line.amount for line in exhausted.lines] == [9, 30]
    assert exhausted.remainder == 0


def test_write_up_restores_the_senior_first() -> None:
    written = [WrittenDown("senior", 0), WrittenDown("high", 50), WrittenDown("mid", 150)]
    found = write_up(80, written, DOWN)
    assert [line.amount for line in found.lines] == [0, 50, 30]
    assert (found.remainder, found.excess) == (0, 0)


@pytest.mark.parametrize("rounding", Rounding)
def test_write_up_never_exceeds_what_was_written_down(rounding: Rounding) -> None:
    found = write_up(1_000, [WrittenDown("A", 9, 9), WrittenDown("B", 30, 10)], rounding)
    assert [line.amount for line in found.lines] == [9, 30]
    assert (found.remainder, found.excess) == (0, 961)


def test_write_up_after_rounding_up_counts_the_carry() -> None:
    # 13 were lost and 20 written down. 3 recovered make a net loss of 10: one per unit.
    found = write_up(3, [WrittenDown("B", 20, 10, carry=7)], UP)
    assert found.lines == (Line("B", 1, 10, 3, 0),)
    whole = write_up(14, [WrittenDown("B", 20, 10, carry=7)], UP)
    assert whole.lines == (Line("B", 2, 20, 13, 0),)
    assert whole.excess == 1


def test_write_up_after_rounding_down_leaves_the_rest_for_the_next() -> None:
    found = write_up(13, [WrittenDown("A", 18, 9), WrittenDown("B", 30, 10)], DOWN)
    assert found.lines == (Line("A", 1, 9, 9, 0), Line("B", 0, 0, 0, 0))
    assert (found.remainder, found.excess) == (4, 0)


def test_allocate_malformed_loss_refused() -> None:
    with refused("/loss", "analytics.amount.negative"):
        allocate_loss(-1, NOTES, UP)
    for bearer, path, rule in (
        (Bearer("B", -1), "/bearers/0", "amount.negative"),
        (Bearer("B", 1, units=0), "/bearers/0/units", "units.none"),
        (Bearer("B", 11, units=10), "/bearers/0", "amount.units"),
        (Bearer("B", 10, units=10, carry=10), "/bearers/0/carry", "carry.range"),
        (Bearer("B", 10, units=10, carry=-1), "/bearers/0/carry", "carry.range"),
    ):
        with refused(path, f"analytics.{rule}"):
            allocate_loss(1, [bearer], UP)
    with refused("/bearers/0/carry", "analytics.carry.range"):
        allocate_loss(1, [Bearer("B", 10, units=10, carry=1)], DOWN)
    with refused("/bearers/1/id", "analytics.id.repeated"):
        allocate_loss(1, [Bearer("B", 1), Bearer("B", 2)], UP)


def test_write_up_malformed_recovery_refused() -> None:
    with refused("/recovery", "analytics.amount.negative"):
        write_up(-1, [], UP)
    with refused("/written/0/carry", "analytics.carry.range"):
        write_up(1, [WrittenDown("B", 0, 10, carry=5)], UP)
    with refused("/written/1/id", "analytics.id.repeated"):
        write_up(1, [WrittenDown("B", 1), WrittenDown("B", 2)], UP)


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (1, {"share": 12}),
        (1, {"carry": 8}),
        (1, {"per_unit": 3}),
        (1, {"amount": 30, "per_unit": 3, "carry": 17}),
        (1, {"amount": 40, "per_unit": 4, "share": 33}),
        (0, {"amount": 9, "per_unit": 1, "share": 9}),
    ],
)
def test_check_allocation_that_does_not_add_up_is_a_bug(index: int, change: dict[str, Any]) -> None:
    found = allocate_loss(13, NOTES, UP)
    loss_allocation._check_loss(13, NOTES, found)
    lines = list(found.lines)
    lines[index] = replace(lines[index], **change)
    wrong = replace(found, lines=tuple(lines))
    with pytest.raises(IssuanceBug, match="allocated as"):
        loss_allocation._check_loss(sum(line.share for line in lines), NOTES, wrong)


def test_check_senior_that_bears_before_the_juniors_carry_is_taken_is_a_bug() -> None:
    before = [NOTES[0], Bearer("B", 10, units=10, carry=7)]
    found = allocate_loss(20, before, UP)
    early = replace(found, lines=(Line("A", 1, 9, 8, 1), Line("B", 1, 10, 12, 5)))
    with pytest.raises(IssuanceBug, match="allocated as"):
        loss_allocation._check_loss(20, before, early)


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (0, {"share": 12}),
        (0, {"carry": 1}),
        (0, {"per_unit": 2}),
        (0, {"amount": 27, "per_unit": 3, "share": 27}),
        (1, {"amount": 10, "per_unit": 1, "share": 10}),
    ],
)
def test_check_write_up_that_does_not_add_up_is_a_bug(index: int, change: dict[str, Any]) -> None:
    written = [WrittenDown("A", 18, 9), WrittenDown("B", 30, 10)]
    found = write_up(9, written, UP)
    loss_allocation._check_write_up(9, written, found)
    lines = list(found.lines)
    lines[index] = replace(lines[index], **change)
    wrong = replace(found, lines=tuple(lines))
    with pytest.raises(IssuanceBug, match="written up as"):
        loss_allocation._check_write_up(sum(line.share for line in lines), written, wrong)


def test_check_recovery_that_vanishes_in_part_is_a_bug() -> None:
    written = [WrittenDown("A", 18, 9)]
    with pytest.raises(IssuanceBug, match="written up as"):
        loss_allocation._check_write_up(10, written, write_up(9, written, UP))
    with pytest.raises(IssuanceBug, match="allocated as"):
        loss_allocation._check_loss(14, NOTES, allocate_loss(13, NOTES, UP))
