"""Pool and tranche factors: exact, and truncated as they are published."""

from fractions import Fraction

import pytest

from issuer.domain.analytics.factors import TRUSTEE_PLACES, factor, published_factor
from tests.support.refused import refused


def test_factor_is_outstanding_over_original() -> None:
    # Announcement of the Chinese securitisation 07 Puyuan 1A: principal of 97.28 per 100 of face.
    assert factor(9_728, 10_000) == Fraction(9_728, 10_000)
    assert published_factor(factor(9_728, 10_000)) == "0.97280000"


def test_factor_of_an_accretion_is_above_one() -> None:
    assert published_factor(factor(1_005_625, 1_000_000)) == "1.00562500"


@pytest.mark.parametrize(
    ("outstanding", "original", "path", "rule"),
    [
        (1, 0, "/original", "analytics.amount.not_positive"),
        (1, -1, "/original", "analytics.amount.not_positive"),
        (-1, 1, "/outstanding", "analytics.amount.negative"),
    ],
)
def test_factor_of_no_face_or_a_negative_balance_refused(
    outstanding: int, original: int, path: str, rule: str
) -> None:
    with refused(path, rule):
        factor(outstanding, original)


def test_publish_truncates_to_the_places_asked_for() -> None:
    assert published_factor(Fraction(2, 3)) == "0.66666666"
    assert published_factor(Fraction(2, 3), TRUSTEE_PLACES) == "0.6666666"
    assert published_factor(Fraction(999_999_999, 10**9), 1) == "0.9"
    assert published_factor(Fraction(0), TRUSTEE_PLACES) == "0.0000000"


def test_publish_nothing_or_a_negative_refused() -> None:
    with refused("/places", "analytics.places.none"):
        published_factor(Fraction(1), 0)
    with refused("/value", "analytics.amount.negative"):
        published_factor(Fraction(-1, 10**9))
