"""What is reported besides cash: conversion with one rounding, losses within defaults, what is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents.collections import load_collections, parse_collections
from issuer.documents.deal import load_deal
from issuer.domain.collections import Collected
from issuer.domain.errors import InvalidInput
from issuer.domain.money import format_percent, parse_signed_percent
from issuer.domain.reported import PoolReport, losses_beyond_defaults
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Measure, of
from issuer.domain.waterfall.needs import indices_of, measures_pool
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Floating,
    Reserve,
    Structure,
    Test,
)

FOLDER = Path(__file__).parents[2] / "scripts/deals"
TERMS = load_deal(FOLDER / "ev-charging.yaml").structure
SENIOR, FIRST_LOSS = TERMS.tranches
REPORT = PoolReport(1, 8_000_000_003, 100_000, 0, Fraction("1.073512"), date(2026, 6, 30))


def test_pool_is_converted_and_rounded_down_once() -> None:
    # 80,000,000.03 at 1.073512 is 85,880,960.03220536.
    assert REPORT.pool_micro == 85_880_960_032_205
    assert (REPORT.defaulted_micro, REPORT.losses_micro) == (1_073_512_000, 0)


@pytest.mark.parametrize(
    ("reports", "beyond"),
    [
        ([REPORT, replace(REPORT, period=2, defaulted_fen=0, losses_fen=100_000)], []),
        ([REPORT, replace(REPORT, period=2, defaulted_fen=0, losses_fen=100_001)], [2]),
        ([replace(REPORT, period=2), replace(REPORT, defaulted_fen=0, losses_fen=1)], [1]),
        ([], []),
    ],
    ids=["as-much", "more", "earlier-than-the-default", "nothing"],
)
def test_losses_are_compared_with_all_defaults_up_to_then(
    reports: list[PoolReport], beyond: list[int]
) -> None:
    assert [each.period for each, _, _ in losses_beyond_defaults(reports)] == beyond


@pytest.mark.parametrize("text", ["4.25", "-0.05", "0", "100", "0.0000000001"])
def test_percent_is_shown_as_it_was_read(text: str) -> None:
    assert format_percent(parse_signed_percent(text)) == text


def test_percent_of_no_plain_decimal_is_refused() -> None:
    with pytest.raises(ValueError, match="10 decimals"):
        format_percent(Fraction(1, 3))


# ---- what a structure needs


def test_needs_of_the_shipped_deal_are_cash_alone() -> None:
    assert (indices_of(TERMS), measures_pool(TERMS)) == ((), False)


def test_indices_are_named_once_in_order() -> None:
    floating = [Floating(name, Fraction(0)) for name in ("SHIBOR", "HIBOR", "SHIBOR")]
    tranches = tuple(replace(SENIOR, id=f"A{n}", rate=rate) for n, rate in enumerate(floating))
    assert indices_of(replace(TERMS, tranches=(*tranches, FIRST_LOSS))) == ("HIBOR", "SHIBOR")


POOL = of(Measure.CUMULATIVE_LOSSES)
PASSED = Test("t", of(Measure.OUTSTANDING), POOL, Comparison.AT_LEAST, Fraction(1))


@pytest.mark.parametrize(
    "structure",
    [
        replace(TERMS, pool_micro=1),
        replace(TERMS, fees=(BalanceFee("f", "trustee", Fraction(1), POOL),)),
        replace(TERMS, reserves=(Reserve("r", POOL, 0),)),
        replace(TERMS, tests=(PASSED,)),
        replace(TERMS, waterfall=(do.PayFee(("trustee",), limit=POOL), *TERMS.waterfall)),
        replace(TERMS, waterfall=(do.WriteDown(("S",), POOL), *TERMS.waterfall)),
        replace(
            TERMS, waterfall=(do.When("t", (do.Purchase("originator", POOL),)), *TERMS.waterfall)
        ),
        replace(TERMS, others={"other": (do.PayPrincipal(("A",), limit=POOL),)}),
    ],
    ids=["balance", "fee", "reserve", "test", "limit", "write-down", "branch", "other-waterfall"],
)
def test_pool_is_measured_wherever_an_amount_names_it(structure: Structure) -> None:
    assert measures_pool(structure)


# ---- the file


def test_file_of_cash_alone_reads_as_revenue_without_a_pool() -> None:
    found = load_collections(FOLDER / "ev-charging.collections.yaml")
    assert [each.of for each in found.batches] == [Collected.REVENUE]
    assert found.pool_reports == ()


def test_file_says_what_cash_is_of_and_how_the_pool_stands() -> None:
    fx = {"rate": "1.073512", "rate_date": "2026-06-30"}
    document = {
        "version": 1,
        "deal": "ev-charging",
        "batches": [
            {
                "id": "b",
                "period": 1,
                "of": "RECOVERIES",
                "received_on": "2026-07-06",
                "cny": "1.00",
            }
        ],
        "pool_reports": [
            {
                "period": 1,
                "closing_balance": "80000000.03",
                "defaulted": "1000",
                "losses": "0",
                "fx": fx,
            }
        ],
    }
    found = parse_collections(document, "test")
    assert [each.of for each in found.batches] == [Collected.RECOVERIES]
    assert found.pool_reports == (REPORT,)
    document["batches"][0]["of"] = "interest"  # type: ignore[index]
    with pytest.raises(InvalidInput) as refusal:
        parse_collections(document, "test")
    (complaint,) = refusal.value.complaints
    assert complaint.path == "/batches/0/of"
    assert "'REVENUE', 'INTEREST', 'PRINCIPAL' or 'RECOVERIES'" in complaint.message
