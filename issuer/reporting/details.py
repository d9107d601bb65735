"""One period in full."""

from __future__ import annotations

from issuer.domain.money import format_micro, format_percent
from issuer.domain.report.model import PeriodReport
from issuer.domain.waterfall.structure import NORMAL, Comparison
from issuer.reporting.markup import Markup, tag
from issuer.reporting.paper import Heading
from issuer.reporting.pieces import coin, compared, measured, number, table, text, word


def details(heading: Heading, report: PeriodReport) -> Markup:
    """All that a period's report says, with the sums that prove it."""
    coin_of = f"in {heading.coin}"
    return tag(
        "section",
        tag("h2", f"Period {report.number}, paid on {report.dates.payment}"),
        _dates(report),
        _followed(report),
        _fixings(report),
        _cash(report, coin_of),
        _lines(report, coin_of),
        _tranches(report, coin_of),
        _accounts(report, coin_of),
        _pool(report, coin_of),
        _tests(report),
        _identities(report, coin_of),
        class_="period",
    )


def _dates(report: PeriodReport) -> Markup:
    dates = report.dates
    facts = (
        ("Collections", f"{dates.collection_start} to {dates.collection_end}"),
        ("Determination", dates.determination),
        ("Interest", f"{dates.accrual_start} to {dates.accrual_end}, {dates.days} days"),
        ("Record date", dates.record_at),
        ("Year fraction", dates.year_fraction),
        ("Payment", f"{dates.payment}{', projected' if dates.projected else ''}"),
    )
    return tag("dl", *((tag("dt", name), tag("dd", said)) for name, said in facts), class_="facts")


def _followed(report: PeriodReport) -> Markup:
    if report.waterfall == NORMAL:
        return tag("p", "The normal priority of payments was followed.")
    return tag(
        "p",
        tag("strong", f"The waterfall “{report.waterfall}” was followed"),
        ", to which a failed test or the trustee's notice has switched.",
    )


def _fixings(report: PeriodReport) -> Markup:
    rows = [
        (
            text(each.index),
            number(f"{format_percent(each.rate)} %"),
            text(each.fixed_on.isoformat()),
            text(each.source),
        )
        for each in report.fixings
    ]
    return table("Fixings, a year", ("Index", "Rate", "Fixed on", "Source"), rows)


def _cash(report: PeriodReport, coin_of: str) -> Markup:
    cash = report.collections
    kinds = (
        ("Revenue collected", cash.revenue_micro),
        ("Interest collected", cash.interest_micro),
        ("Principal collected", cash.principal_micro),
        ("Recoveries", cash.recoveries_micro),
        ("Support of sponsors", report.support_micro),
        ("Reserves and carry at the opening", report.opening_cash_micro),
    )
    rows = [(text(name), coin(amount)) for name, amount in kinds if amount]
    rows.append((tag("td", tag("strong", "Available funds")), coin(report.available_micro)))
    return table(f"Collections and available funds, {coin_of}", ("From", "Amount"), rows)


def _lines(report: PeriodReport, coin_of: str) -> Markup:
    rows = [
        (
            number(line.step),
            text(word(line.kind)),
            text(line.subject),
            text(line.payee),
            coin(line.due_micro),
            coin(line.paid_micro),
            coin(line.shortfall_micro),
        )
        for line in report.lines
    ]
    columns = ("Step", "Kind", "Of", "To", "Due", "Paid", "Shortfall")
    return table(f"Priority of payments, {coin_of}", columns, rows)


def _tranches(report: PeriodReport, coin_of: str) -> Markup:
    balances = table(
        f"Tranches, {coin_of}",
        (
            "Tranche",
            "Opening",
            "Capitalised",
            "Principal paid",
            "Written down",
            "Closing",
            "Factor",
        ),
        [
            (
                text(each.id),
                coin(each.opening_micro),
                coin(each.capitalised_micro),
                coin(each.principal_paid_micro),
                coin(each.written_down_micro),
                coin(each.closing_micro),
                number(each.factor),
            )
            for each in report.tranches
        ],
    )
    rows = []
    for each in report.tranches:
        kinds = (
            (
                "interest",
                each.interest_per_unit_micro,
                (each.interest_due_micro, each.interest_paid_micro, each.interest_shortfall_micro),
            ),
            (
                "principal",
                each.principal_per_unit_micro,
                (
                    each.principal_due_micro,
                    each.principal_paid_micro,
                    each.principal_shortfall_micro,
                ),
            ),
        )
        rows += [
            (text(each.id), text(kind), coin(per_unit), *(coin(amount) for amount in amounts))
            for kind, per_unit, amounts in kinds
            if any(amounts)
        ]
    columns = ("Tranche", "Kind", "Paid per unit", "Due", "Paid", "Shortfall")
    return tag("div", balances, table(f"Paid to holders, {coin_of}", columns, rows))


