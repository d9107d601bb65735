"""What is wrong with the terms of a deal: every complaint with a JSON pointer and a cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from issuer.domain.day_count import DayCount
from issuer.domain.deal import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_LOCK_UP_DAYS,
    MAX_PAYMENTS,
    Deal,
    ScheduleTerms,
)
from issuer.domain.errors import Complaint
from issuer.domain.money import MAX_MICRO, format_micro
from issuer.domain.waterfall.checks import check_structure, not_positive
from issuer.domain.waterfall.steps import PayResidual
from issuer.domain.waterfall.structure import NORMAL, Tranche


def validate_deal(deal: Deal) -> list[Complaint]:
    """All that is wrong with the terms, each with a JSON pointer into the deal file and a cure.

    An empty list means that `distribute` can carry the deal out; `build_schedule` may still find
    that the holidays push two dates of a period into the wrong order.
    """
    checks = (_ids, _currency, _amounts, _tranches, _offering, _dates, _day_counts, _residual)
    payees = [payee.id for payee in deal.payees]
    return [
        *(complaint for check in checks for complaint in check(deal)),
        *check_structure(deal.structure, deal.schedule.payments, payees),
    ]


def _ids(deal: Deal) -> Iterator[Complaint]:
    groups: dict[str, list[str]] = {
        "payees": [payee.id for payee in deal.payees],
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
        yield not_positive("/issuer/other_debt", "deal.amount.range", "zero or more")


def _tranches(deal: Deal) -> Iterator[Complaint]:
    payees = {payee.id for payee in deal.payees}
    for index, tranche in enumerate(deal.tranches):
        path = f"/tranches/{index}"
        yield from _form(path, tranche, payees)


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


def _offering(deal: Deal) -> Iterator[Complaint]:
    offering = deal.offering
    if not 0 < offering.min_subscription_micro <= MAX_MICRO:
        yield not_positive("/offering/min_subscription", "deal.offering.range")
    if not 0 < offering.holder_cap <= MAX_MICRO:
        yield not_positive("/offering/holder_cap", "deal.offering.range")
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


def _day_counts(deal: Deal) -> Iterator[Complaint]:
    months = deal.schedule.months
    if not 1 <= months <= 12 or deal.schedule.frequency is not None:
        return
    own = {f"/tranches/{index}": each.day_count for index, each in enumerate(deal.tranches)}
    for path, day_count in {"/schedule": deal.schedule.day_count, **own}.items():
        if day_count is DayCount.ACT_ACT_ICMA:
            yield Complaint(
                f"{path}/day_count",
                "deal.schedule.day_count",
                f"ACT/ACT ICMA divides the year into equal periods, which {months} months are not:"
                " pay every 1, 2, 3, 4, 6 or 12 months, or use another day count",
            )


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
    if terms.end_of_month and (terms.first_payment + timedelta(1)).day != 1:
        yield Complaint(
            "/schedule/end_of_month",
            "deal.schedule.end_of_month",
            f"payments at month ends start at one, and {terms.first_payment} is none: move the "
            "first payment, or leave `end_of_month` out",
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


def _residual(deal: Deal) -> Iterator[Complaint]:
    tokenised = {tranche.id for tranche in deal.tokenised}
    for name, steps in deal.structure.all_waterfalls.items():
        waterfall = "/waterfall" if name == NORMAL else f"/other_waterfalls/{name}"
        for index, step in enumerate(steps):
            if isinstance(step, PayResidual) and step.tranche in tokenised:
                # The first loss stays with the originator, a mainland company, which may not
                # hold the tokens: so the piece that takes the residual never becomes one.
                yield Complaint(
                    f"{waterfall}/{index}/pay_residual",
                    "deal.residual.tokenised",
                    f"the residual goes to the retained piece, but {step.tranche} is tokenised:"
                    " pay it to a tranche with `tokenised: false`",
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
