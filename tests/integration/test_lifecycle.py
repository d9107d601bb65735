"""Service and chain through a filing's life: never does the chain allow what the service forbids."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from issuer.domain.errors import StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import MINTABLE, TRANSFERABLE, FilingState
from issuer.domain.operations import Operation, OperationState
from issuer.domain.subscription import SubscriptionState
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain import commands
from issuer.onchain.gateway import FilingStatus
from issuer.onchain.wallet import Wallet
from issuer.services import (
    amendment,
    deadlines,
    events,
    issuance,
    maturity,
    offering,
    reconciliation,
    reports,
    review,
    supervision,
    winding_up,
)
from issuer.store import filings
from issuer.testing.deal import ExampleDeal

DealAt = Callable[[str], ExampleDeal]
S = FilingState
_OPEN = 1


def require_chain_allows_no_more(deal: ExampleDeal) -> None:
    """Asked when the worker has drained: what the chain allows, the service's state allows too."""
    chain, state = deal.service.context.chain, deal.filing.state
    facts = chain.token_facts(deal.token)
    approved = facts.filing_status is FilingStatus.APPROVED
    now = deal.clock.now.astimezone(UTC)
    in_time = now < datetime.fromtimestamp(facts.mint_until, UTC)
    is_open = chain.ask(commands.token_name("A"), deal.token, "offering") == _OPEN
    if approved and in_time and is_open:
        assert state in MINTABLE, state
    if approved and facts.transfers_open:
        assert state in TRANSFERABLE, state
    assert reconciliation.look(deal.service.context, deal.id).agrees


def amend(deal: ExampleDeal) -> None:
    deal.prepare_version()
    deal.service.call(amendment.amend_filing, "filer", deal.filing_id)


