"""The part of the deal file that says who is paid how much: tranches, fees, reserves, waterfalls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, StrictBool, Tag
from pydantic import model_validator as validator

from issuer.documents.fields import (
    CoinAmount,
    Document,
    Id,
    Isin,
    Percent,
    SignedPercent,
    Symbol,
    Text,
    Whole,
)
from issuer.domain.day_count import DayCount
from issuer.domain.money import parse_coin, parse_percent, parse_signed_percent
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term
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
    Rounding,
    RoundingMode,
    Sponsor,
    Structure,
    Test,
    Tranche,
)


def _short(name: str) -> BeforeValidator:
    """Let `pay_fee: trustee` and `pay_fee: [trustee]` stand for `pay_fee: {fees: [trustee]}`."""

    def widen(value: Any) -> Any:
        if isinstance(value, str):
            return {name: [value]}
        return {name: value} if isinstance(value, list) else value

    return BeforeValidator(widen)


def _single(name: str) -> BeforeValidator:
    """Let `top_up: reserve` stand for `top_up: {reserve: reserve}`."""
    return BeforeValidator(lambda value: {name: value} if isinstance(value, str) else value)


Ids = Annotated[list[Id], Field(min_length=1)]


class TermDocument(Document):
    """One measure times a percentage, which may be negative."""

    measure: Measure = Field(strict=False)
    of: Annotated[list[Id], Field(description="Of these; of all without")] = Field(
        default_factory=list
    )
    percent: SignedPercent = "100"

    def to_domain(self) -> Term:
        """The term."""
        return Term(self.measure, tuple(self.of), parse_signed_percent(self.percent))


class AmountTerms(Document):
    """A sum of measures and a constant, kept between two bounds."""

    sum: list[TermDocument] = Field(default_factory=list)
    plus: CoinAmount = "0"
    at_least: CoinAmount = "0"
    at_most: CoinAmount | None = None

    def to_domain(self) -> Amount:
        """The amount."""
        return Amount(
            tuple(each.to_domain() for each in self.sum),
            parse_coin(self.plus),
            parse_coin(self.at_least),
            None if self.at_most is None else parse_coin(self.at_most),
        )


def _amount(value: Any) -> Any:
    """`"2000000"` is that amount, and a list of measures is their sum."""
    if isinstance(value, str):
        return {"plus": value}
    return {"sum": value} if isinstance(value, list) else value


AmountDocument = Annotated[
    AmountTerms,
    BeforeValidator(_amount),
    Field(description="An amount, a list of measures to be added, or both with bounds"),
]


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


class RoundingDocument(Document):
    """How interest becomes money; a tokenised tranche rounds down to the micro-unit."""

    mode: RoundingMode = Field(strict=False)
    to: CoinAmount

    def to_domain(self) -> Rounding:
        """The rounding."""
        return Rounding(self.mode, parse_coin(self.to))


class TrancheDocument(Document):
    """One class of notes."""

    id: Id
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
    rounding: RoundingDocument | None = None
    shortfall_spread: Annotated[
        Percent | None,
        Field(description="Added to the rate for interest on unpaid interest; none without"),
    ] = None
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
            rounding=self.rounding.to_domain() if self.rounding else Rounding(),
            shortfall_spread=_percent(self.shortfall_spread),
            write_down_rounding=self.write_down_rounding,
            interest_base=self.interest_base,
        )


class BalanceFeeDocument(Document):
    """A yearly percentage of an amount."""

    rate: Percent
    base: AmountDocument


class FeeDocument(Document):
    """A fee: a fixed amount a period, a percentage of the collections, or one of an amount a year."""

    id: Id
    payee: Id
    amount: CoinAmount | None = None
    percent_of_collections: Percent | None = None
    percent_a_year: BalanceFeeDocument | None = None

    @validator(mode="after")
    def _one_kind(self) -> FeeDocument:
        kinds = (self.amount, self.percent_of_collections, self.percent_a_year)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "give exactly one of `amount`, `percent_of_collections` and `percent_a_year`"
            )
        return self

    def to_domain(self) -> Fee:
        """The fee."""
        if self.amount is not None:
            return FixedFee(self.id, self.payee, parse_coin(self.amount))
        if self.percent_a_year is not None:
            base = self.percent_a_year.base.to_domain()
            return BalanceFee(self.id, self.payee, parse_percent(self.percent_a_year.rate), base)
        return PercentFee(self.id, self.payee, parse_percent(self.percent_of_collections or "0"))


class ReserveDocument(Document):
    """A reserve account. Once all notes are paid off its target is zero."""

    id: Id
    target: AmountDocument
    opening: CoinAmount

    def to_domain(self) -> Reserve:
        """The reserve."""
        return Reserve(self.id, self.target.to_domain(), parse_coin(self.opening))


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


# ---- steps

Sources = Annotated[
    list[Annotated[do.Source, Field(strict=False)]],
    Field(min_length=1, description="Which cash, in this order"),
]
Support = Annotated[list[Id], Field(description="Reserves and sponsors that stand in, in order")]
SharingField = Annotated[do.Sharing, Field(strict=False)]


class _Paying(Document):
    source: Sources = Field(default_factory=lambda: list(do.ALL_CASH))

    def _same(self) -> dict[str, Any]:
        return {"source": tuple(self.source)}


class _Supported(_Paying):
    support: Support = Field(default_factory=list)

    def _same(self) -> dict[str, Any]:
        return {**super()._same(), "support": tuple(self.support)}


class FeeStep(_Supported):
    """Fees and their arrears, in order."""

    fees: Ids
    limit: AmountDocument | None = None

    def to_domain(self) -> do.Step:
        """The step."""
        return do.PayFee(tuple(self.fees), _limit(self.limit), **self._same())


class InterestStep(_Supported):
    """Interest with its shortfall."""

    tranches: Ids
    sharing: SharingField = do.Sharing.SEQUENTIAL

    def to_domain(self) -> do.Step:
        """The step."""
        return do.PayInterest(tuple(self.tranches), self.sharing, **self._same())


class InterestOnInterestStep(InterestStep):
    """Interest on interest shortfalls."""

    def to_domain(self) -> do.Step:
        """The step."""
        return do.PayInterestOnInterest(tuple(self.tranches), self.sharing, **self._same())


class PrincipalStep(_Supported):
    """Principal: what is scheduled, or all that is available."""

    tranches: Ids
    mode: Annotated[do.PrincipalMode, Field(strict=False)] = do.PrincipalMode.SCHEDULED
    sharing: SharingField = do.Sharing.SEQUENTIAL
    limit: AmountDocument | None = None

    def to_domain(self) -> do.Step:
        """The step."""
        ids, limit = tuple(self.tranches), _limit(self.limit)
        return do.PayPrincipal(ids, self.mode, self.sharing, limit, **self._same())


class CapitaliseStep(Document):
    """Interest added to what is outstanding."""

    tranches: Ids

    def to_domain(self) -> do.Step:
        """The step."""
        return do.Capitalise(tuple(self.tranches))


class TopUpStep(_Paying):
    """A reserve filled to its target."""

    reserve: Id

    def to_domain(self) -> do.Step:
        """The step."""
        return do.TopUp(self.reserve, **self._same())


class RepayStep(_Paying):
    """A sponsor repaid."""

    sponsor: Id

    def to_domain(self) -> do.Step:
        """The step."""
        return do.RepaySupport(self.sponsor, **self._same())


class PurchaseStep(_Paying):
    """Further assets bought for the pool."""

    payee: Id
    limit: AmountDocument

    def to_domain(self) -> do.Step:
        """The step."""
        return do.Purchase(self.payee, self.limit.to_domain(), **self._same())


class WriteDownStep(Document):
    """Write-downs, the first tranche first."""

    tranches: Ids
    amount: AmountDocument

    def to_domain(self) -> do.Step:
        """The step."""
        return do.WriteDown(tuple(self.tranches), self.amount.to_domain())


class WriteUpStep(WriteDownStep):
    """Write-downs reversed, the first tranche first."""

    def to_domain(self) -> do.Step:
        """The step."""
        return do.WriteUp(tuple(self.tranches), self.amount.to_domain())


class BranchStep(Document):
    """One of two ways."""

    failed: Annotated[Id, Field(description="The test")]
    then: list[StepDocument]
    otherwise: list[StepDocument] = Field(default_factory=list)

    def to_domain(self) -> do.Step:
        """The step."""
        return do.When(self.failed, read_steps(self.then), read_steps(self.otherwise))


class PayFeeDocument(Document):
    """Pay fees."""

    pay_fee: Annotated[FeeStep, _short("fees")]


class PayInterestDocument(Document):
    """Pay interest."""

    pay_interest: Annotated[InterestStep, _short("tranches")]


class PayInterestOnInterestDocument(Document):
    """Pay interest on unpaid interest."""

    pay_interest_on_interest: Annotated[InterestOnInterestStep, _short("tranches")]


class CapitaliseDocument(Document):
    """Capitalise interest."""

    capitalise: Annotated[CapitaliseStep, _short("tranches")]


class PayPrincipalDocument(Document):
    """Pay principal."""

    pay_principal: Annotated[PrincipalStep, _short("tranches")]


class TopUpDocument(Document):
    """Fill a reserve."""

    top_up: Annotated[TopUpStep, _single("reserve")]


class ReleaseDocument(Document):
    """Return to the period's cash what a reserve holds above its target."""

    release: Id


