"""The token issuance plan (M-05), as the filer states it. Amounts in micro-units of the deal's coin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Proceeds:
    """One use of the proceeds."""

    purpose: str
    amount_micro: int
    virtual_currency: bool


@dataclass(frozen=True, slots=True)
class PlannedTranche:
    """A tranche as the plan states it."""

    id: str
    principal_micro: int
    tokenised: bool


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """A contract as the plan states it, to be found so on chain."""

    name: str
    address: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class ForecastPeriod:
    """What the base case expects to have for the notes on a payment date, and what they need."""

    date: date
    available_micro: int
    debt_service_micro: int


@dataclass(frozen=True, slots=True)
class Draw:
    """A part of the issue that is sold on a day of its own."""

    date: date
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revolving:
    """Until when further assets are bought for the pool, and which may be: the filed criteria.

    `locations` empty lets an asset lie anywhere. `max_balance_micro` is for each asset by itself.
    """

    ends_on: date
    asset_types: tuple[str, ...]
    min_rate: Fraction
    max_months: int
    max_balance_micro: int
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan. `dscr_minimum` is the least available cash to each unit of debt service.

    None is what the filer did not state.
    """

    form: str
    chain_id: int
    contracts: tuple[PlannedContract, ...]
    tranches: tuple[PlannedTranche, ...]
    total_micro: int
    cap_micro: int
    pool_balance_micro: int
    overcollateral_micro: int
    legal_final_maturity: date
    net_proceeds_micro: int
    uses: tuple[Proceeds, ...]
    draws: tuple[Draw, ...] = ()
    forecast: tuple[ForecastPeriod, ...] = ()
    dscr_minimum: Fraction | None = None
    true_sale_opinion: str | None = None
    commingling_days: int | None = None
    onshore_loan: bool | None = None
    onshore_systems: tuple[str, ...] | None = None
    other_chains: tuple[int, ...] | None = None
    token_risks_disclosed: bool | None = None
    mixed_pool_justification: str | None = None
    revolving: Revolving | None = None

    @property
    def sold_micro(self) -> int:
        """The principal that is sold overseas."""
        return sum(tranche.principal_micro for tranche in self.tranches if tranche.tokenised)