def test_chain_never_allows_what_the_service_forbids_while_a_filing_is_amended(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    call, filing = deal.service.call, deal.filing_id
    steps: list[tuple[Callable[[], object], FilingState]] = [
        (lambda: call(events.note_event, "auditor", filing, "EV-08"), S.ISSUING),
        (lambda: amend(deal), S.UNDER_REVIEW),
        (lambda: call(amendment.cancel_amendment, "filer", filing), S.ISSUING),
        (deal.suspend, S.SUSPENDED),
        (deal.lift, S.ISSUING),
        (lambda: amend(deal), S.UNDER_REVIEW),
        (lambda: call(review.consult, "regulator", filing, "a reason"), S.CONSULTING),
        (lambda: call(review.conclude_consultation, "regulator", filing, "r"), S.UNDER_REVIEW),
        (lambda: call(review.suspend_review, "filer", filing, "a reason"), S.REVIEW_SUSPENDED),
        (lambda: call(review.resume_review, "filer", filing, "a reason"), S.UNDER_REVIEW),
        (deal.approve, S.ISSUING),
        (lambda: call(events.note_event, "auditor", filing, "EV-04"), S.SUSPENDED),
        (deal.lift, S.ISSUING),
        (lambda: amend(deal), S.UNDER_REVIEW),
        (lambda: call(review.terminate_filing, "regulator", filing, "false"), S.REVOKED),
    ]
    for step, state in steps:
        step()
        assert deal.filing.state is state
        require_chain_allows_no_more(deal)


def test_chain_never_allows_what_the_service_forbids_when_time_has_passed(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    deal.clock.move_to("2027-03-02T08:00")
    deal.service.call(deadlines.enforce_deadlines, "auditor", deal.filing_id)
    assert deal.filing.state is S.EXPIRED
    require_chain_allows_no_more(deal)


def test_deal_repaid_in_full_matures_and_is_closed_for_good(abs_deal_at: DealAt) -> None:
    """The last payment falls into a suspension, and one holder may not be paid."""
    deal = abs_deal_at("active")
    call, filing = deal.service.call, deal.filing_id
    last = deal.terms.schedule.payments
    for number in range(1, last + 1):
        with pytest.raises(StateConflict, match="not repaid"):
            call(maturity.mature_filing, "issuer", filing)
        deal.report_collections()
        if number == last:
            deal.freeze("H3")
            deal.suspend()
        deal.pay_coupon()
        assert len(deal.payments()) == 3, number
    with pytest.raises(StateConflict, match="when it is MATURED"):
        call(winding_up.pay_final, "paying_agent", filing)
    deal.lift()
    closing_refused_by_the_chain(deal)
    retire(deal, "H1")
    call(maturity.mature_filing, "paying_agent", filing)
    assert deal.filing.state is S.MATURED
    require_chain_allows_no_more(deal)
    facts = deal.service.context.chain.token_facts(deal.token)
    assert facts.filing_status is FilingStatus.CLOSED
    with pytest.raises(StateConflict):
        deal.suspend()
    require_closed_when_nothing_is_left(deal)
    retire(deal, "H2", "H3")
    assert deal.service.context.chain.token_facts(deal.token).supply == 0


def retire(deal: ExampleDeal, *investors: str) -> None:
    """The issuer's key takes units out of existence, past the service."""
    wallets = [deal.account(each) for each in investors]
    with_its_key(deal, "issuer", commands.token_name("A"), "retire", wallets)
    require_chain_allows_no_more(deal)


def require_closed_when_nothing_is_left(deal: ExampleDeal) -> None:
    """The residual that was held, the reserve in it, goes to the originator; H3's money waits for H3."""
    call, filing, close = deal.service.call, deal.filing_id, maturity.close_filing
    left = money_left(deal)
    assert set(left) == {"residual:S", "set_aside:A:H3"}
    assert left["residual:S"] > 2_000_000 * 1_000_000
    final_payment_refused_by_the_chain(deal)
    assert money_left(deal) == left
    originator = deal.coin_of("originator")
    call(winding_up.pay_final, "paying_agent", filing)
    assert deal.coin_of("originator") - originator == left.pop("residual:S")
    assert money_left(deal) == left
    with pytest.raises(StateConflict, match="nothing is left of"):
        call(winding_up.pay_final, "paying_agent", filing)
    require_chain_allows_no_more(deal)
    deal.clear("H3")
    deal.release("H3")
    assert deal.coin_of("paying_agent") == 0
    call(close, "issuer", filing)
    assert deal.filing.state is S.CLOSED


def final_payment_refused_by_the_chain(deal: ExampleDeal) -> None:
    """The account's money has been moved away meanwhile, and comes back."""
    coin, moved = commands.coin_name(deal.terms), deal.coin_of("paying_agent")
    with deal.service.simulator.worker.paused():
        operation = queue(deal, winding_up.pay_final, "paying_agent", deal.filing_id)
        with pytest.raises(StateConflict, match="on its way"):
            queue(deal, maturity.close_filing, "issuer", deal.filing_id)
        with_its_key(deal, "paying_agent", coin, "transfer", deal.account("H1"), moved)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.REFUSED, "coin.insufficient_balance")
    back = (deal.account("paying_agent"), moved)
    deal.wallet("H1").send(coin, deal.contracts[coin], "transfer", *back)


def money_left(deal: ExampleDeal) -> dict[str, int]:
    """What closing is refused for: pot -> micro-units."""
    with pytest.raises(StateConflict, match="is left: ") as refused:
        deal.service.call(maturity.close_filing, "issuer", deal.filing_id)
    assert refused.value.error_code == "filing.money_left"
    return {pot: int(amount) for pot, amount in refused.value.facts["left_micro"].items()}


def closing_refused_by_the_chain(deal: ExampleDeal) -> None:
    """The regulator's key suspends past the service: the filing is active, and matures another time."""
    registry, filing = commands.FILING_REGISTRY, commands.digest(deal.filing_id)
    with deal.service.simulator.worker.paused():
        _, operation = queue(deal, maturity.mature_filing, "issuer", deal.filing_id)
        with pytest.raises(StateConflict, match="being closed on chain"):
            queue(deal, maturity.close_filing, "issuer", deal.filing_id)
        with_its_key(deal, "regulator", registry, "suspend", filing)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.REFUSED, "filing.illegal_move")
    assert deal.filing.state is S.ACTIVE
    with_its_key(deal, "regulator", registry, "lift", filing)
    require_chain_allows_no_more(deal)


