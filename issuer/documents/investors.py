"""The investors file: who asks to be admitted, with the evidence and those behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, field_validator

from issuer.documents.fields import (
    Address,
    CoinAmount,
    Country,
    Document,
    InvestorId,
    IsoDate,
    Percent,
    Signature,
    Text,
    country_number,
    parse_document,
    repeated,
)
from issuer.documents.text import read_file
from issuer.domain.investor import (
    Evidence,
    Investor,
    InvestorClass,
    Owner,
    OwnerKind,
    Route,
    RouteEvidence,
    WalletKind,
)
from issuer.domain.money import MICRO_PER_COIN, parse_coin, parse_percent

Figure = Literal[
    "portfolio_hkd",
    "total_assets_hkd",
    "net_personal_assets_sgd",
    "primary_residence_sgd",
    "net_financial_assets_sgd",
    "income_12_months_sgd",
    "net_assets_sgd",
]


Phone = Annotated[
    str,
    Field(
        pattern=r"^\+[1-9][0-9 ()-]{5,24}$",
        description="With the country's code, such as +852; blanks and brackets do not count",
        examples=["+852 5550 0100"],
    ),
    AfterValidator(lambda written: "+" + "".join(filter(str.isdigit, written))),
]


def _parts_of_one_whole(owners: list[OwnerDocument]) -> list[OwnerDocument]:
    if sum(parse_percent(owner.share) for owner in owners) > 1:
        named = ", ".join(owner.name for owner in owners)
        raise ValueError(f"the shares of {named} add up to over 100 percent: correct them")
    return owners


Owners = Annotated[list["OwnerDocument"], Field(max_length=50), AfterValidator(_parts_of_one_whole)]


class OwnerDocument(Document):
    """A beneficial owner; `share` is the part it holds of the level above, in percent."""

    name: Text
    residency: Country
    share: Percent
    controls: StrictBool
    owners: Owners = Field(default_factory=list)
    kind: Annotated[
        OwnerKind | None,
        Field(strict=False, description="Behind a COMPANY, or what is not said, stands somebody"),
    ] = None
    professional: Annotated[
        StrictBool, Field(description="A professional investor in its own right (INV-05)")
    ] = False

    def to_domain(self) -> Owner:
        """The owner and those behind it."""
        return Owner(
            self.name,
            self.residency,
            parse_percent(self.share),
            self.controls,
            tuple(owner.to_domain() for owner in self.owners),
            self.professional,
            self.kind,
        )


class EvidenceDocument(Document):
    """What qualifies the investor, and when it was dated."""

    kind: Annotated[
        Literal["licence", "statement", "audited_accounts", "declaration"],
        Field(description="An institution needs a licence, figures a statement or accounts"),
    ]
    reference: Text
    dated: IsoDate
    figures: dict[Figure, CoinAmount] = Field(
        default_factory=dict, description="Whole units of the currency the name ends in"
    )

    def to_domain(self) -> Evidence:
        """The evidence, figures as exact numbers."""
        figures: dict[str, Fraction] = {
            name: Fraction(parse_coin(value), MICRO_PER_COIN)
            for name, value in self.figures.items()
        }
        return Evidence(self.kind, self.reference, self.dated, figures)


class RouteEvidenceDocument(Document):
    """The leave by which mainland money is invested overseas (INV-04)."""

    approval_reference: Text
    quota_holder: Annotated[Text, Field(description="The investor, or a named owner")]
    dated: IsoDate
    expires: Annotated[IsoDate, Field(description="The first day on which it no longer holds")]

    def to_domain(self) -> RouteEvidence:
        """The evidence."""
        return RouteEvidence(**self.model_dump())


class InvestorDocument(Document):
    """One investor. The same model is the body of an admission request."""

    id: InvestorId
    name: Text
    residency: Country
    investor_class: Annotated[
        InvestorClass, Field(strict=False, examples=["HK_PI_INSTITUTION"])  # named by its text
    ]
    wallet: Address
    us_person: StrictBool
    opted_in: StrictBool
    marketing_channel: Annotated[Country, Field(description="Where the offer was made")]
    evidence: EvidenceDocument
    beneficial_owners: Owners
    phone: Phone | None = None
    identity_document_country: Annotated[
        Country | None, Field(description="Who issued the identity document")
    ] = None
    bank_account_country: Annotated[
        Country | None, Field(description="Where the investor pays from and is paid to")
    ] = None
    route: Annotated[
        Route | None, Field(strict=False, description="By which mainland money comes, if it does")
    ] = None
    route_evidence: RouteEvidenceDocument | None = None
    vehicle_investors: Annotated[
        StrictInt | None,
        Field(ge=1, le=10**9, description="How many stand behind a pooled vehicle (INV-10)"),
    ] = None
    wallet_kind: Annotated[
        WalletKind, Field(strict=False, description="Only OWN and CUSTODY are ever admitted")
    ] = WalletKind.OWN
    wallet_proof: Annotated[
        Signature | None,
        Field(
            description="The wallet's EIP-712 signature, 65 bytes in hex, of"
            " `WalletControl(string investor,address wallet)` (INV-01)",
        ),
    ] = None

    def to_domain(self) -> Investor:
        """The investor; its country is looked up by ISO 3166-1."""
        return Investor(
            id=self.id,
            name=self.name,
            residency=self.residency,
            country=country_number(self.residency),
            investor_class=self.investor_class,
            wallet=self.wallet,
            us_person=self.us_person,
            opted_in=self.opted_in,
            marketing_channel=self.marketing_channel,
            evidence=self.evidence.to_domain(),
            owners=tuple(owner.to_domain() for owner in self.beneficial_owners),
            phone=self.phone,
            identity_document_country=self.identity_document_country,
            bank_account_country=self.bank_account_country,
            route=self.route,
            route_evidence=self.route_evidence.to_domain() if self.route_evidence else None,
            vehicle_investors=self.vehicle_investors,
            wallet_kind=self.wallet_kind,
            wallet_proof=self.wallet_proof,
        )


class InvestorsDocument(Document):
    """An investors file."""

    version: Literal[1]
    investors: list[InvestorDocument]

    @field_validator("investors")
    @classmethod
    def _distinct(cls, investors: list[InvestorDocument]) -> list[InvestorDocument]:
        for name in ("id", "wallet"):
            if twice := repeated(getattr(investor, name) for investor in investors):
                raise ValueError(f"the {name} {', '.join(twice)} is given twice: give each its own")
        return investors


def parse_investor(document: Mapping[str, Any], source: str) -> Investor:
    """Check one investor's document; raises `InvalidInput` with every complaint."""
    return parse_document(InvestorDocument, document, source).to_domain()


def load_investors(path: Path) -> tuple[Investor, ...]:
    """Read and check the investors file at `path`; raises `InvalidInput`."""
    document = parse_document(InvestorsDocument, read_file(path), path.name)
    return tuple(investor.to_domain() for investor in document.investors)
