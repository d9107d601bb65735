"""The charts of a report: where the money went, balances, factors, tests against thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from issuer.domain.money import MICRO_PER_COIN, format_micro
from issuer.domain.report.model import PeriodReport, TestReport, TrancheReport
from issuer.domain.waterfall.distribution import Kind
from issuer.reporting.charts import Series, hatchings, lines, stacked_bars
from issuer.reporting.markup import Markup, tag
from issuer.reporting.paper import Paper

_FAR = 4
"""So many times its threshold a measure is no longer drawn: the threshold would be lost at the bottom."""

_PARTS: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("Fees", frozenset({Kind.FEE})),
    ("Interest", frozenset({Kind.INTEREST, Kind.INTEREST_ON_INTEREST})),
    ("Principal", frozenset({Kind.PRINCIPAL})),
    ("Into reserves", frozenset({Kind.TOP_UP})),
    ("Assets bought", frozenset({Kind.PURCHASE})),
    ("Sponsors repaid", frozenset({Kind.SUPPORT_REPAID})),
    ("Residual", frozenset({Kind.RESIDUAL})),
)


def pictures(paper: Paper) -> Markup:
    """All charts, up to the last period that is shown."""
    last = paper.shown[-1].number
    periods = [each for each in paper.report.periods if each.number <= last]
    drawn = charts(periods, paper.heading.coin)
    return tag("section", tag("h2", "Charts"), hatchings(), tag("div", drawn, class_="charts"))


def charts(periods: Sequence[PeriodReport], coin: str) -> list[Markup]:
    """Where the money went, balances, factors, and each test."""
    return [_cash(periods, coin), _balances(periods, coin), _factors(periods), *_tests(periods)]


def _cash(periods: Sequence[PeriodReport], coin: str) -> Markup:
    series = []
    for name, kinds in _PARTS:
        amounts = [
            sum(line.paid_micro for line in each.lines if line.kind in kinds) for each in periods
        ]
        if any(amounts):
            titles = [
                f"{name}, {each.dates.payment}: {format_micro(amount)} {coin}"
                for each, amount in zip(periods, amounts, strict=True)
            ]
            series.append(Series(name, amounts, titles))
    return stacked_bars(f"Where the money went ({coin})", _payments(periods), series, short)


def _balances(periods: Sequence[PeriodReport], coin: str) -> Markup:
    series = [
        Series(
            _named(each),
            [each.opening_micro, *(period.tranches[n].closing_micro for period in periods)],
        )
        for n, each in enumerate(periods[0].tranches)
    ]
    return lines(f"Outstanding ({coin})", ["before", *_payments(periods)], series, short)


def _factors(periods: Sequence[PeriodReport]) -> Markup:
    series = [
        Series(_named(each), [Fraction(period.tranches[n].factor) for period in periods])
        for n, each in enumerate(periods[0].tranches)
    ]
    pool = [each.pool.factor if each.pool else None for each in periods]
    if any(pool):
        series.append(Series("Pool", [None if each is None else Fraction(each) for each in pool]))
    return lines("Factors since the issue", _payments(periods), series, _decimal)


def _named(tranche: TrancheReport) -> str:
    """By its id too: tables know it by that alone."""
    return f"{tranche.id}, {tranche.name}"


def _tests(periods: Sequence[PeriodReport]) -> list[Markup]:
    return [_test(name, periods) for name in dict.fromkeys(t.id for p in periods for t in p.tests)]


def _test(name: str, periods: Sequence[PeriodReport]) -> Markup:
    made: list[TestReport | None] = [
        next((test for test in period.tests if test.id == name), None) for period in periods
    ]
    known = next(test for test in made if test is not None)
    measured = [None if test is None else test.ratio for test in made]
    most = _FAR * known.threshold
    drawn = [None if each is not None and 0 < most < each else each for each in measured]
    ratio = Series(
        "measured" if drawn == measured else f"measured, up to {_decimal(most)}",
        drawn,
        failed=frozenset(n for n, test in enumerate(made) if test and not test.passed),
    )
    word = known.comparison.replace("_", " ")
    threshold = Series(f"threshold ({word})", [known.threshold] * len(periods), bound=True)
    title = f"Test {name} (× failed)"
    tick = short if known.denominator_micro is None else _decimal
    return lines(title, _payments(periods), [ratio, threshold], tick)


def _payments(periods: Sequence[PeriodReport]) -> list[str]:
    return [f"{each.dates.payment:%Y-%m}" for each in periods]


def short(micro: Fraction) -> str:
    """An amount on an axis: `12.5 m`."""
    coins = micro / MICRO_PER_COIN
    for size, letter in ((10**9, " bn"), (10**6, " m"), (10**3, " k")):
        if coins >= size:
            return f"{_decimal(coins / size)}{letter}"
    return _decimal(coins)


def _decimal(value: Fraction) -> str:
    """A round number as short as it can be: steps of an axis have few decimals."""
    whole, millionths = divmod(value.numerator * 10**6 // value.denominator, 10**6)
    return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")
