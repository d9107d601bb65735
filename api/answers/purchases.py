"""Further assets bought for the pool."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from issuer.domain.purchases import AssetPurchase


class PurchaseView(BaseModel):
    """One purchase."""

    id: str
    period: int
    seller: str
    price_micro: Micro
    balance_micro: Micro = Field(description="What the assets owe in all")
    bought_on: date
    assets: list[str] = Field(description="Ids")

    @classmethod
    def of(cls, found: AssetPurchase) -> PurchaseView:
        """As it was entered."""
        return cls(
            id=found.id,
            period=found.period,
            seller=found.seller,
            price_micro=found.price_micro,
            balance_micro=found.balance_micro,
            bought_on=found.bought_on,
            assets=[each.asset.id for each in found.assets],
        )
