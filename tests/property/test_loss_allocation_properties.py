"""Losses and recoveries in any sizes: nothing is lost on the way, and the parts do not matter."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from issuer.domain.analytics.loss_allocation import (
    Bearer,
    Rounding,
    WrittenDown,
    allocate_loss,
    write_up,
)

UP, DOWN = Rounding.UP, Rounding.DOWN
losses = st.integers(0, 5_000)
roundings = st.sampled_from(Rounding)


@st.composite
def structures(draw: st.DrawFn) -> list[Bearer]:
    sizes = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=5))
    return [
        Bearer(f"class {index}", per_unit * units, units)
        for index, (per_unit, units) in enumerate(sizes)
    ]


def after(loss: int, before: list[Bearer], rounding: Rounding) -> tuple[list[Bearer], int]:
    """The tranches once the loss is allocated, and what is left for the next."""
    found = allocate_loss(loss, before, rounding)
    lines = zip(before, found.lines, strict=True)
    standing = [
        replace(each, balance=each.balance - line.amount, carry=line.carry) for each, line in lines
    ]
    return standing, found.remainder + found.uncovered


def written(before: list[Bearer], now: list[Bearer]) -> list[WrittenDown]:
    return [
        WrittenDown(each.id, each.balance - left.balance, each.units, left.carry)
        for each, left in zip(before, now, strict=True)
    ]


@given(losses, structures(), roundings)
def test_loss_is_borne_carried_or_left_to_the_last_unit(
    loss: int, before: list[Bearer], rounding: Rounding
) -> None:
    found = allocate_loss(loss, before, rounding)
    total = sum(each.balance for each in before)
    amount = sum(line.amount for line in found.lines)
    carried = sum(line.carry for line in found.lines)
    assert amount - carried + found.remainder + found.uncovered == loss
    assert amount <= total
    largest = max((each.units for each in before), default=1)
    if rounding is UP:
        assert found.remainder == 0
        assert 0 <= carried < largest
        assert found.uncovered == max(loss - total, 0)
    else:
        assert carried == 0
        assert found.remainder < largest
        assert amount <= loss


@given(losses, losses, structures(), roundings)
def test_loss_in_two_parts_leaves_what_the_whole_leaves(
    first: int, second: int, before: list[Bearer], rounding: Rounding
) -> None:
    once, left = after(first, before, rounding)
    twice = after(second + left, once, rounding)
    assert twice == after(first + second, before, rounding)


@given(losses, structures(), roundings)
def test_recovery_of_all_that_was_borne_restores_every_tranche(
    loss: int, before: list[Bearer], rounding: Rounding
) -> None:
    now, left = after(loss, before, rounding)
    found = write_up(loss - left, written(before, now), rounding)
    restored = [left.balance + line.amount for left, line in zip(now, found.lines, strict=True)]
    assert restored == [each.balance for each in before]
    assert all(line.carry == 0 for line in found.lines)
    assert (found.remainder, found.excess) == (0, 0)


@given(losses, losses, structures(), roundings)
def test_recovery_reaches_a_junior_only_when_the_senior_is_whole(
    loss: int, recovery: int, before: list[Bearer], rounding: Rounding
) -> None:
    now, left = after(loss, before, rounding)
    down = written(before, now)
    found = write_up(recovery, down, rounding)
    made_good = sum(line.share for line in found.lines)
    assert made_good + found.remainder + found.excess == recovery
    assert found.excess == max(recovery - (loss - left), 0)
    reached = [index for index, line in enumerate(found.lines) if line.share]
    for index in range(max(reached, default=0)):
        assert found.lines[index].amount == down[index].amount
    for each, line in zip(down, found.lines, strict=True):
        assert 0 <= line.amount <= each.amount
        assert line.amount == line.per_unit * each.units


@given(losses, losses, structures())
def test_recovery_after_rounding_up_leaves_the_write_down_of_the_net_loss(
    loss: int, recovery: int, before: list[Bearer]
) -> None:
    # One tranche, for over several a recovery goes to the senior and a smaller loss to the junior.
    single = before[:1]
    now, left = after(loss, single, UP)
    borne = loss - left
    found = write_up(recovery, written(single, now), UP)
    net, _ = after(max(borne - recovery, 0), single, UP)
    restored = [
        replace(each, balance=each.balance + line.amount, carry=line.carry)
        for each, line in zip(now, found.lines, strict=True)
    ]
    assert restored == net


@given(losses, structures(), st.integers(1, 1_000), roundings)
def test_loss_scales_with_the_structure(
    loss: int, before: list[Bearer], scale: int, rounding: Rounding
) -> None:
    larger = [replace(each, balance=each.balance * scale, units=each.units) for each in before]
    small, large = (
        allocate_loss(amount, tranches, rounding)
        for amount, tranches in ((loss, before), (loss * scale, larger))
    )
    # Within one micro-unit per unit: the larger loss divides better.
    for each, less, more in zip(before, small.lines, large.lines, strict=True):
        assert abs(more.amount - less.amount * scale) <= scale * each.units
