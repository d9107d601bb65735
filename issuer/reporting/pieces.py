"""Cells and tables of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from issuer.domain.money import format_micro
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
    found = list(rows)
    if not found:
        return Markup("")
    heads = [
        tag("th", name, class_="n" if 'class="n"' in cell else None, scope="col")
        for name, cell in zip(columns, found[0], strict=True)
    ]
    body = [tag("tr", *cells) for cells in found]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", heads)),
            tag("tbody", body),
            class_="short" if len(found) <= _SHORT else None,
        ),
        class_="wide",
    )


def word(name: str) -> str:
    """An identifier as people read it: `top_up` is "top up"."""
    return name.replace("_", " ")


def plain_ratio(value: Fraction) -> str:
    """A ratio to six decimals, truncated, with an ellipsis where more follow."""
    scaled, rest = divmod(abs(value.numerator) * 10**6, value.denominator)
    sign = "-" if value < 0 else ""
    return f"{sign}{scaled // 10**6}.{scaled % 10**6:06d}{'…' if rest else ''}"
