"""Units that holders put back: paid at what is outstanding, by the deal's cash or who stands in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents.deal import load_deal, parse_deal
from issuer.documents.text import read_file
from issuer.domain.analytics.outcome import outcome
from issuer.domain.errors import InvalidInput
from issuer.domain.report.build import investor_report
from issuer.domain.serviceable import beyond_the_service
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.structure import Reserve, Sponsor
from tests.unit.test_projection import CLOSING, curve, run
from tests.unit.test_projection import terms as projected_terms
from tests.unit.test_waterfall_steps import line, note, pay, period, terms

PUT = do.PutBack(("A",), (2,), support=("reserve", "parent"))
NOTES = (note("A", units=10, face=100),)
STRUCTURE = terms(
    do.PayInterest(("A",)),
    PUT,
    do.RepaySupport("parent"),
    notes=NOTES,
    sponsors=(Sponsor("parent", "originator"),),
    reserves=(Reserve("reserve", Amount(plus_micro=150), 150),),
)
FIRST = pay(STRUCTURE, 100)


def second(cash: int, put: int = 4, parent: int = 0) -> Distribution:
    return pay(
        STRUCTURE,
        cash,
        FIRST.closing,
        2,
        put_units={"A": put},
        support_micro={"parent": parent},
    )


def put_of(result: Distribution) -> tuple[int, int, int]:
    """What was put, what was paid for it, and the units left."""
    found = line(result, Kind.PUT_BACK, "A")
    return found.due_micro, found.paid_micro, result.closing.tranches["A"].units


def test_put_units_are_redeemed_by_the_cash_of_the_deal() -> None:
    result = second(100 + 400 + 7)
    assert put_of(result) == (400, 400, 6)
    assert line(result, Kind.RESIDUAL, "S").paid_micro == 7
    assert result.closing.reserves == {"reserve": 150}
    # The interest was due on all ten; what is outstanding on each of the six has not changed.
    assert (result.of("A").units, result.of("A").declared_micro) == (10, 100)
    assert result.closing.tranches["A"].outstanding_per_unit_micro == 100
    third = pay(STRUCTURE, 60, result.closing, 3, put_units={"A": 6})
    assert line(third, Kind.INTEREST, "A").due_micro == 60
    assert not [each for each in third.lines if each.kind is Kind.PUT_BACK]


def test_reserve_and_sponsor_stand_in_for_whole_units_alone() -> None:
    backed = second(100 + 120, parent=1_000)
    assert put_of(backed) == (400, 400, 6)
    assert line(backed, Kind.DRAW, "reserve").paid_micro == 150
    assert line(backed, Kind.SUPPORT, "parent").paid_micro == 130
    assert backed.closing.support_owed == {"parent": 130}
    # 120 of cash, 150 of the reserve and 50 of the sponsor redeem three units; 20 stay with them.
    short = second(100 + 120, parent=50)
    assert put_of(short) == (400, 300, 7)
    assert line(short, Kind.PUT_BACK, "A").shortfall_micro == 100
    assert line(short, Kind.SUPPORT, "parent").paid_micro == 30
    assert line(short, Kind.RESIDUAL, "S").paid_micro == 0


def test_nothing_is_redeemed_while_interest_is_owed() -> None:
    result = second(99, parent=1_000)
    assert put_of(result) == (400, 0, 10)
    assert line(result, Kind.SUPPORT, "parent").paid_micro == 0


def test_no_more_is_put_than_there_is_and_all_of_it_may_be() -> None:
    result = second(100 + 1_000, put=11)
    assert put_of(result) == (1_000, 1_000, 0)
    after = pay(STRUCTURE, 5, result.closing, 3)
    assert line(after, Kind.INTEREST, "A").paid_micro == 0
    # Nothing is outstanding, so nothing is kept for it.
    assert line(after, Kind.RESIDUAL, "S").paid_micro == 5


def test_the_report_counts_what_is_put_back() -> None:
    paid = second(100 + 400 + 7)
    told = investor_report(STRUCTURE, [FIRST, paid], [period(1), period(2)]).periods[1]
    a = told.tranches[0]
    assert (a.units, a.opening_micro, a.closing_micro) == (6, 1_000, 600)
    assert (a.interest_due_micro, a.interest_paid_micro) == (100, 100)
    balance = next(
        each for each in told.identities if (each.name, each.subject) == ("balance", "A")
    )
    assert ("put back", 400) in balance.right


# ---- projected

LOAN = curve((100, 0), (100, 400), (60, 600))
OPEN = projected_terms(
    do.PayInterest(("A",)),
    do.PayPrincipal(("A",), do.PrincipalMode.AVAILABLE, limit=Amount(at_most_micro=0)),
    do.PutBack(("A",), (2,)),
    tranches=(note("A", units=10, rate=Fraction(12, 10)), note("S", rate=None)),
)


def test_a_share_of_the_units_is_put_in_a_projection() -> None:
    held, put = run(OPEN, LOAN), run(OPEN, LOAN, put={"A": Fraction(35, 100)})
    assert [each.closing.tranches["A"].units for each in held.distributions] == [10, 10, 10]
    # 35 % of ten units, rounded down to whole ones.
    assert [each.closing.tranches["A"].units for each in put.distributions] == [10, 7, 7]
    found = outcome(put, "A", CLOSING)
    assert (found.principal_micro, found.interest_micro) == (300, 100 + 100 + 70)
    assert found.loss_micro == 700
    assert outcome(held, "A", CLOSING).loss_micro == 1_000


def test_a_tranche_put_back_whole_is_repaid_and_lets_the_call_be_made() -> None:
    rich = curve((100, 0), (100, 1_000), (60, 600))
    found = run(OPEN, rich, put={"A": Fraction(1)})
    assert outcome(found, "A", CLOSING).repaid_on == found.periods[1].payment
    assert outcome(found, "A", CLOSING).loss_micro == 0
    assert run(OPEN, rich, call=Fraction(1, 2)).called is None
    assert run(OPEN, rich, put={"A": Fraction(1)}, call=Fraction(1, 2)).called == 2


def test_a_put_that_no_step_allows_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        run(projected_terms(), LOAN, put={"A": Fraction(1)})
    assert [each.path for each in refused.value.complaints] == ["/put/A"]


# ---- in the deal file

FILE = Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml"
STEP = {"put_back": {"tranches": ["A"], "payments": [3], "support": ["reserve"]}}


def with_step(place: int) -> dict[str, object]:
    document = read_file(FILE)
    document["waterfall"].insert(place, STEP)
    return document


def test_the_deal_file_says_when_units_may_be_put_and_who_stands_in() -> None:
    deal = parse_deal(with_step(5), "test")
    assert deal.waterfall[5] == do.PutBack(("A",), (3,), support=("reserve",))
    (complaint,) = beyond_the_service(deal)
    assert "put units back" in complaint.message
    assert beyond_the_service(load_deal(FILE)) == []


def test_units_are_put_back_after_all_that_is_paid_on_them() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_deal(with_step(4), "test")
    assert [each.rule for each in refused.value.complaints] == ["deal.waterfall.put_back"]


@pytest.mark.parametrize("change", [{"tranches": ["X"]}, {"payments": [0]}, {"payments": []}])
def test_a_put_of_nothing_or_at_no_payment_is_refused(change: dict[str, object]) -> None:
    document = with_step(5)
    document["waterfall"][5] = {"put_back": {**STEP["put_back"], **change}}  # type: ignore[index]
    with pytest.raises(InvalidInput):
        parse_deal(document, "test")


def test_the_shipped_terms_pay_alike_with_a_put_that_nobody_uses() -> None:
    structure = replace(STRUCTURE, waterfall=tuple(s for s in STRUCTURE.waterfall if s != PUT))
    assert second(220, put=0).closing == pay(structure, 220, FIRST.closing, 2).closing
