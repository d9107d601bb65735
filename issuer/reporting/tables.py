"""A report as CSV: one table for each kind of row, every row with the number of its period."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any

from issuer.domain.report.model import (
    FeeReport,
    PeriodReport,
    PoolReport,
    ReserveReport,
    SponsorReport,
    TestReport,
    TrancheReport,
)
from issuer.domain.reported import Fixing
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import PaymentLine
from issuer.domain.waterfall.state import Collections
from issuer.reporting.paper import Paper
from issuer.reporting.plain import row_of

_Row = dict[str, Any]


class Table(StrEnum):
    """The tables there are."""

    PERIODS = "periods"
    LINES = "lines"
    TRANCHES = "tranches"
    FEES = "fees"
    RESERVES = "reserves"
    SPONSORS = "sponsors"
    POOL = "pool"
    FIXINGS = "fixings"
    TESTS = "tests"
    IDENTITIES = "identities"


def as_csv(paper: Paper, table: Table) -> str:
    """One table. Its columns are always the same, also when it has no rows."""
    columns, rows = _TABLES[table]
    text = io.StringIO()
    writer = csv.DictWriter(text, ("period", *columns), lineterminator="\n")
    writer.writeheader()
    for each in paper.shown:
        writer.writerows({"period": each.number, **_safe(row)} for row in rows(each))
    return text.getvalue()


def _safe(row: _Row) -> _Row:
    """A spreadsheet would carry out a text that begins like a formula; an apostrophe keeps it a text."""
    return {
        name: f"'{value}"
        if not name.endswith("_micro") and str(value).startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
        for name, value in row.items()
    }


_OF_PERIOD = ("waterfall", "support_micro", "available_micro", "paid_micro")


def _of_period(report: PeriodReport) -> Iterator[_Row]:
    row = {name: value for name, value in row_of(report.dates).items() if name != "number"}
    for name in ("reference", "unadjusted", "adjusted"):
        row[name] = " ".join(row[name] or ())
    own = row_of(report)
    yield row | row_of(report.collections) | {name: own[name] for name in _OF_PERIOD}


def _identities(report: PeriodReport) -> Iterator[_Row]:
    for each in report.identities:
        for side, terms in (("left", each.left), ("right", each.right)):
            for term, amount in terms:
                yield {
                    "name": each.name,
                    "subject": each.subject,
                    "side": side,
                    "term": term,
                    "amount_micro": str(amount),
                }


def _of(
    model: type[Any], find: Callable[[PeriodReport], Sequence[Any]], *without: str
) -> tuple[tuple[str, ...], Callable[[PeriodReport], Iterator[_Row]]]:
    names = _names(model, *without)
    return names, lambda report: (
        {name: value for name, value in row_of(each).items() if name in names}
        for each in find(report)
    )


def _names(model: type[Any], *without: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(model) if field.name not in without)


_TABLES: Mapping[Table, tuple[tuple[str, ...], Callable[[PeriodReport], Iterator[_Row]]]] = {
    Table.PERIODS: ((*_names(Period, "number"), *_names(Collections), *_OF_PERIOD), _of_period),
    Table.LINES: _of(PaymentLine, lambda report: report.lines),
    Table.TRANCHES: _of(TrancheReport, lambda report: report.tranches),
    Table.FEES: _of(FeeReport, lambda report: report.fees),
    Table.RESERVES: _of(ReserveReport, lambda report: report.reserves),
    Table.SPONSORS: _of(SponsorReport, lambda report: report.sponsors),
    Table.POOL: _of(PoolReport, lambda report: (report.pool,) if report.pool else ()),
    Table.FIXINGS: _of(Fixing, lambda report: report.fixings, "period"),
    Table.TESTS: _of(TestReport, lambda report: report.tests),
    Table.IDENTITIES: (("name", "subject", "side", "term", "amount_micro"), _identities),
}