def _accounts(report: PeriodReport, coin_of: str) -> Markup:
    return tag(
        "div",
        table(
            f"Reserves, {coin_of}",
            ("Reserve", "Opening", "Topped up", "Drawn", "Released", "Closing"),
            [
                (
                    text(each.id),
                    coin(each.opening_micro),
                    coin(each.topped_up_micro),
                    coin(each.drawn_micro),
                    coin(each.released_micro),
                    coin(each.closing_micro),
                )
                for each in report.reserves
            ],
        ),
        table(
            f"Fees, {coin_of}",
            ("Fee", "To", "Arrears before", "Charged", "Paid", "Arrears after"),
            [
                (
                    text(each.id),
                    text(each.payee),
                    coin(each.arrears_before_micro),
                    coin(each.charged_micro),
                    coin(each.paid_micro),
                    coin(each.arrears_after_micro),
                )
                for each in report.fees
            ],
        ),
        table(
            f"Sponsors, {coin_of}",
            ("Sponsor", "Payee", "Owed before", "Given", "Repaid", "Owed after"),
            [
                (
                    text(each.id),
                    text(each.payee),
                    coin(each.owed_before_micro),
                    coin(each.given_micro),
                    coin(each.repaid_micro),
                    coin(each.owed_after_micro),
                )
                for each in report.sponsors
            ],
        ),
    )


def _pool(report: PeriodReport, coin_of: str) -> Markup:
    pool = report.pool
    if pool is None:
        return Markup("")
    rows = (
        ("Opening", pool.opening_micro),
        ("Principal collected", -pool.principal_micro),
        ("Defaulted", -pool.defaulted_micro),
        ("Bought or capitalised, less diluted; exchange", pool.other_micro),
        ("Closing", pool.closing_micro),
        ("Losses of the period", pool.losses_micro),
        ("Cumulative defaults", pool.cumulative_defaulted_micro),
        ("Cumulative losses", pool.cumulative_losses_micro),
    )
    cells = [(text(name), coin(amount)) for name, amount in rows]
    if pool.factor is not None:
        cells.append((text("Pool factor"), number(pool.factor)))
    return table(f"Pool, {coin_of}", ("", "Amount"), cells)


def _tests(report: PeriodReport) -> Markup:
    rows = [
        (
            text(each.id),
            number(measured(each)),
            text("at least" if each.comparison is Comparison.AT_LEAST else "at most"),
            number(compared(each, each.threshold)),
            text("passed") if each.passed else text("FAILED", "failed"),
        )
        for each in report.tests
    ]
    return table("Tests", ("Test", "Value", "Must be", "Threshold", "Outcome"), rows)


def _identities(report: PeriodReport, coin_of: str) -> Markup:
    telling = [each for each in report.identities if any(n for _, n in each.left + each.right)]
    rows = [
        (
            text(each.name),
            text(word(each.subject)),
            text(_side(each.left)),
            text(_side(each.right)),
            coin(each.left_micro),
        )
        for each in telling
    ]
    columns = ("Sum", "Of", "What came, or was there", "What went, or is left", "Each side")
    silent = len(report.identities) - len(telling)
    return tag(
        "div",
        table(f"Sums that hold to the last decimal, {coin_of}", columns, rows),
        tag("p", f"{silent} more have nothing but zeros.", class_="small"),
    )


def _side(terms: tuple[tuple[str, int], ...]) -> str:
    """The terms that are not zero."""
    return " + ".join(f"{term} {format_micro(amount)}" for term, amount in terms if amount) or "0"
