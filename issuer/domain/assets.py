"""What the notes are paid from: the assets of the register, what stands behind them, and who pays.

An asset may be a wrapper, such as a trust unit, whose cash comes from assets underneath. Those are
described like it, so that a rule can look through to the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Obligor:
    """Who pays: `share` is of the pool's future cash flow, wherever in the pool the claim stands.

    `kind` is LOCAL_GOVERNMENT, LGFV (a local government's financing vehicle), COMPANY or
    INDIVIDUALS; obligors of one `group` are related, and one that is `unrelated` is in none. None is what
    nobody stated.
    """

    id: str
    kind: str
    share: Fraction
    dishonest: bool | None = None
    group: str | None = None
    disclosed_subsidy: bool = False
    unrelated: bool = False


@dataclass(frozen=True, slots=True)
class MonthlyRevenue:
    """What was reported for a month, and what the meters counted. In fen."""

    month: str
    reported_fen: int
    metered_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderlyingAsset:
    """An asset as far as it decides what may be securitised; `underlying` are ids of those beneath.

    `occupancy` is stated for real estate, and `undeveloped_share` for what is not all built. None is
    what nobody stated, which proves nothing; `dispersed_payers` are those, too many and small to be named,
    who pay what `obligors` do not.
    """

    id: str
    asset_type: str
    sector: str | None = None
    sector_barred: bool | None = None
    in_dispute: bool | None = None
    transferable: bool | None = None
    obligors: tuple[Obligor, ...] | None = None
    dispersed_payers: bool = False
    adds_hidden_government_debt: bool | None = None
    cash_source: str | None = None
    occupancy: Fraction | None = None
    completed: bool | None = None
    undeveloped_share: Fraction | None = None
    legality_opinion: str | None = None
    liens: tuple[str, ...] | None = None
    liens_released_at_closing: tuple[str, ...] = ()
    underlying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(UnderlyingAsset):
    """One asset of the register. `controller_uscc` is the entity that actually controls it;
    `control_chain` leads from there up to the filer, both included.
    """

    controller_uscc: str
    control_chain: tuple[str, ...] = ()
    balance_micro: int
    right_ends_on: date
    on_negative_list: bool
    revenue_history: tuple[MonthlyRevenue, ...] = ()
