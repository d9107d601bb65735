"""The trustee's word: which waterfall is followed, and who would be paid before its turn."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from issuer.documents.deal import parse_deal
from issuer.domain.errors import InvalidInput, IssuanceBug
from issuer.domain.report.build import investor_report
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.standing import AFTER, Standing
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Step
from issuer.domain.waterfall.structure import Comparison, Structure, Test, Tranche
from issuer.domain.waterfall.switches import out_of_turn
from tests.support.story import document
from tests.unit.test_waterfall_conventions import period

P, D, A = Standing
ALWAYS_FAILS = Test("t", Amount(), None, Comparison.AT_LEAST, Fraction(1), switches_to="on_a_test")


def note(name: str, *, tokenised: bool = True, rate: Fraction | None = Fraction(1, 10)) -> Tranche:
    """One unit of 100 at 10 % a period."""
    kept = None if tokenised else "originator"
    return Tranche(name, name, tokenised, name, kept, 1, 100, rate, ())


def interest(name: str) -> Step:
    return do.PayInterest((name,))


def principal(name: str) -> Step:
    return do.PayPrincipal((name,), PrincipalMode.AVAILABLE)


RESIDUAL = do.PayResidual("S")
BY_INTEREST = (interest("A"), interest("B"), principal("A"), principal("B"), RESIDUAL)
BY_RANK = (interest("A"), principal("A"), interest("B"), principal("B"), RESIDUAL)
JUNIOR_FIRST = (interest("A"), interest("B"), principal("B"), principal("A"), RESIDUAL)


def terms(
    *steps: Step,
    others: dict[str, tuple[Step, ...]] | None = None,
    classes: str = "AB",
    pari_passu: dict[str, str] | None = None,
    **more: Any,
) -> Structure:
    alike = pari_passu or {}
    notes = (replace(note(each), pari_passu_with=alike.get(each)) for each in classes)
    retained = note("S", tokenised=False, rate=None)
    return Structure((*notes, retained), (), (), steps, others or {}, **more)


def pay(structure: Structure, cash: int, standing: Standing) -> Distribution:
    inputs = Inputs(Collections(revenue_micro=cash), standing=standing)
    return distribute(structure, opening_state(structure), inputs, period())


def too_early(structure: Structure, cash: int, standing: Standing) -> list[tuple[str, str]]:
    return list(out_of_turn(structure, pay(structure, cash, standing), standing))


# ---- which waterfall

AFTER_BOTH = {AFTER[D]: BY_INTEREST, AFTER[A]: BY_RANK}


@pytest.mark.parametrize(
    ("others", "followed"),
    [
        (AFTER_BOTH, ["normal", "after_default", "after_acceleration"]),
        ({AFTER[D]: BY_INTEREST}, ["normal", "after_default", "normal"]),
        ({AFTER[A]: BY_RANK}, ["normal", "normal", "after_acceleration"]),
        ({}, ["normal", "normal", "normal"]),
    ],
)
def test_waterfall_followed_is_that_of_the_standing_where_the_terms_have_it(
    others: dict[str, tuple[Step, ...]], followed: list[str]
) -> None:
    structure = terms(*JUNIOR_FIRST, others=others)
    paid = [pay(structure, 50, each) for each in Standing]
    assert [each.mode for each in paid] == followed
    assert [each.standing for each in paid] == [P, D, A]
    for each in paid:
        investor_report(structure, [each], [period()])  # which finds the waterfall by itself


def test_waterfall_of_the_standing_comes_before_that_of_a_test() -> None:
    structure = terms(
        *JUNIOR_FIRST, others=AFTER_BOTH | {"on_a_test": BY_INTEREST}, tests=(ALWAYS_FAILS,)
    )
    assert [pay(structure, 50, each).mode for each in Standing] == [
        *("on_a_test", "after_default", "after_acceleration")
    ]


def test_report_of_a_waterfall_that_the_standing_does_not_lead_to_is_a_bug() -> None:
    structure = terms(*JUNIOR_FIRST, others=AFTER_BOTH)
    forged = replace(pay(structure, 50, A), standing=P)
    with pytest.raises(IssuanceBug, match="follows after_acceleration"):
        investor_report(structure, [forged], [period()])


# ---- whose turn


@pytest.mark.parametrize(
    ("steps", "cash", "in_default", "accelerated"),
    [
        (BY_RANK, 50, [], []),
        (BY_INTEREST, 50, [], [("B", "A")]),  # interest of B, while A is outstanding
        (JUNIOR_FIRST, 50, [("B", "A")], [("B", "A")]),
        (JUNIOR_FIRST, 10, [], []),  # there is only the interest of A
        (JUNIOR_FIRST, 220, [], []),  # A is repaid by the same payment
        (BY_RANK, 115, [], []),
    ],
)
def test_who_would_be_paid_before_its_turn(
    steps: tuple[Step, ...],
    cash: int,
    in_default: list[tuple[str, str]],
    accelerated: list[tuple[str, str]],
) -> None:
    structure = terms(*steps)
    assert too_early(structure, cash, P) == []
    assert too_early(structure, cash, D) == in_default
    assert too_early(structure, cash, A) == accelerated


def test_turn_of_a_retained_class_is_the_terms_business() -> None:
    """No token, no rank on chain: what it gets before others is for the priority of payments to say."""
    notes = (note("A", tokenised=False), note("B"), note("S", tokenised=False, rate=None))
    structure = Structure(notes, (), (), JUNIOR_FIRST)
    assert too_early(structure, 50, A) == []


def test_a_loss_of_the_senior_that_may_be_reversed_keeps_the_junior_waiting() -> None:
    loss = do.WriteDown(("A",), Amount(plus_micro=100))
    structure = terms(loss, interest("B"), principal("B"), RESIDUAL)
    assert pay(structure, 50, D).of("A").outstanding_after_micro == 0
    assert too_early(structure, 50, D) == [("B", "A")]
    assert too_early(structure, 50, A) == [("B", "A")]
    assert too_early(structure, 50, P) == []


@pytest.mark.parametrize(("b", "c"), [("A", "A"), ("A", "B")])
def test_tranches_of_one_rank_do_not_wait_for_each_other(b: str, c: str) -> None:
    steps = (*map(interest, "ABC"), *map(principal, "CBA"), RESIDUAL)
    apart = terms(*steps, classes="ABC")
    assert apart.ranks == {"A": 1, "B": 2, "C": 3}
    assert too_early(apart, 50, D) == [("C", "A")]
    assert too_early(apart, 50, A) == [("B", "A"), ("C", "A")]
    alike = terms(*steps, classes="ABC", pari_passu={"B": b, "C": c})
    assert alike.ranks == {"A": 1, "B": 1, "C": 1}
    assert too_early(alike, 50, D) == too_early(alike, 50, A) == []
    two = terms(*steps, classes="ABC", pari_passu={"C": "B"})
    assert two.ranks == {"A": 1, "B": 2, "C": 2}
    assert too_early(two, 50, A) == [("B", "A"), ("C", "A")]


# ---- in a file


def test_waterfalls_of_the_trustee_need_no_test_and_any_other_does() -> None:
    shipped = document("ev-charging.yaml")
    named = {name: deepcopy(shipped["waterfall"]) for name in AFTER.values()}
    assert set(parse_deal(shipped | {"other_waterfalls": named}, "test").structure.others) == set(
        named
    )
    lone = {"after_lunch": shipped["waterfall"]}
    with pytest.raises(InvalidInput) as refusal:
        parse_deal(shipped | {"other_waterfalls": lone}, "test")
    (complaint,) = refusal.value.complaints
    assert complaint.rule == "deal.waterfall.never_used"
    assert "`after_default` and `after_acceleration`" in complaint.message
