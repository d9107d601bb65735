"""The assumptions of a comparison: the shipped file, and what one's own may say instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from issuer.documents.comparison import load_assumptions, read_assumptions
from issuer.documents.deal import load_deal
from issuer.domain.errors import InvalidInput
from issuer.domain.regime import Basis
from tests.support.refused import refused
from tests.support.story import DEALS

DEAL = load_deal(DEALS / "ev-charging.yaml")
MILLION = 1_000_000


def own(**sections: Any) -> dict[str, Any]:
    return {"version": 1, "currency": "HKD", **sections}


def test_the_shipped_file_states_every_figure_with_its_source() -> None:
    terms = load_assumptions().for_deal(DEAL)
    # HK RWA issues: usually HKD 2.5 million or more, and 3 to 5 per cent for the sponsor (Yicai).
    assert terms.tokens.set_up_micro.value == 2_500_000 * MILLION
    assert terms.tokens.set_up_micro.basis is Basis.SOURCE
    assert 300 <= terms.tokens.arranging_basis_points.value <= 500
    # CSRC announcement [2014]49, article 29: RMB 1 million and 200 holders.
    assert terms.traditional.minimum_holding_micro.value == 1_070_000 * MILLION
    assert terms.traditional.holder_cap.value == 200
    assert terms.traditional.minimum_holding_micro.basis is Basis.ANALOGY


def test_what_the_deal_says_of_its_tokens_is_taken_from_it() -> None:
    tokens = load_assumptions().for_deal(DEAL).tokens
    assert tokens.redemption_business_days.value == DEAL.settlement.redemption_days
    assert tokens.minimum_subscription_micro.value == DEAL.offering.min_subscription_micro
    assert tokens.minimum_transfer_micro.value == 1_000 * MILLION
    stricter = replace(DEAL.offering, min_holding_micro=5_000 * MILLION)
    held = load_assumptions().for_deal(replace(DEAL, offering=stricter)).tokens
    assert held.minimum_transfer_micro.value == 5_000 * MILLION
    assert "offering.min_holding" in held.minimum_transfer_micro.source


def test_a_file_of_ones_own_changes_what_it_states_and_nothing_else() -> None:
    figure = {"value": "1000000.50", "basis": "source", "source": "an offer"}
    assumed = read_assumptions(own(tokens={"set_up": figure}), "mine.yaml")
    terms = assumed.for_deal(DEAL)
    assert terms.tokens.set_up_micro.value == 1_000_000_500_000
    assert terms.tokens.set_up_micro.source == "an offer"
    assert terms.traditional == load_assumptions().for_deal(DEAL).traditional


def test_a_figure_that_says_nothing_of_itself_is_its_files_own_design() -> None:
    assumed = read_assumptions(own(market={"holders": {"value": 7}}), "mine.yaml")
    found = assumed.for_deal(DEAL).market.holders
    assert (found.value, found.basis, found.source) == (7, Basis.DESIGN, "set in mine.yaml")


@pytest.mark.parametrize(
    ("sections", "place"),
    [
        ({"tokens": {"set_up": {"value": "-1"}}}, "/tokens/set_up/value"),
        ({"tokens": {"set_up": {"value": 1}}}, "/tokens/set_up/value"),
        ({"tokens": {"set_up": "1"}}, "/tokens/set_up"),
        ({"tokens": {"holder_cap": {"value": 1}}}, "/tokens/holder_cap"),
        ({"traditional": {"settlement_business_days": {"value": 61}}}, "settlement_business_days"),
        ({"traditional": {"settlement_business_days": {"value": -1}}}, "settlement_business_days"),
        ({"market": {"holders": {"value": 0}}}, "/market/holders/value"),
        ({"market": {"trades_per_payment": {"value": 101}}}, "/market/trades_per_payment/value"),
        ({"market": {"money_basis_points": {"value": 4, "basis": "law"}}}, "basis"),
        ({"weather": {}}, "/weather"),
        ({"version": 2}, "/version"),
        ({"currency": "XXY"}, "/currency"),
    ],
)
def test_a_wrong_figure_is_refused_at_its_place(sections: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_assumptions(own(**sections), "mine.yaml")
    assert any(place in each.path for each in caught.value.complaints)


def test_amounts_in_another_currency_than_the_deals_refused() -> None:
    with refused("/currency", "comparison.currency"):
        load_assumptions().for_deal(replace(DEAL, currency="USD"))


def test_another_currency_needs_every_amount_stated_in_it() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_assumptions(own(currency="USD"), "mine.yaml")
    assert len(caught.value.complaints) == 9
    assert {each.rule for each in caught.value.complaints} == {"comparison.amount.missing"}
    amounts = {
        "traditional": [
            *("set_up", "paying_agent_per_payment", "bank_charge_per_holder_paid"),
            *("clearing_per_trade", "minimum_holding"),
        ],
        "tokens": ["set_up", "operations_per_payment", "native_coin"],
        "market": ["trade"],
    }
    sections = {
        name: {each: {"value": "10"} for each in figures} for name, figures in amounts.items()
    }
    dollars = read_assumptions(own(currency="USD", **sections), "mine.yaml")
    terms = dollars.for_deal(replace(DEAL, currency="USD"))
    assert terms.market.trade_micro.value == 10 * MILLION


def test_a_deal_without_tokens_has_nothing_to_compare() -> None:
    plain = [replace(each, tokenised=False) for each in DEAL.structure.tranches]
    structure = replace(DEAL.structure, tranches=tuple(plain))
    with refused("/tranches", "comparison.tokens.none"):
        load_assumptions().for_deal(replace(DEAL, structure=structure))
