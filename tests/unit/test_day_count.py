"""Day counts against published examples, and what each of them cannot be asked."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from issuer.domain.day_count import DayCount, days_30_360, year_fraction


def iso(text: str) -> date:
    return date.fromisoformat(text)


# The examples of ISDA's memorandum "EMU and Market Conventions: Recent Developments" (1998), to the
# places in which QuantLib's test suite (daycounters.cpp) carries them: start, end, fraction of ISDA,
# regular payment dates and their number a year, fraction of ICMA.
ISDA_MEMORANDUM = [
    ("2003-11-01", "2004-05-01", "0.497724380567", "2003-11-01 2004-05-01", 2, "0.5"),
    ("1999-02-01", "1999-07-01", "0.41095890411", "1998-07-01 1999-07-01", 1, "0.41095890411"),
    ("1999-07-01", "2000-07-01", "1.0013773486", "1999-07-01 2000-07-01", 1, "1"),
    (
        "2002-08-15",  # a long first period: the payment dates before it are named too
        "2003-07-15",
        "0.915068493151",
        "2002-07-15 2003-01-15 2003-07-15",
        2,
        "0.915760869565",
    ),
    ("2003-07-15", "2004-01-15", "0.504004790778", "2003-07-15 2004-01-15", 2, "0.5"),
    ("1999-07-30", "2000-01-30", "0.503892506924", "1999-07-30 2000-01-30", 2, "0.5"),
    ("2000-01-30", "2000-06-30", "0.415300546448", "2000-01-30 2000-07-30", 2, "0.417582417582"),
]

# The examples of ISDA's workbook for 30/360 bond basis, as carried in the same test suite.
ISDA_WORKBOOK = [
    ("2006-08-20", "2007-02-20", 180),
    ("2007-02-20", "2007-08-20", 180),
    ("2007-08-20", "2008-02-20", 180),
    ("2008-02-20", "2008-08-20", 180),
    ("2008-08-20", "2009-02-20", 180),
    ("2009-02-20", "2009-08-20", 180),
    ("2006-08-31", "2007-02-28", 178),
    ("2007-02-28", "2007-08-31", 183),
    ("2007-08-31", "2008-02-29", 179),
    ("2008-02-29", "2008-08-31", 182),
    ("2008-08-31", "2009-02-28", 178),
    ("2009-02-28", "2009-08-31", 183),
    ("2006-01-31", "2006-02-28", 28),
    ("2006-01-30", "2006-02-28", 28),
    ("2006-02-28", "2006-03-03", 5),
    ("2006-02-14", "2006-02-28", 14),
    ("2006-09-30", "2006-10-31", 30),
    ("2006-10-31", "2006-11-28", 28),
    ("2007-08-31", "2008-02-28", 178),
    ("2008-02-28", "2008-08-28", 180),
    ("2008-02-28", "2008-08-30", 182),
    ("2008-02-28", "2008-08-31", 183),
    ("2007-02-26", "2008-02-28", 362),
    ("2007-02-26", "2008-02-29", 363),
    ("2008-02-29", "2009-02-28", 359),
    ("2008-02-28", "2008-03-30", 32),
    ("2008-02-28", "2008-03-31", 33),
]

PRINTED = Fraction(1, 10**11)
"""Half a unit of the last printed place, and a little."""


@pytest.mark.parametrize(
    ("start", "end", "isda", "reference", "frequency", "icma"), ISDA_MEMORANDUM
)
def test_actual_actual_is_that_of_the_memorandum(
    start: str, end: str, isda: str, reference: str, frequency: int, icma: str
) -> None:
    by_isda = year_fraction(DayCount.ACT_ACT_ISDA, iso(start), iso(end))
    by_icma = year_fraction(
        DayCount.ACT_ACT_ICMA,
        iso(start),
        iso(end),
        reference=[iso(day) for day in reference.split()],
        frequency=frequency,
    )
    assert abs(by_isda - Fraction(isda)) < PRINTED
    assert abs(by_icma - Fraction(icma)) < PRINTED


@pytest.mark.parametrize(("start", "end", "days"), ISDA_WORKBOOK)
def test_thirty_days_a_month_are_those_of_the_workbook(start: str, end: str, days: int) -> None:
    assert days_30_360(iso(start), iso(end)) == days
    assert year_fraction(DayCount.THIRTY_360, iso(start), iso(end)) == Fraction(days, 360)


@pytest.mark.parametrize(
    ("start", "end", "bond", "american", "euro", "isda"),
    [
        ("2008-01-15", "2008-01-31", 16, 16, 15, 15),  # a 31st after a 15th
        ("2007-01-31", "2007-02-28", 28, 28, 28, 30),  # an end of February
        ("2007-02-28", "2007-03-31", 33, 30, 32, 30),
        ("2007-02-28", "2008-02-29", 361, 360, 361, 360),
    ],
)
def test_variants_of_thirty_days_a_month_differ_at_month_ends(
    start: str, end: str, bond: int, american: int, euro: int, isda: int
) -> None:
    """ISDA 4.16(f) to (h) and the American rule, counted by hand."""
    variants = (
        DayCount.THIRTY_360,
        DayCount.THIRTY_U_360,
        DayCount.THIRTY_E_360,
        DayCount.THIRTY_E_360_ISDA,
    )
    found = [year_fraction(each, iso(start), iso(end)) * 360 for each in variants]
    assert found == [bond, american, euro, isda]


def test_maturity_at_the_end_of_february_stays_there() -> None:
    to_maturity = iso("2007-01-31"), iso("2007-02-28")
    counted = DayCount.THIRTY_E_360_ISDA
    assert year_fraction(counted, *to_maturity) * 360 == 30
    assert year_fraction(counted, *to_maturity, maturity=to_maturity[1]) * 360 == 28


def test_fixed_denominators_do_not_see_a_leap_year() -> None:
    year = date(2024, 1, 1), date(2025, 1, 1)
    assert year_fraction(DayCount.ACT_365F, *year) == Fraction(366, 365)
    assert year_fraction(DayCount.ACT_360, *year) == Fraction(366, 360)


@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
def test_regular_period_of_icma_is_its_share_of_the_year(frequency: int) -> None:
    turns = [date(2024, month, 15) for month in range(1, 13, 12 // frequency)]
    for start, end in pairwise([*turns, date(2025, 1, 15)]):
        fraction = year_fraction(
            DayCount.ACT_ACT_ICMA, start, end, reference=(start, end), frequency=frequency
        )
        assert fraction == Fraction(1, frequency)


@pytest.mark.parametrize("day_count", DayCount)
def test_no_time_is_no_interest_and_backwards_is_refused(day_count: DayCount) -> None:
    day, earlier = date(2026, 7, 15), date(2026, 7, 14)
    around = {"reference": (earlier, date(2026, 8, 14)), "frequency": 12}
    assert year_fraction(day_count, day, day, **around) == 0
    with pytest.raises(ValueError, match="swap the dates"):
        year_fraction(day_count, day, earlier, **around)


def test_thirty_days_a_month_split_on_a_thirtieth_lose_the_thirty_first() -> None:
    start, middle, end = date(2026, 1, 15), date(2026, 3, 30), date(2026, 3, 31)
    assert days_30_360(start, end) == 76
    assert (days_30_360(start, middle), days_30_360(middle, end)) == (75, 0)


@pytest.mark.parametrize(
    "reference",
    [
        (),
        (date(2026, 4, 15),),
        (date(2026, 4, 16), date(2026, 7, 15)),
        (date(2026, 4, 15), date(2026, 7, 14)),
    ],
)
def test_icma_without_the_payment_dates_around_it_refused(reference: tuple[date, ...]) -> None:
    with pytest.raises(ValueError, match="regular payment dates around 2026-04-15 and 2026-07-15"):
        year_fraction(
            DayCount.ACT_ACT_ICMA,
            date(2026, 4, 15),
            date(2026, 7, 15),
            reference=reference,
            frequency=4,
        )


@pytest.mark.parametrize("frequency", [None, 0])
def test_icma_without_a_frequency_refused(frequency: int | None) -> None:
    period = date(2026, 4, 15), date(2026, 7, 15)
    with pytest.raises(ValueError, match="say how many"):
        year_fraction(DayCount.ACT_ACT_ICMA, *period, reference=period, frequency=frequency)
