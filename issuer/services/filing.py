"""The filer's part of the filing: drafted, signed, submitted, supplemented, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from issuer.documents.filing import parse_sections
from issuer.domain import moves as states
from issuer.domain.bundle import ATTESTER_ROLES, Attestation, Material
from issuer.domain.errors import Complaint, Finding, InvalidInput, RuleViolated, StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import AMENDABLE, PREPARING, FilingState, MoveName
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import supplements_are_answered_in_time
from issuer.domain.rulebook.filing_rules import (
    every_responsible_role_attests,
    names_the_filing_before,
    published_before,
)
from issuer.domain.rulebook.rule import require
from issuer.domain.ways import ANEW, may_be_withdrawn, way_to
from issuer.services import bundles, supervision
from issuer.services.context import Context, log, stamp, today
from issuer.services.dossier import case_of, clock_case, require_prepared
from issuer.services.keeping import CHANGED, keep, told
from issuer.store import deals, filings


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
                f"filing {live.id} of this deal is {live.state}: one filing at a time."
                f" Cure: {_instead_of_another(live)}",
                code="filing.live_exists",
                filing=live.id,
            )
        _require_free_tokens(connection, deal_id)
        if supersedes is not None:
            filings.get(connection, supersedes)
        new = Filing(
            filings.next_id(connection, deal_id),
            deal_id,
            supersedes=supersedes,
            security_determination=supervision.logged_determination(connection, deal_id),
        )
        filings.add(connection, new)
        prepared = _store_version(context, connection, new, 1, sections, tuple(materials))
        facts = {
            "version": prepared.version,
            "bundle_hash": prepared.bundle_hash,
            CHANGED: told(filings.as_row(new)),
        }
        log(connection, actor, "draft_filing", new.id, facts)
    return prepared


def _require_free_tokens(connection: Connection, deal_id: str) -> None:
    """No filing of the deal was ever published: its tokens would not serve another (FIL-06)."""
    published = filings.published_of_deal(connection, deal_id)
    if published is not None:
        rule, facts = names_the_filing_before, published_before(published)
        finding = Finding(rule.id, rule.statement, facts, rule.basis.value, rule.source, rule.cure)
        raise RuleViolated(f"drafting a filing of {deal_id}", [finding])


def prepare_version(
    context: Context,
    actor: Actor,
    filing_id: str,
    sections: Mapping[str, Any] | None,
    materials: Sequence[Material],
) -> Prepared:
    """Prepare the next version, to answer a supplement request or to amend what was published.

    The materials given replace those of the same code.
    """
    authorise(actor, Act.ANSWER_SUPPLEMENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        _require_state(filing, PREPARING, "prepare_version", "the next version is prepared")
        old = filings.get_version(connection, filing_id, filing.version)
        merged = {material.code: material for material in old.materials}
        merged.update({material.code: material for material in materials})
        prepared = _store_version(
            context,
            connection,
            filing,
            filings.next_version(connection, filing_id),
            sections or old.sections,
            tuple(merged[code] for code in sorted(merged)),
        )
        facts = {"version": prepared.version, "bundle_hash": prepared.bundle_hash}
        log(connection, actor, "prepare_version", filing_id, facts)
    return prepared


def attest(
    context: Context, actor: Actor, filing_id: str, role: str, signature: str
) -> Attestation:
    """Add a signature over the version being prepared."""
    authorise(actor, Act.DRAFT_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        stored = filings.get_version(connection, filing_id, _version_to_sign(connection, filing))
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
        signed = Attestation(role, signer, digest, signature, today(connection))
        filings.put_attestation(connection, filing_id, stored.version, signed)
        facts = {
            "role": role,
            "signer": signer,
            "bundle_hash": digest,
            "signature": signature,
            "signed_on": str(signed.signed_on),
        }
        log(connection, actor, "attest", filing_id, facts)
    return signed


def submit_filing(context: Context, actor: Actor, filing_id: str) -> Filing:
    """Submit; needs the signatures and nothing else, what is in it is checked by the regulator."""
    authorise(actor, Act.SUBMIT_FILING)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        submitted = states.submit(filing, today(connection))
        case = case_of(context, connection, submitted, submitted.version)
        require(f"submitting filing {filing_id}", (every_responsible_role_attests,), case)
        filings.mark_submitted(connection, filing_id, submitted.version, today(connection))
        keep(connection, actor, "submit_filing", submitted, {"version": submitted.version})
    return submitted


def answer_supplement(context: Context, actor: Actor, filing_id: str) -> Filing:
    """The filer answers in time with the version it has prepared and had signed."""
    authorise(actor, Act.ANSWER_SUPPLEMENT)
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        version = filings.next_version(connection, filing_id)
        answered = states.answer_supplement(filing, version, today(connection))
        act = f"answering the supplement request to {filing_id}"
        in_time = clock_case(context, connection, filing)
        require(act, (supplements_are_answered_in_time,), in_time)
        require_prepared(context, connection, filing, version, act)
        _require_changed(connection, filing, version)
        filings.mark_submitted(connection, filing_id, version, today(connection))
        facts = {"version": version, "day": today(connection).isoformat()}
        keep(connection, actor, "answer_supplement", answered, facts)
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
        withdrawn = states.end(filing, MoveName.WITHDRAW, actor.role)
        keep(connection, actor, "withdraw_filing", withdrawn, {})
    return withdrawn


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


def _instead_of_another(live: Filing) -> str:
    if may_be_withdrawn(live):
        return f"go on with it, or {ANEW}"
    if live.state in AMENDABLE:
        return "go on with it, or amend it"
    return "go on with it"


def _version_to_sign(connection: Connection, filing: Filing) -> int:
    signed_in = PREPARING | {FilingState.DRAFT}
    _require_state(filing, signed_in, "attest", "versions are signed while they are prepared")
    return filings.next_version(connection, filing.id)


def _require_state(filing: Filing, allowed: frozenset[FilingState], move: str, what: str) -> None:
    if filing.state not in allowed:
        origins = sorted(allowed)
        otherwise = f"; or {ANEW}" if may_be_withdrawn(filing) else ""
        raise StateConflict(
            f"filing {filing.id} is {filing.state}; {what} when it is {', '.join(origins)}."
            f" {way_to(filing, allowed)}{otherwise}",
            code="filing.illegal_move",
            move=move,
            state=filing.state.value,
            allowed_from=origins,
        )
