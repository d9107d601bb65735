"""The part of the deal file that says who is paid how much: tranches, fees, reserves, waterfalls."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictBool
from pydantic import model_validator as validator

from issuer.documents.amounts import AmountDocument, RoundingDocument
from issuer.documents.fields import (
    CoinAmount,
    Document,
    Id,
    Isin,
    Percent,
    SignedPercent,
    Symbol,
    Text,
    TrancheId,
    Whole,
)
from issuer.documents.steps import StepDocument, read_steps
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.money import parse_coin, parse_percent, parse_signed_percent
from issuer.domain.rounding import DOWN_TO_MICRO
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Direction,
    Fee,
    FixedFee,
    Floating,
    InterestBase,
    Moment,
    PercentFee,
    PrincipalRule,
    Reserve,
    ScheduledFee,
    Sponsor,
    Structure,
    Test,
    Tranche,
)


class FloatingDocument(Document):
    """A rate that follows an index."""

    index: Id
    spread: SignedPercent
    floor: Percent = "0"
    cap: Percent | None = None

    def to_domain(self) -> Floating:
        """The rate."""
        cap = None if self.cap is None else parse_percent(self.cap)
        return Floating(
            self.index, parse_signed_percent(self.spread), parse_percent(self.floor), cap
        )


class TrancheDocument(Document):
    """One class of notes."""

    id: TrancheId
    name: Text
    tokenised: StrictBool
    symbol: Symbol | None = None
    retained_by: Id | None = None
    units: Whole
    denomination: CoinAmount
    isin: Isin | None = None
    rate: Annotated[Percent | None, Field(description="Percent a year")] = None
    floating: Annotated[FloatingDocument | None, Field(description="Instead of a rate")] = None
    day_count: Annotated[
        DayCount | None, Field(strict=False, description="If not the schedule's")
    ] = None
    accrual: Annotated[
        Accrual | None,
        Field(strict=False, description="If not the schedule's; with a `day_count` of its own"),
    ] = None
    rounding: Annotated[
        RoundingDocument | None,
        Field(description="Of interest; a tokenised tranche rounds down to the micro-unit"),
    ] = None
    shortfall_spread: Annotated[
        Percent | None,
        Field(description="Added to the rate for interest on unpaid interest; none without"),
    ] = None
    shortfall_rate: Annotated[
        Percent | None,
        Field(description="Of unpaid interest, instead of the rate and `shortfall_spread`"),
    ] = None
    shortfall_compounds: Annotated[
        StrictBool, Field(description="What unpaid interest has borne bears interest too")
    ] = True
    principal_schedule: list[CoinAmount] = Field(
        default_factory=list, description="Principal per unit at each payment"
    )
    principal_rule: Annotated[
        PrincipalRule, Field(strict=False, description="How the schedule makes principal due")
    ] = PrincipalRule.INSTALMENTS
    write_down_rounding: Annotated[
        Direction, Field(strict=False, description="A write-down that does not divide by the units")
    ] = Direction.UP
    interest_base: Annotated[
        InterestBase, Field(strict=False, description="What interest accrues on after a write-down")
    ] = InterestBase.OUTSTANDING
    pari_passu_with: Annotated[
        Id | None,
        Field(description="A token above it whose rank it shares after a default"),
    ] = None

    @validator(mode="after")
    def _one_rate(self) -> TrancheDocument:
        if self.rate is not None and self.floating is not None:
            raise ValueError("give either `rate` or `floating`")
        return self

    def to_domain(self) -> Tranche:
        """The tranche."""
        same = self.model_dump(
            include={"id", "name", "tokenised", "symbol", "retained_by", "units"}
        )
        return Tranche(
            **same,
            denomination_micro=parse_coin(self.denomination),
            isin=self.isin,
            rate=self.floating.to_domain() if self.floating else _percent(self.rate),
            principal_schedule=tuple(map(parse_coin, self.principal_schedule)),
            principal_rule=self.principal_rule,
            day_count=self.day_count,
            rounding=self.rounding.to_domain() if self.rounding else DOWN_TO_MICRO,
            shortfall_spread=_percent(self.shortfall_spread),
            write_down_rounding=self.write_down_rounding,
            interest_base=self.interest_base,
            accrual=self.accrual,
            shortfall_rate=_percent(self.shortfall_rate),
            shortfall_compounds=self.shortfall_compounds,
            pari_passu_with=self.pari_passu_with,
        )


class BalanceFeeDocument(Document):
    """A yearly percentage of an amount."""

    rate: Percent
    base: AmountDocument
    day_count: Annotated[
        DayCount | None, Field(strict=False, description="If not the schedule's")
    ] = None


class FeeDocument(Document):
    """A fee: an amount a period, a percentage of the collections, or one of an amount a year."""

    id: Id
    payee: Id
    amount: Annotated[CoinAmount | None, Field(description="The same at each payment")] = None
    amounts: Annotated[
        list[CoinAmount] | None, Field(description="One for each payment, none after the last")
    ] = None
    percent_of_collections: Percent | None = None
    percent_a_year: BalanceFeeDocument | None = None
    rounding: Annotated[
        RoundingDocument | None,
        Field(description="Of a percentage; down to the micro-unit without"),
    ] = None

    @validator(mode="after")
    def _one_kind(self) -> FeeDocument:
        kinds = ("amount", "amounts", "percent_of_collections", "percent_a_year")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(f'`{kind}`' for kind in kinds)}")
        if self.rounding and not given[0].startswith("percent"):
            raise ValueError("`rounding` is for percentages: write the amount as it is")
        return self

    def to_domain(self) -> Fee:
        """The fee."""
        if self.amount is not None:
            return FixedFee(self.id, self.payee, parse_coin(self.amount))
        if self.amounts is not None:
            return ScheduledFee(self.id, self.payee, tuple(map(parse_coin, self.amounts)))
        rounding = self.rounding.to_domain() if self.rounding else DOWN_TO_MICRO
        if self.percent_a_year is None:
            share = parse_percent(self.percent_of_collections or "0")
            return PercentFee(self.id, self.payee, share, rounding)
        yearly = self.percent_a_year
        rate, base = parse_percent(yearly.rate), yearly.base.to_domain()
        return BalanceFee(self.id, self.payee, rate, base, yearly.day_count, rounding)


class ReserveDocument(Document):
    """A reserve account. Once all notes are paid off its target is zero."""

    id: Id
    target: AmountDocument
    opening: CoinAmount
    final_payment: Annotated[
        Whole | None,
        Field(description="From this payment on, such as final maturity, the target is zero"),
    ] = None

    def to_domain(self) -> Reserve:
        """The reserve."""
        opening = parse_coin(self.opening)
        return Reserve(self.id, self.target.to_domain(), opening, self.final_payment)


class SponsorDocument(Document):
    """A party that stands in for shortfalls; `payee` gets what is repaid."""

    id: Id
    payee: Id
    limit: Annotated[CoinAmount | None, Field(description="The most it is owed at a time")] = None

    def to_domain(self) -> Sponsor:
        """The sponsor."""
        limit = None if self.limit is None else parse_coin(self.limit)
        return Sponsor(self.id, self.payee, limit)


class TestDocument(Document):
    """A test: a ratio in percent, or an amount without a denominator, against its threshold."""

    __test__ = False  # not one of pytest's

    id: Id
    numerator: AmountDocument
    denominator: AmountDocument | None = None
    at_least: Percent | None = None
    at_most: Percent | None = None
    curable: StrictBool = True
    switches_to: Id | None = None
    moment: Annotated[Moment, Field(strict=False)] = Moment.DETERMINATION
    from_payment: Whole = 1

    @validator(mode="after")
    def _one_bound(self) -> TestDocument:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either `at_least` or `at_most`")
        return self

    def to_domain(self) -> Test:
        """The test."""
        lower = self.at_least is not None
        bound = (self.at_least if lower else self.at_most) or "0"
        amount = self.denominator is None
        return Test(
            id=self.id,
            numerator=self.numerator.to_domain(),
            denominator=None if self.denominator is None else self.denominator.to_domain(),
            comparison=Comparison.AT_LEAST if lower else Comparison.AT_MOST,
            # Without a denominator the bound is an amount, read with the same digits.
            threshold=parse_percent(bound) * (100 * 10**6 if amount else 1),
            curable=self.curable,
            switches_to=self.switches_to,
            moment=self.moment,
            from_payment=self.from_payment,
        )


class StructureDocument(Document):
    """Who is paid how much."""

    tranches: list[TrancheDocument]
    fees: list[FeeDocument]
    reserves: list[ReserveDocument] = Field(default_factory=list)
    sponsors: list[SponsorDocument] = Field(default_factory=list)
    pool: Annotated[
        CoinAmount, Field(description="The pool's balance at closing, if it has one")
    ] = "0"
    assumed_fixings: Annotated[
        dict[Id, Percent], Field(description="What forecasts assume of each index, percent a year")
    ] = Field(default_factory=dict)
    tests: list[TestDocument] = Field(default_factory=list)
    waterfall: Annotated[list[StepDocument], Field(description="First step is paid first")]
    other_waterfalls: Annotated[
        dict[Id, list[StepDocument]],
        Field(
            description="By name, that tests switch to; `after_default`, `after_acceleration` are followed"
            " on the trustee's notice"
        ),
    ] = Field(default_factory=dict)

    def structure(self) -> Structure:
        """The terms, not yet checked."""
        return Structure(
            tranches=tuple(each.to_domain() for each in self.tranches),
            fees=tuple(each.to_domain() for each in self.fees),
            reserves=tuple(each.to_domain() for each in self.reserves),
            waterfall=read_steps(self.waterfall),
            others={name: read_steps(steps) for name, steps in self.other_waterfalls.items()},
            tests=tuple(each.to_domain() for each in self.tests),
            sponsors=tuple(each.to_domain() for each in self.sponsors),
            pool_micro=parse_coin(self.pool),
            assumed_fixings={
                index: parse_percent(rate) for index, rate in self.assumed_fixings.items()
            },
        )


def _percent(text: str | None) -> Any:
    return None if text is None else parse_percent(text)
