"""Cells and tables of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from issuer.domain.money import MICRO_PER_COIN, format_micro
from issuer.domain.report.model import TestReport
from issuer.reporting.markup import Markup, tag

_SHORT = 15
"""Tables of so many rows are kept on one sheet."""


def text(said: object, class_: str | None = None) -> Markup:
    """A cell of text."""
    return tag("td", said, class_=class_)


def number(said: object) -> Markup:
    """A cell of figures, set to the right."""
    return tag("td", said, class_="n")


def coin(amount_micro: int) -> Markup:
    """A cell with an exact amount."""
    return number(format_micro(amount_micro))


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Markup]]) -> Markup:
    """A table; nothing where it has no rows. A heading stands as the cells below it do."""
    return _table(caption, columns, [list(rows)])


def grouped(
    caption: str, columns: Sequence[str], groups: Iterable[Sequence[Sequence[Markup]]]
) -> Markup:
    """The same of rows that belong together: only the first of a group says what, so no page parts them."""
    return _table(caption, columns, groups, class_="group")


def _table(
    caption: str,
    columns: Sequence[str],
    groups: Iterable[Sequence[Sequence[Markup]]],
    class_: str | None = None,
) -> Markup:
    bodies = list(groups)
    found = [cells for rows in bodies for cells in rows]
    if not found:
        return Markup("")
    heads = [
        tag("th", name, class_="n" if 'class="n"' in cell else None, scope="col")
        for name, cell in zip(columns, found[0], strict=True)
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", heads)),
            [tag("tbody", [tag("tr", *cells) for cells in rows], class_=class_) for rows in bodies],
            class_="short" if len(found) <= _SHORT else None,
        ),
        class_="wide",
    )


def word(name: str) -> str:
    """An identifier as people read it: `top_up` is "top up"."""
    return name.replace("_", " ")


def measured(test: TestReport) -> str:
    """What a test has measured."""
    return "nothing to cover" if test.ratio is None else compared(test, test.ratio)


def compared(test: TestReport, value: Fraction) -> str:
    """A ratio, or an amount in coin where the test has no denominator."""
    if test.denominator_micro is None:
        return plain_ratio(value / MICRO_PER_COIN)
    return plain_ratio(value)


def plain_ratio(value: Fraction) -> str:
    """A ratio to six decimals, truncated, with an ellipsis where more follow."""
    scaled, rest = divmod(abs(value.numerator) * 10**6, value.denominator)
    sign = "-" if value < 0 else ""
    return f"{sign}{scaled // 10**6}.{scaled % 10**6:06d}{'…' if rest else ''}"
