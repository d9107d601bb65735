"""Request bodies: strict types, no unknown fields. The bodies that are documents (deals, filings,
investors, collections) are defined in `issuer/documents`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    Tag,
    model_validator,
)

from issuer.documents.deal import DealDocument
from issuer.documents.fields import (
    Address,
    CoinAmount,
    DealId,
    FilingId,
    Hash32,
    Id,
    InvestorId,
    IsoDate,
    Percent,
    Signature,
    SignedPercent,
    Text,
    TrancheId,
)
from issuer.documents.filing import MaterialCode, MaterialDocument, SectionsDocument
from issuer.documents.pool import PoolDocument
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.roles import Role
from issuer.services.measures import DISCOUNT_RATE

Units = Annotated[StrictInt, Field(gt=0, le=2**53 - 1, examples=[50000])]


def _instant(value: Any) -> Any:
    """A number, also one in quotes, would be read as unix time, which nobody means here; and near the
    year 9999 calendars overflow.
    """
    if not isinstance(value, str) or not re.match(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T", value):
        raise ValueError("write the instant as a text with its offset: 2026-07-10T18:00:00+08:00")
    return value


class Request(BaseModel):
    """Base of request bodies: strict types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid")


class DeploymentRequest(Request):
    """How to deploy a deal."""

    salt: Id | None = Field(
        None,
        description="The same gives the same addresses on another chain; without one they are new",
        examples=["series-1"],
    )


class ClockRequest(Request):
    """Move the simulated clock."""

    now: Annotated[
        AwareDatetime,
        BeforeValidator(_instant),
        Field(strict=False, examples=["2026-07-10T18:00:00+08:00"]),
    ]


class CoinRequest(Request):
    """Coin for a wallet, against a bank deposit."""

    deal: DealId
    wallet: Address
    amount: CoinAmount
    reference: Text


class ProceedsRequest(Request):
    """A transfer of proceeds onshore."""

    use: Annotated[Text, Field(description="A purpose of the plan, as it was filed")]
    amount: CoinAmount
    inbound_reference: Annotated[
        str, Field(description="The bank's, for the money coming in", max_length=200)
    ] = ""


class AccountRequest(Request):
    """An account that shall be able to send transactions."""

    address: Address
    label: Text


class ApiKeyRequest(Request):
    """A key for somebody."""

    role: Annotated[Role, Field(strict=False)]
    name: Text
    investor: InvestorId | None = None


class DraftRequest(SectionsDocument):
    """A new filing: sections and materials of version 1."""

    version: Literal[1] = 1
    materials: list[MaterialDocument]
    supersedes: FilingId | None = None


class SupplementRequest(Request):
    """What the regulator asks for."""

    materials: Annotated[list[MaterialCode], Field(min_length=1)]
    note: Text


class VersionRequest(Request):
    """The next version: materials replace those of the same code; sections, if given, all sections."""

    materials: list[MaterialDocument]
    sections: SectionsDocument | None = None


class AttestationRequest(Request):
    """An EIP-712 signature of what the filing's answer shows in `to_sign`."""

    role: Literal["legal_representative", "actual_controller", "directors", "arranger", "counsel"]
    signature: Signature


class ApproveRequest(Request):
    """Exactly which materials are approved."""

    version: Annotated[StrictInt, Field(ge=1)]
    bundle_hash: Hash32


class ReasonRequest(Request):
    """Why."""

    reason: Text


def _of_something(value: str) -> str:
    if not int(value, 16):
        raise ValueError("all zeros is the hash of nothing: give the hash of the paper itself")
    return value


PaperHash = Annotated[Hash32, AfterValidator(_of_something), Field(examples=["0x" + "0d" * 32])]
"""Hash of a paper that stays off chain: an order or a notice."""


class RecoveryRequest(Request):
    """The wallet that takes a lost one's place, and by what the registrar goes."""

    wallet: Address
    order_hash: PaperHash
    wallet_proof: Annotated[
        Signature | None,
        Field(description="Signature of the fresh wallet's key, as at an admission"),
    ] = None


class ForcedTransferRequest(Request):
    """Units that go from one investor to another by order."""

    tranche: TrancheId
    sender: Annotated[InvestorId, Field(description="Id of the investor who loses them")]
    receiver: Annotated[
        InvestorId, Field(description="Id of the investor who gets them", examples=["H2"])
    ]
    units: Units
    order_hash: PaperHash


class NoticeRequest(Request):
    """A notice of the trustee."""

    notice_hash: PaperHash


class EventCodeRequest(Request):
    """A reportable event."""

    code: Annotated[Text, Field(examples=["EV-03"])]


