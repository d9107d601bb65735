"""What is reported for a period besides cash."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from api.answers.operations import OperationView
from issuer.domain.money import format_percent
from issuer.domain.reported import Fixing, PoolReport, SupportPayment


class PoolReportView(BaseModel):
    """The pool at the end of a collection period, in renminbi as reported and in coin."""

    period: int
    closing_balance_fen: str
    defaulted_fen: str
    losses_fen: str
    fx_rate: str
    fx_rate_date: date
    pool_micro: Micro
    defaulted_micro: Micro
    losses_micro: Micro

    @classmethod
    def of(cls, report: PoolReport) -> PoolReportView:
        """As it was reported last."""
        return cls(
            period=report.period,
            closing_balance_fen=str(report.closing_balance_fen),
            defaulted_fen=str(report.defaulted_fen),
            losses_fen=str(report.losses_fen),
            fx_rate=str(report.fx_rate),
            fx_rate_date=report.fx_rate_date,
            pool_micro=report.pool_micro,
            defaulted_micro=report.defaulted_micro,
            losses_micro=report.losses_micro,
        )


class FixingView(BaseModel):
    """The rate of an index for a period's interest."""

    period: int
    index: str
    rate: str = Field(description="Percent a year", examples=["4.25"])
    fixed_on: date
    source: str

    @classmethod
    def of(cls, fixing: Fixing) -> FixingView:
        """As it was entered last."""
        return cls(
            period=fixing.period,
            index=fixing.index,
            rate=format_percent(fixing.rate),
            fixed_on=fixing.fixed_on,
            source=fixing.source,
        )


class SupportPaymentView(BaseModel):
    """A sponsor's payment; one that the coin's issuer refused is held."""

    reference: str
    sponsor: str
    period: int
    amount_micro: Micro
    received_on: date
    state: Literal["HELD", "ARRIVING", "AVAILABLE"]

    @classmethod
    def of(cls, payment: SupportPayment, state: str) -> SupportPaymentView:
        """As it stands."""
        return cls(
            reference=payment.reference,
            sponsor=payment.sponsor,
            period=payment.period,
            amount_micro=payment.amount_micro,
            received_on=payment.received_on,
            state=state,
        )


class SupportView(BaseModel):
    """All payments of a deal's sponsors; `operation` brings in the coin of the one just entered."""

    payments: list[SupportPaymentView]
    operation: OperationView | None
