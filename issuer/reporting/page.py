"""A report as one page: no script, nothing fetched, and made to be printed on A4."""

from __future__ import annotations

from issuer.domain.money import format_micro
from issuer.domain.report.model import PeriodReport
from issuer.reporting.details import details
from issuer.reporting.markup import Markup, join, tag
from issuer.reporting.paper import Heading, Paper
from issuer.reporting.pictures import pictures
from issuer.reporting.pieces import number, table, text
from issuer.reporting.sheet import sheet, synthetic_notice


def as_html(paper: Paper) -> str:
    """The page: what it is, how the notes stand, charts, and every shown period in full."""
    heading, shown = paper.heading, paper.shown
    title = f"{heading.name}: investor report, {_which(shown)}"
    return sheet(
        title,
        _header(heading, shown),
        _standing(heading, shown[-1]),
        pictures(paper),
        [details(heading, each) for each in shown],
        tag(
            "footer",
            tag("p", heading.disclaimer),
            tag(
                "p",
                f"Amounts are exact, in {heading.coin} to six decimals. Factors are truncated to"
                " eight decimals. Every sum above holds to the last decimal.",
                class_="small",
            ),
        ),
    )


def _which(shown: tuple[PeriodReport, ...]) -> str:
    first, last = shown[0].number, shown[-1].number
    return f"period {first}" if first == last else f"periods {first} to {last}"


def _header(heading: Heading, shown: tuple[PeriodReport, ...]) -> Markup:
    last = shown[-1].dates
    said = [
        tag("h1", heading.name),
        tag(
            "p",
            f"Investor report, {_which(shown)} of {heading.payments}; payment date"
            f" {last.payment}. Deal {heading.deal}, issued by {heading.issuer}, in"
            f" {heading.currency} ({heading.coin}).",
        ),
        tag("p", heading.disclaimer),
    ]
    if heading.synthetic:
        said.append(synthetic_notice(heading.based_on))
    if any(each.dates.projected for each in shown):
        said.append(
            tag(
                "p",
                tag("strong", "Projected dates. "),
                "Some dates lie past the published holidays and may still move.",
                class_="notice",
            )
        )
    return tag("header", join(said))


def _standing(heading: Heading, last: PeriodReport) -> Markup:
    rows = [
        (
            text(each.name),
            number(f"{each.units:,}"),
            number(format_micro(each.original_micro)),
            number(format_micro(each.closing_micro)),
            number(format_micro(each.outstanding_per_unit_micro)),
            number(each.factor),
        )
        for each in last.tranches
    ]
    columns = ("Tranche", "Units", "Original", "Outstanding", "Per unit", "Factor")
    return tag(
        "section",
        tag("h2", f"The notes after the payment of {last.dates.payment}"),
        table(f"Outstanding, in {heading.coin}", columns, rows),
    )
