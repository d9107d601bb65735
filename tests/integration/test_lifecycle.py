"""Service and chain through a filing's life: never does the chain allow what the service forbids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from issuer.domain.errors import StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import MINTABLE, TRANSFERABLE, FilingState
from issuer.onchain import commands
from issuer.onchain.gateway import FilingStatus
from issuer.services import amendment, deadlines, maturity, reconciliation, review, supervision
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
        (lambda: call(supervision.note_event, "auditor", filing, "EV-08"), S.ISSUING),
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
        (lambda: call(supervision.note_event, "auditor", filing, "EV-04"), S.SUSPENDED),
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
    deal = abs_deal_at("active")
    call, filing = deal.service.call, deal.filing_id
    for number in range(1, deal.terms.schedule.payments + 1):
        with pytest.raises(StateConflict, match="not repaid"):
            call(maturity.mature_filing, "issuer", filing)
        deal.report_collections()
        deal.pay_coupon()
        assert len(deal.payments()) == 3, number
    call(maturity.mature_filing, "paying_agent", filing)
    assert deal.filing.state is S.MATURED
    require_chain_allows_no_more(deal)
    facts = deal.service.context.chain.token_facts(deal.token)
    assert facts.filing_status is FilingStatus.CLOSED
    with pytest.raises(StateConflict):
        deal.suspend()
    call(maturity.close_filing, "issuer", filing)
    assert deal.filing.state is S.CLOSED
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
