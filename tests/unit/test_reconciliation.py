"""Facts side by side: what counts as a difference, and how the refusal says it."""

from __future__ import annotations

import pytest

from issuer.domain.reconciliation import Comparison


def test_compare_equal_facts_counts_them_and_refuses_nothing() -> None:
    check = Comparison()
    check.same("holder", "H1", "units", 5, 5)
    check.same("holder", "H2", "units", 0, 0)
    check.same("filing", "f1", "status", 1, 1)
    found = check.result("deal", 7)
    assert (found.agrees, found.refusal(), found.block_number) == (True, None, 7)
    assert found.compared == {"filing": 1, "holder": 2}


@pytest.mark.parametrize(
    ("in_database", "on_chain", "shown"),
    [
        (5, 6, ("5", "6")),
        (None, 0, (None, "0")),
        (False, True, ("false", "true")),
        ("a", None, ("a", None)),
        ((1, 2), (1, 3), ("(1, 2)", "(1, 3)")),
    ],
)
def test_compare_unequal_facts_shows_both_sides_as_text(
    in_database: object, on_chain: object, shown: tuple[str | None, str | None]
) -> None:
    check = Comparison()
    check.same("holder", "H1", "units", in_database, on_chain)
    (found,) = check.result("deal", 1).differences
    assert (found.subject, found.what) == ("holder H1", "units")
    assert (found.in_database, found.on_chain) == shown


def test_compare_coin_given_away_to_the_deal_is_no_difference_and_coin_missing_is() -> None:
    check = Comparison()
    check.covered("coin", "HKDS", "held", 10, 11)
    assert check.result("deal", 1).agrees
    check.covered("coin", "HKDS", "held", 10, 9)
    assert not check.result("deal", 1).agrees


def test_refuse_many_differences_names_three_in_the_message_and_all_in_the_facts() -> None:
    check = Comparison()
    for number in range(5):
        check.same("holder", f"H{number}", "units", number, None)
    refusal = check.result("deal", 1).refusal()
    assert refusal is not None
    assert refusal.error_code == "reconciliation.mismatch"
    assert "holder H2" in refusal.message
    assert "holder H3" not in refusal.message
    assert "and 2 more" in refusal.message
    assert "Cure" in refusal.message
    assert len(refusal.facts["differences"]) == 5
