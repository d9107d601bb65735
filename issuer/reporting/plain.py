"""A report as plain values: money as text in whole micro-units, fractions and dates as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from issuer.domain.report.model import Identity, PeriodReport
from issuer.reporting.paper import Paper

VERSION = 1
"""Rises when a key changes its name or its meaning."""


def as_plain(paper: Paper) -> dict[str, Any]:
    """The whole report, ready for JSON; keys are the names of the fields."""
    return {
        "version": VERSION,
        "heading": _plain(paper.heading),
        "periods": [_period(each) for each in paper.shown],
    }


def row_of(item: Any) -> dict[str, Any]:
    """One dataclass as a mapping of plain values."""
    return {field.name: _field(field.name, getattr(item, field.name)) for field in fields(item)}


def _period(report: PeriodReport) -> dict[str, Any]:
    row = row_of(report)
    row["identities"] = [_identity(each) for each in report.identities]
    row["collections"]["cash_micro"] = str(report.collections.cash_micro)
    return {"number": report.number, **row}


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "name": identity.name,
        "subject": identity.subject,
        "left": [{"term": term, "amount_micro": str(amount)} for term, amount in identity.left],
        "right": [{"term": term, "amount_micro": str(amount)} for term, amount in identity.right],
        "sum_micro": str(identity.left_micro),
    }


def _field(name: str, value: Any) -> Any:
    """A number as it stands if it counts something, as text if it is money: JSON may be read as floats."""
    if name.endswith("_micro") and value is not None:
        return str(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _field(name, each) for name, each in value.items()}
    return row_of(value) if is_dataclass(value) else value
