"""What is wrong with a structure: every complaint with a JSON pointer into the deal file and a cure.

An empty list means that `distribute` can carry it out and that no cash and no claim is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from issuer.domain.errors import Complaint
from issuer.domain.money import MAX_MICRO, format_micro
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import OF_TRANCHES, Amount, Measure
from issuer.domain.waterfall.steps import PrincipalMode, Step, walk
from issuer.domain.waterfall.structure import (
    NORMAL,
    BalanceFee,
    FixedFee,
    Floating,
    PercentFee,
    PrincipalRule,
    Reserve,
    Rounding,
    Structure,
    Tranche,
)


def check_structure(structure: Structure, payments: int, payees: Iterable[str]) -> list[Complaint]:
    """All that is wrong; `payees` are the ids of the deal's payees, `payments` how many there are."""
    known = _Names(structure, set(payees))
    return [
        *_ids(structure),
        *_tranches(structure, payments),
        *_fees(structure, known),
        *_reserves(structure, known),
        *_tests(structure, known),
        *_waterfalls(structure, known),
    ]


class _Names:
    """The ids that a step or an amount may name, by what they are."""

    def __init__(self, structure: Structure, payees: set[str]) -> None:
        self.by_kind: dict[str, list[str]] = {
            "tranche": [tranche.id for tranche in structure.tranches],
            "fee": [fee.id for fee in structure.fees],
            "reserve": [reserve.id for reserve in structure.reserves],
            "sponsor": [sponsor.id for sponsor in structure.sponsors],
            "test": [test.id for test in structure.tests],
            "waterfall": list(structure.all_waterfalls),
            "payee": sorted(payees),
        }

    def require(self, path: str, ids: Iterable[str | None], *kinds: str) -> Iterator[Complaint]:
        known = sorted({name for kind in kinds for name in self.by_kind[kind]})
        for each in ids:
            if each not in known:
                choice = ", ".join(known) or "none is defined"
                yield Complaint(
                    path,
                    f"deal.unknown.{kinds[0]}",
                    f"there is no {' or '.join(kinds)} {each!r}: use one of ({choice})",
                )

    def in_amount(self, path: str, amount: Amount | None) -> Iterator[Complaint]:
        for index, term in enumerate(amount.terms if amount else ()):
            where = f"{path}/sum/{index}/of"
            if term.measure in OF_TRANCHES:
                yield from self.require(where, term.of, "tranche")
            elif term.measure is Measure.FEES_DUE:
                yield from self.require(where, term.of, "fee")
            elif term.measure is Measure.RESERVE:
                yield from self.require(where, term.of, "reserve")
            elif term.of:
                yield Complaint(
                    where,
                    "deal.amount.of",
                    f"`{term.measure.value}` is of the whole deal: leave `of` out",
                )


def _ids(structure: Structure) -> Iterator[Complaint]:
    groups: dict[str, list[str]] = {
        "tranches": [tranche.id for tranche in structure.tranches],
        "fees": [fee.id for fee in structure.fees],
        "reserves": [reserve.id for reserve in structure.reserves],
        "sponsors": [sponsor.id for sponsor in structure.sponsors],
        "tests": [test.id for test in structure.tests],
    }
    for group, ids in groups.items():
        for index in _repeats(ids):
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
        if tranche.tokenised and tranche.rounding != Rounding():
            yield Complaint(
                f"{path}/rounding",
                "deal.rounding.tokenised",
                "a tokenised tranche rounds down to the micro-unit per unit: leave `rounding` out",
            )
        yield from _principal(path, tranche, payments)


def _rate(path: str, tranche: Tranche, structure: Structure) -> Iterator[Complaint]:
    match tranche.rate:
        case Fraction() as fixed if not 0 < fixed <= 1:
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
        case _:
            pass


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


def _fees(structure: Structure, known: _Names) -> Iterator[Complaint]:
    for index, fee in enumerate(structure.fees):
        path = f"/fees/{index}"
        yield from known.require(f"{path}/payee", [fee.payee], "payee")
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


def _reserves(structure: Structure, known: _Names) -> Iterator[Complaint]:
    for index, reserve in enumerate(structure.reserves):
        path = f"/reserves/{index}"
        yield from known.in_amount(f"{path}/target", reserve.target)
        yield from _fixed_target(path, reserve)
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


