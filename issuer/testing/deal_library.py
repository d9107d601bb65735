"""Any deal of the library in a test: its filing, sale and collections follow from its two files.

What its pool yields in the base case is what the servicer reports, so what was projected is paid:

    deal = LibraryDeal(abs_deal_at("fresh").service, "gcl-solar")
    deal.become_active()
    deal.report_collections()
    assert deal.determine().figures.closing == deal.projection.distributions[0].closing
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from issuer.documents.collections import parse_collections
from issuer.documents.deal import load_deal
from issuer.documents.pool import PoolFile, load_pool
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.collections import Collected
from issuer.domain.deal import Deal
from issuer.domain.money import FEN_PER_YUAN, MICRO_PER_FEN, floor_mul, format_decimal
from issuer.domain.projection import Projection
from issuer.examples import example_file
from issuer.services import collections
from issuer.services.projections import project_once
from issuer.testing.deal import ExampleDeal
from issuer.testing.deal_library_filing import filing_of
from issuer.testing.filing_acts import document
from issuer.testing.service import Service

#: Investors of the example file, all of whom are admitted.
BUYERS = ("H1", "H2", "H3")


class LibraryDeal(ExampleDeal):
    """A deal of the library; what parties can do is what they can do in the example deal."""

    def __init__(self, service: Service, deal_id: str) -> None:
        super().__init__(service, deal_id)
        self._file = load_deal(example_file(f"{deal_id}.yaml"))
        self._pool = load_pool(example_file(f"{deal_id}.pool.yaml"))

    @cached_property
    def projection(self) -> Projection:
        """The base case of its pool file."""
        return project_once(self._file, self._pool, OverridesDocument()).projection

    def filing_document(self) -> dict[str, Any]:
        """A filing that follows from its files."""
        example = document("filing")
        return filing_of(self._file, self._pool, self.projection, example, self.deployed())

    def become_active(self) -> None:
        """All that leads from the deal file to tokens that are sold, on the dates of the example."""
        self.register()
        self.deploy()
        self.clock.reach("2026-02-12T10:00")
        self.draft()
        self.sign()
        self.submit()
        self.check_formality()
        self.clock.reach("2026-03-02T11:00")
        self.approve()
        self.clock.reach("2026-03-18T10:00")
        for investor in BUYERS:
            self.admit(investor)
        self.clock.reach("2026-04-13T10:00")
        self.open_offering()
        self._sell_all()
        self.clock.reach("2026-04-15T18:00")
        self.close_offering()
        self.clock.reach("2026-04-20T10:00")
        self.report_completion("All units issued.")

    def _sell_all(self) -> None:
        """A class is bought by all; where there are many, each by one after another."""
        for number, tranche in enumerate(self._file.tokenised):
            if len(self._file.tokenised) > len(BUYERS):
                self.sell(BUYERS[number % len(BUYERS)], tranche.units, tranche.id)
                continue
            part = tranche.units // len(BUYERS)
            for investor in BUYERS[1:]:
                self.sell(investor, part, tranche.id)
            self.sell(BUYERS[0], tranche.units - part * (len(BUYERS) - 1), tranche.id)

    def report_collections(self, cny: str | None = None) -> None:
        """The servicer reports what the base case has projected for the next period; not `cny`."""
        period = self.next_period
        self.clock.reach(period.collection_end)
        report = report_of(
            self._file, self._pool, self.projection, period.number, self.clock.now.date()
        )
        parsed = parse_collections(report, "collections")
        self.service.call(collections.report_collections, "oracle", self.id, parsed)


def report_of(
    deal: Deal, pool: PoolFile, projection: Projection, number: int, day: date
) -> dict[str, Any]:
    """A row of the projection as the servicer would report it on a day: cash by kind, and the pool."""
    row, case = projection.rows[number - 1], pool.case()
    rate = {"rate": format_decimal(case.fx), "rate_date": day.isoformat()}
    cash = {
        Collected.REVENUE: floor_mul(row.revenue, case.revenue),
        Collected.INTEREST: row.interest,
        Collected.PRINCIPAL: row.principal,
        Collected.RECOVERIES: row.recoveries,
    }
    batches = [
        {
            "id": f"{number}-{kind.lower()}",
            "period": number,
            "received_on": day.isoformat(),
            "cny": _yuan(amount),
            "of": kind.value,
            "fx": {
                **rate,
                "reference": f"SIM-FX-{number}-{kind}",
                "outward_reference": f"SIM-OUT-{number}-{kind}",
            },
        }
        for kind, amount in cash.items()
        if amount >= MICRO_PER_FEN
    ]
    state = {
        "period": number,
        "closing_balance": _yuan(row.closing),
        "defaulted": _yuan(row.defaulted),
        "losses": _yuan(row.losses),
        "fx": rate,
    }
    reports = [state] if row.opening else []
    return {"version": 1, "deal": deal.id, "batches": batches, "pool_reports": reports}


def _yuan(micro: int) -> str:
    return format_decimal(Fraction(micro // MICRO_PER_FEN, FEN_PER_YUAN))
