"""What overseas regulators are given of a deal (FIL-19): as JSON, or as one table of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from api.answers.filings import EventView, FilingView
from issuer.domain.payment import HolderPayment
from issuer.services.particulars import Holding, Mint
from issuer.services.sharing import Shared


class HoldingView(BaseModel):
    """A line of the register. Holders go by wallet, country and class, not by name."""

    tranche: str
    wallet: str
    country: str | None = Field(description="Of residence; null for a wallet that nobody admitted")
    investor_class: str | None
    status: str | None
    eligible_until: date | None
    units: int

    @classmethod
    def of(cls, holding: Holding) -> HoldingView:
        """The view of a line."""
        return cls(
            tranche=holding.tranche_id,
            wallet=holding.wallet,
            country=holding.country,
            investor_class=holding.investor_class,
            status=holding.status,
            eligible_until=holding.eligible_until,
            units=holding.units,
        )


class MintView(BaseModel):
    """Units issued against coin."""

    subscription: str
    tranche: str
    units: int
    price_micro: Micro
    subscribed_at: str
    transaction_hash: str | None
    block_number: int | None

    @classmethod
    def of(cls, mint: Mint) -> MintView:
        """The view of a mint."""
        return cls(
            subscription=mint.subscription.id,
            tranche=mint.subscription.tranche_id,
            units=mint.subscription.units,
            price_micro=mint.subscription.price_micro,
            subscribed_at=mint.subscription.subscribed_at,
            transaction_hash=mint.transaction_hash,
            block_number=mint.block_number,
        )


class PaymentView(BaseModel):
    """What a holder of record was due in a period, and what became of it."""

    distribution: str
    tranche: str
    wallet: str
    units: int
    interest_micro: Micro
    principal_micro: Micro
    outcome: str
    transaction_hash: str | None

    @classmethod
    def of(cls, payment: HolderPayment) -> PaymentView:
        """The view of a payment."""
        return cls(
            distribution=payment.distribution_id,
            tranche=payment.tranche_id,
            wallet=payment.wallet,
            units=payment.units,
            interest_micro=payment.interest_micro,
            principal_micro=payment.principal_micro,
            outcome=payment.outcome,
            transaction_hash=payment.transaction_hash,
        )


class ExportView(BaseModel):
    """A deal as it is shared between supervisors."""

    deal: str
    as_of: datetime
    block_number: int = Field(description="The chain as it was after this block")
    filing: FilingView | None = Field(description="The one that governs the notes")
    holders: list[HoldingView]
    events: list[EventView]
    mints: list[MintView]
    payments: list[PaymentView]

    @classmethod
    def of(cls, shared: Shared) -> ExportView:
        """The view of what is shared. Why a filing was not accepted stays between filer and CSRC."""
        filing = None
        if shared.filing is not None and shared.clocks is not None:
            filing = FilingView.of(shared.filing, shared.clocks).public()
        return cls(
            deal=shared.deal_id,
            as_of=shared.as_of,
            block_number=shared.block_number,
            filing=filing,
            holders=[HoldingView.of(each) for each in shared.holdings],
            events=filing.events if filing else [],
            mints=[MintView.of(each) for each in shared.mints],
            payments=[PaymentView.of(each) for each in shared.payments],
        )

    def as_csv(self) -> str:
        """One table: `record` says what a line is; what does not apply to it stays empty."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._lines())
        return text.getvalue()

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.filing:
            yield {
                "record": "filing",
                "id": self.filing.id,
                "state": self.filing.state,
                "date": self.filing.published_on,
            }
        for event in self.events:
            state = "REPORTED" if event.reported_on else "DUE"
            yield {
                "record": "event",
                "id": event.code,
                "state": state,
                "date": event.reported_on or event.due_on,
            }
        for holder in self.holders:
            yield {"record": "holder", "state": holder.status, **_shared(holder)}
        for mint in self.mints:
            yield {
                "record": "mint",
                "id": mint.subscription,
                "date": mint.subscribed_at,
                "amount_micro": mint.price_micro,
                **_shared(mint),
            }
        for payment in self.payments:
            yield {
                "record": "payment",
                "id": payment.distribution,
                "state": payment.outcome,
                "amount_micro": payment.interest_micro + payment.principal_micro,
                **_shared(payment),
            }


_COLUMNS = (
    "record",
    "id",
    "state",
    "date",
    "tranche",
    "wallet",
    "country",
    "investor_class",
    "units",
    "amount_micro",
    "transaction_hash",
)


def _shared(model: BaseModel) -> dict[str, Any]:
    """The fields of a model that are columns of their own."""
    return {name: value for name, value in model if name in _COLUMNS}