class RepaySupportDocument(Document):
    """Repay a sponsor."""

    repay_support: Annotated[RepayStep, _single("sponsor")]


class PurchaseDocument(Document):
    """Buy further assets."""

    purchase: PurchaseStep


class WriteDownDocument(Document):
    """Write tranches down."""

    write_down: WriteDownStep


class WriteUpDocument(Document):
    """Reverse write-downs."""

    write_up: WriteUpStep


class WhenDocument(Document):
    """Go one of two ways."""

    when: BranchStep


class PayResidualDocument(Document):
    """Pay what is left."""

    pay_residual: Id


_KINDS: tuple[type[Document], ...] = (
    PayFeeDocument,
    PayInterestDocument,
    PayInterestOnInterestDocument,
    CapitaliseDocument,
    PayPrincipalDocument,
    TopUpDocument,
    ReleaseDocument,
    RepaySupportDocument,
    PurchaseDocument,
    WriteDownDocument,
    WriteUpDocument,
    WhenDocument,
    PayResidualDocument,
)


def _key(kind: type[BaseModel]) -> str:
    (name,) = kind.model_fields
    return name


def _step_tag(value: Any) -> str | None:
    """A step's first key says what it is; the prefix keeps a tag from looking like a key."""
    if isinstance(value, BaseModel):
        return f"step:{_key(type(value))}"
    return f"step:{next(iter(value), None)}" if isinstance(value, Mapping) else None


