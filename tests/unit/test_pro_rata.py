"""Splits: published figures of floors, dust and the running remainder, and ours by largest remainder."""

from itertools import accumulate

import pytest

from issuer.domain.pro_rata import split

#: amount, claims, floors, running remainder, largest remainder. The first three from threads on
#: superfluid-org/protocol-monorepo (155), Neufund/platform-contracts (222) and balanced-contracts
#: (182); the fifth claims the tranches of CMO-1 (Fabozzi and Jones, chapter 30).
SPLITS = [
    (9, [3, 2], (5, 3), (5, 4), (5, 4)),
    (3, [1, 1], (1, 1), (1, 2), (2, 1)),
    (1, [1, 1, 1], (0, 0, 0), (0, 0, 1), (1, 0, 0)),
    (
        1_000_000,
        [1, 1, 1],
        (333_333,) * 3,
        (333_333, 333_333, 333_334),
        (333_334, 333_333, 333_333),
    ),
    (
        123_456_789,
        [194_500_000, 36_000_000, 96_500_000, 73_000_000],
        (60_030_863, 11_111_111, 29_783_950, 22_530_863),
        (60_030_863, 11_111_111, 29_783_950, 22_530_865),
        (60_030_864, 11_111_111, 29_783_950, 22_530_864),
    ),
    (0, [5, 7], (0, 0), (0, 0), (0, 0)),
    (5, [10], (5,), (5,), (5,)),
]


@pytest.mark.parametrize(("amount", "claims", "floored", "running", "largest"), SPLITS)
def test_split_by_the_published_figures(
    amount: int,
    claims: list[int],
    floored: tuple[int, ...],
    running: tuple[int, ...],
    largest: tuple[int, ...],
) -> None:
    assert split(amount, claims) == largest
    total = sum(claims)
    assert tuple(amount * claim // total for claim in claims) == floored
    # What the running remainder gives: all rounding falls on those who come last.
    left = amount
    paid = []
    for claim, before in zip(claims, accumulate([0, *claims]), strict=False):
        paid.append(left * claim // (total - before))
        left -= paid[-1]
    assert tuple(paid) == running


def test_split_among_equals_favours_the_senior() -> None:
    assert split(2, [7, 7, 7]) == (1, 1, 0)


def test_split_gives_nothing_to_who_claims_nothing() -> None:
    assert split(5, [0, 3, 3]) == (0, 3, 2)
    assert split(0, []) == ()
    assert split(0, [0, 0]) == (0, 0)


@pytest.mark.parametrize(("amount", "claims"), [(-1, [1]), (1, [1, -1]), (1, []), (1, [0, 0])])
def test_split_of_less_than_nothing_or_among_none_refused(amount: int, claims: list[int]) -> None:
    with pytest.raises(ValueError, match=r"negative operand|nobody to go to"):
        split(amount, claims)
