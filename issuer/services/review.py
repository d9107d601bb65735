"""The regulator's part: formality check, requests, consultations, pauses, decision; and what the chain
makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from issuer.domain import moves as states
from issuer.domain.errors import Finding, RuleViolated, StateConflict
from issuer.domain.filing import Approval, Filing
from issuer.domain.lifecycle import PREPARING, REVIEWED, FilingState, MoveName
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.clock_rules import supplements_are_answered_in_time
from issuer.domain.rulebook.rule import examine, require
from issuer.domain.schedule import add_months
from issuer.onchain import commands
from issuer.services import gate, supervision
from issuer.services.context import Context, enqueue, today
from issuer.services.dossier import case_of, newest_version
from issuer.services.keeping import SERVICE, keep
from issuer.services.verdicts import Inquiry, Verdict, dry_run
from issuer.store import deals, filings, subscriptions


def check_formality(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The regulator takes up the filing, or does not accept it and says why."""
    authorise(actor, Act.CHECK_FORMALITY)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        states.require_origin(filing, MoveName.ACCEPT)
        findings = examine(REVIEW_RULES, case_of(context, connection, filing, filing.version))
        if findings:
            checked = states.not_accept(filing, findings)
        else:
            checked = states.accept(filing, today(connection))
        facts = {"state": checked.state.value, "rules": [finding.rule for finding in findings]}
        keep(connection, actor, "check_formality", checked, facts)
    return checked


def dry_run_filing(context: Context, actor: Actor, filing_id: str) -> Verdict:
    """What the next decision on the filing would find; nothing changes.

    What is drafted or prepared is judged as if it were submitted, what is filed as if its offering were
    open: the filer asks whether it is good before the step that it is asked to take.
    """
    authorise(actor, Act.READ_MATERIALS)
    with context.database.reading() as connection:
        filing = filings.get(connection, filing_id)
        newest = newest_version(connection, filing)
        is_prepared = filing.state in PREPARING and newest > filing.version
        if not is_prepared and filing.state not in _BEFORE_DECISION:
            return _dry_run_issuance(context, connection, filing)
        case = case_of(context, connection, filing, newest)
    first = filing.state in _BEFORE_REVIEW

    def examine_version(inquiry: Inquiry) -> None:
        inquiry.consider(REVIEW_RULES, case)
        if not (first or is_prepared):
            states.apply_move(filing, MoveName.APPROVE, Role.REGULATOR)
        inquiry.conclude()

    verb, act = ("accepting", Act.CHECK_FORMALITY) if first else ("approving", Act.APPROVE_FILING)
    return replace(dry_run(Inquiry(f"{verb} filing {filing_id}"), examine_version), act=act)


_BEFORE_REVIEW = frozenset({FilingState.DRAFT, FilingState.SUBMITTED})
_BEFORE_DECISION = _BEFORE_REVIEW | REVIEWED


def _dry_run_issuance(context: Context, connection: Connection, filing: Filing) -> Verdict:
    """Whether one more unit may be issued, of the tranche that has most left; the rules alone are asked."""
    deal = deals.get(connection, filing.deal_id)
    tranche = max(
        deal.tokenised,
        key=lambda each: each.units - subscriptions.allotted_units(connection, deal.id, each.id),
    )
    is_filed = filing.state is FilingState.FILED
    judged = replace(filing, state=FilingState.ISSUING) if is_filed else filing

    def examine_issuance(inquiry: Inquiry) -> None:
        gate.examine_filing(context, connection, inquiry, deal, judged, tranche.id, 1)

    verdict = dry_run(Inquiry(f"issuing under filing {filing.id}"), examine_issuance)
    return replace(verdict, act=Act.ISSUE_UNITS)