def test_the_filing_that_the_tokens_belong_to_stands_whatever_else_is_drafted(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    deal.clock.move_to("2027-03-02T08:00")
    deal.service.call(deadlines.enforce_deadlines, "auditor", deal.filing_id)
    published, other = deal.filing, Filing(f"{deal.id}-f2", deal.id)
    with deal.service.context.database.writing() as connection:
        filings.add(connection, other)
        assert filings.live_of_deal(connection, deal.id) == other
        assert filings.standing_of_deal(connection, deal.id) == published
    assert reconciliation.look(deal.service.context, deal.id).agrees


# ---- what was queued while it was allowed


def queue(deal: ExampleDeal, function: Callable[..., Any], who: str, *arguments: Any) -> Any:
    """Ask for it while nothing is carried out."""
    service = deal.service
    return function(service.context, service.actor(who), *arguments)


def outcome(deal: ExampleDeal, operation: Operation) -> tuple[OperationState, str | None]:
    done = reports.operation_report(deal.service.context, operation.id).operation
    return done.state, str(done.error["code"]) if done.error else None


def revoke(deal: ExampleDeal) -> None:
    queue(deal, supervision.revoke_filing, "regulator", deal.filing_id, "false materials")


def suspend(deal: ExampleDeal) -> None:
    queue(deal, supervision.suspend_filing, "regulator", deal.filing_id, "under examination")


def lift(deal: ExampleDeal) -> None:
    queue(deal, supervision.lift_suspension, "regulator", deal.filing_id, "examined")


def find_adverse(deal: ExampleDeal) -> None:
    queue(deal, supervision.determine_security, "other_authority", deal.filing_id, "ADVERSE")


def begin_to_amend(deal: ExampleDeal) -> None:
    queue(deal, amendment.amend_filing, "filer", deal.filing_id)


STOPPED = {
    revoke: (S.REVOKED, "filing.revoked"),
    suspend: (S.SUSPENDED, "filing.suspended"),
    find_adverse: (S.SUSPENDED, "filing.suspended"),
    begin_to_amend: (S.UNDER_REVIEW, "filing.under_review"),
}


@pytest.mark.parametrize("stop", STOPPED)
def test_mint_that_was_queued_is_refused_when_the_filing_no_longer_allows_it(
    abs_deal_at: DealAt, stop: Callable[[ExampleDeal], None]
) -> None:
    deal = abs_deal_at("offering_open")
    deal.pay_in(deal.subscribe("H1", 1_100))
    if stop is begin_to_amend:
        deal.prepare_version()
    state, code = STOPPED[stop]
    with deal.service.simulator.worker.paused():
        minting = (deal.id, "A", "H1", 1_100)
        subscription, operation = queue(deal, issuance.issue_units, "issuer", *minting)
        stop(deal)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.REFUSED, code)
    assert (deal.filing.state, deal.units_of("H1")) == (state, 0)
    (left,) = queue(deal, offering.subscriptions_of, "H1", deal.id)
    assert (left.id, left.state) == (subscription.id, SubscriptionState.OPEN)
    require_chain_allows_no_more(deal)


def test_mint_that_was_queued_passes_when_the_suspension_is_lifted_before_its_turn(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    deal.pay_in(deal.subscribe("H1", 1_100))
    with deal.service.simulator.worker.paused():
        minting = (deal.id, "A", "H1", 1_100)
        _, operation = queue(deal, issuance.issue_units, "issuer", *minting)
        suspend(deal)
        lift(deal)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.CONFIRMED, None)
    assert deal.units_of("H1") == 1_100
    require_chain_allows_no_more(deal)


