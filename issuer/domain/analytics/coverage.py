"""Coverage: how many times over what is due, or owed, is there. Exact; none where nothing is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from issuer.domain.analytics.flows import refuse, require_no_negative

Ratio = Fraction | None
"""`None` where there is nothing to cover: no number says that, and a test on it passes."""


@dataclass(frozen=True, slots=True)
class DebtServiceCoverage:
    """DSCR, period by period, and in short.

    `average` weighs all periods that owe something alike; `overall` is all cash over all service.
    """

    periods: tuple[Ratio, ...]
    minimum: Ratio
    average: Ratio
    overall: Ratio


def debt_service_coverage(available: Sequence[int], service: Sequence[int]) -> DebtServiceCoverage:
    """Cash available for debt service over interest and scheduled principal due.

    `overall` leaves out the cash of periods in which nothing is due, as the others do.
    """
    if len(available) != len(service):
        refuse(
            "DSCR",
            "/available",
            "periods.differ",
            f"has {len(available)} periods and the service {len(service)}: give both for each period",
        )
    require_no_negative("DSCR", "/service", service)
    periods = tuple(_ratio(cash, due) for cash, due in zip(available, service, strict=True))
    owing = [ratio for ratio in periods if ratio is not None]
    cash = sum(a for a, due in zip(available, service, strict=True) if due)
    return DebtServiceCoverage(
        periods,
        min(owing, default=None),
        Fraction(sum(owing), len(owing)) if owing else None,
        _ratio(cash, sum(service)),
    )


def interest_coverage(available: int, interest_due: Sequence[int]) -> tuple[Ratio, ...]:
    """IC of each class, senior first: cash over the interest of the class and those before it."""
    require_no_negative("IC", "/interest_due", interest_due)
    return tuple(_ratio(available, due) for due in accumulate(interest_due))


def overcollateralisation(collateral: int, balances: Sequence[int]) -> tuple[Ratio, ...]:
    """OC of each class, senior first: collateral over the balance of the class and those before it."""
    require_no_negative("OC", "/balances", balances)
    return tuple(_ratio(collateral, owed) for owed in accumulate(balances))


def _ratio(cash: int, due: int) -> Ratio:
    return Fraction(cash, due) if due else None
