"""What is said of a projection beside its amounts: worth, durations, coverage, and what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from issuer.documents.deal import DealDocument
from issuer.documents.fields import parse_document
from issuer.documents.hashes import document_hash
from issuer.documents.pool import PoolFile
from issuer.domain.analytics.coverage import DebtServiceCoverage
from issuer.domain.analytics.valuation import Valuation, coverage, valuation
from issuer.services.projections import Projected

DISCOUNT_RATE = "8"
"""Per cent a year. Yields of non-standard assets in Hong Kong are usually put at more than this."""

CONVENTIONS: Mapping[str, str] = {
    "start": "closing, or the day from which a running deal goes on",
    "average_life": "years from the start, ACT/365F, weighted by principal paid",
    "yield_at_par": "IRR a year, effective (compounded once a year), ACT/365F, bought at the start for"
    " what is outstanding; - where nothing is paid, and outside -99 to 1,000 %, as of a residual"
    " piece kept for a token sum, whose face is no price",
    "duration": "Macaulay and modified, in years from the start, ACT/365F, at the yield at par; no"
    " modified one at a negative yield",
    "present_value": "of all that is paid, effective rate a year, ACT/365F, per cent of what is"
    " outstanding at the start; - for a residual piece worth over ten times that",
    "dscr": "collections less fees paid, over interest on what is then outstanding of the tokenised"
    " notes and the principal that their schedule makes due then; without arrears, reserves and sponsors",
    "loss": "principal that never came, of the notes; the residual piece is owed none",
}
"""How each figure is counted: two that are counted otherwise cannot be compared."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run was made of: whoever has the same gets the same to the last byte."""

    simulator: str
    deal_hash: str
    pool_hash: str
    tape_hash: str | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of one case. `coverage` is None where some note has no schedule that makes
    principal due, and of a deal that runs already."""

    rate: Fraction
    valuations: tuple[Valuation, ...]
    coverage: DebtServiceCoverage | None


def provenance(deal: Mapping[str, Any], pool: PoolFile) -> Provenance:
    """Hash both documents with what they leave to defaults: a file and a request are then alike."""
    whole = parse_document(DealDocument, deal, pool.document.deal)
    return Provenance(
        simulator=version("abs-issuance-simulator"),
        deal_hash=document_hash(whole.model_dump(mode="json")),
        pool_hash=document_hash(pool.document.model_dump(mode="json")),
        tape_hash=pool.tape_hash,
    )


def measure(found: Projected, rate: Fraction) -> Measures:
    """Measure one case, with present values at a rate a year."""
    start = found.start.day
    return Measures(
        rate,
        tuple(valuation(found.projection, each, start, rate) for each in found.outcomes),
        None if found.start.state else _coverage(found),
    )


def _coverage(found: Projected) -> DebtServiceCoverage | None:
    deal = found.deal
    if not deal.tokenised or not all(each.principal_schedule for each in deal.tokenised):
        return None
    fixings = {**deal.structure.assumed_fixings, **found.pool.case(found.overrides).fixings}
    return coverage(found.projection, deal.tokenised, fixings, deal.schedule.payments)
