"""What is stored of filings: to be shown, and to be checked with all that it is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from issuer.documents.filing import build_bundle
from issuer.domain.errors import Finding, StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import ENDED, FilingState
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.clock_rules import CLOCK_RULES, ClockCase, review_due_on
from issuer.domain.rulebook.event_rules import EVENT_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.filing_rules import every_responsible_role_attests
from issuer.domain.rulebook.rule import examine, require
from issuer.services import bundles, supervision
from issuer.services.collections import periods_of
from issuer.services.context import Context, today
from issuer.store import books, deals, filings, purchases
from issuer.store.filings import StoredVersion


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


def clock_case(context: Context, connection: Connection, filing: Filing) -> ClockCase:
    """A filing and what its clocks go by."""
    return ClockCase(filing, today(connection), context.prc_calendar, context.regime)


@dataclass(frozen=True, slots=True)
class Clocks:
    """How a filing's clocks stand today. `late` are findings: what is late, by whose rule."""

    review_due_on: date | None
    late: tuple[Finding, ...]


def clocks_of(context: Context, connection: Connection, filing: Filing) -> Clocks:
    """A filing's clocks; a late review voids nothing, it is shown."""
    case = clock_case(context, connection, filing)
    return Clocks(
        review_due_on(case),
        examine((*CLOCK_RULES, *EVENT_RULES), case),
    )


def read_clocks(context: Context, filing: Filing) -> Clocks:
    """The same, for whoever only looks."""
    with context.database.reading() as connection:
        return clocks_of(context, connection, filing)


def newest_version(connection: Connection, filing: Filing) -> int:
    """The version being prepared, or else the one submitted."""
    following = filings.next_version(connection, filing.id)
    return following if filings.has_version(connection, filing.id, following) else filing.version


def case_of(context: Context, connection: Connection, filing: Filing, version: int) -> FilingCase:
    """A version as it lies there now, with all that it is checked against."""
    stored = filings.get_version(connection, filing.id, version)
    digest = bundles.recompute(connection, stored)
    all_of_deal = [f.id for f in filings.of_deal(connection, filing.deal_id)]
    position = all_of_deal.index(filing.id)
    earlier = filings.get(connection, all_of_deal[position - 1]) if position else None
    book = deals.address_book(connection, filing.deal_id)
    deal = deals.get(connection, filing.deal_id)
    return FilingCase(
        filing=filing,
        deal=deal,
        periods=periods_of(deal),
        bundle=build_bundle(filing.id, version, stored.sections, stored.materials),
        bundle_hash=digest,
        attestations=bundles.standing_attestations(stored, digest, context.chain.chain_id),
        elsewhere=_assets_elsewhere(connection, filing),
        # The code that is there now: what the address book once noted proves nothing.
        deployed={
            name: (each.address, context.chain.code_hash(each.address))
            for name, each in book.items()
        },
        deployed_on=deals.deployed_on(connection),
        chain_id=context.chain.chain_id,
        predecessor=earlier,
        published=filings.published_of_deal(connection, filing.deal_id),
        today=today(connection),
        regime=context.regime,
        logged_determination=supervision.logged_determination(connection, filing.deal_id),
    )


def require_prepared(
    context: Context, connection: Connection, filing: Filing, version: int, act: str
) -> None:
    """The version is there, and everybody responsible has signed it."""
    if not filings.has_version(connection, filing.id, version):
        raise StateConflict(
            f"version {version} of filing {filing.id} has not been prepared. Cure: have the filer prepare"
            " it, and everybody responsible sign it",
            code="filing.version_missing",
            version=version,
        )
    case = case_of(context, connection, filing, version)
    require(act, (every_responsible_role_attests,), case)


def _assets_elsewhere(connection: Connection, filing: Filing) -> dict[str, str]:
    found: dict[str, str] = {}
    for other in filings.others(connection, filing.id):
        if other.state in ENDED and not _notes_stand(connection, filing, other):
            continue
        for version in _versions_that_count(other):
            stored = filings.get_version(connection, other.id, version)
            for section in ("assets", "underlying_assets"):
                found.update((asset["id"], other.id) for asset in stored.sections.get(section, ()))
        if other.deal_id != filing.deal_id:
            bought = purchases.of_deal(connection, other.deal_id)
            found.update((each.asset.id, other.id) for one in bought for each in one.assets)
    return found


def _versions_that_count(filing: Filing) -> set[int]:
    """The one submitted last, and what is approved meanwhile: an amendment may be cancelled."""
    versions = {filing.version}
    if filing.approval is not None:
        versions.add(filing.approval.version)
    if filing.amendment is not None:
        versions |= {filing.amendment.version, filing.amendment.approval.version}
    return versions


#: Ended, while notes issued before may still be paid from the assets.
_WOUND_DOWN = frozenset({FilingState.EXPIRED, FilingState.REVOKED})


def _notes_stand(connection: Connection, filing: Filing, other: Filing) -> bool:
    """Of another deal: a deal that files anew finances the assets that it finances already."""
    if other.state not in _WOUND_DOWN or other.deal_id == filing.deal_id:
        return False
    tranches = deals.get(connection, other.deal_id).tokenised
    return any(books.register(connection, other.deal_id, tranche.id) for tranche in tranches)
