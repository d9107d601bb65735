"""A trustee's month: collections, available funds, distributions, balances, factors, to the cent.

The deal has the shape of a trust of retail auto loans: classes that accrue differently, a servicing fee
of the opening pool, principal to a target of overcollateral, a reserve no larger than the notes. All
figures are invented; the reference beside it is a plain computation in decimal cents.
"""

from __future__ import annotations

from datetime import date, time
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from issuer.cashflow import (
    Accrual,
    Amount,
    BalanceFee,
    Collections,
    Convention,
    DayCount,
    Distribution,
    HolidayCalendar,
    Inputs,
    Kind,
    Measure,
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    Period,
    PrincipalMode,
    Release,
    Reserve,
    Rounding,
    RoundingMode,
    ScheduleTerms,
    Sharing,
    Structure,
    Term,
    TopUp,
    build_periods,
    factor,
    investor_report,
    micro,
    of,
    published_factor,
    rate,
    run_deal,
    whole_class,
)

CENTS = Rounding(RoundingMode.HALF_UP, to_micro=10_000)
CENT = Decimal("0.01")
POOL = "1000000.00"
CLASSES = {"A1": ("400000.00", "2.05"), "A2": ("450000.00", "3.14"), "B": ("100000.00", "3.46")}
TARGET, FLOOR = Fraction(8, 100), "40000.00"
RESERVE = "5000.00"

#: Interest, principal, recoveries, pool at the end: two good months, one of losses, the last.
MONTHS = (
    ("4512.37", "61233.18", "0.00", "938766.82"),
    ("1020.11", "30550.01", "250.25", "907716.81"),
    ("100.00", "900.00", "812.90", "866816.81"),
    ("9012.44", "866816.81", "1200.00", "0.00"),
)


@cache
def periods() -> tuple[Period, ...]:
    weekends = HolidayCalendar("weekends", frozenset(), frozenset(), date.max)
    closing = date(2018, 2, 15)
    terms = ScheduleTerms(
        closing=closing,
        accrual_start=closing,
        first_payment=date(2018, 3, 15),
        payments=len(MONTHS),
        months=1,
        first_collection_start=date(2018, 2, 1),
        first_collection_end=date(2018, 2, 28),
        calendars=("weekends",),
        convention=Convention.FOLLOWING,
        allow_projected=False,
        day_count=DayCount.THIRTY_360,
        accrual=Accrual.UNADJUSTED,
        determination_lag=2,
        record_lag=1,
        record_time=time(10),
        time_zone="Asia/Hong_Kong",
    )
    return build_periods(terms, weekends)


def trust() -> Structure:
    notes = tuple(CLASSES)
    own = {"A1": {"day_count": DayCount.ACT_360, "accrual": Accrual.ADJUSTED}}
    overcollateral = Amount(
        (
            Term(Measure.OUTSTANDING, notes),
            Term(Measure.POOL, (), TARGET - 1),
        ),
        at_least=Amount(
            (Term(Measure.OUTSTANDING, notes), Term(Measure.POOL, (), Fraction(-1))),
            plus_micro=micro(FLOOR),
        ),
        rounding=CENTS,
    )
    return Structure(
        tranches=(
            *(
                whole_class(name, micro(face), rate(coupon), rounding=CENTS, **own.get(name, {}))
                for name, (face, coupon) in CLASSES.items()
            ),
            whole_class("R", 1),
        ),
        fees=(
            BalanceFee(
                "servicer", "servicer", rate("1"), of(Measure.POOL_BEFORE),
                DayCount.THIRTY_360, CENTS,
            ),
        ),
        reserves=(
            Reserve(
                "reserve",
                Amount(plus_micro=micro(RESERVE), at_most=of(Measure.OUTSTANDING, *notes)),
                micro(RESERVE),
            ),
        ),
        waterfall=(
            PayFee(("servicer",), support=("reserve",)),
            PayInterest(("A1", "A2"), Sharing.PRO_RATA, support=("reserve",)),
            PayInterest(("B",), support=("reserve",)),
            PayPrincipal(notes, PrincipalMode.AVAILABLE, limit=overcollateral),
            TopUp("reserve"),
            Release("reserve"),
            PayResidual("R"),
        ),
        pool_micro=micro(POOL),
    )  # fmt: skip


