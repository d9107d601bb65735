"""A projection as text, at most a hundred columns wide for deals below ten billion."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.answers.projections import (
    OutcomeView,
    ProjectedPaymentView,
    ProjectionView,
    TranchePaymentView,
)

WIDTH = 100
_EVER = 10_000
"""Wide enough that no table is ever cut: figures are not left out for a narrow terminal."""
_console = Console(emoji=False, highlight=False, soft_wrap=True)
_MARK = "*"


def show(found: ProjectionView) -> None:
    """Print all of it."""
    _head(found)
    _payments(found)
    _cash(found)
    _totals(found)
    _measures(found)
    _conventions(found)


def print_table(table: Table, width: int = _EVER) -> None:
    """As wide as its figures, whatever the terminal; no blanks at the end of a line."""
    wide = Console(emoji=False, highlight=False, width=width)
    with wide.capture() as printed:
        wide.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _head(found: ProjectionView) -> None:
    invented = "an invented pool, " if found.synthetic else ""
    _console.print(
        f"[bold]{escape(found.deal)}[/] projected: {invented}{escape(case_of(found.overrides))}, "
        f"{found.fx_rate} {found.currency} per CNY."
    )
    _console.print(f"Amounts in {found.currency}, cents cut off; an estimate, not a promise.\n")


def case_of(overrides: Mapping[str, object]) -> str:
    """The case in words."""
    return ", ".join(map(_stated, overrides, overrides.values())) or "base case"


def _stated(name: str, value: object) -> str:
    """A speed as the market writes it: 150 PSA."""
    return f"{value} PSA" if name == "psa" else f"{name} {_plain(value)}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(value["values"])
    return str(value)


def _payments(found: ProjectionView) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("payment", no_wrap=True)
    for name in ("collected", "", "interest", "principal", "outstanding", "factor"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    for payment in found.payments:
        for index, paid in enumerate(_told(payment)):
            first = index == 0
            table.add_row(
                f"{payment.pays_on}{_MARK * payment.projected}" if first else "",
                coin(payment.collections.cash_micro) if first else "",
                escape(paid.tranche),
                *(
                    ("residual", coin(paid.residual_micro), "", "")
                    if paid.residual_micro and not paid.principal_micro
                    else (
                        coin(paid.interest_micro),
                        coin(paid.principal_micro),
                        coin(paid.outstanding_micro),
                        paid.factor,
                    )
                ),
            )
    print_table(table)
    for line in _notes(found):
        _console.print(escape(line))


def _told(payment: ProjectedPaymentView) -> Sequence[TranchePaymentView]:
    """Classes that still have something to tell: not those repaid before. Where none has, the last."""
    return [
        paid
        for paid in payment.tranches
        if paid.interest_micro
        or paid.interest_shortfall_micro
        or paid.principal_micro
        or paid.put_back_micro
        or paid.residual_micro
        or paid.outstanding_micro
    ] or payment.tranches[-1:]


def _notes(found: ProjectionView) -> Iterator[str]:
    if any(payment.projected for payment in found.payments):
        yield f"{_MARK} projected: past the published holidays, so the date may still move."
    told = ((each.pays_on, "; ".join(_happened(each, found.called))) for each in found.payments)
    for said, group in groupby(told, key=lambda each: each[1]):
        days = [day for day, _ in group]
        if said:
            until = "" if len(days) == 1 else f" to {days[-1]}"
            yield f"  {days[0]}{until}  {said}"


def _happened(payment: ProjectedPaymentView, called: int | None) -> Iterator[str]:
    if payment.waterfall != "normal":
        yield f"waterfall {payment.waterfall}"
    if payment.failed_tests:
        yield f"failed {', '.join(payment.failed_tests)}"
    if payment.support_micro:
        yield f"sponsors {coin(payment.support_micro)}"
    for paid in payment.tranches:
        short = paid.interest_shortfall_micro + paid.principal_shortfall_micro
        for what, amount in (("short", short), ("put back", paid.put_back_micro)):
            if amount:
                yield f"{paid.tranche} {what} {coin(amount)}"
    if payment.payment == called:
        yield "pool bought back"


def _cash(found: ProjectionView) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("tranche", no_wrap=True)
    for name in ("interest", "principal", "residual", "interest unpaid", "loss"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.tranches:
        table.add_row(
            escape(each.tranche),
            coin(each.interest_micro),
            coin(each.principal_micro),
            coin(each.residual_micro),
            coin(each.interest_unpaid_micro),
            "-" if each.loss_micro is None else coin(each.loss_micro),
        )
    _console.print()
    print_table(table)


def _totals(found: ProjectionView) -> None:
    """What came in and where it went: both sides add up to the same. Lines of nothing are left out."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for side, names in (("in", _CAME_IN), ("out", _WENT_OUT)):
        amounts = {said: getattr(found.totals, name) for name, said in names.items()}
        for said, amount in amounts.items():
            if amount:
                table.add_row(said, coin(amount))
        table.add_row(f"all {side}", coin(sum(amounts.values())))
    _console.print()
    print_table(table)


