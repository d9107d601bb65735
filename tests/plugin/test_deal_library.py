"""Every deal of the library: what is projected is paid, on a real chain, by the same code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuer.examples import library_deals
from issuer.services import reports
from issuer.testing.deal import ExampleDeal
from issuer.testing.deal_library import BUYERS, LibraryDeal

DealAt = Callable[[str], ExampleDeal]


#: A token for each of their many series: too many transactions for the short run.
MANY_TOKENS = {"lianxu-tolls", "lionbridge-truck-leases"}
DEALS = [
    pytest.param(each, marks=[pytest.mark.slow] if each in MANY_TOKENS else [])
    for each in library_deals()
]


@pytest.mark.parametrize("deal_id", DEALS)
def test_what_is_projected_is_determined_and_paid(abs_deal_at: DealAt, deal_id: str) -> None:
    deal = LibraryDeal(abs_deal_at("fresh").service, deal_id)
    context, auditor = deal.service.context, deal.service.actor("auditor")
    deal.become_active()
    coin = {investor: deal.coin_of(investor) for investor in BUYERS}
    for projected in deal.projection.distributions[:2]:
        deal.report_collections()
        assert deal.determine().figures == projected
        deal.record()
        deal.pay()
        for tranche in deal.terms.tokenised:
            left = projected.closing.tranches[tranche.id].outstanding_per_unit_micro
            position = reports.position(context, auditor, deal_id, tranche.id)
            assert position.facts.outstanding_per_unit_micro == left
    paid = sum(deal.coin_of(investor) - coin[investor] for investor in BUYERS)
    owed = deal.projection.distributions[:2]
    assert paid == sum(
        each.of(tranche.id).declared_micro for each in owed for tranche in deal.terms.tokenised
    )
