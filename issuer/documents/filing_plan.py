"""The filing's token issuance plan (M-05)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from issuer.documents.fields import (
    Address,
    Code,
    CoinAmount,
    Document,
    Hash32,
    Id,
    IsoDate,
    Percent,
    Rate,
    Text,
    TrancheId,
    Whole,
)
from issuer.domain.money import parse_coin, parse_percent, parse_rate
from issuer.domain.plan import (
    Draw,
    ForecastPeriod,
    Plan,
    PlannedContract,
    PlannedTranche,
    Proceeds,
    Revolving,
)

ChainId = Annotated[StrictInt, Field(gt=0)]


class PlannedContractDocument(Document):
    """A contract of the plan: where it is, and the keccak hash of its code."""

    name: Annotated[str, Field(pattern=r"^[a-z_]+(:[A-Za-z0-9_-]+)?$", examples=["abs_token:A"])]
    address: Address
    code_hash: Hash32


class PlannedTrancheDocument(Document):
    """A tranche of the plan."""

    id: TrancheId
    principal: CoinAmount
    tokenised: StrictBool


class ProceedsDocument(Document):
    """One use of the proceeds."""

    purpose: Text
    amount: CoinAmount
    virtual_currency: StrictBool


class ForecastDocument(Document):
    """The base case for one payment: cash available to the notes, and what they are due (AC-6)."""

    date: IsoDate
    available: CoinAmount
    debt_service: CoinAmount


class DrawDocument(Document):
    """A part of the issue that is sold on a day of its own (FIL-17)."""

    date: IsoDate
    amount: CoinAmount


class RevolvingDocument(Document):
    """Which further assets may be bought for the pool, and until when (AC-4)."""

    ends_on: Annotated[IsoDate, Field(description="Last day on which assets are bought")]
    asset_types: Annotated[list[Code], Field(min_length=1)]
    min_rate: Annotated[Percent, Field(description="Least yield of an asset, percent a year")]
    max_months: Annotated[Whole, Field(gt=0, description="Longest that an asset still runs")]
    max_balance: Annotated[CoinAmount, Field(description="Of one asset")]
    locations: list[Text] = Field(default_factory=list, description="Anywhere without")

    def to_domain(self) -> Revolving:
        """The criteria."""
        return Revolving(
            ends_on=self.ends_on,
            asset_types=tuple(self.asset_types),
            min_rate=parse_percent(self.min_rate),
            max_months=self.max_months,
            max_balance_micro=parse_coin(self.max_balance),
            locations=tuple(self.locations),
        )


class PlanDocument(Document):
    """The plan. What the review needs and nobody stated is found missing there."""

    form: Code
    chain_id: ChainId
    contracts: list[PlannedContractDocument]
    tranches: list[PlannedTrancheDocument]
    total: CoinAmount
    cap: CoinAmount
    pool_balance: CoinAmount
    overcollateral: CoinAmount
    legal_final_maturity: IsoDate
    net_proceeds: CoinAmount
    uses: list[ProceedsDocument]
    draws: list[DrawDocument] = Field(default_factory=list)
    forecast: list[ForecastDocument] = Field(default_factory=list)
    dscr_minimum: Annotated[
        Rate | None, Field(description="Least available cash to debt service", examples=["1.15"])
    ] = None
    true_sale_opinion: Literal["CLEAN", "QUALIFIED", "MISSING"] | None = None
    commingling_days: Annotated[
        Whole | None, Field(description="Days that collections stay with the servicer")
    ] = None
    onshore_loan: Annotated[
        StrictBool | None, Field(description="The issuer lends the proceeds onshore (SET-11)")
    ] = None
    onshore_systems: Annotated[
        list[Id] | None, Field(description="Systems used in the mainland (INF-01)")
    ] = None
    other_chains: Annotated[
        list[ChainId] | None, Field(description="Chains of copies and bridges (INF-03)")
    ] = None
    token_risks_disclosed: Annotated[
        StrictBool | None,
        Field(description="The offering circular has a section on them (INV-08)"),
    ] = None
    mixed_pool_justification: Annotated[
        Text | None, Field(description="Why assets of several types belong together (ABSNL-6)")
    ] = None
    revolving: Annotated[
        RevolvingDocument | None,
        Field(description="For a deal that buys further assets: which ones, and until when"),
    ] = None

    def to_domain(self) -> Plan:
        """The plan, amounts in micro-units."""
        return Plan(
            form=self.form,
            chain_id=self.chain_id,
            contracts=tuple(
                PlannedContract(c.name, c.address, c.code_hash) for c in self.contracts
            ),
            tranches=tuple(
                PlannedTranche(t.id, parse_coin(t.principal), t.tokenised) for t in self.tranches
            ),
            total_micro=parse_coin(self.total),
            cap_micro=parse_coin(self.cap),
            pool_balance_micro=parse_coin(self.pool_balance),
            overcollateral_micro=parse_coin(self.overcollateral),
            legal_final_maturity=self.legal_final_maturity,
            net_proceeds_micro=parse_coin(self.net_proceeds),
            uses=tuple(
                Proceeds(u.purpose, parse_coin(u.amount), u.virtual_currency) for u in self.uses
            ),
            draws=tuple(Draw(each.date, parse_coin(each.amount)) for each in self.draws),
            forecast=tuple(
                ForecastPeriod(each.date, parse_coin(each.available), parse_coin(each.debt_service))
                for each in self.forecast
            ),
            dscr_minimum=parse_rate(self.dscr_minimum) if self.dscr_minimum else None,
            true_sale_opinion=self.true_sale_opinion,
            commingling_days=self.commingling_days,
            onshore_loan=self.onshore_loan,
            onshore_systems=None if self.onshore_systems is None else tuple(self.onshore_systems),
            other_chains=None if self.other_chains is None else tuple(self.other_chains),
            token_risks_disclosed=self.token_risks_disclosed,
            mixed_pool_justification=self.mixed_pool_justification,
            revolving=None if self.revolving is None else self.revolving.to_domain(),
        )
