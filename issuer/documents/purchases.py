"""A purchase of further assets: each as the register would have it, with what criteria ask besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StrictInt, field_validator

from issuer.documents.fields import CoinAmount, Document, Id, Percent, Text, Whole, once
from issuer.documents.filing_assets import AssetDocument
from issuer.domain.deal import MAX_PAYMENTS
from issuer.domain.money import parse_coin, parse_percent
from issuer.domain.purchases import AssetPurchase, OfferedAsset

MAX_ASSETS = 1_000
"""Of one purchase: each is looked at by a dozen rules. More are bought in several purchases."""


class OfferedAssetDocument(AssetDocument):
    """One asset on offer."""

    rate: Annotated[Percent, Field(description="What it yields, percent a year")]
    months: Annotated[Whole, Field(description="How long it still runs")]
    location: Annotated[Text | None, Field(description="Where it lies, in the plan's words")] = None

    def to_offered(self) -> OfferedAsset:
        """The asset with what criteria ask of it."""
        return OfferedAsset(self.to_domain(), parse_percent(self.rate), self.months, self.location)


class AssetPurchaseDocument(Document):
    """Assets bought with what a payment's `purchase` step has set aside for the seller."""

    id: Id
    period: Annotated[StrictInt, Field(ge=1, le=MAX_PAYMENTS, examples=[1])]
    seller: Annotated[Id, Field(description="The payee of the step")]
    price: CoinAmount
    assets: Annotated[list[OfferedAssetDocument], Field(min_length=1, max_length=MAX_ASSETS)]

    @field_validator("assets")
    @classmethod
    def _distinct(cls, assets: list[OfferedAssetDocument]) -> list[OfferedAssetDocument]:
        once(each.id for each in assets)
        return assets

    def to_domain(self, deal_id: str, bought_on: date) -> AssetPurchase:
        """The purchase, made on that day."""
        return AssetPurchase(
            deal_id,
            self.id,
            self.period,
            self.seller,
            parse_coin(self.price),
            bought_on,
            tuple(each.to_offered() for each in self.assets),
        )


def stored_form(document: AssetPurchaseDocument) -> dict[str, Any]:
    """As it is kept and hashed: what was offered, in the words it was offered in."""
    return document.model_dump(mode="json")


def from_stored(form: Mapping[str, Any], deal_id: str, bought_on: str) -> AssetPurchase:
    """The purchase of a stored form."""
    document = AssetPurchaseDocument.model_validate(form)
    return document.to_domain(deal_id, date.fromisoformat(bought_on))
