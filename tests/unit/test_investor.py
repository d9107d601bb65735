"""Who stands behind an investor, under which number a day and a class go on chain."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from issuer.domain.investor import (
    CLASS_NUMBERS,
    Interest,
    InvestorClass,
    Owner,
    RouteEvidence,
    controlled,
    day_number,
    eligibility_ends_on,
    eligible_until,
    look_through,
    start_of,
)
from tests.unit.rulebook_cases import INVESTORS


def owner(
    name: str, residency: str, share: Fraction, *behind: Owner, controls: bool = False
) -> Owner:
    return Owner(name, residency, share, controls, behind)


HALF, THIRD, WHOLE = Fraction(1, 2), Fraction(1, 3), Fraction(1)


def test_look_through_shares_multiply_down_the_levels() -> None:
    owners = (
        owner("A", "HK", HALF, owner("B", "VG", THIRD, owner("C", "CN", HALF))),
        owner("D", "CN", THIRD),
    )
    assert look_through(owners, "CN") == (
        Interest(Fraction(1, 12), False, ("A", "B", "C")),
        Interest(THIRD, False, ("D",)),
    )


def test_look_through_same_person_by_two_ways_adds_up() -> None:
    person = owner("P", "CN", HALF)
    owners = (owner("A", "HK", HALF, person), owner("B", "SG", HALF, person))
    found = look_through(owners, "CN")
    assert sum(each.share for each in found) == HALF
    assert [each.path for each in found] == [("A", "P"), ("B", "P")]


def test_look_through_resident_is_not_counted_again_through_those_behind_it() -> None:
    owners = (owner("A", "CN", HALF, owner("B", "CN", WHOLE)),)
    assert look_through(owners, "CN") == (Interest(HALF, False, ("A",)),)


@pytest.mark.parametrize(
    ("chain", "controls"),
    [
        ((True, True, True), True),
        ((True, False, True), False),
        ((False, True, True), False),
        ((True, True, False), False),
    ],
)
def test_look_through_control_needs_an_unbroken_chain(
    chain: tuple[bool, bool, bool], controls: bool
) -> None:
    last = owner("C", "CN", HALF, controls=chain[2])
    middle = owner("B", "VG", HALF, last, controls=chain[1])
    owners = (owner("A", "HK", HALF, middle, controls=chain[0]),)
    assert [each.controls for each in look_through(owners, "CN")] == [controls]
    assert controlled(owners, "CN") is controls
    # Whoever holds more than half controls, whatever is said.
    told = replace(last, share=HALF + Fraction(1, 1000))
    owners = (replace(owners[0], owners=(replace(middle, owners=(told,)),)),)
    assert controlled(owners, "CN") is (chain[0] and chain[1])


def test_look_through_depth_does_not_hide_an_owner() -> None:
    deepest = owner("mainland", "CN", HALF, controls=True)
    for level in range(60):
        deepest = owner(f"shell {level}", "VG", WHOLE, deepest, controls=True)
    (found,) = look_through((deepest,), "CN")
    assert (found.share, found.controls, len(found.path)) == (HALF, True, 61)


def test_look_through_of_another_residency_finds_nothing() -> None:
    assert look_through(INVESTORS["H2"].owners, "CN") == ()
    assert look_through((), "CN") == ()


def test_names_cover_the_investor_its_wallet_and_every_owner_as_compared() -> None:
    shell = INVESTORS["hk-shell"]
    assert shell.names() == {
        "hk shell",
        "example harbour holdings hong kong limited",
        shell.wallet.lower(),
        "example lotus limited bvi",
        "zhao example",
        "qian example",
        "wong example",
        "ho example",
    }


def test_names_of_an_investor_without_owners() -> None:
    alone = replace(INVESTORS["H2"], owners=())
    assert len(alone.names()) == 3


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(1970, 1, 1), 0),
        (date(1970, 1, 2), 1),
        (date(2000, 3, 1), 11_017),
        (date(2026, 3, 18), 20_530),
        (date(1969, 12, 31), -1),
    ],
)
def test_day_number_counts_days_since_1970(day: date, number: int) -> None:
    assert day_number(day) == number


def test_day_number_changes_at_midnight_utc() -> None:
    begins = start_of(date(2026, 3, 18))
    assert begins == datetime(2026, 3, 18, tzinfo=UTC)
    assert begins.timestamp() == day_number(date(2026, 3, 18)) * 86_400
    assert day_number((begins - timedelta(seconds=1)).date()) == day_number(begins.date()) - 1


@pytest.mark.parametrize(
    ("dated", "until"),
    [
        (date(2026, 1, 20), date(2027, 1, 20)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2027, 3, 1), date(2028, 3, 1)),
    ],
)
def test_eligibility_ends_on_the_same_day_a_year_later(dated: date, until: date) -> None:
    assert eligibility_ends_on(dated, 12) == until


def test_eligible_until_evidence_or_route_ends_whichever_is_first() -> None:
    h1 = INVESTORS["H1"]
    assert eligible_until(h1, 12) == date(2027, 1, 20)
    leave = RouteEvidence("r", h1.name, date(2026, 1, 1), date(2026, 6, 30))
    assert eligible_until(replace(h1, route_evidence=leave), 12) == date(2026, 6, 30)
    long = replace(leave, expires=date(2028, 1, 1))
    assert eligible_until(replace(h1, route_evidence=long), 12) == date(2027, 1, 20)


def test_class_numbers_are_distinct_fit_a_byte_and_leave_retail_out() -> None:
    assert set(CLASS_NUMBERS) == set(InvestorClass) - {InvestorClass.RETAIL}
    assert len(set(CLASS_NUMBERS.values())) == len(CLASS_NUMBERS)
    assert all(0 < number < 256 for number in CLASS_NUMBERS.values())
