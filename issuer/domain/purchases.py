"""Further assets for the pool: what is offered in a revolving period, and what was bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from issuer.domain.assets import Asset


@dataclass(frozen=True, slots=True)
class OfferedAsset:
    """An asset as the register would have it, with what criteria ask of it besides.

    `rate` is what it yields a year, `months` how long it runs from now.
    """

    asset: Asset
    rate: Fraction
    months: int
    location: str | None = None


@dataclass(frozen=True, slots=True)
class AssetPurchase:
    """Assets bought from `seller` with what the payment of `period` set aside for it."""

    deal_id: str
    id: str
    period: int
    seller: str
    price_micro: int
    bought_on: date
    assets: tuple[OfferedAsset, ...]

    @property
    def balance_micro(self) -> int:
        """What the assets owe in all."""
        return sum(each.asset.balance_micro for each in self.assets)


def spent_micro(purchases: Iterable[AssetPurchase], seller: str) -> int:
    """What has been bought from one seller."""
    return sum(each.price_micro for each in purchases if each.seller == seller)
