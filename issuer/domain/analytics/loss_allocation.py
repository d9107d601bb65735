"""Losses over tranches, junior first, and recoveries over what was written down, senior first.

Notes are written down by the unit, so a loss seldom divides. Rounded `UP`, it is covered entirely,
and what was written down too much is the tranche's carry, taken before its next loss. Rounded `DOWN`,
the rest is left for the next allocation: no tranche bears it while a junior one is outstanding.
With one unit (the default) a tranche is written down as an aggregate, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from issuer.domain.analytics.flows import refuse
from issuer.domain.errors import IssuanceBug


class Rounding(StrEnum):
    """Which way a write-down is rounded to a whole micro-unit per unit."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A tranche before a loss: its balance, and the carry of earlier write-downs."""

    id: str
    balance: int
    units: int = 1
    carry: int = 0


@dataclass(frozen=True, slots=True)
class WrittenDown:
    """A tranche before a recovery: what of its balance stands written down, and its carry."""

    id: str
    amount: int
    units: int = 1
    carry: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One tranche's part: `amount` (of all units) changes its balance, `share` is the money's part.

    They differ by what the carry gives or takes.
    """

    id: str
    per_unit: int
    amount: int
    share: int
    carry: int


@dataclass(frozen=True, slots=True)
class LossAllocation:
    """A loss in parts, senior first. `remainder` is for the next allocation; nobody bears `uncovered`."""

    lines: tuple[Line, ...]
    remainder: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class WriteUp:
    """A recovery in parts, senior first. `remainder` is for the next one; `excess` made good no loss."""

    lines: tuple[Line, ...]
    remainder: int
    excess: int


def allocate_loss(loss: int, bearers: Sequence[Bearer], rounding: Rounding) -> LossAllocation:
    """Write tranches, given senior first, down by a loss: each only when all junior ones are gone."""
    source = "loss allocation"
    _require(source, "/loss", loss)
    for index, each in enumerate(bearers):
        _require_tranche(
            source, f"/bearers/{index}", each.balance, each.units, each.carry, rounding
        )
    _require_ids(source, "/bearers", [each.id for each in bearers])
    lines: list[Line] = []
    left, remainder = loss, 0
    for each in reversed(bearers):
        line = _bear(left, each, rounding)
        left -= line.share
        lines.append(line)
        if line.amount < each.balance:
            # What rounding down leaves stops here: this tranche can still bear the next loss.
            remainder += left
            left = 0
    result = LossAllocation(tuple(reversed(lines)), remainder, left)
    _check_loss(loss, bearers, result)
    return result


def write_up(recovery: int, written: Sequence[WrittenDown], rounding: Rounding) -> WriteUp:
    """Undo write-downs, given senior first, by a recovery: never above what was written down."""
    source = "write-up"
    _require(source, "/recovery", recovery)
    for index, each in enumerate(written):
        _require_tranche(source, f"/written/{index}", each.amount, each.units, each.carry, rounding)
        if each.carry > each.amount:
            refuse(
                source, f"/written/{index}/carry", "carry.range", "exceeds what was written down"
            )
    _require_ids(source, "/written", [each.id for each in written])
    lines: list[Line] = []
    left, remainder = recovery, 0
    for each in written:
        line = _restore(left, each, rounding)
        left -= line.share
        lines.append(line)
        if line.share < each.amount - each.carry:
            remainder += left
            left = 0
    result = WriteUp(tuple(lines), remainder, left)
    _check_write_up(recovery, written, result)
    return result


def _bear(loss: int, bearer: Bearer, rounding: Rounding) -> Line:
    from_carry = min(loss, bearer.carry)
    borne = min(loss - from_carry, bearer.balance)
    if rounding is Rounding.DOWN:
        borne -= borne % bearer.units
    per_unit = -(-borne // bearer.units)
    amount = per_unit * bearer.units
    carry = bearer.carry - from_carry + amount - borne
    return Line(bearer.id, per_unit, amount, from_carry + borne, carry)


def _restore(recovery: int, written: WrittenDown, rounding: Rounding) -> Line:
    share = min(recovery, written.amount - written.carry)
    per_unit, rest = divmod(written.carry + share, written.units)
    amount = per_unit * written.units
    if rounding is Rounding.DOWN:
        return Line(written.id, per_unit, amount, amount, 0)
    return Line(written.id, per_unit, amount, share, rest)


def _require(source: str, path: str, amount: int) -> None:
    if amount < 0:
        refuse(source, path, "amount.negative", f"is {amount}: give zero or more")


def _require_tranche(
    source: str, path: str, amount: int, units: int, carry: int, rounding: Rounding
) -> None:
    _require(source, path, amount)
    if units < 1:
        refuse(source, f"{path}/units", "units.none", "must be one or more")
    if amount % units:
        refuse(source, path, "amount.units", f"is {amount}, which {units} units do not divide")
    if not 0 <= carry < units:
        refuse(
            source, f"{path}/carry", "carry.range", f"must be 0 to {units - 1}: below one per unit"
        )
    if carry and rounding is Rounding.DOWN:
        refuse(source, f"{path}/carry", "carry.range", "must be 0: rounding down carries nothing")


def _require_ids(source: str, path: str, ids: Sequence[str]) -> None:
    for index, each in enumerate(ids):
        if each in ids[:index]:
            refuse(
                source, f"{path}/{index}/id", "id.repeated", f"is {each!r} again: name each once"
            )


def _check_loss(loss: int, bearers: Sequence[Bearer], result: LossAllocation) -> None:
    pairs = list(zip(bearers, result.lines, strict=True))
    whole = sum(line.share for line in result.lines) + result.remainder + result.uncovered == loss
    kept = all(
        0 <= line.amount <= each.balance
        and line.amount == line.per_unit * each.units
        and line.share == line.amount + each.carry - line.carry
        and 0 <= line.carry < each.units
        for each, line in pairs
    )
    ordered = all(
        not senior.share or (junior.amount == each.balance and not junior.carry)
        for (_, senior), (each, junior) in pairwise(pairs)
    )
    if not (whole and kept and ordered):
        raise IssuanceBug(f"loss of {loss} over {bearers} allocated as {result}")


def _check_write_up(recovery: int, written: Sequence[WrittenDown], result: WriteUp) -> None:
    pairs = list(zip(written, result.lines, strict=True))
    whole = sum(line.share for line in result.lines) + result.remainder + result.excess == recovery
    kept = all(
        0 <= line.amount <= each.amount
        and line.amount == line.per_unit * each.units
        and line.share == line.amount + line.carry - each.carry
        and 0 <= line.carry < each.units
        for each, line in pairs
    )
    ordered = all(
        not junior.share or senior.amount == each.amount
        for (each, senior), (_, junior) in pairwise(pairs)
    )
    if not (whole and kept and ordered):
        raise IssuanceBug(f"recovery of {recovery} over {written} written up as {result}")
