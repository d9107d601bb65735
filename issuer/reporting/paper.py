"""What every form of a report has in common: whose it is, and which periods it shows."""

from __future__ import annotations

from dataclasses import dataclass

from issuer.domain.deal import Deal
from issuer.domain.report.model import PeriodReport, Report
from issuer.domain.rulebook.filing_rules import DISCLAIMER


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose report it is. `disclaimer` is said of every filed deal (FIL-10)."""

    deal: str
    name: str
    issuer: str
    currency: str
    coin: str
    synthetic: bool
    based_on: str
    payments: int
    disclaimer: str = f"{DISCLAIMER}."

    @classmethod
    def of(cls, deal: Deal) -> Heading:
        """The heading of a deal's reports."""
        return cls(
            deal=deal.id,
            name=deal.name,
            issuer=deal.issuer.name,
            currency=deal.currency,
            coin=deal.settlement.symbol,
            synthetic=deal.synthetic,
            based_on=deal.based_on,
            payments=deal.schedule.payments,
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """A report under its heading.

    With `period`, which the report must have, only that period is told in full. The charts still
    show those before it, so a report stops with the period it is of.
    """

    heading: Heading
    report: Report
    period: int | None = None

    @property
    def shown(self) -> tuple[PeriodReport, ...]:
        """The periods that are told in full."""
        return tuple(each for each in self.report.periods if self.period in (None, each.number))
