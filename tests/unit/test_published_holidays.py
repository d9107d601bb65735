"""The shipped calendars, day by day, against the holidays that were published.

Mainland China's are those of the State Council's yearly notices, the exchange's those of its own
closing notices (on 9 February 2024 it closed while banks worked), Hong Kong's the general holidays
of its gazette. Written as MMDD, weekdays only.
"""

from datetime import date, timedelta

import pytest

from issuer.calendars import load_calendar, load_joint_calendar

CHINA = {
    2023: "0102 0123 0124 0125 0126 0127 0405 0501 0502 0503 0622 0623 0929 1002 1003 1004 1005 1006",
    2024: "0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917"
    " 1001 1002 1003 1004 1007",
    2025: "0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008",
    2026: "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925"
    " 1001 1002 1005 1006 1007",
}
CHINA_WORKING_WEEKENDS = {
    2023: "0128 0129 0423 0506 0625 1007 1008",
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}
SHANGHAI = {**CHINA, 2024: f"{CHINA[2024]} 0209"}
HONG_KONG = {
    2023: "0102 0123 0124 0125 0405 0407 0410 0501 0526 0622 1002 1023 1225 1226",
    2024: "0101 0212 0213 0329 0401 0404 0501 0515 0610 0701 0918 1001 1011 1225 1226",
    2025: "0101 0129 0130 0131 0404 0418 0421 0501 0505 0701 1001 1007 1029 1225 1226",
    2026: "0101 0217 0218 0219 0403 0406 0407 0501 0525 0619 0701 1001 1019 1225",
}

PUBLISHED = {
    "cn-ib": (CHINA, CHINA_WORKING_WEEKENDS),
    "sse": (SHANGHAI, {}),
    "hk": (HONG_KONG, {}),
}
DAYS = [date(2023, 1, 1) + timedelta(n) for n in range(4 * 365 + 1)]


def dates(years: dict[int, str]) -> set[date]:
    return {
        date(year, int(day[:2]), int(day[2:]))
        for year, days in years.items()
        for day in days.split()
    }


def works(name: str, day: date) -> bool:
    holidays, working_weekends = map(dates, PUBLISHED[name])
    return day not in holidays if day.weekday() < 5 else day in working_weekends


def test_days_run_to_the_end_of_what_is_published() -> None:
    assert DAYS[-1] == date(2026, 12, 31)
    assert sum(map(len, map(dates, (CHINA, SHANGHAI, HONG_KONG)))) == 74 + 75 + 58


@pytest.mark.parametrize("name", PUBLISHED)
def test_calendar_is_the_published_one(name: str) -> None:
    calendar = load_calendar(name)
    assert [calendar.is_business_day(day) for day in DAYS] == [works(name, day) for day in DAYS]


@pytest.mark.parametrize("names", [("hk", "cn-ib"), ("cn-ib", "sse"), ("hk", "sse", "cn-ib")])
def test_joint_calendar_works_where_all_do(names: tuple[str, ...]) -> None:
    calendar = load_joint_calendar(names)
    assert [calendar.is_business_day(day) for day in DAYS] == [
        all(works(name, day) for name in names) for day in DAYS
    ]
