"""What a payment is given: amounts below zero and states of other terms are refused at the door.

Terms are checked when they are written, by `check_structure`, and not anew with every payment. Where
one breaks off all the same, `blame` asks first whether its terms are at fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.waterfall.checks import check_structure
from issuer.domain.waterfall.state import Collections, DealState, Inputs
from issuer.domain.waterfall.steps import Purchase, walk
from issuer.domain.waterfall.structure import Structure

_ANY_NUMBER = 10**6
"""More payments than a deal has: how many there are is no business of a single one."""


def require_payable(structure: Structure, state: DealState, inputs: Inputs, payment: int) -> None:
    """Raise `InvalidInput` for what no payment can begin with."""
    complaints = [
        *_collections(inputs.collections),
        *_negative("/support", inputs.support_micro),
        *_negative("/put", inputs.put_units),
        *_missing("/state/tranches", state.tranches, [each.id for each in structure.tranches]),
        *_missing("/state/reserves", state.reserves, [each.id for each in structure.reserves]),
        *_state(state),
    ]
    if complaints:
        raise InvalidInput(f"payment {payment}", complaints)


def blame(structure: Structure, error: Exception) -> None:
    """Raise `InvalidInput` if the terms of the payment that broke off are not sound."""
    every = [step for steps in structure.all_waterfalls.values() for step in walk(steps)]
    payees = {each.payee for each in (*structure.fees, *structure.sponsors)}
    payees |= {step.payee for step in every if isinstance(step, Purchase)}
    complaints = check_structure(structure, _ANY_NUMBER, payees)
    if complaints:
        raise InvalidInput("structure", complaints) from error


def _collections(collections: Collections) -> Iterator[Complaint]:
    if min(collections.amounts()) >= 0:
        return
    amounts = {each.name: getattr(collections, each.name) for each in fields(collections)}
    yield from _negative("/collections", {k: v for k, v in amounts.items() if v is not None})


def _state(state: DealState) -> Iterator[Complaint]:
    yield from _negative("/state/reserves", state.reserves)
    yield from _negative("/state/fee_arrears", state.fee_arrears)
    yield from _negative("/state/support_owed", state.support_owed)
    for name, tranche in state.tranches.items():
        least = min((getattr(tranche, each.name), each.name) for each in fields(tranche))
        yield from _negative(f"/state/tranches/{name}", dict([least[::-1]]))


def _negative(path: str, amounts: Mapping[str, int]) -> Iterator[Complaint]:
    for name, amount in amounts.items():
        if amount < 0:
            yield Complaint(
                f"{path}/{name}",
                "waterfall.amount.negative",
                f"is {amount}: give zero or more",
            )


def _missing(path: str, held: Mapping[str, object], wanted: list[str]) -> Iterator[Complaint]:
    for name in wanted:
        if name not in held:
            yield Complaint(
                f"{path}/{name}",
                "waterfall.state.missing",
                f"says nothing of {name}: begin with `opening_state` of these terms",
            )
