"""Charts as SVG. They need no script and no network, and can be told apart when printed in grey:
bars by hatching, lines by dashes and marks. Exact amounts are in the tables, and in each bar's title.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from issuer.reporting.markup import Markup, tag

WIDTH, HEIGHT = 440, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 24, 10, 26
_LABEL_WIDTH = 60
_MOST_MARKS = 12
"""More on one line would hide its dashes; lines that coincide have theirs in different places."""

_LINES = ("#12355b", "#c8681a", "#3f7cac", "#9e2a2b", "#5f6670", "#2f6f4e", "#8a7414", "#6b4c7d")
_BARS = ("#12355b", "#f2c069", "#4f86b5", "#7d1f22", "#e3e6ea", "#2f6f4e", "#d9cfa0", "#6b4c7d")
"""Dark and light in turns: bars that touch differ in grey too. A light line would be lost."""

_LIGHT = frozenset({"#f2c069", "#e3e6ea", "#d9cfa0"})
_DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 4", "1 2", "12 4", "6 2 1 2", "10 2 1 2 1 2")
"""One more than there are colours: a ninth line has the first one's colour and another dash."""


@dataclass(frozen=True, slots=True)
class Series:
    """One thing over the periods; None where it has no value. `failed` are places in `values`.

    A bound is no measurement: its line has no marks.
    """

    name: str
    values: Sequence[Fraction | int | None]
    titles: Sequence[str] = ()
    failed: frozenset[int] = frozenset()
    bound: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plane of a chart: which value lies at which height, and which period at which place."""

    labels: Sequence[str]
    top: Fraction
    step: Fraction

    def x(self, index: int) -> float:
        each = Fraction(WIDTH - _LEFT - _RIGHT, len(self.labels))
        return float(_LEFT + each * index + each / 2)

    def y(self, value: Fraction | int) -> float:
        return float(HEIGHT - _BOTTOM - Fraction(value) / self.top * (HEIGHT - _TOP - _BOTTOM))

    @property
    def bar_width(self) -> float:
        return float(Fraction(WIDTH - _LEFT - _RIGHT, len(self.labels)) * Fraction(62, 100))


def hatchings() -> Markup:
    """The fills of bars: once on a page, before the first chart."""
    return tag(
        "svg",
        tag("defs", *(_pattern(n) for n in range(len(_BARS)))),
        width=0,
        height=0,
        class_="defs",
        aria_hidden="true",
    )


def stacked_bars(
    name: str, labels: Sequence[str], series: Sequence[Series], tick: Callable[[Fraction], str]
) -> Markup:
    """Bars of what adds up, the first series at the bottom."""
    heights = [
        sum((Fraction(each.values[n] or 0) for each in series), Fraction(0))
        for n in range(len(labels))
    ]
    frame = _frame(labels, max(heights, default=Fraction(0)))
    bars = []
    below = [Fraction(0)] * len(labels)
    for number, each in enumerate(series):
        for n, value in enumerate(each.values):
            if not value:
                continue
            top = frame.y(below[n] + value)
            bars.append(
                tag(
                    "rect",
                    tag("title", each.titles[n]),
                    x=_at(frame.x(n) - frame.bar_width / 2),
                    y=_at(top),
                    width=_at(frame.bar_width),
                    height=_at(frame.y(below[n]) - top),
                    fill=f"url(#fill{number % len(_BARS)})",
                    stroke="#ffffff",
                    stroke_width="0.75",
                )
            )
            below[n] += value
    legend = [_swatch(n, s.name) for n, s in enumerate(series)]
    return _figure(name, frame, bars, tick, legend, _described(labels, series, tick))


def lines(
    name: str, labels: Sequence[str], series: Sequence[Series], tick: Callable[[Fraction], str]
) -> Markup:
    """Lines over the periods; a value that failed its test has a cross.

    The first is whole and lies beneath: where lines coincide it shows between the others' dashes.
    """
    values = [Fraction(value) for each in series for value in each.values if value is not None]
    frame = _frame(labels, max(values, default=Fraction(0)))
    drawn = [_line(frame, number, each) for number, each in enumerate(series)]
    legend = [_sample(n, s) for n, s in enumerate(series)]
    return _figure(name, frame, drawn, tick, legend, _described(labels, series, tick))


# ---- parts


def _line(frame: _Frame, number: int, series: Series) -> Markup:
    colour = _LINES[number % len(_LINES)]
    path, pen = [], "M"
    for n, value in enumerate(series.values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{_at(frame.x(n))} {_at(frame.y(value))}")
        pen = "L"
    every = -(-len(series.values) // _MOST_MARKS)
    marks = [
        _mark(number, frame.x(n), frame.y(value), failed=n in series.failed)
        for n, value in enumerate(series.values)
        if value is not None
        and (n in series.failed or (n % every == number % every and not series.bound))
    ]
    return tag(
        "g",
        tag("title", series.name),
        tag(
            "path",
            d=" ".join(path),
            fill="none",
            stroke=colour,
            stroke_width="2",
            stroke_dasharray=_DASHES[number % len(_DASHES)],
        ),
        marks,
    )


def _mark(number: int, x: float, y: float, *, failed: bool) -> Markup:
    colour = _LINES[number % len(_LINES)]
    if failed:
        cross = f"M{_at(x - 5)} {_at(y - 5)}l10 10m0 -10l-10 10"
        return tag("path", d=cross, stroke="#9e2a2b", stroke_width="2.5", fill="none")
    shapes = (
        f"M{_at(x - 3.5)} {_at(y)}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
        f"M{_at(x - 3.2)} {_at(y - 3.2)}h6.4v6.4h-6.4z",
        f"M{_at(x)} {_at(y - 4.5)}l4.2 7.6h-8.4z",
        f"M{_at(x)} {_at(y - 4.6)}l4.6 4.6l-4.6 4.6l-4.6 -4.6z",
    )
    return tag(
        "path", d=shapes[number % len(shapes)], fill=colour, stroke="#ffffff", stroke_width="0.75"
    )


def _figure(
    name: str,
    frame: _Frame,
    drawn: Sequence[Markup],
    tick: Callable[[Fraction], str],
    legend: Sequence[Markup],
    described: str,
) -> Markup:
    count = int(frame.top / frame.step)
    grid = []
    for n in range(count + 1):
        y = frame.y(frame.step * n)
        grid += [
            tag(
                "line",
                x1=_LEFT,
                x2=WIDTH - _RIGHT,
                y1=_at(y),
                y2=_at(y),
                stroke="#555555" if n == 0 else "#d5d8dc",
                stroke_width="1" if n == 0 else "0.75",
            ),
            tag("text", tick(frame.step * n), x=_LEFT - 6, y=_at(y + 4), text_anchor="end"),
        ]
    every = -(-len(frame.labels) * _LABEL_WIDTH // (WIDTH - _LEFT - _RIGHT))
    named = [
        tag("text", label, x=_at(frame.x(n)), y=HEIGHT - 8, text_anchor="middle")
        for n, label in enumerate(frame.labels)
        if n % every == 0
    ]
    picture = tag(
        "svg",
        tag("title", name),
        tag("desc", described),
        grid,
        drawn,
        named,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    return tag("figure", tag("figcaption", name), picture, tag("ul", legend, class_="legend"))


def _described(
    labels: Sequence[str], series: Sequence[Series], tick: Callable[[Fraction], str]
) -> str:
    """A chart for who cannot see it: where each thing begins and ends, and where a test failed."""
    said = []
    for each in series:
        known = [
            (label, value)
            for label, value in zip(labels, each.values, strict=True)
            if value is not None
        ]
        if known:
            (first, begins), (last, ends) = known[0], known[-1]
            failed = ", ".join(labels[n] for n in sorted(each.failed))
            said.append(
                f"{each.name}: {tick(Fraction(begins))} at {first}, {tick(Fraction(ends))} at {last}"
                + (f", failed at {failed}" if failed else "")
            )
    return "; ".join(said)


def _pattern(number: int) -> Markup:
    """A colour, and over it nothing, strokes one way, the other, or dots: four hatchings in turn."""
    marks = (
        "",
        "M-2 2L2 -2M0 8L8 0M6 10L10 6",
        "M-2 6L2 10M0 0L8 8M6 -2L10 2",
        "M2 2h1.4v1.4h-1.4zM6 6h1.4v1.4h-1.4z",
    )
    colour = _BARS[number]
    over = "#6b4a10" if colour in _LIGHT else "#ffffff"
    return tag(
        "pattern",
        tag("rect", width=8, height=8, fill=colour),
        tag("path", d=marks[number % 4], stroke=over, stroke_width="1.1", stroke_opacity="0.7")
        if marks[number % 4]
        else (),
        id=f"fill{number}",
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
    )


def _swatch(number: int, name: str) -> Markup:
    box = tag("rect", width=22, height=12, fill=f"url(#fill{number % len(_BARS)})")
    return tag("li", tag("svg", box, width=22, height=12, aria_hidden="true"), name)


def _sample(number: int, series: Series) -> Markup:
    stroke = tag(
        "path",
        d="M0 6H30",
        stroke=_LINES[number % len(_LINES)],
        stroke_width="2",
        stroke_dasharray=_DASHES[number % len(_DASHES)],
    )
    mark = () if series.bound else _mark(number, 15, 6, failed=False)
    return tag("li", tag("svg", stroke, mark, width=30, height=12, aria_hidden="true"), series.name)


def _frame(labels: Sequence[str], highest: Fraction) -> _Frame:
    step = _round_step(highest / 4 if highest else Fraction(1, 4))
    return _Frame(labels, step * max(-(-highest // step), 1), step)


def _round_step(least: Fraction) -> Fraction:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `least`."""
    power = Fraction(1)
    while power > least:
        power /= 10
    while power * 10 <= least:
        power *= 10
    return next(power * n for n in (1, 2, Fraction(5, 2), 5, 10) if power * n >= least)


def _at(place: float) -> str:
    return f"{place:.2f}".rstrip("0").rstrip(".")
