"""The steps of a waterfall as a deal file writes them: one key that says what, and its terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, StrictInt, Tag

from issuer.documents.amounts import AmountDocument, AmountTerms
from issuer.documents.fields import Document, Id
from issuer.domain.deal import MAX_PAYMENTS
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount


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


Sources = Annotated[
    list[Annotated[do.Source, Field(strict=False)]],
    Field(min_length=1, description="Which cash, in this order"),
]
Support = Annotated[list[Id], Field(description="Reserves and sponsors that stand in, in order")]
PaymentNumber = Annotated[StrictInt, Field(ge=1, le=MAX_PAYMENTS)]
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
    until: Annotated[
        Id | None, Field(description="Test: pay no more than lets it pass, measured again")
    ] = None

    def to_domain(self) -> do.Step:
        """The step."""
        ids, limit = tuple(self.tranches), _limit(self.limit)
        return do.PayPrincipal(
            ids, self.mode, self.sharing, limit, **self._same(), until=self.until
        )


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
    until_payment: Annotated[
        PaymentNumber | None, Field(description="The last of the revolving period; without, all")
    ] = None

    def to_domain(self) -> do.Step:
        """The step."""
        limit = self.limit.to_domain()
        return do.Purchase(self.payee, limit, **self._same(), until_payment=self.until_payment)


class PutBackStep(_Supported):
    """Units that holders put back, at what is outstanding on each."""

    tranches: Ids
    payments: Annotated[
        list[PaymentNumber], Field(min_length=1, description="At which they may, counted from 1")
    ]

    def to_domain(self) -> do.Step:
        """The step."""
        return do.PutBack(tuple(self.tranches), tuple(self.payments), **self._same())


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


class PutBackDocument(Document):
    """Redeem units that holders put back."""

    put_back: PutBackStep


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
    PutBackDocument,
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
    | Annotated[PutBackDocument, Tag("step:put_back")]
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
