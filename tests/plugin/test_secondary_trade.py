"""Two investors trade units against coin by an order that both have signed (EIP-712): copy what you need.

Seller and buyer approve once what they give, sign the same order with their own keys, and anybody brings it
to the deal's DvpSettlement: both legs or neither. No service is asked, and the register follows.
"""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from issuer.domain.errors import ChainRefused
from issuer.onchain import commands
from issuer.services import reconciliation, reports
from issuer.testing.deal import ExampleDeal
from issuer.testing.service import Service

UNITS, PRICE = 5_000, 4_975_000_000_000
"""At 99.5: HKD 4,975,000 in micro-units of the coin."""
DVP = commands.DVP_SETTLEMENT


def order(deal: ExampleDeal, **changes: Any) -> dict[str, Any]:
    """H2 sells to H3 until an hour from now; the fields are those of `IDvpSettlement.Order`, in order."""
    terms = {
        "token": deal.token,
        "seller": deal.account("H2"),
        "buyer": deal.account("H3"),
        "units": UNITS,
        "price": PRICE,
        "nonce": 1,
        "deadline": int(deal.clock.now.timestamp()) + 3_600,
    }
    return terms | changes


def signed(deal: ExampleDeal, terms: dict[str, Any], investor: str) -> str:
    """The order signed with an investor's key, for this chain and this contract alone."""
    fields = dict.fromkeys(("token", "seller", "buyer"), "address")
    fields |= dict.fromkeys(("units", "price", "nonce", "deadline"), "uint256")
    types = {"Order": [{"name": name, "type": kind} for name, kind in fields.items()]}
    domain = {
        "name": "DvpSettlement",
        "version": "1",
        "chainId": deal.service.context.chain.chain_id,
        "verifyingContract": deal.contracts[DVP],
    }
    return deal.wallet(investor).sign_message(encode_typed_data(domain, types, terms))


def approve(deal: ExampleDeal) -> None:
    """Each party lets the settlement contract take what it gives: units here, coin there."""
    coin, token = commands.coin_name(deal.terms), commands.token_name("A")
    deal.supply_coin("H3", PRICE, "deposit for a trade")
    deal.wallet("H2").send(token, deal.token, "approve", deal.contracts[DVP], UNITS)
    deal.wallet("H3").send(coin, deal.contracts[coin], "approve", deal.contracts[DVP], PRICE)


def settle(deal: ExampleDeal, terms: dict[str, Any], *signatures: str, by: str = "H1") -> None:
    """Anybody who can send a transaction may bring it: here H1, who has no part in it."""
    deal.wallet(by).send(DVP, deal.contracts[DVP], "settle", tuple(terms.values()), *signatures)
    deal.service.settle()


def holdings(deal: ExampleDeal) -> dict[str, tuple[int, int]]:
    return {each: (deal.units_of(each), deal.coin_of(each)) for each in ("H2", "H3")}


def test_order_that_both_have_signed_settles_both_legs(
    abs_deal: ExampleDeal, abs_service: Service
) -> None:
    approve(abs_deal)
    before, terms = holdings(abs_deal), order(abs_deal)
    settle(abs_deal, terms, signed(abs_deal, terms, "H2"), signed(abs_deal, terms, "H3"))
    after = holdings(abs_deal)
    assert after["H2"] == (before["H2"][0] - UNITS, before["H2"][1] + PRICE)
    assert after["H3"] == (before["H3"][0] + UNITS, before["H3"][1] - PRICE)
    auditor = abs_service.actor("auditor")
    held = reports.position(abs_service.context, auditor, abs_deal.id, "A").holders
    assert {each.investor_id: each.units_in_register for each in held}["H3"] == after["H3"][0]
    assert reconciliation.reconcile(abs_service.context, auditor, abs_deal.id).agrees


def test_order_settles_once(abs_deal: ExampleDeal) -> None:
    approve(abs_deal)
    terms = order(abs_deal)
    signatures = signed(abs_deal, terms, "H2"), signed(abs_deal, terms, "H3")
    settle(abs_deal, terms, *signatures)
    with pytest.raises(ChainRefused) as refusal:
        settle(abs_deal, terms, *signatures)
    assert refusal.value.error_code == "order.not_open"


@pytest.mark.parametrize("signers", [("H2", "H2"), ("H3", "H3"), ("H3", "H2")])
def test_order_that_one_party_has_not_signed_is_refused(
    abs_deal: ExampleDeal, signers: tuple[str, str]
) -> None:
    approve(abs_deal)
    before, terms = holdings(abs_deal), order(abs_deal)
    with pytest.raises(ChainRefused) as refusal:
        settle(abs_deal, terms, *(signed(abs_deal, terms, each) for each in signers))
    assert refusal.value.error_code == "order.not_signed"
    assert holdings(abs_deal) == before


def test_order_other_than_the_one_signed_is_refused(abs_deal: ExampleDeal) -> None:
    approve(abs_deal)
    terms = order(abs_deal)
    signatures = signed(abs_deal, terms, "H2"), signed(abs_deal, terms, "H3")
    with pytest.raises(ChainRefused) as refusal:
        settle(abs_deal, terms | {"price": PRICE - 1}, *signatures)
    assert refusal.value.error_code == "order.not_signed"
    settle(abs_deal, terms, *signatures)


def test_order_past_its_deadline_or_withdrawn_is_refused(abs_deal: ExampleDeal) -> None:
    approve(abs_deal)
    late = order(abs_deal, deadline=int(abs_deal.clock.now.timestamp()) - 1)
    withdrawn = order(abs_deal, nonce=2)
    # Either party may withdraw, and needs nobody for it.
    abs_deal.wallet("H3").send(DVP, abs_deal.contracts[DVP], "cancel", tuple(withdrawn.values()))
    for terms, code in ((late, "order.expired"), (withdrawn, "order.not_open")):
        with pytest.raises(ChainRefused) as refusal:
            settle(abs_deal, terms, signed(abs_deal, terms, "H2"), signed(abs_deal, terms, "H3"))
        assert refusal.value.error_code == code


def test_order_is_held_to_the_rules_of_transfers(abs_deal: ExampleDeal) -> None:
    """A price and two signatures make nobody eligible."""
    approve(abs_deal)
    abs_deal.freeze("H3")
    before, terms = holdings(abs_deal), order(abs_deal)
    signatures = signed(abs_deal, terms, "H2"), signed(abs_deal, terms, "H3")
    with pytest.raises(ChainRefused) as refusal:
        settle(abs_deal, terms, *signatures)
    assert refusal.value.facts["error"] == "ERC7943CannotReceive"
    assert holdings(abs_deal) == before
    abs_deal.clear("H3")
    settle(abs_deal, terms, *signatures)
