"""Charts that can be told apart in grey."""

import re

from issuer.reporting.charts import Series, lines


def test_a_ninth_line_is_unlike_the_first() -> None:
    chart = lines("Nine", ["a", "b"], [Series(f"S{n}", [n, n]) for n in range(10)], str)
    legend = chart.partition("<ul")[2]
    drawn = [re.sub(r">S\d+<", "><", each) for each in re.findall("<li>.*?</li>", legend)]
    dashes = [re.findall(r'stroke-dasharray="([^"]*)"', each) for each in drawn]
    assert len({str(each) for each in dashes[:9]}) == 9
    assert len(set(drawn)) == 10