def test_offering_whose_opening_was_queued_is_opened_after_the_suspension(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("admitted")
    deal.clock.reach(deal.terms.offering.opens)
    with deal.service.simulator.worker.paused():
        _, operation = queue(deal, offering.open_offering, "issuer", deal.id)
        suspend(deal)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.REFUSED, "filing.suspended")
    deal.lift()
    assert deal.filing.state is S.FILED
    require_chain_allows_no_more(deal)
    deal.open_offering()
    require_chain_allows_no_more(deal)


@pytest.mark.parametrize("reported", [False, True], ids=["closing", "closing-and-reporting"])
def test_closing_refused_by_the_chain_while_suspended_leaves_the_offering_open(
    abs_deal_at: DealAt, *, reported: bool
) -> None:
    """The proceeds that would fund the reserve have been moved away meanwhile, and come back."""
    deal = abs_deal_at("issued")
    coin, moved = commands.coin_name(deal.terms), deal.coin_of("issuer")
    with deal.service.simulator.worker.paused():
        _, operation = queue(deal, offering.close_offering, "issuer", deal.id)
        if reported:
            report = (deal.filing_id, "EV-01", "all sold")
            queue(deal, events.report_event, "filer", *report)
        suspend(deal)
        with_its_key(deal, "issuer", coin, "transfer", deal.account("H1"), moved)
    deal.service.settle()
    assert outcome(deal, operation) == (OperationState.REFUSED, "coin.insufficient_balance")
    deal.lift()
    assert (deal.filing.state, deal.filing.events) == (S.ISSUING, ())
    require_chain_allows_no_more(deal)
    deal.wallet("H1").send(coin, deal.contracts[coin], "transfer", deal.account("issuer"), moved)
    deal.close_offering()
    assert deal.filing.state is S.ISSUED_REPORT_DUE
    require_chain_allows_no_more(deal)


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "queued together"])
def test_completion_reported_while_suspended_opens_transfers_on_chain_after_the_lift(
    abs_deal_at: DealAt, *, at_once: bool
) -> None:
    deal = abs_deal_at("issued")
    report = (deal.filing_id, "EV-01", "all sold")
    steps: list[tuple[Callable[[], object], FilingState]] = [
        (lambda: queue(deal, offering.close_offering, "issuer", deal.id), S.ISSUED_REPORT_DUE),
        (lambda: suspend(deal), S.SUSPENDED),
        (lambda: queue(deal, events.report_event, "filer", *report), S.SUSPENDED),
        (lambda: lift(deal), S.ACTIVE),
    ]
    with deal.service.simulator.worker.paused() if at_once else nullcontext():
        for step, state in steps:
            step()
            assert deal.filing.state is state
            if not at_once:
                deal.service.settle()
                require_chain_allows_no_more(deal)
    deal.service.settle()
    assert deal.service.context.chain.token_facts(deal.token).transfers_open
    require_chain_allows_no_more(deal)


def test_completion_that_the_chain_refuses_after_the_lift_is_due_again(abs_deal_at: DealAt) -> None:
    """The regulator's key has revoked the filing past the service: nothing is lifted, nothing reported."""
    deal = abs_deal_at("issued")
    registry, filing = commands.FILING_REGISTRY, commands.digest(deal.filing_id)
    deal.close_offering()
    deal.suspend()
    queue(deal, events.report_event, "filer", deal.filing_id, "EV-01", "all sold")
    with deal.service.simulator.worker.paused():
        with_its_key(deal, "regulator", registry, "revoke", filing)
        lift(deal)
    deal.service.settle()
    completion = deal.filing.completion
    assert deal.filing.state is S.ISSUED_REPORT_DUE
    assert completion is not None
    assert completion.reported_on is None


def with_its_key(
    deal: ExampleDeal, role: str, contract: str, function: str, *arguments: Any
) -> None:
    """A role's key acts on chain by itself, past the service."""
    chain = deal.service.context.chain
    key = Keychain(deal.service.simulator.settings.mnemonic).key(ROLE_ACCOUNTS[role])
    Wallet(chain, key).send(contract, deal.contracts[contract], function, *arguments)