def reference() -> list[dict[str, Decimal]]:
    """The same months, line by line, in decimal cents."""
    paid_on = [date(2018, 2, 15), date(2018, 3, 15), date(2018, 4, 16), date(2018, 5, 15)]
    paid_on.append(date(2018, 6, 15))
    balance = {name: Decimal(face) for name, (face, _) in CLASSES.items()}
    owed = dict.fromkeys(balance, Decimal(0))
    pool, reserve, found = Decimal(POOL), Decimal(RESERVE), []
    for number, (interest, principal, recoveries, after) in enumerate(MONTHS):
        line: dict[str, Decimal] = {}
        cash = Decimal(interest) + Decimal(principal) + Decimal(recoveries)
        days = (paid_on[number + 1] - paid_on[number]).days
        due = {"fee": (pool / 1200).quantize(CENT, ROUND_HALF_UP)}
        for name, (_, coupon) in CLASSES.items():
            counted = Decimal(days if name == "A1" else 30) / 360
            bears = balance[name] * Decimal(coupon) / 100 * counted
            due[name] = owed[name] + bears.quantize(CENT, ROUND_HALF_UP)
        for name, amount in due.items():  # enough, with the reserve, for every line in these months
            drawn = max(min(amount - cash, reserve), Decimal(0))
            cash, reserve = cash + drawn, reserve - drawn
            line[name] = min(amount, cash)
            cash -= line[name]
            owed[name] = amount - line[name]
        pool = Decimal(after)
        notes = sum(balance.values())
        target = max(pool * Decimal("0.08"), Decimal(FLOOR))
        wanted = max(notes - (pool - target), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
        left = min(cash, wanted, notes)
        cash -= left
        for name in CLASSES:
            line[f"principal {name}"] = min(left, balance[name])
            balance[name] -= line[f"principal {name}"]
            left -= line[f"principal {name}"]
        to_hold = min(Decimal(RESERVE), sum(balance.values(), Decimal(0)))
        moved = min(to_hold - reserve, cash)  # below zero where it is released
        cash, reserve = cash - moved, reserve + moved
        found.append({**line, "reserve": reserve, "residual": cash, **balance_lines(balance)})
    return found


def balance_lines(balance: dict[str, Decimal]) -> dict[str, Decimal]:
    return {f"balance {name}": amount for name, amount in balance.items()}


@cache
def paid() -> tuple[Distribution, ...]:
    inputs = [
        Inputs(
            Collections(
                interest_micro=micro(interest),
                principal_micro=micro(principal),
                recoveries_micro=micro(recoveries),
                pool_micro=micro(after),
            )
        )
        for interest, principal, recoveries, after in MONTHS
    ]
    return run_deal(trust(), inputs, periods())


def told(found: Distribution) -> dict[str, int]:
    lines = {"fee": found.total(Kind.FEE)}
    lines |= {name: found.total(Kind.INTEREST, name) for name in CLASSES}
    lines |= {f"principal {name}": found.total(Kind.PRINCIPAL, name) for name in CLASSES}
    lines |= {"reserve": found.closing.reserve_micro, "residual": found.total(Kind.RESIDUAL)}
    left = found.closing.tranches
    return lines | {f"balance {n}": left[n].outstanding_per_unit_micro for n in CLASSES}


def test_each_line_of_each_month_is_the_references_to_the_cent() -> None:
    for month, (ours, theirs) in enumerate(zip(paid(), reference(), strict=True), start=1):
        assert told(ours) == {name: int(each * 10**6) for name, each in theirs.items()}, month


def test_the_months_are_not_all_alike() -> None:
    """A reserve drawn and filled, principal short of its target, and all repaid in the end."""
    assert [each.total(Kind.DRAW) > 0 for each in paid()] == [False, False, True, False]
    assert paid()[2].total(Kind.PRINCIPAL) == 0
    assert paid()[3].total(Kind.RELEASE) + paid()[3].total(Kind.RESIDUAL) > 0
    assert all(paid()[3].closing.tranches[name].outstanding_per_unit_micro == 0 for name in CLASSES)
    assert [each.payment.day for each in periods()] == [15, 16, 15, 15]


def test_available_funds_are_what_is_distributed_and_kept() -> None:
    investor_report(trust(), paid(), periods())  # its identities hold, or it raises
    for each in paid():
        came = each.collections_micro + each.opening.reserve_micro
        assert came == each.paid_micro + each.closing.reserve_micro


def test_factors_are_printed_to_seven_places() -> None:
    for ours, theirs in zip(paid(), reference(), strict=True):
        for name, (face, _) in CLASSES.items():
            left = ours.closing.tranches[name].outstanding_per_unit_micro
            exact = factor(left, micro(face))
            ratio = theirs[f"balance {name}"] / Decimal(face)
            seven = Decimal("0.0000001")
            assert published_factor(exact, 7) == f"{ratio.quantize(seven, ROUND_DOWN):f}"
            half_up = published_factor(exact, 7, RoundingMode.HALF_UP)
            assert half_up == f"{ratio.quantize(seven, ROUND_HALF_UP):f}"