class EventReportRequest(EventCodeRequest):
    """The filer's report of an event; EV-01 is the completion report."""

    report: Text


class ClearanceRequest(Request):
    """Which event the regulator clears: the oldest open one of a code, or all that are reported."""

    code: Annotated[Text, Field(examples=["EV-03"])] | None = None
    all: StrictBool = False

    @model_validator(mode="after")
    def _one_or_all(self) -> ClearanceRequest:
        if (self.code is not None) == self.all:
            raise ValueError("name the event by `code`, or say `all: true`")
        return self


class DeterminationRequest(Request):
    """Another authority's determination on national security (NEG-02)."""

    determination: Literal["NONE", "ADVERSE"]


class SubscriptionRequest(Request):
    """An investor asks for units at the offering price."""

    tranche: TrancheId
    units: Units


class ListingRequest(Request):
    """The notes shall be traded at a venue; `retail` says whether it serves retail investors."""

    venue: Text
    retail: StrictBool


class IssuanceRequest(Request):
    """The issuer issues what an investor has subscribed."""

    tranche: TrancheId
    investor: InvestorId
    units: Units


class MintCheckRequest(Request):
    """Would this mint pass? With an investor, also whether it may be minted for that one."""

    deal: DealId
    tranche: TrancheId
    units: Units
    investor: InvestorId | None = None


class SubscriptionCheckRequest(Request):
    """Would this subscription pass?"""

    deal: DealId
    tranche: TrancheId
    units: Units


class FilingCheckRequest(Request):
    """Would this filing be accepted?"""

    filing: FilingId


class TransferCheckRequest(Request):
    """Would this transfer pass?"""

    deal: DealId
    tranche: TrancheId
    sender: Address
    receiver: Address
    units: Units


class PeriodRequest(Request):
    """A period of the deal's schedule."""

    period: Annotated[StrictInt, Field(ge=1, examples=[1])]


class FixingRequest(PeriodRequest):
    """The rate of an index for a period, and where and when it was read."""

    index: Annotated[Id, Field(examples=["HIBOR-1M"])]
    rate: Annotated[SignedPercent, Field(description="Percent a year, as published")]
    fixed_on: IsoDate
    source: Annotated[Text, Field(description="Who published it, and where", examples=["HKMA"])]


class SupportRequest(PeriodRequest):
    """What a sponsor has sent to stand in with, from the period on."""

    sponsor: Id
    amount: CoinAmount
    received_on: IsoDate
    reference: Annotated[
        str, Field(description="The bank's", min_length=1, max_length=200, pattern=r"\S")
    ]


class ReleaseRequest(Request):
    """Whose money to release."""

    investor: InvestorId


class SanctionsRequest(Request):
    """A sanctions list: names, investor ids or wallets. It replaces the one before."""

    reference: Text
    entries: Annotated[list[Text], Field(max_length=10_000)]


def _deal_tag(value: Any) -> str:
    return "deal:id" if isinstance(value, str) else "deal:document"


class _OfAPool(Request):
    deal: Annotated[
        Annotated[DealId, Tag("deal:id")] | Annotated[DealDocument, Tag("deal:document")],
        Discriminator(_deal_tag),
        Field(description="The id of a registered deal, or a deal file"),
    ]
    pool: PoolDocument
    overrides: Annotated[
        OverridesDocument, Field(description="A scenario of the pool, and figures of your own")
    ] = Field(default_factory=OverridesDocument)

    @model_validator(mode="before")
    @classmethod
    def _overrides_have_a_place(cls, body: Any) -> Any:
        if isinstance(body, dict) and (astray := OverridesDocument.model_fields.keys() & body):
            name = min(astray)
            raise ValueError(f'send `{name}` under `overrides`: {{"overrides": {{"{name}": …}}}}')
        return body


class ProjectionRequest(_OfAPool):
    """What would this deal pay if its pool did as is assumed?"""

    start: Annotated[
        Literal["plan", "now"] | None,
        Field(
            alias="from",
            description="`plan`: from closing, every unit sold. `now`: a registered deal from where it"
            " stands, with the units issued; `pool` is then what the pool holds when the first collection"
            " period not yet determined begins. Without: now, once a registered deal has issued units",
        ),
    ] = None
    discount_rate: Annotated[
        Percent, Field(description="Of the present values, effective, per cent a year")
    ] = DISCOUNT_RATE


class ComparisonRequest(_OfAPool):
    """What would this deal cost, and how long would its money be on its way, in either form?"""

    assumptions: Annotated[
        dict[str, Any] | None,
        Field(description="A file for `abs-sim compare --assumptions`; the shipped one without"),
    ] = None
