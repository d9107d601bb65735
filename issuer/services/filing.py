"""The filing, from draft to approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from issuer.documents.filing import build_bundle, parse_sections
from issuer.domain import filing as states
from issuer.domain.bundle import ATTESTER_ROLES, Attestation, Material
from issuer.domain.errors import Complaint, Finding, InvalidInput, RuleViolated, StateConflict
from issuer.domain.filing import Approval, Filing, FilingState, MoveName
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.roles import Act, Actor, Role, authorise
from issuer.domain.rulebook.catalogue import REVIEW_RULES, supplements_are_answered_in_time
from issuer.domain.rulebook.filing_rules import FilingCase, every_responsible_role_attests
from issuer.domain.rulebook.rule import examine, require
from issuer.domain.schedule import add_months
from issuer.onchain import commands
from issuer.services import bundles, supervision
from issuer.services.context import Context, enqueue, log, stamp, today
from issuer.store import deals, filings
from issuer.store.filings import StoredVersion


@dataclass(frozen=True, slots=True)
class Prepared:
    """A version ready to be signed. `to_sign` maps each attester role to its EIP-712 typed data."""

    filing: Filing
    version: int
    bundle_hash: str
    attesters: Mapping[str, str]
    to_sign: Mapping[str, Mapping[str, Any]]


def draft_filing(
    context: Context,
    actor: Actor,
    deal_id: str,
    sections: Mapping[str, Any],
    materials: Sequence[Material],
    supersedes: str | None,
) -> Prepared:
    """Begin a filing with version 1 of its materials."""
    authorise(actor, Act.DRAFT_FILING)
    with context.database.writing() as connection:
        deals.get(connection, deal_id)
        live = filings.live_of_deal(connection, deal_id)
        if live is not None:
            raise StateConflict(
                f"filing {live.id} of this deal is {live.state}: one filing at a time",
                code="filing.live_exists",
                filing=live.id,
            )
        if supersedes is not None:
            filings.get(connection, supersedes)
        new = Filing(filings.next_id(connection, deal_id), deal_id, supersedes=supersedes)
        filings.add(connection, new)
        prepared = _store_version(context, connection, new, 1, sections, tuple(materials))
        log(connection, actor, "draft_filing", new.id, {"bundle_hash": prepared.bundle_hash})
    return prepared


def prepare_supplement(
    context: Context,
    actor: Actor,
    filing_id: str,
    sections: Mapping[str, Any] | None,
    materials: Sequence[Material],
) -> Prepared:
    """Prepare the next version: the materials given replace those of the same code."""
    authorise(actor, Act.ANSWER_SUPPLEMENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        if filing.state is not FilingState.SUPPLEMENT_REQUESTED:
            raise StateConflict(
                f"filing {filing_id} is {filing.state}; a new version is prepared when a supplement"
                " is requested",
                code="filing.illegal_move",
                move="prepare_supplement",
                state=filing.state.value,
                allowed_from=[FilingState.SUPPLEMENT_REQUESTED.value],
            )
        old = filings.get_version(connection, filing_id, filing.version)
        merged = {material.code: material for material in old.materials}
        merged.update({material.code: material for material in materials})
        prepared = _store_version(
            context,
            connection,
            filing,
            filing.version + 1,
            sections or old.sections,
            tuple(merged[code] for code in sorted(merged)),
        )
        facts = {"version": prepared.version, "bundle_hash": prepared.bundle_hash}
        log(connection, actor, "prepare_supplement", filing_id, facts)
    return prepared


def attest(
    context: Context, actor: Actor, filing_id: str, role: str, signature: str
) -> Attestation:
    """Add a signature over the version being prepared."""
    authorise(actor, Act.DRAFT_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        stored = filings.get_version(connection, filing_id, _version_to_sign(filing))
        digest = bundles.recompute(connection, stored)
        data = bundles.typed_data(filing_id, stored.version, role, digest, context.chain.chain_id)
        signer = bundles.recover_signer(data, signature)
        named = getattr(parse_sections(stored.sections, filing_id).attesters, role)
        if signer != named:
            raise InvalidInput(
                "attestation",
                [
                    Complaint(
                        "/signature",
                        "attestation.signer",
                        f"{signer} signed, but the filing names {named} as {role}",
                    )
                ],
            )
        signed = Attestation(role, signer, digest, signature)
        filings.put_attestation(connection, filing_id, stored.version, signed)
        log(connection, actor, "attest", filing_id, {"role": role, "bundle_hash": digest})
    return signed


def submit_filing(context: Context, actor: Actor, filing_id: str) -> Filing:
    """Submit; needs the signatures and nothing else, what is in it is checked by the regulator."""
    authorise(actor, Act.SUBMIT_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        submitted = states.submit(filing, today(connection))
        case = case_of(context, connection, submitted, submitted.version)
        require(f"submitting filing {filing_id}", (every_responsible_role_attests,), case)
        filings.save(connection, submitted)
        log(connection, actor, "submit_filing", filing_id, {"version": submitted.version})
    return submitted


def check_formality(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The regulator takes up the filing, or does not accept it and says why."""
    authorise(actor, Act.CHECK_FORMALITY)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        findings = examine(REVIEW_RULES, case_of(context, connection, filing, filing.version))
        if findings:
            checked = states.not_accept(filing, findings)
        else:
            checked = states.accept(filing, today(connection))
        filings.save(connection, checked)
        facts = {"state": checked.state.value, "rules": [finding.rule for finding in findings]}
        log(connection, actor, "check_formality", filing_id, facts)
    return checked