_CAME_IN = {
    "collections_micro": "collections",
    "opening_reserve_micro": "reserve at the start",
    "support_micro": "from sponsors",
}
_WENT_OUT = {
    "fees_micro": "fees",
    "interest_micro": "interest",
    "principal_micro": "principal",
    "purchases_micro": "purchases",
    "support_repaid_micro": "back to sponsors",
    "residual_micro": "residual",
    "left_in_reserve_micro": "left in reserve",
    "left_over_micro": "left, as it does not divide",
}


def _measures(found: ProjectionView) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("tranche", no_wrap=True)
    for name in (
        "WAL, years",
        "yield at par",
        "Macaulay, years",
        "modified, years",
        f"PV at {found.discount_rate} %, % of face",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.tranches:
        table.add_row(escape(each.tranche), *_figures(each))
    _console.print()
    print_table(table)
    if found.coverage and found.coverage.minimum:
        lowest = found.coverage.periods.index(found.coverage.minimum)
        _console.print(
            f"DSCR {found.coverage.minimum} at least ({found.payments[lowest].pays_on}), "
            f"{found.coverage.average} on average."
        )
    else:
        _console.print("No DSCR: not every tokenised note has a schedule that makes principal due.")


def _figures(found: OutcomeView) -> tuple[str, ...]:
    rate = found.yield_at_par
    return (
        padded(found.average_life),
        "-" if rate is None else f"{100 * rate:.4f}%",
        "-" if found.macaulay_duration is None else f"{found.macaulay_duration:.6f}",
        "-" if found.modified_duration is None else f"{found.modified_duration:.6f}",
        "-" if found.present_value_percent is None else f"{found.present_value_percent:.4f}",
    )


def padded(decimal: str | None) -> str:
    """With six decimals, so that they stand one below another."""
    if decimal is None:
        return "-"
    whole, _, decimals = decimal.partition(".")
    return f"{whole}.{decimals:0<6}"


def _conventions(found: ProjectionView) -> None:
    _console.print()
    grid = Table.grid(padding=(0, 2))
    for name, said in found.conventions.items():
        grid.add_row(f"{_NAMES.get(name, name)}:", escape(said))
    made = found.made_of
    grid.add_row("deal:", made.deal_hash)
    grid.add_row("pool:", made.pool_hash)
    if made.tape_hash:
        grid.add_row("tape:", made.tape_hash)
    grid.add_row("simulator:", made.simulator)
    print_table(grid, WIDTH)


_NAMES = {
    "average_life": "WAL",
    "yield_at_par": "yield",
    "present_value": "PV",
    "dscr": "DSCR",
}


def coin(micro: int) -> str:
    """An amount for people: cents are enough."""
    whole, cents = divmod(micro // 10_000, 100)
    return f"{whole:,}.{cents:02d}"
