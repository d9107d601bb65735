"""The filing's assets: the register (M-04), and whatever stands beneath an asset that is a wrapper."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, field_validator

from issuer.documents.fields import (
    Code,
    CoinAmount,
    Document,
    FenAmount,
    Id,
    IsoDate,
    Percent,
    Text,
    Uscc,
    once,
)
from issuer.domain.assets import Asset, MonthlyRevenue, Obligor, UnderlyingAsset
from issuer.domain.money import parse_coin, parse_fen, parse_percent

Month = Annotated[str, Field(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2025-12"])]


class ObligorDocument(Document):
    """Who pays what an asset yields."""

    id: Id
    kind: Literal["LOCAL_GOVERNMENT", "LGFV", "COMPANY", "INDIVIDUALS"]
    share: Annotated[Percent, Field(description="Of the pool's future cash flow, in percent")]
    dishonest: StrictBool | None = None
    group: Id | None = Field(None, description="Obligors of one group are related")
    disclosed_subsidy: StrictBool = Field(
        False, description="A disclosed subsidy of a public-private partnership"
    )
    unrelated: StrictBool = Field(False, description="Related to no other payer of the pool")

    def to_domain(self) -> Obligor:
        """The obligor."""
        return Obligor(
            self.id,
            self.kind,
            parse_percent(self.share),
            self.dishonest,
            self.group,
            self.disclosed_subsidy,
            self.unrelated,
        )


class MonthlyRevenueDocument(Document):
    """A month's revenue as reported, and as the meters counted it, in renminbi."""

    month: Month
    reported: FenAmount
    metered: FenAmount


class UnderlyingAssetDocument(Document):
    """An asset as far as it decides what may be securitised.

    What the review needs and nobody stated is found missing there.
    """

    id: Id
    asset_type: Code
    sector: Code | None = None
    sector_barred: StrictBool | None = None
    in_dispute: StrictBool | None = None
    transferable: StrictBool | None = None
    obligors: list[ObligorDocument] | None = None
    dispersed_payers: StrictBool = Field(
        False, description="Whom `obligors` does not name, are too many and too small (ABSNL-2)"
    )
    adds_hidden_government_debt: StrictBool | None = None
    cash_source: Literal["OPERATION", "DISPOSAL_ONLY"] | None = None
    occupancy: Percent | None = None
    completed: StrictBool | None = None
    undeveloped_share: Percent | None = None
    legality_opinion: Literal["CLEAN", "QUALIFIED", "ADVERSE"] | None = None
    liens: list[Text] | None = None
    liens_released_at_closing: list[Text] = Field(default_factory=list)
    underlying: list[Id] = Field(
        default_factory=list, description="Ids of section `underlying_assets`, for a wrapper"
    )

    def to_domain(self) -> UnderlyingAsset:
        """The asset."""
        return UnderlyingAsset(**self._nature())

    def _nature(self) -> dict[str, Any]:
        plain = self.model_dump(include=_PLAIN)
        return plain | {
            "obligors": (
                None if self.obligors is None else tuple(each.to_domain() for each in self.obligors)
            ),
            "occupancy": parse_percent(self.occupancy) if self.occupancy else None,
            "undeveloped_share": (
                parse_percent(self.undeveloped_share) if self.undeveloped_share else None
            ),
            "liens": None if self.liens is None else tuple(self.liens),
            "liens_released_at_closing": tuple(self.liens_released_at_closing),
            "underlying": tuple(self.underlying),
        }


#: What the domain takes as it is written.
_PLAIN = {
    "id",
    "asset_type",
    "sector",
    "sector_barred",
    "in_dispute",
    "transferable",
    "dispersed_payers",
    "adds_hidden_government_debt",
    "cash_source",
    "completed",
    "legality_opinion",
}


class AssetDocument(UnderlyingAssetDocument):
    """One asset of the register."""

    controller_uscc: Uscc
    control_chain: list[Uscc] = Field(
        default_factory=list,
        description="From the asset's controller up to the filer, both included",
    )
    balance: CoinAmount
    right_ends_on: IsoDate
    # Of what it finances, the filer says these in so many words.
    sector_barred: StrictBool
    in_dispute: StrictBool
    transferable: StrictBool
    liens: list[Text]
    liens_released_at_closing: list[Text]
    on_negative_list: StrictBool
    revenue_history: list[MonthlyRevenueDocument] = Field(default_factory=list)

    @field_validator("revenue_history")
    @classmethod
    def _distinct(cls, history: list[MonthlyRevenueDocument]) -> list[MonthlyRevenueDocument]:
        once(each.month for each in history)
        return history

    def to_domain(self) -> Asset:
        """The asset, its balance in micro-units."""
        return Asset(
            **self._nature(),
            controller_uscc=self.controller_uscc,
            control_chain=tuple(self.control_chain),
            balance_micro=parse_coin(self.balance),
            right_ends_on=self.right_ends_on,
            on_negative_list=self.on_negative_list,
            revenue_history=tuple(
                MonthlyRevenue(each.month, parse_fen(each.reported), parse_fen(each.metered))
                for each in self.revenue_history
            ),
        )
