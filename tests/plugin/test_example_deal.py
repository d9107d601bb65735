"""The fixtures as their users use them. `test_plugin_runs.py` runs this file again on Anvil."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from issuer.config import DEMO_MNEMONIC
from issuer.domain.errors import ChainRefused, NotPermitted, RuleViolated, StateConflict
from issuer.domain.lifecycle import FilingState
from issuer.domain.payment import Outcome
from issuer.domain.roles import Role
from issuer.keys import Keychain
from issuer.services import filing, recovery, reports, simulation, supervision
from issuer.testing.clock import Clock
from issuer.testing.deal import ExampleDeal
from issuer.testing.report import describe, mark
from issuer.testing.service import Service
from issuer.testing.wallet_proofs import wallet_proof

DealAt = Callable[[str], ExampleDeal]
STRANGER = "0x00000000000000000000000000000000deadbeef"
PER_UNIT = 14_460_273 + 200_000_000


# ---- the deal


def test_the_deal_is_approved_sold_and_active(abs_deal: ExampleDeal, abs_service: Service) -> None:
    holders = {investor: abs_deal.units_of(investor) for investor in ("H1", "H2", "H3")}
    assert holders == {"H1": 50_000, "H2": 20_000, "H3": 10_000}
    assert abs_deal.filing.state is FilingState.ACTIVE
    position = reports.position(abs_service.context, abs_service.actor("auditor"), abs_deal.id, "A")
    assert (position.token, position.facts.supply) == (abs_deal.token, 80_000)
    assert position.agrees


def test_a_coupon_pays_what_the_worked_example_says(abs_deal: ExampleDeal) -> None:
    abs_deal.report_collections()
    paid = abs_deal.pay_coupon()
    assert {investor: part.total_micro for investor, part in paid.items()} == {
        "H1": 10_723_013_650_000,
        "H2": 4_289_205_460_000,
        "H3": 2_144_602_730_000,
    }
    assert {part.outcome for part in paid.values()} == {Outcome.PAID}
    assert abs_deal.coin_of("H1") == 50_000 * PER_UNIT
    assert abs_deal.coin_of("trustee") == 50_000_000_000


def test_coupons_follow_one_another(abs_deal: ExampleDeal, abs_clock: Clock) -> None:
    abs_deal.report_collections()
    abs_deal.pay_coupon()
    assert abs_clock.now.date() == date(2026, 7, 15)
    abs_deal.report_collections(cny="18000000.00")
    second = abs_deal.pay_coupon()
    assert abs_clock.now.date() == date(2026, 10, 15)
    assert second["H1"].interest_micro == 50_000 * 11_695_342


def test_the_holder_of_record_is_paid_after_selling(abs_deal: ExampleDeal) -> None:
    abs_deal.report_collections()
    abs_deal.determine()
    abs_deal.record()
    abs_deal.transfer("H2", "H1", 5_000)
    assert abs_deal.pay()["H2"].units == 20_000
    assert abs_deal.units_of("H2") == 15_000


def test_money_of_a_frozen_holder_waits_for_it(abs_deal: ExampleDeal) -> None:
    abs_deal.report_collections()
    abs_deal.freeze("H3")
    assert abs_deal.pay_coupon()["H3"].outcome is Outcome.SET_ASIDE
    assert abs_deal.coin_of("H3") == 0
    abs_deal.clear("H3")
    abs_deal.release("H3")
    assert abs_deal.payments()["H3"].outcome is Outcome.RELEASED
    assert abs_deal.coin_of("H3") == 10_000 * PER_UNIT


def test_units_go_to_admitted_holders_only(abs_deal: ExampleDeal) -> None:
    abs_deal.transfer("H1", "H2", 1_000)
    with pytest.raises(ChainRefused) as refused:
        abs_deal.transfer("H1", STRANGER, 1)
    assert refused.value.facts["rule"] == "INV-01"
    assert refused.value.facts["error"] == "ERC7943CannotReceive"
    assert [abs_deal.units_of(who) for who in ("H1", "H2", STRANGER)] == [49_000, 21_000, 0]


def test_a_suspended_filing_stops_transfers_until_it_is_lifted(abs_deal: ExampleDeal) -> None:
    abs_deal.suspend()
    with pytest.raises(ChainRefused) as refused:
        abs_deal.transfer("H1", "H2", 1)
    assert refused.value.facts["rule"] == "FIL-12"
    abs_deal.lift()
    abs_deal.transfer("H1", "H2", 1)
    assert abs_deal.units_of("H2") == 20_001


def test_a_revoked_filing_is_revoked(abs_deal: ExampleDeal) -> None:
    abs_deal.revoke()
    assert abs_deal.filing.state is FilingState.REVOKED
    with pytest.raises(StateConflict):
        abs_deal.lift()


# ---- other stages


def test_nothing_is_minted_before_the_approval(abs_deal_at: DealAt) -> None:
    deal = abs_deal_at("deployed")
    with pytest.raises(RuleViolated) as refused:
        deal.issue("H1", 50_000)
    assert [finding.rule for finding in refused.value.findings] == ["FIL-01"]
    assert deal.units_of("H1") == 0


def test_a_filing_can_be_led_on_step_by_step(abs_deal_at: DealAt) -> None:
    deal = abs_deal_at("deployed")
    incomplete = deal.filing_document()
    incomplete["materials"] = [m for m in incomplete["materials"] if m["code"] != "M-10"]
    first = deal.draft(incomplete)
    deal.sign()
    deal.submit()
    checked = deal.check_formality()
    assert checked.state is FilingState.NOT_ACCEPTED
    assert [finding.rule for finding in checked.findings] == ["FIL-03", "M-10"]
    deal.draft(supersedes=first)
    deal.sign()
    deal.submit()
    assert deal.check_formality().state is FilingState.UNDER_REVIEW
    deal.approve()
    assert deal.filing.state is FilingState.FILED


def test_coin_that_was_not_approved_is_not_taken(abs_deal_at: DealAt) -> None:
    deal = abs_deal_at("offering_open")
    deal.subscribe("H1", 50_000)
    with pytest.raises(ChainRefused) as refused:
        deal.issue("H1", 50_000)
    assert refused.value.error_code == "coin.not_approved"
    assert refused.value.facts["rule"] == "SET-08"


def test_an_unknown_stage_is_refused_with_the_known_ones(abs_deal_at: DealAt) -> None:
    with pytest.raises(ValueError, match=r"'approved' is no stage .* filed, admitted"):
        abs_deal_at("approved")


def test_a_test_has_one_simulator(abs_deal: ExampleDeal, abs_deal_at: DealAt) -> None:
    assert abs_deal_at("active") is abs_deal
    with pytest.raises(ValueError, match="has the deal at 'active' already"):
        abs_deal_at("deployed")


# ---- isolation


@pytest.mark.parametrize("_turn", [1, 2])
def test_every_test_finds_the_deal_as_it_was(
    abs_deal: ExampleDeal, abs_clock: Clock, _turn: int
) -> None:
    assert abs_clock.now == datetime.fromisoformat("2026-04-20T10:00:00+08:00")
    assert abs_deal.units_of("H1") == 50_000
    abs_deal.transfer("H1", "H2", 50_000)
    abs_clock.advance(months=1)
    abs_deal.suspend()
    # Nor does what a test takes away from the simulator stay away.
    abs_deal.service.simulator.worker.stop()


# ---- the service


def test_any_use_case_can_be_called_as_any_party(
    abs_deal: ExampleDeal, abs_service: Service
) -> None:
    found = abs_service.call(
        supervision.determine_security, "other_authority", abs_deal.filing_id, "ADVERSE"
    )
    assert found.state is FilingState.SUSPENDED
    with pytest.raises(ChainRefused, match="FilingSuspended"):
        abs_deal.transfer("H1", "H2", 1)
    with pytest.raises(NotPermitted):
        abs_service.call(filing.withdraw_filing, "investor-of-nothing", abs_deal.filing_id)


def test_every_role_is_somebody(abs_service: Service) -> None:
    assert {abs_service.actor(role).role for role in Role} == set(Role)
    assert abs_service.actor("H1").investor_id == "H1"


def test_the_api_serves_the_same_simulator(abs_deal: ExampleDeal, abs_service: Service) -> None:
    headers = {"X-API-Key": abs_service.simulator.api_keys[Role.REGULATOR], "Prefer": "wait=20"}
    path = f"/v1/filings/{abs_deal.filing_id}/suspension"

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(abs_service.simulator))
        async with httpx.AsyncClient(transport=transport, base_url="http://abs") as client:
            return await client.post(path, json={"reason": "asked over HTTP"}, headers=headers)

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["state"]) == (202, "confirmed")
    assert abs_deal.filing.state is FilingState.SUSPENDED


# ---- the clock


def test_the_chain_follows_the_clock(abs_clock: Clock) -> None:
    before = abs_clock.now
    after = abs_clock.advance(months=3, days=1, hours=2, minutes=3)
    assert after == datetime.fromisoformat("2026-07-21T12:03:00+08:00")
    assert abs_clock.now == after > before
    assert timedelta(0) <= abs_clock.chain_now - after < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("when", "instant"),
    [
        ("2026-05-06", "2026-05-06T10:00:00+08:00"),
        (date(2026, 5, 6), "2026-05-06T10:00:00+08:00"),
        ("2026-05-06T18:30", "2026-05-06T18:30:00+08:00"),
        ("2026-05-06T10:30:00+00:00", "2026-05-06T18:30:00+08:00"),
    ],
)
def test_an_instant_without_an_offset_is_hong_kong_time(
    abs_clock: Clock, when: Any, instant: str
) -> None:
    abs_clock.move_to(when)
    assert abs_clock.now == datetime.fromisoformat(instant)


def test_the_clock_never_runs_back(abs_deal: ExampleDeal, abs_service: Service) -> None:
    before = simulation.read_clock(abs_service.context)
    with pytest.raises(StateConflict, match="never runs back"):
        abs_deal.clock.move_to("2026-04-19")
    abs_deal.clock.reach("2026-04-19")
    assert simulation.read_clock(abs_service.context) == before


# ---- lost wallets


def recover(deal: ExampleDeal, investor: str, number: int) -> str:
    """The investor has lost its wallet, and is moved to a demonstration account, which is given."""
    fresh = Keychain(DEMO_MNEMONIC).address(number)
    proof = wallet_proof(investor, fresh, Keychain(DEMO_MNEMONIC).key(number))
    order = "0x" + "0d" * 32
    deal.service.call(recovery.recover_wallet, "registrar", investor, fresh, order, proof)
    return fresh


def test_a_recovered_investor_is_followed_to_the_wallet_of_today(abs_deal: ExampleDeal) -> None:
    lost = abs_deal.account("H2")
    abs_deal.freeze("H2")
    for number in (27, 28):
        fresh = recover(abs_deal, "H2", number)
        assert (abs_deal.account("H2"), abs_deal.wallets["H2"]) == (fresh, fresh)
        assert (abs_deal.units_of("H2"), abs_deal.units_of(lost)) == (20_000, 0)
    abs_deal.clear("H2")
    abs_deal.transfer("H2", "H1", 1_000)
    assert (abs_deal.units_of("H1"), abs_deal.units_of("H2")) == (51_000, 19_000)
    # Whoever is not on the register has the wallet of the file.
    assert abs_deal.account("hk-shell") == Keychain(DEMO_MNEMONIC).address(20)


def test_a_report_tells_a_former_wallet_from_that_of_today(abs_deal: ExampleDeal) -> None:
    abs_deal.freeze("H2")
    since = mark(abs_deal)
    recover(abs_deal, "H2", 27)
    told = describe(abs_deal, since, None, everything=True)
    assert "  Transfer(from=H2 (former wallet), to=H2, value=20,000)" in told
    assert "lost=H2 (former wallet), fresh=H2," in told
    recover(abs_deal, "H2", 28)
    told = describe(abs_deal, since, None, everything=True)
    assert told.count("  Transfer(from=H2 (former wallet), to=H2 (former wallet), value=") == 1
    assert told.count("  Transfer(from=H2 (former wallet), to=H2, value=") == 1
