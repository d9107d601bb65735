"""A deal file that forgets a claim, leaves cash without a way out or names what is not there is refused
when it is loaded; the same file put right is accepted.
"""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.deal import parse_deal
from issuer.documents.text import read_file
from issuer.domain.deal import Deal
from issuer.domain.errors import InvalidInput
from issuer.domain.rounding import Rounding, RoundingMode
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.steps import PrincipalMode, Sharing, Source
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Direction,
    Floating,
    InterestBase,
    Moment,
    PrincipalRule,
)

DOCUMENT = dict(read_file(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml"))

#: A second class, a sponsor, a test and another waterfall, each as a deal file writes them.
RICH: dict[str, Any] = {
    "tranches": [
        {**DOCUMENT["tranches"][0], "principal_rule": "planned_balance", "day_count": "30/360"},
        {
            "id": "B",
            "name": "Class B notes",
            "tokenised": False,
            "retained_by": "originator",
            "units": 1,
            "denomination": "10000000",
            "floating": {"index": "HIBOR-3M", "spread": "2.5", "floor": "0", "cap": "9"},
            "rounding": {"mode": "half_up", "to": "0.01"},
            "shortfall_spread": "1",
            "write_down_rounding": "down",
            "interest_base": "before_write_downs",
        },
        DOCUMENT["tranches"][1],
    ],
    "fees": [
        *DOCUMENT["fees"],
        {
            "id": "manager",
            "payee": "servicer",
            "percent_a_year": {"rate": "0.5", "base": [{"measure": "pool_before"}]},
        },
    ],
    "reserves": [
        {
            "id": "reserve",
            "target": {"sum": [{"measure": "outstanding", "percent": "2"}], "at_least": "500000"},
            "opening": "1200000",
        }
    ],
    "sponsors": [{"id": "parent", "payee": "originator", "limit": "5000000"}],
    "pool": "112000000",
    "assumed_fixings": {"HIBOR-3M": "4.25"},
    "tests": [
        {
            "id": "oc",
            "numerator": [{"measure": "pool"}],
            "denominator": [{"measure": "outstanding", "of": ["A"]}],
            "at_least": "110",
            "switches_to": "turbo",
        },
        {
            "id": "unpaid",
            "numerator": [{"measure": "interest_due", "of": ["A"]}],
            "at_most": "0",
            "curable": False,
            "moment": "payment",
        },
    ],
    "waterfall": [
        {"pay_fee": ["trustee", "servicer", "manager"]},
        {"pay_interest": {"tranches": ["A"], "support": ["reserve", "parent"]}},
        {"top_up": "reserve"},
        {"pay_principal": {"tranches": ["A"], "source": ["principal", "interest"]}},
        {"pay_interest": "B"},
        {"pay_interest_on_interest": "B"},
        {
            "when": {
                "failed": "unpaid",
                "then": [{"pay_principal": {"tranches": ["A"], "mode": "available"}}],
                "otherwise": [
                    {
                        "purchase": {
                            "payee": "originator",
                            "limit": {"sum": [{"measure": "principal_collections"}]},
                            "source": ["principal"],
                        }
                    }
                ],
            }
        },
        {"pay_principal": {"tranches": ["B"], "mode": "available", "limit": "1000000"}},
        {
            "write_down": {
                "tranches": ["B"],
                "amount": [
                    {"measure": "cumulative_losses"},
                    {"measure": "written_down", "percent": "-100"},
                ],
            }
        },
        {"repay_support": "parent"},
        {"release": "reserve"},
        {"pay_residual": "S"},
    ],
    "other_waterfalls": {
        "turbo": [
            {"pay_fee": ["trustee", "servicer", "manager"]},
            {"pay_interest": {"tranches": ["A", "B"], "sharing": "pro_rata"}},
            {"pay_interest_on_interest": "B"},
            {"pay_principal": {"tranches": ["A", "B"], "mode": "available"}},
            {"repay_support": "parent"},
            {"release": "reserve"},
            {"pay_residual": "S"},
        ]
    },
}


def changed(path: str, value: Any = ...) -> dict[str, Any]:
    """The rich deal with the value at a pointer replaced or, without one, removed."""
    document = deepcopy({**DOCUMENT, **RICH})
    *parents, last = (int(part) if part.isdigit() else part for part in path[1:].split("/"))
    here: Any = document
    for part in parents:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return document


def complaints(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refusal:
        parse_deal(document, "test")
    return [(each.path, each.rule) for each in refusal.value.complaints]


@pytest.fixture(scope="module")
def rich() -> Deal:
    return parse_deal({**DOCUMENT, **RICH}, "test")


def test_terms_of_a_class_are_read_as_written(rich: Deal) -> None:
    a, b, _ = rich.tranches
    assert (a.principal_rule, a.day_count) == (PrincipalRule.PLANNED_BALANCE, "30/360")
    assert b.rate == Floating("HIBOR-3M", Fraction(25, 1000), Fraction(0), Fraction(9, 100))
    assert b.rounding == Rounding(RoundingMode.HALF_UP, 10_000)
    assert b.shortfall_spread == Fraction(1, 100)
    assert (b.write_down_rounding, b.interest_base) == (
        Direction.DOWN,
        InterestBase.BEFORE_WRITE_DOWNS,
    )


def test_fees_reserves_sponsors_and_fixings_are_read_as_written(rich: Deal) -> None:
    terms = rich.structure
    assert terms.fees[2] == BalanceFee(
        "manager", "servicer", Fraction(5, 1000), of(Measure.POOL_BEFORE)
    )
    (reserve,), (sponsor,) = terms.reserves, terms.sponsors
    share = Term(Measure.OUTSTANDING, (), Fraction(2, 100))
    assert reserve.target == Amount((share,), at_least_micro=500_000 * 10**6)
    assert (sponsor.payee, sponsor.limit_micro) == ("originator", 5_000_000 * 10**6)
    assert terms.pool_micro == 112_000_000 * 10**6
    assert terms.assumed_fixings == {"HIBOR-3M": Fraction(425, 10_000)}


def test_tests_are_read_as_written(rich: Deal) -> None:
    oc, unpaid = rich.structure.tests
    assert (oc.comparison, oc.threshold, oc.switches_to) == (
        Comparison.AT_LEAST,
        Fraction(11, 10),
        "turbo",
    )
    assert (unpaid.denominator, unpaid.comparison, unpaid.curable) == (
        None,
        Comparison.AT_MOST,
        False,
    )
    assert unpaid.moment is Moment.PAYMENT


def test_steps_are_read_as_written(rich: Deal) -> None:
    steps = rich.waterfall
    assert steps[0] == do.PayFee(("trustee", "servicer", "manager"))
    assert steps[1] == do.PayInterest(("A",), support=("reserve", "parent"))
    assert steps[3] == do.PayPrincipal(("A",), source=(Source.PRINCIPAL, Source.INTEREST))
    assert steps[6] == do.When(
        "unpaid",
        then=(do.PayPrincipal(("A",), PrincipalMode.AVAILABLE),),
        otherwise=(
            do.Purchase("originator", of(Measure.PRINCIPAL_COLLECTIONS), (Source.PRINCIPAL,)),
        ),
    )
    assert steps[7] == do.PayPrincipal(
        ("B",), PrincipalMode.AVAILABLE, limit=Amount(plus_micro=10**12)
    )
    lost = (Term(Measure.CUMULATIVE_LOSSES), Term(Measure.WRITTEN_DOWN, (), Fraction(-1)))
    assert steps[8] == do.WriteDown(("B",), Amount(lost))
    turbo = rich.structure.others["turbo"]
    assert turbo[1] == do.PayInterest(("A", "B"), Sharing.PRO_RATA)


MAIN, OTHER = "/waterfall", "/other_waterfalls/turbo"


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        pytest.param(
            f"{MAIN}/1/pay_interest/support",
            ["reserve", "nobody"],
            (f"{MAIN}/1/pay_interest/support", "deal.unknown.reserve"),
            id="support-by-nobody",
        ),
        pytest.param(
            f"{MAIN}/6/when/failed",
            "icr",
            (f"{MAIN}/6/when/failed", "deal.unknown.test"),
            id="branch-on-no-test",
        ),
        pytest.param(
            f"{MAIN}/6/when/then/0/pay_principal/tranches",
            ["X"],
            (f"{MAIN}/6/when/then/0/pay_principal", "deal.unknown.tranche"),
            id="unknown-within-a-branch",
        ),
        pytest.param(
            f"{MAIN}/6/when/otherwise/0/purchase/payee",
            "nobody",
            (f"{MAIN}/6/when/otherwise/0/purchase/payee", "deal.unknown.payee"),
            id="bought-from-nobody",
        ),
        pytest.param(
            f"{MAIN}/9/repay_support",
            "uncle",
            (f"{MAIN}/9/repay_support", "deal.unknown.sponsor"),
            id="repaid-to-nobody",
        ),
        pytest.param(
            "/tests/0/switches_to",
            "slow",
            ("/tests/0/switches_to", "deal.unknown.waterfall"),
            id="switch-to-no-waterfall",
        ),
        pytest.param(
            "/tests/0/denominator/0/of",
            ["X"],
            ("/tests/0/denominator/sum/0/of", "deal.unknown.tranche"),
            id="ratio-to-no-class",
        ),
        pytest.param(
            "/tests/0/numerator/0/of",
            ["A"],
            ("/tests/0/numerator/sum/0/of", "deal.amount.of"),
            id="pool-of-a-class",
        ),
        pytest.param(
            "/fees/2/percent_a_year/rate",
            "101",
            ("/fees/2/percent_a_year/rate", "deal.fees.range"),
            id="fee-of-all-and-more",
        ),
        pytest.param(
            "/sponsors/0/payee",
            "nobody",
            ("/sponsors/0/payee", "deal.unknown.payee"),
            id="sponsor-is-no-payee",
        ),
        pytest.param(
            "/sponsors/0/id",
            "reserve",
            ("/sponsors/0/id", "deal.sponsors.duplicate"),
            id="sponsor-called-as-a-reserve",
        ),
        pytest.param(
            "/assumed_fixings", {}, ("/tranches/1/rate", "deal.rate.index"), id="nothing-assumed"
        ),
        pytest.param(
            "/tranches/1/floating/floor",
            "10",
            ("/tranches/1/rate", "deal.rate.range"),
            id="floor-above-cap",
        ),
        pytest.param(
            "/tranches/0/rounding",
            {"mode": "half_up", "to": "0.01"},
            ("/tranches/0/rounding", "deal.rounding.tokenised"),
            id="token-rounded-to-the-cent",
        ),
        pytest.param(
            "/tranches/1/rounding/to",
            "0",
            ("/tranches/1/rounding/to", "deal.rounding.range"),
            id="rounded-to-nothing",
        ),
        pytest.param(
            "/tranches/1/shortfall_spread",
            ...,
            ("/tranches/1", "deal.waterfall.nothing_due"),
            id="interest-on-interest-that-is-not-due",
        ),
        pytest.param(
            "/tranches/1/principal_rule",
            "planned_balance",
            ("/tranches/1", "deal.waterfall.never_paid"),
            id="plan-without-a-schedule",
        ),
        pytest.param(
            f"{MAIN}/7",
            {"release": "reserve"},
            ("/tranches/1", "deal.waterfall.never_paid"),
            id="class-never-repaid",
        ),
        pytest.param(
            f"{OTHER}/3/pay_principal/tranches",
            ["A"],
            ("/tranches/1", "deal.waterfall.never_paid"),
            id="class-never-repaid-elsewhere",
        ),
        pytest.param(
            f"{OTHER}/0/pay_fee",
            ["trustee", "servicer"],
            ("/fees/2", "deal.waterfall.never_paid"),
            id="fee-never-paid-elsewhere",
        ),
        pytest.param(
            f"{OTHER}/5",
            ...,
            ("/reserves/0", "deal.reserve.no_way_out"),
            id="reserve-without-a-way-out-elsewhere",
        ),
        pytest.param(
            f"{OTHER}/6", ..., (OTHER, "deal.waterfall.residual"), id="cash-left-elsewhere"
        ),
        pytest.param(
            "/tests/0/switches_to",
            ...,
            (OTHER, "deal.waterfall.never_used"),
            id="never-switched-to",
        ),
        pytest.param(
            f"{MAIN}/1/pay_interest/support",
            ["reserve"],
            ("/sponsors/0", "deal.waterfall.never_paid"),
            id="sponsor-of-nothing",
        ),
    ],
)
def test_what_is_forgotten_or_unknown_is_refused_with_its_place(
    path: str, value: Any, complaint: tuple[str, str]
) -> None:
    assert complaint in complaints(changed(path, value))


def test_reserve_that_opens_empty_and_is_never_filled_is_refused() -> None:
    document = changed(f"{MAIN}/2")
    document["reserves"][0]["opening"] = "0"
    assert complaints(document) == [("/reserves/0", "deal.waterfall.never_paid")]


@pytest.mark.parametrize("name", ["normal"])
def test_other_waterfall_called_as_the_first_is_refused(name: str) -> None:
    document = changed("/tests/0/switches_to", name)
    document["other_waterfalls"] = {name: RICH["other_waterfalls"]["turbo"]}
    found = complaints(document)
    assert (f"/other_waterfalls/{name}", "deal.waterfall.name") in found


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("/tranches/1/rate", "5", "schema.value_error"),
        ("/fees/2/amount", "5", "schema.value_error"),
        ("/tests/0/at_most", "5", "schema.value_error"),
        ("/tests/0/numerator/0/measure", "hope", "schema.enum"),
        (f"{MAIN}/1/pay_interest/source", [], "schema.too_short"),
        (f"{MAIN}/3/pay_principal/mode", "slowly", "schema.enum"),
    ],
)
def test_terms_that_exclude_each_other_or_do_not_exist_are_refused(
    path: str, value: Any, rule: str
) -> None:
    assert rule in {found for _, found in complaints(changed(path, value))}


