"""What is wrong with a structure: every complaint with a JSON pointer into the deal file and a cure.

An empty list means that `distribute` can carry it out and that no cash and no claim is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from issuer.domain.errors import Complaint
from issuer.domain.money import MAX_MICRO, format_micro
from issuer.domain.rounding import DOWN_TO_MICRO
from issuer.domain.waterfall.standing import AFTER
from issuer.domain.waterfall.step_checks import Names, check_waterfalls, repeats
from issuer.domain.waterfall.structure import (
    NORMAL,
    BalanceFee,
    FixedFee,
    Floating,
    PercentFee,
    Reserve,
    ScheduledFee,
    Structure,
    Tranche,
)


def check_structure(structure: Structure, payments: int, payees: Iterable[str]) -> list[Complaint]:
    """All that is wrong; `payees` are the ids of the deal's payees, `payments` how many there are."""
    known = Names(structure, set(payees))
    return [
        *_ids(structure),
        *_tranches(structure, payments),
        *_fees(structure, known, payments),
        *_reserves(structure, known),
        *_tests(structure, known),
        *check_waterfalls(structure, known),
    ]


def _ids(structure: Structure) -> Iterator[Complaint]:
    groups: dict[str, list[str]] = {
        "tranches": [tranche.id for tranche in structure.tranches],
        "fees": [fee.id for fee in structure.fees],
        "reserves": [reserve.id for reserve in structure.reserves],
        "sponsors": [sponsor.id for sponsor in structure.sponsors],
        "tests": [test.id for test in structure.tests],
    }
    for group, ids in groups.items():
        for index in repeats(ids):
            yield Complaint(
                f"/{group}/{index}/id",
                f"deal.{group}.duplicate",
                f"the id {ids[index]!r} is used twice: give each its own",
            )
    for index, sponsor in enumerate(structure.sponsors):
        if sponsor.id in groups["reserves"]:
            yield Complaint(
                f"/sponsors/{index}/id",
                "deal.sponsors.duplicate",
                f"a reserve is called {sponsor.id!r} too: `support` could not tell them apart",
            )
    if NORMAL in structure.others:
        yield Complaint(
            f"/other_waterfalls/{NORMAL}",
            "deal.waterfall.name",
            f"`{NORMAL}` is the name of `waterfall` itself: call the other something else",
        )


def _tranches(structure: Structure, payments: int) -> Iterator[Complaint]:
    for index, tranche in enumerate(structure.tranches):
        path = f"/tranches/{index}"
        if not 0 < tranche.units <= MAX_MICRO:
            yield not_positive(f"{path}/units", "deal.units.range")
        if not 0 < tranche.denomination_micro <= MAX_MICRO:
            yield not_positive(f"{path}/denomination", "deal.denomination.range")
        yield from _rate(f"{path}/rate", tranche, structure)
        if tranche.rounding.to_micro <= 0:
            yield not_positive(f"{path}/rounding/to", "deal.rounding.range")
        if tranche.tokenised and tranche.rounding != DOWN_TO_MICRO:
            yield Complaint(
                f"{path}/rounding",
                "deal.rounding.tokenised",
                "a tokenised tranche rounds down to the micro-unit per unit: leave `rounding` out",
            )
        yield from _principal(path, tranche, payments)
        yield from _own_interest(path, tranche)
        yield from _rank(path, structure, index)


def _rank(path: str, structure: Structure, index: int) -> Iterator[Complaint]:
    tranche = structure.tranches[index]
    if tranche.pari_passu_with is None:
        return
    if not tranche.tokenised:
        yield Complaint(
            f"{path}/pari_passu_with",
            "deal.rank.no_token",
            "ranks are those of tokens, and this tranche has none: leave `pari_passu_with` out",
        )
        return
    alike: list[str] = []
    for above in reversed(structure.tranches[:index]):
        if above.tokenised:
            alike.insert(0, above.id)
            if above.pari_passu_with is None:
                break
    if tranche.pari_passu_with not in alike:
        names = " or ".join(alike)
        yield Complaint(
            f"{path}/pari_passu_with",
            "deal.rank.apart",
            f"{tranche.pari_passu_with!r} is not among the tokens just above {tranche.id} that share one"
            f" rank: name {names}, or leave it out"
            if alike
            else f"no token stands above {tranche.id}, whose rank it could share: leave it out",
        )


def _own_interest(path: str, tranche: Tranche) -> Iterator[Complaint]:
    if tranche.accrual is not None and tranche.day_count is None:
        yield Complaint(
            f"{path}/accrual",
            "deal.accrual.day_count",
            "an accrual of its own needs a day count of its own: give `day_count` too",
        )
    if tranche.shortfall_rate is None:
        return
    if tranche.shortfall_spread is not None:
        yield Complaint(
            f"{path}/shortfall_rate",
            "deal.rate.shortfall",
            "unpaid interest bears one rate: give either `shortfall_rate` or `shortfall_spread`",
        )
    if not 0 <= tranche.shortfall_rate <= 1:
        yield Complaint(
            f"{path}/shortfall_rate",
            "deal.rate.range",
            "the rate on unpaid interest is at least 0 and at most 100 percent: correct it",
        )