def dry_run_filing(context: Context, actor: Actor, filing_id: str) -> tuple[Finding, ...]:
    """What the formality check would find in the newest version; nothing changes."""
    authorise(actor, Act.READ_MATERIALS)
    with context.database.reading() as connection:
        filing = filings.get(connection, filing_id)
        newest = _newest_version(connection, filing)
        return examine(REVIEW_RULES, case_of(context, connection, filing, newest))


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
        filings.save(connection, asked)
        facts = {"materials": list(materials), "review_days_used": asked.review.days_used}
        log(connection, actor, "request_supplement", filing_id, facts)
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


def answer_supplement(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The filer answers in time with the version it has prepared and had signed."""
    authorise(actor, Act.ANSWER_SUPPLEMENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        version = filing.version + 1
        day = today(connection)
        answered = states.answer_supplement(filing, version, day)
        if not filings.has_version(connection, filing_id, version):
            raise StateConflict(
                f"version {version} of filing {filing_id} has not been prepared",
                code="filing.version_missing",
                version=version,
            )
        _require_changed(connection, filing, version)
        act = f"answering the supplement request to {filing_id}"
        require(
            act,
            (supplements_are_answered_in_time, every_responsible_role_attests),
            case_of(context, connection, filing, version),
        )
        filings.save(connection, answered)
        log(connection, actor, "answer_supplement", filing_id, {"version": version})
    return answered


def _require_changed(connection: Connection, filing: Filing, version: int) -> None:
    """What was asked for differs from what was there (FIL-07)."""
    before = {
        m.code: m for m in filings.get_version(connection, filing.id, filing.version).materials
    }
    after = {m.code: m for m in filings.get_version(connection, filing.id, version).materials}
    asked = filing.supplement.materials if filing.supplement else ()
    unchanged = [code for code in asked if before.get(code) == after.get(code)]
    if unchanged:
        rule = supplements_are_answered_in_time
        facts = {"requested_and_unchanged": unchanged}
        finding = Finding(
            rule.id,
            "A supplement contains what was asked for.",
            facts,
            rule.basis.value,
            rule.source,
            "Prepare a version with the requested materials.",
        )
        raise RuleViolated(f"answering the supplement request to {filing.id}", [finding])


def withdraw_filing(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The filer takes the filing back before it is published."""
    authorise(actor, Act.WITHDRAW_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        withdrawn = states.apply_move(filing, MoveName.WITHDRAW, actor.role)
        filings.save(connection, withdrawn)
        log(connection, actor, "withdraw_filing", filing_id, {})
    return withdrawn


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
        filings.save(connection, approved)
        operation = enqueue(
            context,
            connection,
            OperationKind.APPROVE_FILING,
            filing.deal_id,
            filing_id,
            commands.approve_filing(case.deal, filing_id, approval, plan),
        )
        facts = {"version": version, "bundle_hash": bundle_hash, "operation": operation.id}
        log(connection, actor, "approve_filing", filing_id, facts)
    return approved, operation


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version as stored, and the hash of what is stored now."""

    stored: StoredVersion
    recomputed_hash: str


def read_version(context: Context, actor: Actor, filing_id: str, version: int) -> ReadVersion:
    """The materials, for those who may read them."""
    authorise(actor, Act.READ_MATERIALS)
    with context.database.reading() as connection:
        stored = filings.get_version(connection, filing_id, version)
        return ReadVersion(stored, bundles.recompute(connection, stored))


def show_filing(context: Context, filing_id: str) -> Filing:
    """A filing; filings are public, their materials are not."""
    with context.database.reading() as connection:
        return filings.get(connection, filing_id)


def filings_of(context: Context, deal_id: str) -> tuple[Filing, ...]:
    """A deal's filings, oldest first."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        return filings.of_deal(connection, deal_id)


# ---- what follows from the chain's answer


def approval_anchored(context: Context, connection: Connection, operation: Operation) -> None:
    """The approval stands on chain: the filing is published.

    Should another authority have objected meanwhile (NEG-02), it is suspended at once.
    """
    filing = filings.get(connection, operation.subject)
    published = states.publish(filing, today(connection))
    filings.save(connection, published)
    service = Actor(Role.OPERATOR, "service")
    facts = {"operation": operation.id, "published_on": today(connection).isoformat()}
    log(connection, service, "publish_filing", filing.id, facts)
    if published.security_determination == "ADVERSE":
        supervision.suspend_adverse(context, connection, published)


def approval_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """The chain did not take the approval: the decision does not stand."""
    filing = filings.get(connection, operation.subject)
    if filing.state is FilingState.APPROVED:
        filings.save(connection, replace(filing, state=FilingState.UNDER_REVIEW, approval=None))


# ---- helpers


def _store_version(
    context: Context,
    connection: Connection,
    filing: Filing,
    version: int,
    sections: Mapping[str, Any],
    materials: tuple[Material, ...],
) -> Prepared:
    deal = deals.get_document(connection, filing.deal_id)
    digest = bundles.bundle_hash(filing.id, version, deal, sections, materials)
    filings.put_version(
        connection, filing.id, version, sections, digest, materials, stamp(connection)
    )
    attesters = parse_sections(sections, filing.id).attesters
    return Prepared(
        filing,
        version,
        digest,
        {role: getattr(attesters, role) for role in ATTESTER_ROLES},
        {
            role: bundles.typed_data(filing.id, version, role, digest, context.chain.chain_id)
            for role in ATTESTER_ROLES
        },
    )


def _version_to_sign(filing: Filing) -> int:
    if filing.state is FilingState.DRAFT:
        return filing.version
    if filing.state is FilingState.SUPPLEMENT_REQUESTED:
        return filing.version + 1
    raise StateConflict(
        f"filing {filing.id} is {filing.state}; versions are signed while they are prepared",
        code="filing.illegal_move",
        move="attest",
        state=filing.state.value,
        allowed_from=[FilingState.DRAFT.value, FilingState.SUPPLEMENT_REQUESTED.value],
    )


def _newest_version(connection: Connection, filing: Filing) -> int:
    following = filing.version + 1
    return following if filings.has_version(connection, filing.id, following) else filing.version


def case_of(context: Context, connection: Connection, filing: Filing, version: int) -> FilingCase:
    """A version as it lies there now, with all that it is checked against."""
    stored = filings.get_version(connection, filing.id, version)
    digest = bundles.recompute(connection, stored)
    all_of_deal = [f.id for f in filings.of_deal(connection, filing.deal_id)]
    position = all_of_deal.index(filing.id)
    earlier = filings.get(connection, all_of_deal[position - 1]) if position else None
    book = deals.address_book(connection, filing.deal_id)
    return FilingCase(
        filing=filing,
        deal=deals.get(connection, filing.deal_id),
        bundle=build_bundle(filing.id, version, stored.sections, stored.materials),
        bundle_hash=digest,
        attestations=bundles.standing_attestations(stored, digest, context.chain.chain_id),
        elsewhere=_assets_elsewhere(connection, filing.id),
        # The code that is there now: what the address book once noted proves nothing.
        deployed={
            name: (each.address, context.chain.code_hash(each.address))
            for name, each in book.items()
        },
        chain_id=context.chain.chain_id,
        predecessor=earlier,
        today=today(connection),
        regime=context.regime,
    )


def _assets_elsewhere(connection: Connection, filing_id: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for other in filings.others_live(connection, filing_id):
        stored = filings.get_version(connection, other.id, other.version)
        for asset in stored.sections["assets"]:
            found[asset["id"]] = other.id
    return found