# ---- ranks


def ranked(*shares: str | None) -> dict[str, Any]:
    """Tokens A, B, C … of the shipped deal, each sharing the rank of the one named, and S that has none."""
    senior, retained = DOCUMENT["tranches"]
    names = "ABCD"[: len(shares)]
    tokens = [
        {**senior, "id": name, "symbol": f"EVC-{name}", "isin": None, "pari_passu_with": shared}
        for name, shared in zip(names, shares, strict=True)
    ]
    steps = [{"pay_interest": list(names)}, {"pay_principal": list(names)}]
    fees = {"pay_fee": ["trustee", "servicer"]}
    end = [{"release": "reserve"}, {"pay_residual": "S"}]
    waterfall = [fees, *steps, {"top_up": "reserve"}, *end]
    return {**DOCUMENT, "tranches": [*tokens, retained], "waterfall": waterfall}


@pytest.mark.parametrize(
    ("shares", "ranks"),
    [
        ((None, None, None), [1, 2, 3]),
        ((None, "A", None), [1, 1, 2]),
        ((None, "A", "A"), [1, 1, 1]),
        ((None, "A", "B"), [1, 1, 1]),
        ((None, None, "B", "C"), [1, 2, 2, 2]),
    ],
)
def test_tokens_rank_by_their_place_or_with_the_one_they_name(
    shares: tuple[str | None, ...], ranks: list[int]
) -> None:
    structure = parse_deal(ranked(*shares), "test").structure
    assert list(structure.ranks.values()) == ranks


@pytest.mark.parametrize(
    ("shares", "at"),
    [
        (("A",), 0),
        (("B", None), 0),
        ((None, None, "A"), 2),
        ((None, "S"), 1),
        ((None, "Z"), 1),
        ((None, "Z", "A"), 1),
        ((None, "B"), 1),
    ],
)
def test_rank_shared_with_a_token_that_is_not_just_above_is_refused(
    shares: tuple[str | None, ...], at: int
) -> None:
    assert complaints(ranked(*shares)) == [(f"/tranches/{at}/pari_passu_with", "deal.rank.apart")]


def test_rank_of_a_tranche_without_a_token_is_refused() -> None:
    found = complaints(changed("/tranches/1/pari_passu_with", "A"))
    assert ("/tranches/1/pari_passu_with", "deal.rank.no_token") in found
