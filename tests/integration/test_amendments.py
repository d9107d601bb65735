"""Amending what was published: what was submitted stays, what is late is late, what the chain refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from issuer.domain.bundle import ATTESTER_ROLES
from issuer.domain.errors import RuleViolated, StateConflict
from issuer.domain.filing import ReviewClock
from issuer.domain.lifecycle import FilingState
from issuer.domain.operations import Operation, OperationState
from issuer.keys import ROLE_ACCOUNTS, Keychain
from issuer.onchain import commands
from issuer.onchain.wallet import Wallet
from issuer.services import amendment, deadlines, dossier, reconciliation, reports, review
from issuer.services.dossier import ReadVersion
from issuer.testing.deal import ExampleDeal

DealAt = Callable[[str], ExampleDeal]
S = FilingState


def amend(deal: ExampleDeal) -> None:
    deal.prepare_version()
    deal.service.call(amendment.amend_filing, "filer", deal.filing_id)


def cancel(deal: ExampleDeal) -> None:
    deal.service.call(amendment.cancel_amendment, "filer", deal.filing_id)


def version(deal: ExampleDeal, number: int) -> ReadVersion:
    filer = deal.service.actor("filer")
    return dossier.read_version(deal.service.context, filer, deal.filing_id, number)


def ask_for_more(deal: ExampleDeal) -> None:
    asked = (deal.filing_id, ["M-13"], "which fields leave")
    deal.service.call(review.request_supplement, "regulator", *asked)


def agrees(deal: ExampleDeal) -> bool:
    return reconciliation.look(deal.service.context, deal.id).agrees


# ---- what was submitted stays


def test_version_submitted_and_taken_back_stays_with_its_signatures(abs_deal_at: DealAt) -> None:
    deal = abs_deal_at("filed")
    amend(deal)
    submitted = version(deal, 2)
    assert submitted.stored.submitted_on == deal.clock.now.date()
    assert {each.role for each in submitted.stored.attestations} == set(ATTESTER_ROLES)
    cancel(deal)
    assert deal.filing.version == 1
    deal.prepare_version()
    assert version(deal, 3).stored.submitted_on is None
    assert version(deal, 2) == submitted
    deal.service.call(amendment.amend_filing, "filer", deal.filing_id)
    assert deal.filing.version == 3
    deal.approve()
    assert (deal.filing.state, deal.filing.approval and deal.filing.approval.version) == (
        S.FILED,
        3,
    )
    assert version(deal, 2) == submitted
    assert agrees(deal)


def test_version_that_is_only_prepared_is_prepared_again_under_its_number(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("filed")
    deal.prepare_version()
    deal.prepare_version()
    assert version(deal, 2).stored.submitted_on is None
    deal.service.call(amendment.amend_filing, "filer", deal.filing_id)
    ask_for_more(deal)
    deal.prepare_version()
    assert version(deal, 3).stored.submitted_on is None
    assert version(deal, 2).stored.submitted_on is not None


# ---- a supplement that is overdue


@pytest.mark.rule("FIL-07")
def test_amendment_is_not_cancelled_once_its_supplement_is_overdue(abs_deal_at: DealAt) -> None:
    deal = abs_deal_at("filed")
    amend(deal)
    ask_for_more(deal)
    supplement = deal.filing.supplement
    assert supplement is not None
    deal.clock.move_to(f"{supplement.due_on.isoformat()}T23:59")
    with pytest.raises(StateConflict, match="no deadline"):
        deal.service.call(deadlines.enforce_deadlines, "H1", deal.filing_id)
    cancel(deal)
    assert deal.filing.state is S.FILED
    # The next one is let pass: now nobody takes anything back, and anybody ends it.
    amend(deal)
    ask_for_more(deal)
    deal.clock.move_to("2026-07-01T00:00")
    with pytest.raises(RuleViolated) as late:
        cancel(deal)
    (finding,) = late.value.findings
    assert finding.rule == "FIL-07"
    assert "revokes" in finding.cure
    deal.service.call(deadlines.enforce_deadlines, "H1", deal.filing_id)
    assert (deal.filing.state, deal.filing.version) == (S.REVOKED, 3)
    deal.service.settle()
    assert agrees(deal)


# ---- what the chain refuses


def by_itself(deal: ExampleDeal, function: str) -> None:
    """The regulator's key moves the filing on chain, past the service."""
    chain, registry = deal.service.context.chain, commands.FILING_REGISTRY
    key = Keychain(deal.service.simulator.settings.mnemonic).key(ROLE_ACCOUNTS["regulator"])
    filing = commands.digest(deal.filing_id)
    Wallet(chain, key).send(registry, deal.contracts[registry], function, filing)


def refused_after(deal: ExampleDeal, function: str, queued: Callable[..., Any]) -> None:
    """The filer's request is granted by the service, and refused by the chain."""
    service = deal.service
    with service.simulator.worker.paused():
        _, operation = queued(service.context, service.actor("filer"), deal.filing_id)
        by_itself(deal, function)
    service.settle()
    done = _done(deal, operation)
    assert done.state is OperationState.REFUSED
    assert (done.error or {})["error"] == "UnexpectedStatus"


def _done(deal: ExampleDeal, operation: Operation) -> Operation:
    return reports.operation_report(deal.service.context, operation.id).operation


def test_amendment_that_the_chain_does_not_begin_leaves_the_filing_as_it_was(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    before = deal.filing
    deal.prepare_version()
    refused_after(deal, "suspend", amendment.amend_filing)
    # The review's clock had stood still since the approval.
    assert deal.filing == replace(before, review=ReviewClock())
    by_itself(deal, "lift")
    assert agrees(deal)
    # It was submitted all the same: the next one has the next number.
    amend(deal)
    assert (deal.filing.state, deal.filing.version) == (S.UNDER_REVIEW, 3)
    deal.approve()
    assert deal.filing.state is S.ISSUING
    assert agrees(deal)


def test_amendment_that_the_chain_does_not_cancel_goes_on_with_its_supplement(
    abs_deal_at: DealAt,
) -> None:
    deal = abs_deal_at("offering_open")
    amend(deal)
    ask_for_more(deal)
    before = deal.filing
    assert before.supplement is not None
    refused_after(deal, "cancelAmendment", amendment.cancel_amendment)
    assert deal.filing == before
    by_itself(deal, "beginAmendment")
    assert agrees(deal)
    cancel(deal)
    assert (deal.filing.state, deal.filing.version) == (S.ISSUING, 1)
    assert agrees(deal)
