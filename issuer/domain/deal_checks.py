"""What is wrong with the terms of a deal: every complaint with a JSON pointer and a cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from issuer.domain.deal import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_LOCK_UP_DAYS,
    MAX_PAYMENTS,
    Deal,
    FixedFee,
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    PercentFee,
    ScheduleTerms,
    Step,
    TopUp,
    Tranche,
)
from issuer.domain.errors import Complaint
from issuer.domain.money import MAX_MICRO, format_micro


def validate_deal(deal: Deal) -> list[Complaint]:
    """All that is wrong with the terms, each with a JSON pointer into the deal file and a cure.

    An empty list means that `distribute` can carry the deal out; `build_schedule` may still find
    that the holidays push two dates of a period into the wrong order.
    """
    checks = (_ids, _currency, _amounts, _tranches, _fees, _offering, _dates, _waterfall)
    return [complaint for check in checks for complaint in check(deal)]


def _ids(deal: Deal) -> Iterator[Complaint]:
    groups: dict[str, list[str]] = {
        "tranches": [tranche.id for tranche in deal.tranches],
        "payees": [payee.id for payee in deal.payees],
        "fees": [fee.id for fee in deal.fees],
        "accounts": [account.id for account in deal.accounts],
    }
    for group, ids in groups.items():
        for index in _repeats(ids):
            yield Complaint(
                f"/{group}/{index}/id",
                f"deal.{group}.duplicate",
                f"the id {ids[index]!r} is used twice: give each its own",
            )
    symbols = [tranche.symbol for tranche in deal.tranches]
    for index in _repeats(symbols):
        if symbols[index] is not None:
            yield Complaint(
                f"/tranches/{index}/symbol",
                "deal.tranches.symbol",
                f"the symbol {symbols[index]} is used twice: give each token its own",
            )
    known = set(groups["payees"])
    for index, fee in enumerate(deal.fees):
        yield from _known(f"/fees/{index}/payee", fee.payee, known, "payee")


def _currency(deal: Deal) -> Iterator[Complaint]:
    # Notes and coin are in one currency, so the waterfall never converts and cannot lose by it.
    if deal.settlement.currency != deal.currency:
        yield Complaint(
            "/settlement/currency",
            "deal.currency.mismatch",
            f"the coin is in {deal.settlement.currency} but the notes are in {deal.currency}: "
            "settle the deal in a coin of its own currency",
        )


def _amounts(deal: Deal) -> Iterator[Complaint]:
    if not deal.tokenised:
        yield Complaint(
            "/tranches",
            "deal.tranches.no_token",
            "no tranche is tokenised, so nothing can be issued: set `tokenised: true` on one",
        )
    total = sum(tranche.original_micro for tranche in deal.tranches)
    if total > MAX_MICRO:
        yield Complaint(
            "/tranches",
            "deal.amount.range",
            f"the tranches add up to {format_micro(total)}, more than the books hold "
            f"({format_micro(MAX_MICRO)}): lower the units or the denominations",
        )
    if deal.issuer.other_debt_micro < 0:
        yield _not_positive("/issuer/other_debt", "deal.amount.range", "zero or more")
    if deal.reserve is None:
        return
    if not 0 < deal.reserve.target_micro <= MAX_MICRO:
        yield _not_positive("/reserve/target", "deal.reserve.range")
    if not 0 <= deal.reserve.opening_micro <= deal.reserve.target_micro:
        yield Complaint(
            "/reserve/opening",
            "deal.reserve.range",
            "the reserve opens between zero and its target: lower the opening amount",
        )


def _tranches(deal: Deal) -> Iterator[Complaint]:
    payees = {payee.id for payee in deal.payees}
    for index, tranche in enumerate(deal.tranches):
        path = f"/tranches/{index}"
        if not 0 < tranche.units <= MAX_MICRO:
            yield _not_positive(f"{path}/units", "deal.units.range")
        if not 0 < tranche.denomination_micro <= MAX_MICRO:
            yield _not_positive(f"{path}/denomination", "deal.denomination.range")
        if tranche.rate is not None and not 0 < tranche.rate <= 1:
            yield Complaint(
                f"{path}/rate",
                "deal.rate.range",
                "the rate is above 0 and at most 100 percent: correct it, or leave it out for none",
            )
        yield from _form(path, tranche, payees)
        yield from _principal(path, tranche, deal.schedule.payments)


def _form(path: str, tranche: Tranche, payees: set[str]) -> Iterator[Complaint]:
    if tranche.tokenised and tranche.symbol is None:
        yield Complaint(
            f"{path}/symbol", "deal.tranches.symbol", "a tokenised tranche needs a token symbol"
        )
    if not tranche.tokenised and tranche.symbol is not None:
        yield Complaint(
            f"{path}/symbol",
            "deal.tranches.symbol",
            "a retained tranche has no token: leave the symbol out",
        )
    if tranche.tokenised and tranche.retained_by is not None:
        yield Complaint(
            f"{path}/retained_by",
            "deal.tranches.holder",
            "a tokenised tranche belongs to its holders: leave `retained_by` out",
        )
    if not tranche.tokenised:
        yield from _known(f"{path}/retained_by", tranche.retained_by, payees, "payee")


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
        yield _not_positive(path, "deal.principal.range", "zero or more in each instalment")
    if sum(schedule) != tranche.denomination_micro:
        yield Complaint(
            path,
            "deal.principal.sum",
            f"the instalments add up to {format_micro(sum(schedule))} per unit, the denomination "
            f"is {format_micro(tranche.denomination_micro)}: make them equal",
        )


def _fees(deal: Deal) -> Iterator[Complaint]:
    for index, fee in enumerate(deal.fees):
        if isinstance(fee, FixedFee) and not 0 < fee.amount_micro <= MAX_MICRO:
            yield _not_positive(f"/fees/{index}/amount", "deal.fees.range")
        if isinstance(fee, PercentFee) and not 0 <= fee.share <= 1:
            yield Complaint(
                f"/fees/{index}/percent_of_collections",
                "deal.fees.range",
                "a percentage fee lies between 0 and 100: correct it",
            )


def _offering(deal: Deal) -> Iterator[Complaint]:
    offering = deal.offering
    if not 0 < offering.min_subscription_micro <= MAX_MICRO:
        yield _not_positive("/offering/min_subscription", "deal.offering.range")
    if not 0 < offering.holder_cap <= MAX_MICRO:
        yield _not_positive("/offering/holder_cap", "deal.offering.range")
    if not 0 <= offering.min_holding_micro <= offering.min_subscription_micro:
        yield Complaint(
            "/offering/min_holding",
            "deal.offering.range",
            "the least holding lies between zero and the least subscription: lower it",
        )
    if not 0 <= offering.lock_up_days <= MAX_LOCK_UP_DAYS:
        yield Complaint(
            "/offering/lock_up_days",
            "deal.offering.range",
            f"the lock-up lasts 0 to {MAX_LOCK_UP_DAYS} days: correct it",
        )


def _dates(deal: Deal) -> Iterator[Complaint]:
    terms = deal.schedule
    ordered: Sequence[tuple[str, date, str, date]] = (
        ("/offering/opens", deal.offering.opens, "the closing", terms.closing),
        ("/schedule/closing", terms.closing, "the start of accrual", terms.accrual_start),
        (
            "/schedule/first_collection/start",
            terms.first_collection_start,
            "the end of the first collection period",
            terms.first_collection_end,
        ),
    )
    for path, earlier, name, later in ordered:
        if earlier > later:
            yield _out_of_order(path, earlier, f"on or before {name}, {later}")
    for path, earlier in (
        ("/schedule/accrual_start", terms.accrual_start),
        ("/schedule/first_collection/end", terms.first_collection_end),
    ):
        if earlier >= terms.first_payment:
            yield _out_of_order(path, earlier, f"before the first payment, {terms.first_payment}")
    yield from _counts(terms)


def _counts(terms: ScheduleTerms) -> Iterator[Complaint]:
    if not 1 <= terms.payments <= MAX_PAYMENTS:
        yield Complaint(
            "/schedule/payments",
            "deal.schedule.range",
            f"use 1 to {MAX_PAYMENTS} payments",
        )
    if not 1 <= terms.months <= 12:
        yield Complaint(
            "/schedule/months", "deal.schedule.range", "payments lie 1 to 12 months apart"
        )
    if not 1 <= terms.record_lag <= terms.determination_lag <= 60:
        yield Complaint(
            "/schedule/determination_lag",
            "deal.schedule.lags",
            "determination comes on or before the record date, and that before the payment: "
            "use 1 <= record_lag <= determination_lag <= 60 business days",
        )
    if not terms.calendars:
        yield Complaint("/schedule/calendars", "deal.schedule.calendars", "name a calendar")
    if not FIRST_YEAR <= terms.closing.year <= terms.first_payment.year <= LAST_YEAR:
        yield Complaint(
            "/schedule/first_payment",
            "deal.schedule.range",
            f"the deal begins between {FIRST_YEAR} and {LAST_YEAR}: correct the dates",
        )


def _waterfall(deal: Deal) -> Iterator[Complaint]:
    for index, step in enumerate(deal.waterfall):
        yield from _step(deal, f"/waterfall/{index}", step)
    for index in _repeats(deal.waterfall):
        yield Complaint(
            f"/waterfall/{index}",
            "deal.waterfall.repeated",
            "the same step stands twice: keep the one in its proper place",
        )
    residuals = [index for index, s in enumerate(deal.waterfall) if isinstance(s, PayResidual)]
    if residuals != [len(deal.waterfall) - 1]:
        yield Complaint(
            "/waterfall",
            "deal.waterfall.residual",
            "cash would be left without a destination: end with exactly one `pay_residual` step",
        )
    yield from _matched(deal)


def _step(deal: Deal, path: str, step: Step) -> Iterator[Complaint]:
    tranches = {tranche.id: tranche for tranche in deal.tranches}
    match step:
        case PayFee(fee):
            yield from _known(f"{path}/pay_fee", fee, {f.id for f in deal.fees}, "fee")
        case TopUp(reserve):
            known = {deal.reserve.id} if deal.reserve else set()
            yield from _known(f"{path}/top_up", reserve, known, "reserve")
        case PayInterest(tranche):
            yield from _known(f"{path}/pay_interest", tranche, tranches, "tranche")
        case PayPrincipal(tranche):
            yield from _known(f"{path}/pay_principal", tranche, tranches, "tranche")
        case PayResidual(tranche):
            yield from _known(f"{path}/pay_residual", tranche, tranches, "tranche")
            if tranche in tranches and tranches[tranche].tokenised:
                # The first loss stays with the originator, a mainland company, which may not hold
                # the tokens: so the piece that takes the residual never becomes one.
                yield Complaint(
                    f"{path}/pay_residual",
                    "deal.residual.tokenised",
                    f"the residual goes to the retained piece, but {tranche} is tokenised: "
                    "pay it to a tranche with `tokenised: false`",
                )


def _matched(deal: Deal) -> Iterator[Complaint]:
    """Whatever falls due has a step that pays it, and no step pays what never falls due."""
    steps = set(deal.waterfall)
    for index, tranche in enumerate(deal.tranches):
        path, name = f"/tranches/{index}", f"tranche {tranche.id}"
        owes_interest, owes_principal = tranche.rate is not None, bool(tranche.principal_schedule)
        interest, principal = PayInterest(tranche.id), PayPrincipal(tranche.id)
        yield from _pair(path, f"{name}: `rate`", owes_interest, "pay_interest", interest in steps)
        yield from _pair(
            path,
            f"{name}: `principal_schedule`",
            owes_principal,
            "pay_principal",
            principal in steps,
        )
        if steps.isdisjoint({interest, principal, PayResidual(tranche.id)}):
            yield _never_paid(path, f"{name} is paid by no step")
    for index, fee in enumerate(deal.fees):
        if PayFee(fee.id) not in steps:
            yield _never_paid(f"/fees/{index}", f"fee {fee.id} has no `pay_fee` step")
    if deal.reserve is not None and TopUp(deal.reserve.id) not in steps:
        yield _never_paid("/reserve", f"reserve {deal.reserve.id} has no `top_up` step")


def _pair(path: str, term: str, due: bool, step: str, paid: bool) -> Iterator[Complaint]:
    if due and not paid:
        yield _never_paid(path, f"{term} is given but the waterfall has no `{step}` step for it")
    if paid and not due:
        yield Complaint(
            path,
            "deal.waterfall.nothing_due",
            f"{term} is missing but the waterfall has a `{step}` step: add the term, or drop "
            "the step",
        )


def _never_paid(path: str, lack: str) -> Complaint:
    return Complaint(path, "deal.waterfall.never_paid", f"{lack}: add what is missing")


def _not_positive(path: str, rule: str, wanted: str = "more than zero") -> Complaint:
    return Complaint(
        path, rule, f"must be {wanted} and at most {MAX_MICRO}, in micro-units or units"
    )


def _out_of_order(path: str, day: date, wanted: str) -> Complaint:
    return Complaint(path, "deal.dates.order", f"{day} must be {wanted}: correct one of the two")


def _known(path: str, name: str | None, known: Iterable[str], kind: str) -> Iterator[Complaint]:
    names = sorted(known)
    if name not in names:
        choice = ", ".join(names) or "none is defined"
        yield Complaint(
            path, f"deal.unknown.{kind}", f"there is no {kind} {name!r}: use one of ({choice})"
        )


def _repeats(values: Sequence[object]) -> Iterator[int]:
    seen: Counter[object] = Counter()
    for index, value in enumerate(values):
        if seen[value]:
            yield index
        seen[value] += 1