def _rate(path: str, tranche: Tranche, structure: Structure) -> Iterator[Complaint]:
    match tranche.rate:
        case Fraction() | int() as fixed if not 0 < fixed <= 1:
            yield Complaint(
                path,
                "deal.rate.range",
                "the rate is above 0 and at most 100 percent: correct it, or leave it out for none",
            )
        case Floating(index=index) if index not in structure.assumed_fixings:
            yield Complaint(
                path,
                "deal.rate.index",
                f"nothing is assumed of {index}, so no forecast can be made: give it in"
                " `assumed_fixings`",
            )
        case Floating(floor=floor, cap=cap) if cap is not None and cap < floor:
            yield Complaint(
                path, "deal.rate.range", "the cap lies below the floor: correct one of the two"
            )
        case None | Fraction() | Floating():
            pass
        case _:
            yield Complaint(
                path,
                "deal.rate.exact",
                "a binary fraction is not the rate that was written: give a `Fraction`",
            )


def _principal(path: str, tranche: Tranche, payments: int) -> Iterator[Complaint]:
    path, schedule = f"{path}/principal_schedule", tranche.principal_schedule
    if not schedule:
        return
    if len(schedule) > payments:
        yield Complaint(
            path,
            "deal.principal.length",
            f"{len(schedule)} instalments but only {payments} payments: shorten the schedule",
        )
    if min(schedule) < 0:
        yield not_positive(path, "deal.principal.range", "zero or more in each instalment")
    if sum(schedule) != tranche.denomination_micro:
        yield Complaint(
            path,
            "deal.principal.sum",
            f"the instalments add up to {format_micro(sum(schedule))} per unit, the denomination "
            f"is {format_micro(tranche.denomination_micro)}: make them equal",
        )


def _fees(structure: Structure, known: Names, payments: int) -> Iterator[Complaint]:
    for index, fee in enumerate(structure.fees):
        path = f"/fees/{index}"
        yield from known.require(f"{path}/payee", [fee.payee], "payee")
        if isinstance(fee, PercentFee | BalanceFee) and fee.rounding.to_micro <= 0:
            yield not_positive(f"{path}/rounding/to", "deal.rounding.range")
        if isinstance(fee, ScheduledFee):
            yield from _scheduled_fee(f"{path}/amounts", fee.amounts_micro, payments)
        match fee:
            case FixedFee() if not 0 < fee.amount_micro <= MAX_MICRO:
                yield not_positive(f"{path}/amount", "deal.fees.range")
            case PercentFee() if not 0 <= fee.share <= 1:
                yield _not_percent(f"{path}/percent_of_collections")
            case BalanceFee():
                yield from known.in_amount(f"{path}/percent_a_year/base", fee.base)
                if not 0 <= fee.rate <= 1:
                    yield _not_percent(f"{path}/percent_a_year/rate")
            case _:
                pass


def _scheduled_fee(path: str, amounts: tuple[int, ...], payments: int) -> Iterator[Complaint]:
    if min(amounts, default=-1) < 0 or not 0 < sum(amounts) <= MAX_MICRO:
        yield not_positive(path, "deal.fees.range", "zero or more, in all more than zero")
    if len(amounts) > payments:
        yield Complaint(
            path,
            "deal.fees.length",
            f"{len(amounts)} amounts but only {payments} payments: shorten the list",
        )


def _reserves(structure: Structure, known: Names) -> Iterator[Complaint]:
    for index, reserve in enumerate(structure.reserves):
        path = f"/reserves/{index}"
        yield from known.in_amount(f"{path}/target", reserve.target)
        yield from _fixed_target(path, reserve)
        if reserve.final_payment is not None and reserve.final_payment < 1:
            yield Complaint(
                f"{path}/final_payment",
                "deal.reserve.final_payment",
                "payments are counted from 1: correct the number, or leave it out",
            )
        if not 0 <= reserve.opening_micro <= MAX_MICRO:
            yield not_positive(f"{path}/opening", "deal.reserve.range", "zero or more")


def _fixed_target(path: str, reserve: Reserve) -> Iterator[Complaint]:
    target = reserve.target
    if target.terms:
        return
    if not 0 < target.plus_micro <= MAX_MICRO:
        yield not_positive(f"{path}/target", "deal.reserve.range")
    if reserve.opening_micro > target.plus_micro:
        yield Complaint(
            f"{path}/opening",
            "deal.reserve.range",
            "the reserve opens between zero and its target: lower the opening amount",
        )


def _tests(structure: Structure, known: Names) -> Iterator[Complaint]:
    for index, sponsor in enumerate(structure.sponsors):
        yield from known.require(f"/sponsors/{index}/payee", [sponsor.payee], "payee")
    for index, test in enumerate(structure.tests):
        path = f"/tests/{index}"
        yield from known.in_amount(f"{path}/numerator", test.numerator, signed=True)
        yield from known.in_amount(f"{path}/denominator", test.denominator, signed=True)
        if test.switches_to is not None:
            yield from known.require(f"{path}/switches_to", [test.switches_to], "waterfall")
    switched = {test.switches_to for test in structure.tests}
    for name in structure.others:
        if name not in switched and name not in AFTER.values():
            yield Complaint(
                f"/other_waterfalls/{name}",
                "deal.waterfall.never_used",
                f"no test switches to {name!r}: let one, or drop the waterfall; without a test, only"
                f" {' and '.join(f'`{each}`' for each in AFTER.values())} are followed, on the trustee's"
                " notice",
            )


def _not_percent(path: str) -> Complaint:
    return Complaint(path, "deal.fees.range", "a percentage fee lies between 0 and 100: correct it")


def not_positive(path: str, rule: str, wanted: str = "more than zero") -> Complaint:
    """The complaint about an amount or a number that is out of range."""
    return Complaint(
        path, rule, f"must be {wanted} and at most {MAX_MICRO}, in micro-units or units"
    )
