"""What is left when the notes are repaid, and to whom it goes."""

from __future__ import annotations

from dataclasses import replace

from issuer.documents.deal import parse_deal
from issuer.documents.text import read_file
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.steps import Purchase, When
from issuer.domain.waterfall.structure import Sponsor
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


def test_money_of_a_sponsor_goes_back_and_what_no_purchase_used_to_the_residual() -> None:
    trade = Purchase("servicer", Amount(()))
    backed = replace(
        DEAL.structure,
        sponsors=(Sponsor("parent", "trustee"),),
        waterfall=(When("coverage", (trade,)), *DEAL.structure.waterfall),
    )
    payees = final_payees(replace(DEAL, structure=backed))
    assert payees["support:parent"] == payees["repaid:parent"] == "trustee"
    assert payees["purchase:servicer"] == "originator"
    assert payees["reserve"] == "originator"
