"""A projection as one page: the cases side by side, then each with its charts and payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.money import format_decimal
from issuer.domain.report.model import PeriodReport
from issuer.reporting.case_charts import CasePaper, cases_compared
from issuer.reporting.markup import Markup, tag
from issuer.reporting.paper import Heading
from issuer.reporting.pictures import charts
from issuer.reporting.pieces import (
    compared,
    grouped,
    measured,
    number,
    plain_ratio,
    table,
    text,
    word,
)
from issuer.reporting.sheet import made_of, sheet, synthetic_notice


@dataclass(frozen=True, slots=True)
class Borne:
    """The most of a stress that a note bears, in per cent; None if it is not paid in full at any."""

    tranche: str
    stress: str
    percent: Fraction | None


@dataclass(frozen=True, slots=True)
class ProjectionPaper:
    """All cases under one heading, the base case first. `rate` is that of the present values."""

    heading: Heading
    cases: tuple[CasePaper, ...]
    rate: Fraction
    borne: tuple[Borne, ...]
    conventions: Mapping[str, str]
    facts: Mapping[str, str]


def as_html(paper: ProjectionPaper) -> str:
    """The page."""
    heading = paper.heading
    return sheet(
        f"{heading.name}: projection",
        _header(paper),
        _summary(paper),
        _bearing(paper),
        cases_compared(paper.heading.coin, paper.cases),
        [_case(heading, case, first=n == 0) for n, case in enumerate(paper.cases)],
        _conventions(paper.conventions),
        made_of(dict(paper.facts)),
        tag("footer", tag("p", heading.disclaimer)),
    )


def _header(paper: ProjectionPaper) -> Markup:
    heading = paper.heading
    projected = any(each.dates.projected for each in paper.cases[0].report.periods)
    return tag(
        "header",
        tag("h1", f"{heading.name}: projection"),
        tag(
            "p",
            f"Deal {heading.deal}, issued by {heading.issuer}, in {heading.currency} ({heading.coin});"
            f" {heading.payments} payments. Cases: {', '.join(each.name for each in paper.cases)}.",
        ),
        tag(
            "p",
            tag("strong", "An estimate, not a promise. "),
            "It shows what the terms would pay if the pool did as is assumed.",
            class_="notice",
        ),
        synthetic_notice(heading.based_on) if heading.synthetic else (),
        tag(
            "p",
            tag("strong", "Projected dates. "),
            "Some dates lie past the published holidays and may still move.",
            class_="notice",
        )
        if projected
        else (),
    )


def _summary(paper: ProjectionPaper) -> Markup:
    rows = [
        (
            text(case.name),
            text(found.tranche),
            number("-" if found.average_life is None else _decimal(found.average_life)),
            number(_float(valued.macaulay)),
            number(_float(valued.modified)),
            number("-" if valued.yield_at_par is None else f"{100 * valued.yield_at_par:.4f} %"),
            number(
                "-"
                if valued.present_value_percent is None
                else f"{valued.present_value_percent:.4f}"
            ),
            number("-" if found.loss_micro is None else _cents(found.loss_micro)),
            number(_cents(found.interest_unpaid_micro)),
        )
        for case in paper.cases
        for found, valued in zip(case.outcomes, case.valuations, strict=True)
    ]
    columns = (
        "Case",
        "Tranche",
        "WAL, years",
        "Macaulay, years",
        "Modified, years",
        "Yield at par",
        f"PV at {format_decimal(100 * paper.rate)} %, % of face",
        "Loss",
        "Interest unpaid",
    )
    return tag(
        "section",
        tag("h2", "The tranches in every case"),
        table(f"Amounts in {paper.heading.coin}, cents cut off", columns, rows),
    )


def _bearing(paper: ProjectionPaper) -> Markup:
    notes = [each.tranche for each in paper.cases[0].outcomes if each.loss_micro is not None]
    rows = [
        (text(f"First case with a loss of {note}"), text(_first_loss(paper, note)))
        for note in notes
    ]
    rows += [
        (text(f"Breakeven {each.stress} of {each.tranche}"), text(_borne(each)))
        for each in paper.borne
    ]
    for case in paper.cases:
        found = case.coverage
        if found and found.minimum is not None and found.average is not None:
            least = f"{_decimal(found.minimum)} at least, {_decimal(found.average)} on average"
            rows.append((text(f"DSCR, {case.name}"), text(least)))
        if case.called is not None:
            rows.append(
                (text(f"Pool bought back, {case.name}"), text(f"with payment {case.called}"))
            )
    return tag(
        "section", tag("h2", "What the notes bear"), table("Stress and coverage", ("", ""), rows)
    )


def _first_loss(paper: ProjectionPaper, note: str) -> str:
    for case in paper.cases:
        if any(each.tranche == note and each.loss_micro for each in case.outcomes):
            return case.name
    return "none of these"


def _borne(found: Borne) -> str:
    if found.percent is None:
        return "not paid in full at any"
    way = "down to" if found.stress == "revenue" else "up to"
    most = ", the most that is tried" if found.stress != "revenue" and found.percent == 100 else ""
    return f"paid in full {way} {format_decimal(found.percent)} %{most}"


def _case(heading: Heading, case: CasePaper, *, first: bool) -> Markup:
    periods = case.report.periods
    return tag(
        "section",
        tag("h2", f"Case: {case.name}"),
        tag("div", charts(periods, heading.coin), class_="charts"),
        _payments(heading, periods),
        _tests(periods),
        class_=None if first else "period",
    )


def _payments(heading: Heading, periods: Sequence[PeriodReport]) -> Markup:
    payments = [
        [
            (
                text(f"{each.dates.payment}{'*' * each.dates.projected}" if index == 0 else ""),
                number(_cents(each.collections.cash_micro) if index == 0 else ""),
                text(tranche.id),
                number(_cents(tranche.interest_paid_micro)),
                number(_cents(tranche.principal_paid_micro)),
                number(_cents(tranche.residual_micro)),
                number(
                    _cents(tranche.interest_shortfall_micro + tranche.principal_shortfall_micro)
                ),
                number(_cents(tranche.closing_micro)),
                number(tranche.factor),
            )
            for index, tranche in enumerate(each.tranches)
        ]
        for each in periods
    ]
    columns = ("Payment", "Collected", "Tranche", "Interest", "Principal", "Residual", "Short")
    return grouped(
        f"Payments in {heading.coin}, cents cut off; * a projected date",
        (*columns, "Outstanding", "Factor"),
        payments,
    )


def _tests(periods: Sequence[PeriodReport]) -> Markup:
    rows = [
        (
            text(each.dates.payment),
            text(test.id),
            number(measured(test)),
            text(f"{word(test.comparison.value)} {compared(test, test.threshold)}"),
            text("passed" if test.passed else "× failed", None if test.passed else "failed"),
            text(word(each.waterfall)),
        )
        for each in periods
        for test in each.tests
    ]
    columns = ("Payment", "Test", "Measured", "Threshold", "Result", "Waterfall followed")
    return table("Tests, payment by payment", columns, rows)


def _conventions(conventions: Mapping[str, str]) -> Markup:
    rows = [(text(word(name)), text(said)) for name, said in conventions.items()]
    return tag(
        "section",
        tag("h2", "How the figures are counted"),
        table("Conventions", ("Figure", "Counted"), rows),
    )


def _cents(micro: int) -> str:
    whole, cents = divmod(micro // 10_000, 100)
    return f"{whole:,}.{cents:02d}"


def _float(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}"


def _decimal(value: Fraction) -> str:
    return plain_ratio(value).rstrip("…")
