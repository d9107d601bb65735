"""The assets of a pool file, each tagged by its `kind`. Amounts are in renminbi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag
from pydantic import model_validator as validator

from issuer.documents.amounts import RoundingDocument
from issuer.documents.fields import Document, Id, IsoDate, Percent, SignedPercent
from issuer.documents.pool_fields import (
    LONGEST_MONTHS,
    Age,
    Count,
    Months,
    NumberLevel,
    PercentLevel,
    PriceLevel,
    Yuan,
    parse_number,
    parse_price,
    read_level,
)
from issuer.domain.day_count import DayCount
from issuer.domain.money import parse_coin, parse_percent, parse_signed_percent
from issuer.domain.pool.claims import Lease, Receivable, SuppliedCurve, SuppliedFlow
from issuer.domain.pool.loan import Amortisation, FloatingRate, HolidayInterest, InterestOn, Loan
from issuer.domain.pool.pool import Asset
from issuer.domain.pool.revenue import CapacityRevenue, Per, Rent

Interval = Annotated[Months, Field(description="Months from one payment to the next")]
NextDue = Annotated[
    IsoDate | None,
    Field(description="Date of the next payment; by default at the end of each interval"),
]


def _fits(months: int) -> None:
    if months > LONGEST_MONTHS:
        raise ValueError(
            f"its payments take {months} months: at most {LONGEST_MONTHS}, correct `interval` or their"
            " number"
        )


class FloatingLoanDocument(Document):
    """A rate that follows an index of the assumptions."""

    index: Annotated[Id, Field(description="As `assumptions.indices` calls it")]
    spread: Annotated[SignedPercent, Field(description="Added to the index")]
    current: Annotated[Percent, Field(description="The rate until the first reset")] = "0"
    fixed_payments: Annotated[
        int, Field(ge=0, le=LONGEST_MONTHS, description="Payments that still bear `current`")
    ] = 0
    reset_every: Annotated[Count, Field(description="Payments from one reset to the next")] = 1
    cap: Annotated[Percent | None, Field(description="The rate is never above")] = None
    floor: Annotated[SignedPercent | None, Field(description="The rate is never below")] = "0"

    def to_domain(self) -> FloatingRate:
        """The rate."""
        return FloatingRate(
            index=self.index,
            spread=parse_signed_percent(self.spread),
            current=parse_percent(self.current),
            fixed_payments=self.fixed_payments,
            reset_every=self.reset_every,
            cap=None if self.cap is None else parse_percent(self.cap),
            floor=None if self.floor is None else parse_signed_percent(self.floor),
        )


class LoanDocument(Document):
    """A loan, or many alike as one."""

    kind: Annotated[Literal["loan"], Field(description="A loan")]
    id: Id
    balance: Annotated[
        Yuan, Field(description="Outstanding when the first collection period begins")
    ]
    rate: Annotated[Percent | None, Field(description="Per cent a year")] = None
    floating: Annotated[FloatingLoanDocument | None, Field(description="Instead of a rate")] = None
    remaining: Annotated[Count, Field(description="Payments left")]
    original_balance: Annotated[Yuan | None, Field(description="As it was lent")] = None
    age: Age = 0
    amortisation: Annotated[
        Amortisation, Field(strict=False, description="How the principal is repaid")
    ] = Amortisation.LEVEL
    interval: Interval = 1
    next_due: NextDue = None
    accrued_from: Annotated[
        IsoDate | None,
        Field(
            description="From when the next payment bears interest; one interval before, without"
        ),
    ] = None
    maturity: Annotated[
        IsoDate | None,
        Field(description="Date of the last payment, if not one interval after the one before"),
    ] = None
    month_end: Annotated[
        StrictBool, Field(description="All payments fall on month ends, as the next one does")
    ] = False
    day_count: Annotated[
        DayCount | None,
        Field(strict=False, description="Of its interest; months over twelve without"),
    ] = None
    holiday: Annotated[
        int,
        Field(ge=0, le=LONGEST_MONTHS, description="Of the payments left, so many are not made"),
    ] = 0
    holiday_interest: Annotated[
        HolidayInterest, Field(strict=False, description="What becomes of their interest")
    ] = HolidayInterest.CAPITALISED
    interest_only: Annotated[
        int, Field(ge=0, le=LONGEST_MONTHS, description="The next so many are interest alone")
    ] = 0
    payment: Annotated[
        Yuan | None,
        Field(
            description="The instalment; of equal principal, its principal part; computed without"
        ),
    ] = None
    balloon_term: Annotated[
        Count | None, Field(description="Payments over which a balloon's instalment is computed")
    ] = None
    principal: Annotated[
        list[Yuan], Field(description="Of a custom loan, the principal of each payment")
    ] = Field(default_factory=list)
    principal_every: Annotated[
        Count, Field(description="Equal principal is paid with every so many-th payment")
    ] = 1
    interest_every: Annotated[
        Count, Field(description="Interest is paid with every so many-th payment and the last")
    ] = 1
    interest_on: Annotated[
        InterestOn,
        Field(
            strict=False, description="Interest is reckoned on what is owed, or on what was lent"
        ),
    ] = InterestOn.OUTSTANDING
    dates: Annotated[
        list[IsoDate],
        Field(description="Of all payments left, where they follow no interval; with accrued_from"),
    ] = Field(default_factory=list)
    accrued_to: Annotated[
        list[IsoDate], Field(description="Dates to which they bear interest, if not `dates`")
    ] = Field(default_factory=list)
    rounding: Annotated[
        RoundingDocument | None,
        Field(description="Of the instalment and of each interest, as the lender computes them"),
    ] = None

    @validator(mode="after")
    def _one_rate(self) -> LoanDocument:
        if (self.rate is None) == (self.floating is None):
            raise ValueError("give either `rate` or `floating`")
        if self.accrued_from and self.next_due and self.accrued_from >= self.next_due:
            raise ValueError("`accrued_from` must come before `next_due`")
        _fits(max(self.remaining, self.balloon_term or 0) * self.interval)
        return self

    def to_domain(self) -> Asset:
        """The loan."""
        same = self.model_dump(
            include={
                *("id", "remaining", "age", "amortisation", "interval", "next_due", "accrued_from"),
                *("maturity", "month_end", "day_count"),
                *("holiday", "holiday_interest", "interest_only", "balloon_term"),
                *("principal_every", "interest_every", "interest_on"),
            }
        )
        return Loan(
            **same,
            balance=parse_coin(self.balance),
            rate=self.floating.to_domain() if self.floating else parse_percent(self.rate or "0"),
            original_balance=_coin(self.original_balance),
            payment=_coin(self.payment),
            principal=tuple(map(parse_coin, self.principal)),
            dates=tuple(self.dates),
            accrued_to=tuple(self.accrued_to),
            rounding=self.rounding.to_domain() if self.rounding else None,
        )


class LeaseDocument(Document):
    """A lease."""

    kind: Annotated[Literal["lease"], Field(description="A lease")]
    id: Id
    rentals: Annotated[
        list[Yuan],
        Field(min_length=1, max_length=LONGEST_MONTHS, description="Still to come, in order"),
    ]
    interval: Interval = 1
    next_due: NextDue = None
    rate: Annotated[Percent, Field(description="Per cent a year, at which they are discounted")] = (
        "0"
    )
    deposit: Annotated[Yuan, Field(description="Paid in advance: it meets the last rentals")] = "0"
    residual: Annotated[Yuan, Field(description="Residual value, paid with the last rental")] = "0"
    age: Age = 0

    @validator(mode="after")
    def _short_enough(self) -> LeaseDocument:
        _fits(len(self.rentals) * self.interval)
        return self

    def to_domain(self) -> Asset:
        """The lease."""
        return Lease(
            **self.model_dump(include={"id", "interval", "next_due", "age"}),
            rentals=tuple(map(parse_coin, self.rentals)),
            rate=parse_percent(self.rate),
            deposit=parse_coin(self.deposit),
            residual=parse_coin(self.residual),
        )


class ReceivableDocument(Document):
    """An invoice, paid once."""

    kind: Annotated[Literal["receivable"], Field(description="An invoice")]
    id: Id
    face: Annotated[Yuan, Field(description="What the debtor owes")]
    due: Annotated[IsoDate, Field(description="When it is paid")]
    fee: Annotated[Yuan, Field(description="Part of the face that is income, as a discount")] = "0"
    dilution: Annotated[
        Percent, Field(description="Of the face, taken away by returns and rebates")
    ] = "0"

    def to_domain(self) -> Asset:
        """The receivable."""
        return Receivable(
            id=self.id,
            face=parse_coin(self.face),
            due=self.due,
            fee=parse_coin(self.fee),
            dilution=parse_percent(self.dilution),
        )


class _Earning(Document):
    id: Id
    starts: Annotated[IsoDate, Field(description="First day that earns")]
    ends: Annotated[IsoDate, Field(description="Last day that earns")]
    first_due: Annotated[
        IsoDate | None,
        Field(description="First day of payment; at the end of each collection period without"),
    ] = None
    interval: Interval = 1

    def _same(self) -> dict[str, Any]:
        names = {"id", "starts", "ends", "first_due", "interval", "per"}
        return self.model_dump(include=names)


class CapacityDocument(_Earning):
    """What is sold by the unit: capacity x utilisation x price."""

    kind: Annotated[Literal["capacity"], Field(description="Sold by the unit")]
    capacity: Annotated[
        NumberLevel, Field(description="Units `per` day, month or period; or steps by date")
    ]
    utilisation: Annotated[PercentLevel, Field(description="Sold of them; or steps by date")]
    price: Annotated[PriceLevel, Field(description="Renminbi for a unit; or steps by date")]
    per: Annotated[Per, Field(strict=False, description="What `capacity` is stated for")] = Per.DAY
    seasonality: Annotated[
        list[Percent],
        Field(description="Twelve factors in per cent from January, or none"),
    ] = Field(default_factory=list)
    growth: Annotated[
        SignedPercent, Field(description="A year, on each anniversary of `starts`")
    ] = "0"
    operating_costs: Annotated[
        Percent, Field(description="Of revenue, kept before it is collected")
    ] = "0"

    def to_domain(self) -> Asset:
        """The asset."""
        return CapacityRevenue(
            **self._same(),
            capacity=read_level(self.capacity, parse_number),
            utilisation=read_level(self.utilisation, parse_percent),
            price=read_level(self.price, parse_price),
            seasonality=tuple(map(parse_percent, self.seasonality)),
            growth=parse_signed_percent(self.growth),
            operating_costs=parse_percent(self.operating_costs),
        )


class RentDocument(_Earning):
    """A tenancy."""

    kind: Annotated[Literal["rent"], Field(description="A tenancy")]
    base: Annotated[
        PriceLevel, Field(description="Rent `per` day, month or period; or steps by date")
    ]
    per: Annotated[Per, Field(strict=False, description="What the rent is stated for")] = Per.MONTH
    increase: Annotated[
        SignedPercent, Field(description="On each anniversary of `starts`; not with steps")
    ] = "0"
    rounding: Annotated[
        RoundingDocument | None, Field(description="Of the rent that an increase makes")
    ] = None
    vacancy: Annotated[PercentLevel, Field(description="Share not let; or steps by date")] = "0"

    def to_domain(self) -> Asset:
        """The tenancy."""
        return Rent(
            **self._same(),
            base=read_level(self.base, parse_price),
            increase=parse_signed_percent(self.increase),
            vacancy=read_level(self.vacancy, parse_percent),
            rounding=self.rounding.to_domain() if self.rounding else None,
        )


class SuppliedLineDocument(Document):
    """What is paid on a date."""

    date: Annotated[IsoDate, Field(description="When it is paid")]
    interest: Annotated[Yuan, Field(description="Interest paid")] = "0"
    principal: Annotated[Yuan, Field(description="Principal paid")] = "0"
    revenue: Annotated[Yuan, Field(description="Cash of assets without a balance")] = "0"


class SuppliedDocument(Document):
    """Cash flows that somebody else computed."""

    kind: Annotated[Literal["supplied"], Field(description="Flows computed elsewhere")]
    id: Id
    lines: Annotated[list[SuppliedLineDocument], Field(description="What is paid, date by date")]
    contractual: Annotated[
        StrictBool,
        Field(description="Without prepayment and default, which the assumptions then add"),
    ] = True
    age: Age = 0

    def to_domain(self) -> Asset:
        """The flows."""
        lines = (
            SuppliedFlow(
                each.date,
                parse_coin(each.interest),
                parse_coin(each.principal),
                parse_coin(each.revenue),
            )
            for each in self.lines
        )
        return SuppliedCurve(
            id=self.id, lines=tuple(lines), contractual=self.contractual, age=self.age
        )


def _coin(text: str | None) -> int | None:
    return None if text is None else parse_coin(text)


KINDS = ("loan", "lease", "receivable", "capacity", "rent", "supplied")


def _asset_tag(value: Any) -> str | None:
    """The prefix keeps a tag from looking like a field: capacity is both."""
    kind = value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)
    return f"asset:{kind}" if kind in KINDS else None


AssetDocument = Annotated[
    Annotated[LoanDocument, Tag("asset:loan")]
    | Annotated[LeaseDocument, Tag("asset:lease")]
    | Annotated[ReceivableDocument, Tag("asset:receivable")]
    | Annotated[CapacityDocument, Tag("asset:capacity")]
    | Annotated[RentDocument, Tag("asset:rent")]
    | Annotated[SuppliedDocument, Tag("asset:supplied")],
    Discriminator(
        _asset_tag,
        custom_error_type="asset_kind",
        custom_error_message=f"an asset has a `kind`, one of {', '.join(KINDS)}: give it",
    ),
]