StepDocument = Annotated[
    Annotated[PayFeeDocument, Tag("step:pay_fee")]
    | Annotated[PayInterestDocument, Tag("step:pay_interest")]
    | Annotated[PayInterestOnInterestDocument, Tag("step:pay_interest_on_interest")]
    | Annotated[CapitaliseDocument, Tag("step:capitalise")]
    | Annotated[PayPrincipalDocument, Tag("step:pay_principal")]
    | Annotated[TopUpDocument, Tag("step:top_up")]
    | Annotated[ReleaseDocument, Tag("step:release")]
    | Annotated[RepaySupportDocument, Tag("step:repay_support")]
    | Annotated[PurchaseDocument, Tag("step:purchase")]
    | Annotated[WriteDownDocument, Tag("step:write_down")]
    | Annotated[WriteUpDocument, Tag("step:write_up")]
    | Annotated[WhenDocument, Tag("step:when")]
    | Annotated[PayResidualDocument, Tag("step:pay_residual")],
    Discriminator(
        _step_tag,
        custom_error_type="waterfall_step",
        custom_error_message=(
            f"a step is one of {', '.join(map(_key, _KINDS))} with an id, such as"
            " `pay_fee: trustee`, or with its terms"
        ),
    ),
]
BranchStep.model_rebuild()


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
        dict[Id, list[StepDocument]], Field(description="That tests switch to, by name")
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


_PLAIN: Mapping[str, Callable[[str], do.Step]] = {
    "release": do.Release,
    "pay_residual": do.PayResidual,
}


def read_steps(documents: list[Any]) -> tuple[do.Step, ...]:
    """The steps of a waterfall or of a branch."""
    return tuple(map(_step, documents))


def _step(document: BaseModel) -> do.Step:
    ((name, terms),) = document  # a step is one name and its terms
    return _PLAIN[name](terms) if name in _PLAIN else terms.to_domain()


def _limit(document: AmountTerms | None) -> Amount | None:
    return None if document is None else document.to_domain()


def _percent(text: str | None) -> Any:
    return None if text is None else parse_percent(text)
