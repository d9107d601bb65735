"""What every page is: a document of its own that fetches nothing."""

from __future__ import annotations

from issuer.reporting.markup import Markup, tag
from issuer.reporting.style import STYLE


def sheet(title: str, *parts: object) -> str:
    """A page of these parts."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', *parts), lang='en')}\n"


def synthetic_notice(based_on: str) -> Markup:
    """That a deal is an invented one."""
    return tag(
        "p",
        tag("strong", "Synthetic. "),
        "This deal is invented; nothing here was offered, collected or paid. Based on: ",
        based_on,
        class_="notice",
    )


def made_of(facts: dict[str, str]) -> Markup:
    """What a page was made of, so that whoever has the same can make it again."""
    return tag(
        "section",
        tag("h2", "What this was made of"),
        tag(
            "dl",
            *((tag("dt", name), tag("dd", said)) for name, said in facts.items()),
            class_="hashes",
        ),
        tag("p", "The same files and the same version give this page again, byte for byte."),
    )
