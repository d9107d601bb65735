"""The deal file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool

from issuer.calendars import load_joint_calendar
from issuer.documents.fields import (
    ClockTime,
    Code,
    CoinAmount,
    Country,
    Currency,
    DealId,
    Document,
    Id,
    IsoDate,
    Lei,
    Peg,
    Percent,
    Symbol,
    Text,
    Uscc,
    Whole,
    calendar_name,
    parse_document,
)
from issuer.documents.structure import StructureDocument
from issuer.documents.text import read_file
from issuer.domain import deal as terms
from issuer.domain.calendar import CalendarHorizonError, Convention
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.deal_checks import validate_deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import parse_coin, parse_percent
from issuer.domain.schedule import build_schedule


class FilerDocument(Document):
    """The mainland company that controls the assets and files."""

    name: Text
    uscc: Uscc
    jurisdiction: Country


class IssuerDocument(Document):
    """The overseas special-purpose company."""

    name: Text
    jurisdiction: Country
    other_debt: CoinAmount
    lei: Lei | None = None


class TokenDocument(Document):
    """What the token stands for."""

    claim_type: Code
    repayment_source: Code
    form: Code
    bearer: Annotated[StrictBool, Field(description="Whoever has it owns it (INV-08)")] = False
    linked_to: Annotated[Code | None, Field(description="A price it follows (TOK-07)")] = None
    leveraged: StrictBool = False


class SettlementDocument(Document):
    """The settlement coin; it has six decimals."""

    symbol: Symbol
    name: Text
    currency: Currency
    peg: Peg
    kind: Annotated[Code, Field(description="STABLECOIN, DEPOSIT or ECNY")]
    licence: Code | None
    consent_reference: Text | None
    issuer_jurisdiction: Annotated[
        Country | None, Field(description="Where the coin's issuer, or who controls it, is at home")
    ] = None
    leg: Literal["OFFSHORE", "ONSHORE"] = "OFFSHORE"
    bank: Annotated[Text | None, Field(description="Whose deposit it is, if it is one")] = None
    reserve_percent: Annotated[Percent, Field(description="Of the coins outstanding")] = "100"
    redemption_days: Annotated[Whole, Field(description="Business days to redeem at par")] = 1
    interest_rate: Annotated[Percent, Field(description="Paid to the coin's holders")] = "0"


class AccountDocument(Document):
    """An account of the structure, and who owns it."""

    id: Id
    owner: Code
    bank: Text
    currency: Currency


class PayeeDocument(Document):
    """Somebody the deal pays besides its token holders."""

    id: Id
    name: Text
    jurisdiction: Country


class OfferingDocument(Document):
    """How the tokens are sold."""

    opens: IsoDate
    min_subscription: CoinAmount
    min_holding: Annotated[
        CoinAmount, Field(description="Face that a holder keeps, unless it keeps none (INV-10)")
    ] = "0"
    holder_cap: Whole
    lock_up_days: Annotated[
        Whole, Field(description="Days after the closing in which nothing is transferred (INV-11)")
    ] = 0


class CollectionPeriodDocument(Document):
    """First and last day, both included."""

    start: IsoDate
    end: IsoDate


class ScheduleDocument(Document):
    """The dates, and the conventions by which they move."""

    closing: IsoDate
    accrual_start: IsoDate
    first_payment: IsoDate
    payments: Whole
    months: Annotated[Whole, Field(description="Months from one payment to the next")]
    first_collection: CollectionPeriodDocument
    calendars: list[
        Annotated[str, BeforeValidator(lambda v: calendar_name(v) if isinstance(v, str) else v)]
    ]
    convention: Annotated[Convention, Field(strict=False)]
    allow_projected: StrictBool
    day_count: Annotated[DayCount, Field(strict=False)]
    accrual: Annotated[
        Accrual,
        Field(strict=False, description="Interest to the date named, or to the day it is paid"),
    ]
    determination_lag: Annotated[Whole, Field(description="Business days before the payment")]
    record_lag: Annotated[Whole, Field(description="Business days before the payment")]
    record_time: ClockTime
    time_zone: Literal["Asia/Hong_Kong"]
    end_of_month: Annotated[
        StrictBool, Field(description="All payments fall on month ends, as the first one does")
    ] = False


class DealDocument(StructureDocument):
    """A deal file. The same model is a request body."""

    version: Literal[1]
    id: DealId
    name: Text
    synthetic: Annotated[StrictBool, Field(description="true for invented deals")]
    based_on: Text
    currency: Currency
    asset_class: Code
    overseas_notice: Annotated[Text, Field(description="Shown to overseas investors (FIL-10)")]
    jurisdictions: Annotated[
        list[Literal["HK", "SG", "US_REG_S"]], Field(description="Whose rules the offer follows")
    ] = Field(default_factory=list)
    filer: FilerDocument
    issuer: IssuerDocument
    token: TokenDocument
    settlement: SettlementDocument
    accounts: list[AccountDocument]
    payees: list[PayeeDocument]
    offering: OfferingDocument
    schedule: ScheduleDocument

    def to_domain(self) -> terms.Deal:
        """The deal, not yet validated: `parse_deal` does both."""
        return terms.Deal(
            id=self.id,
            name=self.name,
            synthetic=self.synthetic,
            based_on=self.based_on,
            currency=self.currency,
            asset_class=self.asset_class,
            overseas_notice=self.overseas_notice,
            filer=terms.Filer(**self.filer.model_dump()),
            issuer=_issuer(self.issuer),
            token=terms.TokenClaim(**self.token.model_dump()),
            settlement=_settlement(self.settlement),
            accounts=tuple(terms.Account(**account.model_dump()) for account in self.accounts),
            payees=tuple(terms.Payee(**payee.model_dump()) for payee in self.payees),
            offering=_offering(self.offering),
            schedule=_schedule(self.schedule),
            structure=self.structure(),
            jurisdictions=tuple(self.jurisdictions),
        )


def _issuer(document: IssuerDocument) -> terms.Issuer:
    other_debt = parse_coin(document.other_debt)
    return terms.Issuer(document.name, document.jurisdiction, other_debt, document.lei)


def _settlement(document: SettlementDocument) -> terms.SettlementCoin:
    same = document.model_dump(exclude={"reserve_percent", "interest_rate"})
    return terms.SettlementCoin(
        **same,
        reserve=parse_percent(document.reserve_percent),
        interest_rate=parse_percent(document.interest_rate),
    )


def _offering(document: OfferingDocument) -> terms.Offering:
    return terms.Offering(
        opens=document.opens,
        min_subscription_micro=parse_coin(document.min_subscription),
        min_holding_micro=parse_coin(document.min_holding),
        holder_cap=document.holder_cap,
        lock_up_days=document.lock_up_days,
    )


def _schedule(document: ScheduleDocument) -> terms.ScheduleTerms:
    same = document.model_dump(exclude={"first_collection", "calendars"})
    return terms.ScheduleTerms(
        **same,
        calendars=tuple(document.calendars),
        first_collection_start=document.first_collection.start,
        first_collection_end=document.first_collection.end,
    )


def parse_deal(document: Mapping[str, Any], source: str) -> terms.Deal:
    """Check a deal document and build the deal; raises `InvalidInput` with every complaint.

    Fields first, then the terms among themselves, then the dates: each needs the one before.
    """
    deal = parse_document(DealDocument, document, source).to_domain()
    if complaints := validate_deal(deal):
        raise InvalidInput(source, complaints)
    try:
        build_schedule(deal, load_joint_calendar(deal.schedule.calendars))
    except InvalidInput as error:
        raise InvalidInput(source, error.complaints) from error
    except CalendarHorizonError as error:
        complaint = Complaint("/schedule/allow_projected", error.error_code, error.message)
        raise InvalidInput(source, [complaint]) from error
    return deal


def load_deal(path: Path | str) -> terms.Deal:
    """Read and check the deal file at `path`; raises `InvalidInput`."""
    path = Path(path)
    return parse_deal(read_file(path), path.name)