def _tests(structure: Structure, known: _Names) -> Iterator[Complaint]:
    for index, sponsor in enumerate(structure.sponsors):
        yield from known.require(f"/sponsors/{index}/payee", [sponsor.payee], "payee")
    for index, test in enumerate(structure.tests):
        path = f"/tests/{index}"
        yield from known.in_amount(f"{path}/numerator", test.numerator)
        yield from known.in_amount(f"{path}/denominator", test.denominator)
        if test.switches_to is not None:
            yield from known.require(f"{path}/switches_to", [test.switches_to], "waterfall")
    switched = {test.switches_to for test in structure.tests}
    for name in structure.others:
        if name not in switched:
            yield Complaint(
                f"/other_waterfalls/{name}",
                "deal.waterfall.never_used",
                f"no test switches to {name!r}: let one, or drop the waterfall",
            )


def _waterfalls(structure: Structure, known: _Names) -> Iterator[Complaint]:
    for name, steps in structure.all_waterfalls.items():
        path = "/waterfall" if name == NORMAL else f"/other_waterfalls/{name}"
        yield from _list(path, steps, known)
        residuals = [step for step in walk(steps) if isinstance(step, do.PayResidual)]
        if len(residuals) != 1 or residuals != [*steps[-1:]]:
            yield Complaint(
                path,
                "deal.waterfall.residual",
                "cash would be left without a destination: end with exactly one `pay_residual` step",
            )
        yield from _matched(structure, path, tuple(walk(steps)))
    yield from _ways_out(structure)


def _list(path: str, steps: Sequence[Step], known: _Names) -> Iterator[Complaint]:
    for index, step in enumerate(steps):
        yield from _step(f"{path}/{index}", step, known)
    for index in _repeats(steps):
        yield Complaint(
            f"{path}/{index}",
            "deal.waterfall.repeated",
            "the same step stands twice: keep the one in its proper place",
        )


def _step(path: str, step: Step, known: _Names) -> Iterator[Complaint]:  # noqa: C901  one case each
    path = f"{path}/{word(step)}"
    match step:
        case do.PayFee():
            yield from known.require(path, step.fees, "fee")
            yield from known.in_amount(f"{path}/limit", step.limit)
        case do.PayInterest() | do.PayInterestOnInterest() | do.Capitalise():
            yield from known.require(path, step.tranches, "tranche")
        case do.PayPrincipal():
            yield from known.require(path, step.tranches, "tranche")
            yield from known.in_amount(f"{path}/limit", step.limit)
        case do.TopUp() | do.Release():
            yield from known.require(path, [step.reserve], "reserve")
        case do.RepaySupport():
            yield from known.require(path, [step.sponsor], "sponsor")
        case do.Purchase():
            yield from known.require(f"{path}/payee", [step.payee], "payee")
            yield from known.in_amount(f"{path}/limit", step.limit)
        case do.WriteDown() | do.WriteUp():
            yield from known.require(path, step.tranches, "tranche")
            yield from known.in_amount(f"{path}/amount", step.amount)
        case do.PayResidual():
            yield from known.require(path, [step.tranche], "tranche")
        case do.When():
            yield from known.require(f"{path}/failed", [step.failed], "test")
            yield from _list(f"{path}/then", step.then, known)
            yield from _list(f"{path}/otherwise", step.otherwise, known)
    yield from known.require(f"{path}/support", getattr(step, "support", ()), "reserve", "sponsor")


