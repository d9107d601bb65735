"""A deal's two forms side by side, as one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.analytics.comparison import Assumption, Comparison, Form, Notes
from issuer.domain.money import format_micro
from issuer.reporting.charts import Series, hatchings, stacked_bars
from issuer.reporting.markup import Markup, tag
from issuer.reporting.paper import Heading
from issuer.reporting.pictures import short
from issuer.reporting.pieces import number, table, text, word
from issuer.reporting.sheet import made_of, sheet, synthetic_notice

FORMS = ("Traditional", "Tokens")
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class ComparisonPaper:
    """A comparison under its heading; `case` names the run, `facts` what it was made of."""

    heading: Heading
    case: str
    notes: Notes
    comparison: Comparison
    facts: Mapping[str, str]


def as_html(paper: ComparisonPaper) -> str:
    """The page: costs, waiting, holders, charts, and every assumption."""
    heading, found = paper.heading, paper.comparison
    forms = (found.traditional, found.tokens)
    return sheet(
        f"{heading.name}: traditional and tokenised form",
        _header(paper),
        _costs(heading, paper.notes, forms),
        _waiting(heading, forms),
        _holders(heading, forms),
        _charts(heading.coin, forms),
        _assumptions(paper.heading.coin, found),
        made_of(dict(paper.facts)),
        tag("footer", tag("p", heading.disclaimer)),
    )


def average(seconds: Sequence[int]) -> str:
    """A time for people, of many."""
    return _time(Fraction(sum(seconds), len(seconds))) if seconds else "-"


def longest(seconds: Sequence[int]) -> str:
    """The longest of many times, for people."""
    return _time(Fraction(max(seconds))) if seconds else "-"


def _time(seconds: Fraction) -> str:
    if seconds < _DAY:
        return f"{float(seconds):.0f} s"
    return f"{float(seconds / _DAY):.2f} days"


def _header(paper: ComparisonPaper) -> Markup:
    heading, notes = paper.heading, paper.notes
    return tag(
        "header",
        tag("h1", f"{heading.name}: traditional and tokenised form"),
        tag(
            "p",
            f"Deal {heading.deal}, issued by {heading.issuer}, in {heading.currency} ({heading.coin});"
            f" {paper.case}. Notes of {format_micro(notes.face_micro)} are paid"
            f" {format_micro(paper.comparison.cash_micro)} in {len(notes.payments)} payments, in both"
            f" forms alike; {len(notes.trades)} trades are assumed.",
        ),
        tag(
            "p",
            tag("strong", "Assumptions, no quotations. "),
            "Every figure below follows from those in the last table, each with what it rests on.",
            class_="notice",
        ),
        synthetic_notice(heading.based_on) if heading.synthetic else (),
    )


def _costs(heading: Heading, notes: Notes, forms: tuple[Form, Form]) -> Markup:
    rows = [
        (text(f"{stage}: {word(kind)}"), *(_amount(each.get(kind)) for each in kinds))
        for stage, kinds in (
            ("Issue", [form.issue_micro for form in forms]),
            ("Ongoing", [form.ongoing_micro for form in forms]),
        )
        for kind in dict.fromkeys(name for each in kinds for name in each)
    ]
    rows.append((text(tag("strong", "All costs")), *(_amount(form.cost_micro) for form in forms)))
    rows.append(
        (
            text(tag("strong", "All costs, per cent of face")),
            *(number(percent(form.cost_micro, notes.face_micro)) for form in forms),
        )
    )
    return tag(
        "section",
        tag("h2", "What it costs over the deal's life"),
        table(f"Costs, in {heading.coin}", ("", *FORMS), rows),
    )


def _waiting(heading: Heading, forms: tuple[Form, Form]) -> Markup:
    times = [
        ("From payment to money in a bank", [form.payment_seconds for form in forms]),
        ("From trade to notes", [form.settlement_seconds for form in forms]),
        ("From trade to the seller's money in a bank", [form.money_seconds for form in forms]),
    ]
    rows = [
        (text(f"{name}, {how}"), *(number(count(each)) for each in seconds))
        for name, seconds in times
        for how, count in (("average", average), ("longest", longest))
    ]
    costs = [
        (text(f"Waiting for {kind}"), *(_amount(form.waiting_micro[kind]) for form in forms))
        for kind in ("payments", "trades")
    ]
    return tag(
        "section",
        tag("h2", "Money on its way"),
        table("Time, in calendar days or seconds", ("", *FORMS), rows),
        table(f"What waiting costs the holders, in {heading.coin}", ("", *FORMS), costs),
    )


def _holders(heading: Heading, forms: tuple[Form, Form]) -> Markup:
    rows = [
        (text("Least first purchase"), *(_amount(f.minimum_subscription_micro) for f in forms)),
        (text("Least transfer or holding"), *(_amount(f.minimum_transfer_micro) for f in forms)),
        (text("Most holders"), *(number(f"{f.most_holders:,}") for f in forms)),
    ]
    return tag(
        "section",
        tag("h2", "Who can hold"),
        table(f"Amounts in {heading.coin} of face", ("", *FORMS), rows),
    )


def _charts(coin: str, forms: tuple[Form, Form]) -> Markup:
    stacks = (
        ("Costs of the issue", [form.issue_micro for form in forms]),
        ("Costs after it", [form.ongoing_micro for form in forms]),
        ("What waiting costs the holders", [form.waiting_micro for form in forms]),
    )
    return tag(
        "section",
        tag("h2", "Charts"),
        hatchings(),
        tag(
            "div",
            [
                stacked_bars(f"{name} ({coin})", FORMS, _stack(coin, kinds), short)
                for name, kinds in stacks
            ],
            class_="charts",
        ),
    )


def _stack(coin: str, kinds: Sequence[Mapping[str, int]]) -> list[Series]:
    names = dict.fromkeys(name for each in kinds for name in each)
    return [
        Series(
            word(name).capitalize(),
            [each.get(name, 0) for each in kinds],
            [
                f"{word(name)}, {form.lower()}: {format_micro(each.get(name, 0))} {coin}"
                for form, each in zip(FORMS, kinds, strict=True)
            ],
        )
        for name in names
    ]


def _assumptions(coin: str, found: Comparison) -> Markup:
    sections = (
        ("Traditional", found.traditional.assumptions),
        ("Tokens", found.tokens.assumptions),
        ("Both forms", found.market),
    )
    return tag(
        "section",
        tag("h2", "What is assumed"),
        [
            table(
                f"{name}; amounts, with decimals, in {coin}",
                ("Figure", "Value", "Basis", "Source"),
                [
                    (
                        text(word(figure.removesuffix("_micro"))),
                        number(value_of(figure, each)),
                        text(each.basis.value),
                        text(each.source),
                    )
                    for figure, each in stated.items()
                ],
            )
            for name, stated in sections
        ],
    )


def value_of(name: str, stated: Assumption) -> str:
    """A stated figure for people."""
    return format_micro(stated.value) if name.endswith("_micro") else f"{stated.value:,}"


def percent(part: int, whole: int) -> str:
    """A share in per cent, to four decimals."""
    return f"{float(Fraction(100 * part, whole)):.4f}"


def _amount(amount_micro: int | None) -> Markup:
    return number("-" if amount_micro is None else format_micro(amount_micro))
