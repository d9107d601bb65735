"""What a filing's rules look at: one version of its materials, and all that it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from issuer.domain.bundle import Attestation, Bundle
from issuer.domain.deal import Deal
from issuer.domain.filing import Filing
from issuer.domain.regime import Regime
from issuer.domain.schedule import Period


@dataclass(frozen=True, slots=True)
class FilingCase:
    """A submitted bundle and what it is checked against.

    `periods` are the deal's. `bundle_hash` is recomputed from the stored materials. `elsewhere` maps
    asset ids of other live filings to those filings. `predecessor` is the deal's filing before this
    one, `published` the one that its tokens belong to. `deployed` maps the names of the deal's own
    contracts to (address, code hash) on chain; `deployed_on` is the id of the chain they were
    created on, `chain_id` that of the chain acts now go to. `logged_determination` is what the
    audit log says another authority last determined, on whichever filing of the deal.
    """

    filing: Filing
    deal: Deal
    periods: tuple[Period, ...]
    bundle: Bundle
    bundle_hash: str
    attestations: tuple[Attestation, ...]
    elsewhere: Mapping[str, str]
    deployed: Mapping[str, tuple[str, str]]
    deployed_on: int
    chain_id: int
    predecessor: Filing | None
    published: Filing | None
    today: date
    regime: Regime
    logged_determination: str | None = None

    @property
    def submitted_on(self) -> date:
        """The day that circumstances are judged by: of the submission, or of the amendment's.

        What is not submitted yet is judged as if it were today.
        """
        if self.filing.amendment is not None:
            return self.filing.amendment.since
        if self.filing.published_on is not None and self.bundle.version > self.filing.version:
            return self.today
        return self.filing.submitted_on or self.today


def stated(value: Any) -> Any:
    """A fact as a finding shows it: what the filer left out is no evidence, and is called so."""
    return "not stated" if value is None else value