def _matched(structure: Structure, waterfall: str, steps: tuple[Step, ...]) -> Iterator[Complaint]:
    """Whatever falls due has a step that pays it, and no step pays what never falls due."""
    interest = _named(steps, do.PayInterest) | _named(steps, do.Capitalise)
    on_interest = _named(steps, do.PayInterestOnInterest)
    principal = [step for step in steps if isinstance(step, do.PayPrincipal)]
    scheduled = {t for s in principal if s.mode is PrincipalMode.SCHEDULED for t in s.tranches}
    turbo = {t for s in principal if s.mode is PrincipalMode.AVAILABLE for t in s.tranches}
    notes = {tranche.id for tranche in structure.notes}
    where = "the waterfall" if waterfall == "/waterfall" else f"`{waterfall.split('/')[-1]}`"
    for index, tranche in enumerate(structure.tranches):
        path, name = f"/tranches/{index}", f"tranche {tranche.id}"
        yield from _pair(
            path,
            f"{name}: `rate`",
            tranche.rate is not None,
            "pay_interest",
            tranche.id in interest,
            where,
        )
        yield from _pair(
            path,
            f"{name}: `shortfall_spread`",
            tranche.shortfall_spread is not None,
            "pay_interest_on_interest",
            tranche.id in on_interest,
            where,
        )
        due = bool(tranche.principal_schedule)
        paid = tranche.id in scheduled or (due and tranche.id in turbo)
        yield from _pair(path, f"{name}: `principal_schedule`", due, "pay_principal", paid, where)
        if tranche.id in notes and tranche.id not in scheduled | turbo | interest:
            yield _never_paid(path, f"{name} is paid by no step of {where}")
        elif tranche.id in notes and tranche.id not in scheduled | turbo:
            yield _never_paid(path, f"{name} gets its principal back by no step of {where}")
        planned = tranche.principal_rule is PrincipalRule.PLANNED_BALANCE
        if planned and not due:
            yield _never_paid(path, f"{name} has a planned balance but no `principal_schedule`")
    fees = _named(steps, do.PayFee)
    for index, fee in enumerate(structure.fees):
        if fee.id not in fees:
            yield _never_paid(f"/fees/{index}", f"fee {fee.id} has no `pay_fee` step in {where}")


def _ways_out(structure: Structure) -> Iterator[Complaint]:
    every = [step for steps in structure.all_waterfalls.values() for step in walk(steps)]
    supporting = {name for step in every for name in getattr(step, "support", ())}
    filled = {step.reserve for step in every if isinstance(step, do.TopUp)}
    for name, steps in structure.all_waterfalls.items():
        released = {step.reserve for step in walk(steps) if isinstance(step, do.Release)}
        for index, reserve in enumerate(structure.reserves):
            if reserve.id not in released:
                where = "the waterfall" if name == NORMAL else f"`{name}`"
                yield Complaint(
                    f"/reserves/{index}",
                    "deal.reserve.no_way_out",
                    f"reserve {reserve.id} has no `release` step in {where}, so its cash would stay"
                    " for ever: add one, for instance before the residual",
                )
    for index, reserve in enumerate(structure.reserves):
        if reserve.id not in filled and not reserve.opening_micro:
            yield _never_paid(
                f"/reserves/{index}",
                f"reserve {reserve.id} opens empty and has no `top_up` step",
            )
    for index, sponsor in enumerate(structure.sponsors):
        if sponsor.id not in supporting:
            yield _never_paid(f"/sponsors/{index}", f"sponsor {sponsor.id} stands in for no step")


def _named(steps: Sequence[Step], kind: type) -> set[str]:
    field = "fees" if kind is do.PayFee else "tranches"
    return {name for step in steps if isinstance(step, kind) for name in getattr(step, field)}


_WORDS: dict[type, str] = {
    do.PayFee: "pay_fee",
    do.PayInterest: "pay_interest",
    do.PayInterestOnInterest: "pay_interest_on_interest",
    do.Capitalise: "capitalise",
    do.PayPrincipal: "pay_principal",
    do.TopUp: "top_up",
    do.Release: "release",
    do.RepaySupport: "repay_support",
    do.Purchase: "purchase",
    do.WriteDown: "write_down",
    do.WriteUp: "write_up",
    do.When: "when",
    do.PayResidual: "pay_residual",
}


def word(step: Step) -> str:
    """What the deal file calls a step."""
    return _WORDS[type(step)]


def _pair(
    path: str, term: str, due: bool, step: str, paid: bool, where: str
) -> Iterator[Complaint]:
    if due and not paid:
        yield _never_paid(path, f"{term} is given but {where} has no `{step}` step for it")
    if paid and not due:
        yield Complaint(
            path,
            "deal.waterfall.nothing_due",
            f"{term} is missing but {where} has a `{step}` step: add the term, or drop the step",
        )


def _never_paid(path: str, lack: str) -> Complaint:
    return Complaint(path, "deal.waterfall.never_paid", f"{lack}: add what is missing")


def _not_percent(path: str) -> Complaint:
    return Complaint(path, "deal.fees.range", "a percentage fee lies between 0 and 100: correct it")


def not_positive(path: str, rule: str, wanted: str = "more than zero") -> Complaint:
    """The complaint about an amount or a number that is out of range."""
    return Complaint(
        path, rule, f"must be {wanted} and at most {MAX_MICRO}, in micro-units or units"
    )


def _repeats(values: Sequence[object]) -> Iterator[int]:
    seen: list[object] = []
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.append(value)
