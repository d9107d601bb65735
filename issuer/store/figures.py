"""A distribution's figures as JSON and back; fractions travel as texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from issuer.domain.waterfall.distribution import (
    Distribution,
    Kind,
    PaymentLine,
    PerUnit,
    TestResult,
)
from issuer.domain.waterfall.standing import Standing
from issuer.domain.waterfall.state import Collections, DealState, PoolState, TrancheState


def figures_row(figures: Distribution) -> dict[str, Any]:
    """What is stored of a determination."""
    row = asdict(figures)
    row["tests"] = [{**each, "threshold": str(each["threshold"])} for each in row["tests"]]
    return row


def read_figures(row: Mapping[str, Any]) -> Distribution:
    """The figures as they were determined."""
    return Distribution(
        period=row["period"],
        collections=Collections(**row["collections"]),
        opening=_state(row["opening"]),
        closing=_state(row["closing"]),
        lines=tuple(PaymentLine(**{**line, "kind": Kind(line["kind"])}) for line in row["lines"]),
        per_unit=tuple(PerUnit(**each) for each in row["per_unit"]),
        mode=row["mode"],
        tests=tuple(
            TestResult(**{**each, "threshold": Fraction(each["threshold"])})
            for each in row["tests"]
        ),
        standing=Standing(row.get("standing", Standing.PERFORMING)),
    )


def _state(row: Mapping[str, Any]) -> DealState:
    return DealState(
        tranches={name: TrancheState(**each) for name, each in row["tranches"].items()},
        reserves=row["reserves"],
        fee_arrears=row["fee_arrears"],
        support_owed=row["support_owed"],
        pool=PoolState(**row["pool"]),
        failed=tuple(row["failed"]),
    )
