"""What is wrong with waterfalls: unknown ids, forgotten claims, cash without a way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from issuer.domain.errors import Complaint
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import OF_TRANCHES, Amount, Measure, Term
from issuer.domain.waterfall.steps import PrincipalMode, Step, walk
from issuer.domain.waterfall.structure import (
    NORMAL,
    Moment,
    PrincipalRule,
    Structure,
)


class Names:
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
        """Complain of each id that names nothing of those kinds."""
        known = sorted({name for kind in kinds for name in self.by_kind[kind]})
        for each in ids:
            if each not in known:
                choice = ", ".join(known) or "none is defined"
                yield Complaint(
                    path,
                    f"deal.unknown.{kinds[0]}",
                    f"there is no {' or '.join(kinds)} {each!r}: use one of ({choice})",
                )

    def in_amount(
        self, path: str, amount: Amount | None, *, signed: bool = False
    ) -> Iterator[Complaint]:
        """Complain of each id that an amount's terms may not name; and, unless it is `signed`, of a
        bound that would let it fall below zero: only tests compare, all others are paid or kept.
        """
        if amount is None:
            return
        for name, bound in (("at_least", amount.at_least), ("at_most", amount.at_most)):
            yield from self.in_amount(f"{path}/{name}", bound, signed=signed)
        for name, most in (("at_least", amount.at_least_micro), ("at_most", amount.at_most_micro)):
            if not signed and most is not None and most < 0:
                yield Complaint(
                    f"{path}/{name}",
                    "deal.amount.negative",
                    "nobody can be paid less than nothing: let the bound be zero or more",
                )
        if amount.rounding.to_micro <= 0:
            yield Complaint(
                f"{path}/rounding/to", "deal.rounding.range", "must be more than zero: correct it"
            )
        for index, term in enumerate(amount.terms):
            yield from self._in_term(f"{path}/sum/{index}/of", term)

    def _in_term(self, path: str, term: Term) -> Iterator[Complaint]:
        if term.measure in OF_TRANCHES:
            yield from self.require(path, term.of, "tranche")
        elif term.measure is Measure.FEES_DUE:
            yield from self.require(path, term.of, "fee")
        elif term.measure is Measure.RESERVE:
            yield from self.require(path, term.of, "reserve")
        elif term.of:
            yield Complaint(
                path,
                "deal.amount.of",
                f"`{term.measure.value}` is of the whole deal: leave `of` out",
            )


def check_waterfalls(structure: Structure, known: Names) -> Iterator[Complaint]:
    """Every waterfall for itself, then whether the reserves' cash has a way out."""
    for name, steps in structure.all_waterfalls.items():
        path = "/waterfall" if name == NORMAL else f"/other_waterfalls/{name}"
        named = list(_list(path, steps, known))
        yield from named
        residuals = [step for step in walk(steps) if isinstance(step, do.PayResidual)]
        if len(residuals) != 1 or residuals != [*steps[-1:]]:
            yield Complaint(
                path,
                "deal.waterfall.residual",
                "cash would be left without a destination: end with exactly one `pay_residual` step",
            )
        if not any(each.rule.startswith("deal.unknown.") for each in named):
            # A name written wrongly would be told a second time, as a claim without a step.
            yield from _matched(structure, path, tuple(walk(steps)))
        yield from _put_last(path, tuple(walk(steps)))
    yield from _ways_out(structure)
    yield from _on_the_way(structure)


def _on_the_way(structure: Structure) -> Iterator[Complaint]:
    """Tests made where a step asks for them: some step does, and no waterfall hangs on them."""
    every = [step for steps in structure.all_waterfalls.values() for step in walk(steps)]
    asked = {step.failed for step in every if isinstance(step, do.When)}
    asked |= {step.until for step in every if isinstance(step, do.PayPrincipal) and step.until}
    for index, test in enumerate(structure.tests):
        if test.moment is not Moment.STEP:
            continue
        if test.switches_to is not None:
            yield Complaint(
                f"/tests/{index}/switches_to",
                "deal.tests.moment",
                "the waterfall is chosen before the first step: make the test at the determination"
                " or the payment",
            )
        if test.id not in asked:
            yield Complaint(
                f"/tests/{index}/moment",
                "deal.tests.never_made",
                f"no `when` or `until` asks for {test.id}: add one, or make the test at another moment",
            )


def _list(path: str, steps: Sequence[Step], known: Names) -> Iterator[Complaint]:
    for index, step in enumerate(steps):
        yield from _step(f"{path}/{index}", step, known)
    # A reserve may be released before principal, at the last payment, and after it, to what then is due.
    for index in repeats(
        [index if isinstance(step, do.Release) else step for index, step in enumerate(steps)]
    ):
        yield Complaint(
            f"{path}/{index}",
            "deal.waterfall.repeated",
            "the same step stands twice: keep the one in its proper place",
        )


def _step(path: str, step: Step, known: Names) -> Iterator[Complaint]:  # noqa: C901  one case each
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
            yield from known.require(
                f"{path}/until", [] if step.until is None else [step.until], "test"
            )
        case do.TopUp() | do.Release():
            yield from known.require(path, [step.reserve], "reserve")
        case do.RepaySupport():
            yield from known.require(path, [step.sponsor], "sponsor")
        case do.Purchase():
            yield from known.require(f"{path}/payee", [step.payee], "payee")
            yield from known.in_amount(f"{path}/limit", step.limit)
        case do.PutBack():
            yield from known.require(path, step.tranches, "tranche")
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
    yield from _lists(path, step)


def _lists(path: str, step: Step) -> Iterator[Complaint]:
    """What a step names stands there once: a second time it would be paid its due again."""
    for name in ("fees", "tranches", "source", "support"):
        named = getattr(step, name, ())
        for index in repeats(named):
            yield Complaint(
                f"{path}/{name}/{index}",
                "deal.waterfall.named_twice",
                f"{str(named[index])!r} stands twice in one step: name it once",
            )
    if getattr(step, "source", do.ALL_CASH) == ():
        yield Complaint(
            f"{path}/source",
            "deal.waterfall.source",
            "no cash to pay from: name interest, principal or both, or leave `source` out",
        )


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
            f"{name}: `{'shortfall_rate' if tranche.shortfall_rate is not None else 'shortfall_spread'}`",
            tranche.bears_on_shortfall,
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


def _put_last(path: str, steps: tuple[Step, ...]) -> Iterator[Complaint]:
    """Units are put back after all that is paid on them, or what they are paid would not be one sum."""
    put: set[str] = set()
    for step in steps:
        names = set(getattr(step, "tranches", ()))
        if names & put and not isinstance(step, do.PutBack):
            tranche = min(names & put)
            yield Complaint(
                path,
                "deal.waterfall.put_back",
                f"`{word(step)}` of {tranche} comes after units of it are put back: let `put_back` follow"
                " every other step of the tranche",
            )
        if isinstance(step, do.PutBack):
            put |= names


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
    do.PutBack: "put_back",
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


def repeats(values: Sequence[object]) -> Iterator[int]:
    """The places at which something stands that stood before."""
    seen: list[object] = []
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.append(value)
