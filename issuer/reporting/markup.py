"""HTML and SVG built from elements, so that nothing reaches a page unescaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is markup already; any other text is escaped where it is put in."""

    __slots__ = ()


_VOID = frozenset({"meta", "br"})


def tag(element: str, *children: object, **attributes: object) -> Markup:
    """An element. `class_="n"` is the attribute class, `stroke_width` is stroke-width; None is left out."""
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Markup(f"<{element}{said}>")
    return Markup(f"<{element}{said}>{join(children)}</{element}>")


def join(children: object) -> Markup:
    """Children one after the other; lists and generators are taken apart."""
    if isinstance(children, Markup):
        return children
    if isinstance(children, str) or not hasattr(children, "__iter__"):
        return Markup(escape(str(children)))
    return Markup("".join(join(each) for each in children))