def request_supplement(
    context: Context, actor: Actor, filing_id: str, materials: Sequence[str], note: str
) -> Filing:
    """The regulator asks for more, within its own time limit; the review clock stops."""
    authorise(actor, Act.REQUEST_SUPPLEMENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        day = today(connection)
        asked = states.request_supplement(
            filing, tuple(materials), note, day, context.prc_calendar, context.regime
        )
        limit = context.regime.supplement_ask_days
        if asked.review.days_used > limit:
            raise RuleViolated(
                f"asking for a supplement to {filing_id}",
                [_late_request(asked.review.days_used, limit)],
            )
        facts = {"materials": list(materials), "review_days_used": asked.review.days_used}
        keep(connection, actor, "request_supplement", asked, facts)
    return asked


def _late_request(used: int, limit: int) -> Finding:
    rule = supplements_are_answered_in_time
    return Finding(
        rule.id,
        "The regulator says within five working days of receipt what is missing.",
        {"working_days_used": used, "limit": limit},
        rule.basis.value,
        rule.source,
        "Decide on the materials that are there.",
    )


def consult(context: Context, actor: Actor, filing_id: str, reason: str) -> Filing:
    """A prohibited circumstance is suspected: other departments are asked, the clock stops (FIL-08)."""
    authorise(actor, Act.CONSULT)
    return _pause(context, actor, filing_id, MoveName.CONSULT, reason)


def conclude_consultation(context: Context, actor: Actor, filing_id: str, reason: str) -> Filing:
    """They have answered: the clock runs on."""
    authorise(actor, Act.CONSULT)
    return _continue(context, actor, filing_id, MoveName.CONCLUDE_CONSULTATION, reason)


def suspend_review(context: Context, actor: Actor, filing_id: str, reason: str) -> Filing:
    """The regulator suspends the review, or the filer asks for it and says why."""
    authorise(actor, Act.SUSPEND_REVIEW)
    return _pause(context, actor, filing_id, MoveName.SUSPEND_REVIEW, reason)


def resume_review(context: Context, actor: Actor, filing_id: str, reason: str) -> Filing:
    """The review goes on; the filer may say so only where it had itself asked for the suspension."""
    authorise(actor, Act.SUSPEND_REVIEW)
    return _continue(context, actor, filing_id, MoveName.RESUME_REVIEW, reason)


def _pause(context: Context, actor: Actor, filing_id: str, move: MoveName, reason: str) -> Filing:
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        day = today(connection)
        paused = states.pause_review(filing, move, actor.role, reason, day, context.prc_calendar)
        facts = {"reason": reason, "review_days_used": paused.review.days_used}
        keep(connection, actor, move.value, paused, facts)
    return paused


def _continue(
    context: Context, actor: Actor, filing_id: str, move: MoveName, reason: str
) -> Filing:
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        continued = states.continue_review(filing, move, actor.role, today(connection))
        keep(connection, actor, move.value, continued, {"reason": reason})
    return continued


def terminate_filing(context: Context, actor: Actor, filing_id: str, reason: str) -> Filing:
    """The regulator ends the review, and says why in public; what was published is revoked."""
    authorise(actor, Act.TERMINATE_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        return end_review(context, connection, actor, filing, MoveName.TERMINATE, reason)


def end_review(
    context: Context,
    connection: Connection,
    actor: Actor,
    filing: Filing,
    move: MoveName,
    reason: str,
) -> Filing:
    """End a review for good. What had been published is revoked on chain as well."""
    ended = states.end(filing, move, actor.role, reason)
    facts = {"reason": reason, "state": ended.state.value}
    if ended.state is FilingState.REVOKED:
        operation = enqueue(
            context,
            connection,
            OperationKind.REVOKE_FILING,
            filing.deal_id,
            filing.id,
            [commands.move_filing(filing.id, "revoke")],
        )
        facts["operation"] = operation.id
    keep(connection, actor, move.value, ended, facts)
    return ended


def approve_filing(
    context: Context, actor: Actor, filing_id: str, version: int, bundle_hash: str
) -> tuple[Filing, Operation]:
    """The regulator approves one version by its hash; the anchor publishes it."""
    authorise(actor, Act.APPROVE_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        day = today(connection)
        case = case_of(context, connection, filing, filing.version)
        plan = case.bundle.plan
        approval = Approval(
            filing.version,
            case.bundle_hash,
            add_months(day, context.regime.validity_months),
            plan.cap_micro,
            tuple((tranche.id, tranche.units) for tranche in case.deal.tokenised),
            day,
        )
        approved = states.approve(filing, approval)
        if (version, bundle_hash) != (filing.version, case.bundle_hash):
            raise StateConflict(
                f"filing {filing_id} stands at version {filing.version} with hash {case.bundle_hash};"
                " approve exactly that",
                code="filing.version_stale",
                version=filing.version,
                bundle_hash=case.bundle_hash,
            )
        require(f"approving filing {filing_id}", REVIEW_RULES, case)
        operation = enqueue(
            context,
            connection,
            OperationKind.APPROVE_FILING,
            filing.deal_id,
            filing_id,
            [commands.amend_filing(case.deal, filing_id, approval)]
            if filing.amendment
            else commands.approve_filing(case.deal, filing_id, approval, plan),
        )
        facts = {"version": version, "bundle_hash": bundle_hash, "operation": operation.id}
        keep(connection, actor, "approve_filing", approved, facts)
    return approved, operation


# ---- what follows from the chain's answer


def approval_anchored(context: Context, connection: Connection, operation: Operation) -> None:
    """The approval stands on chain: the filing is published.

    Should a prohibited circumstance stand against it by now (NEG-07), it is suspended at once.
    """
    filing = filings.get(connection, operation.subject)
    published = states.publish(filing, today(connection))
    facts = {"operation": operation.id, "published_on": today(connection).isoformat()}
    keep(connection, SERVICE, "publish_filing", published, facts)
    if published.is_prohibited:
        supervision.suspend_at_once(context, connection, published, "NEG-07")


def approval_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the approval: the decision does not stand."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.APPROVED:
        facts = {"operation": operation.id}
        keep(connection, SERVICE, "undo_approval", states.undo_approval(filing), facts)
