"""What is left when the notes are repaid, and to whom it goes."""

from __future__ import annotations

from issuer.documents.deal import parse_deal
from issuer.documents.text import read_file
from issuer.domain.winding_up import final_payees, left_over
from issuer.examples import EXAMPLE_DEAL, example_file

DEAL = parse_deal(read_file(example_file(f"{EXAMPLE_DEAL}.yaml")), EXAMPLE_DEAL)


def test_pots_that_are_empty_or_elsewhere_are_not_left_over() -> None:
    balances = {
        "carry:A:interest": 7,
        "collections": 0,
        "holders:H1": -50,
        "obligors": -9,
        "payees:trustee": 3,
        "proceeds": 41,
        "set_aside:A:H3": 8,
        "uses:charging piles": 5,
    }
    assert left_over(balances) == {"carry:A:interest": 7, "set_aside:A:H3": 8}


def test_reserve_carry_and_collections_go_where_the_residual_goes() -> None:
    payees = final_payees(DEAL)
    rest = {"reserve", "collections", "residual:S", "payable:S"}
    rest |= {f"carry:{tranche}:{kind}" for tranche in "AS" for kind in ("interest", "principal")}
    assert {payees[pot] for pot in rest} == {"originator"}
    assert {pot: payee for pot, payee in payees.items() if pot not in rest} == {
        f"fee:{fee.id}": fee.payee for fee in DEAL.fees
    }


def test_money_of_holders_goes_to_no_payee() -> None:
    assert {"payable:A", "set_aside:A:H3", "proceeds"}.isdisjoint(final_payees(DEAL))
