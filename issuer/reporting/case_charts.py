"""Cases of a projection, and the charts that compare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from issuer.domain.analytics.coverage import DebtServiceCoverage
from issuer.domain.analytics.outcome import Outcome
from issuer.domain.analytics.valuation import Valuation
from issuer.domain.money import format_micro
from issuer.domain.report.model import PeriodReport, Report
from issuer.reporting.charts import Series, hatchings, lines, stacked_bars
from issuer.reporting.markup import Markup, tag
from issuer.reporting.pictures import short


@dataclass(frozen=True, slots=True)
class CasePaper:
    """One case: its payments as a report, and what is said of each tranche."""

    name: str
    report: Report
    outcomes: tuple[Outcome, ...]
    valuations: tuple[Valuation, ...]
    coverage: DebtServiceCoverage | None
    called: int | None

    @property
    def notes(self) -> frozenset[str]:
        """The tranches that are owed something: only they can lose."""
        return frozenset(each.tranche for each in self.outcomes if each.loss_micro is not None)


def cases_compared(coin: str, cases: Sequence[CasePaper]) -> Markup:
    """Charts of several cases; of one, nothing but the fills that its own charts need."""
    if len(cases) == 1:
        return hatchings()
    longest = max((case.report.periods for case in cases), key=len)
    labels = [f"{each.dates.payment:%Y-%m}" for each in longest]
    return tag(
        "section",
        tag("h2", "The cases compared"),
        hatchings(),
        tag(
            "div",
            _ends(coin, cases),
            lines(
                f"Collected so far, by case ({coin})",
                labels,
                _by_case(cases, len(labels), _collected),
                short,
            ),
            lines(
                f"Notes outstanding, by case ({coin})",
                labels,
                _by_case(cases, len(labels), _outstanding),
                short,
            ),
            class_="charts",
        ),
    )


def _by_case(
    cases: Sequence[CasePaper], length: int, of: Callable[[CasePaper], list[int]]
) -> list[Series]:
    """A case that ends early, as its pool was bought back, has no values after that."""
    found = [(case.name, of(case)) for case in cases]
    return [Series(name, [*values, *[None] * (length - len(values))]) for name, values in found]


def _collected(case: CasePaper) -> list[int]:
    return list(accumulate(each.collections.cash_micro for each in case.report.periods))


def _outstanding(case: CasePaper) -> list[int]:
    def after(period: PeriodReport) -> int:
        return sum(each.closing_micro for each in period.tranches if each.id in case.notes)

    return [after(each) for each in case.report.periods]


_ENDS: tuple[tuple[str, Callable[[Outcome], int]], ...] = (
    ("Interest of the notes", lambda found: found.interest_micro),
    ("Principal of the notes", lambda found: found.principal_micro),
    ("Residual", lambda found: found.residual_micro),
    ("Lost by the notes", lambda found: found.loss_micro or 0),
)


def _ends(coin: str, cases: Sequence[CasePaper]) -> Markup:
    series = []
    for name, of in _ENDS:
        amounts = [sum(map(of, case.outcomes)) for case in cases]
        titles = [
            f"{name}, {case.name}: {format_micro(amount)} {coin}"
            for case, amount in zip(cases, amounts, strict=True)
        ]
        if any(amounts):
            series.append(Series(name, amounts, titles))
    names = [case.name for case in cases]
    return stacked_bars(
        f"What is paid and lost over the life, by case ({coin})", names, series, short
    )
